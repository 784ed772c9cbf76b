#include <string.h>

#include "common/sync/lane_batch.h"
#include "common/sync/lane_carry.h"
#include "common/sync/lane_hub_inside.h"
#include "common/sync/lane_proof.h"

static enum lane_carried
forked(struct lane_hub_writer *w, const struct sync_batch *b, struct lane_actions *out)
{
	hub_quarantine(w, SYNC_FORK, HUB_FORK_REASON, b, out);
	return LANE_CARRIED_FORKED;
}

/* What is handed over here is none of a session's credit. */
static enum lane_carried
taken(struct lane_hub_writer *w, const struct sync_batch *b, struct lane_actions *out)
{
	hub_append(w, b, out);
	w->lanes[b->lane - 1].held_bytes -= sync_batch_bytes(b);
	return LANE_CARRIED_TAKEN;
}

/* Does it end below what was stored here before a restore, so that nothing shows whether it is
 * of the same chain? Of an incarnation that was left since the journal has no end any more. */
static bool
is_lost(const struct lane_hub_writer *w, const struct sync_batch *b)
{
	const struct lane_in *l = &w->lanes[b->lane - 1];
	uint64_t last = b->first + b->count - 1;
	bool is_short = w->incarnation == w->ever_incarnation && last < l->ever.seq;
	return last > l->tail.seq && (is_short || w->incarnation < w->ever_incarnation) &&
	       !LANE_MUTANT(MUTANT_CARRY_LOST);
}

/* What can be told without reading the entries; 0 if there is nothing to refuse. */
static enum lane_carried
refusal(const struct lane_hub_writer *w, const struct sync_batch *b)
{
	const struct lane_origin origin = {w->study, w->writer, w->incarnation};
	if (w->standing != SYNC_OK)
		return LANE_CARRIED_APART;
	if (b->incarnation != w->incarnation)
		return b->incarnation < w->incarnation ? LANE_CARRIED_EARLIER
						       : LANE_CARRIED_LATER;
	if (!lane_batch_signed(&origin, b))
		return LANE_CARRIED_DAMAGED;
	if (b->first > w->lanes[b->lane - 1].tail.seq + 1)
		return LANE_CARRIED_GAP;
	if (b->lane != LANE_C && b->control_floor > w->lanes[LANE_C - 1].durable.seq &&
		!LANE_MUTANT(MUTANT_CARRY_CONTROL))
		return LANE_CARRIED_CONTROL;
	return 0;
}

/* The batch and the lane both have `at`, and the batch's hash there is `hash`. */
static enum lane_carried
overlap(struct lane_hub_writer *w, const struct sync_batch *b, const struct sync_mark *found,
	uint64_t at, const uint8_t hash[static HASH_BYTES], struct lane_actions *out)
{
	const struct sync_mark *tail = &w->lanes[b->lane - 1].tail;
	if (at != tail->seq && !found) {
		struct lane_action *a = lane_add(out, LANE_FIND_HEAD);
		a->lane = b->lane;
		a->incarnation = w->incarnation;
		a->mark.seq = at;
		return LANE_CARRIED_LOOK;
	}
	const struct sync_mark *here = at == tail->seq ? tail : found;
	if ((here->seq != at || !hub_same_head(hash, here->head)) &&
		!LANE_MUTANT(MUTANT_CARRY_PLACE))
		return forked(w, b, out);
	return b->first + b->count - 1 > at ? taken(w, b, out) : LANE_CARRIED_KNOWN;
}

static enum lane_carried
carry(struct lane_hub_writer *w, const struct sync_batch *b, const struct sync_mark *found,
	bool reached, struct lane_actions *out)
{
	const struct lane_origin origin = {w->study, w->writer, w->incarnation};
	uint8_t prev[HASH_BYTES], hash[HASH_BYTES];
	lane_begin(out);
	enum lane_carried refused = refusal(w, b);
	if (!refused && !reached && is_lost(w, b))
		refused = LANE_CARRIED_LOST;
	if (refused) {
		w->refused_count++;
		return refused;
	}
	const struct lane_in *l = &w->lanes[b->lane - 1];
	uint64_t at = MIN(b->first + b->count - 1, l->tail.seq);
	if (lane_batch_check(&origin, b, at, prev, hash)) {
		w->refused_count++;
		return LANE_CARRIED_DAMAGED;
	}
	if (hub_forks(w, b, prev))
		return forked(w, b, out);
	if (b->first > l->tail.seq)
		return taken(w, b, out);
	return overlap(w, b, found, at, hash, out);
}

enum lane_carried
lane_hub_carry(struct lane_hub_writer *w, const struct sync_batch *b,
	const struct sync_mark *found, struct lane_actions *out)
{
	return carry(w, b, found, false, out);
}

enum lane_carried
lane_hub_carry_reached(struct lane_hub_writer *w, const struct sync_batch *b,
	const struct sync_mark *found, struct lane_actions *out)
{
	return carry(w, b, found, true, out);
}

/* Does it follow what came before, of which nothing may be here yet? */
static bool
goes_on(const struct lane_hub_writer *w, const struct sync_batch *b,
	const struct sync_mark *before, const uint8_t prev[static HASH_BYTES],
	const uint8_t hash[static HASH_BYTES])
{
	const struct lane_in *l = &w->lanes[b->lane - 1];
	if (b->first <= before->seq)
		return hub_same_head(hash, before->head);
	return hub_same_head(prev, before->seq ? before->head : l->link);
}

enum lane_carried
lane_hub_carry_reach(struct lane_hub_writer *w, const struct sync_batch *b,
	struct sync_mark *end, struct lane_actions *out)
{
	const struct lane_origin origin = {w->study, w->writer, w->incarnation};
	const struct lane_in *l = &w->lanes[b->lane - 1];
	const struct sync_mark before = end->seq ? *end : l->tail;
	uint8_t prev[HASH_BYTES], hash[HASH_BYTES];
	uint64_t last = b->first + b->count - 1;
	lane_begin(out);
	if (w->standing != SYNC_OK)
		return LANE_CARRIED_APART;
	if (b->incarnation != w->incarnation || b->first > before.seq + 1)
		return LANE_CARRIED_GAP;
	if (last <= before.seq)
		return LANE_CARRIED_LOST;
	if (!lane_batch_signed(&origin, b) ||
		lane_batch_check(&origin, b, before.seq, prev, hash))
		return LANE_CARRIED_DAMAGED;
	bool fits = goes_on(w, b, &before, prev, hash) && !hub_contradicts_ever(w, b);
	if (!fits && !LANE_MUTANT(MUTANT_CARRY_REACH))
		return forked(w, b, out);
	end->seq = last;
	memcpy(end->head, b->head, sizeof(end->head));
	return w->incarnation == w->ever_incarnation && last >= l->ever.seq ? LANE_CARRIED_TAKEN
									    : LANE_CARRIED_LOST;
}

enum lane_carried
lane_hub_carry_chunk(
	struct lane_hub_writer *w, const struct lane_file *here, const struct sync_chunk *c)
{
	if (w->standing == SYNC_OK && c->index < here->next)
		return LANE_CARRIED_KNOWN;
	if (w->standing == SYNC_OK && c->index == here->next && c->bytes.len &&
		lane_chunk_fits(here, c))
		return LANE_CARRIED_TAKEN;
	w->refused_count++;
	if (w->standing != SYNC_OK)
		return LANE_CARRIED_APART;
	return c->index > here->next ? LANE_CARRIED_GAP : LANE_CARRIED_DAMAGED;
}

void
lane_hub_carry_ack(const struct lane_hub_writer *w, uint8_t lane,
	const struct lane_event *checkpoint, const uint8_t answers[static HASH_BYTES],
	struct lane_action *ret)
{
	*ret = (struct lane_action){.kind = LANE_SEND, .msg.kind = SYNC_ACK};
	struct sync_ack *ack = &ret->msg.ack;
	for (size_t i = 0; i < LANE_COUNT; i++) {
		ack->durable[i] = w->lanes[i].durable;
		ack->retained[i] = w->lanes[i].retained;
	}
	ack->config = w->config;
	if (ack->durable[lane - 1].seq == 0)
		return;
	ret->sign = true;
	ack->has_receipt = true;
	ack->receipt = (struct sync_receipt){.epoch = w->epoch,
		.incarnation = w->incarnation,
		.lane = lane,
		.mark = ack->durable[lane - 1],
		.checkpoint = checkpoint->mark,
		.wall_ms = checkpoint->wall_ms};
	memcpy(ack->receipt.writer, w->writer, sizeof(ack->receipt.writer));
	memcpy(ack->receipt.transcript, answers, HASH_BYTES);
}

void
lane_hub_carry_witness(
	struct lane_hub_writer *w, const struct sync_witness *m, struct lane_actions *out)
{
	lane_begin(out);
	if (w->standing == SYNC_OK)
		hub_on_witness(w, m, out);
}
