/* import_row - one row of a sheet as a filled-in form, so that it is held against the form as a
 * tablet's submission is (submission.h).
 *
 * Columns:     the name of an item; of an item inside a repeat REPEAT[N]/NAME, N from 1, for
 *              each turn, where a turn without any cell is left out. Repeats inside repeats are
 *              refused. Names of files may be left out; items that the form works out are
 *              worked out where their column, or a cell of it, is left out.
 * Always true: a blank cell of an item that was to be asked counts as shown and left empty; of
 *              one that was not it is no answer at all.
 * Errors:      E_FORMAT; E_FULL.
 */
#ifndef WEIR_NODE_IMPORT_ROW_H
#define WEIR_NODE_IMPORT_ROW_H

#include "common/codec/csv.h"
#include "common/study/submission.h"

#define IMPORT_TURNS_MAX_COUNT 500

struct import_column {
	int field;     /* of the form; -1: the form has no such item */
	unsigned turn; /* of its repeat, from 1; 0 outside */
};

/* Which item a column is of. */
struct import_column import_column_of(const struct form *f, const char *name);

struct import_table {
	const struct form *form;
	const struct csv_sheet *sheet;
	const struct import_column *columns; /* as many as the sheet has */
};
/* gives the row's submission, held against the form; the caller's report is filled. */
struct import_ask {
	size_t row;
	struct submission_context context;
};
CHECKED enum err import_row_read(struct submission **ret, const struct import_table *t,
	const struct import_ask *ask, struct submission_report *ret_report);

#endif
