#include "tests/unit/suite.h"

#include "hub/turned_away.h"
#include "tests/unit/ingest_line.h"

#define MINUTE_MS 60000

static uint64_t
leaves(struct line *l)
{
	return audit_size(l->place->hub.audit);
}

static void
tick(struct line *l, struct turned_away *t, int64_t mono_ms)
{
	assert_ok(turned_away_tick(t, &l->place->hub, mono_ms));
	line_end_turn(l);
}

static void
one_leaf_for_each_source_reason_and_minute_with_a_count(void **state)
{
	static const struct {
		uint64_t count;
		const char *bucket;
	} rows[] = {{1, "1"}, {2, "2-9"}, {9, "2-9"}, {10, "10-99"}, {100, "100+"}};
	struct line *l = *state;
	struct turned_away t = {.count = 0};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		uint64_t before = leaves(l);
		struct json *tree = NULL;
		struct leaf leaf;
		for (uint64_t n = 0; n < rows[i].count; n++)
			turned_away_note(&t, &l->node->writer, E_AUTH, (int64_t)n);
		tick(l, &t, MINUTE_MS - 1);
		assert_int_equal(leaves(l), before);
		tick(l, &t, MINUTE_MS);
		tick(l, &t, 2 * MINUTE_MS);
		assert_int_equal(leaves(l), before + 1);
		line_last_leaf(l, &leaf, &tree);
		assert_string_equal(leaf.action, "bundle-refused");
		assert_string_equal(leaf.decision, "deny");
		assert_string_equal(leaf.site, l->node->writer.site);
		assert_string_equal(leaf.reason_code, "changed");
		assert_string_equal(leaf.count_bucket, rows[i].bucket);
		json_free(tree);
	}
	turned_away_note(&t, &l->node->writer, E_AUTH, 0);
	turned_away_note(&t, &l->node->writer, E_DENIED, 0);
	turned_away_note(&t, NULL, E_NOTFOUND, 0);
	uint64_t before = leaves(l);
	tick(l, &t, MINUTE_MS);
	assert_int_equal(leaves(l), before + 3);
}

static void
what_says_nothing_about_the_bundle_leaves_no_leaf(void **state)
{
	static const enum err rows[] = {OK, E_BUSY, E_FULL, E_IO, E_ABSENT};
	struct line *l = *state;
	struct turned_away t = {.count = 0};
	uint64_t before = leaves(l);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		turned_away_note(&t, NULL, rows[i], 0);
	tick(l, &t, MINUTE_MS);
	assert_int_equal(leaves(l), before);
}

static void
more_sources_than_there_are_places_are_counted_with_the_strangers(void **state)
{
	static const enum err reasons[] = {E_AUTH, E_FORMAT, E_DENIED, E_NOTFOUND, E_CONFLICT};
	struct line *l = *state;
	struct turned_away t = {.count = 0};
	struct writer w = l->node->writer;
	uint64_t noted = 0, counted = 0;
	for (uint8_t i = 0; i < 100; i++) {
		w.public[0] = i;
		turned_away_note(&t, &w, reasons[i % ARRAY_LEN(reasons)], 0);
		noted++;
	}
	assert_true(t.count <= TURNED_AWAY_MAX_COUNT);
	for (size_t i = 0; i < t.count; i++)
		counted += t.at[i].count;
	assert_int_equal(counted, noted);
	tick(l, &t, MINUTE_MS);
	assert_int_equal(t.count, 0);
}

int
main(void)
{
#define EACH(test) cmocka_unit_test_setup_teardown(test, line_make, line_drop)
	const struct CMUnitTest tests[] = {
		EACH(one_leaf_for_each_source_reason_and_minute_with_a_count),
		EACH(what_says_nothing_about_the_bundle_leaves_no_leaf),
		EACH(more_sources_than_there_are_places_are_counted_with_the_strangers),
	};
	if (crypto_init())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
