/* compared - figures of a wave beside the same figures of an earlier, like one.
 *
 * Rows:        those of the wave, in their order, each with the row of the other wave that is
 *              of the same indicator, site, breakdown, level and statistic; then those that
 *              only the other wave has. Where one wave has no such row its text is [w].
 * Change:      the wave's value less the earlier one's, from the figures in full. [c] where
 *              either is hidden; [z] where either is not there, of limits (of intervals and
 *              funnels), ranks and what has no unit of its own (alpha, a funnel's factor), and
 *              of ALL, but for n and missing, where not the same sites have the figure in both.
 *              No interval is put around a change: the same people may have answered in both
 *              waves, who is not looked at.
 * It can hurt: hidden values are in the rows. Only texts may be published.
 */
#ifndef WEIR_HUB_COMPARED_H
#define WEIR_HUB_COMPARED_H

#include "common/figures/rows.h"

#include "hub/cohort.h"

/* Texts are lent by the rows, or written here. */
struct compared_row {
	const struct figure_row *row; /* the wave's, or the earlier one's alone */
	const char *now;
	const char *earlier;
	char change[ROW_TEXT_MAX_BYTES];
};

struct compared;

/* gives; all is lent, and the lists get no more rows while it lives. sites: all that rows are
 * of, but ALL. */
struct compared *compared_new(const struct figure_rows *now, const struct figure_rows *earlier,
	const struct cohort_site *sites, size_t site_count);
void compared_free(struct compared *c);
OWNER(compared)

size_t compared_count(const struct compared *c);
/* lends. */
const struct compared_row *compared_at(const struct compared *c, size_t i);

#endif
