#include "common/figures/figure.h"

#include <math.h>
#include <stdio.h>

/* The 0.975 quantile of the normal distribution. */
#define NORMAL_QUANTILE_975 1.959963984540054

/* Whole numbers are printed in full below this, as the reference figures are. */
#define WHOLE_BELOW_COUNT 1e15

const char *
statistic_name(enum statistic s)
{
	switch (s) {
	case STATISTIC_N:
		return "n";
	case STATISTIC_COUNT:
		return "count";
	case STATISTIC_PROPORTION:
		return "proportion";
	case STATISTIC_INTERVAL_LO:
		return "interval_lo";
	case STATISTIC_INTERVAL_HI:
		return "interval_hi";
	case STATISTIC_MEAN:
		return "mean";
	case STATISTIC_SD:
		return "sd";
	case STATISTIC_MEDIAN:
		return "median";
	}
	return "";
}

void
figure_wilson(size_t k, size_t n, double *ret_lo, double *ret_hi)
{
	const double z = NORMAL_QUANTILE_975;
	double people = (double)n, p = (double)k / people;
	double scale = 1 + z * z / people;
	double middle = (p + z * z / (2 * people)) / scale;
	double half = z * sqrt(p * (1 - p) / people + z * z / (4 * people * people)) / scale;
	*ret_lo = k == 0 ? 0 : middle - half;
	*ret_hi = k == n ? 1 : middle + half;
}

void
figure_text(char ret[static FIGURE_TEXT_BYTES], double value)
{
	if (fabs(value) < WHOLE_BELOW_COUNT && value == nearbyint(value))
		(void)snprintf(ret, FIGURE_TEXT_BYTES, "%.0f", value + 0.0);
	else
		(void)snprintf(ret, FIGURE_TEXT_BYTES, "%.12g", value);
}
