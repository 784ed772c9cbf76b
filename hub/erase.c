#include "hub/erase.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/mem.h"
#include "common/codec/wire_study.h"
#include "common/net/call.h"
#include "common/trust/leaf.h"

#include "hub/audit.h"
#include "hub/erase_rows.h"
#include "hub/forward_erase.h"
#include "hub/hubkeys.h"
#include "hub/ipc.h"
#include "hub/record.h"
#include "hub/renewal.h"
#include "hub/study.h"
#include "hub/vault_scan.h"

#define MS_PER_S    1000
#define ASK_EVERY_S 10
#define WORDS_BYTES 4096
#define ROW_OWED    "compact"

/* On the disk: why the vault has to move. */
enum owed { OWED_TO_NOBODY = 1, OWED_TO_PERSONS = 2 };

struct erase {
	struct hub *hub;
	erase_send_fn *send;
	void *arg;
	bool moves;  /* rows were deleted: the vault has to move */
	bool moved;  /* it did, and nobody noted it yet */
	bool tidies; /* rows about nobody were deleted: it has to move, and nothing is noted */
	bool owes;   /* the vault says still that it has to move */
	bool waits;  /* the keeper was asked and has not answered */
	bool makes;  /* for a number, and took the keys of whoever was there */
	bool heard;  /* it was open since this ledger began: it answered whoever was before */
	int64_t asked_s;
};

struct erase *
erase_new(struct hub *h, erase_send_fn *send, void *arg)
{
	struct erase *e = xcalloc(1, sizeof(*e));
	e->hub = h;
	e->send = send;
	e->arg = arg;
	return e;
}

void
erase_free(struct erase *e)
{
	mem_drop(&e);
}

static int64_t
now_s(void)
{
	return clock_wall_ms() / MS_PER_S;
}

static struct forward *
forward_of(const struct hub *h)
{
	return audit_forward(h->audit);
}

bool
erase_is_gone(const struct hub *h, const uint8_t participant[static ID_BYTES])
{
	const struct forward_erasure *e = forward_erasure_of(forward_of(h), participant);
	return e && e->gone_s;
}

void
erase_asked(struct hub *h, const uint8_t participant[static ID_BYTES],
	const uint8_t instance[static ID_BYTES], const char *level)
{
	struct forward_erasure e = {.stopped_s = now_s()};
	if (strcmp(level, "erase") != 0 || forward_erasure_of(forward_of(h), participant))
		return;
	memcpy(e.participant, participant, sizeof(e.participant));
	memcpy(e.receipt, instance, sizeof(e.receipt));
	forward_note_erasure(forward_of(h), &e);
}

static enum err
add_leaf(struct hub *h, const char *action, const char *reason)
{
	struct act_leaf_room room;
	const struct act none = {0};
	struct leaf leaf;
	acts_leaf(&leaf, &room, &none, action);
	leaf.actor = "ledger";
	leaf.object_type = "person";
	leaf.reason_code = reason;
	leaf.outcome = "done";
	return audit_add(h->audit, h->txn, &leaf, NULL);
}

/* The row goes when the vault has moved: a process killed in between moves it at its start. */
static enum err
owe(struct vault_txn *t, enum owed why)
{
	OWNED_BUF struct buf there;
	const uint8_t value = (uint8_t)why;
	buf_init(&there, WORDS_BYTES);
	enum err e = vault_get(t, VAULT_META, view_text(ROW_OWED), &there);
	if (e == E_NOTFOUND || (!e && why == OWED_TO_PERSONS))
		e = vault_put(t, VAULT_META, view_text(ROW_OWED), view_of(&value, 1));
	return e;
}

static enum err
begin_owed(struct erase *x)
{
	OWNED_BUF struct buf there;
	struct vault_txn *t;
	buf_init(&there, WORDS_BYTES);
	enum err e = hub_txn_reserve(x->hub, &t);
	if (!e)
		e = vault_get(t, VAULT_META, view_text(ROW_OWED), &there);
	if (e)
		return e == E_NOTFOUND ? OK : e;
	x->moves = there.len == 1 && there.at[0] == OWED_TO_PERSONS;
	x->tidies = !x->moves;
	return OK;
}

static enum err
settle(struct erase *x, struct vault_txn *t)
{
	if (!x->owes || x->moves || x->tidies)
		return OK;
	x->owes = false;
	enum err e = vault_delete(t, VAULT_META, view_text(ROW_OWED));
	return e == E_NOTFOUND ? OK : e;
}

/* deleting */

typedef bool wanted_fn(const struct forward_erasure *e);

static bool
is_pending(const struct forward_erasure *e)
{
	return !e->refused_s && !e->gone_s;
}

static bool
is_gone(const struct forward_erasure *e)
{
	return e->gone_s != 0;
}

static enum err
delete_of(struct erase *x, wanted_fn *wanted, size_t *ret_count, struct erase_done *ret_done)
{
	size_t count;
	struct vault_txn *t;
	const struct forward_erasure *all = forward_erasures(forward_of(x->hub), &count);
	OWNED_MEM uint8_t(*ids)[ID_BYTES] = xcalloc(count + 1, sizeof(*ids));
	struct erase_people people = {.ids = (const uint8_t(*)[ID_BYTES])ids};
	for (size_t i = 0; i < count; i++)
		if (wanted(&all[i]))
			memcpy(ids[people.count++], all[i].participant, ID_BYTES);
	*ret_count = people.count;
	*ret_done = (struct erase_done){0};
	if (!people.count)
		return OK;
	enum err e = hub_txn_reserve(x->hub, &t);
	if (!e)
		e = owe(t, wanted == is_pending ? OWED_TO_PERSONS : OWED_TO_NOBODY);
	return e ? e : erase_rows(t, &people, ret_done);
}

/* Their row is there again only where an older vault was put back. */
static enum err
is_any_back(struct erase *x, bool *ret)
{
	size_t count;
	struct vault_txn *t;
	struct record_person person;
	const struct forward_erasure *all = forward_erasures(forward_of(x->hub), &count);
	*ret = false;
	enum err e = count ? hub_txn_reserve(x->hub, &t) : OK;
	for (size_t i = 0; !e && !*ret && i < count; i++) {
		e = record_person_get(x->hub->txn, all[i].participant, &person);
		*ret = !e && is_gone(&all[i]);
		e = e == E_NOTFOUND ? OK : e;
	}
	return e;
}

enum err
erase_start(struct erase *x)
{
	size_t count;
	bool back = false;
	struct erase_done done = {0};
	enum err e = begin_owed(x);
	if (!e)
		e = is_any_back(x, &back);
	if (!e && back)
		e = delete_of(x, is_gone, &count, &done);
	if (e || !done.entries)
		return e;
	log_warn("erase",
		"an older vault held %" PRIu64 " entries of persons who were erased: "
		"they are deleted again",
		done.entries);
	x->tidies = true; /* that they are gone is noted */
	return add_leaf(x->hub, "persons-erased-again", "");
}

enum err
erase_run(struct erase *x, struct buf *reply)
{
	size_t count;
	struct erase_done done;
	char words[128];
	enum err e = delete_of(x, is_pending, &count, &done);
	if (!e && count) {
		(void)snprintf(words, sizeof(words), "%zu persons, %" PRIu64 " entries", count,
			done.entries);
		e = add_leaf(x->hub, "persons-erased", words);
	}
	if (e)
		return e;
	x->moves = x->moves || count;
	x->asked_s = 0;
	buf_format(reply,
		"{\"persons\":%zu,\"entries\":%" PRIu64 ",\"parts\":%" PRIu64
		",\"files\":%" PRIu64 "}",
		count, done.entries, done.parts, done.files);
	return OK;
}

enum err
erase_moves(struct erase *x)
{
	x->tidies = true;
	return owe(x->hub->txn, OWED_TO_NOBODY);
}

enum err
erase_between(struct erase *x)
{
	if ((!x->moves && !x->tidies) || x->hub->txn)
		return OK;
	enum err e = vault_compact(x->hub->vault);
	if (e == E_FULL || e == E_BUSY) {
		log_warn("erase", "the vault cannot move yet: %s", err_text());
		return OK;
	}
	if (e)
		return e;
	x->moved = x->moved || x->moves;
	x->moves = x->tidies = false;
	x->owes = true;
	return OK;
}

/* numbers */

/* The last one that the keeper made, and the last one that nodes are told of. */
static enum err
find_numbers(struct hub *h, uint32_t *ret_made, uint32_t *ret_told)
{
	OWNED(wire_manifest) struct wire_manifest *m = NULL;
	struct hubkeys keys;
	enum err e = hubkeys_get(h->txn, &keys);
	*ret_made = e ? 0 : keys.intake[keys.intake_count - 1].number;
	if (!e)
		e = study_in_force(h, &m);
	*ret_told = !e && m->intake_count ? m->intake[m->intake_count - 1].number : 0;
	return e == E_NOTFOUND ? OK : e;
}

/* the keeper */

static enum err
ask_keeper(struct erase *x, uint32_t retired, bool makes)
{
	OWNED_BUF struct buf frame;
	buf_init(&frame, 64);
	call_begin(&frame, KEEPER_RENEW);
	buf_u32(&frame, retired);
	buf_u8(&frame, makes);
	enum err e = x->send(x->arg, buf_view(&frame));
	x->waits = !e;
	x->makes = makes;
	if (!e)
		x->asked_s = now_s();
	return e == E_BUSY || e == E_ABSENT ? OK : e;
}

/* Who asked when the rows of the others were deleted already still has the own ones. */
static enum err
has_no_row(struct erase *x, const uint8_t participant[static ID_BYTES], bool *ret)
{
	struct record_person person;
	const enum err e = record_person_get(x->hub->txn, participant, &person);
	*ret = e == E_NOTFOUND;
	return *ret ? OK : e;
}

static enum err
note_gone(struct erase *x)
{
	uint32_t made = 0, told = 0;
	size_t count;
	const struct forward_erasure *all = forward_erasures(forward_of(x->hub), &count);
	enum err e = find_numbers(x->hub, &made, &told);
	for (size_t i = 0; !e && i < count; i++) {
		struct forward_erasure one = all[i];
		bool is_deleted = false;
		if (is_pending(&one))
			e = has_no_row(x, one.participant, &is_deleted);
		if (!is_deleted)
			continue;
		one.gone_s = now_s();
		/* What is being made may have the keys of this one, too. */
		one.intake = made + (!x->heard || (x->waits && x->makes));
		forward_note_erasure(forward_of(x->hub), &one);
	}
	x->moved = e != OK;
	x->hub->terms_changes++; /* the site hears of it */
	return e ? e : add_leaf(x->hub, "erasures-noted", "");
}

/* A new number that nobody needs for an erasure waits while officers agree on a manifest: the
 * one proposed names the keys of its day. */
static enum err
is_monthly_due(struct hub *h, bool *ret)
{
	OWNED_BUF struct buf proposal;
	char by[WIRE_NAME_BYTES];
	struct renewal_state s;
	buf_init(&proposal, IPC_BODY_MAX_BYTES);
	enum err e = renewal_state(h, RENEWAL_INTAKE, h->renew_days, &s);
	*ret = false;
	if (e || !s.is_due)
		return e;
	e = study_proposal(h, &proposal, by);
	*ret = e == E_NOTFOUND;
	return e == E_NOTFOUND ? OK : e;
}

static enum err
see_renewal(struct erase *x)
{
	size_t count;
	uint32_t made = 0, told = 0, retired = 0;
	bool makes = false;
	const struct forward_erasure *all = forward_erasures(forward_of(x->hub), &count);
	enum err e = find_numbers(x->hub, &made, &told);
	if (!e)
		e = is_monthly_due(x->hub, &makes);
	for (size_t i = 0; !e && i < count; i++)
		makes = makes || (all[i].gone_s && !all[i].erased_s && all[i].intake >= made);
	if (!e && !makes)
		e = renewal_retired(x->hub, RENEWAL_INTAKE, &retired);
	return e || !(makes || retired) ? e : ask_keeper(x, retired, makes);
}

enum err
erase_tick(struct erase *x, bool keeper_open)
{
	struct vault_txn *t;
	bool asks = keeper_open && !x->waits && now_s() - x->asked_s >= ASK_EVERY_S;
	x->heard = x->heard || keeper_open;
	x->waits = x->waits && keeper_open; /* one that is locked answers no more */
	if (!x->moved && !x->owes && !asks)
		return OK;
	enum err e = hub_txn_reserve(x->hub, &t);
	if (!e)
		e = settle(x, t);
	if (!e && x->moved)
		return note_gone(x);
	if (e || !asks)
		return e;
	x->asked_s = now_s(); /* looked at; not each second */
	return see_renewal(x);
}

static enum err
note_erased(struct erase *x, uint32_t retired)
{
	size_t count, done = 0;
	char words[64];
	const struct forward_erasure *all = forward_erasures(forward_of(x->hub), &count);
	for (size_t i = 0; i < count; i++) {
		struct forward_erasure one = all[i];
		if (!one.gone_s || one.erased_s || one.intake > retired)
			continue;
		one.erased_s = now_s();
		forward_note_erasure(forward_of(x->hub), &one);
		done++;
	}
	(void)snprintf(words, sizeof(words), "%zu persons", done);
	x->hub->terms_changes += done != 0;
	return done ? add_leaf(x->hub, "erasure-complete", words) : OK;
}

enum err
erase_renewed(struct erase *x, struct cursor *c)
{
	struct vault_txn *t;
	uint8_t public[BOX_PUBLIC_BYTES];
	char words[128];
	uint8_t code = cursor_u8(c);
	OWNED_MEM char *why = cursor_text(c, WORDS_BYTES);
	uint32_t epoch = cursor_u32(c), number = cursor_u32(c), retired = cursor_u32(c);
	cursor_copy(c, public, sizeof(public));
	uint64_t keys = cursor_u64(c);
	x->waits = false;
	if (code == E_BUSY)
		return OK; /* it opens a release; it is asked again */
	if (cursor_end(c, "renewal") || code) {
		log_warn("erase", "the keeper did not renew its keys: %s", why ? why : "");
		return OK;
	}
	(void)snprintf(words, sizeof(words), "epoch %u, intake %u, %" PRIu64 " keys", epoch,
		number, keys);
	enum err e = hub_txn_reserve(x->hub, &t);
	if (!e)
		e = hubkeys_renew(t, number, public, retired);
	if (!e)
		e = renewal_made(x->hub, RENEWAL_INTAKE, number, epoch);
	if (!e && retired)
		e = renewal_gone(x->hub, RENEWAL_INTAKE, retired);
	else if (!e)
		e = renewal_taken(x->hub, epoch);
	if (!e)
		e = add_leaf(x->hub, "keys-renewed", words);
	x->asked_s = 0;
	return e || !retired ? e : note_erased(x, retired);
}
