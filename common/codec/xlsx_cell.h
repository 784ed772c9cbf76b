/* xlsx_cell - what the number in a cell of a workbook looks like to a person.
 *
 * Days count from 1899-12-30, or from 1904-01-01 in workbooks that say so (ECMA-376 part 1,
 * 18.17.4); before 1 March 1900 the first count is a day off, as it is in the programs.
 */
#ifndef WEIR_XLSX_CELL_H
#define WEIR_XLSX_CELL_H

#include "common/codec/bytes.h"

#define XLSX_CELL_BYTES 40

/* Does this number format show days or hours? `code` is "" for the formats built in. */
bool xlsx_format_is_date(unsigned id, const char *code);

/* The text of a number: "1", "0.25", as it stands if it is no number. */
void xlsx_number(char ret[static XLSX_CELL_BYTES], const char *number);

/* The text of a day count; as xlsx_number() if it is none. */
void xlsx_date(char ret[static XLSX_CELL_BYTES], const char *number, bool from_1904);

/* "AB12" is column 27, row 11 (from 0); false if it is no address. */
bool xlsx_address(const char *text, size_t *ret_row, size_t *ret_column);

#endif
