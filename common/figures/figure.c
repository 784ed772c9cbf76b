#include "common/figures/figure.h"

#include <math.h>
#include <stdio.h>

/* Whole numbers are printed in full below this, as the reference figures are. */
#define WHOLE_BELOW_COUNT 1e15

const char *
statistic_name(enum statistic s)
{
	static const char *const names[] = {
		[STATISTIC_N] = "n",
		[STATISTIC_COUNT] = "count",
		[STATISTIC_PROPORTION] = "proportion",
		[STATISTIC_INTERVAL_LO] = "interval_lo",
		[STATISTIC_INTERVAL_HI] = "interval_hi",
		[STATISTIC_MEAN] = "mean",
		[STATISTIC_SD] = "sd",
		[STATISTIC_MEDIAN] = "median",
		[STATISTIC_SUM] = "sum",
		[STATISTIC_SHARE_NEGATIVE] = "share_negative",
		[STATISTIC_SHARE_POSITIVE] = "share_positive",
		[STATISTIC_ALPHA] = "alpha",
		[STATISTIC_RANK] = "rank",
		[STATISTIC_MISSING] = "missing",
		[STATISTIC_VALUE] = "value",
		[STATISTIC_FUNNEL_LO_95] = "funnel_lo_95",
		[STATISTIC_FUNNEL_HI_95] = "funnel_hi_95",
		[STATISTIC_FUNNEL_LO_998] = "funnel_lo_998",
		[STATISTIC_FUNNEL_HI_998] = "funnel_hi_998",
		[STATISTIC_FUNNEL_TARGET] = "funnel_target",
		[STATISTIC_FUNNEL_FACTOR] = "funnel_factor",
		[STATISTIC_DIFFERENCE] = "difference",
		[STATISTIC_RATIO] = "ratio",
	};
	return names[s];
}

void
figure_text(char ret[static FIGURE_TEXT_BYTES], double value)
{
	if (fabs(value) < WHOLE_BELOW_COUNT && value == nearbyint(value))
		(void)snprintf(ret, FIGURE_TEXT_BYTES, "%.0f", value + 0.0);
	else
		(void)snprintf(ret, FIGURE_TEXT_BYTES, "%.12g", value);
}
