/* csv - one sheet of a spreadsheet saved as text: a header row and rows of cells.
 *
 * Form:        RFC 4180 in UTF-8, with or without byte order mark; lines end with LF or CRLF; a
 *              quoted cell may hold separators, doubled quotes and line ends. Separated by
 *              commas, or by semicolons as spreadsheets of much of Europe write them: the one
 *              that is found first outside quotes in the header row. Blanks around a cell are
 *              no part of it.
 * Always true: every row has as many cells as the header row; column names are not empty and
 *              differ. rows without any character are counted, but not kept.
 * Limits:      64 MiB a file, 1,000,000 rows, 1,000 columns, 64 KiB a cell.
 * Errors:      E_FORMAT "NAME row 12: ..." with the row number that a spreadsheet shows (the
 *              header is row 1); E_FULL when a limit is passed. A cell's content is never
 *              repeated.
 */
#ifndef WEIR_CSV_H
#define WEIR_CSV_H

#include "common/codec/bytes.h"

#define CSV_MAX_BYTES      ((size_t)64 << 20)
#define CSV_MAX_ROWS       ((size_t)1000000)
#define CSV_MAX_COLUMNS    ((size_t)1000)
#define CSV_MAX_CELL_BYTES ((size_t)64 << 10)

struct csv_sheet;

/* gives the sheet; `text` may go after the call. `name` is the file's, for error sentences. */
CHECKED enum err csv_load(struct csv_sheet **ret, struct view text, const char *name);
void csv_sheet_free(struct csv_sheet *c); /* libcsv has a csv_free() of its own */
OWNER(csv_sheet)

/* Rows below the header. */
size_t csv_rows(const struct csv_sheet *c);
size_t csv_columns(const struct csv_sheet *c);

/* The name in the header row; "" when there is no such column. Lent as the sheet lives. */
const char *csv_column_name(const struct csv_sheet *c, size_t column);

/* Index of the column of this name, or -1. Upper and lower case differ. */
int csv_column(const struct csv_sheet *c, const char *name);

/* The cell, "" if it is empty or if there is no such row or column (column may be the -1 of
 * csv_column). Lent as long as the sheet lives. */
const char *csv_cell(const struct csv_sheet *c, size_t row, int column);

/* The number a spreadsheet shows beside row `row` (0 is the first below the header). */
size_t csv_row_number(const struct csv_sheet *c, size_t row);

#endif
