#include "common/study/pack_sheet.h"

#include <string.h>

#include "common/base/mem.h"

static bool
is_known(const struct pack_columns *c, const char *column)
{
	for (size_t i = 0; i < c->count; i++)
		if (strcmp(c->names[i], column) == 0)
			return true;
	return c->may && c->may(c->arg, column);
}

void
pack_sheet_columns(const struct pack_sheet *s, const struct pack_columns *c)
{
	for (size_t i = 0; i < csv_columns(s->csv); i++) {
		const char *name = csv_column_name(s->csv, i);
		if (!is_known(c, name))
			faults_add(s->faults, (struct fault_place){s->file, 1, name},
				"this column is not known, or not built yet in this version");
	}
	for (size_t i = 0; i < c->count; i++)
		if (csv_column(s->csv, c->names[i]) < 0)
			faults_add(s->faults, (struct fault_place){s->file, 1, c->names[i]},
				"this column is missing");
}

const char *
pack_sheet_cell(const struct pack_sheet *s, const char *column)
{
	return csv_cell(s->csv, s->row, csv_column(s->csv, column));
}

struct fault_place
pack_sheet_place(const struct pack_sheet *s, const char *column)
{
	return (struct fault_place){s->file, csv_row_number(s->csv, s->row), column};
}

char *
pack_sheet_need(const struct pack_sheet *s, const char *column)
{
	if (!*pack_sheet_cell(s, column))
		faults_add(s->faults, pack_sheet_place(s, column), "this cell is empty");
	return xstrdup(pack_sheet_cell(s, column));
}
