/* import_doubles - study codes that stand twice in a sheet of a form with one record a person.
 *
 * Always true: each row after the first of its code is named, with the row before it; a blank
 *              code is no double.
 */
#ifndef WEIR_NODE_IMPORT_DOUBLES_H
#define WEIR_NODE_IMPORT_DOUBLES_H

#include "common/codec/csv.h"
#include "common/study/faults.h"

/* column: of the study codes; name: of the file, for faults. */
void import_doubles(
	const struct csv_sheet *sheet, int column, const char *name, struct faults *faults);

#endif
