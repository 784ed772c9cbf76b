#include "common/sync/lane_node_inside.h"

#include <string.h>

#define BUILD_TEXT       "weir " WEIR_VERSION
#define HELLO_MAX_BYTES  4096
#define NO_LEAST_WAIT_MS 0

/* The newest receipts go along, packed, so that a hub that went backwards learns of it. */
static struct view
pack_receipts(const struct lane_node *n, struct lane_actions *out)
{
	_Static_assert(SYNC_RECEIPTS_MAX_BYTES <= sizeof(out->scratch), "receipts fit");
	OWNED_BUF struct buf all;
	buf_init(&all, SYNC_RECEIPTS_MAX_BYTES);
	for (size_t i = 0; i < LANE_COUNT; i++) {
		OWNED_BUF struct buf one;
		buf_init(&one, SYNC_RECEIPT_MAX_BYTES);
		if (n->receipts[i].incarnation && !sync_pack_receipt(&one, &n->receipts[i]))
			buf_blob(&all, buf_view(&one));
	}
	if (all.len == 0 || all.broken)
		return view_of(NULL, 0);
	memcpy(out->scratch, all.at, all.len);
	return view_of(out->scratch, all.len);
}

static void
fill_hello(const struct lane_node *n, struct sync_hello *h, int64_t wall_ms,
	struct lane_actions *out)
{
	h->proto_min = LANE_PROTO;
	h->proto_max = LANE_PROTO;
	memcpy(h->writer, n->writer, sizeof(h->writer));
	h->incarnation = n->incarnation;
	memcpy(h->nonce, n->nonce, sizeof(h->nonce));
	memcpy(h->token, n->token, sizeof(h->token));
	for (size_t i = 0; i < LANE_COUNT; i++) {
		h->last[i] = n->lanes[i].last;
		h->acked[i] = n->lanes[i].shown_acked;
	}
	h->config = n->config;
	h->receipts = pack_receipts(n, out);
	h->checkpoint = n->log.kept;
	h->wall_ms = wall_ms;
	h->survivor = n->survivor;
	h->more = !node_is_own(n);
	h->base_incarnation = n->at.base_incarnation;
	memcpy(h->base_last, n->at.base, sizeof(h->base_last));
	h->build = view_text(BUILD_TEXT);
}

void
node_on_connected(struct lane_node *n, const struct lane_event *ev, struct lane_actions *out)
{
	if (n->state == LANE_STOPPED || n->state == LANE_MUST_UPGRADE)
		return;
	node_drop_session(n);
	memcpy(n->nonce, ev->id, sizeof(n->nonce));
	n->wall_ms = ev->wall_ms;
	n->hello_ms = ev->mono_ms;
	n->state = LANE_HELLO_SENT;
	n->refill = (struct lane_refill){0};
	struct lane_action *a = lane_add_send(out, SYNC_HELLO);
	fill_hello(n, &a->msg.hello, ev->wall_ms, out);
	/* The same message packs to the same bytes, so these are the bytes that the shell
	 * sends. */
	OWNED_BUF struct buf frame;
	buf_init(&frame, HELLO_MAX_BYTES);
	if (sync_pack(&frame, &a->msg) == OK)
		lane_hello_hash(n->hello_hash, buf_view(&frame));
}

/* The hub has no session for this node. What speaks against the node is signed, as evidence. */
static void
obey_verdict(struct lane_node *n, enum sync_verdict verdict, struct lane_actions *out)
{
	switch (verdict) {
	case SYNC_OK:
	case SYNC_REFILL:
	case SYNC_OLDER:
		return;
	case SYNC_BEHIND:
		node_send_ready(n, out);
		node_stop(
			n, verdict, "the hub has entries that this installation has lost", out);
		return;
	case SYNC_FORK:
		node_send_ready(n, out);
		node_stop(
			n, verdict, "the hub holds other entries under the same numbers", out);
		return;
	case SYNC_CLONE:
		node_send_ready(n, out);
		node_stop(n, verdict, "a second copy of this installation is in use", out);
		return;
	case SYNC_REVOKED:
		node_stop(n, verdict, "the hub has revoked this installation", out);
		return;
	case SYNC_UPGRADE:
		node_stop(n, verdict, "the hub speaks another version: upgrade weir", out);
		return;
	}
}

/* What the hub holds has to lie on the own chain before anything is sent. */
static void
compare_heads(struct lane_node *n, const struct sync_welcome *w, struct lane_actions *out)
{
	n->unfound = 0;
	for (size_t i = 0; i < LANE_COUNT; i++) {
		uint8_t lane = (uint8_t)(LANE_C + i);
		struct lane_out *l = &n->lanes[i];
		const struct sync_mark *theirs = &w->durable[i];
		l->acked = *theirs;
		l->sent = theirs->seq;
		if (LANE_MUTANT(MUTANT_TRUSTS_ACKED))
			l->sent = MAX(l->sent, MIN(l->shown_acked, l->last.seq));
		l->hub_retained = w->retained[i];
		/* A hub that was restored gives its receipts anew. */
		l->at_hub = MIN(l->at_hub, theirs->seq);
		if (LANE_MUTANT(MUTANT_NODE_CHAIN)) {
			l->last.seq = MAX(l->last.seq, theirs->seq);
			continue;
		}
		if (theirs->seq > l->last.seq) {
			node_stop(n, SYNC_BEHIND,
				"the hub has entries that this installation has lost", out);
			return;
		}
		if (theirs->seq == l->last.seq && !node_same_head(theirs->head, l->last.head)) {
			node_diverged(n, out);
			return;
		}
		if (theirs->seq > 0 && theirs->seq < l->last.seq) {
			n->unfound |= 1u << lane;
			node_find_head(n, lane, LANE_WHY_GREETING, theirs, out);
		}
	}
	node_heads_fit(n, out);
}

void
node_heads_fit(struct lane_node *n, struct lane_actions *out)
{
	if (n->unfound)
		return;
	struct lane_action *a = lane_add(out, LANE_KEEP_TOKEN);
	a->ticket = n->ticket;
	memcpy(a->token, n->next_token, sizeof(a->token));
	if (LANE_MUTANT(MUTANT_READY_EARLY)) {
		const struct lane_event now = {
			.kind = LANE_TOKEN_KEPT, .mono_ms = n->hello_ms, .ticket = n->ticket};
		node_on_token_kept(n, &now, out);
	}
}

static void
take_welcome(struct lane_node *n, const struct sync_welcome *w)
{
	memcpy(n->session, w->session, sizeof(n->session));
	memcpy(n->next_token, w->next_token, sizeof(n->next_token));
	n->welcomed = true;
	n->hub_mode = w->mode;
	n->skew_ms = int64_gap(w->wall_ms, n->wall_ms);
	n->credit_bytes = w->credit_bytes < SYNC_CREDIT_MIN_BYTES ? 0 : w->credit_bytes;
	n->offered = w->config;
}

/* The hub was restored to an earlier incarnation: nothing of this one is there. */
static void
go_back(struct lane_node *n, const struct sync_welcome *w, struct lane_actions *out)
{
	for (size_t i = 0; i < LANE_COUNT; i++) {
		if (n->lanes[i].shown_acked == 0 || !node_is_own(n))
			continue;
		struct lane_action *a = lane_add(out, LANE_KEEP_ACKED);
		a->lane = (uint8_t)(LANE_C + i);
		n->lanes[i].shown_acked = 0;
		n->lanes[i].at_hub = 0;
	}
	node_open(n, w->incarnation, false, out);
}

static void
prepare_refill(struct lane_node *n, const struct sync_welcome *w, struct lane_actions *out)
{
	n->refill = (struct lane_refill){.opens = w->opens, .hub = w->incarnation};
	memcpy(n->refill.durable, w->durable, sizeof(n->refill.durable));
	node_heads_fit(n, out);
}

void
node_on_welcome(struct lane_node *n, const struct lane_event *ev, struct lane_actions *out)
{
	const struct sync_welcome *w = &ev->message->welcome;
	bool ours = memcmp(w->nonce, n->nonce, sizeof(n->nonce)) == 0;
	if (n->state != LANE_HELLO_SENT || n->welcomed || (!ours && !LANE_MUTANT(MUTANT_NONCE)))
		return;
	lane_transcript(n->transcript, n->hello_hash, w->body);
	if (ours && !lane_welcome_check(w, n->transcript, n->receipt_public)) {
		node_report(out, "a WELCOME was not signed by the hub");
		node_reconnect(n, ev->random, NO_LEAST_WAIT_MS, out);
		return;
	}
	take_welcome(n, w);
	bool goes_on = w->verdict == SYNC_OK || w->verdict == SYNC_OLDER ||
		       (w->verdict == SYNC_REFILL && n->survivor);
	if (!goes_on)
		obey_verdict(n, w->verdict, out);
	else if (w->proto != LANE_PROTO)
		obey_verdict(n, SYNC_UPGRADE, out);
	else if (w->mode == SYNC_DRAIN)
		node_reconnect(n, ev->random, w->retry_after_ms, out);
	else if (w->verdict == SYNC_OLDER)
		go_back(n, w, out);
	else if (w->verdict == SYNC_REFILL)
		prepare_refill(n, w, out);
	else if (w->incarnation == n->incarnation)
		compare_heads(n, w, out);
	else
		node_reconnect(n, ev->random, NO_LEAST_WAIT_MS, out);
}

void
node_on_token_kept(struct lane_node *n, const struct lane_event *ev, struct lane_actions *out)
{
	if (n->state != LANE_HELLO_SENT || !n->welcomed || n->unfound ||
		ev->ticket != n->ticket)
		return;
	memcpy(n->token, n->next_token, sizeof(n->token));
	n->state = n->refill.opens ? LANE_REFILL : LANE_UP;
	n->heard_ms = ev->mono_ms;
	n->progress_ms = ev->mono_ms;
	n->pinged_ms = ev->mono_ms;
	node_send_ready(n, out);
	if (n->state == LANE_REFILL) {
		node_refill_begin(n, out);
		return;
	}
	for (size_t i = 0; i < LANE_COUNT && node_is_own(n); i++) {
		uint8_t lane = (uint8_t)(LANE_C + i);
		struct lane_out *l = &n->lanes[i];
		if (l->acked.seq == l->shown_acked)
			continue;
		l->shown_acked = l->acked.seq;
		struct lane_action *a = lane_add(out, LANE_KEEP_ACKED);
		a->lane = lane;
		a->mark = l->acked;
	}
	node_want_again(n, out);
	node_on_offer(n, &n->offered, out);
	node_ask_log(n, ev->mono_ms, out);
	node_pump(n, out);
	node_climb(n, out);
}
