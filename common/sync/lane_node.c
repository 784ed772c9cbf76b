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
		.config = s->config,
		.survivor = s->survivor};
	if (s->log_key)
		n->log.key = *s->log_key;
	memcpy(n->receipts, s->receipts, sizeof(n->receipts));
	n->log.kept = s->checkpoint;
	n->log.alarmed = s->alarmed;
	if (s->study)
		memcpy(n->study, s->study, strnlen(s->study, sizeof(n->study) - 1));
	n->own.incarnation = s->incarnation;
	n->own.base_incarnation = s->base_incarnation;
	memcpy(n->own.base, s->base, sizeof(n->own.base));
	memcpy(n->own.last, s->last, sizeof(n->own.last));
	n->at = n->own;
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

static bool
is_live(const struct lane_node *n)
{
	return n->state == LANE_UP || n->state == LANE_REFILL;
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
	bool silent = is_live(n) && now_ms - n->heard_ms >= LANE_SILENCE_MS;
	bool waits = n->flight_count || !n->confirmed || n->state == LANE_REFILL;
	bool stuck = is_live(n) && waits && now_ms - n->progress_ms >= LANE_SILENCE_MS;
	if (late || silent || stuck)
		node_reconnect(n, ev->random, 0, out);
	else if (n->state == LANE_UP && now_ms - n->heard_ms >= LANE_PING_IDLE_MS &&
		 now_ms - n->pinged_ms >= LANE_PING_IDLE_MS)
		send_ping(n, now_ms, out);
	if (n->state == LANE_UP && now_ms - n->log.asked_ms >= LANE_WITNESS_EVERY_MS)
		node_ask_log(n, now_ms, out);
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
	case SYNC_BATCH:
		return m->batch.session;
	case SYNC_PROBE:
		return m->probe.session;
	case SYNC_PROBED:
		return m->probed.session;
	case SYNC_PULL:
		return m->pull.session;
	case SYNC_WANT:
		return m->want.session;
	case SYNC_LOG:
		return m->log.session;
	case SYNC_NOTICED:
		return m->noticed.session;
	case SYNC_HELLO:
	case SYNC_WELCOME:
	case SYNC_READY:
	case SYNC_CFG_GET:
	case SYNC_CFG_ACK:
	case SYNC_ENROL_REQ:
	case SYNC_ENROL_OK:
	case SYNC_CHUNK:
	case SYNC_WITNESS:
	case SYNC_LOG_GET:
	case SYNC_NOTICE:
		return NULL;
	}
	return NULL;
}

static void
on_up_message(struct lane_node *n, const struct lane_event *ev, struct lane_actions *out)
{
	const struct sync_msg *m = ev->message;
	if (m->kind == SYNC_ACK)
		node_on_ack(n, ev, out);
	else if (m->kind == SYNC_NACK)
		node_on_nack(n, ev, out);
	else if (m->kind == SYNC_CFG_PART)
		node_on_cfg_part(n, &m->cfg_part, out);
	else if (m->kind == SYNC_PING)
		on_ping(n, ev, out);
	else if (m->kind == SYNC_PROBE)
		node_on_probe(n, &m->probe, out);
	else if (m->kind == SYNC_PULL)
		node_on_pull(n, &m->pull, out);
	else if (m->kind == SYNC_WANT)
		node_on_want(n, ev, out);
	else if (m->kind == SYNC_LOG)
		node_on_log(n, &m->log, out);
	else if (m->kind == SYNC_NOTICED)
		node_on_noticed(n, &m->noticed, out);
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
	if (!session || !is_live(n) || memcmp(session, n->session, WIRE_ID_BYTES) != 0)
		return;
	n->heard_ms = ev->mono_ms;
	if (m->kind == SYNC_CLOSE)
		on_close(n, ev, out);
	else if (m->kind == SYNC_PROBED)
		node_on_probed(n, ev, out);
	else if (m->kind == SYNC_BATCH)
		node_on_batch(n, ev, out);
	else if (n->state == LANE_UP)
		on_up_message(n, ev, out);
}

static void
on_appended(struct lane_node *n, const struct lane_event *ev, struct lane_actions *out)
{
	if (ev->lane < LANE_C || ev->lane > LANE_A)
		return;
	struct lane_out *l = &n->lanes[ev->lane - 1];
	if (ev->mark.seq > n->own.last[ev->lane - 1].seq)
		n->own.last[ev->lane - 1] = ev->mark;
	if (!node_is_own(n))
		return;
	n->at.last[ev->lane - 1] = n->own.last[ev->lane - 1];
	if (ev->mark.seq > l->last.seq)
		l->last = ev->mark;
	node_pump(n, out);
}

/* A person may decide so only where the hub has said that something is wrong. */
static void
on_survive(struct lane_node *n, struct lane_actions *out)
{
	bool asks = n->verdict == SYNC_BEHIND || n->verdict == SYNC_FORK ||
		    n->verdict == SYNC_CLONE;
	if (n->state != LANE_STOPPED || !asks)
		return;
	const struct lane_chain own = n->own;
	n->survivor = true;
	n->failures = 0;
	n->verdict = SYNC_OK;
	n->reason = NULL;
	node_work_on(n, &own);
	node_greet_again(n, out);
}

static void
on_lost(struct lane_node *n, const struct lane_event *ev, struct lane_actions *out)
{
	if (!is_stopped(n) && n->state != LANE_OFFLINE)
		node_reconnect(n, ev->random, 0, out);
}

/* Chains, looks into them, files and the log. */
static void
on_more(struct lane_node *n, const struct lane_event *ev, struct lane_actions *out)
{
	if (ev->kind == LANE_SURVIVE)
		on_survive(n, out);
	else if (ev->kind == LANE_OPENED)
		node_on_opened(n, ev, out);
	else if (ev->kind == LANE_REBASED)
		node_on_rebased(n, ev, out);
	else if (ev->kind == LANE_LOOKED)
		node_on_looked(n, ev, out);
	else if (ev->kind == LANE_PROBE)
		node_probe(n, ev, out);
	else if (ev->kind == LANE_REPAIR)
		node_repair(n, ev, out);
	else if (ev->kind == LANE_CHUNK_FETCHED)
		node_on_chunk_fetched(n, ev, out);
	else if (ev->kind == LANE_CHANGE_FOUND)
		node_on_change_found(n, ev, out);
	else if (ev->kind == LANE_CHECKPOINT_KEPT)
		node_on_checkpoint_kept(n, ev, out);
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
		on_lost(n, ev, out);
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
	case LANE_SURVIVE:
	case LANE_OPENED:
	case LANE_REBASED:
	case LANE_LOOKED:
	case LANE_PROBE:
	case LANE_REPAIR:
	case LANE_CHUNK_FETCHED:
	case LANE_CHECKPOINT_KEPT:
	case LANE_CHANGE_FOUND:
		on_more(n, ev, out);
		return;
	case LANE_TOKENS_KEPT:
	case LANE_STORED:
	case LANE_STORE_FAILED:
	case LANE_CONFIG_READ:
	case LANE_OFFER:
	case LANE_CREDIT:
	case LANE_CHECKPOINT:
	case LANE_REVOKE:
	case LANE_MODE:
	case LANE_RETAINED:
	case LANE_LACKS:
	case LANE_CHUNK_STORED:
	case LANE_PROVED:
	case LANE_CHANGE_NOTED:
		return;
	}
}
