/* sheet - one sheet of a spreadsheet as a grid of texts, whatever file it came from.
 *
 * Always true: the first row with any text is the header row; names of columns differ; a column
 *              without a name is left out; rows without any text are counted, but not kept.
 *              Cells are UTF-8 without control characters but tab and line end, and without
 *              blanks around them.
 * Addresses:   every message names the sheet (sheet_name, "survey.csv" or "a.xlsx, sheet
 *              survey"), the row as the spreadsheet shows it, and the column by its name.
 * Limits:      those of room csv; 2,000,000 cells, empty ones of kept rows counted.
 * Errors:      E_FORMAT "row 12: ..." without the cell's content, E_FULL over a limit.
 */
#ifndef WEIR_SHEET_H
#define WEIR_SHEET_H

#include "common/codec/bytes.h"

#define SHEET_MAX_CELLS      ((size_t)2000000)
#define SHEET_MAX_COLUMNS    ((size_t)1000)
#define SHEET_MAX_ROWS       ((size_t)1000000)
#define SHEET_MAX_TEXT_BYTES ((size_t)64 << 20)
#define SHEET_MAX_CELL_BYTES ((size_t)64 << 10)

struct sheet;

/* gives the sheet of a CSV file (room csv); copies. */
CHECKED enum err sheet_from_csv(struct sheet **ret, struct view text, const char *name);

/* Building one cell by cell: gives an empty sheet; cells are put row by row, row and column
 * counted from 0; the sheet is whole after sheet_finish(). */
struct sheet *sheet_new(const char *name);
CHECKED enum err sheet_put(struct sheet *s, size_t row, size_t column, struct view text);
CHECKED enum err sheet_finish(struct sheet *s);

void sheet_free(struct sheet *s);
OWNER(sheet)

const char *sheet_name(const struct sheet *s);     /* lent */
size_t sheet_header_number(const struct sheet *s); /* of the header row, as shown */

/* Rows below the header that hold any text. */
size_t sheet_rows(const struct sheet *s);
/* The number a spreadsheet shows beside row `row` (0 is the first below the header). */
size_t sheet_row_number(const struct sheet *s, size_t row);

size_t sheet_columns(const struct sheet *s);
/* Its name in the header row; "" for a column that has none, which is left out. Lent. */
const char *sheet_column_name(const struct sheet *s, size_t column);
/* Index of the column of this name, or -1. Upper and lower case differ. */
int sheet_column(const struct sheet *s, const char *name);

/* The cell, "" if it is empty or if there is no such row or column (column may be -1). Lent. */
const char *sheet_cell(const struct sheet *s, size_t row, int column);

#endif
