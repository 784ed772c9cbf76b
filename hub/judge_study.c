#include "hub/judge_study.h"

#include <stdio.h>
#include <string.h>

#include "common/base/mem.h"

#define MS_PER_S  1000
#define TASK      "declared_model"
#define REASON    "why_together"
#define KEY_BYTES 80

/* windows */

static void
read_windows(struct judge_study *s, const struct pack *p)
{
	size_t count = 0;
	for (size_t i = 0; i < p->wave_count; i++)
		count += p->waves[i].window_count;
	s->windows = xcalloc(count + 1, sizeof(*s->windows));
	s->waves = xcalloc(p->wave_count + 1, sizeof(*s->waves));
	for (size_t i = 0; i < p->wave_count; i++) {
		const struct pack_wave *w = &p->waves[i];
		(void)snprintf(s->waves[i], sizeof(s->waves[i]), "%u", w->number);
		for (size_t k = 0; k < w->window_count; k++)
			s->windows[s->window_count++] =
				(struct rules_window){.form = w->windows[k].form->id,
					.wave = s->waves[i],
					.from_ms = w->windows[k].opens_ms,
					.until_ms = w->windows[k].closes_ms};
	}
}

/* witnesses */

struct seeing {
	struct judge_study *to;
	struct vault_txn *txn;
};

static bool
is_new_site(const struct judge_study *s, size_t count, const char *site)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(s->sites[i], site) == 0)
			return false;
	return true;
}

static enum err
see_witness(void *arg, const struct writer *w)
{
	const struct seeing *seeing = arg;
	struct judge_study *s = seeing->to;
	struct witness_last last;
	if (w->revoked_s)
		return OK;
	enum err e = witness_last(seeing->txn, w, &last);
	if (e)
		return e;
	size_t n = s->cosignature_count++;
	s->sites = xrealloc(s->sites, n + 1, sizeof(*s->sites));
	s->sizes = xrealloc(s->sizes, n + 1, sizeof(*s->sizes));
	s->cosignatures = xrealloc(s->cosignatures, n + 1, sizeof(*s->cosignatures));
	s->sites_joined += is_new_site(s, n, w->site);
	(void)snprintf(s->sites[n], sizeof(s->sites[n]), "%s", w->site);
	s->sizes[n] = last.size;
	s->cosignatures[n] = (struct rules_cosignature){
		.is_site = true, .arrived_ms = last.arrived_s * MS_PER_S};
	return OK;
}

/* Rows stand still now, so what the rules see can lend from them. */
static void
lend_sites(struct judge_study *s)
{
	for (size_t i = 0; i < s->cosignature_count; i++)
		s->cosignatures[i].by = s->sites[i];
}

static void
swap(struct judge_study *s, size_t a, size_t b)
{
	const struct rules_cosignature c = s->cosignatures[a];
	const uint64_t size = s->sizes[a];
	s->cosignatures[a] = s->cosignatures[b];
	s->sizes[a] = s->sizes[b];
	s->cosignatures[b] = c;
	s->sizes[b] = size;
}

size_t
judge_study_cover(struct judge_study *s, uint64_t size)
{
	size_t count = 0;
	for (size_t i = 0; i < s->cosignature_count; i++)
		if (s->sizes[i] > 0 && s->sizes[i] >= size)
			swap(s, i, count++);
	return count;
}

enum err
judge_study_read(struct judge_study *ret, struct vault_txn *t, const struct pack *pack)
{
	struct seeing seeing = {ret, t};
	if (pack)
		read_windows(ret, pack);
	enum err e = writer_each(t, see_witness, &seeing);
	lend_sites(ret);
	return e;
}

void
judge_study_done(struct judge_study *s)
{
	mem_drop(&s->windows);
	mem_drop(&s->waves);
	mem_drop(&s->cosignatures);
	mem_drop(&s->sizes);
	mem_drop(&s->sites);
}

/* the plan */

static enum err
get_row(struct vault_txn *t, const char *key, int64_t *ret_s, uint64_t *ret_leaf)
{
	OWNED_BUF struct buf row;
	buf_init(&row, ROW_MAX_BYTES);
	*ret_s = 0;
	*ret_leaf = 0;
	enum err e = vault_get(t, VAULT_META, view_text(key), &row);
	if (e)
		return e == E_NOTFOUND ? OK : e;
	struct cursor c = row_begin(buf_view(&row));
	*ret_s = (int64_t)cursor_u64(&c);
	*ret_leaf = cursor_u64(&c);
	return row_end(&c, "plan");
}

static enum err
put_earlier(struct vault_txn *t, const char *key, int64_t captured_s, uint64_t leaf)
{
	OWNED_BUF struct buf row;
	int64_t before_s;
	uint64_t before;
	buf_init(&row, ROW_MAX_BYTES);
	enum err e = get_row(t, key, &before_s, &before);
	if (e || (before_s && before_s <= captured_s))
		return e;
	buf_u8(&row, ROW_VERSION);
	buf_u64(&row, (uint64_t)captured_s);
	buf_u64(&row, leaf);
	return vault_put(t, VAULT_META, view_text(key), buf_view(&row));
}

enum err
judge_study_plan(
	struct vault_txn *t, const char *site, const char *wave, struct rules_plan *ret)
{
	char key[KEY_BYTES];
	int64_t at_s = 0;
	uint64_t leaf = 0;
	(void)snprintf(key, sizeof(key), "first-%.32s", wave);
	enum err e = get_row(t, key, &at_s, &leaf);
	if (e)
		return e;
	ret->first_record_ms = at_s * MS_PER_S;
	(void)snprintf(key, sizeof(key), "task-%s", site);
	e = get_row(t, key, &at_s, &leaf);
	ret->task_ms = at_s * MS_PER_S;
	ret->task_known = leaf;
	return e;
}

static bool
has_task(const struct form *f)
{
	const int task = form_field(f, TASK), reason = form_field(f, REASON);
	return f->per_site && task >= 0 && reason >= 0 && f->fields[task].required &&
	       f->fields[reason].required;
}

enum err
judge_study_note(struct hub *h, const struct wire_rules *r, const char *site, uint64_t leaf)
{
	char key[KEY_BYTES];
	const struct form *f = h->pack ? pack_form(h->pack, r->form) : NULL;
	if (!f)
		return OK;
	(void)snprintf(key, sizeof(key), "first-%.32s", r->wave);
	enum err e = f->per_site ? OK : put_earlier(h->txn, key, r->captured_s, leaf);
	if (e || !has_task(f) || r->captured_said)
		return e; /* what is only said of a moment opens no site */
	(void)snprintf(key, sizeof(key), "task-%s", site);
	h->terms_changes++;
	return put_earlier(h->txn, key, r->captured_s, leaf);
}
