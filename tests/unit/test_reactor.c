#include "tests/unit/suite.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/net/reactor.h"

/* What handlers did, in order: one letter each. */
struct trace {
	char did[256];
	size_t count;
	int fd;
	uint64_t timer;
	bool commit_fails;
};

static void
note_letter(struct trace *t, char letter)
{
	if (t->count + 1 < sizeof(t->did))
		t->did[t->count++] = letter;
}

static void
after(struct reactor *r, void *arg)
{
	(void)r;
	note_letter(arg, 'a');
}

static void
readable(struct reactor *r, void *arg)
{
	struct trace *t = arg;
	char c;
	assert_int_equal(read(t->fd, &c, 1), 1);
	note_letter(t, 'r');
	reactor_after(r, after, t);
}

static enum err
persist(struct reactor *r, void *arg)
{
	(void)r;
	struct trace *t = arg;
	note_letter(t, 'p');
	return t->commit_fails ? fail(E_IO, "commit failed") : OK;
}

static void
tick(struct reactor *r, void *arg)
{
	(void)r;
	note_letter(arg, 't');
}

static void
drop_itself(struct reactor *r, void *arg)
{
	struct trace *t = arg;
	note_letter(t, 'd');
	reactor_fd_drop(r, t->fd);
}

static void
answers_leave_after_the_commit_of_their_turn(void **state)
{
	(void)state;
	OWNED(reactor) struct reactor *r = NULL;
	int ends[2];
	assert_int_equal(pipe(ends), 0);
	assert_ok(reactor_open(&r));
	struct trace t = {.fd = ends[0]};
	reactor_fd(r, ends[0], REACTOR_READ, readable, &t);
	reactor_before_sleep(r, persist, &t);
	assert_int_equal(write(ends[1], "xy", 2), 2);
	assert_ok(reactor_turn(r, 0));
	assert_ok(reactor_turn(r, 0));
	assert_string_equal(t.did, "rparpa");
	(void)close(ends[0]);
	(void)close(ends[1]);
}

static void
nothing_is_answered_when_the_commit_failed(void **state)
{
	(void)state;
	OWNED(reactor) struct reactor *r = NULL;
	int ends[2];
	assert_int_equal(pipe(ends), 0);
	assert_ok(reactor_open(&r));
	struct trace t = {.fd = ends[0], .commit_fails = true};
	reactor_fd(r, ends[0], REACTOR_READ, readable, &t);
	reactor_before_sleep(r, persist, &t);
	assert_int_equal(write(ends[1], "x", 1), 1);
	assert_err(reactor_run(r), E_IO);
	assert_string_equal(t.did, "rp");
	(void)close(ends[0]);
	(void)close(ends[1]);
}

static void
timers_come_once_or_again_and_can_be_dropped(void **state)
{
	(void)state;
	OWNED(reactor) struct reactor *r = NULL;
	assert_ok(reactor_open(&r));
	struct trace once = {0}, again = {0}, never = {0};
	(void)reactor_timer(r, 5, 0, tick, &once);
	uint64_t often = reactor_timer(r, 5, 10, tick, &again);
	reactor_timer_drop(r, reactor_timer(r, 5, 0, tick, &never));
	int64_t until = clock_mono_ms() + 60;
	while (clock_mono_ms() < until)
		assert_ok(reactor_turn(r, 5));
	assert_string_equal(once.did, "t");
	assert_in_range(again.count, 2, 7);
	assert_int_equal(never.count, 0);
	reactor_timer_drop(r, often);
	size_t before = again.count;
	assert_ok(reactor_turn(r, 20));
	assert_int_equal(again.count, before);
}

static void
a_handler_may_drop_its_own_descriptor(void **state)
{
	(void)state;
	OWNED(reactor) struct reactor *r = NULL;
	int ends[2];
	assert_int_equal(pipe(ends), 0);
	assert_ok(reactor_open(&r));
	struct trace t = {.fd = ends[0]};
	reactor_fd(r, ends[0], REACTOR_READ, drop_itself, &t);
	(void)close(ends[1]);
	assert_ok(reactor_turn(r, 0));
	assert_ok(reactor_turn(r, 0));
	assert_string_equal(t.did, "d");
	(void)close(ends[0]);
}

static void
raise_in_the_loop(struct reactor *r, void *arg)
{
	(void)r;
	(void)arg;
	(void)raise(SIGTERM);
}

static void
a_stop_signal_ends_the_loop_after_its_turn(void **state)
{
	(void)state;
	OWNED(reactor) struct reactor *r = NULL;
	assert_ok(reactor_open(&r));
	struct trace t = {0};
	(void)reactor_timer(r, 1, 0, raise_in_the_loop, NULL);
	reactor_before_sleep(r, persist, &t);
	assert_ok(reactor_run(r));
	assert_true(reactor_stopped(r));
	assert_int_equal(t.did[t.count - 1], 'p');
}

static void
a_signal_that_still_waits_when_the_loop_is_freed_kills_nobody(void **state)
{
	(void)state;
	OWNED(reactor) struct reactor *r = NULL;
	assert_ok(reactor_open(&r));
	(void)raise(SIGTERM);
	assert_false(reactor_stopped(r));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_leave_after_the_commit_of_their_turn),
		cmocka_unit_test(nothing_is_answered_when_the_commit_failed),
		cmocka_unit_test(timers_come_once_or_again_and_can_be_dropped),
		cmocka_unit_test(a_handler_may_drop_its_own_descriptor),
		cmocka_unit_test(a_stop_signal_ends_the_loop_after_its_turn),
		cmocka_unit_test(a_signal_that_still_waits_when_the_loop_is_freed_kills_nobody),
	};
	return cmocka_run_group_tests_name("reactor", tests, NULL, NULL);
}
