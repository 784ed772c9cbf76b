#include "tests/unit/suite.h"

#include "common/codec/json.h"
#include "common/sync/lane_node.h"
#include "common/trust/leaf.h"
#include "hub/ingest.h"
#include "hub/invitation.h"
#include "tests/unit/hub_node.h"

#define INBOX_COUNT  64
#define STEPS_COUNT  16
#define ROUNDS_COUNT 40
#define ROUTING      "\x01\x02\x03\x04\x05"

/* A node's session machine and the hub's ingest, with the line between them in memory. */
struct line {
	struct hub_place *place;
	struct fake_node *node;
	struct lane_node lane;
	struct lane_actions actions;
	struct ingest *ingest;
	struct buf inbox[INBOX_COUNT]; /* frames from the hub, sealed */
	size_t inbox_count;
	struct wire_arena arena;
	struct sync_entry entries[SYNC_BATCH_MAX_COUNT];
	struct buf config; /* bytes of the manifest as they came */
	struct sync_offer offered;
	bool has_config;
	struct sync_receipt receipts[LANE_COUNT];
	size_t close_count;
	int64_t mono_ms;
	bool mute; /* turns are not committed by pump() */
};

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

static enum err
feed_as(struct line *l, const uint8_t key[static BOX_PUBLIC_BYTES], struct view bytes)
{
	struct ingest_frame f = {.routing = view_text(ROUTING), .bytes = bytes};
	memcpy(f.key, key, sizeof(f.key));
	return ingest_frame(l->ingest, &f, l->mono_ms);
}

static void
end_turn(struct line *l)
{
	assert_ok(hub_commit(&l->place->hub));
	audit_committed(l->place->hub.audit);
	assert_ok(ingest_committed(l->ingest, l->mono_ms));
}

static void
fail_turn(struct line *l)
{
	hub_abort(&l->place->hub);
	assert_ok(audit_aborted(l->place->hub.audit));
	assert_ok(ingest_failed(l->ingest, l->mono_ms));
}

static void
publish(struct line *l)
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
	assert_ok(feed_as(l, l->node->writer.transport, buf_view(&frame)));
}

static void
fetch(struct line *l, const struct lane_action *a, struct sync_batch *batch)
{
	size_t count = 0;
	*batch = (struct sync_batch){
		.lane = a->lane, .first = a->mark.seq, .entries = l->entries};
	while (a->mark.seq + count <= l->node->count[a->lane - 1]) {
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
	ev->kind = LANE_HEAD_FOUND;
	ev->mark.seq = a->mark.seq;
	ev->found = a->mark.seq >= 1 && a->mark.seq <= l->node->count[a->lane - 1];
	if (ev->found)
		memcpy(ev->mark.head, l->node->lanes[a->lane - 1][a->mark.seq - 1].hash,
			sizeof(ev->mark.head));
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
	} else if (a->kind == LANE_FIND_HEAD) {
		find_head(l, a, ev);
	} else if (a->kind == LANE_KEEP_TOKEN) {
		memcpy(ev->token, a->token, sizeof(ev->token));
		ev->kind = LANE_TOKEN_KEPT;
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

static void
step(struct line *l, const struct lane_event *first)
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
	assert_int_equal(frame.at[0], 1);
	assert_ok(box_open(&plain, view_of(frame.at + 1, frame.len - 1), l->node->box));
	l->arena.used = 0;
	assert_ok(sync_unpack(&m, &l->arena, buf_view(&plain)));
	if (m.kind == SYNC_CLOSE)
		l->close_count++;
	const struct lane_event ev = {.kind = LANE_MESSAGE,
		.wall_ms = clock_wall_ms(),
		.message = &m,
		.frame = buf_view(&plain)};
	step(l, &ev);
}

static void
drop_inbox(struct line *l)
{
	for (size_t i = 0; i < l->inbox_count; i++)
		buf_done(&l->inbox[i]);
	l->inbox_count = 0;
}

/* Hand over what is on the way until nothing is. */
static void
pump(struct line *l)
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
			end_turn(l);
		if (!l->inbox_count)
			return;
	}
	fail_msg("the line does not come to rest");
}

static void
start_node(struct line *l)
{
	struct lane_node_setup s = {.incarnation = 1};
	memcpy(s.writer, l->node->writer.public, sizeof(s.writer));
	memcpy(s.receipt_public, l->place->keys->receipt_public, sizeof(s.receipt_public));
	for (uint8_t i = 0; i < LANE_COUNT; i++)
		s.last[i] = node_mark(l->node, (uint8_t)(i + 1));
	lane_node_init(&l->lane, &s);
}

static void
connect(struct line *l)
{
	struct lane_event ev = {.kind = LANE_CONNECTED, .wall_ms = clock_wall_ms()};
	crypto_random(ev.id, sizeof(ev.id));
	step(l, &ev);
}

static void
lose(struct line *l)
{
	const struct lane_event ev = {.kind = LANE_LOST};
	drop_inbox(l);
	step(l, &ev);
}

static void
add_one_person(struct line *l, uint8_t person)
{
	struct wire_rules consent = node_consent(person, (uint8_t)(100 + person));
	struct wire_rules record = node_record(person, (uint8_t)(200 + person));
	node_add_rules(l->node, LANE_C, &consent);
	node_add_rules(l->node, LANE_R, &record);
}

static void
restart_ingest(struct line *l)
{
	ingest_free(l->ingest);
	l->ingest = ingest_new(&l->place->hub, carry, l);
	assert_ok(ingest_tick(l->ingest, l->mono_ms));
}

static int
make_line(void **state)
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
	restart_ingest(l);
	end_turn(l);
	*state = l;
	return 0;
}

static int
drop_line(void **state)
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

static uint64_t
rows(struct line *l, enum vault_table table)
{
	struct vault_txn *t = NULL;
	uint64_t count = 0;
	assert_ok(hub_txn(&l->place->hub, &t));
	assert_ok(vault_count(t, table, &count));
	assert_ok(hub_commit(&l->place->hub));
	return count;
}

static struct standing
standing_of(struct line *l)
{
	struct vault_txn *t = NULL;
	struct standing s;
	assert_ok(hub_txn(&l->place->hub, &t));
	assert_ok(standing_get(t, l->node->writer.public, &s));
	assert_ok(hub_commit(&l->place->hub));
	return s;
}

/* The newest leaf. */
static void
last_leaf(struct line *l, struct leaf *ret, struct json **ret_tree)
{
	OWNED_BUF struct buf bytes;
	struct vault_txn *t = NULL;
	buf_init(&bytes, LEAF_MOST_BYTES);
	assert_ok(hub_txn(&l->place->hub, &t));
	assert_ok(vault_last(t, VAULT_LEAVES, view_of(NULL, 0), NULL, &bytes));
	assert_ok(leaf_parse(ret, ret_tree, buf_view(&bytes)));
	assert_ok(hub_commit(&l->place->hub));
}

/* ---- tests ---- */

static void
entries_arrive_once_and_are_receipted(void **state)
{
	struct line *l = *state;
	add_one_person(l, 1);
	add_one_person(l, 2);
	uint64_t leaves = audit_size(l->place->hub.audit);
	start_node(l);
	connect(l);
	pump(l);
	assert_int_equal(l->lane.state, LANE_UP);
	assert_int_equal(rows(l, VAULT_ENTRIES), 4);
	assert_int_equal(rows(l, VAULT_RECORDS), 2);
	assert_int_equal(rows(l, VAULT_CONSENTS), 2);
	assert_int_equal(audit_size(l->place->hub.audit), leaves + 4);
	assert_int_equal(l->lane.lanes[LANE_R - 1].at_hub, 0);
	publish(l);
	pump(l);
	assert_int_equal(l->lane.lanes[LANE_C - 1].at_hub, 2);
	assert_int_equal(l->lane.lanes[LANE_R - 1].at_hub, 2);
	assert_int_equal(l->receipts[LANE_R - 1].checkpoint.seq, leaves + 4);
	/* Again, with a hub that was started anew: nothing comes twice. */
	lose(l);
	restart_ingest(l);
	connect(l);
	pump(l);
	assert_int_equal(l->lane.state, LANE_UP);
	assert_int_equal(rows(l, VAULT_ENTRIES), 4);
	assert_int_equal(audit_size(l->place->hub.audit), leaves + 4);
}

static void
nothing_leaves_before_the_turn_is_committed(void **state)
{
	struct line *l = *state;
	add_one_person(l, 1);
	start_node(l);
	connect(l);
	assert_int_equal(l->inbox_count, 0); /* no WELCOME before its token is kept */
	pump(l);
	add_one_person(l, 2);
	struct lane_event more = {
		.kind = LANE_APPENDED, .lane = LANE_C, .mark = node_mark(l->node, LANE_C)};
	step(l, &more);
	assert_int_equal(l->inbox_count, 0); /* no ACK before the entries are kept */
	end_turn(l);
	assert_int_equal(l->inbox_count, 1);
	pump(l);
}

static void
a_turn_that_fails_leaves_nothing_and_is_made_again(void **state)
{
	struct line *l = *state;
	start_node(l);
	connect(l);
	pump(l);
	uint64_t leaves = audit_size(l->place->hub.audit);
	struct wire_rules consent = node_consent(1, 1);
	node_add_rules(l->node, LANE_C, &consent);
	struct lane_event more = {
		.kind = LANE_APPENDED, .lane = LANE_C, .mark = node_mark(l->node, LANE_C)};
	step(l, &more);
	assert_int_equal(audit_size(l->place->hub.audit), leaves + 1);
	fail_turn(l);
	assert_int_equal(audit_size(l->place->hub.audit), leaves);
	assert_int_equal(rows(l, VAULT_ENTRIES), 0);
	pump(l);
	assert_int_equal(l->close_count, 1);
	lose(l);
	connect(l);
	pump(l);
	assert_int_equal(rows(l, VAULT_ENTRIES), 1);
	assert_int_equal(audit_size(l->place->hub.audit), leaves + 1);
}

static void
on_a_full_disk_control_comes_in_and_records_wait(void **state)
{
	struct line *l = *state;
	struct vault_txn *t = NULL;
	start_node(l);
	connect(l);
	pump(l);
	add_one_person(l, 1);
	struct lane_event control = {
		.kind = LANE_APPENDED, .lane = LANE_C, .mark = node_mark(l->node, LANE_C)};
	struct lane_event records = {
		.kind = LANE_APPENDED, .lane = LANE_R, .mark = node_mark(l->node, LANE_R)};
	assert_ok(hub_txn_reserve(&l->place->hub, &t));
	l->place->hub.on_reserve = true;
	step(l, &control);
	end_turn(l);
	assert_int_equal(rows(l, VAULT_ENTRIES), 1);
	assert_ok(hub_txn_reserve(&l->place->hub, &t));
	l->place->hub.on_reserve = true;
	step(l, &records);
	l->mute = true;
	pump(l);
	end_turn(l);
	assert_int_equal(rows(l, VAULT_ENTRIES), 1);
	l->mute = false;
	pump(l);
	assert_int_equal(l->close_count, 1);
}

static void
a_copy_of_a_node_is_put_in_quarantine_and_logged(void **state)
{
	struct line *l = *state;
	OWNED(json) struct json *tree = NULL;
	struct leaf leaf;
	add_one_person(l, 1);
	start_node(l);
	connect(l);
	pump(l);
	/* The same keys, set back to before the session: its token was used. */
	lose(l);
	start_node(l);
	connect(l);
	pump(l);
	assert_int_equal(standing_of(l).standing, SYNC_CLONE);
	last_leaf(l, &leaf, &tree);
	assert_string_equal(leaf.action, "access-refused");
	assert_string_equal(leaf.reason_code, "clone");
	assert_string_equal(leaf.site, "norway");
	uint64_t entries = rows(l, VAULT_ENTRIES);
	lose(l);
	restart_ingest(l);
	start_node(l);
	connect(l);
	pump(l);
	assert_int_equal(l->lane.state, LANE_STOPPED);
	assert_int_equal(rows(l, VAULT_ENTRIES), entries);
}

static void
frames_that_do_not_fit_are_dropped_and_change_nothing(void **state)
{
	struct line *l = *state;
	OWNED_BUF struct buf garbage, other_box, big;
	uint8_t stranger[BOX_PUBLIC_BYTES] = {9};
	const uint8_t *key = l->node->writer.transport;
	buf_init(&garbage, 64);
	buf_init(&other_box, 512);
	buf_init(&big, SYNC_FRAME_MAX_BYTES * 2);
	buf_add(&garbage,
		"\x01 not a box, but long enough to look like one to a hurried reader", 64);
	buf_u8(&other_box, 1);
	box_seal(&other_box, view_text("not a message"), l->place->hub.box_public);
	for (size_t i = 0; i < SYNC_FRAME_MAX_BYTES + 100; i++)
		buf_u8(&big, 1);
	const struct {
		const uint8_t *key;
		struct view bytes;
	} bad[] = {
		{key, view_of(NULL, 0)},
		{key, view_of("\x01", 1)},
		{key, buf_view(&garbage)},
		{key, buf_view(&other_box)},
		{key, buf_view(&big)},
		{key, view_text("\x03 a kind that is none")},
		{key, view_text("\x02 plain words of a node")},
		{stranger, buf_view(&garbage)},
	};
	uint8_t before[HASH_BYTES], after[HASH_BYTES];
	place_holds(l->place, before);
	end_turn(l);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		assert_ok(feed_as(l, bad[i].key, bad[i].bytes));
		assert_int_equal(ingest_dropped_count(l->ingest), i + 1);
	}
	end_turn(l);
	assert_int_equal(l->inbox_count, 0);
	place_holds(l->place, after);
	end_turn(l);
	assert_memory_equal(before, after, sizeof(before));
}

static void
the_manifest_in_force_is_offered_and_read_by_its_hash(void **state)
{
	struct line *l = *state;
	uint8_t hash[HASH_BYTES];
	start_node(l);
	connect(l);
	pump(l);
	assert_true(l->has_config);
	assert_int_equal(l->offered.number, 1);
	assert_int_equal(l->config.len, l->offered.length_bytes);
	manifest_document_hash(hash, buf_view(&l->config));
	assert_memory_equal(hash, l->offered.hash, sizeof(hash));
	assert_int_equal(standing_of(l).manifest, 1);
}

static void
an_act_of_the_site_is_logged_as_the_sites_word(void **state)
{
	struct line *l = *state;
	OWNED(json) struct json *tree = NULL;
	OWNED_BUF struct buf json, part;
	struct leaf leaf;
	const struct leaf said = {.id = "x",
		.t_s = 0,
		.site = "sweden",
		.actor = "coordinator-1",
		.role = "coordinator",
		.action = "released",
		.reason_code = "monthly"};
	buf_init(&json, LEAF_MOST_BYTES);
	buf_init(&part, LEAF_MOST_BYTES);
	assert_ok(leaf_write(&json, &said));
	assert_ok(wire_act_pack(&part, buf_view(&json)));
	(void)node_add(l->node, LANE_A, PART_ACT, buf_view(&part));
	start_node(l);
	connect(l);
	pump(l);
	last_leaf(l, &leaf, &tree);
	assert_string_equal(leaf.action, "act-received");
	assert_string_equal(leaf.reason_code, "released: monthly");
	assert_string_equal(leaf.site, "norway");
	assert_string_equal(leaf.actor, "coordinator-1");
	assert_string_not_equal(leaf.id, "x");
}

static void
a_revoked_node_is_heard_no_more(void **state)
{
	struct line *l = *state;
	struct vault_txn *t = NULL;
	start_node(l);
	connect(l);
	pump(l);
	l->node->writer.revoked_s = PLACE_NOW_S;
	assert_ok(hub_txn(&l->place->hub, &t));
	assert_ok(writer_put(t, &l->node->writer));
	end_turn(l);
	add_one_person(l, 1);
	struct lane_event more = {
		.kind = LANE_APPENDED, .lane = LANE_C, .mark = node_mark(l->node, LANE_C)};
	step(l, &more);
	end_turn(l);
	assert_int_equal(rows(l, VAULT_ENTRIES), 0);
}

#define at_a_line(test) cmocka_unit_test_setup_teardown(test, make_line, drop_line)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		at_a_line(entries_arrive_once_and_are_receipted),
		at_a_line(nothing_leaves_before_the_turn_is_committed),
		at_a_line(a_turn_that_fails_leaves_nothing_and_is_made_again),
		at_a_line(on_a_full_disk_control_comes_in_and_records_wait),
		at_a_line(a_copy_of_a_node_is_put_in_quarantine_and_logged),
		at_a_line(frames_that_do_not_fit_are_dropped_and_change_nothing),
		at_a_line(the_manifest_in_force_is_offered_and_read_by_its_hash),
		at_a_line(an_act_of_the_site_is_logged_as_the_sites_word),
		at_a_line(a_revoked_node_is_heard_no_more),
	};
	if (crypto_init())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
