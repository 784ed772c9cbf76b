#include "common/sync/lane_hub_inside.h"

#include <string.h>

static bool
token_fits(const struct lane_hub_writer *w, const uint8_t token[static WIRE_ID_BYTES])
{
	if (w->mode == SYNC_RECOVERY || crypto_same(token, w->token, WIRE_ID_BYTES))
		return true;
	return !wire_is_zero(w->pending, WIRE_ID_BYTES) &&
	       crypto_same(token, w->pending, WIRE_ID_BYTES);
}

/* The ends of the node's lanes against ours. */
static enum sync_verdict
judge_marks(
	const struct lane_hub_writer *w, const struct sync_hello *h, const char **ret_reason)
{
	for (size_t i = 0; i < LANE_COUNT; i++) {
		const struct sync_mark *ours = &w->lanes[i].durable;
		if (h->last[i].seq < ours->seq) {
			*ret_reason = "the node lacks entries that it has sent before";
			return SYNC_BEHIND;
		}
		if (h->last[i].seq == ours->seq &&
			!hub_same_head(h->last[i].head, ours->head)) {
			*ret_reason = "the node holds other entries under the same numbers";
			return SYNC_FORK;
		}
	}
	return SYNC_OK;
}

static enum sync_verdict
judge(const struct lane_hub_writer *w, const struct sync_hello *h, const char **ret_reason)
{
	if (w->standing != SYNC_OK) {
		*ret_reason = "the writer is revoked or in quarantine";
		return w->standing;
	}
	if (h->proto_min > LANE_PROTO || h->proto_max < LANE_PROTO) {
		*ret_reason = "node and hub have no version of the protocol in common";
		return SYNC_UPGRADE;
	}
	if (h->incarnation != w->incarnation) {
		*ret_reason = "the node is in another incarnation than the hub knows";
		return h->incarnation < w->incarnation ? SYNC_BEHIND : SYNC_FORK;
	}
	if (!token_fits(w, h->token)) {
		*ret_reason = "the token was used before: there is a second copy of this node";
		return SYNC_CLONE;
	}
	return judge_marks(w, h, ret_reason);
}

static void
fill_welcome(const struct lane_hub_writer *w, struct sync_welcome *m)
{
	const struct lane_greeting *g = &w->greeting;
	m->proto = g->verdict == SYNC_UPGRADE ? 0 : LANE_PROTO;
	memcpy(m->nonce, g->nonce, sizeof(m->nonce));
	memcpy(m->session, g->session, sizeof(m->session));
	m->epoch = w->epoch;
	m->mode = w->mode;
	m->verdict = g->verdict;
	for (size_t i = 0; i < LANE_COUNT; i++) {
		m->durable[i] = w->lanes[i].durable;
		m->retained[i] = w->lanes[i].retained;
	}
	m->config = w->config;
	m->checkpoint = w->checkpoint;
	m->wall_ms = g->wall_ms;
	if (g->verdict == SYNC_OK) {
		memcpy(m->next_token, w->pending, sizeof(m->next_token));
		m->credit_bytes = w->credit_bytes;
	}
}

void
hub_send_welcome(struct lane_hub_writer *w, struct lane_actions *out)
{
	struct lane_greeting *g = &w->greeting;
	struct lane_action *a = lane_add_send(out, SYNC_WELCOME);
	fill_welcome(w, &a->msg.welcome);
	OWNED_BUF struct buf body;
	buf_init(&body, sizeof(out->scratch));
	if (sync_pack_welcome_body(&body, &a->msg.welcome)) {
		out->count--;
		g->open = false;
		return;
	}
	memcpy(out->scratch, body.at, body.len);
	a->msg.welcome.body = view_of(out->scratch, body.len);
	a->sign = true;
	lane_transcript(g->transcript, g->hello_hash, a->msg.welcome.body);
	memcpy(a->transcript, g->transcript, sizeof(a->transcript));
	g->welcomed = true;
}

static void
keep_tokens(const struct lane_hub_writer *w, uint32_t ticket, struct lane_actions *out)
{
	struct lane_action *a = lane_add(out, LANE_KEEP_TOKENS);
	a->ticket = ticket;
	memcpy(a->token, w->token, sizeof(a->token));
	memcpy(a->pending, w->pending, sizeof(a->pending));
}

/* A node that has more receipts than we have entries tells us that this hub went backwards. */
static void
look_back(const struct lane_hub_writer *w, const struct sync_hello *h, struct lane_actions *out)
{
	for (size_t i = 0; i < LANE_COUNT; i++)
		if (h->acked[i] > w->lanes[i].durable.seq) {
			hub_report(out, SYNC_BEHIND,
				"the hub lacks entries that a node saw acknowledged");
			return;
		}
}

void
hub_on_hello(struct lane_hub_writer *w, const struct lane_event *ev, struct lane_actions *out)
{
	const struct sync_hello *h = &ev->message->hello;
	if (memcmp(h->writer, w->writer, sizeof(w->writer)) != 0) {
		w->refused_count++;
		return;
	}
	struct lane_greeting *g = &w->greeting;
	*g = (struct lane_greeting){
		.open = true, .ticket = ++w->ticket, .wall_ms = ev->wall_ms};
	memcpy(g->session, ev->id, sizeof(g->session));
	memcpy(g->nonce, h->nonce, sizeof(g->nonce));
	lane_hello_hash(g->hello_hash, ev->frame);
	g->verdict = judge(w, h, &g->reason);
	if (w->state == LANE_ABSENT)
		w->state = LANE_GREETED;
	look_back(w, h, out);
	if (g->verdict != SYNC_OK) {
		hub_send_welcome(w, out);
		return;
	}
	if (wire_is_zero(w->pending, sizeof(w->pending)))
		memcpy(w->pending, ev->token, sizeof(w->pending));
	keep_tokens(w, g->ticket, out);
}

/* The greeting becomes the session. */
static void
go_live(struct lane_hub_writer *w, struct lane_actions *out)
{
	struct lane_greeting *g = &w->greeting;
	memcpy(w->token, w->pending, sizeof(w->token));
	memset(w->pending, 0, sizeof(w->pending));
	keep_tokens(w, 0, out);
	memcpy(w->session, g->session, sizeof(w->session));
	memcpy(w->transcript, g->transcript, sizeof(w->transcript));
	g->open = false;
	w->state = LANE_ALIVE;
	w->granted_bytes = w->credit_bytes;
	for (size_t i = 0; i < LANE_COUNT; i++) {
		w->lanes[i].nacked = false;
		w->lanes[i].receipted = 0;
	}
	(void)hub_send_ack(w, out);
	(void)lane_add(out, LANE_LIVE);
}

void
hub_on_ready(struct lane_hub_writer *w, const struct sync_ready *r, struct lane_actions *out)
{
	struct lane_greeting *g = &w->greeting;
	if (w->state == LANE_ALIVE && hub_same_id(r->session, w->session))
		return;
	if (!g->open || !g->welcomed || !hub_same_id(r->session, g->session)) {
		hub_refuse_stale(w, r->session, out);
		return;
	}
	if (!lane_ready_check(r, g->transcript, w->writer)) {
		w->refused_count++;
		return;
	}
	switch (g->verdict) {
	case SYNC_OK:
		go_live(w, out);
		return;
	case SYNC_FORK:
	case SYNC_CLONE:
		if (w->standing == SYNC_OK)
			hub_quarantine(w, g->verdict, g->reason, NULL, out);
		return;
	case SYNC_BEHIND:
		hub_report(out, g->verdict, g->reason);
		hub_end_greeting(w);
		return;
	case SYNC_REVOKED:
	case SYNC_UPGRADE:
		return;
	}
}
