#include "node/import.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/codec/csv.h"

struct import {
	struct csv_sheet *sheet;
	const struct form *form;
	int *columns; /* of each field of the form */
	int code;     /* column of the study code */
};

/* columns */

static void
check_columns(struct import *i, const struct import_source *s, struct faults *faults)
{
	for (size_t k = 0; k < csv_columns(i->sheet); k++)
		if (form_field(s->form, csv_column_name(i->sheet, k)) < 0)
			faults_add(faults,
				(struct fault_place){s->name, 1, csv_column_name(i->sheet, k)},
				"form %s has no item of this name", s->form->id);
	for (size_t k = 0; k < s->form->field_count; k++) {
		const char *name = s->form->fields[k].name;
		i->columns[k] = csv_column(i->sheet, name);
		if (i->columns[k] < 0)
			faults_add(faults, (struct fault_place){s->name, 1, name},
				"the column is missing");
		if (strcmp(name, FORM_PARTICIPANT) == 0)
			i->code = i->columns[k];
	}
	if (form_field(s->form, FORM_PARTICIPANT) < 0)
		faults_add(faults, (struct fault_place){s->name, 1, FORM_PARTICIPANT},
			"form %s asks for no study code", s->form->id);
}

/* cells */

static void
check_row(const struct import *i, const struct import_source *s, size_t row,
	struct faults *faults)
{
	size_t number = csv_row_number(i->sheet, row);
	const char *code = csv_cell(i->sheet, row, i->code);
	if (!code[0])
		faults_add(faults, (struct fault_place){s->name, number, FORM_PARTICIPANT},
			"the study code is missing");
	else if (!pack_is_code(s->pack, code))
		faults_add(faults, (struct fault_place){s->name, number, FORM_PARTICIPANT},
			"this is not of the form of a study code");
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

/* Rows sorted by code, to find the ones that stand twice. */
struct code_row {
	const char *code;
	size_t row;
};

static int
by_code(const void *a, const void *b)
{
	const struct code_row *x = a, *y = b;
	int order = strcmp(x->code, y->code);
	return order ? order : (x->row > y->row) - (x->row < y->row);
}

static void
check_doubles(const struct import *i, const struct import_source *s, struct faults *faults)
{
	size_t count = csv_rows(i->sheet);
	OWNED_MEM struct code_row *list = xcalloc(count, sizeof(*list));
	for (size_t r = 0; r < count; r++)
		list[r] = (struct code_row){csv_cell(i->sheet, r, i->code), r};
	qsort(list, count, sizeof(*list), by_code);
	for (size_t r = 1; r < count; r++)
		if (list[r].code[0] && strcmp(list[r].code, list[r - 1].code) == 0)
			faults_add(faults,
				(struct fault_place){s->name,
					csv_row_number(i->sheet, list[r].row),
					FORM_PARTICIPANT},
				"row %zu has the same study code, and the form takes one "
				"record a person",
				csv_row_number(i->sheet, list[r - 1].row));
}

enum err
import_read(struct import **ret, const struct import_source *s, struct faults *faults)
{
	OWNED(import) struct import *i = xcalloc(1, sizeof(*i));
	*ret = NULL;
	i->form = s->form;
	i->code = -1;
	i->columns = xcalloc(s->form->field_count, sizeof(*i->columns));
	enum err e = csv_load(&i->sheet, s->text, s->name);
	if (e)
		return e;
	check_columns(i, s, faults);
	if (faults->errors)
		return faults_check(faults);
	for (size_t r = 0; r < csv_rows(i->sheet); r++)
		check_row(i, s, r, faults);
	if (!s->form->many)
		check_doubles(i, s, faults);
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
	mem_drop(&i);
}

/* use */

size_t
import_rows(const struct import *i)
{
	return csv_rows(i->sheet);
}

size_t
import_row_number(const struct import *i, size_t row)
{
	return csv_row_number(i->sheet, row);
}

const char *
import_code(const struct import *i, size_t row)
{
	return csv_cell(i->sheet, row, i->code);
}

size_t
import_answers(const struct import *i, size_t row, struct form_answer *ret)
{
	for (size_t k = 0; k < i->form->field_count; k++)
		ret[k] = (struct form_answer){
			i->form->fields[k].name, csv_cell(i->sheet, row, i->columns[k])};
	return i->form->field_count;
}
