/* tablespec - what a registered table is asked to hold.
 *
 * Keyed:       a table may be broken down by the keys of a list that one record has several of
 *              (what somebody ticked, instances of a repeat). Then every key has a value column
 *              of its own, groups of a key are made from it, and one record is in many groups.
 * Weights:     with weights for the sites, proportion and mean of ALL are put together from
 *              those of the sites where somebody has a value, their intervals likewise;
 *              without, they are of the heap. Everything else is of the heap.
 * Withheld:    with a least size, a site's group of fewer people with a value is in no figure,
 *              not in those of ALL either, so that nothing shown rests on its answers.
 */
#ifndef WEIR_TABLESPEC_H
#define WEIR_TABLESPEC_H

#include "common/base/base.h"

#define TABLE_BY_MAX      3u
#define TABLE_ITEMS_MAX   64u
#define TABLE_PARTS_MAX   32u
#define TABLE_REASONS_MAX 8u
#define TABLE_GROUPS_MAX  20000u
#define TABLE_BITS_MAX    ((size_t)1 << 30)
#define TABLE_SITE_ALL    UINT16_MAX /* a group's site: all of them in one heap */
#define TABLE_NO_LEVEL    UINT16_MAX /* a figure that is not of a level */

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
	ASK_MEAN = 1 << 5,         /* from here on: TABLE_NUMBER */
	ASK_SD = 1 << 6,
	ASK_MEDIAN = 1 << 7,
	ASK_SUM = 1 << 8,
	ASK_SHARE_NEGATIVE = 1 << 9,
	ASK_SHARE_POSITIVE = 1 << 10,
	ASK_MEAN_INTERVAL = 1 << 11,
	ASK_ALPHA = 1 << 12,   /* of `parts`; not keyed */
	ASK_RANK = 1 << 13,    /* also TABLE_SHARE; with one `by` or keys */
	ASK_MISSING = 1 << 14, /* of all kinds */
};

struct table_spec {
	const char *indicator;
	enum table_kind kind;
	const char *column;                 /* the value, of the kind's own kind */
	const char *items[TABLE_ITEMS_MAX]; /* form items it is made from; NULL ends the list */
	const char *by[TABLE_BY_MAX];       /* names of category columns; NULL ends the list */
	unsigned asks;                      /* enum table_ask, or-ed */
	/* Keyed: the name of the breakdown, its keys, and the value column of each, alike but
	 * for their names; `column` is that of the first key and `by` is empty. */
	const char *key;
	const char *const *keys;
	const char *const *key_columns;
	size_t key_count;
	bool occurring;           /* a group is there when a row of its site is of its column */
	const double *weights;    /* one a site, over 0; NULL: all in one heap */
	const char *const *parts; /* number columns: what the value is the mean of */
	size_t part_count;
	const char *const *reasons; /* names of the numbers that columns_whys() has */
	size_t reason_count;
	size_t least_people; /* of a site's group; 0: none is withheld */
	const char *which;   /* said of its places in sentences: "of wave 1"; NULL: nothing */
};

#endif
