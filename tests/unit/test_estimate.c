#include "tests/unit/suite.h"

#include <math.h>

#include "common/figures/estimate.h"

static void
assert_near(const char *what, double got, double expected, double most)
{
	if (!(fabs(got - expected) <= most))
		fail_msg("%s: %.12g, expected %.12g", what, got, expected);
}

static void
wilson_stays_between_nothing_and_all(void **state)
{
	(void)state;
	/* 0 of 10 and 10 of 10: the far end is z^2/(n+z^2) away, by hand. */
	struct bounds none = estimate_wilson(0, 10), all = estimate_wilson(1, 10);
	assert_near("lower of none", none.lo, 0, 1e-15);
	assert_near("upper of none", none.hi, 0.27753280, 1e-7);
	assert_near("upper of all", all.hi, 1, 1e-15);
	assert_near("lower of all", all.lo, 0.72246720, 1e-7);
}

/* Newcombe 1998 I (Stat. Med. 17, 857-872), table I: 81 of 263. Newcombe 1998 II, table II,
 * method 10: 56/70 - 48/80, 9/10 - 3/10, 10/10 - 0/20. */
static void
shares_and_their_differences_are_those_in_print(void **state)
{
	static const struct {
		double a, m, b, n, lo, hi;
	} rows[] = {{56, 70, 48, 80, 0.0524, 0.3339}, {9, 10, 3, 10, 0.1705, 0.8090},
		{10, 10, 0, 20, 0.6791, 1.0000}};
	(void)state;
	struct bounds one = estimate_wilson(81.0 / 263, 263);
	assert_near("lower of 81 of 263", one.lo, 0.2553, 5e-5);
	assert_near("upper of 81 of 263", one.hi, 0.3662, 5e-5);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		double p = rows[i].a / rows[i].m, q = rows[i].b / rows[i].n;
		struct bounds d = estimate_newcombe(
			p, estimate_wilson(p, rows[i].m), q, estimate_wilson(q, rows[i].n));
		assert_near("lower of a difference", d.lo, rows[i].lo, 5e-5);
		assert_near("upper of a difference", d.hi, rows[i].hi, 5e-5);
	}
}

/* Table of the t distribution, upper 2.5 percent; between whole degrees it falls. */
static void
t_is_that_of_the_tables(void **state)
{
	static const struct {
		double degrees, t;
	} rows[] = {{1, 12.7062}, {2, 4.3027}, {4, 2.7764}, {10, 2.2281}, {30, 2.0423},
		{120, 1.9799}, {1e7, 1.959964}};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_near("t", estimate_t(rows[i].degrees), rows[i].t, 5e-5);
	assert_true(estimate_t(3.9) > estimate_t(4) && estimate_t(4) > estimate_t(4.1));
}

/* 1..5: mean 3, variance 2.5; t(4) sqrt(2.5/5) = 1.963243 to either side. */
static void
a_mean_has_students_interval(void **state)
{
	static const double x[] = {1, 2, 3, 4, 5};
	const struct term one = {1, estimate_variance(x, 5), 5}, alone = {1, 0, 1};
	struct bounds of;
	(void)state;
	assert_near("variance", one.variance, 2.5, 1e-15);
	assert_true(estimate_bounds(&one, 1, estimate_mean(x, 5), &of));
	assert_near("lower", of.lo, 3 - 1.963243, 1e-6);
	assert_near("upper", of.hi, 3 + 1.963243, 1e-6);
	assert_false(estimate_bounds(&alone, 1, 3, &of));
	assert_false(estimate_bounds(&alone, 0, 3, &of));
}

/* Welch by hand: variances 4 and 9, sizes 4 and 9, so both terms are 1: standard error sqrt 2,
 * degrees 4 / (1/3 + 1/8) = 8.727273, t = 2.272949. */
static void
a_difference_of_two_means_is_welchs(void **state)
{
	const struct term two[] = {{1, 4, 4}, {-1, 9, 9}};
	struct bounds of;
	(void)state;
	assert_true(estimate_bounds(two, 2, 1, &of));
	double t = estimate_t(4.0 / (1.0 / 3 + 1.0 / 8));
	assert_true(t > estimate_t(9) && t < estimate_t(8));
	assert_near("lower", of.lo, 1 - t * sqrt(2), 1e-12);
	assert_near("upper", of.hi, 1 + t * sqrt(2), 1e-12);
}

/* Two items: 4 cov / (var1 + var2 + 2 cov). Of 1,2,3,4 and 2,1,4,3: variances 5/3, covariance
 * 1: alpha = 4 / (10/3 + 2) = 0.75. */
static void
alpha_is_worked_out_from_the_covariances(void **state)
{
	static const double a[] = {1, 2, 3, 4}, b[] = {2, 1, 4, 3}, flat[] = {3, 3, 3, 3};
	const double *const two[] = {a, b}, *const same[] = {a, a},
			    *const none[] = {flat, flat};
	double alpha = 0;
	(void)state;
	assert_true(estimate_alpha(two, 2, 4, &alpha));
	assert_near("alpha", alpha, 0.75, 1e-12);
	assert_true(estimate_alpha(same, 2, 4, &alpha));
	assert_near("alpha of equal items", alpha, 1, 1e-12);
	assert_false(estimate_alpha(none, 2, 4, &alpha));
	assert_false(estimate_alpha(two, 2, 1, &alpha));
	assert_false(estimate_alpha(two, 1, 4, &alpha));
}

/* Three equal bases of 100 out of 100: values 40, 50, 60: target 50, standard error 5, z -2 0
 * 2, on the 10th and 90th percentile -1.6 0 1.6, factor 5.12/3. */
static void
a_funnel_is_widened_by_what_sites_vary(void **state)
{
	static const struct funnel_point points[] = {{40, 100}, {50, 100}, {60, 100}};
	static const struct funnel_point zero[] = {{0, 100}};
	struct funnel f;
	struct funnel_limits limits[3];
	(void)state;
	assert_true(estimate_funnel(points, 3, 0, &f, limits));
	assert_near("target", f.target, 50, 1e-12);
	assert_near("factor", f.factor, 5.12 / 3, 1e-12);
	double half = 1.959964 * 5 * sqrt(5.12 / 3);
	assert_near("lower 95", limits[0].of_95.lo, 50 - half, 1e-5);
	assert_near("upper 95", limits[2].of_95.hi, 50 + half, 1e-5);
	assert_near("upper 99.8", limits[1].of_998.hi, 50 + half * 3.090232 / 1.959964, 1e-5);
	assert_true(estimate_funnel(zero, 1, 100000, &f, limits));
	assert_false(f.limited);
	assert_false(estimate_funnel(zero, 0, 0, &f, limits));
}

static void
a_funnel_is_never_made_narrower_and_stays_in_its_range(void **state)
{
	static const struct funnel_point points[] = {{1, 100}, {1, 100}};
	struct funnel f;
	struct funnel_limits limits[2];
	(void)state;
	assert_true(estimate_funnel(points, 2, 100, &f, limits));
	assert_near("factor", f.factor, 0, 1e-15);
	assert_near("lower", limits[0].of_95.lo, 0, 1e-15);
	assert_near("upper", limits[0].of_95.hi, 1 + 1.959964, 1e-5);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wilson_stays_between_nothing_and_all),
		cmocka_unit_test(shares_and_their_differences_are_those_in_print),
		cmocka_unit_test(t_is_that_of_the_tables),
		cmocka_unit_test(a_mean_has_students_interval),
		cmocka_unit_test(a_difference_of_two_means_is_welchs),
		cmocka_unit_test(alpha_is_worked_out_from_the_covariances),
		cmocka_unit_test(a_funnel_is_widened_by_what_sites_vary),
		cmocka_unit_test(a_funnel_is_never_made_narrower_and_stays_in_its_range),
	};
	return cmocka_run_group_tests_name("estimate", tests, NULL, NULL);
}
