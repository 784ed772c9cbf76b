/* printed - a table's figures as rows.
 */
#ifndef WEIR_PRINTED_H
#define WEIR_PRINTED_H

#include "common/figures/rows.h"
#include "common/figures/tabulate.h"

/* What stands in place of a figure that is not there. */
const char *printed_symbol(const struct table *t, const struct figure *f);

/* Put all figures of a table. hidden: a flag a figure, NULL: none is. */
void printed_table(struct figure_rows *r, size_t of, const struct table *t, const bool *hidden);

#endif
