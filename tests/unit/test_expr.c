#include "tests/unit/suite.h"

#include <math.h>

#include "common/base/mem.h"
#include "common/study/record.h"

#include "tests/unit/sheets.h"

#define SURVEY                                                                                 \
	"type,name,label,weir_goes,weir_list\n"                                                \
	"integer,a,A,hub,\ninteger,b,B,hub,\ninteger,c,C,hub,\n"                               \
	"date,day,Day,hub,\ndate,end,End,hub,\ntext,words,Words,hub,\n"                        \
	"select_one agree,agree,Agree,hub,\nselect_one sex,sex,Sex,hub,\n"                     \
	"select_one sex,other,Other,hub,\nselect_one place,place,Place,hub,\n"                 \
	"select_multiple sex,both,Both,hub,\n"                                                 \
	"begin repeat,turn,Turn,,\ninteger,n,N,hub,\nselect_one sex,who,Who,hub,\n"            \
	"end repeat,turn,,,\n"                                                                 \
	"begin repeat,more,More,,\ninteger,m,M,hub,\nend repeat,more,,,\n"
#define CHOICES                                                                                \
	"list_name,name,label,weir_kind,other\nagree,-1,No,low,x\nagree,1,Yes,high,y\n"        \
	"agree,88,Cannot say,,\nsex,f,Female,one,\nsex,m,Male,,\nsex,99,Rather not say,,\n"    \
	"place,f,Field,,\nplace,t,Town,,\n"

/* The answers, "path=value" with blanks between. */
static void
fill(struct record *r, const char *answers)
{
	OWNED_MEM char *text = xstrdup(answers);
	char *rest = NULL;
	for (char *at = strtok_r(text, " ", &rest); at; at = strtok_r(NULL, " ", &rest)) {
		char *value = strchr(at, '=');
		*value = '\0';
		assert_ok(record_put(r, at, value + 1));
	}
}

static struct missing_codes
missing(void)
{
	struct missing_codes m = {.count = 0};
	assert_ok(missing_add(&m, "88", "cannot_say"));
	assert_ok(missing_add(&m, "99", "refused"));
	return m;
}

static const struct {
	const char *expression, *answers;
	double result; /* NAN: missing, for this reason */
	enum missing why;
} results[] = {
	{"a + b * c", "a=1 b=2 c=3", 7, 0},
	{"(a + b) * c", "a=1 b=2 c=3", 9, 0},
	{"a - b - c", "a=9 b=3 c=2", 4, 0},
	{"a / b / c", "a=12 b=3 c=2", 2, 0},
	{"-a - -b", "a=1 b=2", 1, 0},
	{"- - a", "a=3", 3, 0},
	{"-2 * a", "a=3", -6, 0},
	{"a / b", "a=1 b=0", NAN, MISSING_NOT_APPLICABLE},
	{"0 / a", "a=0", NAN, MISSING_NOT_APPLICABLE},
	{"a / b", "a=1 b=4", 0.25, 0},
	{"a + b", "a=1", NAN, MISSING_NOT_ASKED},
	{"a + b", "a=", NAN, MISSING_NOT_ANSWERED},
	{"b + a", "a=", NAN, MISSING_NOT_ASKED},
	{"a=b", "a=2 b=2", 1, 0},
	{"a != b", "a=2 b=2", 0, 0},
	{"a <= 2 and b >= 3", "a=2 b=3", 1, 0},
	{"a < 2 or b > 3", "a=2 b=3", 0, 0},
	{"not a = 1", "a=1", 0, 0},
	{"not not a = 1", "a=1", 1, 0},
	{"not (a = 1 or b = 1)", "a=2 b=2", 1, 0},
	{"a = 1 or b = 1 and c = 1", "a=1 b=2 c=2", 1, 0},
	{"a = 1 and b = 1", "a=2", 0, 0},
	{"b = 1 and a = 1", "a=2", 0, 0},
	{"a = 1 and b = 1", "a=1", NAN, MISSING_NOT_ASKED},
	{"a = 1 or b = 1", "a=1", 1, 0},
	{"b = 1 or a = 1", "a=2", NAN, MISSING_NOT_ASKED},
	{"a = 1 and agree = 1 and b = 1", "a= agree=88", NAN, MISSING_NOT_ANSWERED},
	{"b = 1 and agree = 1 and c = 1", "b=1 agree=88 c=", NAN, MISSING_CANNOT_SAY},
	{"agree = -1", "agree=-1", 1, 0},
	{"-1 = agree", "agree=-1", 1, 0},
	{"agree >= 0", "agree=-1", 0, 0},
	{"agree < 7", "agree=1", 1, 0}, /* an order needs no code */
	{"sex = 'm'", "sex=m", 1, 0},
	{"'m' != sex", "sex=m", 0, 0},
	{"(sex) = 'f'", "sex=m", 0, 0},
	{"sex = other", "sex=m other=m", 1, 0},
	{"sex = other", "sex=m other=99", NAN, MISSING_REFUSED},
	{"day < end", "day=2026-01-31 end=2026-02-01", 1, 0},
	{"day = end", "day=2026-01-31 end=2026-02-01", 0, 0},
	{"missing(words)", "words=x", 0, 0},
	{"missing(words)", "words=", 1, 0},
	{"missing(both) and missing(day)", "", 1, 0},
	{"missing(sex)", "sex=99", 1, 0},
	{"mean(a, b, c)", "a=1 b=2 c=6", 3, 0},
	{"mean(a, b, c)", "a=1 b= c=6", NAN, MISSING_NOT_ANSWERED},
	{"mean(a, b, c; min=0.5)", "a=1 b=2", 1.5, 0},
	{"mean(a, b, c; min=0.67)", "a=1 b=2", NAN, MISSING_NOT_ASKED},
	{"mean(a, b, c; min=0.001)", "", NAN, MISSING_NOT_ASKED},
	{"mean(a, b, c; need=2)", "a=1 b=2", 1.5, 0},
	{"mean(a, b, c; need = 3)", "a=1 b=2", NAN, MISSING_NOT_ASKED},
	{"sum(a, b; need=1)", "b=2", 2, 0},
	{"sum(a, mean(b, c), 1)", "a=1 b=2 c=4", 5, 0},
	{"mean(a)", "a=1", 1, 0},
	{"ratio(a + 1, b)", "a=1 b=4", 0.5, 0},
	{"rev(agree, -1, 1)", "agree=1", -1, 0},
	{"value(agree)", "agree=1", 1, 0},
	{"recode(agree, weir_kind) ", "agree=1", 1, 0},
	{"recode(sex, weir_kind)", "sex=f", 0, 0},
	{"recode(sex, weir_kind)", "sex=m", NAN, MISSING_NOT_APPLICABLE},
	{"recode(sex, weir_kind)", "sex=99", NAN, MISSING_REFUSED},
	{"recode(agree, -1 -> 5, else -> -2.5)", "agree=1", -2.5, 0},
	{"recode(agree, -1 -> 5, 1 -> 6)", "agree=-1", 5, 0},
	{"recode(a, 0 -> 10, 0 -> 20, 3 -> 30)", "a=0", 10, 0},
	{"recode(a, 0 -> 10)", "a=1", NAN, MISSING_NOT_APPLICABLE},
	{"recode(sex, 'f' -> 'x', 'm' -> 'y')", "sex=m", 1, 0},
	{"recode(sex, 'm' -> 2, else -> 3) + 1", "sex=f", 4, 0},
	{"chosen(both, 'm')", "both=m", 1, 0},
	{"chosen(both, 'f')", "both=m", 0, 0},
	{"any(turn, n > 1)", "turn[1]/n=1 turn[2]/n=2", 1, 0},
	{"any(turn, n > 2)", "turn[1]/n=1 turn[2]/n=2", 0, 0},
	{"any(turn, n > 2)", "turn[1]/n=1 turn[2]/n=", NAN, MISSING_NOT_ANSWERED},
	{"any(turn, n > 2)", "", NAN, MISSING_NOT_ASKED},
	{"every(turn, n > 0)", "turn[1]/n=1 turn[2]/n=2", 1, 0},
	{"every(turn, n > 0)", "turn[1]/n=0 turn[2]/n=", 0, 0},
	{"every(turn, n > 0 and a = 1)", "a=1 turn[1]/n=1", 1, 0},
	{"count(turn)", "turn[3]=", 3, 0},
	{"count(turn)", "", 0, 0},
	{"count(turn, n > 1)", "turn[1]/n=1 turn[2]/n=2 turn[3]/n=3", 2, 0},
	{"count(turn, n > 1)", "", 0, 0},
	{"count(turn, missing(n)) + count(more)", "turn[2]= more[1]/m=1", 3, 0},
	{"pick(turn, who = 'm', n)", "turn[1]/n=1 turn[2]/n=2 turn[2]/who=m", 2, 0},
	{"pick(turn, who = 'm', n) + pick(turn, who = 'f', n)",
		"turn[1]/n=1 turn[1]/who=f turn[2]/n=2 turn[2]/who=m", 3, 0},
	{"pick(turn, who = 'm', n)", "turn[1]/n=1", NAN, MISSING_NOT_ASKED},
	{"pick(turn, who = 'm', n)", "turn[1]/n= turn[1]/who=m", NAN, MISSING_NOT_ANSWERED},
	{"a + pick(turn, n = 2, n * 10) * 2", "a=1 turn[1]/n=1 turn[2]/n=2", 41, 0},
	{"2=2 and(3)=3", "", 1, 0},
};

static void
expressions_have_their_results(void **state)
{
	(void)state;
	OWNED_SHEETS struct form *f = sheets_form_of("survey", SURVEY, CHOICES);
	const struct missing_codes codes = missing();
	const struct expr_scope scope = {.form = f, .missing = &codes, .repeat = -1, .key = -1};
	OWNED(record) struct record *r = record_new(f, NULL, &codes);
	for (size_t i = 0; i < ARRAY_LEN(results); i++) {
		OWNED(expr) struct expr *x = NULL;
		if (expr_compile(&x, results[i].expression, &scope) != OK)
			fail_msg("%s: %s", results[i].expression, err_text());
		record_clear(r);
		fill(r, results[i].answers);
		const struct expr_env env = {.record = r, .key = -1};
		const struct expr_value v = expr_value_of(x, &env);
		bool gone = results[i].result != results[i].result;
		if (v.present == gone || (gone && v.why != results[i].why) ||
			(!gone && v.number != results[i].result))
			fail_msg("%s with %s: %g %s", results[i].expression, results[i].answers,
				v.number, v.present ? "" : missing_word(v.why));
	}
}

static const struct {
	const char *expression, *says;
} refusals[] = {
	{"", "not complete"},
	{"a +", "not complete"},
	{"(a", "bracket without its pair"},
	{"a)", "')' without a bracket"},
	{"a b", "an operator is wanted before 'b'"},
	{"a = = b", "a value is wanted before '='"},
	{"a, b", "',' without a bracket"},
	{"(a, b)", "comma outside"},
	{"a $ b", "cannot be read"},
	{"a.b", "an operator is wanted before '.'"},
	{"1e3 = a", "no plain number"},
	{"A1 = a", "neither an item nor an indicator"},
	{"a = 'x", "quote without its pair"},
	{"a = 1 = 1", "comparisons do not chain"},
	{"a + sex", "arithmetic takes a number, this is a code"},
	{"a and b", "and, or, not takes a condition"},
	{"not a", "takes a condition"},
	{"a + not b = 1", "'not' stands where a value is wanted"},
	{"a = 1 + not b = 1", "'not' stands"},
	{"a = words", "a number is compared with a text"},
	{"words = words", "a text is compared"},
	{"both = both", "several codes"},
	{"day = 1", "a date is compared with a number"},
	{"day + 1", "this is a date"},
	{"agree = 7", "7 is not a choice of the list agree"},
	{"agree = 88", "'88' is a missing code"},
	{"agree = '1'", "quoted code '1'"},
	{"sex = 'x'", "'x' is not a choice"},
	{"sex = '99'", "missing code"},
	{"sex = place", "different choice lists"},
	{"sex < 'm'", "codes have no order"},
	{"'m' = 'm'", "two quoted codes"},
	{"'m'", "a quoted code is no derivation"},
	{"a = 'm'", "a number is compared"},
	{"recode(sex, weir_kind) = 'one'", "compared with an item only"},
	{"recode(sex, weir_kind) = sex", "compared between items"},
	{"value(words)", "no words"},
	{"value(both)", "no several codes"},
	{"value(P01)", "takes an item, not 'P01'"},
	{"value(a, b)", "')' is wanted"},
	{"mean(sex)", "mean takes a number"},
	{"mean('f')", "stands beside"},
	{"mean()", "a value is wanted before ')'"},
	{"mean(a; min=0)", "min is a share"},
	{"mean(a; min=1.5)", "min is a share"},
	{"mean(a, b; need=3)", "from 1 to 2"},
	{"mean(a, b; need=1.5)", "need is a whole number"},
	{"mean(a, b; most=1)", "only mean() and sum()"},
	{"ratio(a, b; need=1)", "only mean() and sum()"},
	{"ratio(a)", "ratio() takes two"},
	{"ratio(a, b, c)", "ratio() takes two"},
	{"rev(agree, 0, 1)", "agree runs from -1 to 1"},
	{"rev(sex, 1, 2)", "rev() takes a number"},
	{"chosen(sex, 'm')", "asks a select_multiple"},
	{"chosen(both, 'x')", "not a choice"},
	{"chosen(both, '99')", "missing code"},
	{"chosen(both, key)", "chosen() takes a quoted code"},
	{"key = 'm'", "'key' stands for"},
	{"recode(sex, other)", "no column 'other' of ours"},
	{"recode(sex, weir_nothing)", "no column"},
	{"recode(a, weir_kind)", "no column"},
	{"recode(place, weir_kind)", "is empty"},
	{"recode(sex, 'f' -> 1, 'm' -> 'x')", "not both"},
	{"recode(sex, 1 -> 2)", "a quoted code is wanted"},
	{"recode(sex, '99' -> 2)", "missing code"},
	{"recode(agree, 5 -> 2)", "5 is not a choice"},
	{"recode(agree, 'x' -> 2)", "has no quoted codes"},
	{"recode(agree, else -> 2)", "else alone"},
	{"recode(agree, 1 -> 2, else -> 3, -1 -> 4)", "')' is wanted"},
	{"recode(words, 'x' -> 1)", "has no quoted codes"},
	{"any(turn)", "',' is wanted before ')'"},
	{"any(turn, n)", "a condition takes a condition"},
	{"any(turn, n = 1, n = 2)", "too many arguments"},
	{"any(nothing, a = 1)", "there is no repeat 'nothing'"},
	{"any(turn, any(turn, n = 1))", "any() stands inside a repeat"},
	{"any(turn, count(more) = 1)", "count() stands inside a repeat"},
	{"any(turn, m = 1)", "m is inside repeat more"},
	{"any(keys, a = 1)", "goes over a repeat"},
	{"n = 1", "n is inside repeat turn and used outside it"},
	{"any(turn, n = 1) and n = 1", "used outside it"},
	{"pick(turn, n = 1)", "pick() takes"},
	{"pick(turn, n = 1, words)", "pick() gives"},
	{"pick(turn, n = 1, 'x')", "pick() gives"},
	{"pick(turn, n, n)", "condition of pick()"},
	{"count(keys, a = 1)", "cannot stand beside statistics"},
	{"count(keys)", "',' is wanted"},
	{"nothing(a)", "there is no function nothing()"},
	{"min = 1", "'min' cannot stand here"},
	{"else + 1", "'else' cannot stand here"},
	{"P01 = 1", "other indicators cannot be named here"},
	{"missing(a + b)", "')' is wanted"},
};

static void
what_the_language_lacks_is_refused_in_words(void **state)
{
	(void)state;
	OWNED_SHEETS struct form *f = sheets_form_of("survey", SURVEY, CHOICES);
	const struct missing_codes codes = missing();
	const struct expr_scope scope = {.form = f, .missing = &codes, .repeat = -1, .key = -1};
	for (size_t i = 0; i < ARRAY_LEN(refusals); i++) {
		OWNED(expr) struct expr *x = NULL;
		if (expr_compile(&x, refusals[i].expression, &scope) != E_FORMAT)
			fail_msg("%s was taken", refusals[i].expression);
		if (!strstr(err_text(), refusals[i].says))
			fail_msg("%s: '%s' lacks '%s'", refusals[i].expression, err_text(),
				refusals[i].says);
		assert_null(x);
	}
}

static void
an_expression_has_an_end(void **state)
{
	(void)state;
	OWNED_SHEETS struct form *f = sheets_form_of("survey", SURVEY, CHOICES);
	const struct expr_scope scope = {.form = f, .repeat = -1, .key = -1};
	char text[EXPR_MAX_BYTES + 100];
	OWNED(expr) struct expr *x = NULL;
	memset(text, '1', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	assert_err(expr_compile(&x, text, &scope), E_FORMAT);
	memset(text, '(', EXPR_MAX_BYTES);
	text[EXPR_MAX_BYTES] = '\0';
	assert_err(expr_compile(&x, text, &scope), E_FORMAT);
	for (size_t i = 0; i < EXPR_MAX_BYTES - 1; i++)
		text[i] = i % 2 ? '+' : 'a';
	text[EXPR_MAX_BYTES - 1] = '\0';
	assert_ok(expr_compile(&x, text, &scope));
	OWNED(record) struct record *r = record_new(f, NULL, NULL);
	assert_ok(record_put(r, "a", "1"));
	const struct expr_env env = {.record = r, .key = -1};
	assert_int_equal(expr_value_of(x, &env).number, (strlen(text) + 1) / 2);
}

static void
an_expression_says_what_it_is(void **state)
{
	(void)state;
	OWNED_SHEETS struct form *f = sheets_form_of("survey", SURVEY, CHOICES);
	const struct missing_codes codes = missing();
	const struct expr_scope scope = {.form = f, .missing = &codes, .repeat = -1, .key = -1};
	OWNED(expr) struct expr *x = NULL, *y = NULL, *z = NULL;
	size_t a = (size_t)form_field(f, "a"), agree = (size_t)form_field(f, "agree");
	assert_ok(expr_compile(&x, "value(agree)", &scope));
	assert_false(expr_is_bare(x));
	assert_string_equal(expr_list(x)->name, "agree");
	assert_ok(expr_compile(&y, "agree", &scope));
	assert_true(expr_is_bare(y));
	assert_ok(expr_compile(&z, "mean(a, rev(agree, -1, 1); min=0.5)", &scope));
	assert_int_equal(expr_part_count(z), 2);
	assert_true(expr_uses(z, a) && expr_uses(z, agree));
	assert_true(expr_reverses(z, agree));
	assert_false(expr_reverses(z, a));
	assert_true(expr_scales(z));
	assert_null(expr_list(z));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(expressions_have_their_results),
		cmocka_unit_test(what_the_language_lacks_is_refused_in_words),
		cmocka_unit_test(an_expression_has_an_end),
		cmocka_unit_test(an_expression_says_what_it_is),
	};
	return cmocka_run_group_tests_name("expr", tests, NULL, NULL);
}
