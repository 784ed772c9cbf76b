#include "tests/unit/sheets.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/codec/csv.h"
#include "common/codec/text.h"

#define MAX_FILE_BYTES ((size_t)1 << 20)
#define PATH_BYTES     1024

static _Noreturn void
give_up(const char *what)
{
	(void)fprintf(stderr, "sheets: %s: %s\n", what, err_text());
	exit(3);
}

char *
sheets_file(const char *dir, const char *name)
{
	uint8_t *bytes = NULL;
	size_t len;
	OWNED_MEM char *path = xasprintf("%s/%s", dir, name);
	if (text_read_file(&bytes, &len, path, MAX_FILE_BYTES) != OK)
		give_up(path);
	return (char *)bytes;
}

static struct csv_sheet *
sheet_of(const char *text, const char *name)
{
	struct csv_sheet *s = NULL;
	if (csv_load(&s, view_text(text), name) != OK)
		give_up(name);
	return s;
}

/* ---- lists ---- */

static struct form_list *
list_named(struct form *f, const char *name)
{
	for (size_t i = 0; i < f->list_count; i++)
		if (strcmp(f->lists[i].name, name) == 0)
			return &f->lists[i];
	return NULL;
}

static void
add_choice(struct form_list *l, const struct csv_sheet *s, size_t row, size_t first)
{
	l->choices = xrealloc(l->choices, l->count + 1, sizeof(*l->choices));
	struct form_choice *c = &l->choices[l->count++];
	c->code = xstrdup(csv_cell(s, row, csv_column(s, "name")));
	c->label = xstrdup(csv_cell(s, row, csv_column(s, "label")));
	c->more = xcalloc(l->column_count + 1, sizeof(char *));
	for (size_t k = 0; k < l->column_count; k++)
		c->more[k] = xstrdup(csv_cell(s, row, (int)(first + k)));
}

static struct form_list *
add_list(struct form *f, const struct csv_sheet *s, const char *name, size_t first)
{
	f->lists = xrealloc(f->lists, f->list_count + 1, sizeof(*f->lists));
	struct form_list *l = &f->lists[f->list_count++];
	*l = (struct form_list){.name = xstrdup(name)};
	l->column_count = csv_columns(s) > first ? csv_columns(s) - first : 0;
	l->columns = xcalloc(l->column_count + 1, sizeof(char *));
	for (size_t k = 0; k < l->column_count; k++)
		l->columns[k] = xstrdup(csv_column_name(s, first + k));
	return l;
}

static void
read_choices(struct form *f, const char *text)
{
	OWNED(csv_sheet) struct csv_sheet *s = sheet_of(text, "choices");
	for (size_t row = 0; row < csv_rows(s); row++) {
		const char *name = csv_cell(s, row, csv_column(s, "list_name"));
		struct form_list *l = list_named(f, name);
		add_choice(l ? l : add_list(f, s, name, 3), s, row, 3);
	}
}

static void
read_beside(struct form *f, const struct csv_sheet *survey, const char *dir)
{
	for (size_t row = 0; dir && row < csv_rows(survey); row++) {
		const char *name = csv_cell(survey, row, csv_column(survey, "name"));
		if (strcmp(csv_cell(survey, row, csv_column(survey, "type")), "csv-external"))
			continue;
		OWNED_MEM char *file = xasprintf("%s.csv", name);
		OWNED_MEM char *text = sheets_file(dir, file);
		OWNED(csv_sheet) struct csv_sheet *s = sheet_of(text, name);
		struct form_list *l = add_list(f, s, name, 2);
		l->external = true;
		for (size_t n = 0; n < csv_rows(s); n++)
			add_choice(l, s, n, 2);
	}
}

/* ---- survey ---- */

/* Where the rows of a survey stand. */
struct place {
	char path[PATH_BYTES]; /* of the innermost group, with '/' behind it */
	int repeat;
};

static void
open_group(struct form *f, struct place *p, const char *name, bool repeat)
{
	size_t len = strlen(p->path);
	(void)snprintf(p->path + len, sizeof(p->path) - len, "%s/", name);
	if (!repeat)
		return;
	f->repeats = xrealloc(f->repeats, f->repeat_count + 1, sizeof(*f->repeats));
	f->repeats[f->repeat_count] = (struct form_repeat){.name = xstrdup(name),
		.path = xmemdup(p->path, strlen(p->path) - 1),
		.outer = p->repeat};
	p->repeat = (int)f->repeat_count++;
}

static void
close_group(const struct form *f, struct place *p, bool repeat)
{
	p->path[strlen(p->path) - 1] = '\0';
	char *slash = strrchr(p->path, '/');
	*(slash ? slash + 1 : p->path) = '\0';
	if (repeat)
		p->repeat = f->repeats[p->repeat].outer;
}

static const struct {
	const char *word;
	enum form_type type;
} types[] = {{"text", FORM_TEXT}, {"integer", FORM_INTEGER}, {"decimal", FORM_DECIMAL},
	{"date", FORM_DATE}, {"dateTime", FORM_DATETIME}, {"image", FORM_BINARY},
	{"calculate", FORM_TEXT}, {"select_one", FORM_SELECT_ONE},
	{"select_multiple", FORM_SELECT_MULTIPLE}};

static void
add_field(struct form *f, const struct csv_sheet *s, size_t row, const struct place *p)
{
	const char *type = csv_cell(s, row, csv_column(s, "type"));
	const char *name = csv_cell(s, row, csv_column(s, "name"));
	const char *goes = csv_cell(s, row, csv_column(s, "weir_goes"));
	size_t len = strcspn(type, " "), k = 0;
	while (k < ARRAY_LEN(types) &&
		(strlen(types[k].word) != len || strncmp(types[k].word, type, len) != 0))
		k++;
	if (k == ARRAY_LEN(types))
		return;
	const char *list =
		type[len] ? type + len + 1 : csv_cell(s, row, csv_column(s, "weir_list"));
	f->fields = xrealloc(f->fields, f->field_count + 1, sizeof(*f->fields));
	f->fields[f->field_count++] = (struct form_field){.name = xstrdup(name),
		.label = xstrdup(csv_cell(s, row, csv_column(s, "label"))),
		.type = types[k].type,
		.goes = strcmp(goes, "site") == 0   ? FORM_SITE
			: strcmp(goes, "open") == 0 ? FORM_OPEN
						    : FORM_HUB,
		.required = strcmp(csv_cell(s, row, csv_column(s, "required")), "yes") == 0,
		.list = list_named(f, list),
		.path = xasprintf("%s%s", p->path, name),
		.repeat = p->repeat,
		.calculated = strcmp(type, "calculate") == 0,
		.reverse = strcmp(csv_cell(s, row, csv_column(s, "weir_reverse")), "yes") == 0};
}

static void
read_survey(struct form *f, const struct csv_sheet *s)
{
	struct place p = {.repeat = -1};
	for (size_t row = 0; row < csv_rows(s); row++) {
		const char *type = csv_cell(s, row, csv_column(s, "type"));
		const char *name = csv_cell(s, row, csv_column(s, "name"));
		bool repeat = strstr(type, " repeat") != NULL;
		if (strncmp(type, "begin ", 6) == 0)
			open_group(f, &p, name, repeat);
		else if (strncmp(type, "end ", 4) == 0)
			close_group(f, &p, repeat);
		else
			add_field(f, s, row, &p);
	}
}

static struct form *
make(const char *id, const char *dir, const char *survey, const char *choices)
{
	struct form *f = xcalloc(1, sizeof(*f));
	OWNED(csv_sheet) struct csv_sheet *s = sheet_of(survey, "survey");
	f->id = xstrdup(id);
	f->version = xstrdup("1");
	read_choices(f, choices);
	read_beside(f, s, dir);
	read_survey(f, s);
	return f;
}

struct form *
sheets_form(const char *dir, const char *id)
{
	OWNED_MEM char *survey = sheets_file(dir, "survey.csv");
	OWNED_MEM char *choices = sheets_file(dir, "choices.csv");
	return make(id, dir, survey, choices);
}

struct form *
sheets_form_of(const char *id, const char *survey, const char *choices)
{
	return make(id, NULL, survey, choices);
}

static void
list_done(struct form_list *l)
{
	for (size_t i = 0; i < l->count; i++) {
		for (size_t k = 0; k < l->column_count; k++)
			free(l->choices[i].more[k]);
		free(l->choices[i].more);
		free(l->choices[i].code);
		free(l->choices[i].label);
	}
	for (size_t k = 0; k < l->column_count; k++)
		free(l->columns[k]);
	free(l->columns);
	free(l->choices);
	free(l->name);
}

void
sheets_form_free(struct form *f)
{
	if (!f)
		return;
	for (size_t i = 0; i < f->field_count; i++) {
		free(f->fields[i].name);
		free(f->fields[i].label);
		free(f->fields[i].path);
	}
	for (size_t i = 0; i < f->repeat_count; i++) {
		free(f->repeats[i].name);
		free(f->repeats[i].path);
	}
	for (size_t i = 0; i < f->list_count; i++)
		list_done(&f->lists[i]);
	free(f->fields);
	free(f->repeats);
	free(f->lists);
	free(f->id);
	free(f->version);
	free(f);
}
