#include "hub/bundle_batch.h"

#include "common/base/clock.h"

#include "hub/ingest_inside.h"

static const char *const lane_words[LANE_COUNT] = {"control entries", "records", "acts"};

enum err
bundle_batch_refused(enum lane_carried why, uint8_t lane)
{
	const char *what = lane_words[lane - 1];
	switch (why) {
	case LANE_CARRIED_TAKEN:
	case LANE_CARRIED_KNOWN:
		return OK;
	case LANE_CARRIED_GAP:
	case LANE_CARRIED_CONTROL:
		return fail(E_CONFLICT,
			"the hub lacks %s that come before those in the bundle: write it again "
			"with --all, or let the node connect once",
			why == LANE_CARRIED_GAP ? what : lane_words[LANE_C - 1]);
	case LANE_CARRIED_DAMAGED:
		return fail(E_AUTH, "%s in the bundle are not as the node signed them", what);
	case LANE_CARRIED_FORKED:
		return fail(E_DENIED,
			"the bundle has other %s under numbers that the hub holds already: "
			"this node is in use twice, see `weir-hub status`",
			what);
	case LANE_CARRIED_APART:
		return fail(E_DENIED,
			"nothing is taken from this node until somebody has looked at it: see "
			"`weir-hub status`");
	case LANE_CARRIED_EARLIER:
		return fail(E_CONFLICT,
			"the bundle was written before the node was restored: write a new one");
	case LANE_CARRIED_LOST:
		return fail(E_CONFLICT,
			"the hub was restored, and lacks more of this node than a bundle can "
			"show to be the same: the node has to connect to the hub once");
	case LANE_CARRIED_LATER:
	case LANE_CARRIED_BEHIND:
	case LANE_CARRIED_LOOK:
		return fail(E_CONFLICT,
			"the node goes on from a restored copy: it has to connect to the hub "
			"once before its bundles are taken");
	}
	return OK;
}

typedef enum lane_carried carry_fn(struct lane_hub_writer *w, const struct sync_batch *b,
	const struct sync_mark *found, struct lane_actions *out);

/* Judge it, and once more where an entry of the vault has to be compared. */
static enum err
carry(struct bundle_in *b, struct node *n, const struct sync_batch *batch, bool reached,
	enum lane_carried *ret)
{
	carry_fn *judge = reached ? lane_hub_carry_reached : lane_hub_carry;
	struct ingest *g = b->ingest;
	struct steps steps = {.count = 0};
	*ret = judge(&n->lane, batch, NULL, &g->actions);
	if (*ret == LANE_CARRIED_LOOK) {
		const struct lane_action look = g->actions.at[0];
		enum err e = ingest_find_head(g, n, &look, &steps);
		if (e)
			return e;
		struct sync_mark found = steps.at[0].mark;
		if (!steps.at[0].found)
			found.seq = 0;
		*ret = judge(&n->lane, batch, &found, &g->actions);
	}
	enum err e = ingest_follow(g, n, clock_mono_ms());
	if (!e && *ret == LANE_CARRIED_TAKEN && !n->is_stored[batch->lane - 1])
		e = fail(E_FULL, "the hub has no room for this bundle now");
	return e;
}

/* Who carries a bundle has not spoken with the node: what was withdrawn there since it was
 * written is not known here. */
static enum err
date_contact(const struct bundle_in *b, struct node *n, int64_t before_s)
{
	int64_t written_s = b->claim.head.wall_ms / INGEST_MS_PER_S;
	int64_t now_s = clock_wall_ms() / INGEST_MS_PER_S;
	n->standing.contact_s = MAX(before_s, MIN(written_s, now_s));
	return standing_put(b->hub->txn, n->writer.public, &n->standing);
}

static enum err
take_batch(struct bundle_in *b, struct node *n, const struct sync_batch *batch, bool reached,
	enum lane_carried *ret)
{
	uint64_t before = n->lane.lanes[batch->lane - 1].tail.seq;
	int64_t contact_s = n->standing.contact_s;
	enum err e = carry(b, n, batch, reached, ret);
	if (!e && *ret == LANE_CARRIED_TAKEN)
		e = date_contact(b, n, contact_s);
	if (e)
		return e;
	uint64_t taken = n->lane.lanes[batch->lane - 1].tail.seq - before;
	if (*ret == LANE_CARRIED_TAKEN || *ret == LANE_CARRIED_KNOWN) {
		b->taken[batch->lane - 1] += taken;
		b->known[batch->lane - 1] += batch->count - taken;
	}
	return OK;
}

/* Those that waited, and are known to be of the chain that the hub had. */
static enum err
take_held(struct bundle_in *b, struct node *n, bool *ret_spoils)
{
	struct cursor c = cursor_of(buf_view(&b->held.batches));
	enum lane_carried how = LANE_CARRIED_TAKEN;
	uint8_t lane = b->held.lane;
	enum err e = OK;
	while (!e && c.left && (how == LANE_CARRIED_TAKEN || how == LANE_CARRIED_KNOWN)) {
		struct sync_msg m;
		b->ingest->arena.used = 0;
		e = sync_unpack(&m, &b->ingest->arena, cursor_blob(&c));
		if (!e)
			e = take_batch(b, n, &m.batch, true, &how);
	}
	*ret_spoils = e != OK;
	b->held.lane = 0;
	b->held.end = (struct sync_mark){0};
	buf_reset(&b->held.batches);
	return e ? e : bundle_batch_refused(how, lane);
}

/* The hub was restored: this batch ends below the place that it had. */
static enum err
hold_batch(struct bundle_in *b, struct node *n, const struct sync_batch *batch,
	struct view plain, bool *ret_spoils)
{
	struct bundle_in_held *h = &b->held;
	if (h->lane && h->lane != batch->lane)
		return bundle_batch_refused(LANE_CARRIED_LOST, h->lane);
	enum lane_carried how =
		lane_hub_carry_reach(&n->lane, batch, &h->end, &b->ingest->actions);
	enum err e = ingest_follow(b->ingest, n, clock_mono_ms());
	*ret_spoils = e != OK;
	if (e || (how != LANE_CARRIED_LOST && how != LANE_CARRIED_TAKEN))
		return e ? e : bundle_batch_refused(how, batch->lane);
	buf_blob(&h->batches, plain);
	if (h->batches.broken)
		return bundle_batch_refused(LANE_CARRIED_LOST, batch->lane);
	h->lane = batch->lane;
	return how == LANE_CARRIED_TAKEN ? take_held(b, n, ret_spoils) : OK;
}

enum err
bundle_batch_take(struct bundle_in *b, struct node *n, const struct sync_batch *batch,
	struct view plain, bool *ret_spoils)
{
	enum lane_carried how = LANE_CARRIED_LOST;
	enum err e = b->held.lane ? OK : take_batch(b, n, batch, false, &how);
	*ret_spoils = e != OK;
	if (e)
		return e;
	return how == LANE_CARRIED_LOST ? hold_batch(b, n, batch, plain, ret_spoils)
					: bundle_batch_refused(how, batch->lane);
}
