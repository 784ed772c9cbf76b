#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/figures/tabulate_inside.h"

/* Shares closer than this, relative to the larger, are equal for a rank: the same share worked
 * out by different additions. */
#define SAME_SHARE 1e-12

static void
figure_put(struct table *t, const struct figure *f)
{
	struct figure *to = &t->figures[t->figure_count++];
	*to = *f;
	const struct group *g = &t->groups[f->group];
	if (g->state != SITE_TAKES_PART || g->withheld_count)
		to->there = false;
	if (!to->there)
		to->value = 0;
}

static void
put(struct table *t, struct figure f, enum statistic s, double value)
{
	f.statistic = s;
	f.value = value;
	figure_put(t, &f);
}

/* values */

static int
number_order(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static void
drop_numbers(void *of)
{
	mem_drop(of);
}

/* gives the numbers of a column in a set of rows, in ascending order when `sorted`. */
static double *
numbers_of(const struct table *t, size_t column, const struct bitmap *rows, bool sorted)
{
	const double *all = columns_numbers(t->columns, column);
	size_t count = bitmap_count(rows), n = 0;
	double *made = xcalloc(count + 1, sizeof *made);
	for (size_t w = 0; w < rows->word_count; w++)
		for (uint64_t bits = rows->word[w]; bits; bits &= bits - 1)
			made[n++] = all[w * 64 + (size_t)__builtin_ctzll(bits)];
	if (sorted)
		qsort(made, n, sizeof *made, number_order);
	return made;
}

static struct term
term_of(const struct table *t, const struct group *g)
{
	OWNED_BY(drop_numbers) double *x = numbers_of(t, table_column(t, g), g->base, true);
	struct term one = {.weight = 1, .n = g->n};
	one.variance = g->n > 1 ? estimate_variance(x, g->n) : 0;
	explicit_bzero(x, g->n * sizeof *x);
	return one;
}

/* The group of a site beside one of ALL. */
static const struct group *
beside(const struct table *t, uint32_t group, size_t site)
{
	size_t combinations = table_combinations(t);
	return &t->groups[site * combinations + group % combinations];
}

/* What a site weighs in a group of ALL: 0 where nobody has a value. Adds up to 1. */
static double
weight_of(const struct table *t, uint32_t group, size_t site)
{
	double total = 0;
	for (size_t s = 0; s < columns_sites(t->columns); s++)
		total += beside(t, group, s)->n ? t->weights[s] : 0;
	return beside(t, group, site)->n ? t->weights[site] / total : 0;
}

static bool
is_weighted(const struct table *t, uint32_t group)
{
	return t->weights && t->groups[group].site == TABLE_SITE_ALL;
}

size_t
table_terms(const struct table *t, uint32_t group, struct term *ret)
{
	size_t count = 0;
	if (!is_weighted(t, group)) {
		ret[0] = term_of(t, &t->groups[group]);
		return t->groups[group].n > 0;
	}
	for (size_t s = 0; s < columns_sites(t->columns); s++) {
		const struct group *g = beside(t, group, s);
		if (g->n == 0)
			continue;
		ret[count] = term_of(t, g);
		ret[count++].weight = weight_of(t, group, s);
	}
	return count;
}

static double
mean_of(const struct table *t, const struct group *g)
{
	OWNED_BY(drop_numbers) double *x = numbers_of(t, table_column(t, g), g->base, true);
	double mean = estimate_mean(x, g->n);
	explicit_bzero(x, g->n * sizeof *x);
	return mean;
}

/* The mean of the group, g->n > 0; of ALL the weighted one. */
static double
pooled_mean(const struct table *t, uint32_t group)
{
	size_t sites = columns_sites(t->columns);
	if (!is_weighted(t, group))
		return mean_of(t, &t->groups[group]);
	OWNED_MEM double *parts = xcalloc(sites, sizeof *parts);
	for (size_t s = 0; s < sites; s++)
		if (beside(t, group, s)->n)
			parts[s] = weight_of(t, group, s) * mean_of(t, beside(t, group, s));
	return estimate_sum(parts, sites);
}

static double
share_of(const struct group *g)
{
	return (double)bitmap_count(g->cells[0]) / (double)g->n;
}

/* A weighted share rests on as many people as L. Kish's effective number says (Survey Sampling,
 * 1965, 11.2). */
double
table_share(const struct table *t, uint32_t group, struct bounds *ret_interval)
{
	const struct group *g = &t->groups[group];
	size_t sites = columns_sites(t->columns);
	double share = share_of(g), people = (double)g->n;
	if (is_weighted(t, group)) {
		OWNED_MEM double *parts = xcalloc(2 * sites, sizeof *parts);
		for (size_t s = 0; s < sites; s++) {
			const struct group *one = beside(t, group, s);
			double w = weight_of(t, group, s);
			parts[s] = one->n ? w * share_of(one) : 0;
			parts[sites + s] = one->n ? w * w / (double)one->n : 0;
		}
		/* Shares that make up one may come out just above it. */
		share = fmin(1, estimate_sum(parts, sites));
		people = 1 / estimate_sum(parts + sites, sites);
	}
	*ret_interval = estimate_wilson(share, people);
	return share;
}

/* figures */

static void
level_figures(struct table *t, uint32_t group, uint16_t level)
{
	const struct group *g = &t->groups[group];
	size_t k = bitmap_count(g->cells[level]);
	double share = g->n ? (double)k / (double)g->n : 0;
	struct figure f = {.group = group, .level = level, .there = g->n > 0};
	struct bounds of = g->n ? estimate_wilson(share, (double)g->n) : (struct bounds){0, 0};
	if (t->asks & ASK_DISTRIBUTION) {
		put(t, f, STATISTIC_COUNT, (double)k);
		put(t, f, STATISTIC_PROPORTION, share);
	}
	if (t->asks & ASK_INTERVAL) {
		put(t, f, STATISTIC_INTERVAL_LO, of.lo);
		put(t, f, STATISTIC_INTERVAL_HI, of.hi);
	}
}

static void
share_figures(struct table *t, uint32_t group)
{
	const struct group *g = &t->groups[group];
	struct bounds of = {0, 0};
	struct figure f = {.group = group, .level = 0, .there = g->n > 0};
	double share = g->n ? table_share(t, group, &of) : 0;
	if (t->asks & ASK_COUNT)
		put(t, f, STATISTIC_COUNT, (double)bitmap_count(g->cells[0]));
	f.pooled = is_weighted(t, group);
	if (t->asks & ASK_PROPORTION)
		put(t, f, STATISTIC_PROPORTION, share);
	if (t->asks & ASK_INTERVAL) {
		put(t, f, STATISTIC_INTERVAL_LO, of.lo);
		put(t, f, STATISTIC_INTERVAL_HI, of.hi);
	}
}

static double
share_beyond(const double *x, size_t n, double sign)
{
	size_t k = 0;
	for (size_t i = 0; i < n; i++)
		k += sign * x[i] > 0;
	return (double)k / (double)n;
}

static void
mean_figures(struct table *t, uint32_t group)
{
	const struct group *g = &t->groups[group];
	struct figure f = {.group = group, .level = TABLE_NO_LEVEL, .there = g->n > 0};
	f.pooled = is_weighted(t, group);
	double mean = g->n ? pooled_mean(t, group) : 0;
	if (t->asks & ASK_MEAN)
		put(t, f, STATISTIC_MEAN, mean);
	if (!(t->asks & ASK_MEAN_INTERVAL))
		return;
	OWNED_MEM struct term *terms = xcalloc(columns_sites(t->columns) + 1, sizeof *terms);
	struct bounds of = {0, 0};
	f.there = estimate_bounds(terms, table_terms(t, group, terms), mean, &of);
	put(t, f, STATISTIC_INTERVAL_LO, of.lo);
	put(t, f, STATISTIC_INTERVAL_HI, of.hi);
}

/* Of the records of the base that have all arguments. */
static bool
alpha_of(const struct table *t, const struct group *g, double *ret)
{
	OWNED_MEM struct bitmap *whole = bitmap_copy(g->base);
	double *parts[TABLE_PARTS_MAX] = {NULL};
	for (size_t r = 0; r < whole->row_count; r++)
		for (size_t p = 0; p < t->part_count; p++)
			if (bitmap_has(whole, r) &&
				isnan(columns_numbers(t->columns, t->parts[p])[r]))
				whole->word[r / 64] &= ~((uint64_t)1 << (r % 64));
	size_t n = bitmap_count(whole);
	for (size_t p = 0; p < t->part_count; p++)
		parts[p] = numbers_of(t, t->parts[p], whole, false);
	bool made = estimate_alpha((const double *const *)parts, t->part_count, n, ret);
	for (size_t p = 0; p < t->part_count; p++) {
		explicit_bzero(parts[p], n * sizeof *parts[p]);
		free(parts[p]);
	}
	return made;
}

static void
number_figures(struct table *t, uint32_t group)
{
	const struct group *g = &t->groups[group];
	OWNED_BY(drop_numbers) double *x = numbers_of(t, table_column(t, g), g->base, true);
	struct figure f = {.group = group, .level = TABLE_NO_LEVEL, .there = g->n > 0};
	const size_t n = g->n;
	mean_figures(t, group);
	if (t->asks & ASK_SD) {
		f.there = n > 1;
		put(t, f, STATISTIC_SD, n > 1 ? sqrt(estimate_variance(x, n)) : 0);
		f.there = n > 0;
	}
	if (t->asks & ASK_MEDIAN)
		put(t, f, STATISTIC_MEDIAN, n ? estimate_median(x, n) : 0);
	if (t->asks & ASK_SUM)
		put(t, f, STATISTIC_SUM, estimate_sum(x, n));
	if (t->asks & ASK_SHARE_NEGATIVE)
		put(t, f, STATISTIC_SHARE_NEGATIVE, n ? share_beyond(x, n, -1) : 0);
	if (t->asks & ASK_SHARE_POSITIVE)
		put(t, f, STATISTIC_SHARE_POSITIVE, n ? share_beyond(x, n, 1) : 0);
	if (t->asks & ASK_ALPHA) {
		double alpha = 0;
		f.there = alpha_of(t, g, &alpha);
		put(t, f, STATISTIC_ALPHA, alpha);
	}
	explicit_bzero(x, n * sizeof *x);
}

/* ranks */

static double
ranked(const struct table *t, uint32_t group)
{
	struct bounds unused;
	return t->kind == TABLE_SHARE ? table_share(t, group, &unused) : pooled_mean(t, group);
}

static bool
is_larger(double x, double y)
{
	return x > y && x - y > SAME_SHARE * fmax(fabs(x), fabs(y));
}

static void
rank_figure(struct table *t, uint32_t group)
{
	size_t combinations = table_combinations(t);
	uint32_t first = (uint32_t)(group - group % combinations);
	const bool there = t->groups[group].n > 0;
	double own = there ? ranked(t, group) : 0, place = 1;
	for (uint32_t g = first; there && g < first + combinations; g++)
		if (t->groups[g].n > 0 && is_larger(ranked(t, g), own))
			place++;
	const struct figure f = {.group = group,
		.level = TABLE_NO_LEVEL,
		.there = there,
		.pooled = is_weighted(t, group)};
	put(t, f, STATISTIC_RANK, place);
}

static void
group_figures(struct table *t, uint32_t group)
{
	const struct group *g = &t->groups[group];
	struct figure f = {.group = group, .level = TABLE_NO_LEVEL, .there = true};
	if (t->asks & ASK_N)
		put(t, f, STATISTIC_N, (double)g->n);
	for (size_t l = 0; t->kind == TABLE_LEVELS && l < t->level_count; l++)
		level_figures(t, group, (uint16_t)l);
	if (t->kind == TABLE_SHARE)
		share_figures(t, group);
	if (t->kind == TABLE_NUMBER)
		number_figures(t, group);
	if (t->asks & ASK_RANK)
		rank_figure(t, group);
	for (size_t r = 0; r < t->reason_count; r++) {
		f.level = (uint16_t)(t->level_count + r);
		put(t, f, STATISTIC_MISSING, (double)bitmap_count(g->cells[f.level]));
	}
}

void
table_figures(struct table *t)
{
	/* At most a dozen of the whole group, four for each level, one for each reason. */
	t->figures = xcalloc(t->group_count * (14 + 4 * t->level_count + t->reason_count),
		sizeof *t->figures);
	for (uint32_t i = 0; i < t->group_count; i++)
		if (!t->groups[i].absent)
			group_figures(t, i);
}

const struct figure *
table_figure(const struct table *t, uint32_t group, enum statistic s)
{
	for (size_t i = 0; i < t->figure_count; i++) {
		const struct figure *f = &t->figures[i];
		bool whole =
			f->level == TABLE_NO_LEVEL || (t->kind == TABLE_SHARE && f->level == 0);
		if (f->group == group && f->statistic == s && whole)
			return f;
	}
	return NULL;
}
