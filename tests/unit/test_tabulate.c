#include "tests/unit/wvs_tables.h"

#include <math.h>

#define TOLERANCE_SHARE 1e-9

static void
assert_close(const char *printed, const struct figure *f, const char *place)
{
	double expected = strtod(printed, NULL);
	bool exact = f->statistic == STATISTIC_N || f->statistic == STATISTIC_COUNT;
	double room = exact ? 0 : fabs(expected) * TOLERANCE_SHARE;
	if (fabs(f->value - expected) > room)
		fail_msg("%s: %.15g, expected %s", place, f->value, printed);
	char text[FIGURE_TEXT_BYTES];
	figure_text(text, f->value);
	assert_string_equal(text, printed);
}

static void
every_figure_of_the_extract_is_as_expected_and_in_its_place(void **state)
{
	(void)state;
	OWNED(columns) struct columns *c = wvs_columns();
	OWNED(csv_sheet) struct csv_sheet *s = wvs_sheet("expected.csv");
	size_t row = 0;
	for (size_t i = 0; i < WVS_TABLE_COUNT; i++) {
		OWNED(table) struct table *t = NULL;
		struct table_spec spec = wvs_spec(i);
		assert_ok(table_make(&t, c, &spec));
		for (size_t k = 0; k < t->figure_count; k++, row++) {
			const struct figure *f = &t->figures[k];
			const struct group *g = &t->groups[f->group];
			assert_string_equal(csv_cell(s, row, 0), t->indicator);
			assert_string_equal(csv_cell(s, row, 1), table_site(t, g));
			for (size_t by = 0; by < 2; by++)
				assert_string_equal(csv_cell(s, row, 2 + (int)by),
					by < t->by_count ? table_by(t, g, by) : "ALL");
			assert_string_equal(csv_cell(s, row, 4), table_level(t, f->level));
			assert_string_equal(csv_cell(s, row, 5), statistic_name(f->statistic));
			assert_true(f->there);
			OWNED_MEM char *place = table_place(t, f->group, f->level);
			assert_close(csv_cell(s, row, 6), f, place);
		}
	}
	assert_int_equal(row, csv_rows(s));
}

static void
levels_make_up_the_base_and_sites_make_up_all(void **state)
{
	(void)state;
	OWNED(columns) struct columns *c = wvs_columns();
	struct table_spec spec = wvs_spec(4);
	OWNED(table) struct table *t = NULL;
	assert_ok(table_make(&t, c, &spec));
	size_t combinations = t->group_count / 5;
	for (size_t i = 0; i < t->group_count; i++) {
		struct group *g = &t->groups[i];
		OWNED_MEM struct bitmap *sum = bitmap_new(columns_rows(c));
		for (size_t l = 0; l < t->level_count; l++) {
			assert_int_equal(bitmap_shared(sum, g->cells[l]), 0);
			bitmap_add(sum, g->cells[l]);
		}
		assert_true(bitmap_same(sum, g->base));
		assert_int_equal(bitmap_count(g->base), g->n);
	}
	for (size_t k = 0; k < combinations; k++) {
		OWNED_MEM struct bitmap *sum = bitmap_new(columns_rows(c));
		for (size_t site = 0; site < 4; site++)
			bitmap_add(sum, t->groups[site * combinations + k].base);
		assert_true(bitmap_same(sum, t->groups[4 * combinations + k].base));
	}
}

static void
add(struct columns *c, uint16_t site, int answer, int gender)
{
	const struct column_value values[WVS_COLUMNS] = {
		[WVS_ANSWER] = {.there = answer > 0, .level = (uint16_t)(answer - 1)},
		[WVS_CODE] = {.there = answer > 0, .number = answer},
		[WVS_GENDER] = {.there = gender >= 0, .level = (uint16_t)gender},
	};
	assert_ok(columns_add(c, site, values));
}

static void
a_missing_value_is_in_no_base_and_a_missing_crossing_in_no_group(void **state)
{
	(void)state;
	OWNED(columns) struct columns *c = wvs_empty();
	add(c, 0, 1, 0);
	add(c, 0, 0, 0);
	add(c, 0, 2, -1);
	struct table_spec spec = wvs_spec(0);
	OWNED(table) struct table *plain = NULL;
	assert_ok(table_make(&plain, c, &spec));
	assert_int_equal(plain->groups[0].n, 2);
	spec.by[0] = "gender";
	OWNED(table) struct table *crossed = NULL;
	assert_ok(table_make(&crossed, c, &spec));
	assert_int_equal(crossed->groups[0].n, 1);
	assert_int_equal(crossed->groups[1].n, 0);
}

static void
one_person_has_a_mean_and_no_sd_and_nobody_has_neither(void **state)
{
	(void)state;
	OWNED(columns) struct columns *c = wvs_empty();
	add(c, 0, 3, 0);
	struct table_spec spec = wvs_spec(2);
	OWNED(table) struct table *t = NULL;
	assert_ok(table_make(&t, c, &spec));
	static const bool there[2][4] = {
		{true, true, false, true}, {true, false, false, false}};
	for (size_t g = 0; g < 2; g++)
		for (size_t k = 0; k < 4; k++)
			assert_int_equal(t->figures[g * 4 + k].there, there[g][k]);
}

static void
median_is_the_middle_or_between_the_two_middle_ones(void **state)
{
	(void)state;
	OWNED(columns) struct columns *c = wvs_empty();
	static const struct {
		int answer;
		double median;
	} rows[] = {{3, 3}, {1, 2}, {1, 1}, {2, 1.5}};
	struct table_spec spec = wvs_spec(2);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		add(c, 0, rows[i].answer, 0);
		OWNED(table) struct table *t = NULL;
		assert_ok(table_make(&t, c, &spec));
		assert_true(fabs(t->figures[3].value - rows[i].median) < 1e-12);
	}
}

/* By gender: 3 women and 2 men at one site, one of them without a value, 3 and 3 at another. */
static void
fill_two_sites(struct columns *c)
{
	for (int i = 0; i < 3; i++) {
		add(c, 0, 1 + i % 2, 0);
		add(c, 0, i < 2 ? 1 : 0, 1);
		add(c, 1, 1, 0);
		add(c, 1, 2, 1);
	}
}

static void
a_group_under_the_least_size_is_in_no_figure(void **state)
{
	static const struct {
		size_t least;
		size_t withheld[4];     /* women and men of both sites */
		size_t all[2];          /* women and men in ALL */
		size_t all_withheld[2]; /* of them: none is left */
		size_t missing_men;     /* without a value, in ALL */
	} rows[] = {
		{0, {0, 0, 0, 0}, {6, 5}, {0, 0}, 1},
		{2, {0, 0, 0, 0}, {6, 5}, {0, 0}, 1},
		{3, {0, 2, 0, 0}, {6, 3}, {0, 0}, 0},
		{4, {3, 2, 3, 3}, {0, 0}, {3, 3}, 0},
	};
	static const char *const reasons[] = {"not said"};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		OWNED(columns) struct columns *c = wvs_empty();
		OWNED(table) struct table *t = NULL;
		struct table_spec spec = wvs_spec(0);
		fill_two_sites(c);
		spec.by[0] = "gender";
		spec.asks |= ASK_MISSING;
		spec.reasons = reasons;
		spec.reason_count = 1;
		spec.least_people = rows[i].least;
		assert_ok(table_make(&t, c, &spec));
		const struct group *all = &t->groups[8]; /* behind four sites of two each */
		for (size_t g = 0; g < 4; g++) {
			assert_int_equal(t->groups[g].withheld_count, rows[i].withheld[g]);
			assert_true(!rows[i].withheld[g] || t->groups[g].n == 0);
			assert_true(!rows[i].withheld[g] ||
				    bitmap_count(t->groups[g].cells[3]) == 0);
		}
		for (size_t g = 0; g < 2; g++) {
			assert_int_equal(all[g].n, rows[i].all[g]);
			assert_int_equal(all[g].withheld_count, rows[i].all_withheld[g]);
			assert_int_equal(bitmap_count(all[g].base), rows[i].all[g]);
		}
		assert_int_equal(bitmap_count(all[1].cells[3]), rows[i].missing_men);
		for (size_t f = 0; f < t->figure_count; f++)
			assert_true(!t->groups[t->figures[f].group].withheld_count ||
				    !t->figures[f].there);
	}
}

static void
a_spec_that_does_not_fit_is_refused(void **state)
{
	(void)state;
	OWNED(columns) struct columns *c = wvs_empty();
	static const struct {
		enum table_kind kind;
		const char *column, *by[2];
		unsigned asks;
		enum err code;
	} rows[] = {
		{TABLE_LEVELS, "none", {NULL}, ASK_N, E_NOTFOUND},
		{TABLE_LEVELS, "age", {NULL}, ASK_N, E_FORMAT},
		{TABLE_LEVELS, "answer", {NULL}, ASK_MEAN, E_FORMAT},
		{TABLE_LEVELS, "answer", {NULL}, 0, E_FORMAT},
		{TABLE_NUMBER, "age", {NULL}, ASK_DISTRIBUTION, E_FORMAT},
		{TABLE_NUMBER, "age", {"none"}, ASK_N, E_NOTFOUND},
		{TABLE_NUMBER, "age", {"code"}, ASK_N, E_FORMAT},
		{TABLE_NUMBER, "age", {"gender", "gender"}, ASK_N, E_FORMAT},
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		OWNED(table) struct table *t = NULL;
		const struct table_spec spec = {.indicator = "T",
			.kind = rows[i].kind,
			.column = rows[i].column,
			.by = {rows[i].by[0], rows[i].by[1]},
			.asks = rows[i].asks};
		assert_err(table_make(&t, c, &spec), rows[i].code);
		assert_null(t);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_figure_of_the_extract_is_as_expected_and_in_its_place),
		cmocka_unit_test(levels_make_up_the_base_and_sites_make_up_all),
		cmocka_unit_test(
			a_missing_value_is_in_no_base_and_a_missing_crossing_in_no_group),
		cmocka_unit_test(one_person_has_a_mean_and_no_sd_and_nobody_has_neither),
		cmocka_unit_test(median_is_the_middle_or_between_the_two_middle_ones),
		cmocka_unit_test(a_group_under_the_least_size_is_in_no_figure),
		cmocka_unit_test(a_spec_that_does_not_fit_is_refused),
	};
	return cmocka_run_group_tests_name("tabulate", tests, NULL, NULL);
}
