/* tabulate - one registered table: true figures of every group, with the people behind each.
 *
 * A group is a site (or ALL, all records in one heap) crossed with the levels of up to three
 * `by` columns. Its base are the records of that group with a value. Figures stand in the order
 * in which they are printed: sites as given, ALL last, within a site the `by` levels with the
 * last one running fastest, within a group n, then for each level count, proportion,
 * interval_lo, interval_hi, then mean, sd, median; figure.h says what they are.
 *
 * Always true: the levels of a distribution are disjoint and make up the base; ALL is the union
 *              of the sites; what is in no group (a `by` value missing) is in no figure.
 * Bounds:      TABLE_GROUPS_MAX groups a table, TABLE_BITS_MAX bits of member sets.
 * Errors:      E_FORMAT a spec that does not fit the columns; E_FULL over a bound.
 * It can hurt: these are true figures. Only what disclose gives may leave the keeper.
 */
#ifndef WEIR_TABULATE_H
#define WEIR_TABULATE_H

#include "common/figures/bitmap.h"
#include "common/figures/columns.h"
#include "common/figures/figure.h"

#define TABLE_BY_MAX     3u
#define TABLE_ITEMS_MAX  16u
#define TABLE_GROUPS_MAX 20000u
#define TABLE_BITS_MAX   ((size_t)1 << 30)
#define TABLE_SITE_ALL   UINT16_MAX /* a group's site: all of them in one heap */
#define TABLE_NO_LEVEL   UINT16_MAX /* a figure that is not of a level */

enum table_kind {
	TABLE_LEVELS, /* a category: one count for each level */
	TABLE_SHARE,  /* a truth: the count of true */
	TABLE_NUMBER,
};

/* What a codebook row asks for. */
enum table_ask {
	ASK_N = 1 << 0,
	ASK_DISTRIBUTION = 1 << 1, /* TABLE_LEVELS: count and proportion of each level */
	ASK_COUNT = 1 << 2,        /* TABLE_SHARE */
	ASK_PROPORTION = 1 << 3,   /* TABLE_SHARE */
	ASK_INTERVAL = 1 << 4,     /* of the proportions */
	ASK_MEAN = 1 << 5,         /* these three: TABLE_NUMBER */
	ASK_SD = 1 << 6,
	ASK_MEDIAN = 1 << 7,
};

struct table_spec {
	const char *indicator;
	enum table_kind kind;
	const char *column;                 /* the value, of the kind's own kind */
	const char *items[TABLE_ITEMS_MAX]; /* form items it is made from; NULL ends the list */
	const char *by[TABLE_BY_MAX];       /* names of category columns; NULL ends the list */
	unsigned asks;                      /* enum table_ask, or-ed */
};

struct group {
	uint16_t site; /* index, or TABLE_SITE_ALL */
	uint16_t by[TABLE_BY_MAX];
	enum site_state state; /* not SITE_TAKES_PART: no figure of the group is there */
	size_t n;              /* size of the base */
	struct bitmap *base;   /* lent, like the next, until table_free() */
	struct bitmap **cells; /* a member set for each counted level; NULL for TABLE_NUMBER */
};

/* Only data; change it nowhere but in tabulate. */
struct table {
	const struct columns *columns; /* lent by the caller until table_free() */
	char *indicator;
	enum table_kind kind;
	unsigned asks;
	size_t column;
	char *items[TABLE_ITEMS_MAX];
	size_t item_count;
	size_t by[TABLE_BY_MAX]; /* columns */
	size_t by_count;
	/* counted levels: those of the category, 1 of a truth, 0 of a number */
	size_t level_count;
	struct group *groups;
	size_t group_count;
	struct figure *figures;
	size_t figure_count;
};

/* gives the table; copies spec, keeps a pointer to c. */
CHECKED enum err table_make(
	struct table **ret, const struct columns *c, const struct table_spec *spec);
void table_free(struct table *t);

/* lend: the site of a group ("ALL" for all) and the level of its by-th crossing. */
const char *table_site(const struct table *t, const struct group *g);
const char *table_by(const struct table *t, const struct group *g, size_t by);
/* lends the level's name; "" for a truth and for TABLE_NO_LEVEL. */
const char *table_level(const struct table *t, uint16_t level);

/* gives the place of a figure in words, for sentences: "W11 norway female no, level 3". */
char *table_place(const struct table *t, uint32_t group, uint16_t level);

OWNER(table)

#endif
