#include "tests/unit/suite.h"

#include <math.h>

#include "common/base/mem.h"
#include "common/figures/disclose.h"
#include "common/figures/printed.h"

/* Columns of a small cohort: a truth and a number for each of two keys, and a plain number with
 * its two arguments. */
enum { LIVES_TRUTH, CARE_TRUTH, LIVES_NUMBER, CARE_NUMBER, SCORE, PART_A, PART_B, COLUMNS };

#define GONE    (-99.0)  /* missing, refused */
#define APART   (-100.0) /* not a row of the table */
#define REFUSED 1

static const struct column_site sites[] = {
	{"north", SITE_TAKES_PART}, {"south", SITE_TAKES_PART}, {"west", SITE_NOT_IN_WAVE}};
static const char *const keys[] = {"lives", "care"};
static const char *const reasons[] = {"not_asked", "refused"};

static struct columns *
make(void)
{
	static const struct column_spec specs[COLUMNS] = {{"t lives", COLUMN_TRUTH, NULL, 0},
		{"t care", COLUMN_TRUTH, NULL, 0}, {"n lives", COLUMN_NUMBER, NULL, 0},
		{"n care", COLUMN_NUMBER, NULL, 0}, {"score", COLUMN_NUMBER, NULL, 0},
		{"a", COLUMN_NUMBER, NULL, 0}, {"b", COLUMN_NUMBER, NULL, 0}};
	struct columns *c = NULL;
	assert_ok(columns_make(&c, sites, ARRAY_LEN(sites), specs, COLUMNS));
	return c;
}

static struct column_value
value(double x, bool truth)
{
	if (x < GONE + 0.5)
		return (struct column_value){.why = x < APART + 0.5 ? COLUMNS_APART : REFUSED};
	return (struct column_value){
		.there = true, .number = truth ? 0 : x, .level = truth && x > 0};
}

/* One record: what it says to each key, as truth and as number. */
static void
add(struct columns *c, uint16_t site, double lives, double care)
{
	struct column_value row[COLUMNS];
	for (size_t i = 0; i < COLUMNS; i++)
		row[i] = value(APART, false);
	row[LIVES_TRUTH] = value(lives, true);
	row[CARE_TRUTH] = value(care, true);
	row[LIVES_NUMBER] = value(lives, false);
	row[CARE_NUMBER] = value(care, false);
	assert_ok(columns_add(c, site, row));
}

static void
add_score(struct columns *c, uint16_t site, double a, double b)
{
	struct column_value row[COLUMNS];
	for (size_t i = 0; i < COLUMNS; i++)
		row[i] = value(APART, false);
	row[PART_A] = value(a, false);
	row[PART_B] = value(b, false);
	row[SCORE] = value(b > GONE + 0.5 ? (a + b) / 2 : a, false);
	assert_ok(columns_add(c, site, row));
}

static struct table_spec
keyed(enum table_kind kind, unsigned asks)
{
	static const char *const truths[] = {"t lives", "t care"};
	static const char *const numbers[] = {"n lives", "n care"};
	const bool share = kind == TABLE_SHARE;
	return (struct table_spec){.indicator = "O01",
		.kind = kind,
		.column = share ? truths[0] : numbers[0],
		.asks = asks,
		.key = "intended",
		.keys = keys,
		.key_columns = share ? truths : numbers,
		.key_count = ARRAY_LEN(keys),
		.reasons = reasons,
		.reason_count = ARRAY_LEN(reasons)};
}

static void
assert_figure(const struct table *t, uint32_t group, enum statistic s, double expected)
{
	const struct figure *f = table_figure(t, group, s);
	assert_non_null(f);
	if (!f->there || fabs(f->value - expected) > 1e-9)
		fail_msg("group %u %s: %.12g, expected %.12g", group, statistic_name(s),
			f->there ? f->value : (double)NAN, expected);
}

/* Groups: north lives, north care, south lives, south care, west twice, ALL lives, ALL care. */
enum {
	NORTH_LIVES,
	NORTH_CARE,
	SOUTH_LIVES,
	SOUTH_CARE,
	WEST_LIVES,
	WEST_CARE,
	ALL_LIVES,
	ALL_CARE
};

static struct columns *
seven_people(void)
{
	struct columns *c = make();
	add(c, 0, 1, 0);
	add(c, 0, 1, 1);
	add(c, 0, 0, 1);
	add(c, 0, 1, GONE);
	add(c, 1, 0, 1);
	add(c, 1, 1, 1);
	add(c, 1, APART, 0);
	return c;
}

static void
a_record_is_in_the_group_of_every_key_it_has(void **state)
{
	OWNED(columns) struct columns *c = seven_people();
	OWNED(table) struct table *t = NULL;
	const struct table_spec spec =
		keyed(TABLE_SHARE, ASK_N | ASK_COUNT | ASK_PROPORTION | ASK_MISSING);
	(void)state;
	assert_ok(table_make(&t, c, &spec));
	assert_int_equal(t->group_count, 8);
	assert_figure(t, NORTH_LIVES, STATISTIC_N, 4);
	assert_figure(t, NORTH_LIVES, STATISTIC_COUNT, 3);
	assert_figure(t, NORTH_CARE, STATISTIC_N, 3);
	assert_figure(t, SOUTH_LIVES, STATISTIC_N, 2);
	assert_figure(t, SOUTH_CARE, STATISTIC_N, 3);
	assert_figure(t, ALL_CARE, STATISTIC_COUNT, 4);
	assert_string_equal(table_by(t, &t->groups[ALL_CARE], 0), "care");
	assert_int_equal(bitmap_shared(t->groups[ALL_LIVES].base, t->groups[ALL_CARE].base), 5);
}

static void
who_is_missing_is_counted_by_reason_and_who_is_apart_is_not(void **state)
{
	OWNED(columns) struct columns *c = seven_people();
	OWNED(table) struct table *t = NULL;
	const struct table_spec spec = keyed(TABLE_SHARE, ASK_N | ASK_MISSING);
	size_t seen = 0;
	(void)state;
	assert_ok(table_make(&t, c, &spec));
	for (size_t i = 0; i < t->figure_count; i++) {
		const struct figure *f = &t->figures[i];
		if (f->statistic != STATISTIC_MISSING || f->group == WEST_LIVES ||
			f->group == WEST_CARE)
			continue;
		bool refused = strcmp(table_level(t, f->level), "refused") == 0;
		bool gone = f->group == NORTH_CARE || f->group == ALL_CARE;
		assert_true(f->there);
		assert_int_equal((int)f->value, refused && gone);
		seen++;
	}
	assert_int_equal(seen, 12);
}

static void
a_key_that_does_not_occur_at_a_site_has_no_rows(void **state)
{
	OWNED(columns) struct columns *c = make();
	OWNED(table) struct table *t = NULL;
	struct table_spec spec = keyed(TABLE_NUMBER, ASK_N | ASK_MEAN);
	spec.occurring = true;
	(void)state;
	add(c, 0, 3, APART);
	add(c, 1, 2, GONE);
	assert_ok(table_make(&t, c, &spec));
	assert_null(table_figure(t, NORTH_CARE, STATISTIC_N));
	assert_figure(t, SOUTH_CARE, STATISTIC_N, 0);
	assert_false(table_figure(t, SOUTH_CARE, STATISTIC_MEAN)->there);
	assert_figure(t, ALL_LIVES, STATISTIC_MEAN, 2.5);
	assert_figure(t, ALL_CARE, STATISTIC_N, 0);
}

/* lives: 3 of 4 and 1 of 2; with weights 3 and 1 the share is 0.75 * 0.75 + 0.25 * 0.5 = 0.6875
 * and as many people as 1 / (0.5625 / 4 + 0.0625 / 2). */
static void
shares_of_all_are_weighted_where_there_are_weights(void **state)
{
	static const double weights[] = {3, 1, 1};
	OWNED(columns) struct columns *c = seven_people();
	OWNED(table) struct table *heap = NULL, *t = NULL;
	struct table_spec spec = keyed(TABLE_SHARE, ASK_N | ASK_PROPORTION | ASK_INTERVAL);
	(void)state;
	assert_ok(table_make(&heap, c, &spec));
	assert_figure(heap, ALL_LIVES, STATISTIC_PROPORTION, 4.0 / 6);
	spec.weights = weights;
	assert_ok(table_make(&t, c, &spec));
	assert_figure(t, NORTH_LIVES, STATISTIC_PROPORTION, 0.75);
	assert_figure(t, ALL_LIVES, STATISTIC_PROPORTION, 0.6875);
	const struct bounds of = estimate_wilson(0.6875, 1 / (0.5625 / 4 + 0.0625 / 2));
	assert_figure(t, ALL_LIVES, STATISTIC_INTERVAL_LO, of.lo);
	assert_figure(t, ALL_LIVES, STATISTIC_INTERVAL_HI, of.hi);
}

/* Scores 1, 3 (mean 2, variance 2) and 4, 6, 8 (mean 6, variance 4), equal weights: mean 4,
 * variance 0.25 * 2/2 + 0.25 * 4/3. */
static void
means_of_all_are_weighted_and_so_is_their_interval(void **state)
{
	static const double weights[] = {1, 1, 1}, north[] = {1, 3}, south[] = {4, 6, 8};
	const struct term terms[] = {{0.5, 2, 2}, {0.5, 4, 3}};
	const struct table_spec spec = {.indicator = "P01",
		.kind = TABLE_NUMBER,
		.column = "score",
		.asks = ASK_N | ASK_MEAN | ASK_MEAN_INTERVAL | ASK_SUM,
		.weights = weights};
	OWNED(columns) struct columns *c = make();
	OWNED(table) struct table *t = NULL;
	struct bounds of;
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(north); i++)
		add_score(c, 0, north[i], north[i]);
	for (size_t i = 0; i < ARRAY_LEN(south); i++)
		add_score(c, 1, south[i], south[i]);
	assert_ok(table_make(&t, c, &spec));
	assert_figure(t, 3, STATISTIC_MEAN, 4);
	assert_figure(t, 3, STATISTIC_SUM, 22);
	assert_true(estimate_bounds(terms, 2, 4, &of));
	assert_figure(t, 3, STATISTIC_INTERVAL_LO, of.lo);
	assert_figure(t, 3, STATISTIC_INTERVAL_HI, of.hi);
	assert_true(table_figure(t, 3, STATISTIC_MEAN)->pooled);
	assert_false(table_figure(t, 0, STATISTIC_MEAN)->pooled);
}

static void
a_weight_is_over_nothing(void **state)
{
	static const double weights[] = {1, 0, 1};
	OWNED(columns) struct columns *c = make();
	OWNED(table) struct table *t = NULL;
	struct table_spec spec = keyed(TABLE_SHARE, ASK_N);
	(void)state;
	spec.weights = weights;
	assert_err(table_make(&t, c, &spec), E_FORMAT);
}

/* The arguments of complete records only: 1,2,3,4 and 2,1,4,3, see test_estimate. */
static void
alpha_leaves_out_records_that_lack_an_argument(void **state)
{
	static const double a[] = {1, 2, 3, 4, 5}, b[] = {2, 1, 4, 3, GONE};
	static const char *const parts[] = {"a", "b"};
	const struct table_spec spec = {.indicator = "P01",
		.kind = TABLE_NUMBER,
		.column = "score",
		.asks = ASK_N | ASK_ALPHA,
		.parts = parts,
		.part_count = 2};
	OWNED(columns) struct columns *c = make();
	OWNED(table) struct table *t = NULL;
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(a); i++)
		add_score(c, 0, a[i], b[i]);
	assert_ok(table_make(&t, c, &spec));
	assert_figure(t, 0, STATISTIC_N, 5);
	assert_figure(t, 0, STATISTIC_ALPHA, 0.75);
	assert_false(table_figure(t, 1, STATISTIC_ALPHA)->there);
}

static void
equal_shares_stand_at_the_better_place(void **state)
{
	OWNED(columns) struct columns *c = make();
	OWNED(table) struct table *t = NULL;
	const struct table_spec spec = keyed(TABLE_SHARE, ASK_N | ASK_RANK);
	(void)state;
	add(c, 0, 1, 1);
	add(c, 0, 0, 0);
	add(c, 1, 0, 1);
	assert_ok(table_make(&t, c, &spec));
	assert_figure(t, NORTH_LIVES, STATISTIC_RANK, 1);
	assert_figure(t, NORTH_CARE, STATISTIC_RANK, 1);
	assert_figure(t, SOUTH_LIVES, STATISTIC_RANK, 2);
	assert_figure(t, ALL_LIVES, STATISTIC_RANK, 2);
	assert_figure(t, ALL_CARE, STATISTIC_RANK, 1);
}

static void
sides_of_zero_are_shares_of_all_with_a_value(void **state)
{
	static const double x[] = {-2, -1, 0, 1, 0};
	const struct table_spec spec = {.indicator = "O06",
		.kind = TABLE_NUMBER,
		.column = "score",
		.asks = ASK_N | ASK_SHARE_NEGATIVE | ASK_SHARE_POSITIVE};
	OWNED(columns) struct columns *c = make();
	OWNED(table) struct table *t = NULL;
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(x); i++)
		add_score(c, 0, x[i], x[i]);
	assert_ok(table_make(&t, c, &spec));
	assert_figure(t, 0, STATISTIC_SHARE_NEGATIVE, 0.4);
	assert_figure(t, 0, STATISTIC_SHARE_POSITIVE, 0.2);
}

/* 15 of 20 say yes to lives in the north, 5 do not, 30 of 60 in the south: 5 is hidden, so what
 * is worked out from it is, too. */
static void
what_is_worked_out_from_a_hidden_count_is_hidden(void **state)
{
	static const double weights[] = {1, 1, 1};
	OWNED(columns) struct columns *c = make();
	OWNED(table) struct table *t = NULL;
	OWNED(disclosure) struct disclosure *d = NULL;
	struct table_spec spec =
		keyed(TABLE_SHARE, ASK_N | ASK_COUNT | ASK_PROPORTION | ASK_RANK);
	const struct disclose_profile profile = {
		.count_min_people = 6, .complementary = true, .linked = true};
	(void)state;
	spec.weights = weights;
	for (size_t i = 0; i < 20; i++)
		add(c, 0, i < 5, i < 10);
	for (size_t i = 0; i < 60; i++)
		add(c, 1, i < 30, i < 40);
	assert_ok(table_make(&t, c, &spec));
	const struct table *const list[] = {t};
	assert_ok(disclose(&d, list, 1, &profile));
	for (size_t i = 0; i < t->figure_count; i++) {
		const struct figure *f = &t->figures[i];
		const enum disclose_why why = disclosure_why(d, 0, i);
		if (f->group == NORTH_LIVES && f->statistic != STATISTIC_N)
			assert_int_not_equal(why, DISCLOSE_SHOWN);
		if (f->group == ALL_LIVES && f->statistic == STATISTIC_PROPORTION)
			assert_int_not_equal(why, DISCLOSE_SHOWN);
		if (f->group == NORTH_CARE && f->statistic == STATISTIC_RANK)
			assert_int_equal(why, DISCLOSE_LINKED);
		if (f->statistic == STATISTIC_N && f->there)
			assert_int_equal(why, DISCLOSE_SHOWN);
	}
}

static void
a_profile_that_asks_for_nothing_hides_nothing(void **state)
{
	OWNED(columns) struct columns *c = seven_people();
	OWNED(table) struct table *t = NULL;
	OWNED(disclosure) struct disclosure *d = NULL;
	const struct table_spec spec = keyed(TABLE_SHARE, ASK_N | ASK_COUNT);
	const struct disclose_profile profile = {.count_min_people = 0};
	(void)state;
	assert_ok(table_make(&t, c, &spec));
	const struct table *const list[] = {t};
	assert_ok(disclose(&d, list, 1, &profile));
	for (size_t i = 0; i < t->figure_count; i++)
		assert_int_equal(disclosure_why(d, 0, i), DISCLOSE_SHOWN);
}

static void
a_table_is_printed_with_its_keys_and_symbols(void **state)
{
	OWNED(columns) struct columns *c = seven_people();
	OWNED(table) struct table *t = NULL;
	OWNED(figure_rows) struct figure_rows *r = figure_rows_new();
	const struct table_spec spec = keyed(TABLE_SHARE, ASK_N | ASK_COUNT);
	const char *found[4];
	(void)state;
	assert_ok(table_make(&t, c, &spec));
	printed_table(r, 7, t, NULL);
	assert_string_equal(figure_rows_find(r, 7, "north", "care", STATISTIC_N)->text, "3");
	assert_string_equal(figure_rows_find(r, 7, "west", "care", STATISTIC_N)->text, "[x]");
	assert_null(figure_rows_find(r, 7, "north", NULL, STATISTIC_N));
	assert_null(figure_rows_find(r, 6, "north", "care", STATISTIC_N));
	assert_int_equal(figure_rows_keys(r, 7, "north", found, 4), 2);
	assert_string_equal(found[1], "care");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_record_is_in_the_group_of_every_key_it_has),
		cmocka_unit_test(who_is_missing_is_counted_by_reason_and_who_is_apart_is_not),
		cmocka_unit_test(a_key_that_does_not_occur_at_a_site_has_no_rows),
		cmocka_unit_test(shares_of_all_are_weighted_where_there_are_weights),
		cmocka_unit_test(means_of_all_are_weighted_and_so_is_their_interval),
		cmocka_unit_test(a_weight_is_over_nothing),
		cmocka_unit_test(alpha_leaves_out_records_that_lack_an_argument),
		cmocka_unit_test(equal_shares_stand_at_the_better_place),
		cmocka_unit_test(sides_of_zero_are_shares_of_all_with_a_value),
		cmocka_unit_test(what_is_worked_out_from_a_hidden_count_is_hidden),
		cmocka_unit_test(a_profile_that_asks_for_nothing_hides_nothing),
		cmocka_unit_test(a_table_is_printed_with_its_keys_and_symbols),
	};
	return cmocka_run_group_tests_name("keyed", tests, NULL, NULL);
}
