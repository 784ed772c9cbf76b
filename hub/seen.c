#include "hub/seen.h"

#include <stdio.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/trust/entry.h"

#include "hub/judge_study.h"
#include "hub/record_instance.h"

#define HEAD_ROW_BYTES 256
#define WAVE_BYTES     64 /* a longer one is not remembered */

struct seen {
	struct buf part, header; /* kept between entries, so that each does not allocate */
	bool has_part, has_entry;
	bool leads, leads_once;      /* as the record's row has it */
	bool counts, counts_is_read; /* of the entry */
	struct place place;
	struct wire_rules *rules; /* lent by the entry */
	struct seen_entry entry;
	bool has_head;
	uint8_t lane[PLACE_LANE_BYTES];
	uint64_t head_seq;
	bool has_person;
	uint8_t participant[ID_BYTES];
	struct seen_person person;
	struct {
		uint64_t version; /* of PEOPLE when it was read; 0: nothing was */
		uint8_t participant[ID_BYTES];
		struct record_person is;
	} row; /* read last */
	bool has_plan;
	uint64_t plan_version; /* of META when it was read */
	char site[ROW_ID_BYTES], wave[WAVE_BYTES];
	struct rules_plan plan;
	uint64_t aside_version; /* of the table when it was asked; 0: it was not */
	bool any_aside;
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

static void
drop_entry(struct seen *s)
{
	wire_rules_free(take(s->rules));
	s->entry = (struct seen_entry){.is_erased = false};
	s->has_part = s->has_entry = s->counts_is_read = false;
	s->leads = s->leads_once = false;
}

void
seen_forget(struct seen *s)
{
	drop_person(s);
	drop_entry(s);
	s->has_head = false;
	s->has_plan = s->has_plan && s->plan_version;
}

void
seen_free(struct seen *s)
{
	if (!s)
		return;
	seen_forget(s);
	buf_done(&s->part);
	buf_done(&s->header);
	crypto_wipe(&s->row, sizeof(s->row));
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
read_part(struct seen *s, struct vault_txn *t, const struct place *p)
{
	drop_entry(s);
	buf_reset(&s->part);
	enum err e = record_part(t, p, PART_RULES, &s->part);
	if (e == E_FULL) /* as it came; no longer one is of its form */
		return fail(E_FORMAT, "rules part: longer than it may be");
	if (e && e != E_NOTFOUND)
		return e;
	s->entry.is_erased = e == E_NOTFOUND;
	if (!e && !wire_rules_unpack(&s->rules, buf_view(&s->part)))
		s->entry.rules = s->rules;
	s->place = *p;
	s->has_part = true;
	return OK;
}

static enum err
need_part(struct seen *s, struct vault_txn *t, const struct place *p)
{
	return s->has_part && place_same(&s->place, p) ? OK : read_part(s, t, p);
}

enum err
seen_rules(struct seen *s, struct vault_txn *t, const struct place *p,
	const struct wire_rules **ret_lent)
{
	*ret_lent = NULL;
	enum err e = need_part(s, t, p);
	if (e)
		return e;
	*ret_lent = s->entry.rules;
	if (s->entry.is_erased)
		return fail(E_NOTFOUND, "the entry has no rules part");
	return s->entry.rules ? OK : fail(E_FORMAT, "rules part not of its form");
}

enum err
seen_entry(struct seen *s, struct vault_txn *t, const struct place *p,
	const struct seen_entry **ret_lent)
{
	*ret_lent = &s->entry;
	enum err e = need_part(s, t, p);
	if (e || s->has_entry)
		return e;
	e = check_part(s, t, p);
	if (!e)
		e = check_head(s, t, p);
	if (!e)
		e = record_stamp_get(t, p, &s->entry.stored);
	s->has_entry = e == OK;
	return e;
}

enum err
seen_record(struct seen *s, struct vault_txn *t, const struct record *r,
	const struct seen_entry **ret_lent)
{
	uint8_t hash[HASH_BYTES];
	*ret_lent = &s->entry;
	enum err e = need_part(s, t, &r->place);
	if (e || s->has_entry)
		return e;
	entry_part_hash(hash, buf_view(&s->part));
	s->entry.parts = s->part.len && memcmp(hash, r->part_hash, sizeof(hash)) == 0
				 ? RULES_YES
				 : RULES_NO;
	s->entry.stored = r->stored;
	s->leads = r->leads;
	s->leads_once = r->leads_once;
	e = check_head(s, t, &r->place);
	s->has_entry = e == OK;
	return e;
}

/* Nothing stands for the second id where forms may have many records of a person. */
static enum err
read_counts(struct seen *s, struct vault_txn *t, const char *site, bool *ret)
{
	const struct wire_rules *r = s->entry.rules;
	uint8_t once[ID_BYTES];
	bool is_last = s->leads, is_one = s->leads_once;
	enum err e = OK;
	if (!is_last)
		e = record_instance_stands(t, r->instance, &s->place, false, &is_last);
	if (!e && is_last && !is_one) {
		record_instance_once(once, r, &s->place, site);
		e = record_instance_stands(t, once, &s->place, true, &is_one);
	}
	*ret = !e && is_last && is_one;
	return e;
}

enum err
seen_counts(struct seen *s, struct vault_txn *t, const char *site, bool *ret)
{
	enum err e = OK;
	if (!s->counts_is_read)
		e = read_counts(s, t, site, &s->counts);
	s->counts_is_read = e == OK;
	*ret = !e && s->counts;
	return e;
}

/* people */

/* Is anybody withheld or on hold? Asked anew when the table may have changed. */
static bool
any_aside(struct seen *s, struct vault_txn *t)
{
	const uint64_t version = vault_version(t, VAULT_META);
	if (version != s->aside_version)
		s->any_aside = consents_any_aside(t);
	s->aside_version = version;
	return version == 0 || s->any_aside;
}

static void
remember_row(struct seen *s, const struct vault_txn *t,
	const uint8_t participant[static ID_BYTES], const struct record_person *row)
{
	s->row.version = vault_version(t, VAULT_PEOPLE);
	memcpy(s->row.participant, participant, sizeof(s->row.participant));
	s->row.is = *row;
}

static enum err
find_row(struct seen *s, struct vault_txn *t, const uint8_t participant[static ID_BYTES],
	struct record_person *ret)
{
	*ret = s->row.is;
	if (s->row.version && s->row.version == vault_version(t, VAULT_PEOPLE) &&
		memcmp(s->row.participant, participant, ID_BYTES) == 0)
		return OK;
	enum err e = record_person_get(t, participant, ret);
	if (!e)
		remember_row(s, t, participant, ret);
	return e;
}

enum err
seen_first(struct seen *s, struct vault_txn *t, const uint8_t participant[static ID_BYTES],
	const struct record_person *first, struct record_person *ret)
{
	enum err e = find_row(s, t, participant, ret);
	if (e != E_NOTFOUND)
		return e;
	e = record_person_see(t, participant, first, ret);
	if (!e)
		remember_row(s, t, participant, ret);
	return e;
}

static enum err
read_person(struct seen *s, struct vault_txn *t, const uint8_t participant[static ID_BYTES])
{
	struct record_person row;
	drop_person(s);
	enum err e = find_row(s, t, participant, &row);
	s->person.is_known = e == OK;
	(void)snprintf(s->person.home, sizeof(s->person.home), "%s", row.site);
	if (!e || e == E_NOTFOUND)
		e = consents_read_if(&s->person.consents, t, participant, any_aside(s, t));
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
	const bool is_same = s->plan_version == vault_version(t, VAULT_META);
	if (s->has_plan && is_same && strcmp(s->site, site) == 0 &&
		strcmp(s->wave, wave) == 0) {
		ret->first_record_ms = s->plan.first_record_ms;
		ret->task_ms = s->plan.task_ms;
		ret->task_known = s->plan.task_known;
		return OK;
	}
	enum err e = judge_study_plan(t, site, wave, ret);
	s->plan = *ret;
	s->plan_version = vault_version(t, VAULT_META);
	s->has_plan = !e && strlen(wave) < sizeof(s->wave) && strlen(site) < sizeof(s->site);
	(void)snprintf(s->site, sizeof(s->site), "%s", site);
	(void)snprintf(s->wave, sizeof(s->wave), "%s", wave);
	return e;
}
