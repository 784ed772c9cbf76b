#include "common/figures/tabulate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/codec/bytes.h"

/* A sentence names a place in at most this much. */
#define PLACE_BYTES_MAX 512u

#define ASKS_OF_LEVELS (ASK_N | ASK_DISTRIBUTION | ASK_INTERVAL)
#define ASKS_OF_SHARE  (ASK_N | ASK_COUNT | ASK_PROPORTION | ASK_INTERVAL)
#define ASKS_OF_NUMBER (ASK_N | ASK_MEAN | ASK_SD | ASK_MEDIAN)

static unsigned
asks_of(enum table_kind kind)
{
	switch (kind) {
	case TABLE_LEVELS:
		return ASKS_OF_LEVELS;
	case TABLE_SHARE:
		return ASKS_OF_SHARE;
	case TABLE_NUMBER:
		return ASKS_OF_NUMBER;
	}
	return 0;
}

static enum column_kind
column_of(enum table_kind kind)
{
	switch (kind) {
	case TABLE_LEVELS:
		return COLUMN_CATEGORY;
	case TABLE_SHARE:
		return COLUMN_TRUTH;
	case TABLE_NUMBER:
		return COLUMN_NUMBER;
	}
	return COLUMN_NUMBER;
}

static enum err
find_by(struct table *t, const struct table_spec *spec)
{
	for (size_t i = 0; i < TABLE_BY_MAX && spec->by[i]; i++) {
		enum err e = columns_find(t->columns, spec->by[i], &t->by[i]);
		if (e)
			return fail_in(e, "%s", t->indicator);
		if (columns_spec(t->columns, t->by[i])->kind != COLUMN_CATEGORY)
			return fail(E_FORMAT, "%s: column %s has no levels to cross by",
				t->indicator, spec->by[i]);
		for (size_t j = 0; j < i; j++)
			if (t->by[j] == t->by[i])
				return fail(E_FORMAT, "%s: crossed by %s twice", t->indicator,
					spec->by[i]);
		t->by_count++;
	}
	return OK;
}

static enum err
find_columns(struct table *t, const struct table_spec *spec)
{
	enum err e = columns_find(t->columns, spec->column, &t->column);
	if (e)
		return fail_in(e, "%s", t->indicator);
	const struct column_spec *value = columns_spec(t->columns, t->column);
	if (value->kind != column_of(t->kind))
		return fail(E_FORMAT, "%s: column %s is of another kind", t->indicator,
			spec->column);
	if (t->asks == 0 || t->asks & ~asks_of(t->kind))
		return fail(E_FORMAT, "%s: a statistic does not go with its kind of value",
			t->indicator);
	t->level_count = t->kind == TABLE_LEVELS ? value->level_count : t->kind == TABLE_SHARE;
	return find_by(t, spec);
}

static void
name_items(struct table *t, const struct table_spec *spec)
{
	for (size_t i = 0; i < TABLE_ITEMS_MAX && spec->items[i]; i++)
		t->items[t->item_count++] = xstrdup(spec->items[i]);
	/* A value of no stated origin is linked to those of its own column. */
	if (t->item_count == 0)
		t->items[t->item_count++] = xstrdup(spec->column);
}

static size_t
combination_count(const struct table *t)
{
	size_t n = 1;
	for (size_t i = 0; i < t->by_count; i++)
		n *= columns_spec(t->columns, t->by[i])->level_count;
	return n;
}

/* Which levels the combination stands for; the last column runs fastest. */
static void
combination_levels(const struct table *t, size_t combination, uint16_t ret[TABLE_BY_MAX])
{
	for (size_t i = t->by_count; i-- > 0;) {
		size_t levels = columns_spec(t->columns, t->by[i])->level_count;
		ret[i] = (uint16_t)(combination % levels);
		combination /= levels;
	}
}

static enum err
make_groups(struct table *t)
{
	size_t sites = columns_sites(t->columns), combinations = combination_count(t);
	size_t rows = columns_rows(t->columns), sets = 1 + t->level_count;
	/* None of the factors is over 2^30, so no product here can overflow. */
	if (combinations > TABLE_GROUPS_MAX || combinations * (sites + 1) > TABLE_GROUPS_MAX)
		return fail(E_FULL, "%s: more than %u groups", t->indicator, TABLE_GROUPS_MAX);
	size_t count = combinations * (sites + 1);
	if (rows && count * sets > TABLE_BITS_MAX / rows)
		return fail(E_FULL, "%s: too many groups for so many records", t->indicator);
	t->groups = xcalloc(count, sizeof *t->groups);
	for (; t->group_count < count; t->group_count++) {
		struct group *g = &t->groups[t->group_count];
		size_t site = t->group_count / combinations;
		g->site = site == sites ? TABLE_SITE_ALL : (uint16_t)site;
		g->state =
			site == sites ? SITE_TAKES_PART : columns_site_state(t->columns, site);
		combination_levels(t, t->group_count % combinations, g->by);
		g->base = bitmap_new(rows);
		g->cells = xcalloc(t->level_count + 1, sizeof(struct bitmap *));
		for (size_t l = 0; l < t->level_count; l++)
			g->cells[l] = bitmap_new(rows);
	}
	return OK;
}

/* The combination of a row; false when one of its `by` values is missing. */
static bool
row_combination(const struct table *t, size_t row, size_t *ret)
{
	size_t combination = 0;
	for (size_t i = 0; i < t->by_count; i++) {
		uint16_t level = columns_levels(t->columns, t->by[i])[row];
		if (level == COLUMNS_NO_LEVEL)
			return false;
		combination =
			combination * columns_spec(t->columns, t->by[i])->level_count + level;
	}
	*ret = combination;
	return true;
}

/* Which counted level the row is in (TABLE_NO_LEVEL: none); false when it has no value. */
static bool
row_level(const struct table *t, size_t row, uint16_t *ret)
{
	*ret = TABLE_NO_LEVEL;
	if (t->kind == TABLE_NUMBER)
		return !isnan(columns_numbers(t->columns, t->column)[row]);
	uint16_t level = columns_levels(t->columns, t->column)[row];
	if (level == COLUMNS_NO_LEVEL)
		return false;
	if (t->kind == TABLE_LEVELS)
		*ret = level;
	else if (level == 1)
		*ret = 0;
	return true;
}

static void
group_put(struct group *g, size_t row, uint16_t level)
{
	g->n++;
	bitmap_put(g->base, row);
	if (level != TABLE_NO_LEVEL)
		bitmap_put(g->cells[level], row);
}

static void
fill_groups(struct table *t)
{
	size_t combinations = combination_count(t), sites = columns_sites(t->columns);
	for (size_t row = 0; row < columns_rows(t->columns); row++) {
		size_t combination;
		uint16_t level;
		if (!row_combination(t, row, &combination) || !row_level(t, row, &level))
			continue;
		size_t site = columns_row_sites(t->columns)[row];
		group_put(&t->groups[site * combinations + combination], row, level);
		group_put(&t->groups[sites * combinations + combination], row, level);
	}
}

static void
figure_put(struct table *t, const struct figure *f)
{
	struct figure *to = &t->figures[t->figure_count++];
	*to = *f;
	if (t->groups[f->group].state != SITE_TAKES_PART)
		to->there = false;
	if (!to->there)
		to->value = 0;
}

static void
counted_figures(struct table *t, uint32_t group, uint16_t level)
{
	const struct group *g = &t->groups[group];
	size_t k = bitmap_count(g->cells[level]);
	bool any = g->n > 0;
	double lo = 0, hi = 0;
	if (any)
		figure_wilson(k, g->n, &lo, &hi);
	struct figure f = {.group = group, .level = level, .there = any};
	if (t->asks & (ASK_DISTRIBUTION | ASK_COUNT)) {
		f.statistic = STATISTIC_COUNT;
		f.value = (double)k;
		figure_put(t, &f);
	}
	if (t->asks & (ASK_DISTRIBUTION | ASK_PROPORTION)) {
		f.statistic = STATISTIC_PROPORTION;
		f.value = any ? (double)k / (double)g->n : 0;
		figure_put(t, &f);
	}
	if (t->asks & ASK_INTERVAL) {
		f.statistic = STATISTIC_INTERVAL_LO;
		f.value = lo;
		figure_put(t, &f);
		f.statistic = STATISTIC_INTERVAL_HI;
		f.value = hi;
		figure_put(t, &f);
	}
}

static int
number_order(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

/* gives the numbers of a group's base, in ascending order. */
static double *
group_numbers(const struct table *t, const struct group *g)
{
	const double *all = columns_numbers(t->columns, t->column);
	double *made = xcalloc(g->n + 1, sizeof *made);
	size_t n = 0;
	for (size_t w = 0; w < g->base->word_count; w++)
		for (uint64_t bits = g->base->word[w]; bits; bits &= bits - 1)
			made[n++] = all[w * 64 + (size_t)__builtin_ctzll(bits)];
	qsort(made, n, sizeof *made, number_order);
	return made;
}

/* A sum that keeps what each addition rounds away (A. Neumaier, Z. Angew. Math. Mech. 54, 1974,
 * 39-51), so that it does not depend on how many numbers there are. */
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

static double
mean_of(const double *x, size_t n)
{
	struct sum sum = {0, 0};
	for (size_t i = 0; i < n; i++)
		sum_add(&sum, x[i]);
	return (sum.total + sum.lost) / (double)n;
}

static double
sd_of(const double *x, size_t n, double mean)
{
	struct sum squares = {0, 0};
	for (size_t i = 0; i < n; i++)
		sum_add(&squares, (x[i] - mean) * (x[i] - mean));
	return sqrt((squares.total + squares.lost) / (double)(n - 1));
}

static void
number_figures(struct table *t, uint32_t group)
{
	const struct group *g = &t->groups[group];
	OWNED_MEM double *x = group_numbers(t, g);
	double mean = g->n ? mean_of(x, g->n) : 0;
	struct figure f = {.group = group, .level = TABLE_NO_LEVEL, .there = g->n > 0};
	if (t->asks & ASK_MEAN) {
		f.statistic = STATISTIC_MEAN;
		f.value = mean;
		figure_put(t, &f);
	}
	if (t->asks & ASK_SD) {
		f.statistic = STATISTIC_SD;
		f.there = g->n > 1;
		f.value = f.there ? sd_of(x, g->n, mean) : 0;
		figure_put(t, &f);
	}
	if (t->asks & ASK_MEDIAN) {
		f.statistic = STATISTIC_MEDIAN;
		f.there = g->n > 0;
		f.value = f.there ? (x[(g->n - 1) / 2] + x[g->n / 2]) / 2 : 0;
		figure_put(t, &f);
	}
	explicit_bzero(x, g->n * sizeof *x);
}

static void
make_figures(struct table *t)
{
	/* n, four for each counted level, three for a number. */
	t->figures = xcalloc(t->group_count * (4 + 4 * t->level_count), sizeof *t->figures);
	for (uint32_t i = 0; i < t->group_count; i++) {
		if (t->asks & ASK_N)
			figure_put(t, &(struct figure){.group = i,
					      .level = TABLE_NO_LEVEL,
					      .statistic = STATISTIC_N,
					      .there = true,
					      .value = (double)t->groups[i].n});
		for (size_t l = 0; l < t->level_count; l++)
			counted_figures(t, i, (uint16_t)l);
		if (t->kind == TABLE_NUMBER)
			number_figures(t, i);
	}
}

enum err
table_make(struct table **ret, const struct columns *c, const struct table_spec *spec)
{
	*ret = NULL;
	OWNED(table) struct table *t = xcalloc(1, sizeof *t);
	t->columns = c;
	t->indicator = xstrdup(spec->indicator);
	t->kind = spec->kind;
	t->asks = spec->asks;
	name_items(t, spec);
	enum err e = find_columns(t, spec);
	if (!e)
		e = make_groups(t);
	if (e)
		return e;
	fill_groups(t);
	make_figures(t);
	*ret = take(t);
	return OK;
}

const char *
table_site(const struct table *t, const struct group *g)
{
	return g->site == TABLE_SITE_ALL ? "ALL" : columns_site_name(t->columns, g->site);
}

const char *
table_by(const struct table *t, const struct group *g, size_t by)
{
	return columns_spec(t->columns, t->by[by])->levels[g->by[by]];
}

const char *
table_level(const struct table *t, uint16_t level)
{
	if (t->kind != TABLE_LEVELS || level == TABLE_NO_LEVEL)
		return "";
	return columns_spec(t->columns, t->column)->levels[level];
}

char *
table_place(const struct table *t, uint32_t group, uint16_t level)
{
	const struct group *g = &t->groups[group];
	OWNED_BUF struct buf b;
	buf_init(&b, PLACE_BYTES_MAX);
	buf_format(&b, "%s %s", t->indicator, table_site(t, g));
	for (size_t i = 0; i < t->by_count; i++)
		buf_format(&b, " %s", table_by(t, g, i));
	if (*table_level(t, level))
		buf_format(&b, ", level %s", table_level(t, level));
	return xmemdup(b.at ? b.at : (const uint8_t *)"", b.len);
}

void
table_free(struct table *t)
{
	if (!t)
		return;
	for (size_t i = 0; i < t->group_count; i++) {
		for (size_t l = 0; l < t->level_count; l++)
			free(t->groups[i].cells[l]);
		free(t->groups[i].cells);
		free(t->groups[i].base);
	}
	for (size_t i = 0; i < t->item_count; i++)
		free(t->items[i]);
	free(t->groups);
	free(t->figures);
	free(t->indicator);
	free(t);
}
