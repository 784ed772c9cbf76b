#include "tests/unit/store_place.h"

#include <unistd.h>

#include "common/store/storemove.h"

#define NUMBERS     400 /* rows there may be, in each table */
#define TURNS_COUNT 300
#define PIECE_BYTES 300
#define SECRET      "a word that has to go: 91be"

/* What the store has to hold: 0 no row, else the number of the value. */
struct model {
	unsigned value[TABLE_COUNT][NUMBERS];
	unsigned written;
	uint64_t state;
};

static unsigned
draw(struct model *m, unsigned below)
{
	m->state = m->state * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(m->state >> 33) % below;
}

static struct view
name_of(char ret[static 48], const char *word, unsigned number)
{
	(void)snprintf(ret, 48, "%s %04u", word, number);
	return view_text(ret);
}

static void
change_one(struct store_txn *t, struct model *m)
{
	char key[48], value[48];
	unsigned table = draw(m, TABLE_COUNT), number = draw(m, NUMBERS);
	if (m->value[table][number] && draw(m, 3) == 0) {
		assert_ok(store_delete(t, table, name_of(key, "key", number)));
		m->value[table][number] = 0;
		return;
	}
	m->value[table][number] = ++m->written;
	assert_ok(store_put(t, table, name_of(key, "key", number),
		name_of(value, "value", m->value[table][number])));
}

/* Some turns are given up: what they noted was never written. */
static void
change_some(struct store *s, struct model *m)
{
	struct model before = *m;
	struct store_txn *t = NULL;
	assert_ok(store_write(&t, s));
	for (unsigned i = draw(m, 12); i > 0; i--)
		change_one(t, m);
	if (draw(m, 4)) {
		assert_ok(store_commit(t));
		return;
	}
	store_txn_free(t);
	before.state = m->state;
	*m = before;
}

static void
assert_holds(struct store *s, const struct model *m)
{
	OWNED(store_txn) struct store_txn *t = NULL;
	char key[48], value[48];
	struct view got;
	assert_ok(store_read(&t, s));
	for (unsigned table = 0; table < TABLE_COUNT; table++) {
		uint64_t rows = 0, expected = 0;
		for (unsigned i = 0; i < NUMBERS; i++) {
			enum err e = store_get(t, table, name_of(key, "key", i), &got);
			expected += m->value[table][i] != 0;
			if ((e == OK) != (m->value[table][i] != 0))
				fail_msg("table %u, row %u: there or not", table, i);
			if (!e)
				assert_true(view_same(
					got, name_of(value, "value", m->value[table][i])));
		}
		assert_ok(store_count(t, table, &rows));
		assert_int_equal(rows, expected);
	}
}

static void
turns_between_the_pieces_are_all_in_the_new_file(void **state)
{
	const struct place *p = *state;
	for (uint64_t seed = 1; seed <= 8; seed++) {
		OWNED_MEM char *dir = xasprintf("%s%u", p->dir, (unsigned)seed);
		OWNED(store) struct store *s = open_at(dir);
		struct model m = {.state = seed};
		bool done = false;
		size_t pieces = 0;
		for (int i = 0; i < TURNS_COUNT; i++)
			change_some(s, &m);
		assert_ok(storemove_begin(s, NULL, NULL));
		for (; !done; pieces++) {
			change_some(s, &m);
			if (draw(&m, 3) == 0)
				change_some(s, &m);
			assert_ok(storemove_step(s, PIECE_BYTES, &done));
			if (pieces % 16 == 0)
				assert_holds(s, &m);
		}
		assert_true(pieces > 20);
		assert_holds(s, &m);
		change_some(s, &m);
		store_free(take(s));
		s = open_at(dir);
		assert_holds(s, &m);
	}
}

static bool
file_has(const char *dir, const char *file, const char *word)
{
	OWNED_MEM char *command = xasprintf("grep -q -F '%s' '%s/%s'", word, dir, file);
	return system(command) == 0;
}

static void
fill(struct store *s, struct model *m)
{
	for (int i = 0; i < TURNS_COUNT; i++)
		change_some(s, m);
	keep(s, STONES, "goes", SECRET);
	struct store_txn *t = NULL;
	assert_ok(store_write(&t, s));
	assert_ok(store_delete(t, STONES, view_text("goes")));
	assert_ok(store_commit(t));
}

static void
what_was_deleted_before_is_in_no_piece(void **state)
{
	const struct place *p = *state;
	OWNED(store) struct store *s = open_at(p->dir);
	struct model m = {.state = 7};
	bool done = false;
	fill(s, &m);
	assert_true(file_has(p->dir, "data.mdb", SECRET));
	assert_ok(storemove_begin(s, NULL, NULL));
	while (!done) {
		assert_ok(storemove_step(s, PIECE_BYTES, &done));
		assert_true(done || !file_has(p->dir, "data.new", SECRET));
		change_some(s, &m);
	}
	assert_false(file_has(p->dir, "data.mdb", SECRET));
	assert_holds(s, &m);
}

/* As a process that is killed there leaves the directory; and one that gives up. */
static void
a_move_may_stop_behind_each_piece(void **state)
{
	const struct place *p = *state;
	OWNED(store) struct store *s = open_at(p->dir);
	OWNED_MEM char *copy = xasprintf("%s.copy", p->dir);
	OWNED_MEM char *command = xasprintf("rm -rf '%s'; cp -r '%s' '%s'", copy, p->dir, copy);
	OWNED_MEM char *left = xasprintf("%s/data.new", p->dir);
	struct model m = {.state = 9};
	bool done = false;
	fill(s, &m);
	assert_ok(storemove_begin(s, NULL, NULL));
	for (size_t piece = 0; !done; piece++) {
		assert_ok(storemove_step(s, PIECE_BYTES, &done));
		change_some(s, &m);
		if (piece % 8)
			continue;
		assert_int_equal(system(command), 0);
		OWNED(store) struct store *again = open_at(copy);
		assert_holds(again, &m);
	}
	assert_ok(storemove_begin(s, NULL, NULL));
	assert_ok(storemove_step(s, PIECE_BYTES, &done));
	assert_int_equal(access(left, F_OK), 0);
	storemove_give_up(s);
	assert_int_not_equal(access(left, F_OK), 0);
	assert_err(storemove_step(s, PIECE_BYTES, &done), E_NOTFOUND);
	change_some(s, &m);
	assert_holds(s, &m);
}

static void
a_piece_is_refused_beside_a_transaction_and_may_be_tried_again(void **state)
{
	const struct place *p = *state;
	OWNED(store) struct store *s = open_at(p->dir);
	struct store_txn *t = NULL;
	bool done = false;
	keep(s, FISH, "eel", "long");
	assert_ok(storemove_begin(s, NULL, NULL));
	assert_ok(store_read(&t, s));
	assert_err(storemove_step(s, PIECE_BYTES, &done), E_BUSY);
	store_txn_free(t);
	while (!done)
		assert_ok(storemove_step(s, PIECE_BYTES, &done));
	assert_kept(s, FISH, "eel", "long");
}

/* Of each value the first letter becomes a capital. */
static struct view
capital(void *arg, size_t table, struct view key, struct view value)
{
	struct buf *room = arg;
	assert_true(table < TABLE_COUNT && key.len);
	buf_reset(room);
	buf_add_view(room, value);
	assert_int_equal(room->at[0], 'v');
	room->at[0] = 'V';
	return buf_view(room);
}

static void
assert_all_capital(struct store *s, const struct model *m)
{
	OWNED(store_txn) struct store_txn *t = NULL;
	char key[48], value[48];
	struct view got;
	uint64_t rows = 0, expected = 0;
	assert_ok(store_read(&t, s));
	for (unsigned table = 0; table < TABLE_COUNT; table++) {
		for (unsigned i = 0; i < NUMBERS; i++) {
			if (!m->value[table][i])
				continue;
			expected++;
			assert_ok(store_get(t, table, name_of(key, "key", i), &got));
			assert_true(
				view_same(got, name_of(value, "Value", m->value[table][i])));
		}
		assert_ok(store_count(t, table, &rows));
		assert_int_equal(rows, expected);
		expected = 0;
	}
}

static void
every_value_is_another_in_the_new_file_and_none_before_it(void **state)
{
	const struct place *p = *state;
	OWNED(store) struct store *s = open_at(p->dir);
	OWNED_BUF struct buf room;
	struct model m = {.state = 11};
	bool done = false;
	buf_init(&room, 100);
	for (int i = 0; i < TURNS_COUNT; i++)
		change_some(s, &m);
	assert_ok(storemove_begin(s, capital, &room));
	while (!done) {
		if (file_has(p->dir, "data.mdb", "value"))
			change_some(s, &m);
		assert_ok(storemove_step(s, PIECE_BYTES, &done));
	}
	assert_all_capital(s, &m);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		at_a_place(turns_between_the_pieces_are_all_in_the_new_file),
		at_a_place(what_was_deleted_before_is_in_no_piece),
		at_a_place(a_move_may_stop_behind_each_piece),
		at_a_place(every_value_is_another_in_the_new_file_and_none_before_it),
		at_a_place(a_piece_is_refused_beside_a_transaction_and_may_be_tried_again),
	};
	return cmocka_run_group_tests_name("storemove", tests, NULL, NULL);
}
