#include "tests/sim/sim_inside.h"

#include <string.h>

/* Field 23 of a SyncMessage, a message. Notices are small, and few. */
#define NOTICE_TAG 0xba

/* ---- when something is sent ---- */

/* Everything is sent, and control entries are acked. */
static bool
node_is_free(const struct lane_node *n)
{
	for (size_t i = 0; i < LANE_COUNT; i++)
		if (n->lanes[i].sent < n->lanes[i].last.seq)
			return false;
	return n->lanes[LANE_C - 1].acked.seq >= n->lanes[LANE_C - 1].last.seq;
}

/* READY says that what the hub has was found here. */
static void
check_ready(struct sim *s, const struct sim_copy *c)
{
	const struct lane_node *n = &c->node;
	const struct sim_chain *chain = sim_chain(&c->disk.store, n->incarnation);
	if (n->state == LANE_STOPPED)
		return;
	if (memcmp(c->disk.token, n->next_token, WIRE_ID_BYTES) != 0)
		sim_breach(s, "N2: the token is committed before READY");
	for (size_t i = 0; i < LANE_COUNT && n->state == LANE_UP; i++) {
		const struct sync_mark *hub = &n->lanes[i].acked;
		bool there = chain && hub->seq <= chain->lanes[i].count;
		if (hub->seq && (!there || memcmp(sim_mark(s, &chain->lanes[i], hub->seq).head,
						   hub->head, HASH_BYTES) != 0))
			sim_breach(s, "N3: what the hub has lies on the own chain");
	}
}

static size_t
bytes_of(const struct sim *s, const struct sim_lane *l, uint64_t after, uint64_t upto)
{
	size_t bytes = 0;
	for (uint64_t i = after; i < MIN(upto, (uint64_t)l->count); i++) {
		struct sync_entry one;
		pool_sync_entry(s->pool, l->at[i], &one);
		bytes += sync_entry_bytes(&one);
	}
	return bytes;
}

/* Counted from the entries, not as the machine counts. */
static void
check_credit(struct sim *s, const struct sim_copy *c)
{
	const struct lane_node *n = &c->node;
	const struct sim_chain *chain = sim_chain(&c->disk.store, n->incarnation);
	size_t bytes = 0;
	for (size_t i = 0; i < LANE_COUNT && chain; i++)
		bytes += bytes_of(s, &chain->lanes[i], n->lanes[i].acked.seq, n->lanes[i].sent);
	if (bytes > n->credit_bytes)
		sim_breach(s, "I10: no more than the credit is on the way");
}

/* A batch, or a chunk, that is not acknowledged yet. What was acknowledged to the session
 * before while it was sent once more is passed over: that happens once, when a session
 * begins. */
static bool
is_on_the_way(const struct lane_node *n, const struct sim_frame *f, struct view bytes)
{
	if (f->is_old || f->is_again || bytes.at[0] == NOTICE_TAG)
		return false;
	return !f->lane || f->last > n->lanes[f->lane - 1].acked.seq;
}

/* What lies ahead on a line when more goes onto it: so a notice, which goes at any time, waits
 * for no more than that: the window, and after a loss one frame more. */
static void
check_wait(struct sim *s, size_t copy)
{
	const struct lane_node *n = &s->copies[copy].node;
	size_t bytes = 0;
	for (size_t i = 0; i < s->frame_count; i++) {
		const struct sim_frame *f = &s->frames[i];
		struct view frame = pool_bytes(s->pool, f->at);
		if (f->to_hub && f->copy == copy && is_on_the_way(n, f, frame))
			bytes += frame.len;
	}
	if (bytes > lane_window_bytes(&n->window) +
			    (n->window.astray_bytes ? LANE_WINDOW_FRAME_BYTES : 0))
		sim_breach(s, "I11: what is urgent waits for what its line's window holds");
}

void
sim_check_node_send(struct sim *s, size_t copy, const struct sync_msg *m)
{
	const struct lane_node *n = &s->copies[copy].node;
	const struct lane_out *c = &n->lanes[LANE_C - 1];
	if (m->kind == SYNC_READY)
		check_ready(s, &s->copies[copy]);
	if (m->kind == SYNC_CHUNK && !node_is_free(n))
		sim_breach(s, "I11: chunks wait for entries");
	if (m->kind == SYNC_WITNESS)
		sim_log_check_witness(s, &s->copies[copy].disk, &m->witness);
	if (m->kind != SYNC_BATCH)
		return;
	if (m->batch.lane != LANE_C && c->acked.seq < c->last.seq)
		sim_breach(s, "I11: nothing is sent before the control entries that wait");
	check_credit(s, &s->copies[copy]);
	check_wait(s, copy);
}

/* A withdrawal that an ACK covers is one that the site was told of. */
static void
note_withdrawals(struct sim *s, const struct sync_ack *ack)
{
	const struct sim_store *st = &s->hub.live.store;
	for (size_t c = 0; c < st->count; c++) {
		const struct sim_lane *l = &st->chains[c].lanes[LANE_C - 1];
		size_t upto =
			&st->chains[c] == sim_top(st) ? ack->durable[LANE_C - 1].seq : l->count;
		for (size_t i = 0; i < MIN(upto, (size_t)l->count); i++) {
			const struct pool_entry *e = pool_entry(s->pool, l->at[i]);
			if (e->content.kind == POOL_WITHDRAWAL)
				s->ghost.acked_withdrawn |= 1u << e->content.subject;
		}
	}
}

static void
check_ack(struct sim *s, const struct sync_ack *ack)
{
	const struct sim_chain *top = sim_top(&s->hub.disk.store);
	bool risen = sim_top(&s->hub.live.store)->incarnation != top->incarnation;
	for (size_t i = 0; i < LANE_COUNT; i++) {
		uint64_t seq = ack->durable[i].seq;
		const struct sim_lane *l = &top->lanes[i];
		if (seq == 0)
			continue;
		if (risen || seq > l->count ||
			memcmp(sim_mark(s, l, seq).head, ack->durable[i].head, HASH_BYTES) != 0)
			sim_breach(s, "I3: an ACK says only what survives a crash");
	}
	note_withdrawals(s, ack);
}

/* A token of this WELCOME is the newest session's, or was given after that session began. */
static bool
is_newest(const struct sim *s, uint32_t welcome)
{
	uint32_t live = s->hub.live_welcome ? s->hub.live_welcome : s->ghost.live;
	uint32_t upto = s->hub.live_welcome ? s->hub.live_upto : s->ghost.live_upto;
	return welcome == live || welcome > upto;
}

void
sim_check_hub_send(struct sim *s, const struct sync_msg *m)
{
	const struct sim_hub *h = &s->hub;
	if (m->kind == SYNC_ACK)
		check_ack(s, &m->ack);
	if (m->kind == SYNC_ACK && m->ack.has_receipt)
		sim_back_signed(s, &m->ack.receipt);
	if (m->kind == SYNC_NOTICED)
		sim_notice_check(s, &m->noticed);
	if (m->kind == SYNC_WANT)
		sim_files_check_want(s, &m->want);
	if (m->kind != SYNC_WELCOME)
		return;
	if (m->welcome.verdict == SYNC_OK && h->mode != SYNC_DRAIN &&
		memcmp(h->disk.pending, h->lane.pending, WIRE_ID_BYTES) != 0)
		sim_breach(s, "H1: the pending token is committed before WELCOME");
}

/* A node is called a copy when it has signed for it; a HELLO that comes late is no evidence. */
void
sim_check_quarantine(struct sim *s, enum sync_verdict verdict)
{
	const struct sim_hub *h = &s->hub;
	if (verdict == SYNC_CLONE && !h->live_welcome && !LANE_MUTANT(MUTANT_NO_JOURNAL) &&
		is_newest(s, s->copies[h->routing].disk.welcome))
		sim_breach(s, "no honest node is called a copy");
}

static void
check_newest(struct sim *s, bool refills)
{
	if (!refills && !is_newest(s, s->hub.heard_welcome) && !LANE_MUTANT(MUTANT_NO_JOURNAL))
		sim_breach(s, "I9: a second live copy is reported at its next session");
}

/* Nobody is greeted as the writer who lacks what the hub has, or holds something else there. */
static void
check_greeted(struct sim *s)
{
	const struct lane_greeting *g = &s->hub.lane.greeting;
	for (size_t i = 0; i < LANE_COUNT && !g->rises; i++) {
		const struct sync_mark *hub = &s->hub.lane.lanes[i].durable;
		const struct sync_mark *node = &g->chain.last[i];
		if (node->seq < hub->seq ||
			(node->seq == hub->seq &&
				memcmp(node->head, hub->head, HASH_BYTES) != 0))
			sim_breach(s, "a node that is greeted has what the hub has");
	}
}

/* A copy that has not seen the newest session of its writer is a second or an older one: it is
 * not greeted as if nothing were wrong. */
void
sim_check_greeting(struct sim *s)
{
	check_newest(s, s->hub.lane.greeting.verdict == SYNC_REFILL);
	if (s->hub.lane.greeting.verdict == SYNC_OK)
		check_greeted(s);
}

void
sim_check_live(struct sim *s)
{
	check_newest(s, s->hub.lane.refills);
	sim_back_check_live(s);
	s->hub.live_welcome = s->hub.heard_welcome;
	s->hub.live_upto = s->ghost.welcomes;
}

void
sim_note_live(struct sim *s)
{
	if (!s->hub.live_welcome)
		return;
	s->ghost.live = s->hub.live_welcome;
	s->ghost.live_upto = s->hub.live_upto;
	s->hub.live_welcome = 0;
}

/* ---- after every act ---- */

/* Each place is taken once, ever; each entry stands on the one before. */
static void
check_places(struct sim *s)
{
	const struct sim_store *st = &s->hub.disk.store;
	const struct sim_chain *top = sim_top(st);
	if (top->incarnation >= SIM_NUMBERS_COUNT) {
		sim_breach(s, "simulator: incarnations are within bounds");
		return;
	}
	for (size_t l = 0; l < LANE_COUNT; l++)
		for (size_t i = 0; i < top->lanes[l].count; i++) {
			uint16_t *ever = &s->ghost.ever[top->incarnation][l][i];
			uint16_t now = top->lanes[l].at[i];
			if (*ever && *ever != now && !LANE_MUTANT(MUTANT_NO_JOURNAL))
				sim_breach(s, "I1: one entry at each place, ever");
			*ever = now;
			const struct pool_entry *e = pool_entry(s->pool, now);
			if (e->seq != i + 1 || e->incarnation != top->incarnation)
				sim_breach(s, "I2: the hub holds entries at their places");
			if (i && memcmp(e->prev,
					 pool_entry(s->pool, top->lanes[l].at[i - 1])->hash,
					 HASH_BYTES) != 0)
				sim_breach(s, "I2: the hub's log is of one lineage");
		}
}

static void
check_links(struct sim *s)
{
	const struct sim_store *st = &s->hub.disk.store;
	uint8_t link[HASH_BYTES];
	for (size_t c = 1; c < st->count; c++)
		for (size_t l = 0; l < LANE_COUNT; l++) {
			const struct sim_lane *lane = &st->chains[c].lanes[l];
			struct sync_mark end = sim_end(s, &st->chains[c - 1].lanes[l]);
			lane_link(link, st->chains[c - 1].incarnation, (uint8_t)(l + 1), &end);
			if (lane->count && memcmp(pool_entry(s->pool, lane->at[0])->prev, link,
						   HASH_BYTES) != 0)
				sim_breach(s, "I2: an incarnation follows the one before");
		}
}

/* A release now: everybody with a record, less the withdrawn as far as the hub knows. */
static void
check_release(struct sim *s)
{
	const struct sim_store *st = &s->hub.disk.store;
	uint32_t shown = 0, withdrawn = s->hub.journal.withdrawn | s->hub.disk.noticed;
	if (s->hub.mode != SYNC_NORMAL && !LANE_MUTANT(MUTANT_NO_FREEZE))
		return;
	for (size_t c = 0; c < st->count; c++) {
		const struct sim_lane *r = &st->chains[c].lanes[LANE_R - 1],
				      *k = &st->chains[c].lanes[LANE_C - 1];
		for (size_t i = 0; i < r->count; i++)
			shown |= 1u << pool_entry(s->pool, r->at[i])->content.subject;
		for (size_t i = 0; i < k->count; i++)
			if (pool_entry(s->pool, k->at[i])->content.kind == POOL_WITHDRAWAL)
				withdrawn |= 1u
					     << pool_entry(s->pool, k->at[i])->content.subject;
	}
	if (shown & ~withdrawn & s->ghost.acked_withdrawn)
		sim_breach(s, "I6: nobody is released after an acknowledged withdrawal");
}

void
sim_check(struct sim *s)
{
	check_places(s);
	check_links(s);
	check_release(s);
}

/* ---- at the end ---- */

static size_t
times_at_hub(const struct sim *s, uint16_t root)
{
	const struct sim_store *st = &s->hub.disk.store;
	size_t times = 0;
	for (size_t c = 0; c < st->count; c++)
		for (size_t l = 0; l < LANE_COUNT; l++)
			for (size_t i = 0; i < st->chains[c].lanes[l].count; i++)
				times += pool_entry(s->pool, st->chains[c].lanes[l].at[i])
						 ->root == root;
	return times;
}

static void
check_copy(struct sim *s, const struct sim_store *st)
{
	for (size_t c = 0; c < st->count; c++)
		for (size_t l = 0; l < LANE_COUNT; l++)
			for (size_t i = 0; i < st->chains[c].lanes[l].count; i++) {
				uint16_t at = st->chains[c].lanes[l].at[i];
				size_t times = times_at_hub(s, pool_entry(s->pool, at)->root);
				if (times == 0)
					sim_breach(s, "I5: an entry never reaches the hub");
				if (times > 1)
					sim_breach(s, "I5: an entry is at the hub twice");
			}
}

/* What the copy that was in session last saw acknowledged has to be there again. */
void
sim_check_recovered(struct sim *s)
{
	for (size_t i = 0; i < SIM_COPIES_COUNT && !s->hub.waived; i++) {
		const struct sim_disk *d = &s->copies[i].disk;
		if (!s->copies[i].there || d->welcome != s->ghost.live)
			continue;
		const struct sim_chain *top = sim_top(&d->store);
		for (size_t l = 0; l < LANE_COUNT; l++)
			for (size_t k = 0; k < MIN(d->acked[l], (uint64_t)top->lanes[l].count);
				k++)
				if (!times_at_hub(
					    s, pool_entry(s->pool, top->lanes[l].at[k])->root))
					sim_breach(s, "a hub releases again when no writer is "
						      "missing");
	}
}

void
sim_check_settled(struct sim *s)
{
	for (size_t i = 0; i < SIM_COPIES_COUNT; i++)
		if (s->copies[i].there) {
			check_copy(s, &s->copies[i].disk.store);
			sim_files_check_settled(s, &s->copies[i].disk);
		}
	check_copy(s, &s->hub.disk.store);
}
