#include "common/figures/tabulate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/codec/bytes.h"
#include "common/figures/tabulate_inside.h"

/* A sentence names a place in at most this much. */
#define PLACE_BYTES_MAX 512u

#define ASKS_OF_LEVELS (ASK_N | ASK_DISTRIBUTION | ASK_INTERVAL | ASK_MISSING)
#define ASKS_OF_SHARE                                                                          \
	(ASK_N | ASK_COUNT | ASK_PROPORTION | ASK_INTERVAL | ASK_RANK | ASK_MISSING)
#define ASKS_OF_NUMBER                                                                         \
	(ASK_N | ASK_MEAN | ASK_SD | ASK_MEDIAN | ASK_SUM | ASK_SHARE_NEGATIVE |               \
		ASK_SHARE_POSITIVE | ASK_MEAN_INTERVAL | ASK_ALPHA | ASK_RANK | ASK_MISSING)

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

static void
axis_init(struct axis *a, const char *name, const char *const *levels, size_t count)
{
	a->name = xstrdup(name);
	a->levels = xcalloc(count + 1, sizeof(char *));
	for (; a->level_count < count; a->level_count++)
		a->levels[a->level_count] = xstrdup(levels[a->level_count]);
}

static enum err
find_by(struct table *t, const struct table_spec *spec)
{
	for (size_t i = 0; i < TABLE_BY_MAX && spec->by[i]; i++) {
		size_t column = 0;
		enum err e = columns_find(t->columns, spec->by[i], &column);
		if (e)
			return fail_in(e, "%s", t->indicator);
		const struct column_spec *s = columns_spec(t->columns, column);
		if (s->kind != COLUMN_CATEGORY)
			return fail(E_FORMAT, "%s: column %s has no levels to cross by",
				t->indicator, spec->by[i]);
		for (size_t j = 0; j < i; j++)
			if (t->by[j].column == column)
				return fail(E_FORMAT, "%s: crossed by %s twice", t->indicator,
					spec->by[i]);
		axis_init(&t->by[t->by_count], spec->by[i], s->levels, s->level_count);
		t->by[t->by_count++].column = column;
	}
	return OK;
}

/* Value columns of the keys are alike. */
static enum err
find_keys(struct table *t, const struct table_spec *spec)
{
	if (!spec->key)
		return OK;
	if (spec->key_count == 0 || spec->key_count > COLUMNS_LEVELS_MAX || spec->by[0])
		return fail(E_FORMAT, "%s: %zu keys cannot be told apart", t->indicator,
			spec->key_count);
	axis_init(&t->by[0], spec->key, spec->keys, spec->key_count);
	t->by_count = 1;
	t->key_columns = xcalloc(spec->key_count, sizeof *t->key_columns);
	for (size_t i = 0; i < spec->key_count; i++) {
		enum err e = columns_find(t->columns, spec->key_columns[i], &t->key_columns[i]);
		if (e)
			return fail_in(e, "%s", t->indicator);
		const struct column_spec *one = columns_spec(t->columns, t->key_columns[i]);
		const struct column_spec *first = columns_spec(t->columns, t->column);
		if (one->kind != first->kind || one->level_count != first->level_count)
			return fail(E_FORMAT, "%s: column %s is of another kind", t->indicator,
				one->name);
	}
	return OK;
}

static enum err
find_parts(struct table *t, const struct table_spec *spec)
{
	if (!(t->asks & ASK_ALPHA))
		return OK;
	if (spec->key || spec->part_count > TABLE_PARTS_MAX)
		return fail(E_FORMAT, "%s: alpha is of at most %u arguments, not by keys",
			t->indicator, TABLE_PARTS_MAX);
	for (; t->part_count < spec->part_count; t->part_count++) {
		size_t *part = &t->parts[t->part_count];
		enum err e = columns_find(t->columns, spec->parts[t->part_count], part);
		if (e)
			return fail_in(e, "%s", t->indicator);
		if (columns_spec(t->columns, *part)->kind != COLUMN_NUMBER)
			return fail(E_FORMAT, "%s: column %s is of another kind", t->indicator,
				spec->parts[t->part_count]);
	}
	return OK;
}

static enum err
find_weights(struct table *t, const struct table_spec *spec)
{
	size_t sites = columns_sites(t->columns);
	if (!spec->weights)
		return OK;
	for (size_t i = 0; i < sites; i++)
		if (!(spec->weights[i] > 0 && isfinite(spec->weights[i])))
			return fail(E_FORMAT, "%s: site %s has no weight", t->indicator,
				columns_site_name(t->columns, i));
	t->weights = xmemdup(spec->weights, sites * sizeof *t->weights);
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
	for (size_t i = 0;
		t->asks & ASK_MISSING && i < MIN(spec->reason_count, TABLE_REASONS_MAX); i++)
		t->reasons[t->reason_count++] = xstrdup(spec->reasons[i]);
	t->cell_count = t->level_count + t->reason_count;
	e = find_by(t, spec);
	if (!e)
		e = find_keys(t, spec);
	if (!e)
		e = find_parts(t, spec);
	return e ? e : find_weights(t, spec);
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

size_t
table_combinations(const struct table *t)
{
	size_t n = 1;
	for (size_t i = 0; i < t->by_count; i++)
		n *= t->by[i].level_count;
	return n;
}

/* Which levels the combination stands for; the last column runs fastest. */
static void
combination_levels(const struct table *t, size_t combination, uint16_t ret[TABLE_BY_MAX])
{
	for (size_t i = t->by_count; i-- > 0;) {
		size_t levels = t->by[i].level_count;
		ret[i] = (uint16_t)(combination % levels);
		combination /= levels;
	}
}

static enum err
make_groups(struct table *t)
{
	size_t sites = columns_sites(t->columns), combinations = table_combinations(t);
	size_t rows = columns_rows(t->columns), sets = 1 + t->cell_count;
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
		g->cells = xcalloc(t->cell_count + 1, sizeof(struct bitmap *));
		for (size_t l = 0; l < t->cell_count; l++)
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
		uint16_t level = columns_levels(t->columns, t->by[i].column)[row];
		if (level == COLUMNS_NO_LEVEL)
			return false;
		combination = combination * t->by[i].level_count + level;
	}
	*ret = combination;
	return true;
}

size_t
table_column(const struct table *t, const struct group *g)
{
	return t->key_columns ? t->key_columns[g->by[0]] : t->column;
}

/* Which counted level the row is in (TABLE_NO_LEVEL: none); false when it has no value. */
static bool
row_level(const struct table *t, size_t column, size_t row, uint16_t *ret)
{
	*ret = TABLE_NO_LEVEL;
	if (t->kind == TABLE_NUMBER)
		return !isnan(columns_numbers(t->columns, column)[row]);
	uint16_t level = columns_levels(t->columns, column)[row];
	if (level == COLUMNS_NO_LEVEL)
		return false;
	if (t->kind == TABLE_LEVELS)
		*ret = level;
	else if (level == 1)
		*ret = 0;
	return true;
}

static void
group_put(struct table *t, struct group *g, size_t row)
{
	uint16_t level;
	size_t column = table_column(t, g);
	bool there = row_level(t, column, row, &level);
	uint8_t why = columns_whys(t->columns, column)[row];
	if (!there && why == COLUMNS_APART)
		return;
	g->absent = false;
	if (there) {
		g->n++;
		bitmap_put(g->base, row);
	} else if (why < t->reason_count) {
		level = (uint16_t)(t->level_count + why);
	}
	if (level != TABLE_NO_LEVEL)
		bitmap_put(g->cells[level], row);
}

static void
fill_groups(struct table *t, bool occurring)
{
	size_t combinations = table_combinations(t), sites = columns_sites(t->columns);
	for (size_t g = 0; g < t->group_count; g++)
		t->groups[g].absent = occurring;
	for (size_t row = 0; row < columns_rows(t->columns); row++) {
		size_t first = 0, last = combinations;
		if (!t->key_columns) {
			if (!row_combination(t, row, &first))
				continue;
			last = first + 1;
		}
		size_t site = columns_row_sites(t->columns)[row];
		for (size_t c = first; c < last; c++) {
			group_put(t, &t->groups[site * combinations + c], row);
			group_put(t, &t->groups[sites * combinations + c], row);
		}
	}
}

enum err
table_make(struct table **ret, const struct columns *c, const struct table_spec *spec)
{
	*ret = NULL;
	OWNED(table) struct table *t = xcalloc(1, sizeof *t);
	t->columns = c;
	t->indicator = xstrdup(spec->indicator);
	t->which = xstrdup(spec->which ? spec->which : "");
	t->kind = spec->kind;
	t->asks = spec->asks;
	name_items(t, spec);
	enum err e = find_columns(t, spec);
	if (!e)
		e = make_groups(t);
	if (e)
		return e;
	fill_groups(t, spec->occurring);
	table_withhold(t, spec->least_people);
	table_figures(t);
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
	return t->by[by].levels[g->by[by]];
}

const char *
table_level(const struct table *t, uint16_t level)
{
	if (level != TABLE_NO_LEVEL && level >= t->level_count)
		return t->reasons[level - t->level_count];
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
	buf_format(&b, "%s%s%s %s", t->indicator, *t->which ? " " : "", t->which,
		table_site(t, g));
	for (size_t i = 0; i < t->by_count; i++)
		buf_format(&b, " %s", table_by(t, g, i));
	if (*table_level(t, level))
		buf_format(&b, ", level %s", table_level(t, level));
	return xmemdup(b.at ? b.at : (const uint8_t *)"", b.len);
}

static void
axis_done(struct axis *a)
{
	for (size_t i = 0; i < a->level_count; i++)
		mem_drop(&a->levels[i]);
	free(a->levels);
	free(a->name);
}

void
table_free(struct table *t)
{
	if (!t)
		return;
	for (size_t i = 0; i < t->group_count; i++) {
		for (size_t l = 0; l < t->cell_count; l++)
			free(t->groups[i].cells[l]);
		free(t->groups[i].cells);
		free(t->groups[i].base);
	}
	for (size_t i = 0; i < t->item_count; i++)
		free(t->items[i]);
	for (size_t i = 0; i < t->reason_count; i++)
		free(t->reasons[i]);
	for (size_t i = 0; i < TABLE_BY_MAX; i++)
		axis_done(&t->by[i]);
	free(t->key_columns);
	free(t->weights);
	free(t->groups);
	free(t->figures);
	free(t->indicator);
	free(t->which);
	free(t);
}
