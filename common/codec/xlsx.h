/* xlsx - workbooks of spreadsheet programs (.xlsx), read as sheets of texts.
 *
 * Format:      Office Open XML (ECMA-376 part 1, chapter 18): a zip archive with
 *              xl/workbook.xml, its relationships, shared strings, styles and one part a sheet.
 * Cells:       are texts as a person sees them in a plain format: whole numbers without a point
 *              (1, not 1.0), other numbers with up to 15 digits, dates as YYYY-MM-DD, with
 *              THH:MM:SS where they have a time, booleans as TRUE and FALSE, formulas as the
 *              result that was saved with them. Phonetic guides are left out.
 * Always true: no part is unpacked beyond XLSX_MAX_PART_BYTES, all that are read together not
 *              beyond XLSX_MAX_BYTES: an archive that claims or holds more is refused.
 * Errors:      E_FORMAT: no archive, no workbook, a part that is missing or broken, a cell that
 *              holds an error of the spreadsheet; E_FULL over a limit; E_NOTFOUND: no such
 *              sheet. They name part, row and column, never a cell's content.
 */
#ifndef WEIR_XLSX_H
#define WEIR_XLSX_H

#include "common/codec/sheet.h"

#define XLSX_MAX_FILE_BYTES ((size_t)16 << 20)
#define XLSX_MAX_PART_BYTES ((size_t)16 << 20)
#define XLSX_MAX_BYTES      ((size_t)64 << 20)
#define XLSX_MAX_SHEETS     100

struct xlsx;

/* gives the workbook; `bytes` are lent as long as it lives. Sheets are read when asked for. */
CHECKED enum err xlsx_open(struct xlsx **ret, struct view bytes);
void xlsx_free(struct xlsx *x);
OWNER(xlsx)

size_t xlsx_sheets(const struct xlsx *x);
/* Index of the sheet of this name, upper and lower case alike, or -1. */
int xlsx_sheet(const struct xlsx *x, const char *name);

/* gives one sheet; its name is "FILE, sheet NAME". */
CHECKED enum err xlsx_read(struct sheet **ret, struct xlsx *x, size_t sheet, const char *file);

#endif
