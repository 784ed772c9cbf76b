/* figure - one number of a table: what it states, and how it is printed.
 *
 * proportion is count/n; sd divides by n-1; median is the middle value, or the mean of the two
 * middle ones; rank is the place among the keys of a site, 1 the largest, equal ones sharing
 * the better place; missing counts records without a value, its level says why. Intervals and
 * the rest are those of estimate.h.
 */
#ifndef WEIR_FIGURE_H
#define WEIR_FIGURE_H

#include "common/base/base.h"

enum statistic {
	STATISTIC_N,
	STATISTIC_COUNT,
	STATISTIC_PROPORTION,
	STATISTIC_INTERVAL_LO,
	STATISTIC_INTERVAL_HI,
	STATISTIC_MEAN,
	STATISTIC_SD,
	STATISTIC_MEDIAN,
	STATISTIC_SUM,
	STATISTIC_SHARE_NEGATIVE,
	STATISTIC_SHARE_POSITIVE,
	STATISTIC_ALPHA,
	STATISTIC_RANK,
	STATISTIC_MISSING,
	STATISTIC_VALUE,
	STATISTIC_FUNNEL_LO_95,
	STATISTIC_FUNNEL_HI_95,
	STATISTIC_FUNNEL_LO_998,
	STATISTIC_FUNNEL_HI_998,
	STATISTIC_FUNNEL_TARGET,
	STATISTIC_FUNNEL_FACTOR,
	STATISTIC_DIFFERENCE,
	STATISTIC_RATIO,
};

struct figure {
	uint32_t group;
	uint16_t level; /* of the group's cells; TABLE_NO_LEVEL: of the whole group */
	enum statistic statistic;
	/* put together from the sites by weight: no function of the heap's counts */
	bool pooled;
	bool there; /* false: nobody answered, the site takes no part, or sd of one person */
	double value;
};

/* "n", "count", "interval_lo" ... as they are printed. */
const char *statistic_name(enum statistic s);

/* The number as it is printed: whole if it is whole, else 12 significant digits. */
#define FIGURE_TEXT_BYTES 32
void figure_text(char ret[static FIGURE_TEXT_BYTES], double value);

#endif
