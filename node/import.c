#include "node/import.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/study/pack_group.h"
#include "common/study/zone.h"

#include "node/code.h"
#include "node/import_doubles.h"
#include "node/import_row.h"
#include "node/leads.h"

struct import {
	struct csv_sheet *sheet;
	const struct pack *pack;
	const struct form *form;
	int *columns;                /* of each field of the form; -1: none */
	int code;                    /* column of the study code */
	int filled_in;               /* column that says when a row was filled in */
	bool kept;                   /* a text that leads to a person, by somebody's word */
	bool flat;                   /* no groups, no repeats: a cell is an answer */
	struct import_column *cells; /* of each column of the sheet, when it is not flat */
};

static bool
asks_the_time(const struct form_field *f)
{
	return f->constraint &&
	       (strstr(f->constraint, "today(") || strstr(f->constraint, "now("));
}

/* Answers of a form without groups are checked cell by cell; a form with groups says by its
 * expressions what is to be asked, so its rows are held against all of it; and so are those of
 * a form that knows what day it is. */
static bool
is_flat(const struct form *f)
{
	for (size_t i = 0; i < f->field_count; i++)
		if (f->model && ((f->fields[i].path && strchr(f->fields[i].path, '/')) ||
					asks_the_time(&f->fields[i])))
			return false;
	return f->repeat_count == 0 || !f->model;
}

/* columns */

/* The column is the sheet's own, unless the form asks something of this name. */
static bool
is_filled_in(const struct form *f, const char *column)
{
	return strcmp(column, IMPORT_FILLED_IN) == 0 && form_field(f, column) < 0;
}

/* May the column be left out? What the form works out, and files, are in no sheet. */
static bool
is_optional(const struct import *i, const struct form_field *f)
{
	return f->stamp ||
	       (!i->flat && (f->calculated || f->type == FORM_BINARY || f->repeat >= 0));
}

static void
check_columns(struct import *i, const struct import_source *s, struct faults *faults)
{
	for (size_t k = 0; k < csv_columns(i->sheet); k++)
		if (form_field(s->form, csv_column_name(i->sheet, k)) < 0 &&
			!is_filled_in(s->form, csv_column_name(i->sheet, k)))
			faults_add(faults,
				(struct fault_place){s->name, 1, csv_column_name(i->sheet, k)},
				"form %s has no item of this name", s->form->id);
	for (size_t k = 0; k < s->form->field_count; k++) {
		const char *name = s->form->fields[k].name;
		i->columns[k] = csv_column(i->sheet, name);
		if (i->columns[k] < 0 && !is_optional(i, &s->form->fields[k]))
			faults_add(faults, (struct fault_place){s->name, 1, name},
				"the column is missing");
		if (strcmp(name, FORM_PARTICIPANT) == 0)
			i->code = i->columns[k];
	}
	if (form_field(s->form, FORM_PARTICIPANT) < 0 && !s->form->per_site)
		faults_add(faults, (struct fault_place){s->name, 1, FORM_PARTICIPANT},
			"form %s asks for no study code", s->form->id);
}

static void
check_group_columns(struct import *i, const struct import_source *s, struct faults *faults)
{
	for (size_t k = 0; k < csv_columns(i->sheet); k++) {
		const char *name = csv_column_name(i->sheet, k);
		i->cells[k] = import_column_of(s->form, name);
		if (i->cells[k].field < 0 && is_filled_in(s->form, name))
			continue;
		if (i->cells[k].field < 0)
			faults_add(faults, (struct fault_place){s->name, 1, name},
				"form %s has no item of this name; one in a repeat is "
				"REPEAT[N]/NAME",
				s->form->id);
		else if (i->cells[k].turn == 0)
			i->columns[i->cells[k].field] = (int)k;
	}
	for (size_t k = 0; k < s->form->field_count; k++) {
		const struct form_field *f = &s->form->fields[k];
		if (i->columns[k] < 0 && !is_optional(i, f))
			faults_add(faults, (struct fault_place){s->name, 1, f->name},
				"the column is missing");
		if (strcmp(f->name, FORM_PARTICIPANT) == 0)
			i->code = i->columns[k];
	}
}

/* cells */

static bool
is_code(const struct pack *p, const char *code)
{
	char normal[CODE_BYTES];
	return pack_is_code(p, code) || code_normal(normal, code);
}

static void
check_code(const struct import *i, const struct import_source *s, size_t row,
	struct faults *faults)
{
	size_t number = csv_row_number(i->sheet, row);
	const char *code = i->code >= 0 ? csv_cell(i->sheet, row, i->code) : "";
	if (s->form->per_site)
		return;
	if (!code[0])
		faults_add(faults, (struct fault_place){s->name, number, FORM_PARTICIPANT},
			"the study code is missing");
	else if (!is_code(s->pack, code))
		faults_add(faults, (struct fault_place){s->name, number, FORM_PARTICIPANT},
			"this is not of the form of a study code");
}

static bool
is_kept(const struct import_source *s, const char *column)
{
	for (size_t i = 0; i < s->kept_count; i++)
		if (strcmp(s->kept[i], column) == 0)
			return true;
	return false;
}

static void
check_kept(const struct import *i, const struct import_source *s, struct faults *faults)
{
	for (size_t k = 0; k < s->kept_count; k++)
		if (csv_column(i->sheet, s->kept[k]) < 0)
			faults_add(faults, (struct fault_place){s->name, 1, s->kept[k]},
				"there is no such column whose text could be kept");
}

/* The column and the kind; the text is in no sentence. */
static void
check_leads(struct import *i, const struct import_source *s, size_t row, struct faults *faults)
{
	for (size_t k = 0; k < csv_columns(i->sheet); k++) {
		const char *column = csv_column_name(i->sheet, k);
		int field = i->flat ? form_field(s->form, column) : i->cells[k].field;
		const char *kind = field < 0 ? NULL
					     : leads_to(&s->form->fields[field],
						       csv_cell(i->sheet, row, (int)k));
		if (kind && is_kept(s, column))
			i->kept = true;
		else if (kind)
			faults_add(faults,
				(struct fault_place){
					s->name, csv_row_number(i->sheet, row), column},
				"the text looks like %s: take it out, or say that it is to be "
				"kept: --keep-text %s",
				kind, column);
	}
}

static struct submission_context
context_at(const struct import *i, int64_t now_ms)
{
	return (struct submission_context){now_ms, zone_minutes(pack_zone(i->pack), now_ms)};
}

static void
check_group(const struct import *i, const struct import_source *s, size_t row,
	struct faults *faults)
{
	OWNED_BY(import_filled_done) struct import_filled f;
	if (import_fill(i, row, s->now_ms, &f))
		faults_add(faults,
			(struct fault_place){s->name, csv_row_number(i->sheet, row), ""}, "%s",
			err_text());
}

static void
check_row(const struct import *i, const struct import_source *s, size_t row,
	struct faults *faults)
{
	size_t number = csv_row_number(i->sheet, row);
	check_code(i, s, row, faults);
	for (size_t k = 0; k < s->form->field_count; k++) {
		const struct form_field *f = &s->form->fields[k];
		const char *cell = csv_cell(i->sheet, row, i->columns[k]);
		struct expr_value value;
		if (form_check_cell(f, cell, &value))
			faults_add(faults, (struct fault_place){s->name, number, f->name}, "%s",
				err_text());
		else if (f->required && !value.present && i->columns[k] != i->code)
			faults_add(faults, (struct fault_place){s->name, number, f->name},
				"an answer is required");
	}
}

static void
check_group_row(const struct import *i, const struct import_source *s, size_t row,
	struct faults *faults)
{
	OWNED(submission) struct submission *found = NULL;
	struct submission_report report;
	size_t number = csv_row_number(i->sheet, row);
	struct import_table t = {s->form, i->sheet, i->cells};
	struct import_ask ask = {row, context_at(i, s->now_ms)};
	check_code(i, s, row, faults);
	if (import_row_read(&found, &t, &ask, &report))
		faults_add(faults, (struct fault_place){s->name, number, ""}, "%s", err_text());
	for (size_t k = 0; k < report.count; k++)
		faults_add(faults, (struct fault_place){s->name, number, report.lines[k].path},
			"%s", report.lines[k].reason);
	submission_report_done(&report);
}

enum err
import_read(struct import **ret, const struct import_source *s, struct faults *faults)
{
	OWNED(import) struct import *i = xcalloc(1, sizeof(*i));
	*ret = NULL;
	i->pack = s->pack;
	i->form = s->form;
	i->code = -1;
	i->filled_in = -1;
	i->flat = is_flat(s->form);
	i->columns = xcalloc(s->form->field_count, sizeof(*i->columns));
	for (size_t k = 0; k < s->form->field_count; k++)
		i->columns[k] = -1;
	enum err e = csv_load(&i->sheet, s->text, s->name);
	if (e)
		return e;
	if (form_field(s->form, IMPORT_FILLED_IN) < 0)
		i->filled_in = csv_column(i->sheet, IMPORT_FILLED_IN);
	i->cells = xcalloc(csv_columns(i->sheet), sizeof(*i->cells));
	if (i->flat)
		check_columns(i, s, faults);
	else
		check_group_columns(i, s, faults);
	check_kept(i, s, faults);
	if (faults->errors)
		return faults_check(faults);
	for (size_t r = 0; r < csv_rows(i->sheet); r++) {
		size_t before = faults->errors;
		(i->flat ? check_row : check_group_row)(i, s, r, faults);
		if (faults->errors == before)
			check_group(i, s, r, faults);
		check_leads(i, s, r, faults);
	}
	if (!s->form->many && !s->form->per_site)
		import_doubles(i->sheet, i->code, s->name, faults);
	e = faults_check(faults);
	if (!e)
		*ret = take(i);
	return e;
}

void
import_free(struct import *i)
{
	if (!i)
		return;
	csv_sheet_free(i->sheet);
	mem_drop(&i->columns);
	mem_drop(&i->cells);
	mem_drop(&i);
}

/* use */

enum err
import_heading(struct buf *out, const struct form *f)
{
	size_t before = out->len;
	bool flat = is_flat(f);
	for (size_t k = 0; k < f->field_count; k++) {
		const struct form_field *x = &f->fields[k];
		if (x->stamp || (!flat && (x->calculated || x->type == FORM_BINARY)))
			continue;
		buf_format(out, "%s", out->len > before ? "," : "");
		if (!flat && x->repeat >= 0)
			buf_format(out, "%s[1]/", f->repeats[x->repeat].name);
		buf_format(out, "%s", x->name);
	}
	buf_format(
		out, "%s\n", form_field(f, IMPORT_FILLED_IN) < 0 ? "," IMPORT_FILLED_IN : "");
	return buf_check(out, "heading row");
}

size_t
import_rows(const struct import *i)
{
	return csv_rows(i->sheet);
}

bool
import_kept(const struct import *i)
{
	return i->kept;
}

size_t
import_row_number(const struct import *i, size_t row)
{
	return csv_row_number(i->sheet, row);
}

const char *
import_code(const struct import *i, size_t row)
{
	return i->code >= 0 ? csv_cell(i->sheet, row, i->code) : "";
}

const char *
import_filled_in(const struct import *i, size_t row)
{
	return i->filled_in >= 0 ? csv_cell(i->sheet, row, i->filled_in) : "";
}

size_t
import_answers(const struct import *i, size_t row, struct form_answer *ret)
{
	size_t count = 0;
	for (size_t k = 0; k < i->form->field_count; k++)
		if (!i->form->fields[k].stamp)
			ret[count++] = (struct form_answer){i->form->fields[k].name,
				csv_cell(i->sheet, row, i->columns[k])};
	return count;
}

/* whole rows */

static void
take_answers(struct import_filled *f)
{
	size_t count;
	const struct submission_answer *list = submission_answers(f->held, &count);
	f->answers = xcalloc(count, sizeof(*f->answers));
	for (size_t k = 0; k < count; k++)
		if (list[k].relevant || *list[k].value)
			f->answers[f->count++] =
				(struct form_answer){list[k].path, list[k].value};
	f->checked = true;
}

enum err
import_fill(const struct import *i, size_t row, int64_t now_ms, struct import_filled *ret)
{
	struct submission_report report;
	struct import_table t = {i->form, i->sheet, i->cells};
	struct import_ask ask = {row, context_at(i, now_ms)};
	enum err e = OK;
	*ret = (struct import_filled){.group = ""};
	if (i->flat) {
		ret->answers = xcalloc(i->form->field_count, sizeof(*ret->answers));
		ret->count = import_answers(i, row, ret->answers);
	} else {
		e = import_row_read(&ret->held, &t, &ask, &report);
		submission_report_done(&report);
		if (!e)
			take_answers(ret);
	}
	return e ? e : pack_group_find(&ret->group, i->pack, i->form, ret->answers, ret->count);
}

void
import_filled_done(struct import_filled *f)
{
	submission_free(f->held);
	f->held = NULL;
	mem_drop(&f->answers);
}
