#include "tests/unit/ingest_line.h"

#include "hub/ingest_state.h"

#define STEPS_COUNT  16
#define ROUNDS_COUNT 40
#define ROUTING      "\x01\x02\x03\x04\x05"

/* ---- the hub's end ---- */

static enum err
carry(void *arg, struct view routing, struct view frame)
{
	struct line *l = arg;
	assert_true(view_same(routing, view_text(ROUTING)));
	assert_true(l->inbox_count < INBOX_COUNT);
	struct buf *b = &l->inbox[l->inbox_count++];
	buf_init(b, frame.len);
	buf_add_view(b, frame);
	return OK;
}

enum err
line_feed_as(struct line *l, const uint8_t key[static BOX_PUBLIC_BYTES], struct view bytes)
{
	struct ingest_frame f = {.routing = view_text(ROUTING), .bytes = bytes};
	memcpy(f.key, key, sizeof(f.key));
	return ingest_frame(l->ingest, &f, l->mono_ms);
}

void
line_end_turn(struct line *l)
{
	assert_ok(hub_commit(&l->place->hub));
	audit_committed(l->place->hub.audit);
	assert_ok(ingest_committed(l->ingest, l->mono_ms));
}

void
line_fail_turn(struct line *l)
{
	hub_abort(&l->place->hub);
	assert_ok(audit_aborted(l->place->hub.audit));
	assert_ok(ingest_failed(l->ingest, l->mono_ms));
}

void
line_publish(struct line *l)
{
	assert_ok(audit_publish(l->place->hub.audit));
	assert_ok(ingest_published(l->ingest, l->mono_ms));
}

/* ---- the node's end ---- */

static void
send(struct line *l, struct lane_action *a)
{
	OWNED_BUF struct buf plain, frame;
	buf_init(&plain, SYNC_FRAME_MAX_BYTES);
	buf_init(&frame, SYNC_FRAME_MAX_BYTES + 100);
	if (a->sign)
		lane_sign(a, l->node->sign);
	assert_ok(sync_pack(&plain, &a->msg));
	buf_u8(&frame, 1);
	box_seal(&frame, buf_view(&plain), l->place->hub.box_public);
	assert_ok(line_feed_as(l, l->node->writer.transport, buf_view(&frame)));
}

static void
fetch(struct line *l, const struct lane_action *a, struct sync_batch *batch)
{
	size_t count = 0;
	*batch = (struct sync_batch){
		.lane = a->lane, .first = a->mark.seq, .entries = l->entries};
	while (count < a->max_count && a->mark.seq + count <= l->node->count[a->lane - 1]) {
		l->entries[count] = node_entry(l->node, a->lane, a->mark.seq + count);
		count++;
	}
	batch->count = count;
	assert_true(count > 0);
	uint64_t last = a->mark.seq + count - 1;
	memcpy(batch->head, l->node->lanes[a->lane - 1][last - 1].hash, sizeof(batch->head));
	node_sign_head(l->node, a->lane, last, batch->signature);
}

static void
find_head(const struct line *l, const struct lane_action *a, struct lane_event *ev)
{
	ev->kind = a->kind == LANE_LOOK ? LANE_LOOKED : LANE_HEAD_FOUND;
	ev->chain.incarnation = a->incarnation;
	ev->end = node_mark(l->node, a->lane);
	ev->mark.seq = a->mark.seq;
	ev->found = a->mark.seq >= 1 && a->mark.seq <= l->node->count[a->lane - 1];
	if (ev->found)
		memcpy(ev->mark.head, l->node->lanes[a->lane - 1][a->mark.seq - 1].hash,
			sizeof(ev->mark.head));
}

/* The node keeps nothing of its own: it goes on behind the hub's end. */
static void
rebase(struct line *l, const struct lane_action *a, struct lane_event *ev)
{
	node_rebase(l->node, a->incarnation, a->base_incarnation, a->base);
	l->chain = (struct lane_chain){
		.incarnation = a->incarnation, .base_incarnation = a->base_incarnation};
	memcpy(l->chain.base, a->base, sizeof(l->chain.base));
	ev->kind = LANE_REBASED;
	ev->chain = l->chain;
}

static void
open_chain(const struct line *l, const struct lane_action *a, struct lane_event *ev)
{
	ev->kind = LANE_OPENED;
	ev->found = !a->ok && a->incarnation == l->node->incarnation;
	ev->chain = l->chain;
	ev->chain.incarnation = l->node->incarnation;
	for (uint8_t i = 0; i < LANE_COUNT; i++)
		ev->chain.last[i] = node_mark(l->node, (uint8_t)(i + 1));
}

/* Carries one action out; false if nothing answers it. */
static bool
carry_out(
	struct line *l, struct lane_action *a, struct sync_batch *batch, struct lane_event *ev)
{
	*ev = (struct lane_event){
		.ticket = a->ticket, .lane = a->lane, .why = a->why, .config = a->config};
	memcpy(ev->wanted, a->wanted, sizeof(ev->wanted));
	if (a->kind == LANE_SEND) {
		send(l, a);
	} else if (a->kind == LANE_FETCH) {
		fetch(l, a, batch);
		ev->kind = LANE_FETCHED;
		ev->batch = batch;
	} else if (a->kind == LANE_FIND_HEAD || a->kind == LANE_LOOK) {
		find_head(l, a, ev);
	} else if (a->kind == LANE_KEEP_TOKEN) {
		memcpy(ev->token, a->token, sizeof(ev->token));
		memcpy(l->token, a->token, sizeof(l->token));
		ev->kind = LANE_TOKEN_KEPT;
	} else if (a->kind == LANE_TAKE) {
		l->taken_count += a->batch ? a->batch->count : 0;
	} else if (a->kind == LANE_OPEN) {
		open_chain(l, a, ev);
	} else if (a->kind == LANE_REBASE) {
		rebase(l, a, ev);
	} else if (a->kind == LANE_KEEP_RECEIPT) {
		l->receipts[a->msg.ack.receipt.lane - 1] = a->msg.ack.receipt;
	} else if (a->kind == LANE_CONFIG_PART) {
		if (a->offset_bytes == 0)
			buf_reset(&l->config);
		buf_add_view(&l->config, a->bytes);
	} else if (a->kind == LANE_CONFIG_DONE) {
		l->has_config = a->ok;
		l->offered = a->config;
		ev->kind = LANE_CONFIG_APPLIED;
		ev->ok = true;
	}
	return ev->kind != 0;
}

void
line_step(struct line *l, const struct lane_event *first)
{
	struct lane_event todo[STEPS_COUNT] = {*first};
	struct sync_batch batches[STEPS_COUNT];
	size_t count = 1;
	for (size_t i = 0; i < count; i++) {
		todo[i].mono_ms = l->mono_ms;
		lane_node_step(&l->lane, &todo[i], &l->actions);
		for (size_t k = 0; k < l->actions.count && count < STEPS_COUNT; k++)
			if (carry_out(l, &l->actions.at[k], &batches[count], &todo[count]))
				count++;
	}
}

static void
receive(struct line *l, struct view frame)
{
	OWNED_BUF struct buf plain;
	struct sync_msg m;
	buf_init(&plain, SYNC_FRAME_MAX_BYTES);
	if (frame.at[0] == INGEST_TERMS)
		return; /* beside the session */
	assert_int_equal(frame.at[0], INGEST_SEALED);
	assert_ok(box_open(&plain, view_of(frame.at + 1, frame.len - 1), l->node->box));
	l->arena.used = 0;
	assert_ok(sync_unpack(&m, &l->arena, buf_view(&plain)));
	if (m.kind == SYNC_CLOSE)
		l->close_count++;
	const struct lane_event ev = {.kind = LANE_MESSAGE,
		.wall_ms = clock_wall_ms(),
		.message = &m,
		.frame = buf_view(&plain)};
	line_step(l, &ev);
}

static void
drop_inbox(struct line *l)
{
	for (size_t i = 0; i < l->inbox_count; i++)
		buf_done(&l->inbox[i]);
	l->inbox_count = 0;
}

void
line_pump(struct line *l)
{
	for (int round = 0; round < ROUNDS_COUNT; round++) {
		struct buf frames[INBOX_COUNT];
		size_t count = l->inbox_count;
		memcpy(frames, l->inbox, sizeof(frames));
		l->inbox_count = 0;
		for (size_t i = 0; i < count; i++) {
			receive(l, buf_view(&frames[i]));
			buf_done(&frames[i]);
		}
		if (!l->mute)
			line_end_turn(l);
		if (!l->inbox_count)
			return;
	}
	fail_msg("the line does not come to rest");
}

void
line_start_node(struct line *l)
{
	struct lane_node_setup s = {.study = PLACE_STUDY,
		.incarnation = l->node->incarnation,
		.base_incarnation = l->chain.base_incarnation};
	memcpy(s.base, l->chain.base, sizeof(s.base));
	memcpy(s.token, l->token, sizeof(s.token));
	memcpy(s.writer, l->node->writer.public, sizeof(s.writer));
	memcpy(s.receipt_public, l->place->keys->receipt_public, sizeof(s.receipt_public));
	for (uint8_t i = 0; i < LANE_COUNT; i++)
		s.last[i] = node_mark(l->node, (uint8_t)(i + 1));
	lane_node_init(&l->lane, &s);
}

void
line_connect(struct line *l)
{
	struct lane_event ev = {.kind = LANE_CONNECTED, .wall_ms = clock_wall_ms()};
	crypto_random(ev.id, sizeof(ev.id));
	line_step(l, &ev);
}

void
line_lose(struct line *l)
{
	const struct lane_event ev = {.kind = LANE_LOST};
	drop_inbox(l);
	line_step(l, &ev);
}

void
line_add_one_person(struct line *l, uint8_t person)
{
	struct wire_rules consent = node_consent(person, (uint8_t)(100 + person));
	struct wire_rules record = node_record(person, (uint8_t)(200 + person));
	node_add_rules(l->node, LANE_C, &consent);
	node_add_rules(l->node, LANE_R, &record);
}

void
line_restart_ingest(struct line *l)
{
	ingest_free(l->ingest);
	l->ingest = ingest_new(&l->place->hub, carry, l);
	assert_ok(ingest_tick(l->ingest, l->mono_ms));
}

int
line_make(void **state)
{
	void *place = NULL;
	struct line *l = xcalloc(1, sizeof(*l));
	if (make_hub_in_force(&place))
		return -1;
	l->place = place;
	l->node = node_new(l->place, "norway");
	l->arena.room = sync_arena_bytes(SYNC_FRAME_MAX_BYTES);
	l->arena.at = xcalloc(1, l->arena.room);
	l->mono_ms = 1000;
	buf_init(&l->config, WIRE_SIGNED_MANIFEST_MAX_BYTES);
	line_restart_ingest(l);
	line_end_turn(l);
	*state = l;
	return 0;
}

int
line_drop(void **state)
{
	struct line *l = *state;
	void *place = l->place;
	drop_inbox(l);
	ingest_free(l->ingest);
	node_free(l->node);
	buf_done(&l->config);
	free(l->arena.at);
	free(l);
	return drop_hub(&place);
}

/* ---- what is at the hub ---- */

uint64_t
line_rows(struct line *l, enum vault_table table)
{
	struct vault_txn *t = NULL;
	uint64_t count = 0;
	assert_ok(hub_txn(&l->place->hub, &t));
	assert_ok(vault_count(t, table, &count));
	assert_ok(hub_commit(&l->place->hub));
	return count;
}

struct standing
line_standing_of(struct line *l)
{
	struct vault_txn *t = NULL;
	struct standing s;
	assert_ok(hub_txn(&l->place->hub, &t));
	assert_ok(standing_get(t, l->node->writer.public, &s));
	assert_ok(hub_commit(&l->place->hub));
	return s;
}

void
line_last_leaf(struct line *l, struct leaf *ret, struct json **ret_tree)
{
	OWNED_BUF struct buf bytes;
	struct vault_txn *t = NULL;
	buf_init(&bytes, LEAF_MOST_BYTES);
	assert_ok(hub_txn(&l->place->hub, &t));
	assert_ok(vault_last(t, VAULT_LEAVES, view_of(NULL, 0), NULL, &bytes));
	assert_ok(leaf_parse(ret, ret_tree, buf_view(&bytes)));
	assert_ok(hub_commit(&l->place->hub));
}
