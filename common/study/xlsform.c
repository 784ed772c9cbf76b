#include "common/study/xlsform.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/codec/text.h"

/* Columns of the survey sheet that this version understands, in the order of enum column. */
enum column {
	TYPE,
	NAME,
	LABEL,
	GOES, /* the last one that has to be there */
	HINT,
	REQUIRED,
	CONSTRAINT,
	MESSAGE,
	ASKS,
	DISCLOSURE,
	PERMISSION,
	COLUMN_COUNT
};
static const char *const columns[COLUMN_COUNT] = {
	"type",
	"name",
	"label",
	"weir_goes",
	"hint",
	"required",
	"constraint",
	"constraint_message",
	"weir_asks",
	"weir_disclosure",
	"weir_permission",
};
/* Columns that may stand there empty. */
static const char *const unbuilt[] = {"relevant", "repeat_count", "calculation", "appearance",
	"choice_filter", "parameters", "weir_reverse", "weir_scale", "weir_list"};

/* A form being read. */
struct reader {
	const struct xlsform_sheets *sheets;
	struct faults *faults;
	struct form *form;
	struct csv_sheet *survey;
	int at[COLUMN_COUNT]; /* of the survey sheet, -1 if it is not there */
	char *survey_name;
	char *choices_name;
	char *settings_name;
	size_t row; /* of the survey sheet, from 0 */
	size_t open_count;
};

static struct fault_place
place(const struct reader *r, enum column column)
{
	return (struct fault_place){
		r->survey_name, csv_row_number(r->survey, r->row), columns[column]};
}

static const char *
cell(const struct reader *r, enum column column)
{
	return csv_cell(r->survey, r->row, r->at[column]);
}

static struct csv_sheet *
load(const struct reader *r, struct view text, const char *name)
{
	struct csv_sheet *c = NULL;
	if (csv_load(&c, text, name) != OK) {
		const char *says = err_text();
		size_t len = strlen(name);
		/* The sentence begins with the file's name, which the place says already. */
		if (strncmp(says, name, len) == 0 && says[len] != '\0')
			says += len + 1 + (says[len] == ':');
		faults_add(r->faults, (struct fault_place){name, 0, NULL}, "%s", says);
	}
	return c;
}

/* ---- choices ---- */

static struct form_list *
list_named(struct form *f, const char *name)
{
	for (size_t i = 0; i < f->list_count; i++)
		if (strcmp(f->lists[i].name, name) == 0)
			return &f->lists[i];
	return NULL;
}

static void
add_choice(struct form_list *l, const char *code, const char *label)
{
	int64_t n;
	l->numeric = (l->count == 0 || l->numeric) && text_int(view_text(code), &n);
	l->choices = xrealloc(l->choices, l->count + 1, sizeof(*l->choices));
	l->choices[l->count++] = (struct form_choice){
			.code = xstrdup(code), .label = xstrdup(label)};
}

static bool
is_code(const char *text)
{
	size_t len = strspn(
		text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.");
	return len > 0 && len <= FORM_MAX_NAME_BYTES && text[len] == '\0';
}

static void
read_choice(struct reader *r, const struct csv_sheet *c, size_t row)
{
	struct form *f = r->form;
	const char *list = csv_cell(c, row, csv_column(c, "list_name"));
	const char *code = csv_cell(c, row, csv_column(c, "name"));
	const char *label = csv_cell(c, row, csv_column(c, "label"));
	struct fault_place at = {r->choices_name, csv_row_number(c, row), "name"};
	struct form_list *l = list_named(f, list);
	if (!is_code(code)) {
		faults_add(r->faults, at, "a code is 1 to 63 letters, digits, '_', '-', '.'");
		return;
	}
	if (l && form_choice(l, code) >= 0) {
		faults_add(r->faults, at, "the list '%s' has the code '%s' twice", list, code);
		return;
	}
	at.column = "list_name";
	if (!text_is_name(list, FORM_MAX_NAME_BYTES)) {
		faults_add(r->faults, at, "a list needs a name of a-z, 0-9, '_'");
		return;
	}
	at.column = "label";
	if (!*label)
		faults_add(r->faults, at, "the choice '%s' of '%s' has no label", code, list);
	if (!l) {
		f->lists = xrealloc(f->lists, f->list_count + 1, sizeof(*f->lists));
		f->lists[f->list_count] = (struct form_list){.name = xstrdup(list)};
		l = &f->lists[f->list_count++];
	}
	add_choice(l, code, label);
}

/* The columns a sheet may have; the first `needed` of them have to be there. */
struct known {
	const char *const *columns;
	size_t count;
	size_t needed;
};

static bool
check_columns(
	const struct reader *r, const struct csv_sheet *c, const char *name, struct known known)
{
	bool good = true;
	for (size_t i = 0; i < csv_columns(c); i++) {
		const char *column = csv_column_name(c, i);
		size_t k = 0;
		while (k < known.count && strcmp(known.columns[k], column) != 0)
			k++;
		if (k == known.count)
			faults_add(r->faults, (struct fault_place){name, 1, column},
				"this column is not known, or not built yet in this version");
	}
	for (size_t k = 0; k < known.needed; k++) {
		if (csv_column(c, known.columns[k]) >= 0)
			continue;
		faults_add(r->faults, (struct fault_place){name, 1, known.columns[k]},
			"this column is missing");
		good = false;
	}
	return good;
}

static void
read_choices(struct reader *r)
{
	static const char *const names[] = {"list_name", "name", "label"};
	const struct known known = {names, 3, 3};
	if (r->sheets->choices.len == 0)
		return;
	OWNED(csv_sheet) struct csv_sheet *c = load(r, r->sheets->choices, r->choices_name);
	if (!c || !check_columns(r, c, r->choices_name, known))
		return;
	for (size_t row = 0; row < csv_rows(c); row++)
		read_choice(r, c, row);
}

/* ---- settings ---- */

static char *
setting(struct reader *r, const struct csv_sheet *c, const char *column)
{
	const char *text = csv_cell(c, 0, csv_column(c, column));
	if (!*text)
		faults_add(r->faults, (struct fault_place){r->settings_name, 2, column},
			"this cell is empty");
	return xstrdup(text);
}

static void
read_settings(struct reader *r)
{
	static const char *const names[] = {
		"form_title", "form_id", "version", "default_language"};
	const struct known known = {names, 4, 4};
	OWNED(csv_sheet) struct csv_sheet *c = load(r, r->sheets->settings, r->settings_name);
	if (!c || !check_columns(r, c, r->settings_name, known))
		return;
	if (csv_rows(c) != 1)
		faults_add(r->faults, (struct fault_place){r->settings_name, 0, NULL},
			"has to have one row below the header row");
	r->form->title = setting(r, c, "form_title");
	OWNED_MEM char *id = setting(r, c, "form_id");
	r->form->version = setting(r, c, "version");
	r->form->language = setting(r, c, "default_language");
	if (strcmp(id, r->sheets->id) != 0)
		faults_add(r->faults, (struct fault_place){r->settings_name, 2, "form_id"},
			"has to be '%s', the name of the folder", r->sheets->id);
}

/* ---- one row of the survey ---- */

struct word {
	const char *word;
	int value;
};

/* The value of the cell's word, or -1 with a fault. */
static int
one_of(struct reader *r, enum column column, const struct word *words, size_t count)
{
	const char *text = cell(r, column);
	for (size_t i = 0; i < count; i++)
		if (strcmp(words[i].word, text) == 0)
			return words[i].value;
	if (*text)
		faults_add(r->faults, place(r, column), "'%.60s' is not known", text);
	else
		faults_add(r->faults, place(r, column), "this cell is empty");
	return -1;
}

static void
read_list(struct reader *r, struct form_field *f, const char *list)
{
	f->type = FORM_SELECT_ONE;
	f->list = list_named(r->form, list);
	if (!f->list)
		faults_add(r->faults, place(r, TYPE), "there is no choice list '%.60s'", list);
}

static void
read_type(struct reader *r, struct form_field *f)
{
	static const struct word words[] = {{"text", FORM_TEXT}, {"integer", FORM_INTEGER},
		{"decimal", FORM_DECIMAL}, {"date", FORM_DATE}};
	static const char select_one[] = "select_one ";
	const char *text = cell(r, TYPE);
	if (strncmp(text, select_one, sizeof(select_one) - 1) == 0) {
		read_list(r, f, text + sizeof(select_one) - 1);
		return;
	}
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (strcmp(words[i].word, text) == 0)
			f->type = (enum form_type)words[i].value;
	if (!f->type)
		faults_add(r->faults, place(r, TYPE),
			"'%.60s' is not built yet in this version", text);
}

static void
read_name(struct reader *r, struct form_field *f)
{
	const char *name = cell(r, NAME);
	f->name = xstrdup(name);
	if (!text_is_name(name, FORM_MAX_NAME_BYTES) || strchr(name, '-'))
		faults_add(r->faults, place(r, NAME),
			"a name is a small letter and up to 62 of a-z, 0-9, '_'");
	else if (form_field(r->form, name) >= 0)
		faults_add(r->faults, place(r, NAME), "the name '%s' stands twice", name);
}

static void
read_constraint(struct reader *r, struct form_field *f)
{
	f->constraint = xstrdup(cell(r, CONSTRAINT));
	f->constraint_message = xstrdup(cell(r, MESSAGE));
	if (!*f->constraint || !f->type || (f->type == FORM_SELECT_ONE && !f->list))
		return;
	if (xpath_compile(&f->check, f->constraint, NULL, -1) != OK)
		faults_add(r->faults, place(r, CONSTRAINT), "%s", err_text());
}

static void
read_goes(struct reader *r, struct form_field *f)
{
	static const struct word words[] = {
		{"site", FORM_SITE}, {"hub", FORM_HUB}, {"open", FORM_OPEN}};
	int goes = one_of(r, GOES, words, ARRAY_LEN(words));
	f->goes = goes < 0 ? FORM_SITE : (enum form_goes)goes;
	if (goes != FORM_OPEN)
		return;
	if (f->type != FORM_SELECT_ONE && strcmp(f->name, "wave") != 0)
		faults_add(
			r->faults, place(r, GOES), "only 'wave' and select_one can stand open");
	if (++r->open_count == FORM_MAX_OPEN + 1)
		faults_add(r->faults, place(r, GOES),
			"more than %d fields of a form stand open", FORM_MAX_OPEN);
}

static void
read_words(struct reader *r, struct form_field *f)
{
	static const struct word yes[] = {{"", 0}, {"no", 0}, {"yes", 1}};
	static const struct word asks[] = {{"", 0}, {"staff", 1}};
	static const struct word disclosure[] = {{"", FORM_PLAIN}, {"direct", FORM_DIRECT},
		{"quasi", FORM_QUASI}, {"free_text", FORM_FREE_TEXT},
		{"pseudonym", FORM_PSEUDONYM}};
	f->required = one_of(r, REQUIRED, yes, ARRAY_LEN(yes)) == 1;
	f->asks_staff = one_of(r, ASKS, asks, ARRAY_LEN(asks)) == 1;
	int kind = one_of(r, DISCLOSURE, disclosure, ARRAY_LEN(disclosure));
	f->disclosure = kind < 0 ? FORM_PLAIN : (enum form_disclosure)kind;
	f->permission = xstrdup(cell(r, PERMISSION));
	if (*f->permission && !text_is_name(f->permission, FORM_MAX_NAME_BYTES))
		faults_add(r->faults, place(r, PERMISSION),
			"a permission is a word of a-z, 0-9, '-'");
	if (*f->permission &&
		(!f->list || form_choice(f->list, "yes") < 0 || form_choice(f->list, "no") < 0))
		faults_add(r->faults, place(r, PERMISSION),
			"a permission is a choice of yes and no");
	if (f->disclosure == FORM_DIRECT && f->goes != FORM_SITE)
		faults_add(r->faults, place(r, GOES),
			"what names a person has to stay at the site");
}

/* Nobody has to answer a question about themselves; the study code is no such question. */
static void
check_required(struct reader *r, const struct form_field *f)
{
	if (strcmp(f->name, FORM_PARTICIPANT) == 0) {
		if (!f->required)
			faults_add(r->faults, place(r, REQUIRED),
				"the study code has to be required");
		if (f->goes != FORM_SITE)
			faults_add(r->faults, place(r, GOES),
				"the study code has to stay at the site");
		if (f->type != FORM_TEXT)
			faults_add(
				r->faults, place(r, TYPE), "the study code has to be a text");
		return;
	}
	if (!f->required || f->asks_staff)
		return;
	if (f->type != FORM_SELECT_ONE)
		faults_add(r->faults, place(r, REQUIRED),
			"a number or text asked of a person cannot be compulsory");
	else if (f->list && form_choice(f->list, *f->permission ? "no" : "99") < 0)
		faults_add(r->faults, place(r, REQUIRED),
			"a compulsory question to a person needs a way to refuse it, %s",
			*f->permission ? "'no'" : "code 99");
}

static void
check_unbuilt(struct reader *r)
{
	for (size_t i = 0; i < ARRAY_LEN(unbuilt); i++) {
		int at = csv_column(r->survey, unbuilt[i]);
		if (*csv_cell(r->survey, r->row, at))
			faults_add(r->faults,
				(struct fault_place){r->survey_name,
					csv_row_number(r->survey, r->row), unbuilt[i]},
				"this column is not built yet in this version");
	}
}

static void
read_field(struct reader *r)
{
	struct form *form = r->form;
	struct form_field f = {
		.label = xstrdup(cell(r, LABEL)), .hint = xstrdup(cell(r, HINT))};
	size_t before = r->faults->errors;
	read_type(r, &f);
	if (f.type == 0) { /* begin_group and the like: its other cells mean something else */
		free(f.label);
		free(f.hint);
		return;
	}
	read_name(r, &f);
	read_constraint(r, &f);
	read_goes(r, &f);
	read_words(r, &f);
	check_unbuilt(r);
	if (!*f.label)
		faults_add(r->faults, place(r, LABEL), "the question has no label");
	if (r->faults->errors == before)
		check_required(r, &f);
	form->fields[form->field_count++] = f;
}

static bool
find_columns(struct reader *r)
{
	const char *known[COLUMN_COUNT + ARRAY_LEN(unbuilt)];
	memcpy(known, columns, sizeof(columns));
	memcpy(known + COLUMN_COUNT, unbuilt, sizeof(unbuilt));
	for (size_t i = 0; i < COLUMN_COUNT; i++)
		r->at[i] = csv_column(r->survey, columns[i]);
	return check_columns(r, r->survey, r->survey_name,
		(struct known){known, ARRAY_LEN(known), GOES + 1});
}

static void
read_survey(struct reader *r)
{
	r->survey = load(r, r->sheets->survey, r->survey_name);
	if (!r->survey || !find_columns(r))
		return;
	size_t rows = csv_rows(r->survey);
	struct fault_place whole = {r->survey_name, 0, NULL};
	if (rows > FORM_MAX_FIELDS) {
		faults_add(r->faults, whole, "more than %d questions", FORM_MAX_FIELDS);
		return;
	}
	r->form->fields = xcalloc(rows + 1, sizeof(*r->form->fields));
	for (r->row = 0; r->row < rows; r->row++)
		read_field(r);
	if (r->form->field_count == 0)
		faults_add(r->faults, whole, "the form asks nothing");
}

struct form *
xlsform_read(const struct xlsform_sheets *sheets, struct faults *faults)
{
	OWNED_MEM char *survey = xasprintf("%s/survey.csv", sheets->dir);
	OWNED_MEM char *choices = xasprintf("%s/choices.csv", sheets->dir);
	OWNED_MEM char *settings = xasprintf("%s/settings.csv", sheets->dir);
	struct form *form = xcalloc(1, sizeof(*form));
	struct reader r = {.sheets = sheets,
		.faults = faults,
		.form = form,
		.survey_name = survey,
		.choices_name = choices,
		.settings_name = settings};
	form->id = xstrdup(sheets->id);
	read_settings(&r);
	read_choices(&r);
	read_survey(&r);
	csv_sheet_free(r.survey);
	return form;
}
