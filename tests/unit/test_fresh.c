#include "tests/unit/suite.h"

#include "hub/fresh.h"

/* The hash of a test is the index in each byte. */
static void
add(struct fresh *f, uint64_t index, struct view leaf)
{
	uint8_t hash[HASH_BYTES];
	memset(hash, (int)(index & 0xff), sizeof(hash));
	fresh_add(f, index, leaf, hash);
}

static bool
holds(const struct fresh *f, uint64_t index, const char *text)
{
	struct view v;
	uint8_t hash[HASH_BYTES];
	return fresh_find(f, index, &v) && view_same(v, view_text(text)) &&
	       fresh_hash(f, index, hash) && hash[0] == (index & 0xff) &&
	       hash[HASH_BYTES - 1] == (index & 0xff);
}

static void
leaves_come_back_until_they_are_cut(void **state)
{
	(void)state;
	OWNED_BY(fresh_done) struct fresh f;
	uint8_t hash[HASH_BYTES];
	struct view v;
	fresh_init(&f);
	assert_false(fresh_find(&f, 0, &v));
	add(&f, 7, view_text("seven"));
	add(&f, 8, view_text("eight"));
	add(&f, 10, view_text("ten"));
	assert_true(holds(&f, 7, "seven"));
	assert_true(holds(&f, 8, "eight"));
	assert_false(fresh_find(&f, 6, &v));
	assert_false(fresh_hash(&f, 6, hash));
	assert_false(fresh_find(&f, 9, &v));
	assert_false(fresh_hash(&f, 9, hash));
	assert_false(fresh_find(&f, 10, &v));
	fresh_cut(&f, 9);
	assert_true(holds(&f, 8, "eight"));
	fresh_cut(&f, 8);
	assert_false(fresh_find(&f, 8, &v));
	add(&f, 8, view_text("another"));
	assert_true(holds(&f, 7, "seven"));
	assert_true(holds(&f, 8, "another"));
	fresh_cut(&f, 0);
	assert_false(fresh_find(&f, 7, &v));
	add(&f, 20, view_text("twenty"));
	assert_true(holds(&f, 20, "twenty"));
}

static void
what_is_too_many_or_too_long_is_not_kept(void **state)
{
	(void)state;
	static const uint8_t piece[FRESH_MAX_BYTES / 4 + 1];
	OWNED_BY(fresh_done) struct fresh f, many;
	struct view v;
	fresh_init(&f);
	for (uint64_t i = 0; i < 5; i++)
		add(&f, i, view_of(piece, sizeof(piece)));
	assert_true(fresh_find(&f, 2, &v));
	assert_false(fresh_find(&f, 3, &v));
	fresh_init(&many);
	for (uint64_t i = 0; i < FRESH_MAX_COUNT + 2; i++)
		add(&many, i, view_text("x"));
	assert_true(holds(&many, FRESH_MAX_COUNT - 1, "x"));
	assert_false(fresh_find(&many, FRESH_MAX_COUNT, &v));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(leaves_come_back_until_they_are_cut),
		cmocka_unit_test(what_is_too_many_or_too_long_is_not_kept),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
