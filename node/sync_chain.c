#include "node/sync_chain.h"

#include <inttypes.h>
#include <string.h>

#include "common/base/log.h"

#include "node/vault_rebase.h"

#define META_SURVIVOR "survivor" /* empty: this copy goes on */
#define META_LOST     "hub-lost" /* incarnation u32 */
#define LOST_BYTES    4

/* One that is damaged here is known by what follows it, so that a session comes up in which it
 * comes back; but a place that the hub compares has to be here itself. */
static enum err
find_hash(struct vault *v, const struct vault_at *at, bool compares,
	uint8_t ret[static HASH_BYTES])
{
	enum err e = vault_hash(v, at, ret);
	if (compares || (e != E_FORMAT && e != E_NOTFOUND))
		return e;
	log_error("sync", "an entry is damaged here: %s", err_text());
	return vault_hash_named(v, at, ret);
}

enum err
sync_chain_find(struct vault *v, const struct lane_action *a, struct lane_event *ret)
{
	const struct vault_at at = {a->incarnation, (enum lane)a->lane, a->mark.seq};
	struct lane_chain chain;
	enum err e = OK;
	bool compares = a->kind == LANE_LOOK, there = vault_chain(v, a->incarnation, &chain);
	ret->mark.seq = a->mark.seq;
	ret->chain = chain;
	ret->end = chain.last[a->lane - 1];
	if (there && at.seq >= 1 && at.seq <= ret->end.seq) {
		e = find_hash(v, &at, compares, ret->mark.head);
		ret->found = e == OK;
	}
	/* In a refill what cannot be told is pulled. */
	if (a->why == LANE_WHY_REFILL && e == E_CONFLICT)
		return OK;
	return compares && (e == E_FORMAT || e == E_NOTFOUND) ? OK : e;
}

void
sync_chain_open(const struct vault *v, const struct lane_action *a, struct lane_event *ret)
{
	struct lane_chain here;
	bool there = vault_chain(v, a->incarnation, &here);
	ret->chain = here;
	ret->found = there && a->ok ? vault_chain_above(v, a->incarnation, &ret->chain) : there;
}

static enum err
mend(struct vault *v, const struct lane_action *a)
{
	enum err e = vault_mend(v, a->incarnation, a->batch);
	return e ? e : sync_refill_mended(v);
}

enum err
sync_chain_take(struct vault *v, const struct lane_action *a, bool mends)
{
	if (a->incarnation == 0)
		return vault_aside_clear(v);
	if (mends)
		return a->batch ? mend(v, a) : OK;
	return a->batch ? vault_aside_put(v, a->incarnation, a->batch)
			: vault_aside_end(v, a->incarnation, (enum lane)a->lane, &a->mark);
}

enum err
sync_chain_rebase(const struct sync_judge *judge, const struct lane_action *a)
{
	struct vault_rebase r = {
		.incarnation = a->incarnation, .base_incarnation = a->base_incarnation};
	struct sync_refilled done;
	memcpy(r.base, a->base, sizeof(r.base));
	enum err e = sync_refill(judge, &r, &done);
	if (!e)
		e = vault_delete(judge->vault, VAULT_META, view_text(META_SURVIVOR));
	if (e == E_NOTFOUND)
		e = OK;
	if (!e)
		e = sync_chain_set_lost(judge->vault, 0);
	if (!e)
		log_info("sync",
			"this copy goes on: %" PRIu64
			" entries came back from the hub, %" PRIu64 " are sent again, %" PRIu64
			" are damaged and lost",
			done.taken, done.repeated, done.lost);
	return e;
}

enum err
sync_chain_survive(struct vault *v)
{
	return vault_put(v, VAULT_META, view_text(META_SURVIVOR), view_of(NULL, 0));
}

enum err
sync_chain_survives(struct vault *v, bool *ret)
{
	struct view row;
	enum err e = vault_get(v, VAULT_META, view_text(META_SURVIVOR), &row);
	*ret = e == OK;
	return e == E_NOTFOUND ? OK : e;
}

enum err
sync_chain_set_lost(struct vault *v, uint32_t from)
{
	OWNED_BUF struct buf row;
	uint32_t before = 0;
	buf_init(&row, LOST_BYTES);
	buf_u32(&row, from);
	enum err e = sync_chain_lost(v, &before);
	if (e || before == from)
		return e;
	return vault_put(v, VAULT_META, view_text(META_LOST), buf_view(&row));
}

enum err
sync_chain_lost(struct vault *v, uint32_t *ret_from)
{
	struct view row;
	*ret_from = 0;
	enum err e = vault_get(v, VAULT_META, view_text(META_LOST), &row);
	if (e)
		return e == E_NOTFOUND ? OK : e;
	struct cursor c = cursor_of(row);
	uint32_t from = cursor_u32(&c);
	e = cursor_end(&c, "what the hub lost");
	if (!e)
		*ret_from = from;
	return e;
}
