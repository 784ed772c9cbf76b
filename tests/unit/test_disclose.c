#include "tests/unit/wvs_tables.h"

#include <time.h>

#include "common/figures/disclose.h"
#include "common/figures/reader.h"

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

/* Sweden, male, without a degree, "too much": what the other sites and the total give away. */
static void
a_site_that_protects_itself_gives_another_one_away(void **state)
{
	(void)state;
	OWNED_RELEASE struct release r = {0};
	put_extract(&r);
	const struct sums_rules rules = {.count_min_people = 10, .sites_min = 3};
	OWNED(sums) struct sums *s = NULL;
	assert_ok(sums_gather(&s, (const struct table *const *)r.tables, r.count, &rules));
	assert_ok(judge(&r, &profile));
	OWNED_MEM bool *hidden = xcalloc(s->cell_count, sizeof *hidden);
	/* The released pattern, but Norway shows the two counts it has no need to hide by
	 * itself. */
	enum { TOO_MUCH = 2, NORWAY = 6, SWEDEN = 10 };
	for (size_t i = 0; i < disclosure_hidden_count(r.out); i++) {
		const struct disclose_hidden *h = disclosure_hidden(r.out, i);
		size_t cell = sums_cell(s, h->table, 4, h->group, h->level);
		hidden[cell] = h->group != NORWAY;
	}
	size_t norway = sums_cell(s, r.tables[4], 4, NORWAY, TOO_MUCH);
	size_t sweden = sums_cell(s, r.tables[4], 4, SWEDEN, TOO_MUCH);
	assert_int_equal(s->cells[norway].count, 18);
	assert_int_equal(s->cells[sweden].count, 3);
	OWNED(reader) struct reader *a = NULL;
	int64_t lowest, highest;
	assert_ok(reader_open(&a, s, hidden));
	assert_ok(reader_interval(a, s->cells[sweden].atoms, &lowest, &highest));
	assert_int_equal(lowest, 3);
	assert_int_equal(highest, 3);
}

static void
a_mean_that_gives_counts_away_is_hidden_or_nothing_is_released(void **state)
{
	(void)state;
	OWNED_RELEASE struct release r = {0};
	r.columns = wvs_columns();
	static const size_t tables[] = {4, 6, 2}; /* W11, W13 and, without W01, W03 */
	for (size_t i = 0; i < ARRAY_LEN(tables); i++) {
		struct table_spec spec = wvs_spec(tables[i]);
		put_table(&r, &spec);
	}
	struct disclose_profile bare = profile;
	bare.linked = false;
	assert_err(judge(&r, &bare), E_DENIED);
	assert_ok(judge(&r, &profile));
	for (size_t k = 0; k < r.tables[1]->figure_count; k++) {
		const struct figure *f = &r.tables[1]->figures[k];
		bool hides = false;
		for (size_t i = 0; i < disclosure_hidden_count(r.out); i++)
			hides |= disclosure_hidden(r.out, i)->group == f->group;
		assert_int_equal(disclosure_why(r.out, 1, k),
			hides && f->statistic != STATISTIC_N ? DISCLOSE_LINKED
							     : DISCLOSE_SHOWN);
	}
	/* The mean of a site whose distribution is not released would be one more sum. */
	for (size_t k = 0; k < r.tables[2]->figure_count; k++) {
		const struct figure *f = &r.tables[2]->figures[k];
		if (r.tables[2]->groups[f->group].site == 1 && f->statistic == STATISTIC_MEAN)
			assert_int_equal(disclosure_why(r.out, 2, k), DISCLOSE_LINKED);
	}
}

/* A cohort of one site, up to four groups and up to four answers, from its counts. */
enum { SIDE = 4, NO_GROUP = SIDE };

static void
put_people(struct columns *c, uint16_t site, size_t group, size_t answer, size_t count)
{
	const struct column_value row[] = {
		{.there = true, .level = (uint16_t)answer},
		{.there = true, .level = answer == 0},
		{.there = group != NO_GROUP, .level = (uint16_t)group},
	};
	for (size_t i = 0; i < count; i++)
		assert_ok(columns_add(c, site, row));
}

static struct columns *
square_columns(size_t levels, const struct column_site *sites, size_t site_count)
{
	static const char *const names[] = {"a", "b", "c", "d"};
	const struct column_spec specs[] = {{"answer", COLUMN_CATEGORY, names, levels},
		{"first", COLUMN_TRUTH, NULL, 0}, {"group", COLUMN_CATEGORY, names, levels}};
	struct columns *c = NULL;
	assert_ok(columns_make(&c, sites, site_count, specs, ARRAY_LEN(specs)));
	return c;
}

static const struct column_site one_site[] = {{"north", SITE_TAKES_PART}};
static const struct table_spec by_group = {.indicator = "T1",
	.kind = TABLE_LEVELS,
	.column = "answer",
	.by = {"group"},
	.asks = ASK_N | ASK_DISTRIBUTION};
static const struct table_spec together = {.indicator = "T2",
	.kind = TABLE_LEVELS,
	.column = "answer",
	.asks = ASK_N | ASK_DISTRIBUTION};
static const struct table_spec share = {.indicator = "T3",
	.kind = TABLE_SHARE,
	.column = "first",
	.by = {"group"},
	.asks = ASK_N | ASK_COUNT | ASK_PROPORTION | ASK_INTERVAL};

static struct disclose_profile
one_site_profile(void)
{
	struct disclose_profile p = profile;
	p.sites_min = 1;
	return p;
}

static void
put_square(struct release *r)
{
	r->columns = square_columns(SIDE, one_site, 1);
	for (size_t g = 0; g < SIDE; g++)
		for (size_t a = 0; a < SIDE; a++)
			put_people(r->columns, 0, g, a, g == 1 && a == 2 ? 5 : 20 + 3 * g + a);
	put_table(r, &by_group);
	put_table(r, &together);
}

/* Two blocks of four and a bridge between them: two or more are hidden in every row and column,
 * and the bridge is what the rest of its block leaves over. */
static void
two_hidden_in_every_row_and_column_are_not_enough(void **state)
{
	(void)state;
	static const bool pattern[SIDE][SIDE] = {
		{1, 1, 0, 0}, {1, 1, 1, 0}, {0, 0, 1, 1}, {0, 0, 1, 1}};
	OWNED_RELEASE struct release r = {0};
	put_square(&r);
	const struct sums_rules rules = {.count_min_people = 10, .sites_min = 1};
	OWNED(sums) struct sums *s = NULL;
	assert_ok(sums_gather(&s, (const struct table *const *)r.tables, r.count, &rules));
	OWNED_MEM bool *hidden = xcalloc(s->cell_count, sizeof *hidden);
	for (uint32_t g = 0; g < SIDE; g++)
		for (uint16_t a = 0; a < SIDE; a++)
			hidden[sums_cell(s, r.tables[0], 0, g, a)] = pattern[g][a];
	OWNED(reader) struct reader *a = NULL;
	int64_t lowest, highest;
	assert_ok(reader_open(&a, s, hidden));
	size_t bridge = sums_cell(s, r.tables[0], 0, 1, 2);
	assert_ok(reader_interval(a, s->cells[bridge].atoms, &lowest, &highest));
	assert_int_equal(lowest, 5);
	assert_int_equal(highest, 5);

	struct disclose_profile p = one_site_profile();
	assert_ok(judge(&r, &p));
	bool found = false;
	for (size_t i = 0; i < disclosure_hidden_count(r.out); i++) {
		const struct disclose_hidden *h = disclosure_hidden(r.out, i);
		if (h->why != DISCLOSE_PRIMARY)
			continue;
		found = true;
		assert_int_equal(h->count, 5);
		assert_true(h->highest - h->lowest >= 10 && h->lowest == 0);
	}
	assert_true(found);
}

static void
a_total_next_to_hidden_counts_needs_more_of_them(void **state)
{
	(void)state;
	OWNED_RELEASE struct release r = {0};
	put_square(&r);
	struct disclose_profile p = one_site_profile();
	p.complementary = false;
	assert_err(judge(&r, &p), E_DENIED);
	p.complementary = true;
	assert_ok(judge(&r, &p));
	assert_int_equal(disclosure_hidden_count(r.out), 4);
}

static void
a_few_people_that_a_total_and_its_parts_leave_over_refuse_the_release(void **state)
{
	(void)state;
	OWNED_RELEASE struct release r = {0};
	r.columns = square_columns(2, one_site, 1);
	for (size_t g = 0; g < 2; g++)
		for (size_t a = 0; a < 2; a++)
			put_people(r.columns, 0, g, a, 20);
	/* Three people whose group is not known: 83 in all, 40 and 40 in the groups. */
	put_people(r.columns, 0, NO_GROUP, 0, 3);
	put_table(&r, &by_group);
	put_table(&r, &together);
	struct disclose_profile p = one_site_profile();
	assert_err(judge(&r, &p), E_DENIED);
}

static void
a_share_of_nearly_all_is_hidden_like_a_share_of_few(void **state)
{
	(void)state;
	static const struct {
		size_t yes;
		size_t no;
		enum disclose_why why;
	} rows[] = {{37, 3, DISCLOSE_COMPLEMENTARY}, {3, 37, DISCLOSE_PRIMARY},
		{30, 10, DISCLOSE_SHOWN}, {31, 9, DISCLOSE_COMPLEMENTARY},
		{9, 31, DISCLOSE_PRIMARY}};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		OWNED_RELEASE struct release r = {0};
		r.columns = square_columns(2, one_site, 1);
		put_people(r.columns, 0, 0, 0, rows[i].yes);
		put_people(r.columns, 0, 0, 1, rows[i].no);
		put_people(r.columns, 0, 1, 0, 20);
		put_people(r.columns, 0, 1, 1, 20);
		put_table(&r, &share);
		struct disclose_profile p = one_site_profile();
		assert_ok(judge(&r, &p));
		assert_int_equal(disclosure_why(r.out, 0, 0), DISCLOSE_SHOWN);
		for (size_t k = 1; k < 5; k++)
			assert_int_equal(disclosure_why(r.out, 0, k), rows[i].why);
	}
}

static void
small_bases_and_true_zeros_refuse_the_release(void **state)
{
	(void)state;
	static const struct {
		size_t counts[2][2]; /* group, answer */
		enum disclose_zero zero;
		enum err code;
	} rows[] = {
		{{{20, 20}, {20, 20}}, DISCLOSE_ZERO_REVIEW, OK},
		{{{20, 20}, {5, 4}}, DISCLOSE_ZERO_REVIEW, E_DENIED},
		{{{20, 20}, {20, 0}}, DISCLOSE_ZERO_REVIEW, E_DENIED},
		{{{20, 20}, {0, 0}}, DISCLOSE_ZERO_REVIEW, E_DENIED},
		{{{20, 20}, {20, 0}}, DISCLOSE_ZERO_SHOW, OK},
		{{{20, 20}, {0, 0}}, DISCLOSE_ZERO_SHOW, OK},
		{{{20, 20}, {20, 20}}, DISCLOSE_ZERO_HIDE, E_DENIED},
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		OWNED_RELEASE struct release r = {0};
		r.columns = square_columns(2, one_site, 1);
		for (size_t k = 0; k < 4; k++)
			put_people(r.columns, 0, k / 2, k % 2, rows[i].counts[k / 2][k % 2]);
		put_table(&r, &by_group);
		struct disclose_profile p = one_site_profile();
		p.zero = rows[i].zero;
		assert_err(judge(&r, &p), rows[i].code);
	}
}

static void
assert_text(const struct release *r, size_t figure, const char *expected)
{
	char text[FIGURE_TEXT_BYTES];
	disclosure_text(r->out, 0, figure, text);
	assert_string_equal(text, expected);
}

static void
sites_that_take_no_part_and_totals_of_few_sites_have_symbols(void **state)
{
	(void)state;
	static const struct column_site sites[] = {{"north", SITE_TAKES_PART},
		{"south", SITE_TAKES_PART}, {"west", SITE_NOT_IN_WAVE}, {"east", SITE_LATE}};
	OWNED_RELEASE struct release r = {0};
	r.columns = square_columns(2, sites, 4);
	put_people(r.columns, 0, 0, 0, 20);
	put_people(r.columns, 0, 0, 1, 20);
	put_people(r.columns, 1, 0, 0, 30);
	put_people(r.columns, 1, 0, 1, 30);
	put_table(&r, &together);
	assert_ok(judge(&r, &profile));
	/* n, then count and proportion of two answers: five figures a site. */
	static const char *const expected[] = {"40", "20", "0.5", "20", "0.5", "60", "30",
		"0.5", "30", "0.5", "[x]", "[x]", "[x]", "[x]", "[x]", "late", "late", "late",
		"late", "late", "[c]", "[c]", "[c]", "[c]", "[c]"};
	assert_int_equal(r.tables[0]->figure_count, ARRAY_LEN(expected));
	for (size_t k = 0; k < ARRAY_LEN(expected); k++)
		assert_text(&r, k, expected[k]);
	assert_int_equal(disclosure_why(r.out, 0, 20), DISCLOSE_SITES);
}

/* By gender and by degree, but not by both: margins of a cube, which no two-way flow answers
 * for. */
static void
what_is_beyond_two_way_sums_is_refused_and_not_guessed(void **state)
{
	(void)state;
	OWNED_RELEASE struct release r = {0};
	r.columns = wvs_columns();
	static const char *const by[] = {"gender", "degree"};
	for (size_t i = 0; i < ARRAY_LEN(by); i++) {
		struct table_spec spec = wvs_spec(0);
		spec.by[0] = by[i];
		put_table(&r, &spec);
	}
	assert_err(judge(&r, &profile), E_DENIED);
	assert_non_null(strstr(err_text(), "two-way"));
	assert_null(r.out);
}

static void
where_nobody_answered_stands_a_symbol_of_its_own(void **state)
{
	(void)state;
	OWNED_RELEASE struct release r = {0};
	r.columns = square_columns(2, one_site, 1);
	put_people(r.columns, 0, 0, 0, 20);
	put_people(r.columns, 0, 0, 1, 20);
	put_table(&r, &by_group);
	struct disclose_profile p = one_site_profile();
	p.zero = DISCLOSE_ZERO_SHOW;
	assert_ok(judge(&r, &p));
	static const char *const expected[] = {
		"40", "20", "0.5", "20", "0.5", "0", "[w]", "[w]", "[w]", "[w]"};
	for (size_t k = 0; k < ARRAY_LEN(expected); k++)
		assert_text(&r, k, expected[k]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_whole_extract_is_released_as_expected_cell_by_cell),
		cmocka_unit_test(what_a_reader_can_work_out_is_as_expected),
		cmocka_unit_test(a_site_that_protects_itself_gives_another_one_away),
		cmocka_unit_test(
			a_mean_that_gives_counts_away_is_hidden_or_nothing_is_released),
		cmocka_unit_test(two_hidden_in_every_row_and_column_are_not_enough),
		cmocka_unit_test(a_total_next_to_hidden_counts_needs_more_of_them),
		cmocka_unit_test(
			a_few_people_that_a_total_and_its_parts_leave_over_refuse_the_release),
		cmocka_unit_test(a_share_of_nearly_all_is_hidden_like_a_share_of_few),
		cmocka_unit_test(small_bases_and_true_zeros_refuse_the_release),
		cmocka_unit_test(sites_that_take_no_part_and_totals_of_few_sites_have_symbols),
		cmocka_unit_test(what_is_beyond_two_way_sums_is_refused_and_not_guessed),
		cmocka_unit_test(where_nobody_answered_stands_a_symbol_of_its_own),
	};
	return cmocka_run_group_tests_name("disclose", tests, NULL, NULL);
}
