#include "common/sync/lane_node_inside.h"

#include <string.h>

/* ---- out ---- */

static size_t
free_credit(const struct lane_node *n)
{
	if (LANE_MUTANT(MUTANT_CREDIT))
		return SYNC_CREDIT_MAX_BYTES;
	return n->credit_bytes > n->flight_bytes ? n->credit_bytes - n->flight_bytes : 0;
}

size_t
node_room(const struct lane_node *n)
{
	size_t left = free_credit(n);
	if (LANE_MUTANT(MUTANT_WINDOW))
		return left;
	return MIN(left, lane_window_room(&n->window, n->flight_bytes));
}

static bool
has_more(const struct lane_node *n, uint8_t lane)
{
	const struct lane_out *l = &n->lanes[lane - 1];
	return l->sent < l->last.seq && !(n->stuck & 1u << lane);
}

/* Control entries first and alone; then acts, then records. 0: nothing may go. */
static uint8_t
next_lane(const struct lane_node *n)
{
	const struct lane_out *c = &n->lanes[LANE_C - 1];
	if (has_more(n, LANE_C))
		return LANE_C;
	if (c->acked.seq < c->last.seq && !LANE_MUTANT(MUTANT_CONTROL))
		return 0;
	if (has_more(n, LANE_A))
		return LANE_A;
	return has_more(n, LANE_R) ? LANE_R : 0;
}

bool
node_all_sent(const struct lane_node *n)
{
	const struct lane_out *c = &n->lanes[LANE_C - 1];
	return next_lane(n) == 0 && c->acked.seq >= c->last.seq;
}

void
node_pump(struct lane_node *n, struct lane_actions *out)
{
	node_pump_notices(n, out);
	if (n->state != LANE_UP || n->fetching || n->blocked ||
		n->flight_count == LANE_FLIGHTS_MAX_COUNT)
		return;
	uint8_t lane = next_lane(n);
	size_t left = node_room(n);
	if (left == 0 || (left < LANE_FETCH_LEAST_BYTES && n->flight_count))
		return;
	if (!lane) {
		node_pump_chunk(n, out);
		return;
	}
	n->fetching = lane;
	struct lane_action *a = lane_add(out, LANE_FETCH);
	a->ticket = n->ticket;
	a->incarnation = n->incarnation;
	a->lane = lane;
	a->mark.seq = n->lanes[lane - 1].sent + 1;
	a->max_bytes = MIN(left, SYNC_BATCH_FILL_BYTES);
	a->limit_bytes = MIN(n->flight_count ? left : free_credit(n), SYNC_FRAME_MAX_BYTES);
	a->max_count = SYNC_BATCH_MAX_COUNT;
}

void
node_add_flight(struct lane_node *n, uint8_t lane, const struct sync_mark *last, size_t bytes,
	int64_t mono_ms)
{
	if (n->flight_count == 0)
		n->progress_ms = mono_ms;
	n->flights[n->flight_count++] = (struct lane_flight){.lane = lane,
		.last = *last,
		.bytes = bytes,
		.sent_ms = mono_ms,
		.acked_before_bytes = n->window.acked_bytes,
		.turns = n->window.turns};
	n->flight_bytes += bytes;
}

static void
send_batch(struct lane_node *n, const struct lane_event *ev, size_t bytes,
	struct lane_actions *out)
{
	const struct sync_batch *b = ev->batch;
	struct lane_out *l = &n->lanes[b->lane - 1];
	struct sync_batch *m = &lane_add_send(out, SYNC_BATCH)->msg.batch;
	*m = *b;
	memcpy(m->session, n->session, sizeof(m->session));
	m->control_floor = b->lane == LANE_C ? 0 : n->lanes[LANE_C - 1].acked.seq;
	struct sync_mark last = {.seq = b->first + b->count - 1};
	memcpy(last.head, b->head, sizeof(last.head));
	node_add_flight(n, b->lane, &last, bytes, ev->mono_ms);
	l->sent = last.seq;
}

/* Asked for by the hub, and there already: outside credit and order. */
static void
send_pulled(struct lane_node *n, const struct lane_event *ev, struct lane_actions *out)
{
	if (n->state != LANE_UP || ev->ticket != n->ticket || !ev->batch || !ev->batch->count)
		return;
	struct sync_batch *m = &lane_add_send(out, SYNC_BATCH)->msg.batch;
	*m = *ev->batch;
	memcpy(m->session, n->session, sizeof(m->session));
	m->control_floor = 0;
	if (ev->chain.incarnation && ev->chain.incarnation != n->incarnation)
		m->incarnation = ev->chain.incarnation;
}

/* The next entry of the lane is damaged here: all else goes on. */
static void
get_stuck(struct lane_node *n, struct lane_actions *out)
{
	n->stuck |= 1u << n->fetching;
	n->fetching = 0;
	node_report(out, "the next entry to be sent cannot be read");
	node_pump(n, out);
}

void
node_on_fetched(struct lane_node *n, const struct lane_event *ev, struct lane_actions *out)
{
	const struct sync_batch *b = ev->batch;
	if (ev->why == LANE_WHY_PULL) {
		send_pulled(n, ev, out);
		return;
	}
	if (n->state != LANE_UP || ev->ticket != n->ticket || !n->fetching)
		return;
	if (!b && ev->lane == n->fetching)
		get_stuck(n, out);
	if (!b || b->lane != n->fetching || b->first != n->lanes[b->lane - 1].sent + 1)
		return;
	n->fetching = 0;
	size_t bytes = sync_batch_bytes(b);
	if (b->count == 0 || bytes > free_credit(n) || bytes > SYNC_FRAME_MAX_BYTES) {
		n->blocked = true;
		if (n->flight_count == 0)
			node_report(out, "an entry is larger than a frame may be");
		return;
	}
	/* A control entry that was written meanwhile goes first. */
	if (b->lane == LANE_C || next_lane(n) == b->lane)
		send_batch(n, ev, bytes, out);
	node_pump(n, out);
}

/* ---- back ---- */

static void
keep_receipt(struct lane_node *n, const struct sync_receipt *r, struct lane_actions *out)
{
	struct lane_out *l = &n->lanes[r->lane - 1];
	n->holds = false;
	if (r->mark.seq <= l->at_hub || !node_is_own(n))
		return;
	l->at_hub = r->mark.seq;
	n->receipts[r->lane - 1] = *r;
	struct lane_action *a = lane_add(out, LANE_KEEP_RECEIPT);
	a->lane = r->lane;
	a->msg.kind = SYNC_ACK;
	a->msg.ack.has_receipt = true;
	a->msg.ack.receipt = *r;
}

void
node_drop_flights(struct lane_node *n, uint8_t lane, uint64_t from, uint64_t to)
{
	size_t kept = 0;
	n->flight_bytes = 0;
	for (size_t i = 0; i < n->flight_count; i++) {
		const struct lane_flight *f = &n->flights[i];
		if (f->lane == lane && f->last.seq >= from && f->last.seq <= to)
			continue;
		n->flight_bytes += f->bytes;
		n->flights[kept++] = *f;
	}
	n->flight_count = kept;
	n->blocked = false;
}

void
node_ack_flights(struct lane_node *n, uint8_t lane, uint64_t upto, int64_t mono_ms)
{
	for (size_t i = 0; i < n->flight_count; i++) {
		const struct lane_flight *f = &n->flights[i];
		const struct lane_window_sample sample = {
			f->bytes, f->sent_ms, f->acked_before_bytes, f->turns};
		if (f->lane == lane && f->last.seq <= upto)
			lane_window_acked(&n->window, &sample, mono_ms);
	}
	node_drop_flights(n, lane, 0, upto);
}

/* The hub has the lane up to this mark, and the mark is on the own chain. */
static void
advance(struct lane_node *n, uint8_t lane, const struct sync_mark *mark, int64_t mono_ms,
	struct lane_actions *out)
{
	struct lane_out *l = &n->lanes[lane - 1];
	if (mark->seq <= l->acked.seq)
		return;
	l->acked = *mark;
	l->sent = MAX(l->sent, mark->seq);
	l->shown_acked = mark->seq;
	n->progress_ms = mono_ms;
	node_ack_flights(n, lane, mark->seq, mono_ms);
	if (lane == LANE_C)
		node_notices_acked(n, mark->seq);
	if (!node_is_own(n))
		return;
	struct lane_action *a = lane_add(out, LANE_KEEP_ACKED);
	a->lane = lane;
	a->mark = *mark;
	if (n->holds && n->held.lane == lane && n->held.mark.seq == mark->seq &&
		node_same_head(n->held.mark.head, mark->head))
		keep_receipt(n, &n->held, out);
}

/* Own hash at this seq, if it is known here; else the shell has to look. */
static const uint8_t *
known_head(const struct lane_node *n, uint8_t lane, uint64_t seq)
{
	const struct lane_out *l = &n->lanes[lane - 1];
	if (seq == l->acked.seq)
		return l->acked.head;
	if (seq == l->last.seq)
		return l->last.head;
	for (size_t i = 0; i < n->flight_count; i++)
		if (n->flights[i].lane == lane && n->flights[i].last.seq == seq)
			return n->flights[i].last.head;
	return NULL;
}

static void
settle(struct lane_node *n, uint8_t lane, const struct sync_mark *mark, int64_t mono_ms,
	struct lane_actions *out)
{
	const struct lane_out *l = &n->lanes[lane - 1];
	if (mark->seq < l->acked.seq)
		return;
	const uint8_t *head = known_head(n, lane, mark->seq);
	if (mark->seq > l->last.seq || (head && !node_same_head(head, mark->head)))
		node_diverged(n, out);
	else if (head)
		advance(n, lane, mark, mono_ms, out);
	else
		node_find_head(n, lane, LANE_WHY_ACK, mark, out);
}

/* A receipt counts if the hub signed it for this session and for a mark that is ours. */
static void
take_receipt(struct lane_node *n, const struct sync_ack *ack, struct lane_actions *out)
{
	const struct sync_receipt *r = &ack->receipt;
	const struct sync_mark *mark = &ack->durable[r->lane - 1];
	bool ours = memcmp(r->writer, n->writer, sizeof(n->writer)) == 0 &&
		    r->incarnation == n->incarnation &&
		    memcmp(r->transcript, n->transcript, sizeof(n->transcript)) == 0 &&
		    r->mark.seq == mark->seq && node_same_head(r->mark.head, mark->head);
	if (!ours || !lane_receipt_check(r, n->receipt_public)) {
		node_report(out, "a receipt was not signed by the hub for this session");
		return;
	}
	const struct sync_mark *acked = &n->lanes[r->lane - 1].acked;
	if (acked->seq == mark->seq && node_same_head(acked->head, mark->head)) {
		keep_receipt(n, r, out);
	} else if (acked->seq < mark->seq) {
		n->held = *r;
		n->holds = true;
	}
}

void
node_on_ack(struct lane_node *n, const struct lane_event *ev, struct lane_actions *out)
{
	const struct sync_ack *ack = &ev->message->ack;
	n->confirmed = true;
	n->failures = 0;
	n->credit_bytes = ack->credit_bytes < SYNC_CREDIT_MIN_BYTES ? 0 : ack->credit_bytes;
	for (uint8_t lane = LANE_C; lane <= LANE_A && n->state == LANE_UP; lane++) {
		n->lanes[lane - 1].hub_retained = ack->retained[lane - 1];
		settle(n, lane, &ack->durable[lane - 1], ev->mono_ms, out);
	}
	if (n->state != LANE_UP)
		return;
	if (ack->has_receipt)
		take_receipt(n, ack, out);
	node_on_offer(n, &ack->config, out);
	node_pump(n, out);
	node_climb(n, out);
}

/* Go back in this lane: what follows `seq` has to be sent again. */
static void
rewind_to(struct lane_node *n, uint8_t lane, uint64_t seq, struct lane_actions *out)
{
	struct lane_out *l = &n->lanes[lane - 1];
	if (seq < l->acked.seq || seq >= l->sent)
		return;
	l->sent = seq;
	size_t before = n->flight_bytes;
	node_drop_flights(n, lane, seq + 1, UINT64_MAX);
	lane_window_turned(&n->window, before - n->flight_bytes);
	if (n->fetching == lane)
		n->fetching = 0;
	node_pump(n, out);
}

static void
fall_back(struct lane_node *n, const struct sync_nack *k, struct lane_actions *out)
{
	const struct lane_out *l = &n->lanes[k->lane - 1];
	struct sync_mark theirs = {.seq = k->expect_seq - 1};
	memcpy(theirs.head, k->expect_head, sizeof(theirs.head));
	if (theirs.seq < l->acked.seq)
		return;
	const uint8_t *head = known_head(n, k->lane, theirs.seq);
	if (theirs.seq > l->last.seq || (head && !node_same_head(head, theirs.head)))
		node_diverged(n, out);
	else if (head)
		rewind_to(n, k->lane, theirs.seq, out);
	else
		node_find_head(n, k->lane, LANE_WHY_NACK, &theirs, out);
}

void
node_on_nack(struct lane_node *n, const struct lane_event *ev, struct lane_actions *out)
{
	const struct sync_nack *k = &ev->message->nack;
	switch (k->code) {
	case SYNC_NACK_GAP:
	case SYNC_NACK_CONTROL:
		fall_back(n, k, out);
		return;
	case SYNC_NACK_DAMAGED:
		node_report(out, "the hub finds that a batch does not match its headers");
		node_reconnect(n, ev->random, 0, out);
		return;
	case SYNC_NACK_SIGNATURE:
		node_report(out, "the hub does not accept the signature of this installation");
		node_reconnect(n, ev->random, 0, out);
		return;
	case SYNC_NACK_FORK:
		node_stop(n, SYNC_FORK, "the hub holds other entries under the same numbers",
			out);
		return;
	}
}

void
node_on_head_found(struct lane_node *n, const struct lane_event *ev, struct lane_actions *out)
{
	if (ev->ticket != n->ticket || ev->lane < LANE_C || ev->lane > LANE_A)
		return;
	if (ev->why == LANE_WHY_REFILL) {
		node_on_refill_found(n, ev, out);
		return;
	}
	bool fits = ev->found && node_same_head(ev->mark.head, ev->wanted);
	bool greeting = ev->why == LANE_WHY_GREETING;
	if (greeting != (n->state == LANE_HELLO_SENT) || (!greeting && n->state != LANE_UP))
		return;
	if (!fits) {
		node_diverged(n, out);
	} else if (greeting) {
		n->unfound &= ~(1u << ev->lane);
		node_heads_fit(n, out);
	} else if (ev->why == LANE_WHY_ACK) {
		advance(n, ev->lane, &ev->mark, ev->mono_ms, out);
		node_pump(n, out);
		node_climb(n, out);
	} else if (ev->why == LANE_WHY_NACK) {
		rewind_to(n, ev->lane, ev->mark.seq, out);
	}
}
