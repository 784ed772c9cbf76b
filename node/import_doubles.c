#include "node/import_doubles.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/study/form.h"

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

void
import_doubles(
	const struct csv_sheet *sheet, int column, const char *name, struct faults *faults)
{
	size_t count = csv_rows(sheet);
	OWNED_MEM struct code_row *list = xcalloc(count, sizeof(*list));
	for (size_t r = 0; r < count; r++)
		list[r] = (struct code_row){csv_cell(sheet, r, column), r};
	qsort(list, count, sizeof(*list), by_code);
	for (size_t r = 1; r < count; r++)
		if (list[r].code[0] && strcmp(list[r].code, list[r - 1].code) == 0)
			faults_add(faults,
				(struct fault_place){name, csv_row_number(sheet, list[r].row),
					FORM_PARTICIPANT},
				"row %zu has the same study code, and the form takes one "
				"record a person",
				csv_row_number(sheet, list[r - 1].row));
}
