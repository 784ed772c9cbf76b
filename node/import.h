/* import - a spreadsheet of answers as the rows of one form: all checked, or none taken.
 *
 * Sheet:       as csv.h says; a column for each item of the form, named like it, in any order
 *              (import_row.h: forms with groups and repeats).
 *              A column that the form lacks, an item that has no column, and labels in place of
 *              codes are faults. A column filled_in, of the sheet alone, says when a row was
 *              filled in (import_when.h); blank: it does not say. Items that
 *              a client fills in by its clock need no column, and count for nothing here.
 *              Who collected (collected_by) is a column like any: who brings the sheet need
 *              not be who sat with the person.
 * Always true: when import_read() gives rows, every cell is of its form, every study code is of
 *              the study's form, every row is of one group of the study that fills in the
 *              form, and no code stands twice where the form takes one record a person. No
 *              text leads to a person (leads.h) but in the columns that somebody wants kept.
 * Errors:      E_FORMAT with every fault in `faults`, each with row (as a spreadsheet shows
 *              it), column and reason, never the cell's content. Of a text that is no sheet
 *              there is one sentence (csv.h) and no fault.
 */
#ifndef WEIR_NODE_IMPORT_H
#define WEIR_NODE_IMPORT_H

#include "common/study/pack.h"

#define IMPORT_FILLED_IN "filled_in"

struct import;

struct import_source {
	struct view text;
	const char *name; /* of the file, for faults */
	const struct pack *pack;
	const struct form *form;
	int64_t now_ms; /* today() of the form */
	/* Columns whose texts a person wants as they are (leads.h). */
	const char *const *kept;
	size_t kept_count;
};

CHECKED enum err import_read(
	struct import **ret, const struct import_source *s, struct faults *faults);
void import_free(struct import *i);
OWNER(import)

/* Adds the heading row that a sheet of the form has: its columns in the order of the form, with
 * the first turn of a repeat. */
CHECKED enum err import_heading(struct buf *out, const struct form *f);

size_t import_rows(const struct import *i);
/* Did a person want texts kept that look like they lead to somebody? */
bool import_kept(const struct import *i);
/* The number that a spreadsheet shows beside row `row`. */
size_t import_row_number(const struct import *i, size_t row);
const char *import_code(const struct import *i, size_t row); /* lent */
/* What the sheet says of when it was filled in, "" nothing; lent. */
const char *import_filled_in(const struct import *i, size_t row);
/* The row's answers, of a form without groups: field_count of the form at most; ret holds as
 * many. Values are lent. */
size_t import_answers(const struct import *i, size_t row, struct form_answer *ret);

/* The row as capture takes it (capture.h). Names and values last until import_filled_done(). */
struct submission;
struct import_filled {
	struct form_answer *answers;
	size_t count;
	const char *group; /* of the study, lent by the pack; "" none fills in the form */
	bool checked;
	struct submission *held;
};
CHECKED enum err import_fill(
	const struct import *i, size_t row, int64_t now_ms, struct import_filled *ret);
void import_filled_done(struct import_filled *f);

#endif
