#include "hub/seen.h"

#include <stdio.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/trust/entry.h"

#include "hub/judge_study.h"

#define HEAD_ROW_BYTES 256
#define WAVE_BYTES     64 /* a longer one is not remembered */

struct seen {
	struct buf part, header; /* kept between entries, so that each does not allocate */
	bool has_entry;
	struct place place;
	struct seen_entry entry;
	bool has_head;
	uint8_t lane[PLACE_LANE_BYTES];
	uint64_t head_seq;
	bool has_person;
	uint8_t participant[ID_BYTES];
	struct seen_person person;
	bool has_plan;
	char site[ROW_ID_BYTES], wave[WAVE_BYTES];
	struct rules_plan plan;
};

struct seen *
seen_new(void)
{
	struct seen *s = xcalloc(1, sizeof(*s));
	buf_init(&s->part, WIRE_RULES_MAX_BYTES);
	buf_init(&s->header, WIRE_HEADER_MAX_BYTES);
	return s;
}

static void
drop_person(struct seen *s)
{
	consents_done(&s->person.consents);
	s->person = (struct seen_person){.is_known = false};
	s->has_person = false;
}

void
seen_forget(struct seen *s)
{
	drop_person(s);
	s->has_entry = s->has_head = s->has_plan = false;
}

void
seen_free(struct seen *s)
{
	if (!s)
		return;
	drop_person(s);
	buf_done(&s->part);
	buf_done(&s->header);
	mem_drop(&s);
}

/* entries */

/* 0: no head. */
static enum err
read_head(struct seen *s, struct vault_txn *t, const uint8_t lane[static PLACE_LANE_BYTES])
{
	OWNED_BUF struct buf row;
	buf_init(&row, HEAD_ROW_BYTES);
	enum err e = vault_get(t, VAULT_HEADS, view_of(lane, PLACE_LANE_BYTES), &row);
	if (e && e != E_NOTFOUND)
		return e;
	struct cursor c = cursor_of(buf_view(&row));
	(void)cursor_u8(&c);
	const uint64_t seq = cursor_u64(&c);
	s->head_seq = e || c.broken ? 0 : seq;
	memcpy(s->lane, lane, sizeof(s->lane));
	s->has_head = true;
	return OK;
}

/* The entry lies under a head whose signature was verified when it came. */
static enum err
check_head(struct seen *s, struct vault_txn *t, const struct place *p)
{
	uint8_t key[PLACE_KEY_BYTES];
	enum err e = OK;
	place_key(key, p);
	if (!s->has_head || memcmp(s->lane, key, sizeof(s->lane)) != 0)
		e = read_head(s, t, key);
	s->entry.signature = !e && s->head_seq >= p->seq ? RULES_YES : RULES_NO;
	return e;
}

static enum err
check_part(struct seen *s, struct vault_txn *t, const struct place *p)
{
	struct wire_header header;
	uint8_t key[PLACE_KEY_BYTES];
	buf_reset(&s->header);
	place_key(key, p);
	s->entry.parts = RULES_NO;
	enum err e = vault_get(t, VAULT_ENTRIES, view_of(key, sizeof(key)), &s->header);
	if (e == E_NOTFOUND)
		return fail(e, "there is no such entry at the hub");
	if (e || wire_header_unpack(&header, buf_view(&s->header)))
		return e;
	if (s->part.len && !entry_part_check(&header, PART_RULES, buf_view(&s->part)))
		s->entry.parts = RULES_YES;
	return OK;
}

static enum err
read_entry(struct seen *s, struct vault_txn *t, const struct place *p)
{
	s->has_entry = false;
	s->entry = (struct seen_entry){.is_erased = false};
	buf_reset(&s->part);
	enum err e = record_part(t, p, PART_RULES, &s->part);
	if (e && e != E_NOTFOUND)
		return e;
	s->entry.is_erased = e == E_NOTFOUND;
	s->entry.part = buf_view(&s->part);
	e = check_part(s, t, p);
	if (!e)
		e = check_head(s, t, p);
	if (!e)
		e = record_verdict_get(t, p, &s->entry.stored);
	s->place = *p;
	s->has_entry = e == OK;
	return e;
}

enum err
seen_entry(struct seen *s, struct vault_txn *t, const struct place *p,
	struct seen_entry **ret_lent)
{
	enum err e = OK;
	*ret_lent = &s->entry;
	if (!s->has_entry || !place_same(&s->place, p))
		e = read_entry(s, t, p);
	return e;
}

enum err
seen_counts(struct seen *s, struct vault_txn *t, const struct wire_rules *r, const char *site,
	bool *ret)
{
	enum err e = OK;
	if (!s->entry.counts_is_read)
		e = record_counts(t, &s->place, r, site, &s->entry.counts);
	s->entry.counts_is_read = e == OK;
	*ret = !e && s->entry.counts;
	return e;
}

/* people */

static enum err
read_person(struct seen *s, struct vault_txn *t, const uint8_t participant[static ID_BYTES])
{
	struct record_person row;
	drop_person(s);
	enum err e = record_person_get(t, participant, &row);
	s->person.is_known = e == OK;
	(void)snprintf(s->person.home, sizeof(s->person.home), "%s", row.site);
	if (!e || e == E_NOTFOUND)
		e = consents_read(&s->person.consents, t, participant);
	memcpy(s->participant, participant, sizeof(s->participant));
	s->has_person = e == OK;
	return e;
}

enum err
seen_person(struct seen *s, struct vault_txn *t, const uint8_t participant[static ID_BYTES],
	const struct seen_person **ret_lent)
{
	enum err e = OK;
	*ret_lent = &s->person;
	if (!s->has_person || memcmp(s->participant, participant, ID_BYTES) != 0)
		e = read_person(s, t, participant);
	return e;
}

/* the plan */

enum err
seen_plan(struct seen *s, struct vault_txn *t, const char *site, const char *wave,
	struct rules_plan *ret)
{
	if (s->has_plan && strcmp(s->site, site) == 0 && strcmp(s->wave, wave) == 0) {
		ret->first_record_ms = s->plan.first_record_ms;
		ret->task_ms = s->plan.task_ms;
		ret->task_known = s->plan.task_known;
		return OK;
	}
	enum err e = judge_study_plan(t, site, wave, ret);
	s->plan = *ret;
	s->has_plan = !e && strlen(wave) < sizeof(s->wave) && strlen(site) < sizeof(s->site);
	(void)snprintf(s->site, sizeof(s->site), "%s", site);
	(void)snprintf(s->wave, sizeof(s->wave), "%s", wave);
	return e;
}
