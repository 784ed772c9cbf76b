#include "common/study/form.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/mem.h"
#include "common/codec/text.h"
#include "common/study/xform_inside.h"

#define DATE_BYTES 10 /* YYYY-MM-DD */

int
form_field(const struct form *f, const char *name)
{
	for (size_t i = 0; i < f->field_count; i++)
		if (strcmp(f->fields[i].name, name) == 0)
			return (int)i;
	return -1;
}

int
form_choice(const struct form_list *list, const char *code)
{
	for (size_t i = 0; i < list->count; i++)
		if (strcmp(list->choices[i].code, code) == 0)
			return (int)i;
	return -1;
}

enum expr_type
form_expr_type(const struct form_field *f)
{
	switch (f->type) {
	case FORM_INTEGER:
	case FORM_DECIMAL:
		return EXPR_NUMBER;
	case FORM_SELECT_ONE:
		return f->list && f->list->numeric ? EXPR_NUMBER : EXPR_CODE;
	case FORM_TEXT:
	case FORM_DATE:
	case FORM_SELECT_MULTIPLE:
	case FORM_TIME:
	case FORM_DATETIME:
	case FORM_GEO:
	case FORM_BINARY:
	case FORM_RANK:
	case FORM_ACKNOWLEDGE:
		return EXPR_TEXT;
	}
	return EXPR_TEXT;
}

static bool
is_blank(const char *text)
{
	return text[strspn(text, " \t\r\n")] == '\0';
}

static enum err
read_text(const struct form_field *f, const char *text, struct expr_value *v)
{
	struct view bytes = view_text(text);
	if (bytes.len > FORM_MAX_TEXT_BYTES)
		return fail(
			E_FORMAT, "%s: longer than %zu bytes", f->name, FORM_MAX_TEXT_BYTES);
	if (!text_is_utf8(bytes))
		return fail(E_FORMAT, "%s: not UTF-8 text", f->name);
	v->text = text;
	return OK;
}

static enum err
read_integer(const struct form_field *f, const char *text, struct expr_value *v)
{
	int64_t n;
	/* ODK integers have nine digits at most; a double holds them all exactly. */
	if (!text_int(view_text(text), &n) || n > 999999999 || n < -999999999)
		return fail(E_FORMAT, "%s: not a whole number of nine digits at most", f->name);
	v->number = (double)n;
	return OK;
}

static enum err
read_decimal(const struct form_field *f, const char *text, struct expr_value *v)
{
	if (!text_number(view_text(text), &v->number))
		return fail(E_FORMAT, "%s: not a number with a decimal point", f->name);
	return OK;
}

static enum err
read_choice(const struct form_field *f, const char *text, struct expr_value *v)
{
	int place = form_choice(f->list, text);
	int64_t n = place;
	if (place < 0 || (f->list->numeric && !text_int(view_text(text), &n)))
		return fail(E_FORMAT, "%s: not a code of the choice list '%s'", f->name,
			f->list->name);
	v->number = (double)n;
	return OK;
}

static enum err
read_date(const struct form_field *f, const char *text, struct expr_value *v)
{
	int64_t ms;
	if (strlen(text) != DATE_BYTES || !clock_parse(text, &ms))
		return fail(E_FORMAT, "%s: not a date YYYY-MM-DD", f->name);
	v->text = text;
	return OK;
}

static enum err
read_value(const struct form_field *f, const char *text, struct expr_value *v)
{
	switch (f->type) {
	case FORM_TEXT:
	case FORM_SELECT_MULTIPLE:
	case FORM_TIME:
	case FORM_DATETIME:
	case FORM_GEO:
	case FORM_BINARY:
	case FORM_RANK:
	case FORM_ACKNOWLEDGE:
		return read_text(f, text, v);
	case FORM_INTEGER:
		return read_integer(f, text, v);
	case FORM_DECIMAL:
		return read_decimal(f, text, v);
	case FORM_SELECT_ONE:
		return read_choice(f, text, v);
	case FORM_DATE:
		return read_date(f, text, v);
	}
	return fail(E_FORMAT, "%s: has no type", f->name);
}

enum err
form_check_cell(const struct form_field *f, const char *text, struct expr_value *ret)
{
	*ret = (struct expr_value){0};
	if (is_blank(text))
		return OK;
	struct expr_value v = {.present = true};
	enum err e = read_value(f, text, &v);
	if (e == OK && f->check && !xpath_holds(f->check, text))
		e = fail(E_FORMAT, "%s: %s", f->name,
			*f->constraint_message ? f->constraint_message
					       : "does not meet the form's constraint");
	if (e == OK)
		*ret = v;
	return e;
}

/* Is the question asked of some only? Then a record that lacks it can be whole. */
static bool
is_conditional(const struct form *f, size_t field)
{
	const struct xform *x = f->model;
	int node = 0;
	while (x && node < (int)x->count && x->nodes[node].field != (int)field)
		node++;
	if (!x || node == (int)x->count)
		return false;
	for (; node >= 0; node = x->tree[node].parent)
		if (x->nodes[node].rule[XFORM_RELEVANT] || x->tree[node].repeat >= 0)
			return true;
	return false;
}

static enum err
check_required(const struct form *f, const struct expr_value *values)
{
	for (size_t i = 0; i < f->field_count; i++)
		if (f->fields[i].required && !values[i].present && !is_conditional(f, i))
			return fail(E_FORMAT, "%s: has to be answered", f->fields[i].name);
	return OK;
}

enum err
form_check_answers(const struct form *f, const struct form_answer *answers, size_t count,
	struct expr_value *ret)
{
	if (count > f->field_count)
		return fail(E_FORMAT, "the record has %zu answers, the form %zu", count,
			f->field_count);
	OWNED_MEM bool *seen = xcalloc(f->field_count + 1, sizeof(*seen));
	OWNED_MEM struct expr_value *values = xcalloc(f->field_count + 1, sizeof(*values));
	for (size_t i = 0; i < count; i++) {
		int at = form_field(f, answers[i].name);
		if (at < 0)
			return fail(E_FORMAT,
				"the record has an answer that the form does not ask for");
		if (seen[at])
			return fail(E_FORMAT, "%s: answered twice", f->fields[at].name);
		seen[at] = true;
		enum err e = form_check_cell(&f->fields[at], answers[i].value, &values[at]);
		if (e != OK)
			return e;
	}
	enum err e = check_required(f, values);
	if (e == OK && ret)
		memcpy(ret, values, f->field_count * sizeof(*values));
	return e;
}

static void
field_done(struct form_field *f)
{
	free(f->name);
	free(f->label);
	free(f->hint);
	free(f->constraint);
	free(f->constraint_message);
	free(f->permission);
	free(f->limits.text);
	free(f->limits.at);
	free(f->path);
	free(f->scale);
	xpath_free(f->check);
}

static void
list_done(struct form_list *l)
{
	for (size_t i = 0; i < l->count; i++) {
		free(l->choices[i].code);
		free(l->choices[i].label);
		for (size_t k = 0; l->choices[i].more && k < l->column_count; k++)
			free(l->choices[i].more[k]);
		free(l->choices[i].more);
	}
	for (size_t k = 0; k < l->column_count; k++)
		free(l->columns[k]);
	free(l->columns);
	free(l->choices);
	free(l->name);
}

void
form_free(struct form *f)
{
	if (!f)
		return;
	for (size_t i = 0; f->fields && i < f->field_count; i++)
		field_done(&f->fields[i]);
	for (size_t i = 0; f->lists && i < f->list_count; i++)
		list_done(&f->lists[i]);
	for (size_t i = 0; i < f->repeat_count; i++) {
		free(f->repeats[i].name);
		free(f->repeats[i].path);
	}
	for (size_t i = 0; i < f->file_count; i++)
		free(f->files[i].name);
	if (f->xml)
		buf_done(f->xml);
	xform_free(f->model);
	free(f->xml);
	free(f->repeats);
	free(f->files);
	free(f->fields);
	free(f->lists);
	free(f->id);
	free(f->title);
	free(f->version);
	free(f->language);
	free(f);
}
