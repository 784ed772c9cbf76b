#include "common/figures/estimate.h"

#include <math.h>
#include <stdlib.h>

#include "common/base/mem.h"

/* Quantiles of the normal distribution. */
#define NORMAL_QUANTILE_975 1.959963984540054
#define NORMAL_QUANTILE_999 3.090232306167813

#define FUNNEL_TAIL_SHARE    0.10
#define TAIL_SHARE           0.025
#define FRACTION_STEPS_COUNT 10000
#define HALVINGS_COUNT       200
/* Less spread than this is none: it is what rounding leaves. */
#define ALPHA_SPREAD_MIN 1e-12

/* sums */

struct sum {
	double total;
	double lost;
};

static void
sum_add(struct sum *s, double x)
{
	double total = s->total + x;
	if (fabs(s->total) >= fabs(x))
		s->lost += (s->total - total) + x;
	else
		s->lost += (x - total) + s->total;
	s->total = total;
}

double
estimate_sum(const double *x, size_t n)
{
	struct sum sum = {0, 0};
	for (size_t i = 0; i < n; i++)
		sum_add(&sum, x[i]);
	return sum.total + sum.lost;
}

double
estimate_mean(const double *x, size_t n)
{
	return estimate_sum(x, n) / (double)n;
}

static double
covariance(const double *x, const double *y, size_t n)
{
	double mean_x = estimate_mean(x, n), mean_y = estimate_mean(y, n);
	struct sum products = {0, 0};
	for (size_t i = 0; i < n; i++)
		sum_add(&products, (x[i] - mean_x) * (y[i] - mean_y));
	return (products.total + products.lost) / (double)(n - 1);
}

double
estimate_variance(const double *x, size_t n)
{
	return covariance(x, x, n);
}

double
estimate_median(const double *x, size_t n)
{
	return (x[(n - 1) / 2] + x[n / 2]) / 2;
}

/* shares */

struct bounds
estimate_wilson(double share, double base)
{
	const double z = NORMAL_QUANTILE_975;
	double scale = 1 + z * z / base;
	double middle = (share + z * z / (2 * base)) / scale;
	double half = z * sqrt(share * (1 - share) / base + z * z / (4 * base * base)) / scale;
	return (struct bounds){share <= 0 ? 0 : middle - half, share >= 1 ? 1 : middle + half};
}

struct bounds
estimate_newcombe(double p, struct bounds of_p, double q, struct bounds of_q)
{
	double difference = p - q;
	return (struct bounds){difference - hypot(p - of_p.lo, of_q.hi - q),
		difference + hypot(of_p.hi - p, q - of_q.lo)};
}

/* Student's t */

static double
kept_from_zero(double x)
{
	const double tiny = 1e-300;
	return fabs(x) > tiny ? x : tiny;
}

/* The continued fraction of the incomplete beta function, evaluated from the front (W. J.
 * Lentz, Appl. Opt. 15, 1976, 668-671). */
static double
beta_fraction(double a, double b, double x)
{
	double c = 1, d = 1 / kept_from_zero(1 - (a + b) * x / (a + 1)), result = d;
	for (size_t i = 1; i < FRACTION_STEPS_COUNT; i++) {
		double m = (double)i;
		double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
		double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
		d = 1 / kept_from_zero(1 + even * d);
		c = kept_from_zero(1 + even / c);
		result *= c * d;
		d = 1 / kept_from_zero(1 + odd * d);
		c = kept_from_zero(1 + odd / c);
		result *= c * d;
		if (fabs(c * d - 1) < 1e-16)
			break;
	}
	return result;
}

static double
incomplete_beta(double a, double b, double x)
{
	if (x <= 0 || x >= 1)
		return x >= 1;
	double front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x));
	if (x < (a + 1) / (a + b + 2))
		return front * beta_fraction(a, b, x) / a;
	return 1 - front * beta_fraction(b, a, 1 - x) / b;
}

static double
tail_above(double t, double degrees)
{
	return incomplete_beta(degrees / 2, 0.5, degrees / (degrees + t * t)) / 2;
}

double
estimate_t(double degrees)
{
	double low = 0, high = 1;
	while (tail_above(high, degrees) > TAIL_SHARE && high < 1e100)
		high *= 2;
	for (size_t i = 0; i < HALVINGS_COUNT; i++) {
		double middle = (low + high) / 2;
		if (tail_above(middle, degrees) > TAIL_SHARE)
			low = middle;
		else
			high = middle;
	}
	return (low + high) / 2;
}

bool
estimate_bounds(const struct term *terms, size_t count, double value, struct bounds *ret)
{
	double total = 0, below = 0;
	*ret = (struct bounds){value, value};
	for (size_t i = 0; i < count; i++) {
		if (terms[i].n < 2)
			return false;
		double n = (double)terms[i].n;
		double part = terms[i].weight * terms[i].weight * terms[i].variance / n;
		total += part;
		below += part * part / (n - 1);
	}
	if (total > 0) {
		double half = estimate_t(total * total / below) * sqrt(total);
		*ret = (struct bounds){value - half, value + half};
	}
	return count > 0;
}

bool
estimate_alpha(const double *const *parts, size_t part_count, size_t n, double *ret)
{
	double total = 0, own = 0, k = (double)part_count;
	*ret = 0;
	if (n < 2 || part_count < 2)
		return false;
	for (size_t i = 0; i < part_count; i++)
		for (size_t j = 0; j < part_count; j++) {
			double shared = covariance(parts[i], parts[j], n);
			total += shared;
			own += i == j ? shared : 0;
		}
	if (total <= ALPHA_SPREAD_MIN)
		return false;
	*ret = k / (k - 1) * (1 - own / total);
	return true;
}

/* funnel */

static int
number_order(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

/* Rule 7 of R. J. Hyndman and Y. Fan, Am. Stat. 50, 1996, 361-365; x in ascending order. */
static double
quantile(const double *x, size_t n, double share)
{
	double place = (double)(n - 1) * share;
	size_t below = (size_t)floor(place);
	size_t above = MIN(below + 1, n - 1);
	return x[below] + (place - (double)below) * (x[above] - x[below]);
}

static double
funnel_error(double target, double base, double per_people)
{
	return sqrt(
		per_people > 0 ? target * per_people / base : target * (100 - target) / base);
}

/* z scores on the ends of the tails, their squares' mean. */
static double
overdispersion(const double *z, size_t count)
{
	OWNED_MEM double *ordered = xmemdup(z, count * sizeof *z);
	qsort(ordered, count, sizeof *ordered, number_order);
	double low = quantile(ordered, count, FUNNEL_TAIL_SHARE);
	double high = quantile(ordered, count, 1 - FUNNEL_TAIL_SHARE);
	for (size_t i = 0; i < count; i++) {
		double kept = fmin(high, fmax(low, z[i]));
		ordered[i] = kept * kept;
	}
	return estimate_mean(ordered, count);
}

static struct bounds
limits_around(double target, double half, double most)
{
	return (struct bounds){fmax(0, target - half), fmin(most, target + half)};
}

bool
estimate_funnel(const struct funnel_point *points, size_t count, double per_people,
	struct funnel *ret, struct funnel_limits *ret_limits)
{
	struct sum upper = {0, 0}, bases = {0, 0};
	*ret = (struct funnel){0};
	for (size_t i = 0; i < count; i++) {
		sum_add(&upper, points[i].value * points[i].base);
		sum_add(&bases, points[i].base);
	}
	if (count == 0)
		return false;
	const double target = (upper.total + upper.lost) / (bases.total + bases.lost);
	ret->target = target;
	OWNED_MEM double *z = xcalloc(count, sizeof *z);
	for (size_t i = 0; i < count; i++) {
		double error = funnel_error(target, points[i].base, per_people);
		if (!(error > 0))
			return true;
		z[i] = (points[i].value - target) / error;
	}
	ret->factor = overdispersion(z, count);
	ret->limited = true;
	const double wide = sqrt(fmax(1, ret->factor));
	const double most = per_people > 0 ? (double)INFINITY : 100;
	for (size_t i = 0; i < count; i++) {
		double half = wide * funnel_error(target, points[i].base, per_people);
		ret_limits[i].of_95 = limits_around(target, NORMAL_QUANTILE_975 * half, most);
		ret_limits[i].of_998 = limits_around(target, NORMAL_QUANTILE_999 * half, most);
	}
	return true;
}
