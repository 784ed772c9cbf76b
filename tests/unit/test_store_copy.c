#include "tests/unit/store_place.h"

#include <sys/stat.h>
#include <unistd.h>

static void
a_copy_holds_what_was_committed_and_nothing_that_came_after(void **state)
{
	const struct place *p = *state;
	OWNED(store) struct store *s = open_at(p->dir);
	OWNED_MEM char *to = xasprintf("%s/copy", p->root);
	struct store_txn *open = NULL;
	keep(s, FISH, "eel", "long");
	keep(s, STONES, "flint", "hard");
	assert_ok(store_write(&open, s));
	assert_ok(store_put(open, FISH, view_text("eel"), view_text("changed")));
	assert_ok(store_copy(s, to));
	assert_ok(store_commit(open));
	keep(s, FISH, "pike", "late");
	OWNED(store) struct store *copy = open_at(to);
	OWNED(store_txn) struct store_txn *t = NULL;
	struct view got;
	assert_kept(copy, FISH, "eel", "long");
	assert_kept(copy, STONES, "flint", "hard");
	assert_ok(store_read(&t, copy));
	assert_err(store_get(t, FISH, view_text("pike"), &got), E_NOTFOUND);
	assert_kept(s, FISH, "eel", "changed");
}

static void
a_copy_takes_no_more_room_than_its_rows_need(void **state)
{
	const struct place *p = *state;
	OWNED(store) struct store *s = open_at(p->dir);
	OWNED_MEM char *to = xasprintf("%s/copy", p->root);
	OWNED_MEM char *data = xasprintf("%s/data.mdb", to);
	struct store_txn *t = NULL;
	struct stat st;
	assert_ok(store_write(&t, s));
	assert_ok(put_many(t, 'a', 200, 8000));
	assert_ok(store_commit(t));
	assert_ok(store_write(&t, s));
	for (uint8_t i = 0; i < 199; i++)
		assert_ok(store_delete(t, FISH, view_of((uint8_t[]){'a', i}, 2)));
	assert_ok(store_commit(t));
	assert_ok(store_copy(s, to));
	assert_int_equal(stat(data, &st), 0);
	assert_true(st.st_size < 100000);
}

static void
a_copy_replaces_nothing(void **state)
{
	const struct place *p = *state;
	OWNED(store) struct store *s = open_at(p->dir);
	keep(s, FISH, "eel", "long");
	assert_err(store_copy(s, p->dir), E_CONFLICT);
	assert_kept(s, FISH, "eel", "long");
}

static void
what_a_killed_copy_left_is_cleared(void **state)
{
	const struct place *p = *state;
	OWNED(store) struct store *s = open_at(p->dir);
	OWNED_MEM char *to = xasprintf("%s/copy", p->root);
	OWNED_MEM char *left = xasprintf(
		"mkdir '%s.new' && head -c 9000 /dev/zero >'%s.new/data.mdb'", to, to);
	keep(s, FISH, "eel", "long");
	assert_int_equal(system(left), 0);
	assert_ok(store_copy(s, to));
	OWNED(store) struct store *copy = open_at(to);
	assert_kept(copy, FISH, "eel", "long");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		at_a_place(a_copy_holds_what_was_committed_and_nothing_that_came_after),
		at_a_place(a_copy_takes_no_more_room_than_its_rows_need),
		at_a_place(a_copy_replaces_nothing),
		at_a_place(what_a_killed_copy_left_is_cleared),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
