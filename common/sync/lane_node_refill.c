#include "common/sync/lane_node_inside.h"

#include <string.h>

#include "common/sync/lane_batch.h"

/* ---- chains ---- */

void
node_open(struct lane_node *n, uint32_t incarnation, bool next, struct lane_actions *out)
{
	struct lane_action *a = lane_add(out, LANE_OPEN);
	a->ticket = n->ticket;
	a->incarnation = incarnation;
	a->ok = next;
}

void
node_climb(struct lane_node *n, struct lane_actions *out)
{
	if (n->state != LANE_UP || node_is_own(n))
		return;
	for (size_t i = 0; i < LANE_COUNT; i++)
		if (n->lanes[i].acked.seq < n->lanes[i].last.seq)
			return;
	node_open(n, n->incarnation, true, out);
}

/* ---- asking ---- */

static void
send_probe(struct lane_node *n, uint64_t seq, struct lane_actions *out)
{
	struct sync_probe *p = &lane_add_send(out, SYNC_PROBE)->msg.probe;
	memcpy(p->session, n->session, sizeof(p->session));
	p->incarnation = n->refill.at;
	p->lane = n->refill.lane;
	p->seq = seq;
}

static void
send_pull(struct lane_node *n, struct lane_actions *out)
{
	const struct lane_refill *f = &n->refill;
	struct sync_pull *p = &lane_add_send(out, SYNC_PULL)->msg.pull;
	memcpy(p->session, n->session, sizeof(p->session));
	p->incarnation = f->at;
	p->lane = f->lane;
	p->first = f->have.seq + 1;
	p->last = f->end.seq;
}

/* ---- lane by lane ---- */

static void
begin_lane(struct lane_node *n, uint8_t lane, struct lane_actions *out)
{
	struct lane_refill *f = &n->refill;
	f->lane = lane;
	f->asked = false;
	f->low = 0;
	f->have = (struct sync_mark){0};
	send_probe(n, 0, out);
}

static void
finish(struct lane_node *n, struct lane_actions *out)
{
	struct lane_action *a = lane_add(out, LANE_REBASE);
	a->ticket = n->ticket;
	a->incarnation = n->refill.opens;
	a->base_incarnation = n->refill.hub;
	memcpy(a->base, n->refill.durable, sizeof(a->base));
}

/* All lanes of this incarnation are here. */
static void
end_incarnation(struct lane_node *n, struct lane_actions *out)
{
	struct lane_refill *f = &n->refill;
	if (f->own || f->base == 0 || f->base >= f->at) {
		finish(n, out);
		return;
	}
	f->at = f->base;
	node_open(n, f->at, false, out);
}

static void
go_on(struct lane_node *n, struct lane_actions *out)
{
	struct lane_refill *f = &n->refill;
	n->progress_ms = n->heard_ms;
	if (f->have.seq < f->end.seq) {
		send_pull(n, out);
		return;
	}
	struct lane_action *a = lane_add(out, LANE_TAKE);
	a->incarnation = f->at;
	a->base_incarnation = f->base;
	a->lane = f->lane;
	a->mark = f->end;
	if (f->lane < LANE_A)
		begin_lane(n, (uint8_t)(f->lane + 1), out);
	else
		end_incarnation(n, out);
}

/* The next place to compare, or the search is over. The far end first: a copy that only lacks
 * entries has all that is before it. */
static void
bisect(struct lane_node *n, struct lane_actions *out)
{
	struct lane_refill *f = &n->refill;
	bool first = !f->asked;
	f->asked = true;
	if (f->low == f->high)
		go_on(n, out);
	else
		send_probe(n, first ? f->high : f->low + (f->high - f->low + 1) / 2, out);
}

void
node_refill_begin(struct lane_node *n, struct lane_actions *out)
{
	n->refill.at = n->refill.hub;
	(void)lane_add(out, LANE_TAKE);
	node_open(n, n->refill.at, false, out);
}

static void
on_end(struct lane_node *n, const struct sync_probed *p, struct lane_actions *out)
{
	struct lane_refill *f = &n->refill;
	if (f->at == f->hub && memcmp(&p->end, &f->durable[f->lane - 1], sizeof(p->end)) != 0) {
		node_greet_again(n, out);
		return;
	}
	f->end = p->end;
	f->base = p->base_incarnation;
	f->high = f->own ? MIN(f->chain.last[f->lane - 1].seq, p->end.seq) : 0;
	bisect(n, out);
}

void
node_on_probed(struct lane_node *n, const struct lane_event *ev, struct lane_actions *out)
{
	const struct sync_probed *p = &ev->message->probed;
	struct lane_refill *f = &n->refill;
	if (n->state == LANE_UP && p->lane == n->probe_lane && p->mark.seq == n->probe.seq &&
		p->incarnation == n->incarnation) {
		n->probe_lane = 0;
		if (wire_is_zero(p->mark.head, sizeof(p->mark.head)))
			node_report(out, "the hub cannot read an entry that it has: it is "
					 "damaged there");
		else if (!node_same_head(p->mark.head, n->probe.head))
			node_diverged(n, out);
		return;
	}
	if (n->state != LANE_REFILL || p->incarnation != f->at || p->lane != f->lane)
		return;
	if (p->mark.seq == 0) {
		if (!f->asked)
			on_end(n, p, out);
		return;
	}
	struct lane_action *a = lane_add(out, LANE_FIND_HEAD);
	a->ticket = n->ticket;
	a->incarnation = f->at;
	a->lane = f->lane;
	a->why = LANE_WHY_REFILL;
	a->mark.seq = p->mark.seq;
	memcpy(a->wanted, p->mark.head, sizeof(a->wanted));
}

void
node_on_refill_found(struct lane_node *n, const struct lane_event *ev, struct lane_actions *out)
{
	struct lane_refill *f = &n->refill;
	if (n->state != LANE_REFILL || ev->lane != f->lane || ev->mark.seq <= f->low ||
		ev->mark.seq > f->high)
		return;
	if (ev->found && node_same_head(ev->mark.head, ev->wanted)) {
		f->low = ev->mark.seq;
		f->have = ev->mark;
	} else {
		f->high = ev->mark.seq - 1;
	}
	bisect(n, out);
}

/* ---- what comes ---- */

static void
hand_over(struct lane_node *n, uint32_t incarnation, const struct sync_batch *b,
	struct lane_actions *out)
{
	struct lane_action *a = lane_add(out, LANE_TAKE);
	a->incarnation = incarnation;
	a->base_incarnation = n->refill.base;
	a->lane = b->lane;
	a->batch = b;
}

/* The chain of a batch vouches for its entries up to the end that the writer signed. */
static bool
is_sound(const struct lane_node *n, const struct sync_batch *b)
{
	const struct lane_refill *f = &n->refill;
	const struct lane_origin origin = {n->study, n->writer, f->at};
	uint8_t prev[HASH_BYTES], at[HASH_BYTES];
	uint64_t last = b->first + b->count - 1;
	if (lane_batch_check(&origin, b, last, prev, at))
		return false;
	if (b->first > 1 && !node_same_head(prev, f->have.head))
		return false;
	return last < f->end.seq ||
	       (node_same_head(b->head, f->end.head) && lane_batch_signed(&origin, b));
}

static void
take_repair(struct lane_node *n, const struct sync_batch *b, struct lane_actions *out)
{
	const struct lane_origin origin = {n->study, n->writer, n->repair_incarnation};
	uint8_t prev[HASH_BYTES], at[HASH_BYTES];
	uint64_t last = b->first + b->count - 1;
	if (b->lane != n->repair_lane || b->first != n->repair_first || last > n->repair_last ||
		lane_batch_check(&origin, b, last, prev, at))
		return;
	hand_over(n, n->repair_incarnation, b, out);
	n->repair_first = last + 1;
	if (n->repair_first > n->repair_last)
		n->repair_lane = 0;
}

void
node_on_batch(struct lane_node *n, const struct lane_event *ev, struct lane_actions *out)
{
	const struct sync_batch *b = &ev->message->batch;
	struct lane_refill *f = &n->refill;
	if (n->state == LANE_UP) {
		take_repair(n, b, out);
		return;
	}
	if (n->state != LANE_REFILL || b->incarnation != f->at || b->lane != f->lane ||
		b->first != f->have.seq + 1 || b->first + b->count - 1 > f->end.seq)
		return;
	if (!is_sound(n, b)) {
		node_report(out, "the hub sent entries of this node that do not hold together");
		node_reconnect(n, ev->random, 0, out);
		return;
	}
	hand_over(n, f->at, b, out);
	f->have.seq = b->first + b->count - 1;
	memcpy(f->have.head, b->head, sizeof(f->have.head));
	go_on(n, out);
}

/* ---- the shell's answers ---- */

static void
on_opened_refill(struct lane_node *n, const struct lane_event *ev, struct lane_actions *out)
{
	n->refill.own = ev->found;
	n->refill.chain = ev->chain;
	begin_lane(n, LANE_C, out);
}

void
node_on_opened(struct lane_node *n, const struct lane_event *ev, struct lane_actions *out)
{
	if (ev->ticket != n->ticket)
		return;
	if (n->state == LANE_REFILL) {
		on_opened_refill(n, ev, out);
		return;
	}
	if (n->state != LANE_UP && n->state != LANE_HELLO_SENT)
		return;
	if (!ev->found) {
		node_diverged(n, out);
		return;
	}
	node_work_on(n, &ev->chain);
	node_greet_again(n, out);
}

void
node_on_rebased(struct lane_node *n, const struct lane_event *ev, struct lane_actions *out)
{
	if (ev->ticket != n->ticket || n->state != LANE_REFILL)
		return;
	n->survivor = false;
	n->own = ev->chain;
	memset(n->receipts, 0, sizeof(n->receipts));
	node_work_on(n, &ev->chain);
	node_greet_again(n, out);
}

/* ---- probes and repairs while up ---- */

void
node_on_probe(struct lane_node *n, const struct sync_probe *p, struct lane_actions *out)
{
	struct lane_action *a = lane_add(out, LANE_LOOK);
	a->ticket = n->ticket;
	a->incarnation = p->incarnation;
	a->lane = p->lane;
	a->mark.seq = p->seq;
}

void
node_on_looked(struct lane_node *n, const struct lane_event *ev, struct lane_actions *out)
{
	if (n->state != LANE_UP || ev->ticket != n->ticket)
		return;
	struct sync_probed *p = &lane_add_send(out, SYNC_PROBED)->msg.probed;
	memcpy(p->session, n->session, sizeof(p->session));
	p->incarnation = ev->chain.incarnation;
	p->base_incarnation = ev->chain.base_incarnation;
	p->lane = ev->lane;
	p->mark.seq = ev->mark.seq;
	if (ev->found)
		memcpy(p->mark.head, ev->mark.head, sizeof(p->mark.head));
	p->end = ev->end;
}

/* The hub wants entries again that it has acknowledged; they go as any batch does. */
void
node_on_pull(struct lane_node *n, const struct sync_pull *p, struct lane_actions *out)
{
	bool is_earlier = p->incarnation && p->incarnation < n->incarnation;
	if ((!is_earlier && p->incarnation != n->incarnation) || p->last < p->first ||
		(!is_earlier && p->last > n->lanes[p->lane - 1].acked.seq))
		return;
	struct lane_action *a = lane_add(out, LANE_FETCH);
	a->ticket = n->ticket;
	a->why = LANE_WHY_PULL;
	a->incarnation = p->incarnation;
	a->lane = p->lane;
	a->mark.seq = p->first;
	a->max_bytes = SYNC_BATCH_FILL_BYTES;
	a->limit_bytes = SYNC_FRAME_MAX_BYTES;
	a->max_count = (size_t)MIN(p->last - p->first + 1, (uint64_t)SYNC_BATCH_MAX_COUNT);
}

void
node_probe(struct lane_node *n, const struct lane_event *ev, struct lane_actions *out)
{
	if (n->state != LANE_UP || ev->lane < LANE_C || ev->lane > LANE_A ||
		ev->mark.seq > n->lanes[ev->lane - 1].acked.seq)
		return;
	n->probe = ev->mark;
	n->probe_lane = ev->lane;
	n->refill.at = n->incarnation;
	n->refill.lane = ev->lane;
	send_probe(n, ev->mark.seq, out);
}

void
node_repair(struct lane_node *n, const struct lane_event *ev, struct lane_actions *out)
{
	uint32_t earlier = ev->chain.incarnation;
	bool is_earlier = earlier && earlier < n->incarnation;
	if (n->state != LANE_UP || ev->first > ev->last || ev->lane < LANE_C ||
		ev->lane > LANE_A ||
		(!is_earlier && ev->last > n->lanes[ev->lane - 1].acked.seq))
		return;
	n->repair_incarnation = is_earlier ? earlier : n->incarnation;
	n->repair_lane = ev->lane;
	n->repair_first = ev->first;
	n->repair_last = ev->last;
	struct sync_pull *p = &lane_add_send(out, SYNC_PULL)->msg.pull;
	memcpy(p->session, n->session, sizeof(p->session));
	p->incarnation = n->repair_incarnation;
	p->lane = ev->lane;
	p->first = ev->first;
	p->last = ev->last;
}
