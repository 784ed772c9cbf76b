#include "common/sync/lane_node.h"

#include <string.h>

#include "common/sync/lane_node_inside.h"

void
lane_node_init(struct lane_node *n, const struct lane_node_setup *s)
{
	*n = (struct lane_node){.state = LANE_OFFLINE,
		.verdict = SYNC_OK,
		.incarnation = s->incarnation,
		.hub_mode = SYNC_NORMAL,
		.receipt = s->receipt,
		.config = s->config};
	memcpy(n->writer, s->writer, sizeof(n->writer));
	memcpy(n->receipt_public, s->receipt_public, sizeof(n->receipt_public));
	memcpy(n->token, s->token, sizeof(n->token));
	for (size_t i = 0; i < LANE_COUNT; i++) {
		n->lanes[i].last = s->last[i];
		n->lanes[i].shown_acked = s->acked[i];
		n->lanes[i].at_hub = s->at_hub[i];
	}
}

static bool
is_stopped(const struct lane_node *n)
{
	return n->state == LANE_STOPPED || n->state == LANE_MUST_UPGRADE;
}

static void
send_ping(struct lane_node *n, int64_t mono_ms, struct lane_actions *out)
{
	struct sync_ping *p = &lane_add_send(out, SYNC_PING)->msg.ping;
	memcpy(p->session, n->session, sizeof(p->session));
	p->t1_ms = mono_ms;
	for (size_t i = 0; i < LANE_COUNT; i++)
		p->marks[i] = n->lanes[i].at_hub;
	n->pinged_ms = mono_ms;
}

static void
on_tick(struct lane_node *n, const struct lane_event *ev, struct lane_actions *out)
{
	int64_t now_ms = ev->mono_ms;
	bool late =
		n->state == LANE_HELLO_SENT && now_ms - n->hello_ms >= LANE_HELLO_TIMEOUT_MS;
	bool silent = n->state == LANE_UP && now_ms - n->heard_ms >= LANE_SILENCE_MS;
	bool stuck = n->state == LANE_UP && (n->flight_count || !n->confirmed) &&
		     now_ms - n->progress_ms >= LANE_SILENCE_MS;
	if (late || silent || stuck)
		node_reconnect(n, ev->random, 0, out);
	else if (n->state == LANE_UP && now_ms - n->heard_ms >= LANE_PING_IDLE_MS &&
		 now_ms - n->pinged_ms >= LANE_PING_IDLE_MS)
		send_ping(n, now_ms, out);
}

static void
on_close(struct lane_node *n, const struct lane_event *ev, struct lane_actions *out)
{
	const struct sync_close *c = &ev->message->close;
	switch (c->code) {
	case SYNC_CLOSE_REVOKED:
		node_stop(n, SYNC_REVOKED, "the hub has revoked this installation", out);
		return;
	case SYNC_CLOSE_FORK:
		node_stop(n, SYNC_FORK, "the hub holds other entries under the same numbers",
			out);
		return;
	case SYNC_CLOSE_CLONE:
		node_stop(n, SYNC_CLONE, "a second copy of this installation is in use", out);
		return;
	case SYNC_CLOSE_SHUTDOWN:
	case SYNC_CLOSE_STALE:
	case SYNC_CLOSE_FULL:
	case SYNC_CLOSE_PROTOCOL:
		node_reconnect(n, ev->random, c->retry_after_ms, out);
		return;
	}
}

static void
on_ping(const struct lane_node *n, const struct lane_event *ev, struct lane_actions *out)
{
	struct sync_pong *p = &lane_add_send(out, SYNC_PONG)->msg.pong;
	memcpy(p->session, n->session, sizeof(p->session));
	p->t1_ms = ev->message->ping.t1_ms;
	p->t2_ms = ev->mono_ms;
	p->t3_ms = ev->mono_ms;
	for (size_t i = 0; i < LANE_COUNT; i++)
		p->durable[i] = n->lanes[i].acked.seq;
}

/* The session of a message for a session that is up; NULL for other kinds. */
static const uint8_t *
session_of(const struct sync_msg *m)
{
	switch (m->kind) {
	case SYNC_ACK:
		return m->ack.session;
	case SYNC_NACK:
		return m->nack.session;
	case SYNC_CFG_PART:
		return m->cfg_part.session;
	case SYNC_PING:
		return m->ping.session;
	case SYNC_PONG:
		return m->pong.session;
	case SYNC_CLOSE:
		return m->close.session;
	case SYNC_HELLO:
	case SYNC_WELCOME:
	case SYNC_READY:
	case SYNC_BATCH:
	case SYNC_CFG_GET:
	case SYNC_CFG_ACK:
	case SYNC_ENROL_REQ:
	case SYNC_ENROL_OK:
		return NULL;
	}
	return NULL;
}

static void
on_message(struct lane_node *n, const struct lane_event *ev, struct lane_actions *out)
{
	const struct sync_msg *m = ev->message;
	if (m->kind == SYNC_WELCOME) {
		node_on_welcome(n, ev, out);
		return;
	}
	const uint8_t *session = session_of(m);
	if (!session || n->state != LANE_UP || memcmp(session, n->session, WIRE_ID_BYTES) != 0)
		return;
	n->heard_ms = ev->mono_ms;
	if (m->kind == SYNC_ACK)
		node_on_ack(n, ev, out);
	else if (m->kind == SYNC_NACK)
		node_on_nack(n, ev, out);
	else if (m->kind == SYNC_CFG_PART)
		node_on_cfg_part(n, &m->cfg_part, out);
	else if (m->kind == SYNC_PING)
		on_ping(n, ev, out);
	else if (m->kind == SYNC_CLOSE)
		on_close(n, ev, out);
}

static void
on_appended(struct lane_node *n, const struct lane_event *ev, struct lane_actions *out)
{
	if (ev->lane < LANE_C || ev->lane > LANE_A)
		return;
	struct lane_out *l = &n->lanes[ev->lane - 1];
	if (ev->mark.seq > l->last.seq)
		l->last = ev->mark;
	node_pump(n, out);
}

void
lane_node_step(struct lane_node *n, const struct lane_event *ev, struct lane_actions *out)
{
	lane_begin(out);
	switch (ev->kind) {
	case LANE_TICK:
		on_tick(n, ev, out);
		return;
	case LANE_LOST:
		if (!is_stopped(n) && n->state != LANE_OFFLINE)
			node_reconnect(n, ev->random, 0, out);
		return;
	case LANE_MESSAGE:
		on_message(n, ev, out);
		return;
	case LANE_HEAD_FOUND:
		node_on_head_found(n, ev, out);
		return;
	case LANE_CONNECTED:
		node_on_connected(n, ev, out);
		return;
	case LANE_APPENDED:
		on_appended(n, ev, out);
		return;
	case LANE_FETCHED:
		node_on_fetched(n, ev, out);
		return;
	case LANE_TOKEN_KEPT:
		node_on_token_kept(n, ev, out);
		return;
	case LANE_WANT:
		node_want(n, &ev->config, out);
		return;
	case LANE_CONFIG_APPLIED:
		node_on_applied(n, ev, out);
		return;
	case LANE_TOKENS_KEPT:
	case LANE_STORED:
	case LANE_STORE_FAILED:
	case LANE_CONFIG_READ:
	case LANE_OFFER:
	case LANE_CREDIT:
	case LANE_CHECKPOINT:
	case LANE_REVOKE:
		return;
	}
}
