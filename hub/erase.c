#include "hub/erase.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/mem.h"
#include "common/trust/leaf.h"

#include "hub/audit.h"
#include "hub/erase_inside.h"
#include "hub/record.h"
#include "hub/vault_move.h"

#define MS_PER_S         1000
#define ASK_EVERY_S      10
#define ASK_AGAIN_S      30 /* the keeper read all keys and found damage among them */
#define RETRY_MS         10000
#define ROW_BYTES        16
#define WORDS_BYTES      128
#define MOVE_PIECE_BYTES ((size_t)2 << 20)

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
	if (!e)
		return;
	if (e->is_moving)
		vault_move_give_up(e->hub->vault);
	erase_search_free(e->search);
	mem_drop(&e);
}

enum err
erase_add_leaf(struct hub *h, const char *action, const char *reason)
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

enum err
erase_owe(struct vault_txn *t, enum erase_owed why)
{
	OWNED_BUF struct buf there;
	const uint8_t value = (uint8_t)why;
	buf_init(&there, ROW_BYTES);
	enum err e = vault_get(t, VAULT_META, view_text(ERASE_ROW_OWED), &there);
	if (e == E_NOTFOUND || (!e && why == ERASE_OWED_TO_PERSONS))
		e = vault_put(t, VAULT_META, view_text(ERASE_ROW_OWED), view_of(&value, 1));
	return e;
}

/* The row goes when nothing is left that made it. */
static enum err
settle(struct erase *x, struct vault_txn *t)
{
	if (!x->owes || x->moves || x->tidies || x->is_moving || x->search)
		return OK;
	x->owes = false;
	enum err e = vault_delete(t, VAULT_META, view_text(ERASE_ROW_OWED));
	return e == E_NOTFOUND ? OK : e;
}

/* whom */

bool
erase_is_begun(const struct forward_erasure *e)
{
	return e->begun_s && !e->gone_s;
}

size_t
erase_count(const struct erase *x, erase_wanted_fn *wanted)
{
	size_t count, found = 0;
	const struct forward_erasure *all = forward_erasures(erase_forward(x->hub), &count);
	for (size_t i = 0; i < count; i++)
		found += wanted(&all[i]);
	return found;
}

struct erase_search *
erase_search_of(const struct erase *x, erase_wanted_fn *wanted)
{
	size_t count;
	const struct forward_erasure *all = forward_erasures(erase_forward(x->hub), &count);
	OWNED_MEM uint8_t(*ids)[ID_BYTES] = xcalloc(count + 1, sizeof(*ids));
	struct erase_people people = {.ids = (const uint8_t(*)[ID_BYTES])ids};
	for (size_t i = 0; i < count; i++)
		if (wanted(&all[i]))
			memcpy(ids[people.count++], all[i].participant, ID_BYTES);
	return erase_search_new(&people);
}

/* deleting */

enum err
erase_tell_deleted(struct erase *x, const struct erase_done *done)
{
	char words[WORDS_BYTES];
	(void)snprintf(words, sizeof(words), "%zu persons, %" PRIu64 " entries",
		erase_count(x, erase_is_begun), done->entries);
	return erase_add_leaf(x->hub, "persons-erased", words);
}

/* A piece, in this turn. */
static enum err
delete_some(struct erase *x)
{
	struct vault_txn *t;
	struct erase_done done;
	bool finished = false;
	x->changed = true;
	enum err e = hub_txn_reserve(x->hub, &t);
	if (!e)
		e = erase_search_step(x->search, t, &finished, &done);
	if (e || !finished)
		return e;
	erase_search_free(take(x->search));
	x->moves = true;
	e = erase_owe(t, ERASE_OWED_TO_PERSONS);
	return e ? e : erase_tell_deleted(x, &done);
}

enum err
erase_may_begin(const struct erase *x)
{
	return x->search || x->is_moving || x->moved
		       ? fail(E_BUSY, "persons are being deleted: say it again when `erase "
				      "list` says that they are gone")
		       : OK;
}

enum err
erase_begin(struct erase *x, size_t count)
{
	struct vault_txn *t;
	char words[WORDS_BYTES];
	(void)snprintf(words, sizeof(words), "%zu persons", count);
	enum err e = hub_txn_reserve(x->hub, &t);
	if (!e)
		e = erase_owe(t, ERASE_OWED_TO_PERSONS);
	if (!e)
		e = erase_add_leaf(x->hub, "erasure-begun", words);
	if (e)
		return e;
	x->changed = true;
	x->search = erase_search_of(x, erase_is_begun);
	x->asked_s = 0;
	return OK;
}

/* What was deleted in the turn is there again: it is looked for anew. */
void
erase_aborted(struct erase *x)
{
	x->oldest_key = 0; /* what the turn said of destroyed keys is said again */
	if (!x->changed)
		return;
	x->changed = x->moved = false;
	erase_search_free(take(x->search));
	if (erase_count(x, erase_is_begun))
		x->search = erase_search_of(x, erase_is_begun);
}

/* the move */

enum err
erase_moves(struct erase *x)
{
	x->tidies = true;
	return erase_owe(x->hub->txn, ERASE_OWED_TO_NOBODY);
}

static bool
may_move(const struct erase *x)
{
	return !x->search && (x->moves || x->tidies) && clock_mono_ms() >= x->retry_ms;
}

bool
erase_is_busy(const struct erase *x)
{
	return x->search || x->is_moving || x->moved || may_move(x);
}

static void
stop_moving(struct erase *x)
{
	x->is_moving = false;
	x->moves = x->moves || x->moving_persons;
	x->tidies = !x->moves;
	x->retry_ms = clock_mono_ms() + RETRY_MS;
}

static enum err
begin_move(struct erase *x)
{
	x->is_moving = true;
	x->moving_persons = x->moves;
	x->moves = x->tidies = false;
	return vault_move_begin(x->hub->vault, erase_newest_backed_key(x->hub));
}

static enum err
go_on_moving(struct erase *x)
{
	bool done = false;
	enum err e = vault_move_step(x->hub->vault, MOVE_PIECE_BYTES, &done);
	if (e || !done)
		return e;
	x->is_moving = false;
	x->moved = x->moving_persons;
	x->owes = true;
	return OK;
}

enum err
erase_between(struct erase *x)
{
	x->changed = x->changed && x->hub->txn;
	if (x->hub->txn || (!x->is_moving && !may_move(x)))
		return OK;
	enum err e = x->is_moving ? go_on_moving(x) : begin_move(x);
	if (e != E_FULL && e != E_BUSY)
		return e;
	log_warn("erase", "the vault cannot move yet: %s", err_text());
	vault_move_give_up(x->hub->vault);
	stop_moving(x);
	return OK;
}

/* Nothing was begun since: erase_may_begin() waits until this is noted. */
static enum err
note_gone(struct erase *x)
{
	uint32_t made = 0, told = 0;
	size_t count;
	const struct forward_erasure *all = forward_erasures(erase_forward(x->hub), &count);
	enum err e = erase_numbers(x->hub, &made, &told);
	for (size_t i = 0; !e && i < count; i++) {
		struct forward_erasure one = all[i];
		if (!erase_is_begun(&one))
			continue;
		one.gone_s = erase_now_s();
		/* What is being made may have the keys of this one, too. */
		one.intake = made + (!x->heard || (x->waits && x->makes));
		one.vault_key = vault_key_number(x->hub->vault);
		forward_note_erasure(erase_forward(x->hub), &one);
	}
	x->moved = e != OK;
	x->changed = true;
	x->hub->terms_changes++; /* the site hears of it */
	return e ? e : erase_add_leaf(x->hub, "erasures-noted", "");
}

enum err
erase_step(struct erase *x, bool keeper_open)
{
	struct vault_txn *t;
	x->heard = x->heard || keeper_open;
	x->waits = x->waits && keeper_open; /* one that is locked answers no more */
	if (x->search)
		return delete_some(x);
	if (!x->moved && (!x->owes || x->moves || x->tidies || x->is_moving))
		return OK;
	enum err e = hub_txn_reserve(x->hub, &t);
	if (!e && x->moved)
		e = note_gone(x);
	return e ? e : settle(x, t);
}

enum err
erase_tick(struct erase *x, bool keeper_open)
{
	struct vault_txn *t;
	const int64_t every_s = x->damaged ? ASK_AGAIN_S : ASK_EVERY_S;
	const bool asks = keeper_open && erase_now_s() - x->asked_s >= every_s;
	enum err e = erase_step(x, keeper_open);
	if (!e)
		e = erase_see_vault_keys(x);
	if (e || !asks || x->waits)
		return e;
	x->asked_s = erase_now_s(); /* looked at; not each second */
	e = hub_txn_reserve(x->hub, &t);
	return e ? e : erase_see_renewal(x);
}
