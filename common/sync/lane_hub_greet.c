#include "common/sync/lane_hub_inside.h"

#include <string.h>

static bool
token_fits(const struct lane_hub_writer *w, const uint8_t token[static WIRE_ID_BYTES])
{
	bool lost = w->mode == SYNC_RECOVERY && wire_is_zero(w->token, WIRE_ID_BYTES) &&
		    wire_is_zero(w->pending, WIRE_ID_BYTES);
	if (lost || LANE_MUTANT(MUTANT_TOKEN))
		return true;
	return crypto_same(token, w->token, WIRE_ID_BYTES) || lane_token_is(token, w->pending);
}

/* What was stored before this hub was restored has to be there at the node. */
static enum sync_verdict
judge_ever(const struct lane_hub_writer *w, const struct sync_hello *h, const char **ret_reason)
{
	if (LANE_MUTANT(MUTANT_EVER))
		return SYNC_OK;
	for (size_t i = 0; i < LANE_COUNT && h->incarnation == w->ever_incarnation; i++)
		if (h->last[i].seq < w->lanes[i].ever.seq) {
			*ret_reason = "the node lacks entries that the hub has lost";
			return SYNC_BEHIND;
		}
	return SYNC_OK;
}

/* The ends of the node's lanes against ours. */
static enum sync_verdict
judge_marks(
	const struct lane_hub_writer *w, const struct sync_hello *h, const char **ret_reason)
{
	for (size_t i = 0; i < LANE_COUNT && !LANE_MUTANT(MUTANT_HUB_MARKS); i++) {
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
	return judge_ever(w, h, ret_reason);
}

/* The node opened a later incarnation. It has to follow exactly where ours ends; where ours
 * ends before that, the hub was restored. */
static enum sync_verdict
judge_rise(const struct lane_hub_writer *w, const struct sync_hello *h, const char **ret_reason)
{
	enum sync_verdict verdict = SYNC_OK;
	if (LANE_MUTANT(MUTANT_RISE))
		return SYNC_OK;
	if (h->base_incarnation > w->incarnation)
		return SYNC_OLDER;
	for (size_t i = 0; i < LANE_COUNT; i++) {
		const struct sync_mark *ours = &w->lanes[i].durable, *base = &h->base_last[i];
		bool fits = base->seq != ours->seq || hub_same_head(base->head, ours->head);
		if (h->base_incarnation < w->incarnation || base->seq < ours->seq || !fits) {
			*ret_reason = "the node went on from another place than the hub";
			return SYNC_FORK;
		}
		if (base->seq > ours->seq)
			verdict = SYNC_OLDER;
	}
	return verdict == SYNC_OK ? judge_ever(w, h, ret_reason) : verdict;
}

static enum sync_verdict
judge(const struct lane_hub_writer *w, const struct sync_hello *h, const char **ret_reason)
{
	if (w->standing == SYNC_REVOKED) {
		*ret_reason = "the writer is revoked";
		return SYNC_REVOKED;
	}
	if (h->proto_min > LANE_PROTO || h->proto_max < LANE_PROTO) {
		*ret_reason = "node and hub have no version of the protocol in common";
		return SYNC_UPGRADE;
	}
	if (h->survivor) {
		*ret_reason = "a copy of a node was named the one that survives";
		return SYNC_REFILL;
	}
	bool fits = token_fits(w, h->token);
	/* Only the copy refilled last has such a token: its rebase ends the quarantine. */
	if (fits && h->incarnation > w->incarnation)
		return judge_rise(w, h, ret_reason);
	if (w->standing != SYNC_OK) {
		*ret_reason = "the writer is in quarantine";
		return w->standing;
	}
	if (!fits) {
		*ret_reason = "the token was used before: there is a second copy of this node, "
			      "or it was restored from a backup";
		return SYNC_CLONE;
	}
	if (h->incarnation < w->incarnation) {
		*ret_reason = "the node is in an earlier incarnation than the hub";
		return SYNC_BEHIND;
	}
	return judge_marks(w, h, ret_reason);
}

static bool
gives_token(const struct lane_greeting *g)
{
	return g->verdict == SYNC_OK || g->verdict == SYNC_REFILL;
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
	m->incarnation = g->rises ? g->chain.incarnation : w->incarnation;
	for (size_t i = 0; i < LANE_COUNT && !g->rises; i++) {
		m->durable[i] = w->lanes[i].durable;
		m->retained[i] = w->lanes[i].retained;
	}
	m->config = w->config;
	m->checkpoint = w->checkpoint;
	m->wall_ms = g->wall_ms;
	if (w->mode == SYNC_DRAIN) {
		m->retry_after_ms = w->retry_after_ms;
	} else if (gives_token(g)) {
		memcpy(m->next_token, g->token, sizeof(m->next_token));
		m->credit_bytes = w->credit_bytes;
		m->opens = g->verdict == SYNC_REFILL ? w->offered : 0;
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
	a->granted = w->granted;
}

/* A number for a rebase that nobody was given before; one greeting after the other gets the
 * same as long as no READY came. */
static void
offer_incarnation(struct lane_hub_writer *w, const struct sync_hello *h)
{
	if (w->offered > h->incarnation)
		return;
	w->granted = MAX(w->granted, h->incarnation) + 1;
	w->offered = w->granted;
}

static void
note_hello(struct lane_greeting *g, const struct sync_hello *h)
{
	memcpy(g->nonce, h->nonce, sizeof(g->nonce));
	g->more = h->more;
	g->config = h->config;
	g->chain.incarnation = h->incarnation;
	g->chain.base_incarnation = h->base_incarnation;
	memcpy(g->chain.last, h->last, sizeof(g->chain.last));
	memcpy(g->chain.base, h->base_last, sizeof(g->chain.base));
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
	note_hello(g, h);
	lane_hello_hash(g->hello_hash, ev->frame);
	g->verdict = judge(w, h, &g->reason);
	g->rises = g->verdict == SYNC_OK && h->incarnation > w->incarnation;
	if (w->state == LANE_ABSENT)
		w->state = LANE_GREETED;
	hub_look_back(w, h, out);
	if (!gives_token(g) || w->mode == SYNC_DRAIN) {
		hub_send_welcome(w, out);
		return;
	}
	if (wire_is_zero(w->pending, sizeof(w->pending)))
		memcpy(w->pending, ev->token, sizeof(w->pending));
	lane_token_make(g->token, w->pending, g->nonce);
	if (LANE_MUTANT(MUTANT_ONE_PENDING))
		lane_token_make(g->token, w->pending, w->pending);
	if (g->verdict == SYNC_REFILL)
		offer_incarnation(w, h);
	keep_tokens(w, g->ticket, out);
	if (LANE_MUTANT(MUTANT_WELCOME_EARLY))
		hub_send_welcome(w, out);
}

/* The writer goes on in the incarnation of its HELLO; that one begins empty. */
static void
rise(struct lane_hub_writer *w, struct lane_actions *out)
{
	const struct lane_chain *c = &w->greeting.chain;
	struct lane_action *a = lane_add(out, LANE_RISE);
	a->incarnation = c->incarnation;
	a->base_incarnation = c->base_incarnation;
	memcpy(a->base, c->base, sizeof(a->base));
	w->incarnation = c->incarnation;
	w->base_incarnation = c->base_incarnation;
	w->granted = MAX(w->granted, c->incarnation);
	w->standing = SYNC_OK;
	for (size_t i = 0; i < LANE_COUNT; i++) {
		w->lanes[i] = (struct lane_in){.base = c->base[i], .ever = w->lanes[i].ever};
		lane_link(w->lanes[i].link, c->base_incarnation, (uint8_t)(i + 1), &c->base[i]);
	}
}

void
hub_see_heard(struct lane_hub_writer *w, struct lane_actions *out)
{
	if (w->heard || w->refills)
		return;
	for (size_t i = 0; i < LANE_COUNT; i++)
		if (w->lanes[i].durable.seq < w->expected[i])
			return;
	w->heard = true;
	(void)lane_add(out, LANE_HEARD);
}

/* What the node has taken, signed by its READY: a CFG_ACK may have been lost with the link. */
static void
say_config(uint64_t number, struct lane_actions *out)
{
	if (number == 0)
		return;
	struct lane_action *a = lane_add(out, LANE_CONFIG_ACKED);
	a->config.number = number;
	a->ok = true;
}

/* The greeting becomes the session. */
static void
go_live(struct lane_hub_writer *w, struct lane_actions *out)
{
	struct lane_greeting *g = &w->greeting;
	memcpy(w->token, g->token, sizeof(w->token));
	memset(w->pending, 0, sizeof(w->pending));
	w->offered = 0;
	if (g->rises)
		rise(w, out);
	keep_tokens(w, 0, out);
	memcpy(w->session, g->session, sizeof(w->session));
	memcpy(w->transcript, g->transcript, sizeof(w->transcript));
	g->open = false;
	w->state = LANE_ALIVE;
	w->granted_bytes = w->credit_bytes;
	w->refills = g->verdict == SYNC_REFILL;
	w->heard = g->more;
	w->probe_lane = 0;
	w->repair_lane = 0;
	for (size_t i = 0; i < LANE_COUNT; i++) {
		w->lanes[i].nacked = false;
		w->lanes[i].receipted = 0;
		w->expected[i] = g->chain.last[i].seq;
	}
	(void)hub_send_ack(w, out);
	(void)lane_add(out, LANE_LIVE);
	say_config(g->config, out);
	if (w->refills)
		hub_report(out, g->verdict, g->reason);
	hub_see_heard(w, out);
	w->wanted = (struct lane_wanted){0};
	hub_next_file(w, out);
}

/* The session of before may have brought more since the WELCOME: then a refill would bring less
 * than there is, and a rebase would not follow the end. */
static bool
has_moved(const struct lane_hub_writer *w)
{
	const struct lane_greeting *g = &w->greeting;
	if (!g->rises && g->verdict != SYNC_REFILL)
		return false;
	for (size_t i = 0; i < LANE_COUNT; i++) {
		const struct lane_in *l = &w->lanes[i];
		const struct sync_mark *base = &g->chain.base[i];
		bool follows = !g->rises || (base->seq == l->durable.seq &&
						    hub_same_head(base->head, l->durable.head));
		if (l->tail.seq != l->durable.seq || !follows)
			return true;
	}
	return false;
}

void
hub_on_ready(struct lane_hub_writer *w, const struct sync_ready *r, struct lane_actions *out)
{
	struct lane_greeting *g = &w->greeting;
	if (w->state == LANE_ALIVE && hub_same_id(r->session, w->session))
		return;
	if (!g->open || !g->welcomed || w->mode == SYNC_DRAIN ||
		!hub_same_id(r->session, g->session)) {
		hub_refuse_stale(w, r->session, out);
		return;
	}
	if (!lane_ready_check(r, g->transcript, w->writer)) {
		w->refused_count++;
		return;
	}
	if (has_moved(w) && !LANE_MUTANT(MUTANT_RISE)) {
		hub_refuse_stale(w, r->session, out);
		hub_end_greeting(w);
		return;
	}
	switch (g->verdict) {
	case SYNC_OK:
	case SYNC_REFILL:
		go_live(w, out);
		return;
	case SYNC_OLDER:
		hub_report(out, g->verdict,
			"the hub lacks all that a node wrote since it was put back last");
		hub_end_greeting(w);
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
