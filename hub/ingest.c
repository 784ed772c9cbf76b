#include "hub/ingest.h"

#include <string.h>

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/mem.h"
#include "common/codec/json.h"
#include "common/trust/leaf.h"

#include "hub/acts.h"
#include "hub/attachments.h"
#include "hub/audit.h"
#include "hub/enrol.h"
#include "hub/forward.h"
#include "hub/ingest_inside.h"
#include "hub/ingest_rate.h"
#include "hub/recovery.h"
#include "hub/renewal_ledger.h"
#include "hub/study.h"

#define DEAF_MS 60000
/* So often is it kept that a node was heard. */
#define WORD_EVERY_S 60

/* make */

struct ingest *
ingest_new(struct hub *h, ingest_send_fn *send, void *arg)
{
	struct ingest *g = xcalloc(1, sizeof(*g));
	g->hub = h;
	g->send = send;
	g->arg = arg;
	buf_init(&g->document, IPC_DOCUMENT_MAX_BYTES);
	buf_init(&g->fetched_bytes, INGEST_FETCH_MAX_BYTES);
	g->mode = SYNC_NORMAL;
	buf_init(&g->note, NOTE_MOST_BYTES);
	g->terms = siteterms_new();
	g->papers = papers_new();
	g->arena.room = sync_arena_bytes(SYNC_FRAME_MAX_BYTES);
	g->arena.at = xcalloc(1, g->arena.room);
	return g;
}

static void
drop_queue(struct ingest *g)
{
	for (size_t i = 0; i < g->queue_count; i++) {
		mem_drop(&g->queue[i].routing);
		mem_drop(&g->queue[i].frame);
	}
	g->queue_count = 0;
}

void
ingest_free(struct ingest *g)
{
	if (!g)
		return;
	drop_queue(g);
	siteterms_free(g->terms);
	papers_free(g->papers);
	mem_drop(&g->queue);
	for (size_t i = 0; i < g->node_count; i++) {
		buf_done(&g->nodes[i]->routing);
		buf_done(&g->nodes[i]->question);
		mem_drop(&g->nodes[i]);
	}
	mem_drop(&g->nodes);
	mem_drop(&g->arena.at);
	mem_drop(&g->fetched);
	buf_done(&g->document);
	buf_done(&g->note);
	buf_done(&g->fetched_bytes);
	mem_drop(&g);
}

/* out */

/* Frames wait for the end of the turn, whatever they say. */
static void
enqueue(struct ingest *g, struct view routing, struct buf *frame)
{
	struct outgoing o = {.routing_len = routing.len};
	if (frame->broken)
		return;
	if ((g->queue_count & (g->queue_count - 1)) == 0)
		g->queue = xrealloc(
			g->queue, MAX(g->queue_count * 2, (size_t)1), sizeof(*g->queue));
	o.routing = xmemdup(routing.at, routing.len);
	o.frame = buf_take(frame, &o.frame_len);
	g->queue[g->queue_count++] = o;
}

static void
flush(struct ingest *g)
{
	for (size_t i = 0; i < g->queue_count; i++) {
		const struct outgoing *o = &g->queue[i];
		if (g->send(g->arg, view_of(o->routing, o->routing_len),
			    view_of(o->frame, o->frame_len)))
			g->dropped_count++;
	}
	drop_queue(g);
}

void
ingest_send(struct ingest *g, const struct node *n, const struct sync_msg *m)
{
	OWNED_BUF struct buf plain, frame;
	buf_init(&plain, SYNC_FRAME_MAX_BYTES);
	buf_init(&frame, INGEST_FRAME_MAX_BYTES);
	if (sync_pack(&plain, m)) {
		log_error("ingest", "%s", err_text());
		return;
	}
	buf_u8(&frame, INGEST_SEALED);
	box_seal(&frame, buf_view(&plain), n->writer.box);
	enqueue(g, buf_view(&n->routing), &frame);
}

void
ingest_send_beside(struct ingest *g, const struct node *n, struct view routing, uint8_t kind,
	struct view bytes)
{
	OWNED_BUF struct buf frame;
	buf_init(&frame, INGEST_FRAME_MAX_BYTES);
	buf_u8(&frame, kind);
	box_seal(&frame, bytes, n->writer.box);
	enqueue(g, routing, &frame);
}

/* in */

static enum err
on_message(struct ingest *g, struct node *n, const struct sync_msg *m, struct view plain,
	int64_t mono_ms)
{
	struct lane_event ev = {.kind = LANE_MESSAGE,
		.mono_ms = mono_ms,
		.wall_ms = clock_wall_ms(),
		.message = m,
		.frame = plain};
	crypto_random(ev.id, sizeof(ev.id));
	crypto_random(ev.token, sizeof(ev.token));
	crypto_random(&ev.random, sizeof(ev.random));
	return ingest_drive(g, n, &ev);
}

/* What of one node cannot be kept takes all others' entries of this turn with it. They come
 * again, but whoever did it is not heard for as long as an honest node stays away then. A disk
 * that is full is nobody's doing. */
static enum err
note_spoiling(struct node *n, enum err e, int64_t mono_ms)
{
	if (!e || e == E_IO || e == E_FULL)
		return e;
	n->deaf_until_ms = mono_ms + DEAF_MS;
	n->reason = "what the node sent cannot be kept: the ledger's log says why";
	return e;
}

/* A node whose rows are damaged is not known any more; nothing was changed yet, so the turn of
 * all others stands. */
static bool
is_damaged(struct ingest *g, enum err e, int64_t mono_ms)
{
	if (e != E_AUTH && e != E_FORMAT)
		return false;
	if (!g->damage_said_ms || mono_ms - g->damage_said_ms >= DEAF_MS) {
		log_error("ingest", "a node cannot be heard, its rows are damaged: %s",
			err_text());
		g->damage_said_ms = mono_ms;
	}
	return true;
}

/* Greetings and questions cost the hub more than they cost a node. */
static bool
is_heard_now(struct node *n, const struct sync_msg *m, struct view plain, int64_t mono_ms,
	bool *ret_dropped)
{
	*ret_dropped = m->kind == SYNC_HELLO && !ingest_may_greet(n, mono_ms);
	if (*ret_dropped || !ingest_is_question(m) || ingest_may_ask(n, mono_ms))
		return !*ret_dropped;
	*ret_dropped = !ingest_ask_later(n, plain);
	return false;
}

/* A frame for the ledger's key. What does not open or unpack is dropped. */
static enum err
on_sealed(struct ingest *g, const struct ingest_frame *f, struct view sealed, int64_t mono_ms)
{
	OWNED_BUF struct buf plain;
	struct sync_msg m;
	struct node *n;
	bool dropped = false;
	buf_init(&plain, SYNC_FRAME_MAX_BYTES);
	enum err e = ingest_node_of_key(g, f->key, mono_ms, &n);
	if (e == E_NOTFOUND || is_damaged(g, e, mono_ms) ||
		(!e && mono_ms < n->deaf_until_ms)) {
		g->dropped_count++;
		return OK;
	}
	if (e)
		return e;
	g->arena.used = 0;
	if (renewal_ledger_unbox(g->hub, &plain, sealed)) {
		g->dropped_count++;
		if (ingest_may_greet(n, mono_ms))
			ingest_tell_ledger_key(g, n, f->routing);
		return OK;
	}
	if (sync_unpack(&m, &g->arena, buf_view(&plain))) {
		g->dropped_count++;
		return OK;
	}
	if (!is_heard_now(n, &m, buf_view(&plain), mono_ms, &dropped)) {
		g->dropped_count += dropped;
		return OK;
	}
	n->heard_s = clock_wall_ms() / INGEST_MS_PER_S;
	if (m.kind == SYNC_HELLO) {
		n->ahead_ms = int64_gap(m.hello.wall_ms, clock_wall_ms());
		n->manifest = m.hello.config;
	}
	buf_reset(&n->routing);
	buf_add_view(&n->routing, f->routing);
	return note_spoiling(n, on_message(g, n, &m, buf_view(&plain), mono_ms), mono_ms);
}

/* A request to join, on an invitation's key. */
static enum err
on_plain(struct ingest *g, const struct ingest_frame *f, struct view plain)
{
	OWNED_BUF struct buf room, frame;
	struct sync_msg q, a = {.kind = SYNC_ENROL_OK};
	buf_init(&room, SYNC_FRAME_MAX_BYTES);
	buf_init(&frame, INGEST_FRAME_MAX_BYTES);
	g->arena.used = 0;
	/* On the reserve nobody joins; the turn may hold withdrawals. */
	if (g->hub->on_reserve || sync_unpack(&q, &g->arena, plain) ||
		q.kind != SYNC_ENROL_REQ) {
		g->dropped_count++;
		return OK;
	}
	enum err e = enrol_request(g->hub, f->key, &q.enrol_req, &a.enrol_ok, &room);
	if (e == E_NOTFOUND) {
		g->dropped_count++;
		return OK;
	}
	buf_u8(&frame, INGEST_PLAIN);
	if (!e)
		e = sync_pack(&frame, &a);
	if (!e)
		enqueue(g, f->routing, &frame);
	return e;
}

enum err
ingest_frame(struct ingest *g, const struct ingest_frame *f, int64_t mono_ms)
{
	struct vault_txn *t;
	if (f->bytes.len < 2 || f->bytes.len > INGEST_FRAME_MAX_BYTES ||
		f->routing.len > ROUTING_MAX_BYTES) {
		g->dropped_count++;
		return OK;
	}
	struct view rest = view_of(f->bytes.at + 1, f->bytes.len - 1);
	enum err e = hub_txn_reserve(g->hub, &t);
	if (e)
		return e;
	if (f->bytes.at[0] == INGEST_SEALED)
		return on_sealed(g, f, rest, mono_ms);
	if (f->bytes.at[0] == INGEST_PLAIN)
		return on_plain(g, f, rest);
	g->dropped_count++;
	return OK;
}

/* the turn */

static enum err
tell_noted(struct ingest *g, struct node *n, int64_t mono_ms)
{
	enum err e = OK;
	for (size_t i = 0; !e && i < n->noted_count; i++) {
		struct lane_event ev = {
			.kind = LANE_CHANGE_NOTED, .mono_ms = mono_ms, .mark = n->noted[i]};
		e = ingest_drive(g, n, &ev);
	}
	n->noted_count = 0;
	return e;
}

static enum err
tell_stored(struct ingest *g, struct node *n, int64_t mono_ms)
{
	enum err e = OK;
	for (uint8_t i = 0; !e && i < LANE_COUNT; i++) {
		struct lane_event ev = {.kind = LANE_STORED,
			.mono_ms = mono_ms,
			.lane = (uint8_t)(i + 1),
			.mark = n->marks[i]};
		if (n->is_stored[i])
			e = ingest_drive(g, n, &ev);
		n->is_stored[i] = false;
	}
	struct lane_event chunk = {.kind = LANE_CHUNK_STORED, .mono_ms = mono_ms};
	if (!e && ingest_chunk_stored(n, &chunk))
		e = ingest_drive(g, n, &chunk);
	struct lane_event kept = {
		.kind = LANE_TOKENS_KEPT, .mono_ms = mono_ms, .ticket = n->token_ticket};
	if (!e && n->has_tokens)
		e = ingest_drive(g, n, &kept);
	if (!e)
		e = tell_noted(g, n, mono_ms);
	n->has_tokens = false;
	n->is_touched = false;
	return e;
}

enum err
ingest_committed(struct ingest *g, int64_t mono_ms)
{
	enum err e = OK;
	for (size_t i = 0; !e && i < g->node_count; i++)
		e = tell_stored(g, g->nodes[i], mono_ms);
	flush(g);
	return e;
}

/* The session ends, and the machine begins again from what is kept. */
static enum err
begin_again(struct ingest *g, struct node *n, int64_t mono_ms)
{
	const struct lane_event ev = {.kind = LANE_STORE_FAILED, .mono_ms = mono_ms};
	struct vault_txn *t;
	enum err e = ingest_drive(g, n, &ev);
	n->has_chunk = false;
	n->noted_count = 0;
	memset(n->is_stored, 0, sizeof(n->is_stored));
	n->has_tokens = false;
	n->is_touched = false;
	if (!e)
		e = hub_txn_reserve(g->hub, &t);
	return e ? e : ingest_node_load(g, n);
}

enum err
ingest_failed(struct ingest *g, int64_t mono_ms)
{
	enum err e = OK;
	drop_queue(g);
	siteterms_forget(g->terms);
	for (size_t i = 0; !e && i < g->node_count; i++) {
		g->nodes[i]->terms_seen = 0;
		if (g->nodes[i]->is_touched)
			e = begin_again(g, g->nodes[i], mono_ms);
	}
	hub_abort(g->hub); /* it was only read */
	flush(g);
	return e;
}

enum err
ingest_published(struct ingest *g, int64_t mono_ms)
{
	struct lane_event ev = ingest_checkpoint(g);
	enum err e = OK;
	ev.mono_ms = mono_ms;
	for (size_t i = 0; !e && i < g->node_count; i++)
		e = ingest_drive(g, g->nodes[i], &ev);
	flush(g);
	return e;
}

/* What lifts the recovery is a leaf of its own. */
static enum err
tell_recovery(struct ingest *g, struct node *n)
{
	struct act_leaf_room room;
	const struct act none = {0};
	struct leaf leaf;
	struct vault_txn *t;
	bool lifted = false;
	enum err e = hub_txn_reserve(g->hub, &t);
	if (!e)
		e = recovery_heard(t, n->writer.public, &lifted);
	n->is_heard = false;
	if (e || !lifted)
		return e;
	log_warn("ingest", "every node was heard: the recovery is over");
	acts_leaf(&leaf, &room, &none, "recovery-over");
	leaf.actor = "ledger";
	leaf.object_type = "hub";
	leaf.outcome = "done";
	return audit_add(g->hub->audit, t, &leaf, NULL);
}

static enum err
drive_all(struct ingest *g, const struct lane_event *ev)
{
	enum err e = OK;
	for (size_t i = 0; !e && i < g->node_count; i++)
		e = ingest_drive(g, g->nodes[i], ev);
	return e;
}

/* What was committed since may have begun the recovery, or ended it. */
static enum err
tell_mode(struct ingest *g, int64_t mono_ms)
{
	struct lane_event ev = {
		.kind = LANE_MODE, .mono_ms = mono_ms, .retry_after_ms = g->drain_ms};
	struct vault_txn *t;
	enum err e = hub_txn_reserve(g->hub, &t);
	if (e)
		return e;
	ev.mode = g->drain_ms ? SYNC_DRAIN : recovery_is_on(t) ? SYNC_RECOVERY : SYNC_NORMAL;
	if (ev.mode == g->mode)
		return OK;
	g->mode = ev.mode;
	ev.epoch = forward_epoch(audit_forward(g->hub->audit));
	return drive_all(g, &ev);
}

enum err
ingest_drain(struct ingest *g, uint32_t retry_ms, int64_t mono_ms)
{
	g->drain_ms = retry_ms;
	return tell_mode(g, mono_ms);
}

uint32_t
ingest_drain_ms(const struct ingest *g)
{
	return g->drain_ms;
}

static enum err
tell_node_retained(struct ingest *g, struct node *n, int64_t mono_ms)
{
	const struct forward *f = audit_forward(g->hub->audit);
	enum err e = OK;
	for (uint8_t lane = LANE_C; !e && lane <= LANE_A; lane++) {
		struct lane_event ev = {
			.kind = LANE_RETAINED, .mono_ms = mono_ms, .lane = lane};
		ev.mark.seq = forward_retained(f, n->writer.public, n->lane.incarnation, lane);
		e = ingest_drive(g, n, &ev);
	}
	return e;
}

/* A backup was made, or is gone: nodes may prune what all others hold. */
static enum err
tell_retained(struct ingest *g, int64_t mono_ms)
{
	uint64_t seen = forward_backup_changes(audit_forward(g->hub->audit));
	enum err e = OK;
	if (seen == g->backups_seen)
		return OK;
	g->backups_seen = seen;
	for (size_t i = 0; !e && i < g->node_count; i++)
		e = tell_node_retained(g, g->nodes[i], mono_ms);
	return e;
}

static enum err
settle_files(struct ingest *g)
{
	struct vault_txn *t;
	enum err e = hub_txn_reserve(g->hub, &t);
	return e ? e : attachments_settle(t);
}

/* A question that had to wait. */
static enum err
hear_question(struct ingest *g, struct node *n, int64_t mono_ms)
{
	OWNED_BUF struct buf plain;
	struct sync_msg m;
	struct vault_txn *t;
	buf_init(&plain, 0);
	if (mono_ms < n->deaf_until_ms || !ingest_ask_now(n, mono_ms, &plain))
		return OK;
	enum err e = hub_txn_reserve(g->hub, &t);
	g->arena.used = 0;
	if (e || sync_unpack(&m, &g->arena, buf_view(&plain)))
		return e;
	return note_spoiling(n, on_message(g, n, &m, buf_view(&plain), mono_ms), mono_ms);
}

/* While a session is open and all of lane C that the node had is here, its word on consent is
 * as new as its last frame (lease.h). */
static enum err
keep_word(struct ingest *g, struct node *n)
{
	const size_t control = LANE_C - 1;
	struct vault_txn *t;
	if (n->lane.state != LANE_ALIVE || n->lane.refills ||
		n->lane.lanes[control].durable.seq < n->lane.expected[control] ||
		n->heard_s < n->standing.consent_s + WORD_EVERY_S)
		return OK;
	enum err e = hub_txn_reserve(g->hub, &t);
	if (e)
		return e;
	n->standing.consent_s = n->heard_s;
	return standing_put(t, n->writer.public, &n->standing);
}

enum err
ingest_tick(struct ingest *g, int64_t mono_ms)
{
	struct lane_event tick = {.kind = LANE_TICK, .mono_ms = mono_ms};
	struct lane_event offer = {.kind = LANE_OFFER, .mono_ms = mono_ms};
	bool news = g->offer.number != g->hub->manifest_number;
	enum err e = news ? study_offer(g->hub, &g->offer) : OK;
	if (!e)
		e = tell_mode(g, mono_ms);
	if (!e)
		e = tell_retained(g, mono_ms);
	if (!e)
		e = settle_files(g);
	offer.config = g->offer;
	for (size_t i = 0; !e && i < g->node_count; i++) {
		e = ingest_drive(g, g->nodes[i], &tick);
		if (!e && news)
			e = ingest_drive(g, g->nodes[i], &offer);
		if (!e && g->nodes[i]->is_heard)
			e = tell_recovery(g, g->nodes[i]);
		if (!e)
			e = hear_question(g, g->nodes[i], mono_ms);
		if (!e)
			e = keep_word(g, g->nodes[i]);
	}
	return e ? e : ingest_tell_terms(g, mono_ms);
}

/* use */

uint64_t
ingest_dropped_count(const struct ingest *g)
{
	return g->dropped_count;
}

static struct node *
node_of(const struct ingest *g, const uint8_t *writer)
{
	for (size_t i = 0; i < g->node_count; i++)
		if (memcmp(g->nodes[i]->writer.public, writer, SIGN_PUBLIC_BYTES) == 0)
			return g->nodes[i];
	return NULL;
}

bool
ingest_is_alive(const struct ingest *g, const uint8_t writer[static SIGN_PUBLIC_BYTES])
{
	const struct node *n = node_of(g, writer);
	return n && n->lane.state == LANE_ALIVE;
}

enum err
ingest_repair(struct ingest *g, const struct place *p, int64_t mono_ms)
{
	struct node *n = node_of(g, p->writer);
	const struct lane_event ev = {.kind = LANE_REPAIR,
		.mono_ms = mono_ms,
		.lane = p->lane,
		.first = p->seq,
		.last = p->seq,
		.chain = {.incarnation = p->incarnation}};
	return n ? ingest_drive(g, n, &ev) : OK;
}

enum err
ingest_probe(
	struct ingest *g, const struct place *p, const struct sync_mark *mark, int64_t mono_ms)
{
	struct node *n = node_of(g, p->writer);
	const struct lane_event ev = {
		.kind = LANE_PROBE, .mono_ms = mono_ms, .lane = p->lane, .mark = *mark};
	return n && n->lane.incarnation == p->incarnation ? ingest_drive(g, n, &ev) : OK;
}

void
ingest_waits(const struct ingest *g, const uint8_t writer[static SIGN_PUBLIC_BYTES],
	struct ingest_waits *ret)
{
	const struct node *n = node_of(g, writer);
	*ret = (struct ingest_waits){.is_behind = false};
	if (!n)
		return;
	ret->is_behind = n->verdict == SYNC_BEHIND;
	ret->ahead_ms = n->ahead_ms;
	for (size_t i = 0; i < LANE_COUNT; i++)
		if (n->lane.expected[i] > n->lane.lanes[i].durable.seq)
			ret->entries[i] = n->lane.expected[i] - n->lane.lanes[i].durable.seq;
}

void
ingest_status(const struct ingest *g, const uint8_t writer[static SIGN_PUBLIC_BYTES],
	struct json_out *w)
{
	const struct node *n = node_of(g, writer);
	json_put_bool(w, "connected", n && n->lane.state == LANE_ALIVE);
	json_put_int(w, "heard_s", n ? n->heard_s : 0);
	json_put_int(w, "ahead_s", n ? n->ahead_ms / INGEST_MS_PER_S : 0);
	json_put_text(w, "trouble", n && n->reason ? n->reason : "");
}
