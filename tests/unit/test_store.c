#include "tests/unit/store_place.h"

#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- rows ---- */

static void
what_was_committed_is_there_after_opening_again(void **state)
{
	const struct place *p = *state;
	struct store *s = open_at(p->dir);
	keep(s, FISH, "eel", "long");
	keep(s, STONES, "eel", "not this one");
	store_free(s);
	OWNED(store) struct store *again = open_at(p->dir);
	assert_kept(again, FISH, "eel", "long");
	assert_kept(again, STONES, "eel", "not this one");
	struct stat st;
	assert_int_equal(stat(p->dir, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
}

static void
what_was_not_committed_changes_nothing(void **state)
{
	const struct place *p = *state;
	OWNED(store) struct store *s = open_at(p->dir);
	keep(s, FISH, "eel", "long");
	struct store_txn *t = NULL;
	assert_ok(store_write(&t, s));
	assert_ok(store_put(t, FISH, view_text("eel"), view_text("short")));
	assert_ok(store_put(t, FISH, view_text("pike"), view_text("sharp")));
	assert_value(t, FISH, "eel", "short");
	store_txn_free(t);
	assert_ok(store_read(&t, s));
	assert_value(t, FISH, "eel", "long");
	struct view got;
	assert_err(store_get(t, FISH, view_text("pike"), &got), E_NOTFOUND);
	store_txn_free(t);
}

static void
rows_are_put_new_deleted_and_counted(void **state)
{
	const struct place *p = *state;
	OWNED(store) struct store *s = open_at(p->dir);
	OWNED(store_txn) struct store_txn *t = NULL;
	uint64_t n = 9;
	assert_ok(store_write(&t, s));
	assert_ok(store_put_new(t, FISH, view_text("eel"), view_text("long")));
	assert_err(store_put_new(t, FISH, view_text("eel"), view_text("other")), E_CONFLICT);
	assert_value(t, FISH, "eel", "long");
	assert_ok(store_put_new(t, FISH, view_text("pike"), view_of(NULL, 0)));
	assert_ok(store_count(t, FISH, &n));
	assert_int_equal(n, 2);
	assert_ok(store_delete(t, FISH, view_text("eel")));
	assert_err(store_delete(t, FISH, view_text("eel")), E_NOTFOUND);
	assert_ok(store_count(t, FISH, &n));
	assert_int_equal(n, 1);
	assert_ok(store_commit(take(t)));
}

static void
keys_and_values_out_of_bounds_are_refused(void **state)
{
	const struct place *p = *state;
	OWNED(store) struct store *s = open_at(p->dir);
	OWNED(store_txn) struct store_txn *t = NULL;
	uint8_t key[STORE_KEY_MAX_BYTES + 1] = {1};
	struct view v = view_text("v");
	assert_ok(store_write(&t, s));
	assert_err(store_put(t, FISH, view_of(key, 0), v), E_FORMAT);
	assert_err(store_put(t, FISH, view_of(key, sizeof(key)), v), E_FORMAT);
	assert_err(store_put(t, FISH, view_of(key, 1), view_of(key, STORE_VALUE_MAX_BYTES + 1)),
		E_FORMAT);
	assert_ok(store_put(t, FISH, view_of(key, STORE_KEY_MAX_BYTES), v));
	assert_err(store_get(t, FISH, view_of(key, sizeof(key)), &v), E_NOTFOUND);
	assert_err(store_get(t, FISH, view_of(key, 0), &v), E_NOTFOUND);
	assert_ok(store_commit(take(t)));
}

static void
a_second_writer_and_a_written_snapshot_are_refused(void **state)
{
	const struct place *p = *state;
	OWNED(store) struct store *s = open_at(p->dir);
	struct store_txn *first = NULL, *second = NULL, *snapshot = NULL;
	assert_ok(store_write(&first, s));
	assert_err(store_write(&second, s), E_BUSY);
	assert_err(store_write_reserve(&second, s), E_BUSY);
	assert_null(second);
	store_txn_free(first);
	assert_ok(store_read(&snapshot, s));
	assert_err(store_put(snapshot, FISH, view_text("k"), view_text("v")), E_DENIED);
	assert_err(store_delete(snapshot, FISH, view_text("k")), E_DENIED);
	assert_ok(store_commit(snapshot));
	assert_ok(store_write(&second, s));
	store_txn_free(second);
}

static void
a_snapshot_stands_still_until_it_is_renewed(void **state)
{
	const struct place *p = *state;
	OWNED(store) struct store *s = open_at(p->dir);
	keep(s, FISH, "eel", "one");
	OWNED(store_txn) struct store_txn *old = NULL, *fresh = NULL;
	assert_ok(store_read(&old, s));
	keep(s, FISH, "eel", "two");
	assert_ok(store_read(&fresh, s));
	assert_value(old, FISH, "eel", "one");
	assert_value(fresh, FISH, "eel", "two");
	assert_ok(store_renew(old));
	assert_value(old, FISH, "eel", "two");
}

/* ---- walks ---- */

static void
put_keys(struct store *s, const char *const *keys, size_t count)
{
	for (size_t i = 0; i < count; i++)
		keep(s, FISH, keys[i], "v");
}

struct heard {
	char text[64];
	size_t stop_after;
	size_t count;
	struct store_txn *write_to;
	bool fails;
};

static enum err
hear(void *arg, struct view key, struct view value, bool *ret_stop)
{
	struct heard *h = arg;
	assert_true(value.len == 1);
	size_t n = strlen(h->text);
	(void)snprintf(
		h->text + n, sizeof(h->text) - n, "%.*s ", (int)key.len, (const char *)key.at);
	*ret_stop = ++h->count == h->stop_after;
	return h->fails ? fail(E_AUTH, "heard enough") : OK;
}

static const char *const walk_keys[] = {"a", "ab", "ab\xff", "ac", "b", "\xff", "\xff\xff"};

static void
a_walk_hands_out_a_prefix_in_order_from_a_key(void **state)
{
	static const struct {
		const char *prefix, *from, *heard;
	} rows[] = {{"", "", "a ab ab\xff ac b \xff \xff\xff "}, {"a", "", "a ab ab\xff ac "},
		{"ab", "", "ab ab\xff "}, {"a", "ab\x01", "ab\xff ac "},
		{"", "ac", "ac b \xff \xff\xff "}, {"a", "b", ""}, {"b", "a", "b "},
		{"c", "", ""}, {"\xff", "", "\xff \xff\xff "}};
	const struct place *p = *state;
	OWNED(store) struct store *s = open_at(p->dir);
	put_keys(s, walk_keys, ARRAY_LEN(walk_keys));
	OWNED(store_txn) struct store_txn *t = NULL;
	assert_ok(store_read(&t, s));
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct heard h = {0};
		struct store_range r = {
			FISH, view_text(rows[i].prefix), view_text(rows[i].from)};
		assert_ok(store_each(t, &r, hear, &h));
		assert_string_equal(h.text, rows[i].heard);
	}
}

static void
a_walk_ends_where_its_callback_says(void **state)
{
	const struct place *p = *state;
	OWNED(store) struct store *s = open_at(p->dir);
	put_keys(s, walk_keys, ARRAY_LEN(walk_keys));
	OWNED(store_txn) struct store_txn *t = NULL;
	assert_ok(store_read(&t, s));
	struct heard h = {.stop_after = 2};
	assert_ok(store_each(t, &(struct store_range){.table = FISH}, hear, &h));
	assert_string_equal(h.text, "a ab ");
	struct heard failing = {.fails = true};
	assert_err(store_each(t, &(struct store_range){.table = FISH}, hear, &failing), E_AUTH);
	assert_int_equal(failing.count, 1);
}

static enum err
move_row(void *arg, struct view key, struct view value, bool *ret_stop)
{
	(void)ret_stop;
	struct heard *h = arg;
	uint8_t copy[8];
	h->count++;
	memcpy(copy, key.at, key.len);
	enum err e = store_put(h->write_to, STONES, key, value);
	return e ? e : store_delete(h->write_to, FISH, view_of(copy, key.len));
}

static void
a_walk_that_deletes_and_puts_meets_every_row_once(void **state)
{
	const struct place *p = *state;
	OWNED(store) struct store *s = open_at(p->dir);
	OWNED(store_txn) struct store_txn *t = NULL;
	const uint32_t rows_count = 3000;
	assert_ok(store_write(&t, s));
	for (uint32_t i = 0; i < rows_count; i++) {
		uint8_t key[4] = {
			(uint8_t)(i >> 24), (uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i};
		assert_ok(store_put(t, FISH, view_of(key, 4), view_of(key, 4)));
	}
	struct heard h = {.write_to = t};
	assert_ok(store_each(t, &(struct store_range){.table = FISH}, move_row, &h));
	assert_int_equal(h.count, rows_count);
	uint64_t fish = 1, stones = 0;
	assert_ok(store_count(t, FISH, &fish));
	assert_ok(store_count(t, STONES, &stones));
	assert_int_equal(fish, 0);
	assert_int_equal(stones, rows_count);
	assert_ok(store_commit(take(t)));
}

static void
the_last_row_of_a_prefix_is_found(void **state)
{
	static const struct {
		const char *prefix, *last;
	} rows[] = {{"", "\xff\xff"}, {"a", "ac"}, {"ab", "ab\xff"}, {"b", "b"},
		{"\xff", "\xff\xff"}, {"ab\xff", "ab\xff"}, {"aa", NULL}, {"c", NULL},
		{"\x01", NULL}};
	const struct place *p = *state;
	OWNED(store) struct store *s = open_at(p->dir);
	put_keys(s, walk_keys, ARRAY_LEN(walk_keys));
	OWNED(store_txn) struct store_txn *t = NULL;
	assert_ok(store_read(&t, s));
	struct view key, value;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct view prefix = view_text(rows[i].prefix);
		if (!rows[i].last) {
			assert_err(store_last(t, FISH, prefix, &key, &value), E_NOTFOUND);
			continue;
		}
		assert_ok(store_last(t, FISH, prefix, &key, &value));
		assert_true(view_same(key, view_text(rows[i].last)));
		assert_true(view_same(value, view_text("v")));
	}
	assert_err(store_last(t, STONES, view_of(NULL, 0), &key, &value), E_NOTFOUND);
}

/* ---- other processes ---- */

/* Puts, and dies before the commit, as under kill -9. */
static int
child_dies(const char *dir)
{
	struct store *s = NULL;
	struct store_config c = config_of(dir);
	struct store_txn *t = NULL;
	enum err e = store_open(&s, &c);
	if (!e)
		e = store_write(&t, s);
	if (!e)
		e = put_many(t, 'a', 200, 8000);
	if (!e)
		e = store_put(t, FISH, view_text("eel"), view_text("short"));
	if (!e)
		(void)raise(SIGKILL);
	return 1;
}

/* Answers each line of input with the value of "eel" as it is committed at that moment. */
static int
child_reads(const char *dir)
{
	struct store *s = NULL;
	struct store_config c = config_of(dir);
	c.read_only = true;
	struct store_txn *t = NULL;
	char line[8];
	while (read(STDIN_FILENO, line, 1) == 1) {
		struct view v;
		enum err e = s ? OK : store_open(&s, &c);
		if (!e)
			e = t ? store_renew(t) : store_read(&t, s);
		if (!e)
			e = store_get(t, FISH, view_text("eel"), &v);
		if (e || write(STDOUT_FILENO, v.at, v.len) != (ssize_t)v.len)
			return 1;
	}
	store_txn_free(t);
	store_free(s);
	return 0;
}

struct child {
	pid_t pid;
	int to;
	int from;
};

/* Forks only to exec; called before the test opens its store. */
static struct child
start_child(const char *role, const char *dir)
{
	int in[2], out[2];
	assert_int_equal(pipe(in), 0);
	assert_int_equal(pipe(out), 0);
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		(void)dup2(in[0], STDIN_FILENO);
		(void)dup2(out[1], STDOUT_FILENO);
		(void)close(in[1]);
		(void)close(out[0]);
		(void)execl("/proc/self/exe", "test_store", role, dir, (char *)NULL);
		_exit(127);
	}
	(void)close(in[0]);
	(void)close(out[1]);
	return (struct child){pid, in[1], out[0]};
}

static int
end_child(struct child c)
{
	(void)close(c.to);
	int status = -1;
	assert_int_equal(waitpid(c.pid, &status, 0), c.pid);
	(void)close(c.from);
	return status;
}

static void
a_writer_killed_before_its_commit_leaves_nothing(void **state)
{
	const struct place *p = *state;
	struct store *s = open_at(p->dir);
	keep(s, FISH, "eel", "long");
	store_free(s);
	int status = end_child(start_child("dies", p->dir));
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	OWNED(store) struct store *again = open_at(p->dir);
	assert_kept(again, FISH, "eel", "long");
	OWNED(store_txn) struct store_txn *t = NULL;
	uint64_t n = 0;
	assert_ok(store_read(&t, again));
	assert_ok(store_count(t, FISH, &n));
	assert_int_equal(n, 1);
	keep(again, FISH, "eel", "longer");
}

static void
assert_child_says(struct child c, const char *text)
{
	char got[16] = {0};
	assert_int_equal(write(c.to, "?", 1), 1);
	assert_int_equal(read(c.from, got, sizeof(got) - 1), (int)strlen(text));
	assert_string_equal(got, text);
}

static void
a_reading_process_sees_what_was_committed(void **state)
{
	const struct place *p = *state;
	struct child c = start_child("reads", p->dir);
	OWNED(store) struct store *s = open_at(p->dir);
	keep(s, FISH, "eel", "one");
	assert_child_says(c, "one");
	struct store_txn *t = NULL;
	assert_ok(store_write(&t, s));
	assert_ok(store_put(t, FISH, view_text("eel"), view_text("two")));
	assert_child_says(c, "one");
	assert_ok(store_commit(t));
	assert_child_says(c, "two");
	assert_int_equal(end_child(c), 0);
	assert_ok(store_tick(s, 100));
}

int
main(int argc, char **argv)
{
	if (argc == 3)
		return strcmp(argv[1], "dies") == 0 ? child_dies(argv[2])
						    : child_reads(argv[2]);
	const struct CMUnitTest tests[] = {
		at_a_place(what_was_committed_is_there_after_opening_again),
		at_a_place(what_was_not_committed_changes_nothing),
		at_a_place(rows_are_put_new_deleted_and_counted),
		at_a_place(keys_and_values_out_of_bounds_are_refused),
		at_a_place(a_second_writer_and_a_written_snapshot_are_refused),
		at_a_place(a_snapshot_stands_still_until_it_is_renewed),
		at_a_place(a_walk_hands_out_a_prefix_in_order_from_a_key),
		at_a_place(a_walk_ends_where_its_callback_says),
		at_a_place(a_walk_that_deletes_and_puts_meets_every_row_once),
		at_a_place(the_last_row_of_a_prefix_is_found),
		at_a_place(a_writer_killed_before_its_commit_leaves_nothing),
		at_a_place(a_reading_process_sees_what_was_committed),
	};
	return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
