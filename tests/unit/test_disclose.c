#include "tests/unit/wvs_tables.h"

#include <time.h>

#include "common/figures/disclose.h"

static const struct disclose_profile profile = {
	.count_min_people = 10,
	.zero = DISCLOSE_ZERO_REVIEW,
	.complementary = true,
	.least = DISCLOSE_LEAST_PEOPLE,
	.audit_of = DISCLOSE_OF_PRIMARY,
	.audit_width_people = 10,
	.audit_span = 0.5,
	.linked = true,
	.sites_min = 3,
};

/* All tables of the extract, or those that a test names. */
struct release {
	struct columns *columns;
	struct table *tables[WVS_TABLE_COUNT];
	size_t count;
	struct disclosure *out;
};

static void
release_done(struct release *r)
{
	disclosure_free(r->out);
	for (size_t i = 0; i < r->count; i++)
		table_free(r->tables[i]);
	columns_free(r->columns);
}
#define OWNED_RELEASE __attribute__((cleanup(release_done)))

static void
put_table(struct release *r, const struct table_spec *spec)
{
	assert_ok(table_make(&r->tables[r->count], r->columns, spec));
	r->count++;
}

static enum err
judge(struct release *r, const struct disclose_profile *p)
{
	return disclose(&r->out, (const struct table *const *)r->tables, r->count, p);
}

static void
put_extract(struct release *r)
{
	r->columns = wvs_columns();
	for (size_t i = 0; i < WVS_TABLE_COUNT; i++) {
		struct table_spec spec = wvs_spec(i);
		put_table(r, &spec);
	}
}

static void
the_whole_extract_is_released_as_expected_cell_by_cell(void **state)
{
	(void)state;
	OWNED_RELEASE struct release r = {0};
	put_extract(&r);
	struct timespec from, to;
	(void)clock_gettime(CLOCK_MONOTONIC, &from);
	assert_ok(judge(&r, &profile));
	(void)clock_gettime(CLOCK_MONOTONIC, &to);
	print_message("disclose %.3f s, %zu patterns, weight %llu\n",
		(double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) / 1e9,
		disclosure_patterns_tried(r.out),
		(unsigned long long)disclosure_hidden_weight(r.out));
	OWNED(csv_sheet) struct csv_sheet *s = wvs_sheet("expected_released.csv");
	size_t row = 0;
	for (size_t t = 0; t < r.count; t++)
		for (size_t k = 0; k < r.tables[t]->figure_count; k++, row++) {
			char text[FIGURE_TEXT_BYTES];
			disclosure_text(r.out, t, k, text);
			const char *why = disclose_why_name(disclosure_why(r.out, t, k));
			if (strcmp(text, csv_cell(s, row, 6)) ||
				strcmp(why, csv_cell(s, row, 7)))
				fail_msg("row %zu: %s %s, expected %s %s",
					csv_row_number(s, row), text, why, csv_cell(s, row, 6),
					csv_cell(s, row, 7));
		}
	assert_int_equal(row, csv_rows(s));
}

static uint64_t
number_at(const struct csv_sheet *s, size_t row, const char *column)
{
	int64_t n;
	assert_true(text_int(view_text(csv_cell(s, row, csv_column(s, column))), &n));
	return (uint64_t)n;
}

static void
what_a_reader_can_work_out_is_as_expected(void **state)
{
	(void)state;
	OWNED_RELEASE struct release r = {0};
	put_extract(&r);
	assert_ok(judge(&r, &profile));
	OWNED(csv_sheet) struct csv_sheet *s = wvs_sheet("expected_audit.csv");
	assert_int_equal(disclosure_hidden_count(r.out), csv_rows(s));
	for (size_t i = 0; i < csv_rows(s); i++) {
		const struct disclose_hidden *h = disclosure_hidden(r.out, i);
		const struct group *g = &h->table->groups[h->group];
		assert_string_equal(csv_cell(s, i, 0), table_site(h->table, g));
		assert_string_equal(csv_cell(s, i, 1), table_by(h->table, g, 0));
		assert_string_equal(csv_cell(s, i, 2), table_by(h->table, g, 1));
		assert_string_equal(csv_cell(s, i, 3), table_level(h->table, h->level));
		assert_string_equal(csv_cell(s, i, 4), disclose_why_name(h->why));
		assert_true(h->bounded);
		assert_int_equal(h->count, number_at(s, i, "count"));
		assert_int_equal(h->lowest, number_at(s, i, "lowest"));
		assert_int_equal(h->highest, number_at(s, i, "highest"));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_whole_extract_is_released_as_expected_cell_by_cell),
		cmocka_unit_test(what_a_reader_can_work_out_is_as_expected),
	};
	return cmocka_run_group_tests_name("disclose", tests, NULL, NULL);
}
