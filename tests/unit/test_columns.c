#include "tests/unit/suite.h"

#include <math.h>

#include "common/base/mem.h"
#include "common/figures/columns.h"

static const char *const levels[] = {"a", "b"};
static const struct column_site sites[] = {{"north", SITE_TAKES_PART},
	{"south", SITE_TAKES_PART}, {"west", SITE_NOT_IN_WAVE}, {"east", SITE_LATE}};
static const struct column_spec specs[] = {{"letter", COLUMN_CATEGORY, levels, 2},
	{"age", COLUMN_NUMBER, NULL, 0}, {"member", COLUMN_TRUTH, NULL, 0}};

static struct columns *
make(void)
{
	struct columns *c = NULL;
	assert_ok(columns_make(&c, sites, ARRAY_LEN(sites), specs, ARRAY_LEN(specs)));
	return c;
}

static void
rows_come_back_as_they_were_added(void **state)
{
	(void)state;
	enum { ROWS = 5000 };
	OWNED(columns) struct columns *c = make();
	for (size_t i = 0; i < ROWS; i++) {
		const struct column_value row[] = {
			{.there = i % 3 != 0, .level = (uint16_t)(i % 2)},
			{.there = i % 5 != 0, .number = (double)i / 4},
			{.there = i % 7 != 0, .level = i % 4 == 0},
		};
		assert_ok(columns_add(c, (uint16_t)(i % 2), row));
	}
	assert_int_equal(columns_rows(c), ROWS);
	for (size_t i = 0; i < ROWS; i++) {
		assert_int_equal(columns_row_sites(c)[i], i % 2);
		assert_int_equal(columns_levels(c, 0)[i], i % 3 ? i % 2 : COLUMNS_NO_LEVEL);
		assert_int_equal(
			columns_levels(c, 2)[i], i % 7 ? i % 4 == 0 : COLUMNS_NO_LEVEL);
		double number = columns_numbers(c, 1)[i];
		assert_true(i % 5 ? fabs(number - (double)i / 4) < 1e-12 : isnan(number));
	}
}

static void
a_row_that_does_not_fit_is_refused_and_changes_nothing(void **state)
{
	(void)state;
	static const struct {
		uint16_t site;
		struct column_value row[3];
		enum err code;
	} rows[] = {
		{4, {{0}}, E_FORMAT},
		{0, {{.there = true, .level = 2}}, E_FORMAT},
		{0, {{0}, {.there = true, .number = (double)INFINITY}}, E_FORMAT},
		{0, {{0}, {.there = true, .number = (double)NAN}}, E_FORMAT},
		{0, {{0}, {0}, {.there = true, .level = 2}}, E_FORMAT},
		{2, {{0}}, E_DENIED},
		{3, {{0}}, E_DENIED},
	};
	OWNED(columns) struct columns *c = make();
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_err(columns_add(c, rows[i].site, rows[i].row), rows[i].code);
	assert_int_equal(columns_rows(c), 0);
}

static void
names_are_found_and_others_are_not(void **state)
{
	(void)state;
	OWNED(columns) struct columns *c = make();
	size_t column = 99;
	assert_ok(columns_find(c, "age", &column));
	assert_int_equal(column, 1);
	assert_err(columns_find(c, "Age", &column), E_NOTFOUND);
	assert_string_equal(columns_site_name(c, 3), "east");
	assert_string_equal(columns_spec(c, 0)->levels[1], "b");
}

static void
a_description_that_is_not_of_its_form_is_refused(void **state)
{
	(void)state;
	static const struct column_site twice[] = {{"n", SITE_TAKES_PART}, {"n", SITE_LATE}};
	static const struct column_site all[] = {{"ALL", SITE_TAKES_PART}};
	static const struct column_spec same[] = {
		{"x", COLUMN_NUMBER, NULL, 0}, {"x", COLUMN_TRUTH, NULL, 0}};
	static const struct column_spec bare[] = {{"x", COLUMN_CATEGORY, NULL, 0}};
	static const struct column_spec unnamed[] = {{"", COLUMN_NUMBER, NULL, 0}};
	static const struct {
		const struct column_site *sites;
		size_t site_count;
		const struct column_spec *specs;
		size_t spec_count;
	} rows[] = {
		{twice, 2, specs, 3},
		{all, 1, specs, 3},
		{sites, 0, specs, 3},
		{sites, 4, same, 2},
		{sites, 4, bare, 1},
		{sites, 4, unnamed, 1},
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		OWNED(columns) struct columns *c = NULL;
		assert_err(columns_make(&c, rows[i].sites, rows[i].site_count, rows[i].specs,
				   rows[i].spec_count),
			E_FORMAT);
		assert_null(c);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_come_back_as_they_were_added),
		cmocka_unit_test(a_row_that_does_not_fit_is_refused_and_changes_nothing),
		cmocka_unit_test(names_are_found_and_others_are_not),
		cmocka_unit_test(a_description_that_is_not_of_its_form_is_refused),
	};
	return cmocka_run_group_tests_name("columns", tests, NULL, NULL);
}
