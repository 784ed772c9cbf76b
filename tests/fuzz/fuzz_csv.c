#include "tests/fuzz/fuzz.h"

#include "common/codec/csv.h"

/* A sheet that loads has every cell of every row. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	OWNED(csv_sheet) struct csv_sheet *sheet = NULL;
	if (csv_load(&sheet, view_of(data, size), "sheet"))
		return 0;
	fuzz_must(csv_columns(sheet) > 0);
	for (size_t c = 0; c < csv_columns(sheet); c++) {
		const char *name = csv_column_name(sheet, c);
		fuzz_must(*name && csv_column(sheet, name) == (int)c);
		for (size_t r = 0; r < csv_rows(sheet); r++)
			fuzz_must(csv_cell(sheet, r, (int)c) && csv_row_number(sheet, r) > 1);
	}
	return 0;
}
