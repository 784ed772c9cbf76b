#include "tests/unit/store_place.h"

/* Enough rows for several pages, held against an array that is changed alike. */
#define ROWS_COUNT  4000
#define TURNS_COUNT 400
#define READS_COUNT 60

struct shadow {
	bool there[ROWS_COUNT];
	uint32_t value[ROWS_COUNT];
	uint32_t random;
};

static uint32_t
draw(struct shadow *s, uint32_t below)
{
	s->random = s->random * 1664525u + 1013904223u;
	return (s->random >> 8) % below;
}

static struct view
key_of(char room[static 16], uint32_t row)
{
	(void)snprintf(room, 16, "row-%06u", row);
	return view_text(room);
}

static void
assert_row(struct store_txn *t, const struct shadow *s, uint32_t row)
{
	char key[16];
	struct view got;
	uint32_t value = 0;
	const enum err e = store_get(t, FISH, key_of(key, row), &got);
	assert_int_equal(e, s->there[row] ? OK : E_NOTFOUND);
	if (e)
		return;
	assert_int_equal(got.len, sizeof(value));
	memcpy(&value, got.at, sizeof(value));
	assert_int_equal(value, s->value[row]);
}

/* Upwards, downwards, jumping, or one row again and again. */
static void
read_some(struct store_txn *t, struct shadow *s)
{
	const uint32_t way = draw(s, 4), start = draw(s, ROWS_COUNT);
	for (uint32_t i = 0; i < READS_COUNT; i++) {
		uint32_t row = start;
		if (way == 0)
			row = (start + i) % ROWS_COUNT;
		else if (way == 1)
			row = (start + ROWS_COUNT - i) % ROWS_COUNT;
		else if (way == 2)
			row = draw(s, ROWS_COUNT);
		assert_row(t, s, row);
	}
}

static void
write_some(struct store_txn *t, struct shadow *s)
{
	for (uint32_t i = draw(s, 40); i > 0; i--) {
		char key[16];
		const uint32_t row = draw(s, ROWS_COUNT);
		if (s->there[row] && draw(s, 2) == 0) {
			assert_ok(store_delete(t, FISH, key_of(key, row)));
			s->there[row] = false;
			continue;
		}
		s->value[row] = s->random;
		s->there[row] = true;
		assert_ok(store_put(t, FISH, key_of(key, row),
			view_of(&s->value[row], sizeof(s->value[row]))));
	}
}

static void
a_row_is_found_whatever_was_read_and_written_before(void **state)
{
	const struct place *p = *state;
	OWNED(store) struct store *s = open_at(p->dir);
	OWNED_MEM struct shadow *shadow = xcalloc(1, sizeof(*shadow));
	struct store_txn *t = NULL;
	for (uint32_t turn = 0; turn < TURNS_COUNT; turn++) {
		if (!t)
			assert_ok(store_write(&t, s));
		read_some(t, shadow);
		write_some(t, shadow);
		read_some(t, shadow);
		if (draw(shadow, 8) == 0)
			assert_ok(store_commit(take(t)));
	}
	store_txn_free(t);
}

static void
a_snapshot_reads_the_rows_of_its_moment(void **state)
{
	const struct place *p = *state;
	OWNED(store) struct store *s = open_at(p->dir);
	OWNED_MEM struct shadow *now = xcalloc(1, sizeof(*now));
	OWNED_MEM struct shadow *then = xcalloc(1, sizeof(*then));
	OWNED(store_txn) struct store_txn *snapshot = NULL;
	for (uint32_t turn = 0; turn < TURNS_COUNT / 4; turn++) {
		struct store_txn *t = NULL;
		assert_ok(store_write(&t, s));
		write_some(t, now);
		assert_ok(store_commit(t));
		if (!snapshot)
			assert_ok(store_read(&snapshot, s));
		else if (draw(now, 3) == 0)
			assert_ok(store_renew(snapshot));
		else {
			read_some(snapshot, then);
			continue;
		}
		memcpy(then, now, sizeof(*then));
		read_some(snapshot, then);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		at_a_place(a_row_is_found_whatever_was_read_and_written_before),
		at_a_place(a_snapshot_reads_the_rows_of_its_moment),
	};
	return cmocka_run_group_tests_name("store_near", tests, NULL, NULL);
}
