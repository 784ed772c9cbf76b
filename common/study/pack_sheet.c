#include "common/study/pack_sheet.h"

#include "common/base/mem.h"

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
