#include "tests/unit/partnership.h"
#include "tests/unit/suite.h"

#include <math.h>

#include "common/base/mem.h"
#include "common/study/pack_own.h"

#include "hub/cellfigures.h"
#include "hub/sitefigures.h"
#include "hub/systemfigures.h"
#include "hub/weights.h"

static const struct cohort_site sites[] = {
	{"exa", SITE_TAKES_PART}, {"exb", SITE_TAKES_PART}, {"exc", SITE_NOT_IN_WAVE}};

static size_t
number_of(const struct partnership *p, const char *id)
{
	const struct indicator *i = codebook_find(p->book, id);
	assert_non_null(i);
	return (size_t)(i - p->book->indicators);
}

static const struct figure_row *
find(const struct partnership *p, const struct figure_rows *r, const char *id, const char *site,
	const char *key, enum statistic s)
{
	const struct figure_row *row = figure_rows_find(r, number_of(p, id), site, key, s);
	assert_non_null(row);
	return row;
}

static void
assert_value(const struct figure_row *row, double expected)
{
	assert_true(row->there);
	if (fabs(row->value - expected) > 1e-9)
		fail_msg("%.12g, expected %.12g", row->value, expected);
}

/* cells */

static void
put(const struct partnership *p, struct figure_rows *r, const char *id, const char *key,
	enum statistic s, double value)
{
	const struct figure_row row = {.of = number_of(p, id),
		.site = "exa",
		.by = {key},
		.level = "",
		.statistic = s,
		.there = true,
		.hidden = value < 0,
		.value = fabs(value)};
	figure_rows_put(r, &row);
}

static void
join(const struct partnership *p, const char *id, struct figure_rows *r)
{
	const struct cell_source source = {p->book, sites, ARRAY_LEN(sites), NULL, 0};
	assert_ok(cellfigures_put(&source, codebook_find(p->book, id), r));
}

/* The example of derivations.md 6, and a key that only one side has. */
static void
a_difference_has_the_keys_that_both_sides_have(void **state)
{
	OWNED(partnership) struct partnership *p = partnership_open();
	OWNED(figure_rows) struct figure_rows *r = figure_rows_new();
	(void)state;
	put(p, r, "O02", "home", STATISTIC_MEAN, 2.9);
	put(p, r, "O02", "home", STATISTIC_N, 12);
	put(p, r, "O02", "safe", STATISTIC_MEAN, 2);
	put(p, r, "O05", "home", STATISTIC_MEAN, 2.1);
	put(p, r, "O05", "home", STATISTIC_N, 30);
	join(p, "O08", r);
	assert_value(find(p, r, "O08", "exa", "home", STATISTIC_DIFFERENCE), 0.8);
	assert_null(
		figure_rows_find(r, number_of(p, "O08"), "exa", "safe", STATISTIC_DIFFERENCE));
}

static void
what_joins_a_hidden_figure_is_hidden(void **state)
{
	OWNED(partnership) struct partnership *p = partnership_open();
	OWNED(figure_rows) struct figure_rows *r = figure_rows_new();
	(void)state;
	put(p, r, "O02", "home", STATISTIC_MEAN, -2.9);
	put(p, r, "O05", "home", STATISTIC_MEAN, 2.1);
	join(p, "O08", r);
	const struct figure_row *row = find(p, r, "O08", "exa", "home", STATISTIC_DIFFERENCE);
	assert_true(row->hidden);
	assert_string_equal(row->text, SYMBOL_HIDDEN);
}

/* Three outcomes are intended by at least 20 percent of staff, two of them matter to at least
 * half (derivations.md 6); what one side lacks is left out. */
static void
a_ratio_counts_keys_and_its_base_is_the_second_argument(void **state)
{
	static const struct {
		const char *key;
		double staff, users;
	} rows[] = {{"home", 0.5, 0.9}, {"safe", 0.2, 0.5}, {"listened", 0.4, 0.1},
		{"carer", 0.1, 0.9}};
	OWNED(partnership) struct partnership *p = partnership_open();
	OWNED(figure_rows) struct figure_rows *r = figure_rows_new();
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		put(p, r, "O01", rows[i].key, STATISTIC_PROPORTION, rows[i].staff);
		put(p, r, "O04", rows[i].key, STATISTIC_PROPORTION, rows[i].users);
	}
	join(p, "O09", r);
	assert_value(find(p, r, "O09", "exa", NULL, STATISTIC_N), 3);
	assert_value(find(p, r, "O09", "exa", NULL, STATISTIC_RATIO), 2.0 / 3);
	assert_value(find(p, r, "O09", "exb", NULL, STATISTIC_N), 0);
	assert_string_equal(find(p, r, "O09", "exb", NULL, STATISTIC_RATIO)->text, "[w]");
	assert_string_equal(find(p, r, "O09", "exc", NULL, STATISTIC_RATIO)->text, "[x]");
}

/* sites */

struct answer {
	const char *name, *value;
};

static struct record *
profile_record(const struct partnership *p, const struct answer *answers, size_t count)
{
	const struct form *f = partnership_form(p, "site_profile");
	struct record *r = record_new(f, NULL, &p->missing);
	for (size_t i = 0; i < count; i++) {
		int at = form_field(f, answers[i].name);
		assert_true(at >= 0);
		assert_ok(record_put(r, f->fields[at].path, answers[i].value));
	}
	return r;
}

static void
a_figure_of_a_site_is_its_own_and_is_never_pooled(void **state)
{
	static const struct answer exa[] = {{"partners_start", "8"}, {"partners_stayed", "6"}};
	static const struct answer exb[] = {{"partners_start", "0"}, {"partners_stayed", "0"}};
	OWNED(partnership) struct partnership *p = partnership_open();
	OWNED(figure_rows) struct figure_rows *r = figure_rows_new();
	OWNED(derive) struct derive *d = derive_new(p->book);
	OWNED(record)
	struct record *a = profile_record(p, exa, 2), *b = profile_record(p, exb, 2);
	OWNED(sitefigures) struct sitefigures *s = NULL;
	(void)state;
	assert_ok(sitefigures_new(&s, p->book, codebook_find(p->book, "S03"), sites, 3));
	derive_record(d, a);
	assert_ok(sitefigures_add(s, 0, d));
	assert_err(sitefigures_add(s, 0, d), E_DENIED);
	derive_record(d, b);
	assert_ok(sitefigures_add(s, 1, d));
	assert_ok(sitefigures_put(s, r));
	assert_value(find(p, r, "S03", "exa", NULL, STATISTIC_VALUE), 0.75);
	assert_string_equal(find(p, r, "S03", "exb", NULL, STATISTIC_VALUE)->text, "[w]");
	assert_string_equal(find(p, r, "S03", "exc", NULL, STATISTIC_VALUE)->text, "[x]");
	assert_value(find(p, r, "S03", ROWS_ALL, NULL, STATISTIC_N), 1);
	assert_null(figure_rows_find(r, number_of(p, "S03"), ROWS_ALL, NULL, STATISTIC_VALUE));
}

/* Values 40 and 60 out of 100 on bases of 100 and 300: target 55, standard error at the first
 * site sqrt(55 * 45 / 100). */
static void
a_funnel_stands_around_the_pooled_value(void **state)
{
	static const struct answer exa[] = {
		{"still_home_91", "40"}, {"still_home_base", "100"}};
	static const struct answer exb[] = {
		{"still_home_91", "60"}, {"still_home_base", "300"}};
	OWNED(partnership) struct partnership *p = partnership_open();
	OWNED(figure_rows) struct figure_rows *r = figure_rows_new();
	OWNED(derive) struct derive *d = derive_new(p->book);
	OWNED(record)
	struct record *a = profile_record(p, exa, 2), *b = profile_record(p, exb, 2);
	OWNED(sitefigures) struct sitefigures *s = NULL;
	(void)state;
	assert_ok(sitefigures_new(&s, p->book, codebook_find(p->book, "N03"), sites, 3));
	derive_record(d, a);
	assert_ok(sitefigures_add(s, 0, d));
	derive_record(d, b);
	assert_ok(sitefigures_add(s, 1, d));
	assert_ok(sitefigures_put(s, r));
	assert_value(find(p, r, "N03", ROWS_ALL, NULL, STATISTIC_FUNNEL_TARGET), 55);
	double factor = find(p, r, "N03", ROWS_ALL, NULL, STATISTIC_FUNNEL_FACTOR)->value;
	double half = 1.959963984540054 * sqrt(55.0 * 45 / 100) * sqrt(fmax(1, factor));
	assert_value(find(p, r, "N03", "exa", NULL, STATISTIC_FUNNEL_LO_95), 55 - half);
	assert_value(find(p, r, "N03", "exa", NULL, STATISTIC_FUNNEL_HI_95), 55 + half);
}

/* counts */

static void
counts_add_up_and_small_bases_hide_the_sum(void **state)
{
	static const struct wire_answer exa[] = {{"approached/staff_p1/staff/care-team", "30"},
		{"approached/user_p2/-/local-staff", "20"}, {"consented/staff_p1/staff", "25"}};
	static const struct wire_answer exb[] = {
		{"approached/staff_p1/staff", "8"}, {"consented/-/-", "4"}};
	static const struct wire_answer bad[] = {{"approached", "8"}};
	OWNED(partnership) struct partnership *p = partnership_open();
	OWNED(figure_rows) struct figure_rows *open = figure_rows_new();
	OWNED(figure_rows) struct figure_rows *hidden = figure_rows_new();
	struct pack_private own = {0};
	const struct pack pack = {.forms = p->forms,
		.form_count = PARTNERSHIP_FORMS,
		.codebook = p->book,
		.own = &own};
	OWNED(systemfigures) struct systemfigures *s = systemfigures_new(&pack, sites, 3);
	const struct wire_answers a = {.count = 3, .answers = exa};
	const struct wire_answers b = {.count = 2, .answers = exb};
	const struct wire_answers c = {.count = 1, .answers = bad};
	const struct indicator *consent = codebook_find(p->book, "F03");
	(void)state;
	assert_ok(systemfigures_add_counts(s, 0, &a));
	assert_ok(systemfigures_add_counts(s, 1, &b));
	assert_err(systemfigures_add_counts(s, 1, &c), E_FORMAT);
	systemfigures_put(s, consent, false, open);
	assert_value(find(p, open, "F03", "exa", NULL, STATISTIC_PROPORTION), 0.5);
	assert_value(find(p, open, "F03", ROWS_ALL, NULL, STATISTIC_N), 58);
	assert_string_equal(find(p, open, "F03", "exc", NULL, STATISTIC_N)->text, "[x]");
	systemfigures_put(s, consent, true, hidden);
	assert_false(find(p, hidden, "F03", "exa", NULL, STATISTIC_N)->hidden);
	assert_true(find(p, hidden, "F03", "exb", NULL, STATISTIC_N)->hidden);
	assert_true(find(p, hidden, "F03", ROWS_ALL, NULL, STATISTIC_N)->hidden);
}

static void
themes_of_the_list_are_not_new_and_each_counts_once(void **state)
{
	static const char study[] = "[phase2]\nlist.indicator = O01\n";
	static const struct wire_answer of[] = {{"own_read/user_p2/-", "40"},
		{"theme/user_p2/-/pets", "3"}, {"theme/user_p2/-/home", "2"},
		{"theme/user_p2/-/faith", "0"}};
	OWNED(partnership) struct partnership *p = partnership_open();
	OWNED(figure_rows) struct figure_rows *r = figure_rows_new();
	struct pack_document document = {"study.ini", view_text(study)};
	struct pack_private own = {.documents = &document, .document_count = 1};
	const struct pack pack = {.forms = p->forms,
		.form_count = PARTNERSHIP_FORMS,
		.codebook = p->book,
		.own = &own};
	OWNED(systemfigures) struct systemfigures *s = systemfigures_new(&pack, sites, 3);
	const struct wire_answers a = {.count = ARRAY_LEN(of), .answers = of};
	(void)state;
	assert_ok(systemfigures_add_counts(s, 0, &a));
	assert_ok(systemfigures_add_counts(s, 1, &a));
	systemfigures_put(s, codebook_find(p->book, "O14"), false, r);
	assert_value(find(p, r, "O14", "exa", NULL, STATISTIC_COUNT), 1);
	assert_value(find(p, r, "O14", ROWS_ALL, NULL, STATISTIC_COUNT), 1);
	assert_value(find(p, r, "O14", ROWS_ALL, NULL, STATISTIC_N), 80);
}

/* weights */

static void
sites_weigh_as_the_study_says(void **state)
{
	static const char study[] = "[form.staff_p1]\neligible = staff\n";
	static const char table[] = "id,staff\nexa,140\nexb,95\nexc,\n";
	static const char lacking[] = "id,staff\nexa,140\nexb,\n";
	OWNED(partnership) struct partnership *p = partnership_open();
	struct pack_document documents[] = {
		{"sites.csv", view_text(table)}, {"study.ini", view_text(study)}};
	struct pack_private own = {.documents = documents, .document_count = 2};
	char population[] = "population", equal[] = "equal", records[] = "records";
	struct pack pack = {.pooling = population, .own = &own};
	const struct form *staff = partnership_form(p, "staff_p1");
	OWNED_MEM double *w = NULL, *same = NULL, *heap = NULL, *other = NULL, *none = NULL;
	(void)state;
	assert_ok(weights_make(&w, &pack, staff, sites, 3));
	assert_true(fabs(w[0] - 140) < 1e-9 && fabs(w[1] - 95) < 1e-9);
	assert_ok(weights_make(&other, &pack, partnership_form(p, "user_p2"), sites, 3));
	assert_null(other);
	pack.pooling = equal;
	assert_ok(weights_make(&same, &pack, staff, sites, 3));
	assert_true(fabs(same[0] - same[1]) < 1e-9);
	pack.pooling = records;
	assert_ok(weights_make(&heap, &pack, staff, sites, 3));
	assert_null(heap);
	pack.pooling = population;
	documents[0].bytes = view_text(lacking);
	assert_err(weights_make(&none, &pack, staff, sites, 3), E_DENIED);
}

/* Two sites became the third: it weighs as its own row says, and as all of them where it has
 * none. */
static void
a_printed_site_weighs_as_those_whose_numbers_stand(void **state)
{
	static const char study[] = "[form.staff_p1]\neligible = staff\n";
	static const char *const tables[] = {"id,staff\nexa,140\nexb,95\nexc,200\n",
		"id,staff\nexa,140\nexb,95\nexc,\n", "id,staff\nexa,140\nexb,\nexc,\n",
		"id,staff\nexa,\nexb,\nexc,\n"};
	static const double merged[] = {200, 235, 140, 0};
	OWNED(partnership) struct partnership *p = partnership_open();
	struct pack_document documents[] = {
		{"sites.csv", view_text(tables[0])}, {"study.ini", view_text(study)}};
	struct pack_private own = {.documents = documents, .document_count = 2};
	char population[] = "population";
	struct pack pack = {.pooling = population, .own = &own};
	struct sitecut_printed printed[] = {{.id = "exc"}};
	struct sitecut_site counts[] = {{0, false}, {0, false}, {0, true}};
	struct sitecut cut = {
		.printed = printed, .printed_count = 1, .sites = counts, .site_count = 3};
	struct cohort_site all[3];
	const struct weights_cut c = {all, &cut};
	(void)state;
	memcpy(all, sites, sizeof(all));
	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		all[i].state = SITE_TAKES_PART;
	for (size_t i = 0; i < ARRAY_LEN(tables); i++) {
		OWNED_MEM double *w = NULL;
		documents[0].bytes = view_text(tables[i]);
		const enum err e =
			weights_printed(&w, &pack, partnership_form(p, "staff_p1"), &c);
		if (merged[i] > 0) {
			assert_ok(e);
			assert_true(fabs(w[0] - merged[i]) < 1e-9);
		} else {
			assert_err(e, E_DENIED);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_difference_has_the_keys_that_both_sides_have),
		cmocka_unit_test(what_joins_a_hidden_figure_is_hidden),
		cmocka_unit_test(a_ratio_counts_keys_and_its_base_is_the_second_argument),
		cmocka_unit_test(a_figure_of_a_site_is_its_own_and_is_never_pooled),
		cmocka_unit_test(a_funnel_stands_around_the_pooled_value),
		cmocka_unit_test(counts_add_up_and_small_bases_hide_the_sum),
		cmocka_unit_test(sites_weigh_as_the_study_says),
		cmocka_unit_test(a_printed_site_weighs_as_those_whose_numbers_stand),
		cmocka_unit_test(themes_of_the_list_are_not_new_and_each_counts_once),
	};
	return cmocka_run_group_tests_name("studyfigures", tests, NULL, NULL);
}
