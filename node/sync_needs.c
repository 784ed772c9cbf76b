#include "node/sync_needs.h"

#include <string.h>

#include "common/base/clock.h"
#include "common/base/mem.h"

#define MS_PER_S        1000
#define LINES_MAX_BYTES 8192
#define REASONS_MAX     24
#define HOLDS_MAX       20 /* shown; the others when these are settled */

/* reasons, each with the forms that it is about */

struct reason {
	char *words; /* owned */
	struct buf forms;
};

struct reasons {
	struct reason list[REASONS_MAX];
	size_t count, more;
};

static void
reasons_done(struct reasons *r)
{
	for (size_t i = 0; i < r->count; i++) {
		mem_drop(&r->list[i].words);
		buf_done(&r->list[i].forms);
	}
}

static struct reason *
reason_of(struct reasons *r, const char *words)
{
	for (size_t i = 0; i < r->count; i++)
		if (strcmp(r->list[i].words, words) == 0)
			return &r->list[i];
	if (r->count == REASONS_MAX)
		return NULL;
	struct reason *one = &r->list[r->count++];
	one->words = xstrdup(words);
	buf_init(&one->forms, LINES_MAX_BYTES);
	return one;
}

static void
add_lines(struct reasons *reasons, const struct form *form, struct buf *lines)
{
	char *rest = NULL;
	buf_u8(lines, 0);
	for (char *line = strtok_r((char *)lines->at, "\n", &rest); line;
		line = strtok_r(NULL, "\n", &rest)) {
		struct reason *one = reason_of(reasons, line);
		reasons->more += one == NULL;
		if (one)
			buf_format(&one->forms, "%s%s", one->forms.len ? ", " : "", form->id);
	}
}

static enum err
find_reasons(const struct sync_judge *j, struct reasons *ret)
{
	enum err e = OK;
	for (size_t i = 0; !e && i < j->pack->form_count; i++) {
		OWNED_BUF struct buf lines;
		const struct form *form = j->pack->forms[i];
		buf_init(&lines, LINES_MAX_BYTES);
		if (!pack_form_at(j->pack, form, j->site) || pack_form_closed(j->pack, form))
			continue;
		e = sync_rules_lacking(j, form, &lines);
		if (!e && lines.len)
			add_lines(ret, form, &lines);
	}
	return e;
}

static enum err
write_lacks(const struct sync_judge *j, struct json_out *w)
{
	OWNED_BY(reasons_done) struct reasons reasons = {.count = 0};
	enum err e = j->pack ? find_reasons(j, &reasons) : OK;
	json_put_array(w, "lacks");
	for (size_t i = 0; i < reasons.count; i++) {
		json_put_object(w, NULL);
		json_put_text(w, "reason", reasons.list[i].words);
		json_put_view(w, "forms", buf_view(&reasons.list[i].forms));
		json_put_close(w);
	}
	json_put_close(w);
	json_put_int(w, "lacks_more", (int64_t)reasons.more);
	return e;
}

/* persons on hold */

struct search {
	struct vault *vault;
	int64_t since_s;
	bool is_settled;
};

static enum err
see_instance(void *arg, struct view key, struct view content)
{
	struct search *s = arg;
	OWNED(sync_consents) struct sync_consents *p = NULL;
	OWNED(wire_rules) struct wire_rules *r = NULL;
	OWNED_BUF struct buf part;
	struct cursor c = cursor_of(content);
	(void)key;
	(void)cursor_bytes(&c, HASH_BYTES);
	const struct vault_at at = vault_at_read(&c);
	buf_init(&part, WIRE_RULES_MAX_BYTES);
	if (c.broken || at.lane != LANE_C)
		return OK;
	enum err e = vault_part(s->vault, &at, PART_RULES, &part);
	if (!e)
		e = wire_rules_unpack(&r, buf_view(&part));
	if (!e)
		e = sync_consents_read(&p, s->vault, r->participant);
	s->is_settled = s->is_settled || (!e && p->life.died_ms != 0);
	for (size_t i = 0; !e && i < p->count; i++)
		if (*p->consents[i].level && p->consents[i].given_ms / MS_PER_S >= s->since_s)
			s->is_settled = true;
	return e == E_NOTFOUND ? OK : e;
}

/* Was a change of the person entered here since, or can nobody ask them? */
static enum err
is_settled(const struct sync_judge *j, const struct terms_hold *h, bool *ret)
{
	struct search s = {.vault = j->vault, .since_s = h->placed_s};
	uint8_t start[RECEIPT_START_BYTES];
	*ret = false;
	if (!receipt_read(start, h->number))
		return OK;
	enum err e = vault_each(
		j->vault, VAULT_INSTANCES, view_of(start, sizeof(start)), see_instance, &s);
	*ret = s.is_settled;
	return e;
}

static enum err
write_confirm(const struct sync_judge *j, struct json_out *w)
{
	enum err e = OK;
	size_t open = 0;
	json_put_array(w, "confirm");
	for (size_t i = 0; !e && j->terms && i < j->terms->hold_count; i++) {
		const struct terms_hold *h = &j->terms->holds[i];
		char since[CLOCK_TEXT_BYTES];
		bool settled;
		e = is_settled(j, h, &settled);
		if (e || settled || ++open > HOLDS_MAX)
			continue;
		clock_text(since, h->placed_s * MS_PER_S);
		json_put_object(w, NULL);
		json_put_text(w, "receipt", h->number);
		json_put_text(w, "since", since);
		json_put_close(w);
	}
	json_put_close(w);
	json_put_int(w, "confirm_more", open > HOLDS_MAX ? (int64_t)(open - HOLDS_MAX) : 0);
	return e;
}

enum err
sync_needs_write(const struct sync_judge *j, struct json_out *w)
{
	char made[CLOCK_TEXT_BYTES] = "";
	if (j->terms)
		clock_text(made, j->terms->made_s * MS_PER_S);
	json_put_object(w, "terms");
	json_put_int(w, "number", j->terms ? (int64_t)j->terms->number : 0);
	json_put_text(w, "made", made);
	json_put_text(w, "left", j->terms ? j->terms->left_day : "");
	json_put_bool(w, "has_left", terms_left(j->terms, j->now_ms));
	json_put_text(w, "data", j->terms ? j->terms->left_data : "");
	enum err e = write_lacks(j, w);
	if (!e)
		e = write_confirm(j, w);
	json_put_close(w);
	return e;
}
