#include "tests/unit/suite.h"

#include "common/base/mem.h"
#include "common/study/codebook.h"
#include "common/study/xlsform.h"

#define SURVEY                                                                                 \
	"type,name,label,weir_goes,required\n"                                                 \
	"text,participant,Code,site,yes\ninteger,age,Age,hub,\nselect_one "                    \
	"depth,depth,D,hub,\n"                                                                 \
	"select_one sex,sex,S,open,\nselect_one sex,other,O,hub,\n"
#define CHOICES  "list_name,name,label\ndepth,1,Low\ndepth,3,High\nsex,f,Female\nsex,m,Male\n"
#define SETTINGS "form_title,form_id,version,default_language\nTest,test,2,en\n"
#define HEAD                                                                                   \
	"id,label,family,level,stakeholder,form,derivation,by,scale_lo,scale_hi,unit,"         \
	"direction,"                                                                           \
	"statistics,denominator,min_n,missing_rule,defined_by,seed_theme,factor_group,"        \
	"network_criterion\n"

static struct form *
form(void)
{
	OWNED(faults) struct faults *f = faults_new();
	const struct xlsform_sheets sheets = {.id = "test",
		.dir = "forms/test",
		.survey = view_text(SURVEY),
		.choices = view_text(CHOICES),
		.settings = view_text(SETTINGS)};
	struct form *made = xlsform_read(&sheets, f);
	assert_int_equal(f->count, 0);
	return made;
}

/* A codebook of one indicator. */
static struct codebook *
book(struct form *f, const char *derivation, const char *by, const char *statistics,
	struct faults *faults)
{
	OWNED_MEM char *text =
		xasprintf(HEAD "T01,Test,outcome,study,public,test,\"%s\",%s,1,5,score,"
			       "neither,%s,people,10,skip,researchers,test,,\n",
			derivation, by, statistics);
	return codebook_read(view_text(text), "codebook.csv", &f, 1, faults);
}

/* Answers by field of the form above; NULL is missing. */
struct record {
	const char *age, *depth, *sex, *other;
};

static void
values_of(const struct form *f, const struct record *r, struct expr_value values[static 5])
{
	const char *texts[] = {"A1", r->age, r->depth, r->sex, r->other};
	for (size_t i = 0; i < 5; i++)
		assert_ok(form_check_cell(&f->fields[i], texts[i] ? texts[i] : "", &values[i]));
}

static void
derivations_are_worked_out(void **state)
{
	(void)state;
	static const struct {
		const char *derivation;
		struct record record;
		bool present;
		double result;
	} rows[] = {
		{"value(age)", {.age = "44"}, true, 44},
		{"value(age)", {.depth = "1"}, false, 0},
		{"value(depth)", {.depth = "3"}, true, 3},
		{"value(sex)", {.sex = "m"}, true, 1},
		{"depth = 1", {.depth = "1"}, true, 1},
		{"depth = 1", {.depth = "3"}, true, 0},
		{"depth = 1", {.age = "3"}, false, 0},
		{"depth >= 2", {.depth = "3"}, true, 1},
		{"sex = 'm'", {.sex = "m"}, true, 1},
		{"sex != 'm'", {.sex = "m"}, true, 0},
		{"'f' = sex", {.sex = "m"}, true, 0},
		{"sex = 'm' and age > 3", {.sex = "m", .age = "4"}, true, 1},
		{"sex = 'm' and age > 3", {.sex = "m"}, false, 0},
		{"sex = 'm' and age > 3", {.sex = "f"}, true, 0},
		{"age > 3 and sex = 'm'", {.sex = "f"}, true, 0},
		{"sex = 'm' or age > 3", {.sex = "m"}, true, 1},
		{"sex = 'm' or age > 3", {.sex = "f"}, false, 0},
		{"age > 3 or sex = 'm'", {.sex = "m"}, true, 1},
		{"not sex = 'm'", {.sex = "m"}, true, 0},
		{"not sex = 'm'", {.age = "1"}, false, 0},
		{"not (sex = 'm' or age = 1)", {.sex = "f", .age = "2"}, true, 1},
		{"not sex = 'm' and age = 1", {.sex = "m", .age = "2"}, true, 0},
	};
	OWNED(form) struct form *f = form();
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		OWNED(faults) struct faults *faults = faults_new();
		OWNED(codebook)
		struct codebook *c = book(f, rows[i].derivation, "", "n", faults);
		assert_non_null(c);
		struct expr_value values[5];
		values_of(f, &rows[i].record, values);
		struct expr_value v = codebook_eval(&c->indicators[0], values);
		if (v.present != rows[i].present || (v.present && v.number != rows[i].result))
			fail_msg("row %zu: %s", i, rows[i].derivation);
	}
}

static void
levels_and_by_have_places(void **state)
{
	(void)state;
	OWNED(form) struct form *f = form();
	OWNED(faults) struct faults *faults = faults_new();
	OWNED(codebook)
	struct codebook *c =
		book(f, "value(depth)", "sex x depth", "n;distribution;interval", faults);
	assert_non_null(c);
	const struct indicator *i = codebook_find(c, "T01");
	struct expr_value values[5];
	char name[CODEBOOK_LEVEL_BYTES];
	values_of(f, &(struct record){.depth = "3", .sex = "f"}, values);
	struct expr_value v = codebook_eval(i, values);
	assert_int_equal(codebook_type(i), EXPR_NUMBER);
	assert_int_equal(codebook_level_count(i), 2);
	assert_int_equal(codebook_level(i, &v), 1);
	codebook_level_name(i, 1, name);
	assert_string_equal(name, "3");
	assert_int_equal(i->by_count, 2);
	assert_int_equal(codebook_by_choice(i, 0, values), 0);
	assert_int_equal(codebook_by_choice(i, 1, values), 1);
	values_of(f, &(struct record){.depth = "1"}, values);
	assert_int_equal(codebook_by_choice(i, 0, values), -1);
	assert_int_equal(i->statistics, CODEBOOK_N | CODEBOOK_DISTRIBUTION | CODEBOOK_INTERVAL);
	assert_int_equal(i->min_n, 10);
	assert_null(codebook_find(c, "T02"));
}

static void
a_distribution_without_a_list_runs_over_the_scale(void **state)
{
	(void)state;
	OWNED(form) struct form *f = form();
	OWNED(faults) struct faults *faults = faults_new();
	OWNED(codebook)
	struct codebook *c = book(f, "value(age)", "", "n;distribution", faults);
	const struct indicator *i = codebook_find(c, "T01");
	char name[CODEBOOK_LEVEL_BYTES];
	assert_int_equal(codebook_level_count(i), 5);
	codebook_level_name(i, 4, name);
	assert_string_equal(name, "5");
	assert_int_equal(
		codebook_level(i, &(struct expr_value){.present = true, .number = 5}), 4);
	assert_int_equal(
		codebook_level(i, &(struct expr_value){.present = true, .number = 6}), -1);
	assert_int_equal(
		codebook_level(i, &(struct expr_value){.present = true, .number = 0}), -1);
	assert_int_equal(
		codebook_level(i, &(struct expr_value){.present = true, .number = 1.5}), -1);
	assert_int_equal(codebook_level(i, &(struct expr_value){.present = false}), -1);
}

static void
what_does_not_fit_is_refused_in_words(void **state)
{
	(void)state;
	static const struct {
		const char *derivation, *by, *statistics, *says;
	} rows[] = {
		{"mean(age; min=1)", "", "n", "mean() is not built yet"},
		{"age + 1", "", "n", "arithmetic is not built yet"},
		{"O02.mean - O05.mean", "", "n", "naming other indicators is not built yet"},
		{"system:records", "", "n", "'system:' is not built yet"},
		{"value(participant)", "", "n", "stays at the site"},
		{"participant = 'A1'", "", "n", "stays at the site"},
		{"value(nothing)", "", "n", "there is no item 'nothing'"},
		{"1 = 1", "", "n", "names no item"},
		{"depth = 2", "", "n", "a number that the choice list does not have"},
		{"depth = '1'", "", "n", "a number is compared with a text"},
		{"sex = 'x'", "", "n", "a code that its choice list"},
		{"sex > 'f'", "", "n", "a code has no order"},
		{"sex = other", "", "n", "comparing two choices is not built yet"},
		{"regex(., 'a')", "", "n", "regex() is not built yet"},
		{"value(age)", "age", "n", "'age' is no select_one"},
		{"value(age)", "sex x sex", "n", "'sex' stands twice"},
		{"value(age)", "nothing", "n", "there is no item 'nothing'"},
		{"value(age)", "", "mean;n", "n has to be the first"},
		{"value(age)", "", "n;n", "'n' stands twice"},
		{"value(age)", "", "n;mean;interval", "an interval is built for"},
		{"value(age)", "", "n;proportion", "'proportion' does not fit"},
		{"value(sex)", "", "n;mean", "'mean' does not fit"},
		{"sex = 'f'", "", "n;distribution", "'distribution' does not fit"},
		{"value(age)", "", "n;alpha", "'alpha' is not built yet"},
		{"value(age)", "", "", "'' is not built yet"},
	};
	OWNED(form) struct form *f = form();
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		OWNED(faults) struct faults *faults = faults_new();
		OWNED(codebook)
		struct codebook *c =
			book(f, rows[i].derivation, rows[i].by, rows[i].statistics, faults);
		assert_null(c);
		assert_true(faults->errors > 0);
		bool said = false;
		for (size_t k = 0; k < faults->count; k++)
			said = said || strstr(faults->items[k].reason, rows[i].says);
		if (!said)
			fail_msg("row %zu: '%s' lacks '%s'", i, faults->items[0].reason,
				rows[i].says);
		assert_int_equal(faults->items[0].row, 2);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(derivations_are_worked_out),
		cmocka_unit_test(levels_and_by_have_places),
		cmocka_unit_test(a_distribution_without_a_list_runs_over_the_scale),
		cmocka_unit_test(what_does_not_fit_is_refused_in_words),
	};
	return cmocka_run_group_tests_name("codebook", tests, NULL, NULL);
}
