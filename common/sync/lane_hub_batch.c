#include "common/sync/lane_hub_inside.h"

#include <string.h>

#include "common/sync/lane_batch.h"

void
hub_found_fork(struct lane_hub_writer *w, const struct sync_batch *b, struct lane_actions *out)
{
	hub_send_nack(w, b->lane, SYNC_NACK_FORK, out);
	hub_quarantine(w, SYNC_FORK, HUB_FORK_REASON, b, out);
}

void
hub_append(struct lane_hub_writer *w, const struct sync_batch *b, struct lane_actions *out)
{
	struct lane_in *l = &w->lanes[b->lane - 1];
	struct lane_action *a = lane_add(out, LANE_APPEND);
	a->lane = b->lane;
	a->mark = l->tail;
	a->first = l->tail.seq + 1;
	a->batch = b;
	l->tail.seq = b->first + b->count - 1;
	memcpy(l->tail.head, b->head, sizeof(l->tail.head));
	l->held_bytes += sync_batch_bytes(b);
	l->nacked = false;
	if (LANE_MUTANT(MUTANT_ACK_EARLY)) {
		l->durable = l->tail;
		(void)hub_send_ack(w, out);
	}
}

/* The batch overlaps what is there: `at` is the last number both have, `hash` the batch's
 *                                   there. */
static void
overlap(struct lane_hub_writer *w, const struct sync_batch *b, uint64_t at,
	const uint8_t hash[static HASH_BYTES], struct lane_actions *out)
{
	struct lane_in *l = &w->lanes[b->lane - 1];
	if (at != l->tail.seq) {
		struct lane_action *a = lane_add(out, LANE_FIND_HEAD);
		a->ticket = w->ticket;
		a->lane = b->lane;
		a->why = LANE_WHY_BATCH;
		a->mark.seq = at;
		memcpy(a->wanted, hash, sizeof(a->wanted));
		a->batch = b;
	} else if (!hub_same_head(hash, l->tail.head)) {
		hub_found_fork(w, b, out);
	} else if (b->first + b->count - 1 > at) {
		hub_append(w, b, out);
	} else if (at <= l->durable.seq) {
		hub_take_repair(w, b, out);
		(void)hub_send_ack(w, out);
	}
}

size_t
hub_held_bytes(const struct lane_hub_writer *w)
{
	size_t bytes = w->wanted.held_bytes;
	for (size_t i = 0; i < LANE_COUNT; i++)
		bytes += w->lanes[i].held_bytes;
	return bytes;
}

/* What can be told without reading the entries; 0 if there is nothing to refuse. */
static unsigned
refusal(struct lane_hub_writer *w, const struct sync_batch *b)
{
	const struct lane_origin origin = {w->study, w->writer, w->incarnation};
	if (b->first > w->lanes[b->lane - 1].tail.seq + 1)
		return SYNC_NACK_GAP;
	if (b->lane != LANE_C && b->control_floor > w->lanes[LANE_C - 1].durable.seq &&
		!LANE_MUTANT(MUTANT_CONTROL))
		return SYNC_NACK_CONTROL;
	return lane_batch_signed(&origin, b) ? 0 : SYNC_NACK_SIGNATURE;
}

/* The batch holds another entry where this hub stored one before it was restored. */
bool
hub_contradicts_ever(const struct lane_hub_writer *w, const struct sync_batch *b)
{
	const struct lane_origin origin = {w->study, w->writer, w->incarnation};
	const struct sync_mark *ever = &w->lanes[b->lane - 1].ever;
	uint8_t prev[HASH_BYTES], hash[HASH_BYTES];
	bool holds = w->incarnation == w->ever_incarnation && ever->seq >= b->first &&
		     ever->seq < b->first + b->count;
	return holds && !LANE_MUTANT(MUTANT_EVER) &&
	       (lane_batch_check(&origin, b, ever->seq, prev, hash) ||
		       !hub_same_head(hash, ever->head));
}

/* Does it contradict what the hub has, or follow something else than the last entry there? */
bool
hub_forks(const struct lane_hub_writer *w, const struct sync_batch *b,
	const uint8_t prev[static HASH_BYTES])
{
	const struct lane_in *l = &w->lanes[b->lane - 1];
	if (hub_contradicts_ever(w, b))
		return true;
	if (LANE_MUTANT(MUTANT_HUB_CHAIN) || b->first <= l->tail.seq)
		return false;
	return !hub_same_head(prev, l->tail.seq ? l->tail.head : l->link);
}

static void
place(struct lane_hub_writer *w, const struct sync_batch *b, struct lane_actions *out)
{
	const struct lane_origin origin = {w->study, w->writer, w->incarnation};
	const struct lane_in *l = &w->lanes[b->lane - 1];
	uint64_t last = b->first + b->count - 1, at = MIN(last, l->tail.seq);
	uint8_t prev[HASH_BYTES], hash[HASH_BYTES];
	if (lane_batch_check(&origin, b, at, prev, hash)) {
		w->refused_count++;
		hub_send_nack(w, b->lane, SYNC_NACK_DAMAGED, out);
	} else if (hub_forks(w, b, prev)) {
		hub_found_fork(w, b, out);
	} else if (b->first > l->tail.seq ||
		   (LANE_MUTANT(MUTANT_HUB_CHAIN) && last > l->tail.seq)) {
		hub_append(w, b, out);
	} else if (LANE_MUTANT(MUTANT_HUB_CHAIN)) {
		(void)hub_send_ack(w, out);
	} else {
		overlap(w, b, at, hash, out);
	}
}

void
hub_on_batch(struct lane_hub_writer *w, const struct sync_batch *b, struct lane_actions *out)
{
	if (hub_held_bytes(w) + sync_batch_bytes(b) > w->granted_bytes) {
		w->refused_count++;
		hub_send_close(out, w->session, SYNC_CLOSE_PROTOCOL, LANE_FULL_RETRY_MS);
		hub_end_session(w);
		return;
	}
	if (!w->refills && w->repair_lane && b->incarnation &&
		b->incarnation < w->incarnation) {
		hub_take_earlier(w, b, out);
		return;
	}
	if (w->refills || (b->incarnation && b->incarnation != w->incarnation)) {
		w->refused_count++;
		hub_send_close(out, w->session, SYNC_CLOSE_STALE, LANE_NO_RETRY_MS);
		hub_end_session(w);
		return;
	}
	struct lane_in *l = &w->lanes[b->lane - 1];
	unsigned code = refusal(w, b);
	if (!code) {
		place(w, b, out);
		return;
	}
	w->refused_count++;
	/* Everything sent behind a gap meets it too: one answer is enough. */
	if (code != SYNC_NACK_GAP || !l->nacked)
		hub_send_nack(w, b->lane, (enum sync_nack_code)code, out);
	l->nacked = l->nacked || code == SYNC_NACK_GAP;
}

void
hub_on_head_found(
	struct lane_hub_writer *w, const struct lane_event *ev, struct lane_actions *out)
{
	if (w->state == LANE_ALIVE && ev->why == LANE_WHY_NOTICE)
		hub_on_notice_head(w, ev, out);
	if (w->state != LANE_ALIVE || ev->why != LANE_WHY_BATCH || ev->ticket != w->ticket ||
		!ev->batch)
		return;
	/* What is not found below the end is damaged here: that says nothing of the node. */
	if (ev->found && !hub_same_head(ev->mark.head, ev->wanted))
		hub_found_fork(w, ev->batch, out);
	else if (ev->mark.seq <= w->lanes[ev->batch->lane - 1].durable.seq) {
		hub_take_repair(w, ev->batch, out);
		(void)hub_send_ack(w, out);
	}
}
