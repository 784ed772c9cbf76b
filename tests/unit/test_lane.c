#include "tests/unit/suite.h"

#include "common/base/mem.h"
#include "tests/sim/lane_world.h"
#include "tests/unit/lane_worlds.h"

#define LONG_MS 3600000

static void
write_some(struct world *w)
{
	world_write(w, LANE_R, 500, 900);
	world_write(w, LANE_C, 5, 300);
	world_write(w, LANE_A, 20, 200);
}

static void
everything_written_arrives_once(void **state)
{
	(void)state;
	OWNED(world) struct world *w = world_new(1);
	write_some(w);
	world_run(w, LONG_MS);
	worlds_agree(w);
	assert_int_equal(w->live_count, 1);
	world_write(w, LANE_R, 3, 100);
	world_run(w, LONG_MS);
	worlds_agree(w);
	assert_int_equal(w->live_count, 1);
	assert_int_equal(w->report_count, 0);
}

/* Runs once for each frame of the undisturbed run, with one fault at that frame. */
static void
run_with_fault_at_each_frame(size_t fault_offset)
{
	size_t frames = 0;
	for (size_t at = 0; at <= frames + 2; at++) {
		OWNED(world) struct world *w = world_new(3);
		memcpy((uint8_t *)&w->faults + fault_offset, &at, sizeof(at));
		write_some(w);
		world_run(w, LONG_MS);
		if (!world_agrees(w) || w->breach || w->stop_count)
			print_error("fault at frame %zu\n", at);
		worlds_agree(w);
		frames = at ? frames : w->delivered_count;
		assert_true(frames > 10);
	}
}

static void
resumes_after_the_loss_of_any_one_frame(void **state)
{
	(void)state;
	run_with_fault_at_each_frame(offsetof(struct world_faults, drop_at));
}

static void
resumes_after_a_restart_of_the_hub_at_any_frame(void **state)
{
	(void)state;
	run_with_fault_at_each_frame(offsetof(struct world_faults, hub_crash_at));
}

static void
resumes_after_a_restart_of_the_node_at_any_frame(void **state)
{
	(void)state;
	run_with_fault_at_each_frame(offsetof(struct world_faults, node_crash_at));
}

static void
lost_doubled_reordered_and_late_frames_change_nothing(void **state)
{
	(void)state;
	static const struct world_faults rows[] = {
		{.duplicate_percent = 40},
		{.reorder_percent = 30},
		{.lose_percent = 10},
		{.delay_commit_percent = 80},
		{.duplicate_percent = 20, .reorder_percent = 10, .late = true},
		{.duplicate_percent = 20,
			.lose_percent = 5,
			.delay_commit_percent = 50,
			.late = true,
			.hub_crash_at = 12,
			.node_crash_at = 20},
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		for (uint64_t seed = 1; seed <= 4; seed++) {
			OWNED(world) struct world *w = world_new(seed * 1000 + i);
			w->faults = rows[i];
			write_some(w);
			world_run(w, 40 * LONG_MS);
			if (!world_agrees(w) || w->breach || w->stop_count)
				print_error("faults %zu, seed %u\n", i, (unsigned)seed);
			worlds_agree(w);
			assert_int_equal(w->hub_standing, SYNC_OK);
		}
}

static void
a_hub_that_was_restored_is_filled_again(void **state)
{
	(void)state;
	OWNED(world) struct world *w = worlds_settled(300);
	world_restore_hub(w, LANE_R, 100);
	world_write(w, LANE_R, 1, 100);
	world_run(w, LONG_MS);
	worlds_agree(w);
	assert_true(w->report_count > 0);
	assert_int_equal(w->hub_standing, SYNC_OK);
	world_restore_hub(w, LANE_C, 0);
	world_crash_node(w);
	world_run(w, LONG_MS);
	worlds_agree(w);
}

static void
a_control_entry_goes_before_all_records(void **state)
{
	(void)state;
	OWNED(world) struct world *w = worlds_settled(10);
	world_write(w, LANE_C, 1, 100);
	world_write(w, LANE_R, 300, 1000);
	assert_int_equal(w->node.fetching, 0);
	assert_int_equal(w->node.flight_count, 1);
	assert_int_equal(w->node.flights[0].lane, LANE_C);
	world_run(w, LONG_MS);
	worlds_agree(w);
}

static void
no_more_than_the_credit_is_on_the_way(void **state)
{
	(void)state;
	OWNED(world) struct world *w = world_new(5);
	w->hub_setup.credit_bytes = SYNC_CREDIT_MIN_BYTES;
	lane_hub_init(&w->hub, &w->hub_setup);
	world_write(w, LANE_R, 900, 1900);
	world_run(w, LONG_MS);
	worlds_agree(w);
	assert_true(w->most_flight_bytes > SYNC_BATCH_FILL_BYTES);
	assert_true(w->most_flight_bytes <= SYNC_CREDIT_MIN_BYTES);
	assert_int_equal(w->hub.refused_count, 0);
}

static void
several_batches_are_on_the_way_at_once(void **state)
{
	(void)state;
	OWNED(world) struct world *w = worlds_settled(1);
	struct lane_event credit = {.kind = LANE_CREDIT, .credit_bytes = SYNC_CREDIT_MAX_BYTES};
	world_tell_hub(w, &credit);
	world_run(w, 10000);
	while (w->node.credit_bytes != SYNC_CREDIT_MAX_BYTES)
		world_write(w, LANE_A, 1, 10), world_run(w, 10000);
	world_write(w, LANE_R, 2000, 1000);
	assert_true(w->node.flight_count >= 7);
	world_run(w, LONG_MS);
	worlds_agree(w);
}

static void
a_pause_holds_everything_until_credit_returns(void **state)
{
	(void)state;
	OWNED(world) struct world *w = world_new(5);
	w->hub_setup.credit_bytes = 0;
	lane_hub_init(&w->hub, &w->hub_setup);
	world_write(w, LANE_C, 3, 100);
	world_run(w, 60000);
	assert_int_equal(w->sent_count[SYNC_BATCH], 0);
	struct lane_event credit = {.kind = LANE_CREDIT, .credit_bytes = SYNC_CREDIT_MIN_BYTES};
	world_tell_hub(w, &credit);
	world_run(w, LONG_MS);
	worlds_agree(w);
}

static void
an_entry_of_nearly_a_frame_goes_alone(void **state)
{
	(void)state;
	OWNED(world) struct world *w = world_new(5);
	world_write(w, LANE_R, 2, 100);
	world_write(w, LANE_R, 2, SYNC_FRAME_MAX_BYTES - 1024);
	world_write(w, LANE_R, 2, 100);
	world_run(w, LONG_MS);
	worlds_agree(w);
}

static void
other_content_under_the_same_number_is_a_fork_and_is_kept_apart(void **state)
{
	(void)state;
	/* Where the other content begins, and which run of it arrives. */
	static const uint64_t rows[][3] = {
		{8, 8, 1}, {5, 5, 4}, {3, 9, 1}, {2, 2, 3}, {1, 1, 8}};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		OWNED(world) struct world *w = worlds_settled(8);
		w->node.state = LANE_OFFLINE;
		w->connect_ms = INT64_MAX;
		world_write(w, LANE_R, 1, 100);
		world_rewrite(w, LANE_R, rows[i][0]);
		struct sync_entry entries[9];
		struct sync_msg m =
			worlds_batch(w, LANE_R, rows[i][1], (size_t)rows[i][2], entries);
		OWNED_BUF struct buf frame;
		buf_init(&frame, SYNC_FRAME_MAX_BYTES);
		assert_ok(sync_pack(&frame, &m));
		world_inject(w, true, buf_view(&frame));
		world_run(w, 1000);
		assert_null(w->breach);
		assert_int_equal(w->hub_standing, SYNC_FORK);
		assert_int_equal(w->evidence_count, 1);
		assert_int_equal(w->at_hub[LANE_R - 1].kept, 8);
		/* The node comes back, and learns why it has to stop. */
		world_crash_node(w);
		world_run(w, LONG_MS);
		assert_int_equal(w->node.state, LANE_STOPPED);
		assert_int_equal(w->node.verdict, SYNC_FORK);
		assert_int_equal(w->at_hub[LANE_R - 1].kept, 8);
	}
}

static void
a_second_copy_of_a_node_is_found_at_its_next_session(void **state)
{
	(void)state;
	OWNED(world) struct world *w = worlds_settled(4);
	uint8_t old[WIRE_ID_BYTES];
	memcpy(old, w->node_token, sizeof(old));
	world_crash_node(w);
	world_write(w, LANE_R, 1, 100);
	world_run(w, LONG_MS);
	worlds_agree(w);
	assert_int_equal(w->live_count, 2);
	/* The copy was made before that session. */
	memcpy(w->node_token, old, sizeof(old));
	world_crash_node(w);
	world_run(w, LONG_MS);
	assert_null(w->breach);
	assert_int_equal(w->node.state, LANE_STOPPED);
	assert_int_equal(w->node.verdict, SYNC_CLONE);
	assert_int_equal(w->hub_standing, SYNC_CLONE);
	assert_int_equal(w->hub.state, LANE_ABSENT);
}

static void
an_old_hello_that_comes_late_quarantines_nobody(void **state)
{
	(void)state;
	OWNED(world) struct world *w = worlds_settled(4);
	OWNED_BUF struct buf frame;
	buf_init(&frame, SYNC_FRAME_MAX_BYTES);
	(void)worlds_hello(w, &frame);
	world_crash_node(w);
	world_write(w, LANE_R, 1, 100);
	world_run(w, LONG_MS);
	world_inject(w, true, buf_view(&frame));
	world_run(w, 2000);
	assert_int_equal(w->hub_standing, SYNC_OK);
	world_write(w, LANE_R, 1, 100);
	world_run(w, LONG_MS);
	worlds_agree(w);
}

static void
a_node_that_lost_entries_stops_and_is_not_quarantined(void **state)
{
	(void)state;
	OWNED(world) struct world *w = worlds_settled(6);
	w->at_node[LANE_R - 1].kept = 4;
	world_crash_node(w);
	world_run(w, LONG_MS);
	assert_null(w->breach);
	assert_int_equal(w->node.state, LANE_STOPPED);
	assert_int_equal(w->node.verdict, SYNC_BEHIND);
	assert_int_equal(w->hub_standing, SYNC_OK);
	assert_true(w->report_count > 0);
	w->at_node[LANE_R - 1].kept = 6;
}

static void
a_node_that_finds_other_entries_at_the_hub_sends_nothing(void **state)
{
	(void)state;
	OWNED(world) struct world *w = worlds_settled(6);
	size_t sent = w->sent_count[SYNC_BATCH];
	w->connect_ms = INT64_MAX;
	w->node.state = LANE_OFFLINE;
	world_write(w, LANE_R, 2, 100);
	world_rewrite(w, LANE_R, 6);
	world_crash_node(w);
	world_run(w, LONG_MS);
	assert_null(w->breach);
	assert_int_equal(w->node.state, LANE_STOPPED);
	assert_int_equal(w->node.verdict, SYNC_FORK);
	assert_int_equal(w->sent_count[SYNC_BATCH], sent);
	assert_true(w->report_count > 0);
}

static void
a_revoked_writer_is_told_at_once_and_at_every_greeting(void **state)
{
	(void)state;
	OWNED(world) struct world *w = worlds_settled(3);
	struct lane_event revoke = {.kind = LANE_REVOKE};
	world_tell_hub(w, &revoke);
	w->hub_standing = SYNC_REVOKED;
	world_write(w, LANE_R, 1, 100);
	world_run(w, 5000);
	assert_int_equal(w->node.state, LANE_STOPPED);
	assert_int_equal(w->node.verdict, SYNC_REVOKED);
	world_crash_node(w);
	world_run(w, 60000);
	assert_int_equal(w->node.verdict, SYNC_REVOKED);
	assert_int_equal(w->at_hub[LANE_R - 1].kept, 3);
}

static void
a_manifest_on_offer_is_fetched_in_parts_and_never_an_older_one(void **state)
{
	(void)state;
	OWNED(world) struct world *w = worlds_settled(1);
	struct lane_event offer = {.kind = LANE_OFFER, .config = {.number = 4}};
	offer.config.hash[0] = 1;
	offer.config.length_bytes = w->config_at_hub.len;
	world_tell_hub(w, &offer);
	world_write(w, LANE_A, 1, 50);
	world_run(w, 20000);
	for (unsigned i = 0; i < 40 && !w->config_acked_count; i++)
		world_write(w, LANE_A, 1, 50), world_run(w, 20000);
	assert_null(w->breach);
	assert_int_equal(w->config_done_count, 1);
	assert_int_equal(w->config_acked_count, 1);
	assert_int_equal(w->node.config, 4);
	assert_true(w->sent_count[SYNC_CFG_PART] >= 3);
	offer.config.number = 3;
	world_tell_hub(w, &offer);
	world_write(w, LANE_A, 1, 50);
	world_run(w, 20000);
	assert_int_equal(w->config_done_count, 1);
	assert_int_equal(w->node.config, 4);
}

static void
a_manifest_that_was_taken_is_said_again_at_every_greeting(void **state)
{
	(void)state;
	OWNED(world) struct world *w = worlds_settled(1);
	struct lane_event offer = {.kind = LANE_OFFER, .config = {.number = 4}};
	offer.config.hash[0] = 1;
	offer.config.length_bytes = w->config_at_hub.len;
	world_tell_hub(w, &offer);
	for (unsigned i = 0; i < 40 && !w->config_acked_count; i++)
		world_write(w, LANE_A, 1, 50), world_run(w, 20000);
	assert_int_equal(w->config_acked_count, 1);
	const size_t live = w->live_count;
	world_crash_node(w);
	world_run(w, 60000);
	assert_true(w->live_count > live);
	assert_int_equal(w->config_acked_count, 1 + w->live_count - live);
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
		cmocka_unit_test(everything_written_arrives_once),
		cmocka_unit_test(resumes_after_the_loss_of_any_one_frame),
		cmocka_unit_test(resumes_after_a_restart_of_the_hub_at_any_frame),
		cmocka_unit_test(resumes_after_a_restart_of_the_node_at_any_frame),
		cmocka_unit_test(lost_doubled_reordered_and_late_frames_change_nothing),
		cmocka_unit_test(a_hub_that_was_restored_is_filled_again),
		cmocka_unit_test(a_control_entry_goes_before_all_records),
		cmocka_unit_test(no_more_than_the_credit_is_on_the_way),
		cmocka_unit_test(several_batches_are_on_the_way_at_once),
		cmocka_unit_test(a_pause_holds_everything_until_credit_returns),
		cmocka_unit_test(an_entry_of_nearly_a_frame_goes_alone),
		cmocka_unit_test(
			other_content_under_the_same_number_is_a_fork_and_is_kept_apart),
		cmocka_unit_test(a_second_copy_of_a_node_is_found_at_its_next_session),
		cmocka_unit_test(an_old_hello_that_comes_late_quarantines_nobody),
		cmocka_unit_test(a_node_that_lost_entries_stops_and_is_not_quarantined),
		cmocka_unit_test(a_node_that_finds_other_entries_at_the_hub_sends_nothing),
		cmocka_unit_test(a_revoked_writer_is_told_at_once_and_at_every_greeting),
		cmocka_unit_test(
			a_manifest_on_offer_is_fetched_in_parts_and_never_an_older_one),
		cmocka_unit_test(a_manifest_that_was_taken_is_said_again_at_every_greeting),
	};
	return cmocka_run_group_tests_name("lane", tests, prepare, NULL);
}
