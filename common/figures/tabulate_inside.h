/* tabulate_inside - between the files of tabulate: groups are filled, figures are worked
 * out. */
#ifndef WEIR_TABULATE_INSIDE_H
#define WEIR_TABULATE_INSIDE_H

#include "common/figures/tabulate.h"

/* Take the groups of sites with fewer people than this out of all figures; before they are
 * worked out. */
void table_withhold(struct table *t, size_t least_people);

/* All figures of a table whose groups are filled. */
void table_figures(struct table *t);

#endif
