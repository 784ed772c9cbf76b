/* What a reader that was killed leaves behind: row 19 of the fault matrix. */
#include "tests/unit/store_place.h"

#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define VALUE_BYTES  100000
#define ROUNDS_COUNT 100
#define BOUND_BYTES  ((size_t)2 << 20) /* some versions of one value */
#define MINUTE_MS    61000

static void
overwrite(struct store *s, size_t times)
{
	OWNED_MEM uint8_t *value = xcalloc(1, VALUE_BYTES);
	for (size_t i = 0; i < times; i++) {
		struct store_txn *t = NULL;
		value[0] = (uint8_t)i;
		assert_ok(store_write(&t, s));
		assert_ok(store_put(t, FISH, view_text("eel"), view_of(value, VALUE_BYTES)));
		assert_ok(store_commit(t));
	}
}

static size_t
file_bytes(const struct place *p)
{
	struct stat st;
	OWNED_MEM char *path = xasprintf("%s/data.mdb", p->dir);
	assert_int_equal(stat(path, &st), 0);
	return (size_t)st.st_size;
}

/* gives a process that has begun to read and waits. */
static pid_t
start_reader(const char *dir)
{
	int ends[2];
	char ready = 0;
	assert_int_equal(pipe(ends), 0);
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		struct store *s = NULL;
		struct store_txn *t = NULL;
		struct view v;
		struct store_config c = config_of(dir);
		c.read_only = true;
		enum err e = store_open(&s, &c);
		if (!e)
			e = store_read(&t, s);
		if (!e)
			e = store_get(t, FISH, view_text("eel"), &v);
		if (e || write(ends[1], "r", 1) != 1)
			_exit(1);
		for (;;)
			(void)pause();
	}
	(void)close(ends[1]);
	assert_int_equal(read(ends[0], &ready, 1), 1);
	(void)close(ends[0]);
	return child;
}

static void
a_reader_that_was_killed_holds_the_file_for_a_minute_at_most(void **state)
{
	const struct place *p = *state;
	int status;
	struct store *first = open_at(p->dir);
	overwrite(first, 1);
	store_free(first);
	pid_t reader = start_reader(p->dir);
	OWNED(store) struct store *s = open_at(p->dir);
	assert_ok(store_tick(s, MINUTE_MS));
	assert_int_equal(kill(reader, SIGKILL), 0);
	assert_int_equal(waitpid(reader, &status, 0), reader);
	/* Its snapshot is still kept whole, with all that was written since. */
	overwrite(s, ROUNDS_COUNT);
	size_t held = file_bytes(p);
	assert_true(held > (size_t)VALUE_BYTES * ROUNDS_COUNT);
	assert_ok(store_tick(s, 2 * MINUTE_MS));
	overwrite(s, 5 * ROUNDS_COUNT);
	assert_true(file_bytes(p) < held + BOUND_BYTES);
}

static void
a_reader_that_was_killed_before_the_start_holds_nothing(void **state)
{
	const struct place *p = *state;
	int status;
	struct store *first = open_at(p->dir);
	overwrite(first, 1);
	store_free(first);
	pid_t reader = start_reader(p->dir);
	assert_int_equal(kill(reader, SIGKILL), 0);
	assert_int_equal(waitpid(reader, &status, 0), reader);
	OWNED(store) struct store *s = open_at(p->dir);
	overwrite(s, ROUNDS_COUNT);
	assert_true(file_bytes(p) < BOUND_BYTES);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		at_a_place(a_reader_that_was_killed_holds_the_file_for_a_minute_at_most),
		at_a_place(a_reader_that_was_killed_before_the_start_holds_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
