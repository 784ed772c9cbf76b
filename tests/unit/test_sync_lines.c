#include "tests/unit/node_place.h"

#include "node/capture_ids.h"
#include "node/sync_item.h"
#include "node/sync_lines.h"

#define ASK_MAX_BYTES ((size_t)4 << 20)
#define ROWS_MOST     8

/* A row of a sheet, in letters: first name, name of earlier versions, digest. */
struct row {
	char first, before, digest;
};
struct names {
	uint8_t id[ROWS_MOST][ID_BYTES];
};

static enum err
ask(struct place *p, const struct row *rows, size_t count, struct names *ret)
{
	OWNED_BUF struct buf asks, answer;
	buf_init(&asks, ASK_MAX_BYTES);
	buf_init(&answer, ASK_MAX_BYTES);
	buf_u32(&asks, (uint32_t)count);
	for (size_t i = 0; i < count; i++) {
		uint8_t id[ID_BYTES], digest[HASH_BYTES];
		memset(id, rows[i].first, sizeof(id));
		buf_add(&asks, id, sizeof(id));
		memset(id, rows[i].before, sizeof(id));
		buf_add(&asks, id, sizeof(id));
		memset(digest, rows[i].digest, sizeof(digest));
		buf_add(&asks, digest, sizeof(digest));
	}
	struct cursor c = cursor_of(buf_view(&asks));
	enum err e = sync_lines_of(p->vault, &c, &answer);
	struct cursor a = cursor_of(buf_view(&answer));
	if (e)
		return e;
	assert_int_equal(cursor_u32(&a), count);
	for (size_t i = 0; i < count; i++)
		cursor_copy(&a, ret->id[i], ID_BYTES);
	return cursor_end(&a, "answer");
}

/* What is on file: an instance with this digest, '\0' when it came back from the hub. */
static void
keep(struct place *p, const uint8_t *id, char digest)
{
	OWNED_BUF struct buf row;
	uint8_t bytes[HASH_BYTES];
	const struct vault_at at = {1, LANE_R, 1};
	memset(bytes, digest, sizeof(bytes));
	buf_init(&row, 256);
	buf_add(&row, bytes, sizeof(bytes));
	vault_at_write(&row, &at);
	assert_ok(vault_put(p->vault, VAULT_INSTANCES, view_of(id, ID_BYTES), buf_view(&row)));
}

static bool
same(const uint8_t *a, const uint8_t *b)
{
	return memcmp(a, b, ID_BYTES) == 0;
}

static const struct row sheet[] = {
	{'a', 'p', '1'}, {'a', 'q', '2'}, {'a', 'p', '1'}, {'b', 'b', '3'}};

static void
rows_that_differ_at_the_site_alone_take_turns(void **state)
{
	struct place *p = *state;
	struct names n;
	uint8_t turn[ID_BYTES], first[ID_BYTES];
	memset(first, 'a', sizeof(first));
	assert_ok(ask(p, sheet, ARRAY_LEN(sheet), &n));
	assert_true(same(n.id[0], first));
	capture_instance_turn(turn, vault_row_key(p->vault), first, 1);
	assert_true(same(n.id[1], turn));
	assert_true(same(n.id[2], n.id[0])); /* the same row twice is one */
	memset(first, 'b', sizeof(first));
	assert_true(same(n.id[3], first));
}

static void
a_sheet_that_was_kept_is_called_the_same_in_any_order(void **state)
{
	struct place *p = *state;
	struct names n, again;
	assert_ok(ask(p, sheet, ARRAY_LEN(sheet), &n));
	keep(p, n.id[0], '1');
	keep(p, n.id[1], '2');
	assert_ok(ask(p, sheet, ARRAY_LEN(sheet), &again));
	assert_memory_equal(n.id, again.id, ARRAY_LEN(sheet) * ID_BYTES);
	const struct row other_way[] = {{'a', 'q', '2'}, {'a', 'r', '4'}, {'a', 'p', '1'}};
	assert_ok(ask(p, other_way, ARRAY_LEN(other_way), &again));
	assert_true(same(again.id[0], n.id[1]));
	assert_true(same(again.id[2], n.id[0]));
	assert_false(same(again.id[1], n.id[0]) || same(again.id[1], n.id[1]));
}

static void
what_came_back_from_the_hub_is_taken_for_as_many_rows_as_there_are(void **state)
{
	struct place *p = *state;
	struct names n, again;
	assert_ok(ask(p, sheet, ARRAY_LEN(sheet), &n));
	keep(p, n.id[0], '\0');
	keep(p, n.id[1], '\0');
	const struct row longer[] = {{'a', 'p', '1'}, {'a', 'q', '2'}, {'a', 'r', '4'}};
	assert_ok(ask(p, longer, ARRAY_LEN(longer), &again));
	assert_true(same(again.id[0], n.id[0]));
	assert_true(same(again.id[1], n.id[1]));
	assert_false(same(again.id[2], n.id[0]) || same(again.id[2], n.id[1]));
}

static void
a_row_that_an_earlier_version_loaded_keeps_its_name(void **state)
{
	struct place *p = *state;
	struct names n;
	uint8_t before[ID_BYTES];
	memset(before, 'q', sizeof(before));
	keep(p, before, '2');
	assert_ok(ask(p, sheet, ARRAY_LEN(sheet), &n));
	assert_true(same(n.id[1], before));
	/* With another digest it is another row. */
	keep(p, before, '9');
	assert_ok(ask(p, sheet, ARRAY_LEN(sheet), &n));
	assert_false(same(n.id[1], before));
}

static void
requests_that_are_none_are_refused(void **state)
{
	struct place *p = *state;
	const struct row unordered[] = {{'b', 'b', '1'}, {'a', 'a', '1'}};
	struct names n;
	OWNED_BUF struct buf asks, answer;
	assert_err(ask(p, unordered, ARRAY_LEN(unordered), &n), E_FORMAT);
	buf_init(&asks, 64);
	buf_init(&answer, 64);
	buf_u32(&asks, 2);
	struct cursor c = cursor_of(buf_view(&asks));
	assert_err(sync_lines_of(p->vault, &c, &answer), E_FORMAT);
	buf_reset(&asks);
	buf_u32(&asks, SYNC_LINES_MAX_COUNT + 1);
	c = cursor_of(buf_view(&asks));
	assert_err(sync_lines_of(p->vault, &c, &answer), E_FORMAT);
}

/* With the square of their number this takes minutes, and sync answers nobody meanwhile. */
static void
as_many_rows_alike_as_a_sheet_has_take_turns(void **state)
{
	enum { DISTINCT = SYNC_LINES_MAX_COUNT / 2 };
	struct place *p = *state;
	OWNED_BUF struct buf asks, answer;
	uint8_t first[ID_BYTES], before[ID_BYTES], turn[ID_BYTES];
	memset(first, 'a', sizeof(first));
	memset(before, 'p', sizeof(before));
	buf_init(&asks, (size_t)16 << 20);
	buf_init(&answer, (size_t)16 << 20);
	buf_u32(&asks, SYNC_LINES_MAX_COUNT);
	for (uint64_t i = 0; i < SYNC_LINES_MAX_COUNT; i++) {
		const uint64_t number = 1 + i % DISTINCT; /* each row stands there twice */
		uint8_t digest[HASH_BYTES];
		crypto_hash_one(digest, "weir-example", view_of(&number, sizeof(number)));
		buf_add(&asks, first, sizeof(first));
		buf_add(&asks, before, sizeof(before));
		buf_add(&asks, digest, sizeof(digest));
	}
	struct cursor c = cursor_of(buf_view(&asks));
	assert_ok(sync_lines_of(p->vault, &c, &answer));
	const uint8_t *ids = answer.at + sizeof(uint32_t);
	assert_true(same(ids, first));
	for (uint32_t i = 1; i < SYNC_LINES_MAX_COUNT; i += 997) {
		capture_instance_turn(turn, vault_row_key(p->vault), first, i % DISTINCT);
		assert_true(same(ids + (size_t)i * ID_BYTES, turn));
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_place, drop_place)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(rows_that_differ_at_the_site_alone_take_turns),
		TEST(a_sheet_that_was_kept_is_called_the_same_in_any_order),
		TEST(what_came_back_from_the_hub_is_taken_for_as_many_rows_as_there_are),
		TEST(a_row_that_an_earlier_version_loaded_keeps_its_name),
		TEST(as_many_rows_alike_as_a_sheet_has_take_turns),
		TEST(requests_that_are_none_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
