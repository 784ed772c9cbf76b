#include "tests/unit/suite.h"

#include "common/base/mem.h"
#include "common/codec/bytes.h"
#include "common/study/xpath.h"

static const char *const list[] = {"yes", "no", "99"};

static int
code_of(const void *context, size_t index, const char *code)
{
	(void)context;
	(void)index;
	for (size_t i = 0; i < ARRAY_LEN(list); i++)
		if (strcmp(list[i], code) == 0)
			return (int)i;
	return -1;
}

static struct xpath *
compiled(const char *text, enum expr_type type)
{
	struct xpath *x = NULL;
	const struct xpath_answer answer = {.type = type, .code = code_of};
	assert_ok(xpath_compile(&x, text, &answer));
	return x;
}

static void
numbers_are_compared(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		double answer;
		bool holds;
	} rows[] = {
		{". >= 15 and . <= 120", 15, true},
		{". >= 15 and . <= 120", 14, false},
		{". >= 15 and . <= 120", 121, false},
		{".>0", 0, false},
		{". < -1.5", -2, true},
		{". < -1.5", -1.5, false},
		{". != 3", 3, false},
		{"not(. = 3)", 3, false},
		{"not(. = 3)", 4, true},
		{". = 1 or . = 2 and . = 3", 1, true},
		{"(. = 1 or . = 2) and . = 3", 1, false},
		{"not(. = 1) and . < 5", 7, false},
		{"((((. = 4))))", 4, true},
		{"5 > .", 4, true},
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		OWNED(xpath) struct xpath *x = compiled(rows[i].text, EXPR_NUMBER);
		struct expr_value v = {.present = true, .number = rows[i].answer};
		if (xpath_holds(x, &v) != rows[i].holds)
			fail_msg("row %zu: %s", i, rows[i].text);
		v.present = false;
		assert_true(xpath_holds(x, &v));
	}
}

static void
texts_are_matched_whole(void **state)
{
	(void)state;
	static const struct {
		const char *text, *answer;
		bool holds;
	} rows[] = {
		{"regex(., '^[ANSU][0-9]{4}$')", "A0001", true},
		{"regex(., '^[ANSU][0-9]{4}$')", "A00012", false},
		{"regex(., '[0-9]')", "12", false},
		{"regex(., 'a|bc')", "bc", true},
		{"regex(., 'a|bc')", "ac", false},
		{"regex( . , \"x'y\" )", "x'y", true},
		{". = 'one' or regex(., 't.o')", "two", true},
		{". != ''", "x", true},
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		OWNED(xpath) struct xpath *x = compiled(rows[i].text, EXPR_TEXT);
		const struct expr_value v = {.present = true, .text = rows[i].answer};
		if (xpath_holds(x, &v) != rows[i].holds)
			fail_msg("row %zu: %s", i, rows[i].text);
	}
}

static void
codes_are_those_of_the_list(void **state)
{
	(void)state;
	OWNED(xpath) struct xpath *x = compiled(". != '99' and 'no' != .", EXPR_CODE);
	assert_true(xpath_holds(x, &(struct expr_value){.present = true, .number = 0}));
	assert_false(xpath_holds(x, &(struct expr_value){.present = true, .number = 1}));
	assert_false(xpath_holds(x, &(struct expr_value){.present = true, .number = 2}));
}

static void
what_is_not_built_or_wrong_is_refused_in_words(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		enum expr_type type;
		const char *says;
	} rows[] = {
		{"", EXPR_NUMBER, "not complete"},
		{".", EXPR_NUMBER, "has to be a condition"},
		{". >", EXPR_NUMBER, "not complete"},
		{". > 1 and", EXPR_NUMBER, "not complete"},
		{"(. > 1", EXPR_NUMBER, "a bracket without its pair"},
		{". > 1)", EXPR_NUMBER, "a bracket without its pair"},
		{"()", EXPR_NUMBER, "a value is wanted"},
		{"1 < . < 3", EXPR_NUMBER, "comparisons do not chain"},
		{". and . > 1", EXPR_NUMBER, "take conditions only"},
		{". = 'x'", EXPR_NUMBER, "a number is compared with a text"},
		{". = 1", EXPR_TEXT, "a text is compared with a number"},
		{". < 'x'", EXPR_TEXT, "a text has no order"},
		{". = 'maybe'", EXPR_CODE, "a code that its choice list does not have"},
		{". < 'yes'", EXPR_CODE, "a code has no order"},
		{"regex(., 'x')", EXPR_NUMBER, "regex() is for text only"},
		{"regex(., '(')", EXPR_TEXT, "not a POSIX extended pattern"},
		{"regex(., '\\d+')", EXPR_TEXT, "'\\d' is not of POSIX"},
		{"regex(., '((a{99}){99}){99}')", EXPR_TEXT, "repeats in the pattern"},
		{"regex('a', 'x')", EXPR_TEXT, "'.' is wanted"},
		{". = 'x", EXPR_TEXT, "a quote without its pair"},
		{". <= today()", EXPR_TEXT, "today() is not built yet"},
		{"count-selected(.) <= 3", EXPR_TEXT, "count-selected() is not built yet"},
		{"${mode} = 'x'", EXPR_TEXT, "${} is not built yet"},
		{". + 1 > 2", EXPR_NUMBER, "arithmetic is not built yet"},
		{". = age", EXPR_NUMBER, "'age': only the answer itself"},
		{".. = 1", EXPR_NUMBER, "a value is wanted"},
		{"not . = 1", EXPR_NUMBER, "'not': only the answer"},
		{"not(.) = 1", EXPR_NUMBER, "take conditions only"},
		{". = 1e5", EXPR_NUMBER, "not a plain number"},
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct xpath *x = NULL;
		const struct xpath_answer answer = {.type = rows[i].type, .code = code_of};
		assert_err(xpath_compile(&x, rows[i].text, &answer), E_FORMAT);
		assert_null(x);
		if (!strstr(err_text(), rows[i].says))
			fail_msg("'%s': '%s' lacks '%s'", rows[i].text, err_text(),
				rows[i].says);
	}
}

static void
depth_and_length_are_bounded(void **state)
{
	(void)state;
	char deep[2 * EXPR_MAX_DEPTH + 40];
	const struct xpath_answer answer = {.type = EXPR_NUMBER};
	for (size_t n = EXPR_MAX_DEPTH; n <= EXPR_MAX_DEPTH + 1; n++) {
		memset(deep, '(', n);
		memcpy(deep + n, ". = 1", 5);
		memset(deep + n + 5, ')', n);
		deep[2 * n + 5] = '\0';
		OWNED(xpath) struct xpath *x = NULL;
		assert_err(
			xpath_compile(&x, deep, &answer), n > EXPR_MAX_DEPTH ? E_FORMAT : OK);
	}
	OWNED_MEM char *nots = xcalloc(EXPR_MAX_BYTES + 2, 1);
	memset(nots, '(', EXPR_MAX_BYTES + 1);
	OWNED(xpath) struct xpath *x = NULL;
	assert_err(xpath_compile(&x, nots, &answer), E_FORMAT);
	OWNED_BUF struct buf chain;
	buf_init(&chain, EXPR_MAX_BYTES);
	for (size_t i = 0; i <= 250; i++)
		buf_format(&chain, "%s. = 1", i ? " or " : "");
	buf_u8(&chain, 0);
	assert_ok(xpath_compile(&x, (const char *)chain.at, &answer));
	assert_false(xpath_holds(x, &(struct expr_value){.present = true, .number = 2}));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_compared),
		cmocka_unit_test(texts_are_matched_whole),
		cmocka_unit_test(codes_are_those_of_the_list),
		cmocka_unit_test(what_is_not_built_or_wrong_is_refused_in_words),
		cmocka_unit_test(depth_and_length_are_bounded),
	};
	return cmocka_run_group_tests_name("xpath", tests, NULL, NULL);
}
