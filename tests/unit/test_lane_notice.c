#include "tests/unit/suite.h"

#include "tests/sim/lane_world.h"
#include "tests/unit/lane_worlds.h"

#define LONG_MS      3600000
#define QUEUED_COUNT 500
#define FIRST_CHANGE 400

/* The node's shell has found a change at this number of lane C; 0: none. */
static void
find(struct world *w, uint64_t seq)
{
	struct sync_entry entry;
	struct sync_batch batch;
	struct lane_event ev = {.kind = LANE_CHANGE_FOUND, .ticket = w->node.ticket};
	if (seq) {
		world_batch(w, LANE_C, seq, 1, &entry, &batch);
		ev.found = true;
		ev.batch = &batch;
	}
	world_tell_node(w, &ev);
}

/* A session with so much of lane C behind it that its window is full. */
static struct world *
queued(void)
{
	struct world *w = worlds_settled(1);
	w->node.window = (struct lane_window){0};
	world_write(w, LANE_C, QUEUED_COUNT, 1000);
	assert_true(w->node.flight_count > 0);
	assert_true(w->node.lanes[LANE_C - 1].sent < FIRST_CHANGE);
	return w;
}

static void
a_change_goes_at_once_behind_whatever_of_its_lane_is_queued(void **state)
{
	(void)state;
	OWNED(world) struct world *w = queued();
	size_t flight_bytes = w->node.flight_bytes;
	assert_true(w->node.notices.asked);
	find(w, FIRST_CHANGE);
	assert_int_equal(w->sent_count[SYNC_NOTICE], 1);
	assert_int_equal(w->node.flight_bytes, flight_bytes);
	assert_true(w->node.notices.asked); /* for the next one */
	find(w, FIRST_CHANGE);              /* a shell that says the same again */
	assert_int_equal(w->sent_count[SYNC_NOTICE], 1);
	world_run(w, LONG_MS);
	worlds_agree(w);
	assert_int_equal(w->node.notices.count, 0);
}

static void
so_many_are_on_the_way_and_an_answer_makes_room(void **state)
{
	(void)state;
	OWNED(world) struct world *w = queued();
	for (uint64_t i = 0; i <= LANE_NOTICES_MAX_COUNT; i++)
		find(w, FIRST_CHANGE + i);
	assert_int_equal(w->sent_count[SYNC_NOTICE], LANE_NOTICES_MAX_COUNT);
	assert_false(w->node.notices.asked);
	struct sync_msg m = {.kind = SYNC_NOTICED};
	memcpy(m.noticed.session, w->node.session, sizeof(m.noticed.session));
	m.noticed.mark = w->node.notices.on_way[3];
	struct lane_event ev = {.kind = LANE_MESSAGE, .message = &m};
	m.noticed.mark.head[0] ^= 1; /* of another entry: it answers nothing */
	world_tell_node(w, &ev);
	assert_int_equal(w->node.notices.count, LANE_NOTICES_MAX_COUNT);
	m.noticed.mark.head[0] ^= 1;
	world_tell_node(w, &ev);
	assert_int_equal(w->node.notices.count, LANE_NOTICES_MAX_COUNT - 1);
	assert_true(w->node.notices.asked);
}

static void
a_session_begins_with_all_changes_that_the_hub_lacks(void **state)
{
	(void)state;
	OWNED(world) struct world *w = queued();
	find(w, FIRST_CHANGE);
	struct lane_event lost = {.kind = LANE_LOST};
	world_tell_node(w, &lost);
	assert_int_equal(w->node.notices.count, 0);
	assert_int_equal(w->node.notices.looked, 0);
	find(w, FIRST_CHANGE); /* an answer to the session before says nothing */
	assert_int_equal(w->sent_count[SYNC_NOTICE], 1);
}

static void
where_there_is_no_change_the_shell_is_asked_once(void **state)
{
	(void)state;
	OWNED(world) struct world *w = queued();
	find(w, 0);
	assert_false(w->node.notices.asked);
	world_write(w, LANE_R, 1, 100);
	assert_false(w->node.notices.asked);
	world_write(w, LANE_C, 1, 100);
	assert_true(w->node.notices.asked);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_change_goes_at_once_behind_whatever_of_its_lane_is_queued),
		cmocka_unit_test(so_many_are_on_the_way_and_an_answer_makes_room),
		cmocka_unit_test(a_session_begins_with_all_changes_that_the_hub_lacks),
		cmocka_unit_test(where_there_is_no_change_the_shell_is_asked_once),
	};
	if (crypto_init())
		return 1;
	return cmocka_run_group_tests_name("lane_notice", tests, NULL, NULL);
}
