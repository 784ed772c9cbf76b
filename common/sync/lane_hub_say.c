#include "common/sync/lane_hub_inside.h"

#include <string.h>

bool
hub_same_id(const uint8_t a[static WIRE_ID_BYTES], const uint8_t b[static WIRE_ID_BYTES])
{
	return memcmp(a, b, WIRE_ID_BYTES) == 0;
}

bool
hub_same_head(const uint8_t a[static HASH_BYTES], const uint8_t b[static HASH_BYTES])
{
	return memcmp(a, b, HASH_BYTES) == 0;
}

void
hub_send_close(struct lane_actions *out, const uint8_t session[static WIRE_ID_BYTES],
	enum sync_close_code code, uint32_t retry_after_ms)
{
	struct sync_close *c = &lane_add_send(out, SYNC_CLOSE)->msg.close;
	memcpy(c->session, session, WIRE_ID_BYTES);
	c->code = code;
	c->retry_after_ms = retry_after_ms;
}

/* The code that tells a node why it has no session. */
static enum sync_close_code
standing_code(enum sync_verdict standing)
{
	switch (standing) {
	case SYNC_REVOKED:
		return SYNC_CLOSE_REVOKED;
	case SYNC_FORK:
		return SYNC_CLOSE_FORK;
	case SYNC_CLONE:
		return SYNC_CLOSE_CLONE;
	case SYNC_OK:
	case SYNC_BEHIND:
	case SYNC_UPGRADE:
	case SYNC_REFILL:
	case SYNC_OLDER:
		return SYNC_CLOSE_STALE;
	}
	return SYNC_CLOSE_STALE;
}

/* A frame outside the live session: dropped; the answer lets a node greet again at once. */
void
hub_refuse_stale(struct lane_hub_writer *w, const uint8_t session[static WIRE_ID_BYTES],
	struct lane_actions *out)
{
	w->refused_count++;
	hub_send_close(out, session, standing_code(w->standing), LANE_NO_RETRY_MS);
}

struct lane_action *
hub_send_ack(struct lane_hub_writer *w, struct lane_actions *out)
{
	struct lane_action *a = lane_add_send(out, SYNC_ACK);
	struct sync_ack *ack = &a->msg.ack;
	memcpy(ack->session, w->session, sizeof(ack->session));
	for (size_t i = 0; i < LANE_COUNT; i++) {
		ack->durable[i] = w->lanes[i].durable;
		ack->retained[i] = w->lanes[i].retained;
	}
	ack->credit_bytes = w->credit_bytes;
	ack->config = w->config;
	return a;
}

/* One ACK for each lane that went on since its last receipt. */
void
hub_send_receipts(struct lane_hub_writer *w, int64_t wall_ms, struct lane_actions *out)
{
	for (size_t i = 0; i < LANE_COUNT; i++) {
		struct lane_in *l = &w->lanes[i];
		if (l->durable.seq <= l->receipted)
			continue;
		struct lane_action *a = hub_send_ack(w, out);
		struct sync_receipt *r = &a->msg.ack.receipt;
		a->sign = true;
		a->msg.ack.has_receipt = true;
		r->epoch = w->epoch;
		memcpy(r->writer, w->writer, sizeof(r->writer));
		r->incarnation = w->incarnation;
		r->lane = (uint8_t)(i + 1);
		r->mark = l->durable;
		r->checkpoint = w->checkpoint;
		r->wall_ms = wall_ms;
		memcpy(r->transcript, w->transcript, sizeof(r->transcript));
		l->receipted = l->durable.seq;
	}
}

void
hub_send_nack(struct lane_hub_writer *w, uint8_t lane, enum sync_nack_code code,
	struct lane_actions *out)
{
	const struct lane_in *l = &w->lanes[lane - 1];
	struct sync_nack *n = &lane_add_send(out, SYNC_NACK)->msg.nack;
	memcpy(n->session, w->session, sizeof(n->session));
	n->lane = lane;
	n->code = code;
	n->expect_seq = l->tail.seq + 1;
	memcpy(n->expect_head, l->tail.head, sizeof(n->expect_head));
}

void
hub_end_session(struct lane_hub_writer *w)
{
	w->state = LANE_ABSENT;
	w->greeting.open = false;
	w->refills = false;
	w->probe_lane = 0;
	w->repair_lane = 0;
	w->wanted = (struct lane_wanted){0};
	memset(w->session, 0, sizeof(w->session));
}

void
hub_end_greeting(struct lane_hub_writer *w)
{
	w->greeting.open = false;
	if (w->state == LANE_GREETED)
		w->state = LANE_ABSENT;
}

void
hub_quarantine(struct lane_hub_writer *w, enum sync_verdict verdict, const char *reason,
	const struct sync_batch *evidence, struct lane_actions *out)
{
	w->standing = verdict;
	struct lane_action *a = lane_add(out, LANE_QUARANTINE);
	a->verdict = verdict;
	a->reason = reason;
	a->batch = evidence;
	if (w->state == LANE_ALIVE)
		hub_send_close(out, w->session, standing_code(verdict), LANE_NO_RETRY_MS);
	hub_end_session(w);
}

void
hub_report(struct lane_actions *out, enum sync_verdict verdict, const char *reason)
{
	struct lane_action *a = lane_add(out, LANE_REPORT);
	a->verdict = verdict;
	a->reason = reason;
}
