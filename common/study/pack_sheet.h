/* pack_sheet - one sheet of the pack being read row by row, and the faults at its cells.
 *
 * Always true: a fault names file, row and column as whoever edits the sheet sees them.
 */
#ifndef WEIR_PACK_SHEET_H
#define WEIR_PACK_SHEET_H

#include "common/codec/csv.h"
#include "common/study/faults.h"

struct pack_sheet {
	const char *file; /* its name in the pack */
	struct faults *faults;
	struct csv_sheet *csv; /* lent */
	size_t row;            /* from 0 */
};

/* Which columns a sheet has to have, in any order, and which it may have beside them. */
struct pack_columns {
	const char *const *names;
	size_t count;
	bool (*may)(const void *arg, const char *column); /* NULL: none beside them */
	const void *arg;
};
/* A fault for each column that is not known, and each that is missing. */
void pack_sheet_columns(const struct pack_sheet *s, const struct pack_columns *c);

/* The cell of this row; lent; "" where the column is missing. */
const char *pack_sheet_cell(const struct pack_sheet *s, const char *column);
struct fault_place pack_sheet_place(const struct pack_sheet *s, const char *column);
/* gives the cell's text; a fault when it is empty. */
char *pack_sheet_need(const struct pack_sheet *s, const char *column);

#endif
