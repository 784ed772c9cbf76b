#include "hub/erase_inside.h"

#include <inttypes.h>

#include "common/base/log.h"
#include "common/base/mem.h"

#include "hub/record.h"
#include "hub/vault_move.h"

#define ROW_BYTES 16

static enum err
begin_owed(struct erase *x)
{
	OWNED_BUF struct buf there;
	struct vault_txn *t;
	buf_init(&there, ROW_BYTES);
	enum err e = hub_txn_reserve(x->hub, &t);
	if (!e)
		e = vault_get(t, VAULT_META, view_text(ERASE_ROW_OWED), &there);
	if (e)
		return e == E_NOTFOUND ? OK : e;
	x->moves = there.len == 1 && there.at[0] == ERASE_OWED_TO_PERSONS;
	x->tidies = !x->moves;
	return OK;
}

static bool
is_gone(const struct forward_erasure *e)
{
	return e->gone_s != 0;
}

/* Before the ledger serves there is nobody to wait. */
static enum err
delete_all(struct erase *x, erase_wanted_fn *wanted, struct erase_done *ret)
{
	OWNED(erase_search) struct erase_search *s = erase_search_of(x, wanted);
	struct vault_txn *t;
	bool finished = false;
	*ret = (struct erase_done){0};
	enum err e = hub_txn_reserve(x->hub, &t);
	if (!e)
		e = erase_owe(t, wanted == erase_is_begun ? ERASE_OWED_TO_PERSONS
							  : ERASE_OWED_TO_NOBODY);
	while (!e && !finished)
		e = erase_search_step(s, t, &finished, ret);
	return e;
}

/* Their row is there again only where an older vault was put back. */
static enum err
is_any_back(struct erase *x, bool *ret)
{
	size_t count;
	struct vault_txn *t;
	struct record_person person;
	const struct forward_erasure *all = forward_erasures(erase_forward(x->hub), &count);
	*ret = false;
	enum err e = count ? hub_txn_reserve(x->hub, &t) : OK;
	for (size_t i = 0; !e && !*ret && i < count; i++) {
		bool is_there = false;
		e = record_person_find(x->hub->txn, all[i].participant, &person, &is_there);
		*ret = is_there && is_gone(&all[i]);
	}
	return e;
}

/* Who was being deleted when the ledger ended. */
static enum err
finish_begun(struct erase *x)
{
	struct erase_done done;
	if (!erase_count(x, erase_is_begun))
		return OK;
	x->moves = true;
	enum err e = delete_all(x, erase_is_begun, &done);
	return e || !done.entries ? e : erase_tell_deleted(x, &done);
}

static enum err
delete_again(struct erase *x)
{
	struct erase_done done = {0};
	bool back = false;
	enum err e = is_any_back(x, &back);
	if (!e && back)
		e = delete_all(x, is_gone, &done);
	if (e || !done.entries)
		return e;
	log_warn("erase",
		"an older vault held %" PRIu64 " entries of persons who were erased: "
		"they are deleted again",
		done.entries);
	x->tidies = true; /* that they are gone is noted */
	return erase_add_leaf(x->hub, "persons-erased-again", "");
}

/* The journal knows which site asked; an older vault does not. */
static enum err
bring_back_sites(struct erase *x)
{
	size_t count;
	struct vault_txn *t;
	const struct forward_erasure *all = forward_erasures(erase_forward(x->hub), &count);
	enum err e = count ? hub_txn_reserve(x->hub, &t) : OK;
	for (size_t i = 0; !e && i < count; i++)
		if (all[i].site[0])
			e = erase_site_asked(t, all[i].receipt, all[i].site);
	return e;
}

/* A vault that was put back is under a key that some receipt still waits for: it needs a later
 * one. */
static void
leave_old_key(struct erase *x)
{
	size_t count;
	const struct forward_erasure *all = forward_erasures(erase_forward(x->hub), &count);
	for (size_t i = 0; i < count; i++)
		if (!all[i].erased_s && all[i].vault_key > vault_key_number(x->hub->vault))
			x->tidies = true;
}

enum err
erase_start(struct erase *x)
{
	enum err e = begin_owed(x);
	if (!e)
		e = bring_back_sites(x);
	if (!e)
		e = finish_begun(x);
	if (!e)
		e = delete_again(x);
	leave_old_key(x);
	return e;
}
