#include <string.h>

#include "common/codec/xlsx.h"
#include "tests/fuzz/fuzz.h"

/* Every sheet of a workbook that opens can be read or is refused; names of its columns
 * differ. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	OWNED(xlsx) struct xlsx *x = NULL;
	if (xlsx_open(&x, view_of(data, size)))
		return 0;
	for (size_t i = 0; i < xlsx_sheets(x); i++) {
		OWNED(sheet) struct sheet *s = NULL;
		if (xlsx_read(&s, x, i, "fuzz.xlsx"))
			continue;
		for (size_t k = 0; k < sheet_columns(s); k++) {
			const char *name = sheet_column_name(s, k);
			fuzz_must(!*name || sheet_column(s, name) == (int)k);
			for (size_t row = 0; row < sheet_rows(s); row++)
				fuzz_must(strlen(sheet_cell(s, row, (int)k)) <=
					  SHEET_MAX_CELL_BYTES);
		}
	}
	return 0;
}
