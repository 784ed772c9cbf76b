#include "tests/unit/suite.h"

#include <math.h>

#include "common/base/mem.h"
#include "common/study/xpath.h"

#define NOW_MS 1795341600000 /* 2026-11-22T10:00:00Z */

/* The form: data(a, n, d, g(b, c), rep(x, y, inner(z)), shape), node numbers as below. */
enum { DATA, A, N, D, G, B, C, REP, X, Y, INNER, Z, SHAPE, NODES };
static const struct xpath_node nodes[NODES] = {
	[DATA] = {"data", -1, A, -1, -1, false, XPATH_OF_TEXT},
	[A] = {"a", DATA, -1, N, -1, false, XPATH_OF_TEXT},
	[N] = {"n", DATA, -1, D, -1, false, XPATH_OF_NUMBER},
	[D] = {"d", DATA, -1, G, -1, false, XPATH_OF_DATE},
	[G] = {"g", DATA, B, REP, -1, false, XPATH_OF_TEXT},
	[B] = {"b", G, -1, C, -1, false, XPATH_OF_TEXT},
	[C] = {"c", G, -1, -1, -1, false, XPATH_OF_NUMBER},
	[REP] = {"rep", DATA, X, SHAPE, REP, false, XPATH_OF_TEXT},
	[X] = {"x", REP, -1, Y, REP, false, XPATH_OF_NUMBER},
	[Y] = {"y", REP, -1, INNER, REP, false, XPATH_OF_TEXT},
	[INNER] = {"inner", REP, Z, -1, INNER, false, XPATH_OF_TEXT},
	[Z] = {"z", INNER, -1, -1, INNER, false, XPATH_OF_TEXT},
	[SHAPE] = {"shape", DATA, -1, -1, -1, false, XPATH_OF_TEXT},
};
static const char *const instances[] = {"list"};
static const struct xpath_scope scope = {nodes, NODES, instances, 1};

static const char record[] =
	"<data xmlns='urn:any'><a>one two</a><n>7</n><d>2026-11-20</d><g><b>x&#xfc;</b><c/></g>"
	"<rep><x>1</x><y>p</y><inner><z>1a</z></inner><inner><z>1b</z></inner></rep>"
	"<rep><x>20</x><y/><inner><z>2a</z></inner></rep>"
	"<shape>0 0;0 1;1 1;1 0;0 0</shape></data>";
static const char list[] =
	"<instance><root><item><name>k1</name><label>One</label><f>p</f></item>"
	"<item><name>k2</name><label>Two</label><f>q</f></item>"
	"<item><name>k3</name><label>Three</label><f>p</f></item></root></instance>";

struct bench {
	struct xml *record;
	struct xml *list;
	struct xpath_world *world;
};

static const struct xml_node *
find_instance(const void *context, const char *id)
{
	const struct bench *b = context;
	return strcmp(id, "list") == 0 ? xml_root(b->list) : NULL;
}

static const char *
find_label(const void *context, int node, const char *code)
{
	(void)context;
	return node == B && strcmp(code, "k1") == 0 ? "Label of k1" : NULL;
}

static const char *
find_itext(const void *context, const char *id)
{
	(void)context;
	return strcmp(id, "/data/a:label") == 0 ? "Ask" : NULL;
}

/* The second turn of rep, and the first of inner in it, are the current ones. */
static void
put_all(struct bench *b)
{
	const struct xml_node *root = xml_root(b->record), *g = xml_find(root, "g");
	const struct xml_node *rep = xml_next(xml_find(root, "rep"));
	const struct xml_node *inner = xml_find(rep, "inner");
	const struct xml_node *at[NODES] = {root, xml_find(root, "a"), xml_find(root, "n"),
		xml_find(root, "d"), g, xml_find(g, "b"), xml_find(g, "c"), rep,
		xml_find(rep, "x"), xml_find(rep, "y"), inner, xml_find(inner, "z"),
		xml_find(root, "shape")};
	for (int i = 0; i < NODES; i++)
		xpath_world_put(b->world, i, at[i]);
}

static int
setup(void **state)
{
	struct bench *b = xcalloc(1, sizeof(*b));
	assert_ok(xml_parse(&b->record, view_text(record)));
	assert_ok(xml_parse(&b->list, view_text(list)));
	xpath_plain(b->record);
	b->world = xpath_world_new(&scope, &(struct xpath_sources){.context = b,
						   .instance = find_instance,
						   .itext = find_itext,
						   .label = find_label,
						   .now_ms = NOW_MS,
						   .zone_minutes = 60,
						   .version = "v3"});
	put_all(b);
	*state = b;
	return 0;
}

static int
teardown(void **state)
{
	struct bench *b = *state;
	xpath_world_free(b->world);
	xml_free(b->list);
	xml_free(b->record);
	free(b);
	return 0;
}

struct row {
	const char *text;
	int at;
	const char *gives;
};

static void
check_rows(struct bench *b, const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		OWNED(xpath) struct xpath *x = NULL;
		OWNED_MEM char *text = NULL;
		if (xpath_compile(&x, rows[i].text, &scope, rows[i].at) != OK)
			fail_msg("%s: %s", rows[i].text, err_text());
		if (xpath_text(b->world, x, &text) != OK)
			fail_msg("%s: %s", rows[i].text, err_text());
		if (strcmp(text, rows[i].gives) != 0)
			fail_msg("%s: '%s', not '%s'", rows[i].text, text, rows[i].gives);
	}
}

static void
paths_lead_where_odk_says(void **state)
{
	static const struct row rows[] = {
		{"/data/a", A, "one two"},
		{"/data/g/b", A, "x\xc3\xbc"},
		{".", B, "x\xc3\xbc"},
		{"./.", B, "x\xc3\xbc"},
		{"../../n", B, "7"},
		{"../c", B, ""},
		{"current()/../c = ''", B, "true"},
		{"current()/.", N, "7"},
		{"/orx:data/pre:g/pre:b", A, "x\xc3\xbc"},
		{"child::g/child::b", DATA, "x\xc3\xbc"},
		{"parent::node()/n", A, "7"},
		{"self::node()", N, "7"},
		/* Absolute paths mean the same turn of a repeat, from inside it. */
		{"/data/rep/x", Y, "20"},
		{"/data/rep/x", A, "1"},
		{"../x", Y, "20"},
		{"count(/data/rep)", Y, "2"},
		{"count(/data/rep)", A, "2"},
		{"count(../../rep)", Y, "2"},
		{"count(../../rep/x)", Y, "2"},
		{"sum(/data/rep/x)", A, "21"},
		{"sum(/data/rep/x)", Y, "20"},
		{"count(/data/rep/inner/z)", A, "3"},
		{"count(/data/rep/inner/z)", Y, "1"},
		{"count(/data/rep/inner)", Z, "1"},
		{"../../x", Z, "20"},
		{"position(..)", Y, "2"},
		{"position(..)", Z, "1"},
		{"position(../..)", Z, "2"},
		{"/data/rep[position() = 1]/x", Y, "1"},
		{"/data/rep[1]/x", Y, "1"},
		{"/data/rep[x = 20]/inner/z", A, "2a"},
		{"/data/rep[number(x) < 5]/y", A, "p"},
		{"count(/data/rep[y = ''])", A, "1"},
		{"count(/data/rep[x = current()/../x])", Y, "1"},
		{"/data/rep[position() = position(current()/..)]/x", Y, "20"},
		{"count(/data/*)", A, "7"},
		{"count(/data/g | /data/rep)", A, "3"},
		{"indexed-repeat(/data/rep/x, /data/rep, 1)", Y, "1"},
		{"indexed-repeat(/data/rep/x, /data/rep, position(..))", Y, "20"},
		{"indexed-repeat(/data/rep/x, /data/rep, 3)", A, ""},
		{"indexed-repeat(/data/rep/inner/z, /data/rep, 1, /data/rep/inner, 2)", A,
			"1b"},
		{"/data/@version", A, ""},
		{"instance('list')/root/item[name = 'k2']/label", A, "Two"},
		{"count(instance('list')/root/item[f = /data/rep[1]/y])", A, "2"},
		{"count(instance(\"list\")/root/item[f = current()/../y])", Y, "0"},
		{"instance('list')/root/item[f='p' and name!='k1']/name", A, "k3"},
		{"pulldata('list', 'label', 'name', 'k3')", A, "Three"},
		{"jr:choice-name('k1', '/data/g/b')", A, "Label of k1"},
		{"jr:choice-name('k9', '/data/g/b')", A, ""},
		{"jr:choice-name('k1', '/data/no/such')", A, ""},
		{"jr:itext('/data/a:label')", A, "Ask"},
		{"version()", A, "v3"},
	};
	check_rows(*state, rows, ARRAY_LEN(rows));
}

static void
numbers_and_dates_compare_as_in_odk(void **state)
{
	static const struct row rows[] = {
		{"1 + 2 * 3", A, "7"},
		{"(1 + 2) * 3 - -1", A, "10"},
		{"7 mod 4 + 6 div 4", A, "4.5"},
		{"/data/n + 1", A, "8"},
		{"/data/n > 5 and /data/n <= 7", A, "true"},
		{"/data/n = '7'", A, "true"},
		{"/data/g/c = ''", A, "true"},
		{"/data/g/c = 0", A, "false"},
		{"/data/g/c != 5", A, "true"},
		{"/data/g/c > 5", A, "false"},
		{"not(/data/g/c < 5) or false()", A, "true"},
		{"today()", A, "2026-11-22"},
		{"now()", A, "2026-11-22T11:00:00.000+01:00"},
		{"today() - /data/d", A, "2"},
		{"/data/d < today()", A, "true"},
		{"/data/d >= '2026-11-20'", A, "true"},
		{"/data/d > date('2026-11-20')", A, "false"},
		{"/data/d = today() - 2", A, "true"},
		{"/data/d = '2026-11-20'", A, "true"},
		{"date(/data/d + 12)", A, "2026-12-02"},
		{"date('1970-01-02') + 0", A, "1"},
		{"date(0)", A, "1970-01-01"},
		{"date(-1)", A, "1969-12-31"},
		{"number('2000-03-01')", A, "11017"},
		{"date('2026-02-29')", A, ""},
		{"date('2024-02-29')", A, "2024-02-29"},
		{"date-time('2024-02-29T10:11:12.5Z')", A, "2024-02-29T10:11:12.500+00:00"},
		{"decimal-date-time('1970-01-02T12:00:00')", A, "1.5"},
		{"decimal-time('06:00:00.000+01:00')", A, "0.25"},
		{"format-date('2026-11-02', '%Y/%y/%m/%n/%d/%e %b %a')", A,
			"2026/26/11/11/02/2 Nov Mon"},
		{"format-date-time('2026-11-02T03:04:05.006', '%H.%h.%M.%S.%3')", A,
			"03.3.04.05.006"},
		{"format-date('', '%Y')", A, ""},
		{"round(2.5)", A, "3"},
		{"round(2.345, 2)", A, "2.35"},
		{"round(1234, -2)", A, "1200"},
		{"int(-2.7)", A, "-2"},
		{"floor(-2.5) + ceiling(2.1)", A, "0"},
		{"min(3, 1, 2) + max(/data/rep/x)", A, "21"},
		{"pow(2, 10) + sqrt(16) + abs(-1)", A, "1029"},
		{"round(exp10(2) + log10(100) + exp(0) + log(1), 3)", A, "103"},
		{"round(sin(0) + cos(0) + tan(0) + asin(0) + acos(1) + atan(0), 6)", A, "1"},
		{"round(atan2(0, 1) + pi(), 4)", A, "3.1416"},
		{"sum(/data/rep/x) * 2", A, "42"},
		{"string(/data/n div 2)", A, "3.5"},
		{"if(/data/n > 5, 'more', 'less')", A, "more"},
		{"if(/data/n > 5, 1, 2) + 1", A, "2"},
		{"1 < 2 = true()", A, "true"},
	};
	check_rows(*state, rows, ARRAY_LEN(rows));
}

static void
words_and_lists_are_as_in_odk(void **state)
{
	static const struct row rows[] = {
		{"selected(/data/a, 'two')", A, "true"},
		{"selected(/data/a, 'tw')", A, "false"},
		{"selected('', '')", A, "false"},
		{"selected-at(/data/a, 1)", A, "two"},
		{"selected-at(/data/a, 2)", A, ""},
		{"selected-at(/data/a, -1)", A, ""},
		{"count-selected(/data/a)", A, "2"},
		{"concat('a', 1, true())", A, "a1true"},
		{"concat(/data/rep/x)", A, "120"},
		{"join(', ', /data/rep/x)", A, "1, 20"},
		{"join('-', 'a', /data/n)", A, "a-7"},
		{"substr('hello', 1, 3)", A, "el"},
		{"substr(/data/g/b, 1)", A, "\xc3\xbc"},
		{"substr('hello', -3)", A, "llo"},
		{"substring('hello', 2, 2)", A, "el"},
		{"substring-before('a/b', '/')", A, "a"},
		{"substring-after('a/b', '/')", A, "b"},
		{"string-length(/data/g/b)", A, "2"},
		{"string-length(.)", A, "7"},
		{"contains('abc', 'b') and starts-with('abc', 'a') and ends-with('abc', 'bc')",
			A, "true"},
		{"ends-with('c', 'bc')", A, "false"},
		{"translate('abc', 'ab', 'x')", A, "xc"},
		{"normalize-space('  a   b ')", A, "a b"},
		{"coalesce(/data/g/c, /data/n)", A, "7"},
		{"coalesce('', '')", A, ""},
		{"once('new')", A, "one two"},
		{"once('new')", C, "new"},
		{"boolean-from-string('1') and not(boolean-from-string('yes'))", A, "true"},
		{"base64-decode('SGVsbG8=')", A, "Hello"},
		{"base64-decode('?')", A, ""},
		{"count-non-empty(/data/rep/y)", A, "1"},
		{"count(randomize(instance('list')/root/item))", A, "3"},
		{"checklist(1, 2, true(), false(), true())", A, "true"},
		{"checklist(-1, 0, true())", A, "false"},
		{"weighted-checklist(3, 5, true(), 2, true(), 2, false(), 9)", A, "true"},
		{"distance('0 0', '0 1')", A, "111318.85"},
		{"distance('0 0;0 1')", A, "111318.85"},
		{"distance(/data/shape) > 400000", A, "true"},
		{"round(area(/data/shape) div 1000000)", A, "12392"},
		{"geofence('0.5 0.5', /data/shape)", A, "true"},
		{"geofence('0.5 1.5 0 0', /data/shape)", A, "false"},
		{"name(/data/n)", A, "n"},
		{"\"it's\"", A, "it's"},
	};
	check_rows(*state, rows, ARRAY_LEN(rows));
}

static void
patterns_match_the_whole_text_in_letters(void **state)
{
	struct bench *b = *state;
	static const struct {
		const char *pattern;
		const char *text;
		bool matches;
	} rows[] = {
		{"[0-9]{3}", "123", true},
		{"[0-9]{3}", "1234", false},
		{"^[0-9]+$", "12", true},
		{"\\d+", "12", true},
		{"\\d+", "1x", false},
		{"\\D+", "\xc3\xbcx", true},
		{"\\D+",
			"\xc3\xbc"
			"1",
			false},
		{"[\\d\\s-]+", "1 2-3", true},
		{"\\w+@\\w+\\.\\w+", "a@b.c", true},
		{"\\w+@\\w+\\.\\w+", "a@b,c", false},
		{".{2}", "x\xc3\xbc", true},
		{".{2}", "\xc3\xbc", false},
		{"\xc3\xbc{2}", "\xc3\xbc\xc3\xbc", true},
		{"[a-z\xc3\xa4\xc3\xbc]+", "a\xc3\xbc", true},
		{"[a-z\xc3\xa4]+", "a\xc3\xbc", false},
		{"[^,]+", "a\xc3\xbc", true},
		{"[^,]+", "a,b", false},
		{"(?:ab)+", "abab", true},
		{"\\(\\+\\d\\)", "(+4)", true},
		{"a|b", "b", true},
		{"[.\\-]", "-", true},
		{"[\\]a]+", "a]", true},
		{"[\\w.-]+", "a-b.c", true},
		{"\\^", "^", true},
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		OWNED(xpath) struct xpath *x = NULL;
		OWNED_MEM char *text = xasprintf("regex(., '%s')", rows[i].pattern);
		if (xpath_compile(&x, text, NULL, -1) != OK)
			fail_msg("%s: %s", text, err_text());
		if (xpath_is_vague(x) || xpath_holds(x, rows[i].text) != rows[i].matches)
			fail_msg("%s of '%s'", text, rows[i].text);
	}
	(void)b;
}

static void
what_only_the_client_knows_is_told_apart(void **state)
{
	(void)state;
	static const char *const vague[] = {"random() < 0.5", "uuid() = .",
		"regex(., '(?=a)b')", "regex(., 'a+?')", "regex(., '(a)\\1')",
		"regex(., concat('a', 'b'))", "property('deviceid') = .",
		"digest(., 'MD5', 'hex') = 'x'", "regex(., '[\xc3\xa0-\xc3\xbf]')",
		"regex(., '[a-z&&[^b]]')"};
	for (size_t i = 0; i < ARRAY_LEN(vague); i++) {
		OWNED(xpath) struct xpath *x = NULL;
		assert_ok(xpath_compile(&x, vague[i], NULL, -1));
		if (!xpath_is_vague(x))
			fail_msg("%s is taken as known", vague[i]);
		assert_true(xpath_holds(x, "anything"));
	}
}

static void
faults_of_a_form_are_found_before_any_answer(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		const char *says;
	} rows[] = {
		{"", "not complete"},
		{"1 +", "not complete"},
		{"(1", "bracket"},
		{"(1 = 1", "bracket"},
		{"1)", "bracket"},
		{"/data/a]", "bracket"},
		{"()", "a value is wanted"},
		{"1 2", "an operator is wanted"},
		{"'x", "quote"},
		{"#", "no use"},
		{"$x", "a value is wanted"},
		{"1, 2", "comma"},
		{"nope(1)", "nope() is no function"},
		{"weir-n(1)", "no function"},
		{"selected(1)", "selected() wants 2"},
		{"true(1)", "takes 0 arguments at most"},
		{"count('a')", "wants nodes"},
		{"/data/zz", "'data' has no 'zz'"},
		{"/other/a", "the root of the form is 'data'"},
		{"/", "not complete"},
		{"../zz", "'data' has no 'zz'"},
		{"../../a", "above the root"},
		{"/data/rep[zz = 1]/x", "'rep' has no 'zz'"},
		{"instance('none')/root/item", "no such instance"},
		{"instance(/data/a)", "in quotes"},
		{"//a", "a value is wanted"},
		{"/data//a", "'//' is not"},
		{"following::a", "axis 'following'"},
		{"1 | 2", "sets of nodes"},
		{"if(1, 2)", "wants 3"},
		{"f(", "no function"},
		{"true(", "not complete"},
		{"selected(., )", "a value is wanted"},
		{"/data/a/", "a name is wanted"},
		{"current(1)", "takes no argument"},
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct xpath *x = NULL;
		if (xpath_compile(&x, rows[i].text, &scope, A) == OK)
			fail_msg("'%s' is taken", rows[i].text);
		if (!strstr(err_text(), rows[i].says))
			fail_msg("'%s': '%s' lacks '%s'", rows[i].text, err_text(),
				rows[i].says);
	}
	struct xpath *x = NULL;
	assert_err(xpath_compile(&x, ". > /data/n", NULL, -1), E_FORMAT);
	assert_err(xpath_compile(&x, "../n > 1", NULL, -1), E_FORMAT);
}

static void
text_of(struct buf *ret, const char *before, const char *one, size_t count, const char *behind)
{
	buf_init(ret, (size_t)1 << 20);
	buf_format(ret, "%s", before);
	for (size_t i = 0; i < count; i++)
		buf_add(ret, one, strlen(one));
	buf_add(ret, behind, strlen(behind) + 1);
}

static enum err
compile_of(const char *before, const char *one, size_t count, const char *behind)
{
	OWNED(xpath) struct xpath *x = NULL;
	OWNED_BUF struct buf text;
	text_of(&text, before, one, count, behind);
	return xpath_compile(&x, (const char *)text.at, &scope, A);
}

/* Each turn goes past all turns before it: that counts, or one submission takes minutes. */
static void
steps_of_functions_count(void **state)
{
	struct bench *b = *state;
	OWNED_BUF struct buf text;
	OWNED(xml) struct xml *many = NULL;
	OWNED(xpath) struct xpath *x = NULL;
	double n = 0;
	text_of(&text, "<data>", "<rep/>", 8000, "</data>");
	text.len--;
	assert_ok(xml_parse(&many, buf_view(&text)));
	for (const struct xml_node *i = xml_child(xml_root(many)); i; i = xml_next(i))
		xpath_world_put(b->world, REP, i);
	assert_ok(xpath_compile(&x, "position(..)", &scope, X));
	assert_ok(xpath_number(b->world, x, &n));
	assert_true(n == 8000);
	for (int i = 0; i < 6000 && xpath_number(b->world, x, &n) == OK; i++)
		;
	assert_err(xpath_number(b->world, x, &n), E_FULL);
}

static void
depth_length_and_steps_are_bounded(void **state)
{
	struct bench *b = *state;
	assert_err(compile_of("", "(", 1000, "1"), E_FULL);
	assert_err(compile_of("", "not(", 1000, "1"), E_FULL);
	assert_err(compile_of("", "-", 5000, "1"), E_FULL);
	assert_err(compile_of("1", " or 1", 2000, ""), E_FULL);
	assert_err(compile_of("1", " or 1", 900, ""), OK);
	assert_err(compile_of("'", "x", 20000, "'"), E_FULL);
	assert_err(compile_of("/data", "/../data", 2, ""), E_FORMAT);
	OWNED(xpath) struct xpath *x = NULL;
	OWNED_BUF struct buf deep;
	text_of(&deep, "count(", "instance('list')/root/item[", 13, "name = 'x']]]]]]]]]]]]])");
	assert_ok(xpath_compile(&x, (const char *)deep.at, &scope, A));
	double n;
	assert_err(xpath_number(b->world, x, &n), E_FULL);
	OWNED(xpath) struct xpath *small = NULL;
	assert_ok(xpath_compile(&small, "1 + 1", &scope, A));
	assert_ok(xpath_number(b->world, small, &n));
	assert_true(n == 2);
}

static void
knows_what_an_expression_reads(void **state)
{
	(void)state;
	OWNED(xpath) struct xpath *x = NULL, *alone = NULL;
	size_t count;
	assert_ok(xpath_compile(&x, ". > ../n and /data/rep[x = 1]/y = /data/n", &scope, A));
	const int *uses = xpath_uses(x, &count);
	assert_int_equal(count, 4);
	assert_int_equal(uses[0], N);
	assert_int_equal(uses[1], REP);
	assert_int_equal(uses[2], X);
	assert_int_equal(uses[3], Y);
	assert_false(xpath_is_alone(x));
	assert_ok(xpath_compile(&alone, ". >= 0 and . <= 99 or regex(., 'x')", &scope, A));
	assert_true(xpath_is_alone(alone));
}

static void
one_answer_is_held_against_its_condition(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		const char *answer;
		bool holds;
	} rows[] = {
		{". >= 0 and . <= 99", "50", true},
		{". >= 0 and . <= 99", "100", false},
		{". >= 0 and . <= 99", "", true},
		{". = 'yes'", "yes", true},
		{". = 'yes'", "no", false},
		{"not(selected(., 'none') and count-selected(.) > 1)", "none a", false},
		{"not(selected(., 'none') and count-selected(.) > 1)", "a b", true},
		{"string-length(.) < 5", "\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc", true},
		{". <= '2020-01-01'", "2021-01-01", false},
		{". != 5", "5", false},
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		OWNED(xpath) struct xpath *x = NULL;
		assert_ok(xpath_compile(&x, rows[i].text, NULL, -1));
		if (xpath_holds(x, rows[i].answer) != rows[i].holds)
			fail_msg("%s of %s", rows[i].text, rows[i].answer);
	}
}

static void
an_item_is_found_in_what_a_filter_leaves(void **state)
{
	struct bench *b = *state;
	OWNED(xpath) struct xpath *x = NULL;
	assert_ok(xpath_compile(&x, "instance('list')/root/item[f = 'p']", &scope, A));
	bool found;
	assert_ok(xpath_finds(b->world, x, "name", "k3", &found));
	assert_true(found);
	assert_ok(xpath_finds(b->world, x, "name", "k2", &found));
	assert_false(found);
	assert_ok(xpath_finds(b->world, x, "none", "k3", &found));
	assert_false(found);
}

static void
a_node_is_true_by_its_value(void **state)
{
	struct bench *b = *state;
	static const struct {
		const char *text;
		bool is;
	} rows[] = {{"/data/a", true}, {"/data/g/c", false}, {"1", true}, {"0", false},
		{"''", false}, {"/data/rep", true}};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		OWNED(xpath) struct xpath *x = NULL;
		bool is;
		assert_ok(xpath_compile(&x, rows[i].text, &scope, A));
		assert_ok(xpath_bool(b->world, x, &is));
		if (is != rows[i].is)
			fail_msg("%s", rows[i].text);
	}
	xpath_world_put(b->world, N, NULL);
	OWNED(xpath) struct xpath *gone = NULL;
	bool is;
	assert_ok(xpath_compile(&gone, "/data/n = '' and /data/n != 7", &scope, A));
	assert_ok(xpath_bool(b->world, gone, &is));
	assert_true(is);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(paths_lead_where_odk_says, setup, teardown),
		cmocka_unit_test_setup_teardown(
			numbers_and_dates_compare_as_in_odk, setup, teardown),
		cmocka_unit_test_setup_teardown(words_and_lists_are_as_in_odk, setup, teardown),
		cmocka_unit_test_setup_teardown(
			patterns_match_the_whole_text_in_letters, setup, teardown),
		cmocka_unit_test(what_only_the_client_knows_is_told_apart),
		cmocka_unit_test(faults_of_a_form_are_found_before_any_answer),
		cmocka_unit_test_setup_teardown(
			depth_length_and_steps_are_bounded, setup, teardown),
		cmocka_unit_test_setup_teardown(steps_of_functions_count, setup, teardown),
		cmocka_unit_test(knows_what_an_expression_reads),
		cmocka_unit_test(one_answer_is_held_against_its_condition),
		cmocka_unit_test_setup_teardown(
			an_item_is_found_in_what_a_filter_leaves, setup, teardown),
		cmocka_unit_test_setup_teardown(a_node_is_true_by_its_value, setup, teardown),
	};
	return cmocka_run_group_tests_name("xpath", tests, NULL, NULL);
}
