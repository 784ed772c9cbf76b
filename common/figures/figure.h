/* figure - one number of a table: what it states, and how it is printed.
 *
 * proportion is count/n; the interval is Wilson's score interval, 95 percent (E. B. Wilson, J.
 * Am. Stat. Assoc. 22, 1927, 209-212); sd divides by n-1; median is the middle value, or the
 * mean of the two middle ones.
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
};

struct figure {
	uint32_t group;
	uint16_t level; /* of the counted levels; TABLE_NO_LEVEL: of the whole group */
	enum statistic statistic;
	bool there; /* false: nobody answered, the site takes no part, or sd of one person */
	double value;
};

/* "n", "count", "interval_lo" ... as they are printed. */
const char *statistic_name(enum statistic s);

/* Wilson's interval for k of n people; n > 0. */
void figure_wilson(size_t k, size_t n, double *ret_lo, double *ret_hi);

/* The number as it is printed: whole if it is whole, else 12 significant digits. */
#define FIGURE_TEXT_BYTES 32
void figure_text(char ret[static FIGURE_TEXT_BYTES], double value);

#endif
