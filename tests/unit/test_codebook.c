#include "tests/unit/suite.h"

#include "common/base/mem.h"
#include "common/study/derive.h"

#include "tests/unit/sheets.h"

#define SURVEY                                                                                 \
	"type,name,label,weir_goes,required,weir_list\n"                                       \
	"text,participant,Code,site,yes,\ninteger,age,Age,hub,,\n"                             \
	"select_one depth,depth,D,hub,,\n"                                                     \
	"select_one sex,sex,S,open,yes,\nselect_one sex,other,O,hub,,\n"                       \
	"select_one agree,agree,A,hub,yes,\nselect_multiple goal,goals,G,hub,,\n"              \
	"select_one sex,kept,K,site,,\n"                                                       \
	"begin repeat,view,View,,,\ncalculate,goal,Goal,hub,,goal\n"                           \
	"integer,got,Got,hub,,\nselect_multiple goal,inner,I,hub,,\nend repeat,view,,,,\n"
#define CHOICES                                                                                \
	"list_name,name,label\ndepth,1,Low\ndepth,3,High\nsex,f,Female\nsex,m,Male\n"          \
	"agree,1,No\nagree,2,Yes\nagree,88,Cannot say\n"                                       \
	"goal,home,Home\ngoal,work,Work\ngoal,99,Rather not say\n"
#define SITE                                                                                   \
	"type,name,label,weir_goes,required,weir_list\ninteger,beds,Beds,hub,,\n"              \
	"integer,people,People,hub,,\ninteger,secret,Secret,site,,\n"                          \
	"select_one sex,sex,S,hub,,\n"
#define HEAD                                                                                   \
	"id,label,family,level,stakeholder,form,derivation,by,scale_lo,scale_hi,unit,"         \
	"direction,statistics,denominator,min_n,missing_rule,defined_by,seed_theme,"           \
	"factor_group,network_criterion\n"

/* What indicators of a test are made of. */
struct row {
	const char *derivation, *by, *statistics;
	const char *form;    /* NULL: test */
	const char *scale;   /* "lo,hi"; NULL: "1,5" */
	const char *missing; /* NULL: skip */
};

struct world {
	struct form *forms[2];
	struct missing_codes missing;
	struct group_rule groups[3];
	struct faults *faults;
	struct codebook *book;
};

static void
world_open(struct world *w)
{
	*w = (struct world){.faults = faults_new()};
	w->forms[0] = sheets_form_of("test", SURVEY, CHOICES);
	w->forms[1] = sheets_form_of("site", SITE, CHOICES);
	w->forms[1]->per_site = true;
	assert_ok(missing_add(&w->missing, "88", "cannot_say"));
	assert_ok(missing_add(&w->missing, "99", "refused"));
	assert_ok(group_rule_make(&w->groups[0], "public", w->forms[0], "", &w->missing));
	assert_ok(group_rule_make(&w->groups[1], "site", w->forms[1], "", &w->missing));
	assert_ok(group_rule_make(&w->groups[2], "fieldwork", NULL, "", &w->missing));
}

static void
world_close(struct world *w)
{
	codebook_free(w->book);
	for (size_t i = 0; i < 3; i++)
		group_rule_done(&w->groups[i]);
	sheets_form_free(w->forms[0]);
	sheets_form_free(w->forms[1]);
	faults_free(w->faults);
}
#define OWNED_WORLD OWNED_BY(world_close)

static const char *
group_of(const char *form)
{
	if (strcmp(form, "test") == 0)
		return "public";
	if (strcmp(form, "test;site") == 0)
		return "public;site";
	return strcmp(form, "system") == 0 ? "fieldwork" : "site";
}

/* Reads the rows as T01, T02, ... */
static void
load_text(struct world *w, const char *text)
{
	const struct codebook_source source = {.text = view_text(text),
		.file = "codebook.csv",
		.forms = w->forms,
		.form_count = 2,
		.groups = w->groups,
		.group_count = 3,
		.missing = &w->missing};
	w->book = codebook_load(&source, w->faults);
}

static void
load(struct world *w, const struct row *rows, size_t count)
{
	OWNED_BUF struct buf text;
	buf_init(&text, (size_t)1 << 20);
	buf_format(&text, "%s", HEAD);
	for (size_t i = 0; i < count; i++) {
		const char *form = rows[i].form ? rows[i].form : "test";
		buf_format(&text,
			"T%02zu,Test,outcome,study,%s,%s,\"%s\",%s,%s,score,neither,%s,people,"
			"10,%s,researchers,test,,\n",
			i + 1, group_of(form), form, rows[i].derivation,
			rows[i].by ? rows[i].by : "", rows[i].scale ? rows[i].scale : "1,5",
			rows[i].statistics, rows[i].missing ? rows[i].missing : "skip");
	}
	buf_u8(&text, 0);
	load_text(w, (const char *)text.at);
}

static const struct indicator *
first(const struct world *w)
{
	if (!w->book)
		fail_msg("%s", w->faults->count ? w->faults->items[0].reason : "no book");
	return &w->book->indicators[0];
}

static void
what_fits_is_taken(void **state)
{
	(void)state;
	static const struct row rows[] = {
		{"value(age)", "", "n;missing;mean;interval;sd;median;sum", NULL, NULL, NULL},
		{"value(age)", "", "n;share_negative;share_positive", NULL, ",", NULL},
		{"value(depth)", "sex x depth x other", "n;distribution;interval", NULL, NULL,
			NULL},
		{"value(sex)", "sex", "n;distribution;interval", NULL, ",", NULL},
		{"age > 3", "sex", "n;count;proportion;interval;rank", NULL, "0,1", NULL},
		{"mean(age, depth; min=0.5)", "", "n;alpha", NULL, NULL, "scale"},
		{"chosen(goals, key)", "goals", "n;count;proportion;rank", NULL, "0,1", NULL},
		{"value(got)", "goal", "n;mean;sd", NULL, NULL, NULL},
		{"got >= age", "goal", "n;count", NULL, "0,1", NULL},
		{"value(beds)", "", "n;value;funnel:people", "site", "0,", NULL},
		{"count(view)", "", "n;mean", NULL, "0,", NULL},
		{"sex = 'f'", "", "n;count", NULL, "0,1", "never"},
		{"system:response", "", "n;count;proportion;interval", "system", "0,1",
			"system"},
		{"system:coded_new", "", "n;count", NULL, "0,", "system"},
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		OWNED_WORLD struct world w;
		world_open(&w);
		load(&w, &rows[i], 1);
		if (!w.book || w.faults->count)
			fail_msg("%s: %s", rows[i].derivation, w.faults->items[0].reason);
	}
}

static const struct {
	struct row row;
	const char *says;
} refusals[] = {
	{{"value(nothing)", "", "n", NULL, NULL, NULL}, "there is no item 'nothing'"},
	{{"value(participant)", "", "n", NULL, NULL, NULL}, "no words"},
	{{"kept = 'f'", "", "n", NULL, "0,1", NULL}, "'kept' stays at the site"},
	{{"1 = 1", "", "n", NULL, "0,1", NULL}, "names no item"},
	{{"age", "", "n", NULL, NULL, NULL}, "is written value(item)"},
	{{"T01 + 1", "", "n", NULL, NULL, NULL}, "refers to itself"},
	{{"T99 + 1", "", "n", NULL, NULL, NULL}, "there is no indicator T99"},
	{{"value(age)", "age", "n", NULL, NULL, NULL}, "'age' has no choice list"},
	{{"value(age)", "kept", "n", NULL, NULL, NULL}, "'kept' stays at the site"},
	{{"value(age)", "sex x sex", "n", NULL, NULL, NULL}, "'sex' stands twice"},
	{{"value(age)", "nothing", "n", NULL, NULL, NULL}, "there is no item 'nothing'"},
	{{"value(age)", "sex x other x depth x agree", "n", NULL, NULL, NULL}, "more than 3"},
	{{"value(age)", "sex x goals", "n", NULL, NULL, NULL}, "only select_one items"},
	{{"value(age)", "sex x goal", "n", NULL, NULL, NULL}, "only select_one items"},
	{{"value(age)", "goals", "n", NULL, NULL, NULL}, "without key"},
	{{"value(age)", "inner", "n", NULL, NULL, NULL}, "select_multiple inside a repeat"},
	{{"value(got)", "", "n", NULL, NULL, NULL}, "used outside it"},
	{{"count(view)", "goal", "n", NULL, NULL, NULL}, "stands inside a repeat"},
	{{"value(age)", "", "mean;n", NULL, NULL, NULL}, "n has to be the first"},
	{{"value(age)", "", "n;n", NULL, NULL, NULL}, "'n' stands twice"},
	{{"value(age)", "", "n;most", NULL, NULL, NULL}, "'most' is not known"},
	{{"value(age)", "", "n;mean:age", NULL, NULL, NULL}, "'mean:age' is not known"},
	{{"value(age)", "", "n;interval", NULL, NULL, NULL}, "an interval stands behind"},
	{{"value(age)", "", "n;median;interval", NULL, NULL, NULL}, "an interval stands"},
	{{"value(age)", "", "n;proportion", NULL, NULL, NULL}, "'proportion' does not fit"},
	{{"value(age)", "", "n;difference", NULL, NULL, NULL}, "'difference' does not fit"},
	{{"value(sex)", "", "n;mean", NULL, ",", NULL}, "'mean' does not fit"},
	{{"sex = 'f'", "", "n;distribution", NULL, "0,1", NULL}, "does not fit"},
	{{"value(age)", "", "n;alpha", NULL, NULL, NULL}, "alpha is of a mean()"},
	{{"1 + mean(age, depth)", "", "n;alpha", NULL, NULL, NULL}, "alpha is of a mean()"},
	{{"value(age)", "", "n;value", NULL, NULL, NULL}, "forms with one record a site"},
	{{"value(age)", "", "n;rank", NULL, NULL, NULL}, "rank is of an indicator with a by"},
	{{"value(beds)", "", "n;value;funnel:sex", "site", NULL, NULL}, "is no number"},
	{{"value(beds)", "", "n;value;funnel:secret", "site", NULL, NULL}, "stays at the site"},
	{{"value(beds)", "", "n;funnel:people", "site", NULL, NULL}, "behind value"},
	{{"value(beds)", "", "n;value;funnel", "site", NULL, NULL}, "'funnel' is not known"},
	{{"value(age)", "", "", NULL, NULL, NULL}, "this cell is empty"},
	{{"value(age)", "", "n;distribution", NULL, "1,", NULL}, "whole ends of the scale"},
	{{"value(age)", "", "n", NULL, "5,1", NULL}, "has to be above scale_lo"},
	{{"value(age)", "", "n", NULL, "x,1", NULL}, "not a number"},
	{{"sex = 'f'", "", "n", NULL, "0,2", NULL}, "true or false runs from 0 to 1"},
	{{"value(sex)", "", "n", NULL, "0,1", NULL}, "codes have no scale"},
	{{"value(age)", "", "n", NULL, NULL, "scale"}, "scale goes with min="},
	{{"mean(age; need=1)", "", "n", NULL, NULL, "skip"}, "scale goes with min="},
	{{"value(age)", "", "n", NULL, NULL, "never"}, "'age' can be without an answer"},
	{{"agree = 1", "", "n", NULL, "0,1", "never"}, "'agree' can be without an answer"},
	{{"value(age)", "", "n", NULL, NULL, "system"}, "system is for system counts"},
	{{"value(age)", "", "n", NULL, NULL, "often"}, "'often' is not known"},
	{{"value(day)", "", "n", "nowhere", NULL, NULL}, "there is no form 'nowhere'"},
	{{"value(age)", "", "n", "test;site", NULL, NULL}, "has one form"},
	{{"value(age)", "", "n", "system", NULL, NULL}, "only system counts have none"},
	{{"system:weather", "", "n", "system", NULL, "system"}, "no such system count"},
	{{"system:kept", "sex", "n", "system", NULL, "system"}, "has no by"},
	{{"system:kept", "", "n", "system", NULL, "skip"}, "it is system"},
	{{"system:kept", "", "n;mean", "system", NULL, "system"}, "'mean' does not fit"},
};

static void
what_does_not_fit_is_refused_in_words(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(refusals); i++) {
		OWNED_WORLD struct world w;
		bool said = false;
		world_open(&w);
		load(&w, &refusals[i].row, 1);
		assert_null(w.book);
		assert_true(w.faults->errors > 0);
		for (size_t k = 0; k < w.faults->count; k++)
			said = said || strstr(w.faults->items[k].reason, refusals[i].says);
		if (!said)
			fail_msg("%s: '%s' lacks '%s'", refusals[i].row.derivation,
				w.faults->items[0].reason, refusals[i].says);
		assert_int_equal(w.faults->items[0].row, 2);
	}
}

/* ---- indicators of other indicators ---- */

#define SHARE "n;count;proportion"

static const struct {
	struct row rows[4];
	size_t count;
	const char *says; /* NULL: taken */
} sets[] = {
	{{{"T02 + T03", "", "n", NULL, NULL, NULL}, {"value(age)", "", "n", NULL, NULL, NULL},
		 {"T02 * 2", "", "n", NULL, NULL, NULL}},
		3, NULL},
	{{{"T02 + 1", "", "n", NULL, NULL, NULL}, {"T01 + age", "", "n", NULL, NULL, NULL}}, 2,
		"refers to itself"},
	{{{"T02 + 1", "", "n", NULL, NULL, NULL}, {"age > 1", "", "n", NULL, "0,1", NULL}}, 2,
		"arithmetic takes a number, this is a condition"},
	{{{"T02 and sex = 'f'", "", "n", NULL, "0,1", NULL},
		 {"age > 1", "", "n", NULL, "0,1", NULL}},
		2, NULL},
	{{{"T02 + 1", "", "n", NULL, NULL, NULL}, {"value(age)", "sex", "n", NULL, NULL, NULL}},
		2, "T02 has a by"},
	{{{"T02 + 1", "", "n", NULL, NULL, NULL}, {"value(beds)", "", "n", "site", NULL, NULL}},
		2, "T02 is not worked out from a record of this form"},
	{{{"T02.mean - T03.mean", "sex", "n;difference;interval", "test;site", NULL, NULL},
		 {"value(age)", "sex", "n;mean;sd", NULL, NULL, NULL},
		 {"value(beds)", "sex", "n;mean;sd", "site", NULL, NULL}},
		3, NULL},
	{{{"T02.mean - T03.mean", "sex", "n;difference;interval", "test;site", NULL, NULL},
		 {"value(age)", "sex", "n;mean;sd", NULL, NULL, NULL},
		 {"value(beds)", "sex", "n;mean", "site", NULL, NULL}},
		3, "needs T03.sd"},
	{{{"T02.mean - T03.median", "sex", "n;difference;interval", "test", NULL, NULL},
		 {"value(age)", "sex", "n;mean;sd", NULL, NULL, NULL},
		 {"value(age)", "sex", "n;median;sd", NULL, NULL, NULL}},
		3, "the interval of a difference is of"},
	{{{"T02.mean + T03.mean", "sex", "n;difference", "test", NULL, NULL},
		 {"value(age)", "sex", "n;mean;sd", NULL, NULL, NULL},
		 {"value(depth)", "sex", "n;mean;sd", NULL, NULL, NULL}},
		3, "difference is of a - b"},
	{{{"T02.mean - T03.mean", "sex", "n;difference", "test", NULL, NULL},
		 {"value(age)", "sex", "n;mean;sd", NULL, NULL, NULL},
		 {"value(depth)", "agree", "n;mean;sd", NULL, NULL, NULL}},
		3, "of different lists"},
	{{{"T02.mean - T03.mean", "", "n;difference", "test", NULL, NULL},
		 {"value(age)", "sex", "n;mean;sd", NULL, NULL, NULL},
		 {"value(depth)", "sex", "n;mean;sd", NULL, NULL, NULL}},
		3, "T02 has a by"},
	{{{"T02.mean - 1", "sex", "n;ratio", "test", NULL, NULL},
		 {"value(age)", "", "n;mean", NULL, NULL, NULL}},
		2, "T02 has no one key"},
	{{{"T02.mean - 1", "", "n;ratio", "test;site", NULL, NULL},
		 {"value(age)", "", "n;mean", NULL, NULL, NULL}},
		2, "does not reach 'site'"},
	{{{"T02.mean - 1", "", "n;ratio", "site", NULL, NULL},
		 {"value(age)", "", "n;mean", NULL, NULL, NULL}},
		2, "reaches 'test', too"},
	{{{"T02.interval", "", "n;ratio", "test", NULL, NULL},
		 {"value(age)", "", "n;mean;interval", NULL, NULL, NULL}},
		2, "interval is not one number"},
	{{{"T02.mean > 1", "", "n", "test", "0,1", NULL},
		 {"value(age)", "", "n;mean", NULL, NULL, NULL}},
		2, "a cell expression gives a number"},
	{{{"T02.mean + age", "", "n;ratio", "test", NULL, NULL},
		 {"value(age)", "", "n;mean", NULL, NULL, NULL}},
		2, "'age' cannot stand beside statistics"},
	{{{"mean(T02.mean, 1)", "", "n;ratio", "test", NULL, NULL},
		 {"value(age)", "", "n;mean", NULL, NULL, NULL}},
		2, "'mean()' cannot stand beside statistics"},
	{{{"count(keys, T02.proportion > 0.5)", "", "n;ratio", "test", NULL, NULL},
		 {"chosen(goals, key)", "goals", SHARE, NULL, "0,1", NULL}},
		2, NULL},
	{{{"count(keys, T02.proportion > 0.5 and T03.mean > 1) / T04.n", "", "n;ratio", "test",
		  NULL, NULL},
		 {"chosen(goals, key)", "goals", SHARE, NULL, "0,1", NULL},
		 {"value(got)", "goal", "n;mean", NULL, NULL, NULL},
		 {"value(age)", "", "n", NULL, NULL, NULL}},
		4, NULL},
	{{{"count(keys, T02.proportion > 0.5)", "goals", "n;ratio", "test", NULL, NULL},
		 {"chosen(goals, key)", "goals", SHARE, NULL, "0,1", NULL}},
		2, "uses the keys up"},
	{{{"count(keys, T02.proportion > 0.5 or T03.n > 1)", "", "n;ratio", "test", NULL, NULL},
		 {"chosen(goals, key)", "goals", SHARE, NULL, "0,1", NULL},
		 {"value(age)", "", "n", NULL, NULL, NULL}},
		3, "T03 has no one key"},
	{{{"T02.ratio + T02.n", "", "n;ratio", "test", NULL, NULL},
		 {"T03.n + 1", "", "n;ratio", "test", NULL, NULL},
		 {"value(age)", "", "n", NULL, NULL, NULL}},
		3, NULL},
};

static void
indicators_refer_to_what_fits(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(sets); i++) {
		OWNED_WORLD struct world w;
		bool said = false;
		world_open(&w);
		load(&w, sets[i].rows, sets[i].count);
		for (size_t k = 0; k < w.faults->count; k++)
			said = said || (sets[i].says &&
					       strstr(w.faults->items[k].reason, sets[i].says));
		if (sets[i].says ? !said : !w.book)
			fail_msg("%zu %s: '%s', not '%s'", i, sets[i].rows[0].derivation,
				w.faults->count ? w.faults->items[0].reason : "taken",
				sets[i].says ? sets[i].says : "taken");
	}
}

/* ---- the columns that make an indicator one ---- */

static void
an_indicator_without_family_source_or_definition_is_refused(void **state)
{
	(void)state;
	static const struct {
		const char *cells, *column;
	} rows[] = {
		{"T01,Test,,study,public,test,value(age),,1,5,score,neither,n,people,10,skip,"
		 "researchers,test,,",
			"family"},
		{"T01,Test,outcome,study,public,test,value(age),,1,5,score,neither,n,people,10,"
		 "skip,,test,,",
			"defined_by"},
		{"T01,Test,outcome,study,public,test,value(age),,1,5,score,neither,n,,10,skip,"
		 "researchers,test,,",
			"denominator"},
		{"T01,Test,outcome,study,public,test,,,1,5,score,neither,n,people,10,skip,"
		 "researchers,test,,",
			"derivation"},
		{"T01,Test,outcome,local,public,test,value(age),,1,5,score,neither,n,people,10,"
		 "skip,residents,,,",
			"seed_theme"},
		{"T01,Test,other,study,public,test,value(age),,1,5,score,neither,n,people,10,"
		 "skip,researchers,test,,",
			"family"},
		{"T1,Test,outcome,study,public,test,value(age),,1,5,score,neither,n,people,10,"
		 "skip,researchers,test,,",
			"id"},
		{"T01,Test,outcome,study,nobody,test,value(age),,1,5,score,neither,n,people,10,"
		 "skip,researchers,test,,",
			"stakeholder"},
		{"T01,Test,outcome,study,site,test,value(age),,1,5,score,neither,n,people,10,"
		 "skip,researchers,test,,",
			"stakeholder"},
		{"T01,Test,outcome,study,public,test,value(age),,1,5,score,neither,n,people,0,"
		 "skip,researchers,test,,",
			"min_n"},
		{"T01,Test,outcome,study,public,test,value(age),,1,5,score,neither,n,people,10,"
		 "skip,researchers,test,,range_of_what",
			"network_criterion"},
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		OWNED_WORLD struct world w;
		OWNED_MEM char *text = xasprintf("%s%s\n", HEAD, rows[i].cells);
		world_open(&w);
		load_text(&w, text);
		assert_null(w.book);
		assert_string_equal(w.faults->items[0].column, rows[i].column);
		assert_int_equal(w.faults->items[0].row, 2);
	}
}

static void
an_id_stands_once(void **state)
{
	(void)state;
	OWNED_WORLD struct world w;
	static const char row[] = "T01,Test,outcome,study,public,test,value(age),,1,5,score,"
				  "neither,n,people,10,skip,researchers,test,,\n";
	OWNED_MEM char *text = xasprintf("%s%s%s", HEAD, row, row);
	world_open(&w);
	load_text(&w, text);
	assert_null(w.book);
	assert_string_equal(w.faults->items[0].reason, "the id 'T01' stands twice");
	assert_int_equal(w.faults->items[0].row, 3);
}

/* ---- codes ---- */

static void
missing_codes_are_no_levels_and_no_keys(void **state)
{
	(void)state;
	OWNED_WORLD struct world w;
	char name[CODEBOOK_LEVEL_BYTES];
	world_open(&w);
	load(&w, &(struct row){"value(agree)", "agree", "n;distribution", NULL, NULL, NULL}, 1);
	const struct indicator *i = first(&w);
	assert_int_equal(codebook_level_count(i), 2);
	codebook_level_name(i, 1, name);
	assert_string_equal(name, "2");
	assert_int_equal(i->by[0].codes.count, 2);
	assert_string_equal(codebook_key_code(&i->by[0], 1), "2");
	assert_int_equal(codebook_key_of_code(&i->by[0], "2"), 1);
	assert_int_equal(codebook_key_of_code(&i->by[0], "88"), -1);
	assert_int_equal(codebook_key_of_code(&i->by[0], "x"), -1);
	const struct expr_value v = {.present = true, .place = 1, .number = 2};
	assert_int_equal(codebook_level(i, &v), 1);
	assert_int_equal(codebook_key(&i->by[0], &v), 1);
	assert_int_equal(codebook_level(i, &(struct expr_value){.place = 1}), -1);
	assert_int_equal(codebook_key(&i->by[0], &(struct expr_value){.place = 1}), -1);
}

static void
a_distribution_without_a_list_runs_over_the_scale(void **state)
{
	(void)state;
	OWNED_WORLD struct world w;
	char name[CODEBOOK_LEVEL_BYTES];
	static const struct {
		double number;
		int level;
	} rows[] = {{5, 4}, {4.5, 4}, {4.4, 3}, {1, 0}, {0.5, 0}, {0.4, -1}, {5.5, -1}};
	world_open(&w);
	load(&w, &(struct row){"mean(age, depth)", "", "n;distribution", NULL, NULL, NULL}, 1);
	const struct indicator *i = first(&w);
	assert_int_equal(codebook_level_count(i), 5);
	codebook_level_name(i, 4, name);
	assert_string_equal(name, "5");
	for (size_t k = 0; k < ARRAY_LEN(rows); k++) {
		const struct expr_value v = {.present = true, .number = rows[k].number};
		assert_int_equal(codebook_level(i, &v), rows[k].level);
	}
	assert_int_equal(codebook_level(i, &(struct expr_value){.present = false}), -1);
}

static void
crossed_variables_give_one_row(void **state)
{
	(void)state;
	OWNED_WORLD struct world w;
	world_open(&w);
	load(&w,
		&(struct row){
			"value(depth)", "sex x depth", "n;distribution", NULL, NULL, NULL},
		1);
	const struct indicator *i = first(&w);
	OWNED(record) struct record *r = record_new(w.forms[0], NULL, &w.missing);
	OWNED(derive) struct derive *d = derive_new(w.book);
	assert_ok(record_put(r, "depth", "3"));
	derive_record(d, r);
	assert_int_equal(derive_rows(d, i), 1);
	const struct derive_row row = derive_row(d, i, 0);
	assert_int_equal(row.keys[0], -1);
	assert_int_equal(row.keys[1], 1);
	assert_int_equal(row.value.number, 3);
	assert_int_equal(codebook_level(i, &row.value), 1);
	assert_string_equal(codebook_statistic_word(CODEBOOK_SHARE_NEGATIVE), "share_negative");
	assert_int_equal(codebook_type(i), EXPR_NUMBER);
	assert_true(codebook_asks(i, CODEBOOK_DISTRIBUTION));
	assert_null(codebook_find(w.book, "T02"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_fits_is_taken),
		cmocka_unit_test(what_does_not_fit_is_refused_in_words),
		cmocka_unit_test(indicators_refer_to_what_fits),
		cmocka_unit_test(an_indicator_without_family_source_or_definition_is_refused),
		cmocka_unit_test(an_id_stands_once),
		cmocka_unit_test(missing_codes_are_no_levels_and_no_keys),
		cmocka_unit_test(a_distribution_without_a_list_runs_over_the_scale),
		cmocka_unit_test(crossed_variables_give_one_row),
	};
	return cmocka_run_group_tests_name("codebook", tests, NULL, NULL);
}
