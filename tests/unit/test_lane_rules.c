#include "tests/unit/suite.h"

#include "common/base/mem.h"
#include "tests/sim/lane_world.h"
#include "tests/unit/lane_worlds.h"

#define LONG_MS 3600000

/* One step of the hub on a message, its actions left in *out. */
static void
hub_hears(struct world *w, const struct sync_msg *m, struct lane_actions *out)
{
	struct lane_event ev = {.kind = LANE_MESSAGE, .message = m, .mono_ms = w->mono_ms};
	memset(ev.id, 0x77, sizeof(ev.id));
	memset(ev.token, 0x78, sizeof(ev.token));
	lane_hub_step(&w->hub, &ev, out);
}

static void
the_hub_holds_records_back_behind_their_control_floor(void **state)
{
	(void)state;
	OWNED(world) struct world *w = worlds_settled(5);
	OWNED_MEM struct lane_actions *out = xcalloc(1, sizeof(*out));
	struct sync_entry entries[2];
	w->node.state = LANE_OFFLINE;
	world_write(w, LANE_R, 2, 100);
	struct sync_msg m = worlds_batch(w, LANE_R, 6, 2, entries);
	m.batch.control_floor = 3;
	hub_hears(w, &m, out);
	assert_int_equal(out->count, 1);
	assert_int_equal(out->at[0].msg.kind, SYNC_NACK);
	assert_int_equal(out->at[0].msg.nack.code, SYNC_NACK_CONTROL);
	assert_int_equal(w->hub.lanes[LANE_R - 1].tail.seq, 5);
	m.batch.control_floor = 2;
	hub_hears(w, &m, out);
	assert_int_equal(out->at[0].kind, LANE_APPEND);
}

static void
a_gap_is_answered_once_with_what_is_expected(void **state)
{
	(void)state;
	OWNED(world) struct world *w = worlds_settled(4);
	OWNED_MEM struct lane_actions *out = xcalloc(1, sizeof(*out));
	struct sync_entry entries[1];
	w->node.state = LANE_OFFLINE;
	world_write(w, LANE_R, 3, 100);
	struct sync_msg m = worlds_batch(w, LANE_R, 6, 1, entries);
	hub_hears(w, &m, out);
	assert_int_equal(out->count, 1);
	const struct sync_nack *k = &out->at[0].msg.nack;
	assert_int_equal(out->at[0].msg.kind, SYNC_NACK);
	assert_int_equal(k->code, SYNC_NACK_GAP);
	assert_int_equal(k->expect_seq, 5);
	assert_memory_equal(k->expect_head, w->at_hub[LANE_R - 1].entries[3].hash, HASH_BYTES);
	m = worlds_batch(w, LANE_R, 7, 1, entries);
	hub_hears(w, &m, out);
	assert_int_equal(out->count, 0);
	assert_int_equal(w->hub.lanes[LANE_R - 1].tail.seq, 4);
}

/* Has the node's machine asked for a batch of this lane? */
static const struct lane_action *
fetch_of(const struct lane_actions *out, uint8_t lane)
{
	for (size_t i = 0; i < out->count; i++)
		if (out->at[i].kind == LANE_FETCH && out->at[i].lane == lane)
			return &out->at[i];
	return NULL;
}

static void
append_one(struct world *w, uint8_t lane, struct lane_actions *out)
{
	struct lane_event ev = {.kind = LANE_APPENDED,
		.mono_ms = w->mono_ms,
		.lane = lane,
		.mark = w->node.lanes[lane - 1].last};
	ev.mark.seq++;
	ev.mark.head[0] ^= 1;
	lane_node_step(&w->node, &ev, out);
}

/* Row 16, at a node that has not sent it yet. */
static void
a_damaged_entry_stops_its_lane_and_nothing_else(void **state)
{
	(void)state;
	static const struct {
		uint8_t damaged, next;
		bool goes;
	} cases[] = {
		{LANE_R, LANE_R, false},
		{LANE_R, LANE_C, true},
		{LANE_R, LANE_A, true},
		{LANE_A, LANE_R, true},
		{LANE_C, LANE_C, false},
		/* Everything waits for control entries. */
		{LANE_C, LANE_R, false},
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		OWNED(world) struct world *w = worlds_settled(2);
		OWNED_MEM struct lane_actions *out = xcalloc(1, sizeof(*out));
		append_one(w, cases[i].damaged, out);
		const struct lane_action *asked = fetch_of(out, cases[i].damaged);
		assert_non_null(asked);
		const struct lane_event unread = {.kind = LANE_FETCHED,
			.mono_ms = w->mono_ms,
			.lane = asked->lane,
			.ticket = asked->ticket};
		lane_node_step(&w->node, &unread, out);
		assert_int_equal(w->node.state, LANE_UP);
		assert_null(fetch_of(out, cases[i].damaged));
		append_one(w, cases[i].next, out);
		assert_int_equal(fetch_of(out, cases[i].next) != NULL, cases[i].goes);
		/* Another session tries again. */
		const struct lane_event lost = {.kind = LANE_LOST, .mono_ms = w->mono_ms};
		lane_node_step(&w->node, &lost, out);
		assert_int_equal(w->node.stuck, 0);
	}
}

/* Row 16, at the hub: what it cannot read says nothing of the node. */
static void
an_entry_that_the_hub_cannot_read_is_no_fork(void **state)
{
	(void)state;
	OWNED(world) struct world *w = worlds_settled(6);
	OWNED_MEM struct lane_actions *out = xcalloc(1, sizeof(*out));
	struct sync_entry entries[6];
	struct sync_msg m = worlds_batch(w, LANE_R, 2, 3, entries);
	hub_hears(w, &m, out);
	assert_int_equal(out->at[0].kind, LANE_FIND_HEAD);
	struct lane_event answer = {.kind = LANE_HEAD_FOUND,
		.ticket = out->at[0].ticket,
		.lane = LANE_R,
		.why = out->at[0].why,
		.batch = &m.batch,
		.mark = {.seq = out->at[0].mark.seq}};
	memcpy(answer.wanted, out->at[0].wanted, sizeof(answer.wanted));
	lane_hub_step(&w->hub, &answer, out);
	assert_int_equal(w->hub.standing, SYNC_OK);
	assert_int_equal(out->count, 1);
	assert_int_equal(out->at[0].msg.kind, SYNC_ACK);
	answer.found = true;
	answer.mark.head[0] = 1;
	lane_hub_step(&w->hub, &answer, out);
	assert_int_equal(w->hub.standing, SYNC_FORK);
}

static void
a_batch_that_is_there_is_acknowledged_again(void **state)
{
	(void)state;
	OWNED(world) struct world *w = worlds_settled(6);
	OWNED_MEM struct lane_actions *out = xcalloc(1, sizeof(*out));
	struct sync_entry entries[6];
	struct sync_msg m = worlds_batch(w, LANE_R, 1, 6, entries);
	hub_hears(w, &m, out);
	assert_int_equal(out->count, 1);
	assert_int_equal(out->at[0].msg.kind, SYNC_ACK);
	m = worlds_batch(w, LANE_R, 2, 3, entries);
	hub_hears(w, &m, out);
	assert_int_equal(out->at[0].kind, LANE_FIND_HEAD);
	assert_int_equal(out->at[0].mark.seq, 4);
	assert_memory_equal(
		out->at[0].wanted, w->at_hub[LANE_R - 1].entries[3].hash, HASH_BYTES);
}

static void
spoil(struct sync_batch *b, struct sync_entry *entries, uint8_t *spare, unsigned how)
{
	memcpy(spare, how == 1 ? entries[0].parts[0].bytes.at : entries[0].header.at, 50);
	if (how == 0)
		b->signature[5] ^= 1;
	if (how == 1) {
		spare[30] ^= 1;
		entries[0].parts[0].bytes = view_of(spare, 50);
	}
	if (how == 2)
		b->head[5] ^= 1;
	if (how == 3)
		entries[0].header = view_of(spare, 50);
	if (how == 4)
		entries[0].parts[0].kind = PART_ANSWERS;
	if (how == 5)
		b->lane = LANE_A;
	if (how == 6)
		entries[0] = entries[1];
}

static void
a_batch_that_is_not_what_it_says_is_refused_and_changes_nothing(void **state)
{
	(void)state;
	static const struct {
		unsigned how;
		enum sync_nack_code code;
	} rows[] = {
		{0, SYNC_NACK_SIGNATURE}, /* the signature */
		{1, SYNC_NACK_DAMAGED},   /* a part */
		{2, SYNC_NACK_SIGNATURE}, /* the head */
		{3, SYNC_NACK_DAMAGED},   /* a header */
		{4, SYNC_NACK_DAMAGED},   /* the kind of a part */
		{5, SYNC_NACK_GAP},       /* the lane */
		{6, SYNC_NACK_DAMAGED},   /* an entry twice */
	};
	OWNED_MEM struct lane_actions *out = xcalloc(1, sizeof(*out));
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		OWNED(world) struct world *w = worlds_settled(4);
		w->node.state = LANE_OFFLINE;
		world_write(w, LANE_R, 3, 50);
		struct sync_entry entries[3];
		uint8_t spare[50];
		struct sync_msg m = worlds_batch(w, LANE_R, 5, 3, entries);
		spoil(&m.batch, entries, spare, rows[i].how);
		struct lane_in before[LANE_COUNT];
		memcpy(before, w->hub.lanes, sizeof(before));
		hub_hears(w, &m, out);
		assert_int_equal(out->count, 1);
		assert_int_equal(out->at[0].msg.kind, SYNC_NACK);
		assert_int_equal(out->at[0].msg.nack.code, rows[i].code);
		assert_int_equal(w->hub.refused_count, 1);
		assert_int_equal(w->hub.standing, SYNC_OK);
		for (size_t l = 0; l < LANE_COUNT; l++) {
			assert_memory_equal(
				&before[l].tail, &w->hub.lanes[l].tail, sizeof(before[l].tail));
			assert_int_equal(before[l].held_bytes, w->hub.lanes[l].held_bytes);
		}
	}
}

static void
a_batch_of_another_study_or_writer_is_refused(void **state)
{
	(void)state;
	OWNED_MEM struct lane_actions *out = xcalloc(1, sizeof(*out));
	OWNED(world) struct world *w = worlds_settled(4);
	w->node.state = LANE_OFFLINE;
	world_write(w, LANE_R, 1, 50);
	struct sync_entry entries[1];
	struct sync_msg m = worlds_batch(w, LANE_R, 5, 1, entries);
	memcpy(w->hub.study, "otherstudy", 11);
	hub_hears(w, &m, out);
	assert_int_equal(out->at[0].msg.nack.code, SYNC_NACK_SIGNATURE);
	memcpy(w->hub.study, WORLD_STUDY, sizeof(WORLD_STUDY));
	w->hub.writer[0] ^= 1;
	hub_hears(w, &m, out);
	assert_int_equal(out->at[0].msg.nack.code, SYNC_NACK_SIGNATURE);
}

static void
frames_of_another_session_are_dropped_and_told_so(void **state)
{
	(void)state;
	OWNED_MEM struct lane_actions *out = xcalloc(1, sizeof(*out));
	OWNED(world) struct world *w = worlds_settled(4);
	w->node.state = LANE_OFFLINE;
	world_write(w, LANE_R, 1, 50);
	struct sync_entry entries[1];
	struct sync_msg m = worlds_batch(w, LANE_R, 5, 1, entries);
	m.batch.session[0] ^= 1;
	hub_hears(w, &m, out);
	assert_int_equal(out->count, 1);
	assert_int_equal(out->at[0].msg.kind, SYNC_CLOSE);
	assert_int_equal(out->at[0].msg.close.code, SYNC_CLOSE_STALE);
	assert_memory_equal(
		out->at[0].msg.close.session, m.batch.session, sizeof(m.batch.session));
	assert_int_equal(w->hub.state, LANE_ALIVE);
	assert_int_equal(w->hub.lanes[LANE_R - 1].tail.seq, 4);
}

static void
a_hello_without_ready_changes_nothing_but_the_pending_token(void **state)
{
	(void)state;
	OWNED(world) struct world *w = worlds_settled(4);
	OWNED_BUF struct buf frame;
	buf_init(&frame, SYNC_FRAME_MAX_BYTES);
	(void)worlds_hello(w, &frame);
	struct lane_hub_writer before = w->hub;
	uint8_t token[WIRE_ID_BYTES];
	memcpy(token, w->hub_token, sizeof(token));
	for (unsigned times = 0; times < 3; times++)
		world_inject(w, true, buf_view(&frame));
	world_run(w, 3000);
	assert_int_equal(w->hub.state, LANE_ALIVE);
	assert_int_equal(w->hub.standing, SYNC_OK);
	assert_memory_equal(w->hub.session, before.session, sizeof(before.session));
	assert_memory_equal(w->hub.token, before.token, sizeof(before.token));
	assert_memory_equal(w->hub_token, token, sizeof(token));
	assert_memory_equal(w->hub.lanes, before.lanes, sizeof(before.lanes));
	world_write(w, LANE_R, 5, 100);
	world_run(w, LONG_MS);
	worlds_agree(w);
	assert_int_equal(w->live_count, 1);
}

static void
a_ready_with_a_wrong_signature_begins_nothing(void **state)
{
	(void)state;
	OWNED_MEM struct lane_actions *out = xcalloc(1, sizeof(*out));
	OWNED(world) struct world *w = worlds_settled(4);
	OWNED_BUF struct buf frame;
	buf_init(&frame, SYNC_FRAME_MAX_BYTES);
	struct sync_msg m = worlds_hello(w, &frame);
	hub_hears(w, &m, out);
	struct lane_event kept = {.kind = LANE_TOKENS_KEPT, .ticket = out->at[0].ticket};
	lane_hub_step(&w->hub, &kept, out);
	assert_int_equal(out->at[0].msg.kind, SYNC_WELCOME);
	struct lane_hub_writer before = w->hub;
	struct sync_msg ready = {.kind = SYNC_READY};
	memcpy(ready.ready.session, out->at[0].msg.welcome.session, WIRE_ID_BYTES);
	hub_hears(w, &ready, out);
	assert_int_equal(out->count, 0);
	assert_memory_equal(w->hub.session, before.session, sizeof(before.session));
	assert_memory_equal(w->hub.token, before.token, sizeof(before.token));
	assert_int_equal(w->hub.refused_count, before.refused_count + 1);
}

static void
a_node_of_another_version_has_to_upgrade(void **state)
{
	(void)state;
	OWNED_MEM struct lane_actions *out = xcalloc(1, sizeof(*out));
	OWNED(world) struct world *w = worlds_settled(1);
	OWNED_BUF struct buf frame;
	buf_init(&frame, SYNC_FRAME_MAX_BYTES);
	struct sync_msg m = worlds_hello(w, &frame);
	m.hello.proto_min = LANE_PROTO + 1;
	m.hello.proto_max = LANE_PROTO + 1;
	hub_hears(w, &m, out);
	assert_int_equal(out->at[0].msg.kind, SYNC_WELCOME);
	assert_int_equal(out->at[0].msg.welcome.verdict, SYNC_UPGRADE);
	assert_int_equal(w->hub.state, LANE_ALIVE);
}

static void
a_welcome_counts_only_for_its_hello_and_signed_by_the_hub(void **state)
{
	(void)state;
	OWNED_MEM struct lane_actions *out = xcalloc(1, sizeof(*out));
	OWNED(world) struct world *w = world_new(4);
	struct lane_event connected = {.kind = LANE_CONNECTED, .id = {1}};
	world_tell_node(w, &connected);
	struct sync_msg m = {.kind = SYNC_WELCOME};
	m.welcome.verdict = SYNC_OK;
	m.welcome.mode = SYNC_NORMAL;
	m.welcome.proto = LANE_PROTO;
	m.welcome.nonce[0] = 2;
	struct lane_event ev = {.kind = LANE_MESSAGE, .message = &m};
	lane_node_step(&w->node, &ev, out);
	assert_int_equal(out->count, 0);
	assert_int_equal(w->node.state, LANE_HELLO_SENT);
	m.welcome.nonce[0] = 1;
	lane_node_step(&w->node, &ev, out);
	assert_int_equal(w->node.state, LANE_OFFLINE);
	assert_int_equal(out->at[0].kind, LANE_REPORT);
	assert_int_equal(out->at[1].kind, LANE_RECONNECT);
}

static void
only_a_receipt_of_the_hub_moves_the_mark(void **state)
{
	(void)state;
	OWNED_MEM struct lane_actions *out = xcalloc(1, sizeof(*out));
	OWNED(world) struct world *w = worlds_settled(3);
	struct sync_msg m = {.kind = SYNC_ACK};
	memcpy(m.ack.session, w->node.session, WIRE_ID_BYTES);
	for (size_t i = 0; i < LANE_COUNT; i++)
		m.ack.durable[i] = w->node.lanes[i].acked;
	m.ack.credit_bytes = SYNC_CREDIT_MIN_BYTES;
	m.ack.has_receipt = true;
	m.ack.receipt = w->node.receipts[LANE_R - 1];
	w->node.lanes[m.ack.receipt.lane - 1].at_hub = 0;
	struct lane_event ev = {.kind = LANE_MESSAGE, .message = &m};
	m.ack.receipt.signature[3] ^= 1;
	lane_node_step(&w->node, &ev, out);
	assert_int_equal(out->count, 1);
	assert_int_equal(out->at[0].kind, LANE_REPORT);
	m.ack.receipt.signature[3] ^= 1;
	lane_node_step(&w->node, &ev, out);
	assert_int_equal(out->count, 1);
	assert_int_equal(out->at[0].kind, LANE_KEEP_RECEIPT);
}

static void
a_store_that_fails_ends_the_session_and_nothing_is_acknowledged(void **state)
{
	(void)state;
	OWNED_MEM struct lane_actions *out = xcalloc(1, sizeof(*out));
	OWNED(world) struct world *w = worlds_settled(3);
	w->node.state = LANE_OFFLINE;
	world_write(w, LANE_R, 2, 50);
	struct sync_entry entries[2];
	struct sync_msg m = worlds_batch(w, LANE_R, 4, 2, entries);
	hub_hears(w, &m, out);
	assert_int_equal(out->at[0].kind, LANE_APPEND);
	assert_int_equal(w->hub.lanes[LANE_R - 1].tail.seq, 5);
	struct lane_event failed = {.kind = LANE_STORE_FAILED};
	lane_hub_step(&w->hub, &failed, out);
	assert_int_equal(out->count, 1);
	assert_int_equal(out->at[0].msg.close.code, SYNC_CLOSE_FULL);
	assert_int_equal(w->hub.lanes[LANE_R - 1].tail.seq, 3);
	assert_int_equal(w->hub.state, LANE_ABSENT);
	world_crash_node(w);
	world_run(w, LONG_MS);
	worlds_agree(w);
}

static void
waits_longer_after_each_failure_up_to_a_bound(void **state)
{
	(void)state;
	OWNED_MEM struct lane_actions *out = xcalloc(1, sizeof(*out));
	OWNED(world) struct world *w = world_new(1);
	uint32_t longest_ms = 0;
	for (unsigned i = 0; i < 20; i++) {
		struct lane_event connected = {.kind = LANE_CONNECTED};
		lane_node_step(&w->node, &connected, out);
		struct lane_event lost = {.kind = LANE_LOST, .random = i * 7919};
		lane_node_step(&w->node, &lost, out);
		assert_int_equal(out->at[0].kind, LANE_RECONNECT);
		assert_true(out->at[0].after_ms >= LANE_BACKOFF_FIRST_MS / 2);
		assert_true(out->at[0].after_ms <= LANE_BACKOFF_MOST_MS);
		assert_true(i > 3 || out->at[0].after_ms <= 1000u << i);
		longest_ms = MAX(longest_ms, out->at[0].after_ms);
	}
	assert_true(longest_ms > LANE_BACKOFF_MOST_MS / 2);
}

static void
an_idle_node_pings_and_gives_up_on_silence(void **state)
{
	(void)state;
	OWNED_MEM struct lane_actions *out = xcalloc(1, sizeof(*out));
	OWNED(world) struct world *w = worlds_settled(1);
	struct lane_event tick = {.kind = LANE_TICK, .mono_ms = w->node.heard_ms + 31000};
	lane_node_step(&w->node, &tick, out);
	assert_int_equal(out->at[0].msg.kind, SYNC_PING);
	lane_node_step(&w->node, &tick, out);
	assert_int_equal(out->count, 0);
	tick.mono_ms += LANE_SILENCE_MS;
	lane_node_step(&w->node, &tick, out);
	assert_int_equal(out->at[0].kind, LANE_RECONNECT);
	assert_int_equal(w->node.state, LANE_OFFLINE);
}

static int
prepare(void **state)
{
	(void)state;
	return crypto_init() ? -1 : 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_hub_holds_records_back_behind_their_control_floor),
		cmocka_unit_test(a_gap_is_answered_once_with_what_is_expected),
		cmocka_unit_test(a_batch_that_is_there_is_acknowledged_again),
		cmocka_unit_test(a_damaged_entry_stops_its_lane_and_nothing_else),
		cmocka_unit_test(an_entry_that_the_hub_cannot_read_is_no_fork),
		cmocka_unit_test(
			a_batch_that_is_not_what_it_says_is_refused_and_changes_nothing),
		cmocka_unit_test(a_batch_of_another_study_or_writer_is_refused),
		cmocka_unit_test(frames_of_another_session_are_dropped_and_told_so),
		cmocka_unit_test(a_hello_without_ready_changes_nothing_but_the_pending_token),
		cmocka_unit_test(a_ready_with_a_wrong_signature_begins_nothing),
		cmocka_unit_test(a_node_of_another_version_has_to_upgrade),
		cmocka_unit_test(a_welcome_counts_only_for_its_hello_and_signed_by_the_hub),
		cmocka_unit_test(only_a_receipt_of_the_hub_moves_the_mark),
		cmocka_unit_test(
			a_store_that_fails_ends_the_session_and_nothing_is_acknowledged),
		cmocka_unit_test(waits_longer_after_each_failure_up_to_a_bound),
		cmocka_unit_test(an_idle_node_pings_and_gives_up_on_silence),
	};
	return cmocka_run_group_tests_name("lane_rules", tests, prepare, NULL);
}
