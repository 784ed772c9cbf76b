/* cellfigures - figures worked out from other figures of the same site and key.
 *
 * Worked out from true figures and hidden when any figure that is read is hidden, its base
 * among them. Of ALL from the pooled figures. With a breakdown, a key has rows where every
 * figure that is read is there; without, keys that lack one are left out of count(keys, ...).
 * Rows:        difference: n of both sides, the level says whose; difference; its interval:
 *              Welch's of means, Newcombe's of proportions. ratio: n is its second argument.
 */
#ifndef WEIR_HUB_CELLFIGURES_H
#define WEIR_HUB_CELLFIGURES_H

#include "common/figures/rows.h"
#include "common/figures/tabulate.h"
#include "common/study/codebook.h"

#include "hub/cohort.h"

/* What they are worked out from; all lent. */
struct cell_source {
	const struct codebook *codebook;
	const struct cohort_site *sites;
	size_t site_count;
	const struct table *const *tables; /* of people, for intervals of differences */
	size_t table_count;
};

/* Adds the rows of a cell expression; those of what it reads are there. Texts of the rows are
 * lent by the sources. */
CHECKED enum err cellfigures_put(
	const struct cell_source *s, const struct indicator *cell, struct figure_rows *rows);

#endif
