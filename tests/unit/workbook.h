/* workbook - .xlsx archives made by tests: parts stored as they are, in a zip of our own making
 * (APPNOTE 6.3, sections 4.3.7, 4.3.12, 4.3.16). */
#ifndef WEIR_WORKBOOK_H
#define WEIR_WORKBOOK_H

#include "common/codec/bytes.h"

struct workbook_part {
	const char *name;
	const char *content;
	size_t claims; /* bytes it says it holds; 0: what it holds */
};

/* gives the archive. */
void workbook_zip(struct buf *out, const struct workbook_part *parts, size_t count);

/* gives a workbook of one sheet "survey" with these rows of XML ("<row ...>...</row>"), shared
 * strings ("<si>...</si>") and a style 1 that shows dates. */
void workbook_of_rows(struct buf *out, const char *rows, const char *strings);

#endif
