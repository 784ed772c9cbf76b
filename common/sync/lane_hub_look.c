#include "common/sync/lane_hub_inside.h"

#include <string.h>

#include "common/sync/lane_batch.h"

#define LOOK_FILL_BYTES SYNC_BATCH_FILL_BYTES

void
hub_on_probe(struct lane_hub_writer *w, const struct sync_probe *p, struct lane_actions *out)
{
	struct lane_action *a = lane_add(out, LANE_LOOK);
	a->ticket = w->ticket;
	a->incarnation = p->incarnation;
	a->lane = p->lane;
	a->mark.seq = p->seq;
}

void
hub_on_looked(struct lane_hub_writer *w, const struct lane_event *ev, struct lane_actions *out)
{
	if (w->state != LANE_ALIVE || ev->ticket != w->ticket)
		return;
	struct sync_probed *p = &lane_add_send(out, SYNC_PROBED)->msg.probed;
	memcpy(p->session, w->session, sizeof(p->session));
	p->incarnation = ev->chain.incarnation;
	p->base_incarnation = ev->chain.base_incarnation;
	p->lane = ev->lane;
	p->mark.seq = ev->mark.seq;
	if (ev->found)
		memcpy(p->mark.head, ev->mark.head, sizeof(p->mark.head));
	p->end = ev->end;
}

void
hub_on_pull(struct lane_hub_writer *w, const struct sync_pull *p, struct lane_actions *out)
{
	if (p->last < p->first)
		return;
	struct lane_action *a = lane_add(out, LANE_FETCH);
	a->ticket = w->ticket;
	a->why = LANE_WHY_PULL;
	a->incarnation = p->incarnation;
	a->lane = p->lane;
	a->mark.seq = p->first;
	a->max_bytes = LOOK_FILL_BYTES;
	a->limit_bytes = SYNC_FRAME_MAX_BYTES;
	a->max_count = (size_t)MIN(p->last - p->first + 1, (uint64_t)SYNC_BATCH_MAX_COUNT);
}

void
hub_on_fetched(struct lane_hub_writer *w, const struct lane_event *ev, struct lane_actions *out)
{
	if (w->state != LANE_ALIVE || ev->ticket != w->ticket || !ev->batch ||
		ev->batch->count == 0)
		return;
	struct sync_batch *b = &lane_add_send(out, SYNC_BATCH)->msg.batch;
	*b = *ev->batch;
	memcpy(b->session, w->session, sizeof(b->session));
	b->control_floor = 0;
}

/* ---- what the hub asks ---- */

void
hub_probe(struct lane_hub_writer *w, const struct lane_event *ev, struct lane_actions *out)
{
	if (w->state != LANE_ALIVE || w->refills)
		return;
	struct sync_probe *p = &lane_add_send(out, SYNC_PROBE)->msg.probe;
	memcpy(p->session, w->session, sizeof(p->session));
	p->incarnation = w->incarnation;
	p->lane = ev->lane;
	p->seq = ev->mark.seq;
	w->probe = ev->mark;
	w->probe_lane = ev->lane;
}

void
hub_on_probed(struct lane_hub_writer *w, const struct sync_probed *p, struct lane_actions *out)
{
	if (p->lane != w->probe_lane || p->mark.seq != w->probe.seq)
		return;
	w->probe_lane = 0;
	if (wire_is_zero(p->mark.head, sizeof(p->mark.head)))
		hub_report(out, SYNC_OK,
			"a node cannot read an entry that the hub has of it: it is damaged "
			"there");
	else if (!hub_same_head(p->mark.head, w->probe.head))
		hub_report(out, SYNC_FORK,
			"a node holds another entry than the hub under the same number");
}

void
hub_repair(struct lane_hub_writer *w, const struct lane_event *ev, struct lane_actions *out)
{
	uint32_t earlier = ev->chain.incarnation;
	if (w->state != LANE_ALIVE || w->refills)
		return;
	w->repair_incarnation = earlier && earlier < w->incarnation ? earlier : w->incarnation;
	struct sync_pull *p = &lane_add_send(out, SYNC_PULL)->msg.pull;
	memcpy(p->session, w->session, sizeof(p->session));
	p->incarnation = w->repair_incarnation;
	p->lane = ev->lane;
	p->first = ev->first;
	p->last = ev->last;
	w->repair_lane = ev->lane;
	w->repair_first = ev->first;
	w->repair_last = ev->last;
}

void
hub_take_repair(struct lane_hub_writer *w, const struct sync_batch *b, struct lane_actions *out)
{
	uint64_t last = b->first + b->count - 1;
	uint32_t incarnation = b->incarnation ? b->incarnation : w->incarnation;
	if (b->lane != w->repair_lane || incarnation != w->repair_incarnation ||
		last < w->repair_first || b->first > w->repair_last)
		return;
	struct lane_action *a = lane_add(out, LANE_TAKE);
	a->incarnation = w->repair_incarnation;
	a->lane = b->lane;
	a->batch = b;
	if (b->first <= w->repair_first)
		w->repair_first = last + 1;
	if (w->repair_first > w->repair_last)
		w->repair_lane = 0;
}

/* What was asked for of an earlier incarnation: it changes nothing but damaged rows. */
void
hub_take_earlier(
	struct lane_hub_writer *w, const struct sync_batch *b, struct lane_actions *out)
{
	const struct lane_origin origin = {w->study, w->writer, b->incarnation};
	uint8_t prev[HASH_BYTES], at[HASH_BYTES];
	uint64_t last = b->first + b->count - 1;
	if (b->incarnation != w->repair_incarnation || !lane_batch_signed(&origin, b) ||
		lane_batch_check(&origin, b, last, prev, at))
		return;
	hub_take_repair(w, b, out);
}
