#include "tests/fuzz/fuzz.h"

#include <math.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/study/derive.h"

#define MAX_BYTES 65536

/* Lists of a form, as a program would have read them. */
static struct form_choice agree[] = {{.code = "1"}, {.code = "3"}, {.code = "88"}};
static struct form_choice goals[] = {
	{.code = "home", .more = (char *[]){"near"}},
	{.code = "work", .more = (char *[]){""}},
	{.code = "99", .more = (char *[]){""}},
};
static struct form_list lists[] = {
	{.name = "agree", .choices = agree, .count = 3},
	{.name = "goal",
		.choices = goals,
		.count = 3,
		.columns = (char *[]){"weir_kind"},
		.column_count = 1},
};
static struct form_field fields[] = {
	{.name = "a", .path = "a", .type = FORM_INTEGER, .goes = FORM_HUB, .repeat = -1},
	{.name = "b", .path = "in/b", .type = FORM_DECIMAL, .goes = FORM_HUB, .repeat = -1},
	{.name = "day", .path = "day", .type = FORM_DATE, .goes = FORM_HUB, .repeat = -1},
	{.name = "text", .path = "text", .type = FORM_TEXT, .goes = FORM_HUB, .repeat = -1},
	{.name = "agree",
		.path = "agree",
		.type = FORM_SELECT_ONE,
		.goes = FORM_HUB,
		.list = &lists[0],
		.repeat = -1},
	{.name = "goals",
		.path = "goals",
		.type = FORM_SELECT_MULTIPLE,
		.goes = FORM_HUB,
		.list = &lists[1],
		.repeat = -1},
	{.name = "goal",
		.path = "view/goal",
		.type = FORM_TEXT,
		.goes = FORM_HUB,
		.list = &lists[1],
		.calculated = true},
	{.name = "got", .path = "view/got", .type = FORM_INTEGER, .goes = FORM_HUB},
	{.name = "deep",
		.path = "view/more/deep",
		.type = FORM_INTEGER,
		.goes = FORM_HUB,
		.repeat = 1},
};
static struct form_repeat repeats[] = {
	{.name = "view", .path = "view", .outer = -1},
	{.name = "more", .path = "view/more", .outer = 0},
};
static struct form form = {.id = "test",
	.version = "1",
	.fields = fields,
	.field_count = ARRAY_LEN(fields),
	.lists = lists,
	.list_count = ARRAY_LEN(lists),
	.repeats = repeats,
	.repeat_count = ARRAY_LEN(repeats),
	.per_site = true};

static const struct missing_codes missing = {
	.items = {{.code = "88", .why = MISSING_CANNOT_SAY},
		{.code = "99", .why = MISSING_REFUSED}},
	.count = 2,
};

static void
check(const struct expr_value *v)
{
	fuzz_must(!v->present || isfinite(v->number));
	fuzz_must((unsigned)v->why < MISSING_REASONS && *missing_word(v->why));
}

/* Lines "path=value": what is taken can be read. */
static void
fill(struct record *r, char *lines)
{
	char *rest = NULL;
	for (char *at = strtok_r(lines, "\n", &rest); at; at = strtok_r(NULL, "\n", &rest)) {
		char *value = strchr(at, '=');
		if (!value)
			continue;
		*value = '\0';
		if (record_put(r, at, value + 1) != OK)
			break;
	}
	for (size_t f = 0; f < form.field_count; f++) {
		size_t count = fields[f].repeat < 0
				       ? 1
				       : record_instances(r, (size_t)fields[f].repeat);
		for (size_t n = 0; n <= MIN(count, (size_t)100); n++) {
			const struct expr_value v = record_value(r, f, n);
			check(&v);
		}
	}
}

static struct record *
record(void)
{
	char lines[] = "a=4\nin/b=-0.5\nday=2026-11-22\nagree=3\ngoals=home work\n"
		       "view[1]/goal=home\nview[1]/got=3\nview[2]/goal=work\nview[2]/got=\n"
		       "view[1]/more[2]/deep=7\n";
	struct record *r = record_new(&form, NULL, &missing);
	fill(r, lines);
	return r;
}

/* An expression that compiles has a value in every record. */
static void
try_expression(const char *text, int repeat, int key)
{
	const struct expr_scope scope = {
		.form = &form, .missing = &missing, .repeat = repeat, .key = key};
	OWNED(expr) struct expr *x = NULL;
	OWNED(record) struct record *full = record();
	OWNED(record) struct record *empty = record_new(&form, NULL, &missing);
	if (expr_compile(&x, text, &scope) != OK)
		return;
	const struct expr_env envs[] = {
		{.record = full, .key = 1}, {.record = full, .instance = 1}, {.record = empty}};
	for (size_t i = 0; i < ARRAY_LEN(envs); i++) {
		struct expr_value v = expr_value_of(x, &envs[i]);
		check(&v);
		for (size_t k = 0; k < expr_part_count(x); k++) {
			v = expr_part(x, k, &envs[i]);
			check(&v);
		}
	}
}

static void
try_cell(const struct codebook *c, const struct indicator *i)
{
	size_t count = derive_figure_count(i);
	OWNED_MEM struct expr_value *rows = xcalloc(3 * count + 1, sizeof(*rows));
	for (size_t k = 0; k < count; k++) {
		fuzz_must(derive_figure(c, i, k).of->row > 1);
		rows[k] = rows[count + k] = (struct expr_value){.present = true, .number = 0.5};
	}
	const struct expr_value v = derive_cell(i, rows, rows, 3);
	check(&v);
}

static void
try_codebook(const char *text)
{
	OWNED(faults) struct faults *faults = faults_new();
	struct form *forms[] = {&form};
	const struct codebook_source source = {.text = view_text(text),
		.file = "codebook.csv",
		.forms = forms,
		.form_count = 1,
		.missing = &missing};
	OWNED(codebook) struct codebook *c = codebook_load(&source, faults);
	fuzz_must(c || faults->errors);
	if (!c)
		return;
	OWNED(derive) struct derive *d = derive_new(c);
	OWNED(record) struct record *r = record();
	derive_record(d, r);
	for (size_t n = 0; n < c->count; n++) {
		const struct indicator *i = &c->indicators[n];
		for (size_t row = 0; row < derive_rows(d, i); row++) {
			const struct derive_row out = derive_row(d, i, row);
			check(&out.value);
			fuzz_must(codebook_level(i, &out.value) <
				  (int)codebook_level_count(i) + 1);
		}
		if (i->kind == CODEBOOK_CELL)
			try_cell(c, i);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 1 || size > MAX_BYTES)
		return 0;
	OWNED_MEM char *text = xmemdup(data + 1, size - 1);
	OWNED(record) struct record *r = record_new(&form, NULL, &missing);
	if (*data == 'e')
		try_expression(text, -1, 5);
	else if (*data == 'i')
		try_expression(text, 0, -1);
	else if (*data == 'c')
		try_codebook(text);
	else if (*data == 'r')
		fill(r, text);
	return 0;
}
