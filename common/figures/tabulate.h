/* tabulate - one registered table: true figures of every group, with the people behind each.
 *
 * A group is a site (or ALL, all records in one heap) crossed with the levels of up to three
 * `by` columns. Its base are the records of that group with a value. Figures stand in the order
 * in which they are printed: sites as given, ALL last, within a site the `by` levels with the
 * last one running fastest, within a group n, then for each level count, proportion,
 * interval_lo, interval_hi, then what is of the whole group, in the order of figure.h.
 *
 * Always true: the levels of a distribution are disjoint and make up the base; ALL is the union
 *              of the sites; what is in no group (a `by` value missing) is in no figure. A
 *              group that is withheld (tablespec.h) counts nobody, and its figures are [c].
 * Bounds:      TABLE_GROUPS_MAX groups a table, TABLE_BITS_MAX bits of member sets.
 * Errors:      E_FORMAT a spec that does not fit the columns; E_FULL over a bound.
 * It can hurt: these are true figures. Only what disclose gives may leave the keeper.
 */
#ifndef WEIR_TABULATE_H
#define WEIR_TABULATE_H

#include "common/figures/bitmap.h"
#include "common/figures/columns.h"
#include "common/figures/estimate.h"
#include "common/figures/figure.h"
#include "common/figures/tablespec.h"

struct group {
	uint16_t site; /* index, or TABLE_SITE_ALL */
	uint16_t by[TABLE_BY_MAX];
	enum site_state state; /* not SITE_TAKES_PART: no figure of the group is there */
	bool absent;           /* its key occurs nowhere: the group has no figures at all */
	size_t withheld_count; /* people with a value, of a group that is withheld; else 0 */
	size_t n;              /* size of the base */
	struct bitmap *base;   /* lent, like the next, until table_free() */
	/* A member set for each counted level, then for each reason. Reasons are outside of the
	 * base. */
	struct bitmap **cells;
};

/* One breakdown. */
struct axis {
	char *name;
	const char **levels; /* owned with their texts */
	size_t level_count;
	size_t column; /* not of keys */
};

/* Only data; change it nowhere but in tabulate. */
struct table {
	const struct columns *columns; /* lent by the caller until table_free() */
	char *indicator;
	char *which; /* "" */
	enum table_kind kind;
	unsigned asks;
	size_t column;
	char *items[TABLE_ITEMS_MAX];
	size_t item_count;
	struct axis by[TABLE_BY_MAX];
	size_t by_count;
	size_t *key_columns; /* NULL when the table is not keyed */
	double *weights;     /* one a site, or NULL */
	size_t parts[TABLE_PARTS_MAX];
	size_t part_count;
	char *reasons[TABLE_REASONS_MAX];
	/* counted levels: those of the category, 1 of a truth, 0 of a number */
	size_t level_count;
	size_t reason_count; /* 0 unless missing is asked for */
	size_t cell_count;   /* both */
	struct group *groups;
	size_t group_count;
	struct figure *figures;
	size_t figure_count;
};

/* gives the table; copies spec, keeps a pointer to c. */
CHECKED enum err table_make(
	struct table **ret, const struct columns *c, const struct table_spec *spec);
void table_free(struct table *t);

/* The column that a group's values are in. */
size_t table_column(const struct table *t, const struct group *g);
/* Groups of one site: one for each combination of the breakdowns. */
size_t table_combinations(const struct table *t);

/* lend: the site of a group ("ALL" for all) and the level of its by-th crossing. */
const char *table_site(const struct table *t, const struct group *g);
const char *table_by(const struct table *t, const struct group *g, size_t by);
/* lends the level's or the reason's name; "" for a truth and for TABLE_NO_LEVEL. */
const char *table_level(const struct table *t, uint16_t level);

/* gives the place of a figure in words, for sentences: "W11 of wave 1 norway female no, level
 * 3". */
char *table_place(const struct table *t, uint32_t group, uint16_t level);

/* The figure of a statistic in a group's whole, or NULL. lends. */
const struct figure *table_figure(const struct table *t, uint32_t group, enum statistic s);
/* What a group of any site adds to a weighted sum of means, or of ALL, one a site: fills ret,
 * which has room for columns_sites() terms. Weights add up to 1. */
size_t table_terms(const struct table *t, uint32_t group, struct term *ret);
/* The (weighted) share that is true, with its interval; TABLE_SHARE, a group with a base. */
double table_share(const struct table *t, uint32_t group, struct bounds *ret_interval);

OWNER(table)

#endif
