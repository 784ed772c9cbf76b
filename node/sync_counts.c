#include "node/sync_counts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/codec/text.h"
#include "common/study/counts.h"

#include "node/capture_ids.h"
#include "node/sync_item.h"
#include "node/sync_review.h"
#include "node/sync_tally.h"

#define ITEM_MAX_BYTES  ((size_t)4 << 20)
#define MS_PER_S        1000
#define KINDS_COUNT     2
#define SEP_COUNT_LEAST 3 /* WAVE/NAME/FORM/GROUP */
#define META_BYTES      48
#define NUMBER_BYTES    24
#define SHOWN_MAX_BYTES ((size_t)8 << 20)

static const char *const names[] = {COUNTS_ELIGIBLE, COUNTS_APPROACHED, COUNTS_NOT_ELIGIBLE,
	COUNTS_DECLINED, COUNTS_WORSE_READ, COUNTS_HARM, COUNTS_OWN_READ, COUNTS_THEME};

/* all numbers */

static enum err
add_entered(void *arg, struct view key, struct view content)
{
	char text[SYNC_TALLY_KEY_BYTES];
	struct cursor c = cursor_of(content);
	uint64_t number = cursor_u64(&c);
	enum err e = cursor_end(&c, "count on file");
	if (e || key.len < 2 || key.len > sizeof(text))
		return e;
	(void)snprintf(text, sizeof(text), "%.*s", (int)key.len - 1, (const char *)key.at + 1);
	return sync_tally_add(arg, text, number);
}

static enum err
add_up(const struct sync_counts_site *s, struct sync_tally *t)
{
	if (!s->judge->pack || !s->manifest)
		return fail(E_NOTFOUND, "no study has arrived from the hub yet");
	enum err e = sync_tally_people(t, s->judge);
	if (!e)
		e = vault_each(s->judge->vault, VAULT_COUNTS, view_of(NULL, 0), add_entered, t);
	sync_tally_sort(t);
	return e;
}

enum err
sync_counts_show(const struct sync_counts_site *s, struct buf *answer)
{
	OWNED_TALLY struct sync_tally t = {.rows = NULL};
	OWNED_BUF struct buf csv;
	buf_init(&csv, SHOWN_MAX_BYTES);
	enum err e = add_up(s, &t);
	buf_format(&csv, "wave,name,form,group,detail,number\n");
	for (size_t i = 0; !e && t.rows && i < t.count; i++) {
		char *rest = t.rows[i].key;
		for (int k = 0; k < SEP_COUNT_LEAST; k++) {
			const char *part = strsep(&rest, "/");
			buf_format(&csv, "%s,", part ? part : "");
		}
		const char *group = strsep(&rest, "/");
		buf_format(&csv, "%s,%s,%llu\n", group ? group : "", rest ? rest : "",
			(unsigned long long)t.rows[i].number);
	}
	if (!e)
		e = buf_check(&csv, "counts");
	buf_blob(answer, buf_view(&csv));
	return e;
}

/* records about the site */

static bool
is_of_wave(const char *key, uint32_t wave)
{
	char prefix[NUMBER_BYTES];
	(void)snprintf(prefix, sizeof(prefix), "%u/", wave);
	return strncmp(key, prefix, strlen(prefix)) == 0;
}

/* A form of whole numbers that no pack has: one item for each count. */
struct made {
	struct form form;
	struct form_answer *answers;
	char *texts;
};

static void
made_done(struct made *m)
{
	mem_drop(&m->form.fields);
	mem_drop(&m->answers);
	mem_drop(&m->texts);
}

static void
make_form(struct made *m, struct sync_tally *t, uint32_t wave)
{
	static char id[] = COUNTS_FORM, version[] = COUNTS_VERSION;
	m->form = (struct form){.id = id, .version = version, .per_site = true};
	m->form.fields = xcalloc(t->count + 1, sizeof(*m->form.fields));
	m->answers = xcalloc(t->count + 1, sizeof(*m->answers));
	m->texts = xcalloc(t->count + 1, NUMBER_BYTES);
	for (size_t i = 0; i < t->count; i++) {
		if (!is_of_wave(t->rows[i].key, wave))
			continue;
		size_t k = m->form.field_count++;
		char *path = strchr(t->rows[i].key, '/') + 1;
		char *text = m->texts + k * NUMBER_BYTES;
		(void)snprintf(
			text, NUMBER_BYTES, "%llu", (unsigned long long)t->rows[i].number);
		m->form.fields[k] = (struct form_field){.name = path,
			.path = path,
			.type = FORM_INTEGER,
			.goes = FORM_HUB,
			.repeat = -1};
		m->answers[k] = (struct form_answer){path, text};
	}
}

static enum err
fill_site(const struct sync_counts_site *s, struct capture_site *site)
{
	struct sync_review review;
	const struct wire_manifest *m = s->manifest;
	const struct wire_numbered_key *intake = &m->intake[m->intake_count - 1];
	enum err e = sync_review_get(s->judge->vault, s->card, &review);
	*site = (struct capture_site){.study = s->card->study,
		.intake_number = intake->number,
		.review_number = review.number};
	memcpy(site->intake_public, intake->public, BOX_PUBLIC_BYTES);
	memcpy(site->review_public, review.public, BOX_PUBLIC_BYTES);
	memcpy(site->row_key, vault_row_key(s->judge->vault), HASH_BYTES);
	return e;
}

/* What the last record of the wave said, as a digest. */
static enum err
is_told(struct vault *v, const char *name, const uint8_t digest[static HASH_BYTES], bool *ret)
{
	struct view row;
	enum err e = vault_get(v, VAULT_META, view_text(name), &row);
	*ret = !e && row.len == HASH_BYTES && memcmp(row.at, digest, HASH_BYTES) == 0;
	return e == E_NOTFOUND ? OK : e;
}

static enum err
put_record(const struct sync_counts_site *s, struct view bytes)
{
	OWNED_ITEM struct sync_item item = {.entry_count = 0};
	uint8_t before[ID_BYTES];
	bool found = false;
	struct cursor c = cursor_of(bytes);
	enum err e = sync_item_read(&c, &item);
	if (!e)
		e = sync_item_check(&item);
	const struct sync_item_entry *n = e ? NULL : sync_item_named(&item);
	if (!e)
		e = sync_item_current(s->judge->vault, n->rules, &found, before);
	if (!e && found)
		e = sync_item_refer(&item, before);
	return e ? e : sync_item_put(s->judge->vault, &item);
}

static void
digest_of(uint8_t ret[static HASH_BYTES], const struct made *m, const uint8_t *row_key)
{
	OWNED_BUF struct buf all;
	buf_init(&all, ITEM_MAX_BYTES);
	for (size_t i = 0; i < m->form.field_count; i++) {
		buf_blob_text(&all, m->answers[i].name);
		buf_blob_text(&all, m->answers[i].value);
	}
	capture_digest_of(ret, row_key, buf_view(&all));
}

static enum err
seal_wave(const struct sync_counts_site *s, const struct capture_site *site,
	const struct made *m, const char *wave, const uint8_t digest[static HASH_BYTES])
{
	OWNED_BUF struct buf item;
	uint8_t instance[ID_BYTES];
	crypto_random(instance, sizeof(instance));
	const struct capture_record r = {.form = &m->form,
		.code = "",
		.wave = wave,
		.group = "",
		.answers = m->answers,
		.count = m->form.field_count,
		.captured_s = s->judge->now_ms / MS_PER_S,
		.instance = instance,
		.digest = digest,
		.checked = true};
	buf_init(&item, ITEM_MAX_BYTES);
	enum err e = capture_item(&item, site, &r);
	return e ? e : put_record(s, buf_view(&item));
}

static enum err
send_wave(const struct sync_counts_site *s, struct sync_tally *t, uint32_t wave, bool *ret_made)
{
	OWNED_BY(made_done) struct made made = {.texts = NULL};
	struct capture_site site;
	char number[NUMBER_BYTES], meta[META_BYTES];
	uint8_t digest[HASH_BYTES];
	bool told = false;
	*ret_made = false;
	make_form(&made, t, wave);
	if (!made.form.field_count)
		return OK;
	enum err e = fill_site(s, &site);
	if (e)
		return e;
	(void)snprintf(number, sizeof(number), "%u", wave);
	(void)snprintf(meta, sizeof(meta), "counts:%u", wave);
	digest_of(digest, &made, site.row_key);
	e = is_told(s->judge->vault, meta, digest, &told);
	if (e || told)
		return e;
	e = seal_wave(s, &site, &made, number, digest);
	*ret_made = !e;
	return e ? e
		 : vault_put(s->judge->vault, VAULT_META, view_text(meta),
			   view_of(digest, sizeof(digest)));
}

/* A study that shows counts has a group for them, without a form of the pack. */
static bool
are_wanted(const struct pack *p)
{
	for (size_t i = 0; p && i < p->group_count; i++)
		if (!p->groups[i].form)
			return true;
	return false;
}

enum err
sync_counts_send(const struct sync_counts_site *s, uint32_t *ret_made)
{
	OWNED_TALLY struct sync_tally t = {.rows = NULL};
	*ret_made = 0;
	if (!are_wanted(s->judge->pack))
		return OK;
	enum err e = add_up(s, &t);
	for (size_t i = 0; !e && i < s->judge->pack->wave_count; i++) {
		bool made;
		e = send_wave(s, &t, s->judge->pack->waves[i].number, &made);
		*ret_made += made;
	}
	return e;
}

/* entering */

static enum err
check_key(const struct sync_counts_site *s, char *key)
{
	int64_t wave = 0;
	char *rest = key;
	const char *parts[SEP_COUNT_LEAST + 1];
	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		parts[i] = strsep(&rest, "/");
	if (!parts[SEP_COUNT_LEAST] || !*parts[SEP_COUNT_LEAST])
		return fail(E_FORMAT, "a count has a wave, a name, a form and a group");
	if (!text_int(view_text(parts[0]), &wave) || wave < 1 || wave > UINT16_MAX ||
		!pack_wave(s->judge->pack, (uint32_t)wave))
		return fail(E_FORMAT, "the study has no wave of this number");
	if (!pack_form(s->judge->pack, parts[2]))
		return fail(E_FORMAT, "the study has no form of this name");
	for (size_t i = 0; i < s->judge->pack->group_count; i++)
		if (strcmp(s->judge->pack->groups[i].id, parts[SEP_COUNT_LEAST]) == 0)
			for (size_t k = 0; k < ARRAY_LEN(names); k++)
				if (strcmp(names[k], parts[1]) == 0)
					return OK;
	return fail(E_FORMAT, "the study has no such group, or people enter no such count");
}

static enum err
drop_one(void *arg, struct view key, struct view content)
{
	uint8_t copy[SYNC_TALLY_KEY_BYTES + 1];
	(void)content;
	if (key.len > sizeof(copy))
		return OK;
	memcpy(copy, key.at, key.len);
	return vault_delete(arg, VAULT_COUNTS, view_of(copy, key.len));
}

static enum err
put_one(const struct sync_counts_site *s, struct cursor *asks, bool check_only)
{
	OWNED_BUF struct buf row, key;
	char text[SYNC_TALLY_KEY_BYTES];
	uint8_t kind = cursor_u8(asks);
	struct view name = cursor_blob(asks);
	uint64_t number = cursor_u64(asks);
	buf_init(&row, NUMBER_BYTES);
	buf_init(&key, SYNC_TALLY_KEY_BYTES + 1);
	if (asks->broken || kind >= KINDS_COUNT || name.len + 1 >= sizeof(text))
		return fail(E_FORMAT, "a count is not of its form");
	(void)snprintf(text, sizeof(text), "%.*s", (int)name.len, (const char *)name.at);
	if (check_only)
		return check_key(s, text);
	buf_u8(&key, kind);
	buf_add_view(&key, name);
	buf_u64(&row, number);
	return vault_put(s->judge->vault, VAULT_COUNTS, buf_view(&key), buf_view(&row));
}

enum err
sync_counts_set(const struct sync_counts_site *s, struct cursor *asks, struct buf *answer)
{
	uint32_t made = 0, count = cursor_u32(asks);
	struct cursor look = *asks;
	uint8_t kind = asks->left ? asks->at[0] : 0;
	enum err e = OK;
	if (!s->judge->pack)
		return fail(E_NOTFOUND, "no study has arrived from the hub yet");
	if (asks->broken || count == 0 || count > SYNC_TALLY_MAX_COUNT)
		return fail(E_FORMAT, "there are no counts, or too many");
	for (uint32_t i = 0; !e && i < count; i++) {
		e = put_one(s, &look, true);
		if (e)
			e = fail_in(e, "row %u", i + 1);
	}
	if (!e)
		e = cursor_end(&look, "counts");
	if (!e)
		e = vault_each(s->judge->vault, VAULT_COUNTS, view_of(&kind, 1), drop_one,
			s->judge->vault);
	for (uint32_t i = 0; !e && i < count; i++)
		e = put_one(s, asks, false);
	if (!e)
		e = sync_counts_send(s, &made);
	buf_u32(answer, made);
	return e;
}
