#include "hub/ingest.h"

#include <string.h>

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/mem.h"
#include "common/codec/json.h"

#include "hub/enrol.h"
#include "hub/ingest_inside.h"
#include "hub/ingest_rate.h"
#include "hub/renewal_ledger.h"

#define DEAF_MS 60000

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

void
ingest_free(struct ingest *g)
{
	if (!g)
		return;
	ingest_queue_drop(g);
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
		ingest_queue_add(g, f->routing, &frame);
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

enum err
ingest_hear_question(struct ingest *g, struct node *n, int64_t mono_ms)
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
