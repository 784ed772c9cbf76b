#include "tests/unit/suite.h"

#include "common/base/mem.h"
#include "common/codec/csv.h"
#include "common/codec/json.h"
#include "common/study/derive.h"

#include "tests/unit/partnership.h"
#include "tests/unit/sheets.h"

#define RESULT_BYTES   128
#define MAX_REFERENCES 16
#define MAX_KEYS       16

/* ---- the lines of examples.csv ---- */

static void
put(struct record *r, const struct json *from, const struct form_field *f, const char *path)
{
	const char *value;
	if (!json_has(from, f->name))
		return;
	assert_ok(json_get_text(from, f->name, FORM_MAX_TEXT_BYTES, &value));
	assert_ok(record_put(r, path, value));
}

static void
put_instances(struct record *r, const struct json *answers, const struct form *f, size_t repeat)
{
	const struct json *list, *item;
	const char *path = f->repeats[repeat].path;
	if (!json_has(answers, f->repeats[repeat].name))
		return;
	assert_ok(json_get_array(answers, f->repeats[repeat].name, 100, &list));
	for (size_t n = 0; n < json_count(list); n++) {
		OWNED_MEM char *turn = xasprintf("%s[%zu]", path, n + 1);
		assert_ok(json_item_object(list, n, "instance", &item));
		assert_ok(record_put(r, turn, ""));
		for (size_t i = 0; i < f->field_count; i++) {
			if (f->fields[i].repeat != (int)repeat)
				continue;
			OWNED_MEM char *leaf =
				xasprintf("%s%s", turn, f->fields[i].path + strlen(path));
			put(r, item, &f->fields[i], leaf);
		}
	}
}

static void
fill(struct record *r, const struct json *answers, const struct form *f)
{
	for (size_t i = 0; i < f->field_count; i++)
		if (f->fields[i].repeat < 0)
			put(r, answers, &f->fields[i], f->fields[i].path);
	for (size_t i = 0; i < f->repeat_count; i++)
		put_instances(r, answers, f, i);
}

/* The number behind "name": in the text, from `from`; false when it is not there. */
static bool
number_in(const char *from, const char *name, double *ret)
{
	OWNED_MEM char *wanted = xasprintf("\"%s\":", name);
	const char *end = strchr(from, '}');
	const char *at = strstr(from, wanted);
	if (!at || !end || at > end)
		return false;
	*ret = strtod(at + strlen(wanted), NULL);
	return true;
}

static void
show(char ret[static RESULT_BYTES], const struct expr *x, const struct expr_value *v)
{
	if (!v->present)
		(void)snprintf(ret, RESULT_BYTES, "missing:%s", missing_word(v->why));
	else if (expr_type_of(x) == EXPR_BOOL)
		(void)snprintf(ret, RESULT_BYTES, "%s", v->number != 0 ? "true" : "false");
	else if (expr_type_of(x) == EXPR_CODE)
		(void)snprintf(ret, RESULT_BYTES, "'%s'", expr_list(x)->choices[v->place].code);
	else
		(void)snprintf(ret, RESULT_BYTES, "%.12g", v->number);
}

struct line {
	const struct partnership *pack;
	const char *form, *by, *expression, *answers;
};

static void
result_of_record(const struct line *l, const struct expr *x, char ret[static RESULT_BYTES])
{
	const struct form *f = partnership_form(l->pack, l->form);
	OWNED(json) struct json *answers = NULL;
	OWNED(record) struct record *r = record_new(f, NULL, &l->pack->missing);
	OWNED(derive) struct derive *d = derive_new(l->pack->book);
	struct expr_value values[MAX_REFERENCES] = {{0}};
	const char *key, *instance = strstr(l->answers, "\"instance\":");
	size_t count;
	assert_ok(json_parse(&answers, view_text(l->answers), FORM_MAX_TEXT_BYTES));
	fill(r, answers, f);
	derive_record(d, r);
	const struct expr_reference *refs = expr_references(x, &count);
	for (size_t i = 0; i < count; i++)
		values[i] =
			derive_row(d, &l->pack->book->indicators[refs[i].indicator], 0).value;
	struct expr_env env = {.record = r, .key = -1, .references = values};
	if (instance)
		env.instance = strtoul(strchr(instance, ',') + 1, NULL, 10);
	if (json_has(answers, "key")) {
		assert_ok(json_get_text(answers, "key", 100, &key));
		env.key = form_choice(f->fields[form_field(f, l->by)].list, key);
	}
	const struct expr_value v = expr_value_of(x, &env);
	show(ret, x, &v);
}

/* One row of figures, of the key whose cell begins at `cell`. */
static void
read_row(const struct line *l, const struct expr *x, const char *cell, struct expr_value *ret)
{
	size_t count;
	const struct expr_reference *refs = expr_references(x, &count);
	for (size_t i = 0; i < count; i++) {
		OWNED_MEM char *name = xasprintf("%s.%s",
			l->pack->book->indicators[refs[i].indicator].id,
			codebook_statistic_word((enum codebook_statistic)refs[i].statistic));
		ret[i] = (struct expr_value){.place = -1};
		ret[i].present = cell && number_in(cell, name, &ret[i].number);
	}
}

static void
result_of_cell(const struct line *l, const struct expr *x, char ret[static RESULT_BYTES])
{
	const struct form *f = partnership_form(l->pack, "staff_p1");
	const struct form_list *list = f->fields[form_field(f, "intended")].list;
	struct expr_value keys[MAX_KEYS * MAX_REFERENCES] = {{0}};
	struct expr_value row[MAX_REFERENCES] = {{0}};
	struct expr_env env = {.key = -1, .references = row, .keys = keys};
	size_t width;
	(void)expr_references(x, &width);
	for (size_t i = 0; i < list->count && env.key_count < MAX_KEYS; i++) {
		OWNED_MEM char *name = xasprintf("\"%s\":{", list->choices[i].code);
		OWNED_MEM char *key = xasprintf("\"key\":\"%s\"", list->choices[i].code);
		const char *cell = strstr(l->answers, name);
		if (strstr(l->answers, key))
			read_row(l, x, cell, row);
		if (cell)
			read_row(l, x, cell, &keys[width * env.key_count++]);
	}
	const struct expr_value v = expr_value_of(x, &env);
	show(ret, x, &v);
}

static void
every_example_has_its_result(void **state)
{
	(void)state;
	OWNED(partnership) struct partnership *p = partnership_open();
	OWNED_MEM char *text = sheets_file(PARTNERSHIP_DIR, "examples.csv");
	OWNED(csv_sheet) struct csv_sheet *s = NULL;
	size_t wrong = 0;
	assert_non_null(p->book);
	assert_ok(csv_load(&s, view_text(text), "examples.csv"));
	for (size_t i = 0; i < csv_rows(s); i++) {
		const struct line l = {p, csv_cell(s, i, csv_column(s, "form")),
			csv_cell(s, i, csv_column(s, "by")),
			csv_cell(s, i, csv_column(s, "expression")),
			csv_cell(s, i, csv_column(s, "answers"))};
		const char *wanted = csv_cell(s, i, csv_column(s, "result"));
		const struct form *f = partnership_form(p, l.form);
		OWNED(expr) struct expr *x = NULL;
		char got[RESULT_BYTES] = "invalid";
		enum err e = codebook_compile(&x, p->book, f, l.by, l.expression);
		if (!e && f)
			result_of_record(&l, x, got);
		else if (!e)
			result_of_cell(&l, x, got);
		if (strcmp(got, wanted) == 0)
			continue;
		wrong++;
		print_error("%s: %s gives %s, not %s (%s)\n", csv_cell(s, i, 0), l.expression,
			got, wanted, e ? err_text() : "");
	}
	assert_int_equal(csv_rows(s), 68);
	assert_int_equal(wrong, 0);
}

/* What a refusal of examples.csv says is what its note says. */
static void
refusals_say_why(void **state)
{
	(void)state;
	static const struct {
		const char *form, *expression, *says;
	} rows[] = {
		{"staff_p1", "rev(past_colours, 0, 5)", "past_colours runs from 1 to 5"},
		{"user_p2", "recode(change, -2 -> -1, else -> 1)",
			"change is inside repeat outcome and used outside it"},
		{"staff_p1", "chosen(intended, 'house')", "'house' is not a choice"},
		{"staff_p1", "employer_sector != profession", "different choice lists"},
		{"staff_p1", "depth = '3'", "quoted code '3'"},
		{"staff_p1", "profession > 'gp'", "codes have no order"},
		{"site_profile", "sharing_protocol = '88'", "missing code"},
		{"site_profile", "1 < 2 < 3", "comparisons do not chain"},
		{"staff_p1", "aims_agreed + aims", "there is no item 'aims' in form staff_p1"},
		{NULL, "O02.alpha - O05.mean", "O02 has no statistic alpha"},
	};
	OWNED(partnership) struct partnership *p = partnership_open();
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		OWNED(expr) struct expr *x = NULL;
		const struct form *f = rows[i].form ? partnership_form(p, rows[i].form) : NULL;
		assert_err(codebook_compile(&x, p->book, f, "", rows[i].expression), E_FORMAT);
		if (!strstr(err_text(), rows[i].says))
			fail_msg("%s: '%s' lacks '%s'", rows[i].expression, err_text(),
				rows[i].says);
	}
}

/* ---- indicators of the pack ---- */

static void
all_indicators_of_the_pack_are_read(void **state)
{
	(void)state;
	OWNED(partnership) struct partnership *p = partnership_open();
	size_t kinds[4] = {0};
	for (size_t i = 0; i < p->faults->count; i++) {
		OWNED_MEM char *line = faults_line(&p->faults->items[i]);
		print_error("%s\n", line);
	}
	assert_non_null(p->book);
	assert_int_equal(p->faults->count, 0);
	assert_int_equal(p->book->count, 84);
	for (size_t i = 0; i < p->book->count; i++)
		kinds[p->book->indicators[i].kind]++;
	assert_int_equal(kinds[CODEBOOK_RECORD], 74);
	assert_int_equal(kinds[CODEBOOK_CELL], 2);
	assert_int_equal(kinds[CODEBOOK_SYSTEM], 8);
}

/* A record of the staff form: two outcomes ticked, one of them rated. */
static struct record *
staff_record(const struct partnership *p)
{
	static const char *const answers[][2] = {
		{"working/aims_agreed", "4"},
		{"working/aims_vague", "2"},
		{"working/barriers_crossed", "3"},
		{"working/old_habits", "88"},
		{"about/employer_sector", "council"},
		{"purpose/intended", "home carer"},
		{"outcome_view[1]/outcome_code", "home"},
		{"outcome_view[1]/achieved", "3"},
		{"outcome_view[2]/outcome_code", "carer"},
		{"outcome_view[2]/achieved", "88"},
	};
	struct record *r = record_new(partnership_form(p, "staff_p1"), NULL, &p->missing);
	for (size_t i = 0; i < ARRAY_LEN(answers); i++)
		assert_ok(record_put(r, answers[i][0], answers[i][1]));
	return r;
}

static void
a_record_gives_a_row_for_each_code_or_instance(void **state)
{
	(void)state;
	OWNED(partnership) struct partnership *p = partnership_open();
	OWNED(record) struct record *r = staff_record(p);
	OWNED(derive) struct derive *d = derive_new(p->book);
	const struct indicator *o01 = codebook_find(p->book, "O01");
	const struct indicator *o02 = codebook_find(p->book, "O02");
	const struct indicator *o05 = codebook_find(p->book, "O05");
	size_t ticked = 0;
	derive_record(d, r);
	assert_int_equal(derive_rows(d, o01), 13);
	for (size_t i = 0; i < 13; i++) {
		const struct derive_row row = derive_row(d, o01, i);
		assert_int_equal(row.keys[0], (int)i);
		assert_true(row.value.present);
		ticked += row.value.number != 0;
	}
	assert_int_equal(ticked, 2);
	assert_int_equal(derive_rows(d, o02), 2);
	const struct derive_row first = derive_row(d, o02, 0), second = derive_row(d, o02, 1);
	assert_string_equal(codebook_key_code(&o02->by[0], (size_t)first.keys[0]), "home");
	assert_true(first.value.present && first.value.number == 3);
	assert_string_equal(codebook_key_code(&o02->by[0], (size_t)second.keys[0]), "carer");
	assert_false(second.value.present);
	assert_int_equal(second.value.why, MISSING_CANNOT_SAY);
	assert_int_equal(derive_rows(d, o05), 0); /* of another form */
}

static void
indicators_are_made_of_indicators(void **state)
{
	(void)state;
	OWNED(partnership) struct partnership *p = partnership_open();
	OWNED(record) struct record *r = staff_record(p);
	OWNED(derive) struct derive *d = derive_new(p->book);
	const struct indicator *p19 = codebook_find(p->book, "P19");
	const struct indicator *p01 = codebook_find(p->book, "P01");
	struct expr_value parts[7];
	derive_record(d, r);
	assert_int_equal(p19->order_count, 8);
	assert_int_equal(derive_row(d, p01, 0).value.number, 4);
	/* P01 and P02 are there, four are needed. */
	assert_false(derive_row(d, p19, 0).value.present);
	assert_int_equal(derive_row(d, p19, 0).value.why, MISSING_NOT_ASKED);
	assert_int_equal(derive_parts(p19), 7);
	derive_row_parts(d, p19, 0, parts);
	assert_true(parts[0].present && parts[0].number == 4);
	assert_true(parts[1].present && parts[1].number == 3);
	assert_false(parts[2].present);
	assert_int_equal(derive_parts(p01), 2);
	derive_row_parts(d, p01, 0, parts);
	assert_int_equal(parts[0].number, 4);
	assert_int_equal(parts[1].number, 4);
	/* The next record starts anew. */
	record_clear(r);
	assert_ok(record_put(r, "working/aims_agreed", "1"));
	derive_record(d, r);
	assert_int_equal(derive_row(d, p01, 0).value.number, 1);
}

static void
cells_say_which_figures_they_read(void **state)
{
	(void)state;
	OWNED(partnership) struct partnership *p = partnership_open();
	const struct indicator *o08 = codebook_find(p->book, "O08");
	const struct indicator *o09 = codebook_find(p->book, "O09");
	const struct indicator *o04 = codebook_find(p->book, "O04");
	assert_int_equal(derive_figure_count(o08), 2);
	assert_string_equal(derive_figure(p->book, o08, 0).of->id, "O02");
	assert_int_equal(derive_figure(p->book, o08, 0).statistic, CODEBOOK_MEAN);
	assert_false(derive_figure(p->book, o08, 0).over_keys);
	assert_int_equal(o08->by[0].kind, CODEBOOK_BY_CELL);
	assert_true(expr_is_difference(o08->value));
	assert_int_equal(o08->interval_of, CODEBOOK_DIFFERENCE);
	assert_int_equal(derive_figure_count(o09), 2);
	assert_true(derive_figure(p->book, o09, 1).over_keys);
	assert_true(codebook_same_key(&o08->by[0], &o04->by[0]));
	assert_int_equal(o09->by_count, 0);
	/* A key that lacks a figure is left out of every count. */
	const struct expr_value yes = {.present = true, .number = 0.6}, none = {0};
	const struct expr_value keys[] = {yes, yes, yes, none, none, yes};
	const struct expr_value v = derive_cell(o09, keys, keys, 3);
	assert_true(v.present && v.number == 1);
	assert_int_equal(derive_cell(o09, keys, keys, 0).why, MISSING_NOT_APPLICABLE);
}

static void
groups_are_told_apart_by_their_condition(void **state)
{
	(void)state;
	OWNED(partnership) struct partnership *p = partnership_open();
	OWNED(record)
	struct record *r = record_new(partnership_form(p, "user_p2"), NULL, &p->missing);
	assert_ok(record_put(r, "setting/who", "carer"));
	for (size_t i = 0; i < p->group_count; i++)
		assert_int_equal(group_rule_holds(&p->groups[i], r),
			strcmp(p->groups[i].id, "carer") == 0);
	record_clear(r);
	for (size_t i = 0; i < p->group_count; i++)
		assert_false(group_rule_holds(&p->groups[i], r));
}

static void
funnels_have_a_base(void **state)
{
	(void)state;
	OWNED(partnership) struct partnership *p = partnership_open();
	OWNED(record)
	struct record *r = record_new(partnership_form(p, "site_profile"), NULL, &p->missing);
	OWNED(derive) struct derive *d = derive_new(p->book);
	const struct indicator *n02 = codebook_find(p->book, "N02");
	const struct form *f = n02->form;
	const struct form_field *base = &f->fields[n02->funnel_base];
	assert_string_equal(base->name, "population_65");
	assert_ok(record_put(r, base->path, "41000"));
	derive_record(d, r);
	assert_int_equal(derive_funnel_base(d, n02).number, 41000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_example_has_its_result),
		cmocka_unit_test(refusals_say_why),
		cmocka_unit_test(all_indicators_of_the_pack_are_read),
		cmocka_unit_test(a_record_gives_a_row_for_each_code_or_instance),
		cmocka_unit_test(indicators_are_made_of_indicators),
		cmocka_unit_test(cells_say_which_figures_they_read),
		cmocka_unit_test(groups_are_told_apart_by_their_condition),
		cmocka_unit_test(funnels_have_a_base),
	};
	return cmocka_run_group_tests_name("derive", tests, NULL, NULL);
}
