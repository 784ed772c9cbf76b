#include "tests/sim/sim_inside.h"

#include <string.h>

#include "common/sync/lane_carry.h"

/* ---- written ---- */

/* The oldest one is lost when there is no room. */
static struct sim_parcel *
new_parcel(struct sim *s)
{
	struct sim_post *p = &s->post;
	if (p->count == SIM_PARCELS_COUNT) {
		memmove(p->at, p->at + 1, (SIM_PARCELS_COUNT - 1) * sizeof(p->at[0]));
		p->count--;
	}
	struct sim_parcel *ret = &p->at[p->count++];
	*ret = (struct sim_parcel){.to_hub = false};
	return ret;
}

/* What a node writes for the hub: what it has no receipt for, or all that it did not prune. */
void
sim_carry_write(struct sim *s, size_t copy)
{
	const struct sim_disk *d = &s->copies[copy].disk;
	struct sim_parcel *p = new_parcel(s);
	bool all = sim_chance(s) % 2;
	p->to_hub = true;
	p->chain = *sim_top(&d->store);
	for (size_t i = 0; i < LANE_COUNT; i++)
		p->first[i] = (all ? d->pruned[i] : d->at_hub[i]) + 1;
}

/* What the hub answers: receipts over what is committed, for whoever has this writer's key. */
void
sim_carry_answer(struct sim *s)
{
	static const uint8_t answers[HASH_BYTES];
	const struct lane_event checkpoint = {
		.kind = LANE_CHECKPOINT, .mark = {9, {1}}, .wall_ms = s->mono_ms};
	struct sim_parcel *p = new_parcel(s);
	p->standing = s->hub.disk.standing;
	p->number = ++s->post.answered;
	for (uint8_t i = 0; i < LANE_COUNT; i++) {
		struct lane_action a;
		lane_hub_carry_ack(&s->hub.lane, (uint8_t)(i + 1), &checkpoint, answers, &a);
		if (a.sign)
			lane_sign(&a, pool_receipt_key(s->pool));
		sim_check_hub_send(s, &a.msg);
		p->acks[i] = a.msg.ack;
	}
}

/* ---- read ---- */

/* Once through the wire, as in a bundle. */
static bool
repack(struct sim *s, struct sync_msg *m, struct buf *frame)
{
	struct pool_room *room = pool_room(s->pool);
	room->arena.used = 0;
	if (!sync_pack(frame, m) && !sync_unpack(m, &room->arena, buf_view(frame)))
		return true;
	sim_breach(s, "what a bundle carries can be packed and unpacked");
	return false;
}

/* The batch at ask->mark, which goes on behind it; lent until the next one. */
static bool
next_batch(struct sim *s, const struct sim_parcel *p, struct lane_action *ask,
	struct buf *frame, struct sync_msg *ret)
{
	const struct sim_lane *l = &p->chain.lanes[ask->lane - 1];
	if (ask->mark.seq > l->count || s->breach)
		return false;
	*ret = (struct sync_msg){.kind = SYNC_BATCH, .batch = *sim_batch(s, l, ask, false)};
	ret->batch.incarnation = ask->incarnation;
	ret->batch.control_floor = ask->lane == LANE_C ? 0 : p->chain.lanes[0].count;
	ask->mark.seq += ret->batch.count;
	buf_reset(frame);
	return ret->batch.count && repack(s, ret, frame);
}

/* Do the batches from here on reach the place that the hub had? */
static bool
reaches(struct sim *s, const struct sim_parcel *p, struct lane_action ask)
{
	OWNED_BUF struct buf frame;
	struct sync_mark end = {0};
	struct sync_msg m;
	enum lane_carried how = LANE_CARRIED_LOST;
	buf_init(&frame, SYNC_FRAME_MAX_BYTES);
	while (how == LANE_CARRIED_LOST && next_batch(s, p, &ask, &frame, &m))
		how = sim_hub_reach(s, &m.batch, &end);
	return how == LANE_CARRIED_TAKEN;
}

/* A lane of a parcel, batch after batch, until one is refused. */
static void
read_at_hub(struct sim *s, const struct sim_parcel *p, size_t lane)
{
	struct lane_action ask = {.lane = (uint8_t)(lane + 1),
		.incarnation = p->chain.incarnation,
		.max_bytes = SYNC_BATCH_FILL_BYTES,
		.limit_bytes = SYNC_FRAME_MAX_BYTES,
		.max_count = SIM_ENTRIES_COUNT - sim_chance(s) % SIM_ENTRIES_COUNT,
		.mark = {.seq = p->first[lane]}};
	OWNED_BUF struct buf frame;
	struct sync_msg m;
	bool reached = false;
	enum lane_carried how = LANE_CARRIED_KNOWN;
	buf_init(&frame, SYNC_FRAME_MAX_BYTES);
	while (how == LANE_CARRIED_KNOWN || how == LANE_CARRIED_TAKEN) {
		const struct lane_action here = ask;
		if (!next_batch(s, p, &ask, &frame, &m))
			return;
		how = sim_hub_carry(s, &m.batch, reached);
		if (how != LANE_CARRIED_LOST || !reaches(s, p, here))
			continue;
		ask = here;
		reached = true;
		how = LANE_CARRIED_KNOWN;
	}
}

static void
read_ack(struct sim *s, size_t copy, const struct sync_ack *ack)
{
	const struct sim_copy *c = &s->copies[copy];
	const struct lane_out *lanes = c->node.lanes;
	const struct sync_receipt *r = &ack->receipt;
	const struct sim_chain *top = sim_top(&c->disk.store);
	const struct sim_lane *l = ack->has_receipt ? &top->lanes[r->lane - 1] : NULL;
	struct sync_mark own = {.seq = 0};
	if (l && r->incarnation == top->incarnation && r->mark.seq <= l->count)
		own = sim_mark(s, l, r->mark.seq);
	uint64_t before = l ? lanes[r->lane - 1].at_hub : 0;
	sim_node_carry(s, copy, ack, own.seq ? own.head : NULL);
	uint64_t now = l ? lanes[r->lane - 1].at_hub : 0;
	if (now < before)
		sim_breach(s, "a receipt that was carried never takes another one back");
	if (now > before && (own.seq != now || memcmp(own.head, r->mark.head, HASH_BYTES) != 0))
		sim_breach(s, "a receipt counts for the entry that it names, on the own chain");
}

static void
read_at_node(struct sim *s, const struct sim_parcel *p, size_t copy)
{
	struct sim_copy *c = &s->copies[copy];
	if (p->number > c->disk.answer) {
		c->disk.answer = p->number;
		sim_node_carry_verdict(s, copy, p->standing);
	}
	for (size_t i = 0; i < LANE_COUNT && !s->breach; i++)
		read_ack(s, copy, &p->acks[i]);
}

bool
sim_carry_can(const struct sim *s, size_t which)
{
	size_t parcel = which / SIM_CARRY_WAYS, way = which % SIM_CARRY_WAYS;
	return parcel < s->post.count &&
	       (s->post.at[parcel].to_hub ? way < LANE_COUNT : s->copies[way].there);
}

/* It stays where it is: it may be read again, elsewhere, and much later. */
void
sim_carry_read(struct sim *s, size_t which)
{
	const struct sim_parcel p = s->post.at[which / SIM_CARRY_WAYS];
	if (p.to_hub)
		read_at_hub(s, &p, which % SIM_CARRY_WAYS);
	else
		read_at_node(s, &p, which % SIM_CARRY_WAYS);
}
