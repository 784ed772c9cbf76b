/* names_damaged - a names store (namebook.h) with a row that does not open. */
#ifndef WEIR_TESTS_NAMES_DAMAGED_H
#define WEIR_TESTS_NAMES_DAMAGED_H

#include "node/namebook.h"

/* One bit of the person's row is another one from now on; the row, as it is shown to people. */
void names_damage(
	struct namebook *n, const char *code, char ret_row[2 * NAMEBOOK_ROW_SHOWN_BYTES + 1]);

#endif
