#include "tests/sim/lane_world_inside.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/trust/entry.h"

static void
send_msg(struct world *w, bool to_hub, struct lane_action *a)
{
	if (a->sign)
		lane_sign(a, to_hub ? w->writer_key : w->receipt_key);
	OWNED_BUF struct buf frame;
	buf_init(&frame, SYNC_FRAME_MAX_BYTES);
	if (sync_pack(&frame, &a->msg)) {
		world_breach(w, "what a machine sends can be packed");
		return;
	}
	if (a->msg.kind == SYNC_BATCH && frame.len > sync_batch_bytes(&a->msg.batch))
		world_breach(w, "a batch counts at least what it takes in its frame");
	w->sent_count[a->msg.kind]++;
	world_inject(w, to_hub, buf_view(&frame));
}

/* ---- the node's shell ---- */

static void
check_node_send(struct world *w, const struct sync_msg *m)
{
	const struct lane_out *c = &w->node.lanes[LANE_C - 1];
	if (m->kind == SYNC_BATCH && m->batch.lane != LANE_C && c->acked.seq < c->last.seq)
		world_breach(w, "nothing of A and R is sent before all of C is acked");
	if (m->kind == SYNC_READY && w->node.state != LANE_STOPPED &&
		memcmp(w->node_token, w->node.next_token, WIRE_ID_BYTES) != 0)
		world_breach(w, "the token is committed before READY");
	if (m->kind == SYNC_BATCH && w->node.flight_bytes > w->node.credit_bytes)
		world_breach(w, "no more than the credit is on the way");
	w->most_flight_bytes = MAX(w->most_flight_bytes, w->node.flight_bytes);
}

static void
node_fetch(struct world *w, const struct lane_action *a, struct sync_entry *entries,
	struct sync_batch *ret)
{
	const struct world_lane *l = &w->at_node[a->lane - 1];
	size_t count = 0, bytes = SYNC_BATCH_EXTRA_BYTES;
	for (uint64_t seq = a->mark.seq; seq <= l->kept && count < a->max_count; seq++) {
		world_batch(w, a->lane, seq, 0, entries, ret);
		const struct world_entry *e = &l->entries[seq - 1];
		struct sync_entry one = {.header = e->header, .part_count = 1};
		one.parts[0].bytes = e->part;
		size_t more = sync_entry_bytes(&one);
		if (bytes + more > (count ? a->max_bytes : a->limit_bytes))
			break;
		bytes += more;
		count++;
	}
	world_batch(w, a->lane, a->mark.seq, count, entries, ret);
}

static void
check_receipt(struct world *w, const struct sync_receipt *r)
{
	const struct world_lane *l = &w->at_hub[r->lane - 1];
	if (r->mark.seq > l->kept ||
		memcmp(r->mark.head, l->entries[r->mark.seq - 1].hash, HASH_BYTES) != 0)
		world_breach(w, "a receipt is only for what the hub has committed");
}

/* What the shell answers; kind 0: nothing. */
static struct lane_event
answer_of(const struct lane_action *a)
{
	struct lane_event ev = {.ticket = a->ticket,
		.lane = a->lane,
		.why = a->why,
		.batch = a->batch,
		.config = a->config};
	memcpy(ev.wanted, a->wanted, sizeof(ev.wanted));
	return ev;
}

static void
find_head(const struct world_lane *lanes, size_t upto, const struct lane_action *a,
	struct lane_event *ev)
{
	const struct world_lane *l = &lanes[a->lane - 1];
	ev->kind = LANE_HEAD_FOUND;
	ev->found = a->mark.seq >= 1 && a->mark.seq <= upto;
	if (ev->found)
		ev->mark = world_mark_at(l, a->mark.seq);
}

static void
node_config(struct world *w, const struct lane_action *a, struct lane_event *ev)
{
	if (a->kind == LANE_CONFIG_PART) {
		if (a->offset_bytes == 0)
			buf_reset(&w->config_at_node);
		buf_add_view(&w->config_at_node, a->bytes);
		return;
	}
	w->config_done_count++;
	ev->kind = LANE_CONFIG_APPLIED;
	ev->ok = a->ok && view_same(buf_view(&w->config_at_node), w->config_at_hub);
}

static void
keep_receipt(struct world *w, const struct lane_action *a)
{
	check_receipt(w, &a->msg.ack.receipt);
	w->node_at_hub[a->lane - 1] = a->msg.ack.receipt.mark.seq;
	w->node_receipts[a->lane - 1] = a->msg.ack.receipt;
}

static void
keep_acked(struct world *w, const struct lane_action *a)
{
	w->node_acked[a->lane - 1] = a->mark.seq;
	w->node_at_hub[a->lane - 1] = MIN(w->node_at_hub[a->lane - 1], a->mark.seq);
	if (a->mark.seq > w->at_hub[a->lane - 1].kept)
		world_breach(w, "acked means committed at the hub");
}

static void
node_keep(struct world *w, const struct lane_action *a, struct lane_event *ev)
{
	if (a->kind == LANE_KEEP_ACKED) {
		keep_acked(w, a);
	} else if (a->kind == LANE_KEEP_RECEIPT) {
		keep_receipt(w, a);
	} else {
		memcpy(ev->token, a->token, sizeof(ev->token));
		ev->kind = LANE_TOKEN_KEPT;
	}
}

static struct lane_event
fetched(const struct lane_action *a, const struct sync_batch *batch)
{
	struct lane_event ev = answer_of(a);
	ev.kind = LANE_FETCHED;
	ev.batch = batch;
	return ev;
}

void
world_node_carry_out(struct world *w, struct lane_action *a, struct sync_entry *entries,
	struct sync_batch *batch, struct lane_event *ev)
{
	*ev = answer_of(a);
	switch (a->kind) {
	case LANE_SEND:
		check_node_send(w, &a->msg);
		send_msg(w, true, a);
		return;
	case LANE_FIND_HEAD:
		find_head(w->at_node, w->at_node[a->lane - 1].kept, a, ev);
		return;
	case LANE_REPORT:
		w->report_count++;
		return;
	case LANE_RECONNECT:
		w->connect_ms = w->mono_ms + a->after_ms;
		w->line++;
		return;
	case LANE_STOP:
		w->stop_count++;
		return;
	case LANE_FETCH:
		node_fetch(w, a, entries, batch);
		*ev = fetched(a, batch);
		return;
	case LANE_KEEP_TOKEN:
	case LANE_KEEP_ACKED:
	case LANE_KEEP_RECEIPT:
		node_keep(w, a, ev);
		return;
	case LANE_CONFIG_PART:
	case LANE_CONFIG_DONE:
		node_config(w, a, ev);
		return;
	case LANE_FIND_CHANGE:
	case LANE_KEEP_NOTICED:
		/* Nobody withdraws in this world. */
		return;
	case LANE_LOOK:
	case LANE_TAKE:
	case LANE_OPEN:
	case LANE_REBASE:
	case LANE_KEEP_TOKENS:
	case LANE_APPEND:
	case LANE_READ_CONFIG:
	case LANE_LIVE:
	case LANE_QUARANTINE:
	case LANE_CONFIG_ACKED:
	case LANE_RISE:
	case LANE_FETCH_CHUNK:
	case LANE_FILE_SENT:
	case LANE_KEEP_CHECKPOINT:
	case LANE_ALARM:
	case LANE_NEXT_FILE:
	case LANE_KEEP_CHUNK:
	case LANE_PROVE:
	case LANE_KEEP_COSIGNATURE:
	case LANE_HEARD:
	case LANE_NOTE_CHANGE:
		world_breach(w, "a node asks for a node's actions only");
		return;
	}
}

/* ---- the hub's shell ---- */

static void
hub_append(struct world *w, const struct lane_action *a)
{
	struct world_lane *l = &w->at_hub[a->lane - 1];
	struct sync_mark end = world_mark_at(l, l->count);
	if (end.seq != a->mark.seq || memcmp(end.head, a->mark.head, HASH_BYTES) != 0) {
		world_breach(w, "the hub appends behind the end of its store");
		return;
	}
	for (size_t i = a->first - a->batch->first; i < a->batch->count; i++) {
		const struct sync_entry *from = &a->batch->entries[i];
		struct world_entry *e = &l->entries[l->count++];
		e->header =
			view_of(xmemdup(from->header.at, from->header.len), from->header.len);
		e->part = view_of(xmemdup(from->parts[0].bytes.at, from->parts[0].bytes.len),
			from->parts[0].bytes.len);
		entry_hash(e->hash, e->header);
	}
}

static void
check_hub_send(struct world *w, const struct sync_msg *m)
{
	if (m->kind == SYNC_WELCOME && m->welcome.verdict == SYNC_OK &&
		!lane_token_is(m->welcome.next_token, w->hub_pending))
		world_breach(w, "the pending token is committed before WELCOME");
	if (m->kind != SYNC_ACK)
		return;
	for (size_t i = 0; i < LANE_COUNT; i++)
		if (m->ack.durable[i].seq > w->at_hub[i].kept)
			world_breach(w, "an ACK says only what is committed");
}

static void
read_config(struct world *w, const struct lane_action *a, struct lane_event *ev)
{
	ev->kind = LANE_CONFIG_READ;
	ev->offset_bytes = a->offset_bytes;
	ev->config.length_bytes = w->config_at_hub.len;
	size_t left = w->config_at_hub.len - MIN(w->config_at_hub.len, a->offset_bytes);
	ev->bytes = view_of(w->config_at_hub.at + a->offset_bytes, MIN(left, a->max_bytes));
}

static void
keep_tokens(struct world *w, const struct lane_action *a, struct lane_event *ev)
{
	memcpy(w->hub_token, a->token, sizeof(w->hub_token));
	memcpy(w->hub_pending, a->pending, sizeof(w->hub_pending));
	ev->kind = LANE_TOKENS_KEPT;
}

static void
count_said(struct world *w, enum lane_action_kind kind)
{
	w->live_count += kind == LANE_LIVE;
	w->config_acked_count += kind == LANE_CONFIG_ACKED;
	w->heard_count += kind == LANE_HEARD;
}

void
world_hub_carry_out(struct world *w, struct lane_action *a, struct lane_event *ev)
{
	*ev = answer_of(a);
	switch (a->kind) {
	case LANE_SEND:
		check_hub_send(w, &a->msg);
		send_msg(w, false, a);
		return;
	case LANE_FIND_HEAD:
		find_head(w->at_hub, w->at_hub[a->lane - 1].count, a, ev);
		return;
	case LANE_REPORT:
		w->report_count++;
		return;
	case LANE_KEEP_TOKENS:
		keep_tokens(w, a, ev);
		return;
	case LANE_APPEND:
		hub_append(w, a);
		return;
	case LANE_READ_CONFIG:
		read_config(w, a, ev);
		return;
	case LANE_LIVE:
	case LANE_CONFIG_ACKED:
	case LANE_HEARD:
		count_said(w, a->kind);
		return;
	case LANE_QUARANTINE:
		w->hub_standing = a->verdict;
		w->evidence_count += a->batch != NULL;
		return;
	case LANE_NEXT_FILE:
	case LANE_KEEP_CHUNK:
	case LANE_PROVE:
	case LANE_KEEP_COSIGNATURE:
	case LANE_NOTE_CHANGE:
		/* This world has no files, no log and no changes. */
		return;
	case LANE_LOOK:
	case LANE_TAKE:
	case LANE_RISE:
	case LANE_FETCH_CHUNK:
	case LANE_FILE_SENT:
	case LANE_KEEP_CHECKPOINT:
	case LANE_ALARM:
	case LANE_RECONNECT:
	case LANE_STOP:
	case LANE_FETCH:
	case LANE_KEEP_TOKEN:
	case LANE_KEEP_ACKED:
	case LANE_KEEP_RECEIPT:
	case LANE_CONFIG_PART:
	case LANE_CONFIG_DONE:
	case LANE_OPEN:
	case LANE_REBASE:
	case LANE_FIND_CHANGE:
	case LANE_KEEP_NOTICED:
		world_breach(w, "the hub asks for the hub's actions only");
		return;
	}
}
