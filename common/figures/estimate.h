/* estimate - the formulas behind the figures, on plain numbers.
 *
 * Sums keep what each addition rounds away (A. Neumaier, Z. Angew. Math. Mech. 54, 1974,
 * 39-51), so a result does not depend on the order of the records. Intervals are of 95 percent.
 * Pure: nothing here knows a table, a site or a person.
 */
#ifndef WEIR_ESTIMATE_H
#define WEIR_ESTIMATE_H

#include "common/base/base.h"

double estimate_sum(const double *x, size_t n);
/* n > 0. */
double estimate_mean(const double *x, size_t n);
/* Divides by n - 1; n > 1. */
double estimate_variance(const double *x, size_t n);
/* The middle value or the mean of the two middle ones; x in ascending order, n > 0. */
double estimate_median(const double *x, size_t n);

struct bounds {
	double lo;
	double hi;
};

/* Wilson's score interval of a share among `base` people, which need not be a whole number (E.
 * B. Wilson, J. Am. Stat. Assoc. 22, 1927, 209-212); base > 0. */
struct bounds estimate_wilson(double share, double base);
/* Of the difference p - q, from the intervals of both: method 10 of R. G. Newcombe, Stat. Med.
 * 17, 1998, 873-890. */
struct bounds estimate_newcombe(double p, struct bounds of_p, double q, struct bounds of_q);

/* The t that 2.5 percent of Student's distribution lie above; degrees > 0 need not be whole.
 * From the incomplete beta function as a continued fraction (Abramowitz and Stegun 26.5.8,
 * 26.7.1). */
double estimate_t(double degrees);

/* What one site's mean adds to a weighted sum of means: weight, variance and size. */
struct term {
	double weight;
	double variance;
	size_t n; /* 0: nothing is known of its spread, so there is no interval */
};
/* Of a weighted sum of independent means: t with Satterthwaite's degrees of freedom (F. E.
 * Satterthwaite, Biometrics Bull. 2, 1946, 110-114); of one mean it is mean +- t(n-1) sd/sqrt
 * n, of a difference of two it is Welch's. false when a term has fewer than two people. */
bool estimate_bounds(const struct term *terms, size_t count, double value, struct bounds *ret);

/* Cronbach's alpha of part_count arguments in n complete records: parts[i][r] is argument i of
 * record r (L. J. Cronbach, Psychometrika 16, 1951, 297-334). false with fewer than two of
 * either, or without spread. */
bool estimate_alpha(const double *const *parts, size_t part_count, size_t n, double *ret);

/* A site in a funnel: its value and the base that it was worked out from, > 0. */
struct funnel_point {
	double value;
	double base;
};
/* Limits of 95 and 99.8 percent around the pooled value, made wider by the factor for
 * overdispersion (D. J. Spiegelhalter, Stat. Med. 24, 2005, 1185-1202): z scores are put on the
 * 10th and 90th percentile (rule 7 of Hyndman and Fan), the factor is the mean of their squares
 * and counts when it is over 1. */
struct funnel {
	double target;
	double factor;
	bool limited; /* else no site has limits: the standard error is 0 */
};
struct funnel_limits {
	struct bounds of_95;
	struct bounds of_998;
};
/* per_people: the value is a rate for so many; 0: it is out of 100. ret_limits: count. false
 * when there is no point. */
bool estimate_funnel(const struct funnel_point *points, size_t count, double per_people,
	struct funnel *ret, struct funnel_limits *ret_limits);

#endif
