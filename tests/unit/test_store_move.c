#include "tests/unit/store_place.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#define SECRET "a word that has to go: 7f3c"
#define ROWS   2000

static void
fill(struct store *s)
{
	struct store_txn *t = NULL;
	char key[32];
	assert_ok(store_write(&t, s));
	for (int i = 0; i < ROWS; i++) {
		(void)snprintf(key, sizeof(key), "row %04d", i);
		assert_ok(store_put(t, FISH, view_text(key), view_text("stays")));
	}
	assert_ok(store_put(t, FISH, view_text("row 1000x"), view_text(SECRET)));
	assert_ok(store_commit(t));
}

static void
forget(struct store *s)
{
	struct store_txn *t = NULL;
	assert_ok(store_write(&t, s));
	assert_ok(store_delete(t, FISH, view_text("row 1000x")));
	assert_ok(store_commit(t));
}

static bool
file_has(const char *dir, const char *word)
{
	char path[512];
	(void)snprintf(path, sizeof(path), "%s/data.mdb", dir);
	FILE *f = fopen(path, "rb");
	assert_non_null(f);
	assert_int_equal(fseek(f, 0, SEEK_END), 0);
	size_t len = (size_t)ftell(f);
	rewind(f);
	char *bytes = malloc(len);
	assert_non_null(bytes);
	assert_int_equal(fread(bytes, 1, len, f), len);
	(void)fclose(f);
	bool found = memmem(bytes, len, word, strlen(word)) != NULL;
	free(bytes);
	return found;
}

static void
after_a_move_no_byte_of_a_deleted_row_is_in_the_file(void **state)
{
	const struct place *p = *state;
	OWNED(store) struct store *s = open_at(p->dir);
	fill(s);
	forget(s);
	assert_true(file_has(p->dir, SECRET));
	assert_ok(store_compact(s));
	assert_false(file_has(p->dir, SECRET));
	assert_kept(s, FISH, "row 0999", "stays");
	keep(s, FISH, "row 1000y", "written behind the move");
	store_free(take(s));
	s = open_at(p->dir);
	assert_kept(s, FISH, "row 1000y", "written behind the move");
	assert_kept(s, FISH, "row 1999", "stays");
}

/* Keys are in the pages above the rows, too, and pages are used again with what they held. */
static void
after_a_move_no_key_and_no_long_row_of_before_is_in_the_file(void **state)
{
	const struct place *p = *state;
	OWNED(store) struct store *s = open_at(p->dir);
	static char large[3000];
	struct store_txn *t = NULL;
	char key[64];
	memset(large, 'x', sizeof(large));
	memcpy(large + 2900, SECRET, strlen(SECRET));
	for (int turn = 0; turn < 3; turn++) {
		assert_ok(store_write(&t, s));
		for (int i = 0; i < ROWS; i++) {
			(void)snprintf(key, sizeof(key), "row %04d " SECRET, i);
			enum err e = turn == 1 && i % 20 ? store_delete(t, FISH, view_text(key))
							 : OK;
			assert_true(e == OK);
			if (turn == 0)
				assert_ok(
					store_put(t, FISH, view_text(key), view_text("goes")));
			if (turn == 2 && i % 20 == 0)
				assert_ok(store_delete(t, FISH, view_text(key)));
			(void)snprintf(key, sizeof(key), "row %04d.stays", i);
			assert_ok(store_put(t, FISH, view_text(key), view_text("stays")));
			(void)snprintf(key, sizeof(key), "large %04d", i % 40);
			const size_t len = turn == 2 ? 2100 : sizeof(large);
			assert_ok(store_put(t, FISH, view_text(key), view_of(large, len)));
		}
		assert_ok(store_commit(t));
	}
	assert_ok(store_compact(s));
	assert_false(file_has(p->dir, SECRET));
	assert_kept(s, FISH, "row 1999.stays", "stays");
	assert_kept(s, FISH, "row 0000.stays", "stays");
}

static struct store *
reader_at(const char *dir)
{
	struct store_config c = config_of(dir);
	struct store *s = NULL;
	c.read_only = true;
	assert_ok(store_open(&s, &c));
	return s;
}

/* In a process of its own: LMDB's locks are per process. */
static int
follow(const char *dir, int from_parent, int to_parent)
{
	struct store *s = reader_at(dir);
	struct store_txn *t = NULL;
	struct view got;
	char turn = 'r';
	assert_ok(store_read(&t, s));
	assert_ok(store_get(t, FISH, view_text("row 1000x"), &got));
	assert_int_equal(write(to_parent, &turn, 1), 1);
	assert_int_equal(read(from_parent, &turn, 1), 1);
	assert_ok(store_get(t, FISH, view_text("row 1000x"), &got)); /* still its moment */
	assert_ok(store_renew(t));
	bool gone = store_get(t, FISH, view_text("row 1000x"), &got) == E_NOTFOUND;
	bool is_new = store_get(t, FISH, view_text("later"), &got) == OK;
	store_txn_free(t);
	store_free(s);
	return gone && is_new ? 0 : 1;
}

static void
a_reader_in_another_process_moves_with_its_next_renewal(void **state)
{
	const struct place *p = *state;
	int down[2], up[2], status = -1;
	char turn;
	OWNED(store) struct store *s = open_at(p->dir);
	fill(s);
	store_free(take(s));
	assert_int_equal(pipe(down) | pipe(up), 0);
	pid_t child = fork();
	if (child == 0)
		_exit(follow(p->dir, down[0], up[1]));
	s = open_at(p->dir);
	assert_int_equal(read(up[0], &turn, 1), 1);
	forget(s);
	assert_ok(store_compact(s));
	keep(s, FISH, "later", "yes");
	assert_int_equal(write(down[1], &turn, 1), 1);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

static void
a_move_waits_for_no_transaction_and_is_refused_beside_one(void **state)
{
	const struct place *p = *state;
	OWNED(store) struct store *s = open_at(p->dir);
	OWNED(store_txn) struct store_txn *t = NULL;
	keep(s, FISH, "eel", "long");
	assert_ok(store_read(&t, s));
	assert_err(store_compact(s), E_BUSY);
	assert_value(t, FISH, "eel", "long");
}

static void
touch(const char *dir, const char *name)
{
	char path[512];
	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	int fd = open(path, O_WRONLY | O_CREAT, 0600);
	assert_true(fd >= 0);
	(void)close(fd);
}

static void
what_a_killed_move_left_is_settled_at_the_next_start(void **state)
{
	const struct place *p = *state;
	char path[512];
	OWNED(store) struct store *s = open_at(p->dir);
	keep(s, FISH, "eel", "long");
	store_free(take(s));
	touch(p->dir, "data.new");
	touch(p->dir, "lock.new");
	s = open_at(p->dir);
	assert_kept(s, FISH, "eel", "long");
	(void)snprintf(path, sizeof(path), "%s/data.new", p->dir);
	assert_int_not_equal(access(path, F_OK), 0);
	store_free(take(s));
	touch(p->dir, "lock.new"); /* data.new was in place already */
	s = open_at(p->dir);
	assert_kept(s, FISH, "eel", "long");
	(void)snprintf(path, sizeof(path), "%s/lock.new", p->dir);
	assert_int_not_equal(access(path, F_OK), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		at_a_place(after_a_move_no_byte_of_a_deleted_row_is_in_the_file),
		at_a_place(after_a_move_no_key_and_no_long_row_of_before_is_in_the_file),
		at_a_place(a_reader_in_another_process_moves_with_its_next_renewal),
		at_a_place(a_move_waits_for_no_transaction_and_is_refused_beside_one),
		at_a_place(what_a_killed_move_left_is_settled_at_the_next_start),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
