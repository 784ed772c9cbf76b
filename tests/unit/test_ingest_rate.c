#include "tests/unit/suite.h"

#include "tests/unit/ingest_line.h"

/* One control entry as the node would send it in its session. */
static enum err
feed_message(struct line *l, const struct sync_msg *m)
{
	OWNED_BUF struct buf plain, frame;
	buf_init(&plain, SYNC_FRAME_MAX_BYTES);
	buf_init(&frame, SYNC_FRAME_MAX_BYTES + 100);
	assert_ok(sync_pack(&plain, m));
	buf_u8(&frame, 1);
	box_seal(&frame, buf_view(&plain), l->place->hub.box_public);
	return line_feed_as(l, l->node->writer.transport, buf_view(&frame));
}

static enum err
feed_control(struct line *l, uint64_t seq)
{
	struct sync_entry entry = node_entry(l->node, LANE_C, seq);
	struct sync_msg m = {.kind = SYNC_BATCH,
		.batch = {.lane = LANE_C, .first = seq, .count = 1, .entries = &entry}};
	memcpy(m.batch.session, l->lane.session, sizeof(m.batch.session));
	memcpy(m.batch.head, l->node->lanes[LANE_C - 1][seq - 1].hash, HASH_BYTES);
	node_sign_head(l->node, LANE_C, seq, m.batch.signature);
	return feed_message(l, &m);
}

/* What of one node cannot be kept takes the turn of all others with it: not again at once. */
static void
a_node_that_spoils_a_turn_spoils_no_other_for_a_while(void **state)
{
	struct line *l = *state;
	struct vault_txn *t = NULL;
	struct place end = {.incarnation = 1, .lane = LANE_C};
	const struct sync_mark other = {.seq = 7, .head = {7}};
	const uint8_t signature[SIGNATURE_BYTES] = {1};
	line_start_node(l);
	line_connect(l);
	line_pump(l);
	struct wire_rules consent = node_consent(1, 1);
	node_add_rules(l->node, LANE_C, &consent);
	memcpy(end.writer, l->node->writer.public, sizeof(end.writer));
	assert_ok(hub_txn(&l->place->hub, &t));
	assert_ok(standing_head_put(t, &end, &other, signature));
	line_end_turn(l);
	assert_err(feed_control(l, 1), E_CONFLICT);
	line_fail_turn(l);
	uint64_t dropped = ingest_dropped_count(l->ingest);
	assert_ok(feed_control(l, 1));
	assert_int_equal(ingest_dropped_count(l->ingest), dropped + 1);
	l->mono_ms += 61000;
	assert_ok(feed_control(l, 1));
	assert_int_equal(ingest_dropped_count(l->ingest), dropped + 1);
	line_end_turn(l);
}

/* Each greeting is written to the journal and synced: a node that does nothing else would keep
 * the ledger from all others. */
static void
a_node_may_not_greet_all_the_time(void **state)
{
	struct line *l = *state;
	line_start_node(l);
	for (int i = 0; i < 40; i++) {
		line_connect(l);
		line_end_turn(l);
		line_lose(l);
	}
	uint64_t dropped = ingest_dropped_count(l->ingest);
	assert_true(dropped > 0 && dropped < 40);
	l->mono_ms += 2000;
	line_connect(l);
	line_pump(l);
	assert_int_equal(ingest_dropped_count(l->ingest), dropped);
	assert_int_equal(l->lane.state, LANE_UP);
}

static void
ask_often(struct line *l, size_t times)
{
	struct sync_msg m = {.kind = SYNC_PROBE};
	memcpy(m.probe.session, l->lane.session, sizeof(m.probe.session));
	m.probe.incarnation = 1;
	m.probe.lane = LANE_C;
	m.probe.seq = 1;
	for (size_t i = 0; i < times; i++) {
		assert_ok(feed_message(l, &m));
		if (i % 16 == 0)
			line_pump(l);
	}
	line_pump(l);
}

/* Each question has the hub read its vault. */
static void
a_node_may_not_ask_all_the_time_and_one_question_waits(void **state)
{
	struct line *l = *state;
	line_start_node(l);
	line_connect(l);
	line_pump(l);
	uint64_t dropped = ingest_dropped_count(l->ingest);
	ask_often(l, 600);
	uint64_t over = ingest_dropped_count(l->ingest) - dropped;
	/* The node itself has asked for the log and the study. */
	assert_in_range(over, 90, 130);
	ask_often(l, 1);
	assert_int_equal(ingest_dropped_count(l->ingest) - dropped, over + 1);
	l->mono_ms += 1000;
	assert_ok(ingest_tick(l->ingest, l->mono_ms));
	line_pump(l);
	ask_often(l, 100);
	assert_int_equal(ingest_dropped_count(l->ingest) - dropped, over + 1);
	assert_int_equal(l->lane.state, LANE_UP);
}

#define at_a_line(test) cmocka_unit_test_setup_teardown(test, line_make, line_drop)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		at_a_line(a_node_that_spoils_a_turn_spoils_no_other_for_a_while),
		at_a_line(a_node_may_not_greet_all_the_time),
		at_a_line(a_node_may_not_ask_all_the_time_and_one_question_waits),
	};
	if (crypto_init())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
