#include "hub/holdacts.h"

#include <stdio.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/mem.h"
#include "common/codec/text.h"
#include "common/trust/leaf.h"

#include "hub/audit.h"
#include "hub/cohort.h"
#include "hub/hold.h"
#include "hub/record.h"
#include "hub/release_row.h"

#define BODY_MAX_BYTES   4096
#define NUMBER_MAX_BYTES 64
#define PERSONS_MAX      16
#define MS_PER_S         1000

/* Those who have the receipt of a number. */
struct holders {
	struct vault_txn *txn;
	uint8_t start[RECEIPT_START_BYTES];
	uint8_t persons[PERSONS_MAX][ID_BYTES];
	size_t count;
};

static bool
is_listed(const struct holders *h, const uint8_t *participant)
{
	for (size_t i = 0; i < h->count; i++)
		if (memcmp(h->persons[i], participant, ID_BYTES) == 0)
			return true;
	return false;
}

/* Ids of records, and those that stand for a person, form and wave, lie in the same table. */
static enum err
add_holder(void *arg, struct view key, struct view value, bool *ret_stop)
{
	struct holders *h = arg;
	OWNED(wire_rules) struct wire_rules *r = NULL;
	struct place p;
	(void)key;
	(void)ret_stop;
	enum err e = place_from_key(&p, value);
	if (!e)
		e = record_rules(h->txn, &p, &r);
	if (e)
		return e == E_NOTFOUND ? OK : e;
	const bool is_consent = r->kind == RULES_CONSENT || r->kind == RULES_CHANGE;
	if (!is_consent || memcmp(r->instance, h->start, sizeof(h->start)) != 0 ||
		is_listed(h, r->participant))
		return OK;
	if (h->count == PERSONS_MAX)
		return fail(E_FULL, "more persons have this number than can be");
	memcpy(h->persons[h->count++], r->participant, ID_BYTES);
	return OK;
}

static enum err
find_holders(struct vault_txn *t, const char *number, struct holders *ret)
{
	*ret = (struct holders){.txn = t};
	if (!receipt_read(ret->start, number))
		return fail(E_FORMAT,
			"this is no number of a receipt: one of its characters is "
			"wrong or missing");
	const struct vault_range those = {
		.table = VAULT_INSTANCES, .prefix = view_of(ret->start, sizeof(ret->start))};
	enum err e = vault_each(t, &those, add_holder, ret);
	if (!e && ret->count == 0)
		e = fail(E_NOTFOUND,
			"the hub has no consent and no change with this receipt "
			"number: it may not have come yet, or was erased; ring the "
			"site");
	return e;
}

/* acts */

static enum err
read_body(
	const struct act *a, bool with_reason, struct json **ret_body, const char **ret_number)
{
	static const char *const keys[] = {"receipt", "reason"};
	const char *reason = "";
	enum err e = json_parse(ret_body, a->body, BODY_MAX_BYTES);
	if (!e)
		e = json_only(*ret_body, keys, with_reason ? 2 : 1);
	if (!e)
		e = json_get_text(*ret_body, "receipt", NUMBER_MAX_BYTES, ret_number);
	if (!e && with_reason)
		e = json_get_text(*ret_body, "reason", LEAF_TEXT_MOST_BYTES, &reason);
	if (!e && with_reason && !*reason)
		e = fail(E_FORMAT, "a reason is needed");
	if (!e && strcmp(*ret_number, a->id) != 0)
		e = fail(E_FORMAT, "the body names another receipt than the statement");
	return e;
}

static enum err
add_leaf(struct hub *h, const struct act *a, const char *action,
	const uint8_t participant[static ID_BYTES], struct record_person *ret_person,
	uint64_t *ret_leaf)
{
	struct act_leaf_room room;
	struct leaf leaf;
	enum err e = record_person_get(h->txn, participant, ret_person);
	if (!e)
		e = acts_leaf_person(&leaf, &room, a, action, ret_person);
	return e ? e : audit_add(h->audit, h->txn, &leaf, ret_leaf);
}

static void
reply_begin(struct buf *reply, const char *number)
{
	buf_format(reply, "{\"receipt\":\"%s\",\"sites\":[", number);
}

static enum err
place_one(struct hub *h, const struct act *a, const uint8_t participant[static ID_BYTES],
	struct record_person *ret_person)
{
	struct hold hold = {.placed_s = clock_wall_ms() / MS_PER_S};
	struct hold before;
	enum err e = hold_get(h->txn, participant, &before);
	if (!e)
		return fail(E_CONFLICT, "%s has put this person on hold already", before.by);
	if (e != E_NOTFOUND)
		return e;
	memcpy(hold.participant, participant, ID_BYTES);
	memcpy(hold.number, a->id, MIN(strlen(a->id), sizeof(hold.number) - 1));
	memcpy(hold.by, a->by.id, MIN(strlen(a->by.id), sizeof(hold.by) - 1));
	e = add_leaf(h, a, "hold-placed", participant, ret_person, &hold.known);
	if (!e)
		e = hold_put(h->txn, &hold);
	if (!e)
		hold_note(audit_forward(h->audit), participant, HOLD_PLACED, hold.placed_s);
	return e;
}

static enum err
lift_one(struct hub *h, const struct act *a, const uint8_t participant[static ID_BYTES],
	struct record_person *ret_person)
{
	struct hold before;
	enum err e = hold_get(h->txn, participant, &before);
	if (e == E_NOTFOUND)
		return fail(e, "nobody is on hold by this receipt");
	if (!e && strcmp(before.by, a->by.id) == 0)
		e = fail(E_DENIED, "%s has placed the hold: another person has to lift it",
			before.by);
	if (!e)
		e = add_leaf(h, a, "hold-lifted", participant, ret_person, NULL);
	if (!e)
		e = hold_drop(h->txn, participant);
	if (!e)
		hold_note(audit_forward(h->audit), participant, HOLD_LIFTED,
			clock_wall_ms() / MS_PER_S);
	return e;
}

typedef enum err act_fn(struct hub *h, const struct act *a,
	const uint8_t participant[static ID_BYTES], struct record_person *ret_person);

static enum err
do_each(struct hub *h, const struct act *a, bool with_reason, act_fn *one, struct buf *reply)
{
	OWNED(json) struct json *body = NULL;
	struct holders holders;
	const char *number = "";
	enum err e = read_body(a, with_reason, &body, &number);
	if (!e)
		e = find_holders(h->txn, number, &holders);
	if (e)
		return e;
	reply_begin(reply, number);
	for (size_t i = 0; !e && i < holders.count; i++) {
		struct record_person person = {.site = ""};
		e = one(h, a, holders.persons[i], &person);
		if (!e)
			buf_format(reply, "%s\"%s\"", i ? "," : "", person.site);
	}
	if (!e)
		buf_format(reply, "]}");
	return e;
}

enum err
holdacts_place(struct hub *h, const struct act *a, struct buf *reply)
{
	return do_each(h, a, false, place_one, reply);
}

enum err
holdacts_lift(struct hub *h, const struct act *a, struct buf *reply)
{
	return do_each(h, a, true, lift_one, reply);
}

/* which releases hold the person */

struct question {
	struct hub *hub;
	struct json_out *out;
	const uint8_t *participant;
	struct bitmap *own; /* ordinals of the person's records */
};

static void
question_done(struct question *q)
{
	mem_drop(&q->own);
}

static enum err
find_records(struct question *q)
{
	uint32_t count = 0;
	enum err e = record_count(q->hub->txn, &count);
	q->own = e ? NULL : bitmap_new(MAX(count, 1u));
	for (uint32_t i = 0; !e && i < count; i++) {
		OWNED(wire_rules) struct wire_rules *r = NULL;
		struct place p;
		e = record_at(q->hub->txn, i, &p);
		if (!e)
			e = record_rules(q->hub->txn, &p, &r);
		if (!e && memcmp(r->participant, q->participant, ID_BYTES) == 0)
			bitmap_put(q->own, i);
		e = e == E_NOTFOUND || e == E_FORMAT ? OK : e;
	}
	return e;
}

static bool
counts(const struct bitmap *members, const struct bitmap *own)
{
	const size_t rows = MIN(members->row_count, own->row_count);
	for (size_t i = 0; i < rows; i++)
		if (bitmap_has(own, i) && bitmap_has(members, i))
			return true;
	return false;
}

static enum err
put_release(void *arg, const struct release *r, bool *ret_stop)
{
	struct question *q = arg;
	OWNED(cohort) struct cohort *c = NULL;
	OWNED_BUF struct buf packed;
	(void)ret_stop;
	buf_init(&packed, COHORT_MAX_BYTES);
	if (r->state != RELEASE_RELEASED)
		return OK;
	enum err e = cohort_get(q->hub->txn, r->id, &packed);
	if (!e)
		e = cohort_unpack(&c, buf_view(&packed));
	if (e || !counts(c->members, q->own))
		return e;
	json_put_object(q->out, NULL);
	json_put_text(q->out, "id", r->id);
	json_put_int(q->out, "released_s", r->released_s);
	json_put_int(q->out, "wave", r->wave);
	json_put_array(q->out, "tables");
	for (size_t i = 0; i < r->indicator_count; i++)
		json_put_text(q->out, NULL, r->indicators[i]);
	json_put_close(q->out);
	json_put_close(q->out);
	return OK;
}

static enum err
put_person(struct hub *h, struct json_out *w, const uint8_t participant[static ID_BYTES])
{
	OWNED_BY(question_done)
	struct question q = {.hub = h, .out = w, .participant = participant};
	struct record_person person;
	struct hold hold = {.by = ""};
	enum err e = record_person_get(h->txn, participant, &person);
	enum err held = e ? e : hold_get(h->txn, participant, &hold);
	if (!e && held != E_NOTFOUND)
		e = held;
	if (!e)
		e = find_records(&q);
	if (e)
		return e;
	json_put_object(w, NULL);
	json_put_text(w, "site", person.site);
	json_put_bool(w, "held", held == OK);
	json_put_text(w, "by", hold.by);
	json_put_int(w, "placed_s", hold.placed_s);
	json_put_int(w, "records", (int64_t)bitmap_count(q.own));
	json_put_array(w, "releases");
	e = release_row_each(h->txn, put_release, &q);
	json_put_close(w);
	json_put_close(w);
	return e;
}

enum err
holdacts_answer(struct hub *h, const struct json *args, struct json_out *w)
{
	struct holders holders;
	const char *number = "";
	enum err e = json_get_text(args, "receipt", NUMBER_MAX_BYTES, &number);
	if (!e)
		e = find_holders(h->txn, number, &holders);
	if (e)
		return e;
	json_put_object(w, NULL);
	json_put_text(w, "receipt", number);
	json_put_array(w, "persons");
	for (size_t i = 0; !e && i < holders.count; i++)
		e = put_person(h, w, holders.persons[i]);
	json_put_close(w);
	json_put_close(w);
	return e;
}
