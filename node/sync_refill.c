#include "node/sync_refill.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/codec/wire_rules.h"

#include "node/sync_change.h"
#include "node/sync_hold.h"
#include "node/sync_item.h"

#define MS_PER_S      1000
#define ROW_MAX_BYTES 64
#define KEY_MAX_BYTES 512
#define META_REFILLED "refilled"
#define META_DUE      "tables-due" /* empty: the tables lack what damaged entries say */
#define META_COUNTS   "counts:"    /* what sync_counts told last, of each wave */
#define FIRST_ID_ROOM 64

static const uint8_t no_id[ID_BYTES];

/* ---- emptying ---- */

struct emptying {
	struct vault *vault;
	enum vault_table table;
};

static enum err
drop_row(void *arg, struct view key, struct view content)
{
	const struct emptying *x = arg;
	uint8_t copy[KEY_MAX_BYTES];
	(void)content;
	if (key.len > sizeof(copy))
		return OK;
	memcpy(copy, key.at, key.len);
	return vault_delete(x->vault, x->table, view_of(copy, key.len));
}

static enum err
empty(struct vault *v, enum vault_table table, const char *prefix)
{
	struct emptying x = {v, table};
	return vault_each(v, table, view_text(prefix), drop_row, &x);
}

/* An instance without a place keeps its digest. */
static enum err
unplace(void *arg, struct view key, struct view content)
{
	const struct vault_at nowhere = {.incarnation = 0};
	uint8_t copy[ID_BYTES];
	OWNED_BUF struct buf row;
	buf_init(&row, ROW_MAX_BYTES);
	if (key.len != ID_BYTES || content.len < HASH_BYTES)
		return fail(E_FORMAT, "the vault is damaged: an instance on file");
	memcpy(copy, key.at, sizeof(copy));
	buf_add(&row, content.at, HASH_BYTES);
	vault_at_write(&row, &nowhere);
	return vault_put(arg, VAULT_INSTANCES, view_of(copy, sizeof(copy)), buf_view(&row));
}

/* ---- one entry after another ---- */

static enum err
place_instance(struct vault *v, const struct wire_rules *r, const struct vault_at *at)
{
	static const uint8_t unknown[HASH_BYTES];
	struct view key = view_of(r->instance, ID_BYTES), row;
	struct vault_at before = {.incarnation = 0};
	OWNED_BUF struct buf fresh;
	buf_init(&fresh, ROW_MAX_BYTES);
	enum err e = vault_get(v, VAULT_INSTANCES, key, &row);
	if (!e) {
		struct cursor c = cursor_of(row);
		buf_add_view(&fresh, cursor_bytes(&c, HASH_BYTES));
		before = vault_at_read(&c);
		e = cursor_end(&c, "instance on file");
	} else if (e == E_NOTFOUND) {
		buf_add(&fresh, unknown, sizeof(unknown));
		e = OK;
	}
	if (e || before.incarnation)
		return e;
	vault_at_write(&fresh, at);
	return vault_put(v, VAULT_INSTANCES, key, buf_view(&fresh));
}

/* A record that came back is on file like any other: it can be edited. */
static enum err
place_submission(struct vault *v, const struct wire_rules *r)
{
	OWNED_SUBMISSION struct sync_submission s;
	struct sync_submission fresh = {.state = SUBMISSION_KEPT,
		.received_s = r->captured_s,
		.form = view_text(r->form),
		.version = view_text(r->form_version)};
	enum err e = sync_submission_get(v, r->instance, &s);
	if (e && e != E_NOTFOUND)
		return e;
	bool is_known = e == OK;
	if (!is_known) {
		memcpy(fresh.previous, r->refers_to, ID_BYTES);
		memcpy(fresh.participant, r->participant, ID_BYTES);
		e = sync_submission_put(v, r->instance, &fresh);
	} else if (s.state != SUBMISSION_KEPT) {
		s.state = SUBMISSION_KEPT;
		e = sync_submission_put(v, r->instance, &s);
	} else {
		e = OK;
	}
	if (e || memcmp(r->refers_to, no_id, ID_BYTES) == 0)
		return e;
	OWNED_SUBMISSION struct sync_submission before;
	e = sync_submission_get(v, r->refers_to, &before);
	if (e || memcmp(before.next, no_id, ID_BYTES) != 0)
		return e == E_NOTFOUND ? OK : e;
	memcpy(before.next, r->instance, ID_BYTES);
	return sync_submission_put(v, r->refers_to, &before);
}

static enum err
place_entry(struct vault *v, const struct wire_rules *r, const struct vault_at *at)
{
	bool is_person = memcmp(r->participant, no_id, ID_BYTES) != 0;
	enum err e = place_instance(v, r, at);
	if (!e && is_person)
		e = sync_item_put_person(v, r, at);
	if (!e && (r->kind == RULES_CONSENT || r->kind == RULES_CHANGE))
		e = sync_item_put_consent(v, r, at);
	if (!e && r->kind == RULES_OPT_OUT)
		e = sync_item_put_opt_out(v, r, at);
	if (!e && r->kind == RULES_RECORD)
		e = sync_item_set_current(v, r, r->instance);
	if (!e && r->kind == RULES_RECORD && is_person)
		e = place_submission(v, r);
	return e;
}

static enum err
read_entry(struct vault *v, const struct vault_at *at, bool *ret_damaged)
{
	OWNED(wire_rules) struct wire_rules *rules = NULL;
	OWNED_BUF struct buf part;
	buf_init(&part, WIRE_RULES_MAX_BYTES);
	enum err e = vault_part(v, at, PART_RULES, &part);
	if (e == E_FORMAT) {
		*ret_damaged = true;
		return OK;
	}
	if (e)
		return e == E_NOTFOUND ? OK : e; /* erased */
	e = wire_rules_unpack(&rules, buf_view(&part));
	return e ? e : place_entry(v, rules, at);
}

/* What an entry says that is damaged now is known when it was mended. */
static enum err
keep_due(struct vault *v, bool is_due)
{
	if (is_due)
		return vault_put(v, VAULT_META, view_text(META_DUE), view_of(NULL, 0));
	enum err e = vault_delete(v, VAULT_META, view_text(META_DUE));
	return e == E_NOTFOUND ? OK : e;
}

enum err
sync_refill_tables(struct vault *v)
{
	struct lane_chain chain;
	struct view all = view_of(NULL, 0);
	bool damaged = false;
	enum err e = vault_each(v, VAULT_INSTANCES, all, unplace, v);
	if (!e)
		e = empty(v, VAULT_PERSONS, "");
	if (!e)
		e = empty(v, VAULT_CONSENTS, "");
	if (!e)
		e = empty(v, VAULT_CURRENT, "");
	if (!e)
		e = sync_change_forget(v);
	for (uint32_t at = 0; !e && vault_chain_now_above(v, at, &chain);
		at = chain.incarnation)
		for (enum lane lane = LANE_C; !e && lane <= LANE_R; lane++)
			for (uint64_t seq = 1; !e && seq <= chain.last[lane - 1].seq; seq++) {
				const struct vault_at where = {chain.incarnation, lane, seq};
				e = read_entry(v, &where, &damaged);
			}
	return e ? e : keep_due(v, damaged);
}

enum err
sync_refill_mended(struct vault *v)
{
	struct view row;
	enum err e = vault_get(v, VAULT_META, view_text(META_DUE), &row);
	if (e)
		return e == E_NOTFOUND ? OK : e;
	return sync_refill_tables(v);
}

/* ---- what is held ---- */

struct ids {
	uint8_t (*list)[ID_BYTES]; /* owned */
	size_t count, room;
};

static void
ids_done(struct ids *l)
{
	mem_drop(&l->list);
}
#define OWNED_IDS OWNED_BY(ids_done)

static enum err
add_id(void *arg, struct view key, struct view content)
{
	struct ids *l = arg;
	(void)content;
	if (key.len < ID_BYTES)
		return OK;
	if (l->count && memcmp(l->list[l->count - 1], key.at, ID_BYTES) == 0)
		return OK;
	if (l->count == l->room) {
		l->room = l->room ? 2 * l->room : FIRST_ID_ROOM;
		l->list = xrealloc(l->list, l->room, ID_BYTES);
	}
	memcpy(l->list[l->count++], key.at, ID_BYTES);
	return OK;
}

/* It was taken up by the copy that sent it. What the hub cannot give back stays with it: its
 * files, which that copy may not have sent, and the answers that never leave the site. */
static enum err
end_if_taken_up(struct vault *v, const uint8_t id[static ID_BYTES])
{
	OWNED_HOLD struct sync_hold h = {.why = 0};
	uint8_t digest[HASH_BYTES];
	struct view key = view_of(id, ID_BYTES), local;
	enum lane lane;
	bool found = false;
	enum err e = sync_item_find(v, id, &found, digest, &lane);
	if (e || !found)
		return e;
	e = sync_hold_get(v, id, &h);
	if (e)
		return e;
	if (h.site_part.len)
		e = vault_get(v, VAULT_LOCALS, key, &local);
	if (e == E_NOTFOUND)
		e = vault_put(v, VAULT_LOCALS, key, h.site_part);
	return e ? e : sync_hold_delete(v, id, h.participant);
}

static enum err
settle_held(const struct sync_judge *j, const uint8_t person[static ID_BYTES])
{
	bool ended = false;
	enum err e = sync_judge_ended(j, person, &ended);
	if (!e && ended)
		return sync_hold_drop_of(j->vault, person);
	return e || !j->pack ? e : sync_hold_release(j, person);
}

static enum err
settle_holds(const struct sync_judge *j)
{
	OWNED_IDS struct ids holds = {.count = 0}, persons = {.count = 0};
	struct view all = view_of(NULL, 0);
	enum err e = vault_each(j->vault, VAULT_HOLDS, all, add_id, &holds);
	for (size_t i = 0; !e && i < holds.count; i++)
		e = end_if_taken_up(j->vault, holds.list[i]);
	if (!e)
		e = vault_each(j->vault, VAULT_HELD_OF, all, add_id, &persons);
	for (size_t i = 0; !e && i < persons.count; i++)
		if (memcmp(persons.list[i], no_id, ID_BYTES) != 0)
			e = settle_held(j, persons.list[i]);
	return e;
}

/* ---- people ---- */

static enum err
add_code(void *arg, struct view key, struct view content)
{
	(void)key;
	return add_id(arg, content, view_of(NULL, 0));
}

static int
by_id(const void *a, const void *b)
{
	return memcmp(a, b, ID_BYTES);
}

/* Persons of entries that no study code stands for. */
static enum err
count_without_code(struct vault *v, uint64_t *ret)
{
	OWNED_IDS struct ids persons = {.count = 0}, coded = {.count = 0};
	struct view all = view_of(NULL, 0);
	enum err e = vault_each(v, VAULT_PERSONS, all, add_id, &persons);
	if (!e)
		e = vault_each(v, VAULT_PEOPLE, all, add_code, &coded);
	*ret = 0;
	if (coded.count)
		qsort(coded.list, coded.count, ID_BYTES, by_id);
	for (size_t i = 0; !e && i < persons.count; i++)
		if (!coded.count ||
			!bsearch(persons.list[i], coded.list, coded.count, ID_BYTES, by_id))
			++*ret;
	return e;
}

/* ---- the step ---- */

static enum err
keep_refilled(struct vault *v, const struct sync_refilled *r)
{
	OWNED_BUF struct buf b;
	buf_init(&b, ROW_MAX_BYTES);
	buf_u64(&b, (uint64_t)r->at_s);
	buf_u64(&b, r->taken);
	buf_u64(&b, r->repeated);
	buf_u64(&b, r->without_code);
	buf_u64(&b, r->lost);
	buf_u64(&b, r->erased);
	return vault_put(v, VAULT_META, view_text(META_REFILLED), buf_view(&b));
}

enum err
sync_refill(
	const struct sync_judge *judge, const struct vault_rebase *r, struct sync_refilled *ret)
{
	struct vault *v = judge->vault;
	struct vault_rebased done;
	*ret = (struct sync_refilled){0};
	enum err e = vault_rebase(v, r, &done);
	if (e)
		return e;
	struct sync_refilled made = {.at_s = judge->now_ms / MS_PER_S,
		.taken = done.taken,
		.repeated = done.repeated,
		.erased = done.erased,
		.lost = done.lost};
	e = sync_refill_tables(v);
	if (!e)
		e = settle_holds(judge);
	if (!e)
		e = empty(v, VAULT_META, META_COUNTS);
	if (!e)
		e = count_without_code(v, &made.without_code);
	if (!e)
		e = keep_refilled(v, &made);
	if (!e)
		*ret = made;
	/* A conflict behind the rebase is none of what was taken. */
	return e == E_CONFLICT ? fail(E_IO, "the tables of the vault could not be made anew")
			       : e;
}

enum err
sync_refill_last(struct vault *v, struct sync_refilled *ret)
{
	struct view row;
	*ret = (struct sync_refilled){0};
	enum err e = vault_get(v, VAULT_META, view_text(META_REFILLED), &row);
	if (e)
		return e == E_NOTFOUND ? OK : e;
	struct cursor c = cursor_of(row);
	struct sync_refilled r = {.at_s = (int64_t)cursor_u64(&c)};
	r.taken = cursor_u64(&c);
	r.repeated = cursor_u64(&c);
	r.without_code = cursor_u64(&c);
	r.lost = cursor_u64(&c);
	r.erased = cursor_u64(&c);
	e = cursor_end(&c, "last refill");
	if (!e)
		*ret = r;
	return e;
}
