#include "tests/unit/suite.h"

#include "node/sync_keep_frames.h"

#define AT_ONCE 4

/* A frame of two items from the peer; ret_whole as sync_keep_frames_add() has it. */
static enum err
add(struct sync_keep_frames *f, const char *peer, uint8_t more, struct sync_keep **ret_whole)
{
	OWNED_BUF struct buf frame;
	buf_init(&frame, 64);
	buf_u8(&frame, more);
	buf_u32(&frame, 2);
	buf_add_view(&frame, view_text("items"));
	struct cursor c = cursor_of(buf_view(&frame));
	return sync_keep_frames_add(f, view_text(peer), &c, ret_whole);
}

static void
assert_goes_on(struct sync_keep_frames *f, const char *peer)
{
	struct sync_keep *whole = NULL;
	assert_ok(add(f, peer, 1, &whole));
	assert_null(whole);
}

static void
assert_ends(struct sync_keep_frames *f, const char *peer)
{
	OWNED(sync_keep) struct sync_keep *whole = NULL;
	assert_ok(add(f, peer, 0, &whole));
	assert_non_null(whole);
}

static void
a_request_is_whole_with_its_last_frame_whoever_speaks_between(void **state)
{
	(void)state;
	OWNED(sync_keep_frames) struct sync_keep_frames *f = sync_keep_frames_new();
	assert_goes_on(f, "one");
	assert_goes_on(f, "two");
	assert_goes_on(f, "one");
	assert_ends(f, "two");
	assert_ends(f, "one");
	assert_ends(f, "three"); /* of one frame */
}

static void
as_many_as_may_come_at_once_do_and_no_more(void **state)
{
	static const char *const peers[AT_ONCE] = {"one", "two", "three", "four"};
	struct sync_keep *whole = NULL;
	(void)state;
	OWNED(sync_keep_frames) struct sync_keep_frames *f = sync_keep_frames_new();
	for (size_t i = 0; i < AT_ONCE; i++)
		assert_goes_on(f, peers[i]);
	assert_err(add(f, "five", 0, &whole), E_BUSY);
	assert_null(whole);
	assert_ends(f, "three");
	assert_ends(f, "five");
}

static void
a_frame_that_is_none_ends_its_request_alone(void **state)
{
	struct sync_keep *whole = NULL;
	(void)state;
	OWNED(sync_keep_frames) struct sync_keep_frames *f = sync_keep_frames_new();
	for (uint8_t more = 2; more < 4; more++) {
		assert_goes_on(f, "one");
		assert_goes_on(f, "two");
		assert_err(add(f, "one", more, &whole), E_FORMAT);
		assert_null(whole);
		assert_ends(f, "two");
	}
	/* Nothing of it holds a place. */
	for (int i = 0; i < AT_ONCE; i++) {
		struct cursor nothing = cursor_of(view_text(""));
		assert_err(sync_keep_frames_add(f, view_text("short"), &nothing, &whole),
			E_FORMAT);
	}
	assert_ends(f, "one");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_is_whole_with_its_last_frame_whoever_speaks_between),
		cmocka_unit_test(as_many_as_may_come_at_once_do_and_no_more),
		cmocka_unit_test(a_frame_that_is_none_ends_its_request_alone),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
