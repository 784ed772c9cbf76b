/* lineage - how sites (and partner organisations) became other ones: merged, split, went on
 * under another code, changed their name; and for whom a record counts on a day.
 *
 * Pure: no clock, store or network. A day is "YYYY-MM-DD", the first on which a change holds.
 * Always true: no record changes where it was collected; a change only says for whom it counts.
 *              Whatever the day, each site counts for exactly one, so sums over all are the
 *              same.
 * As of a day: a site counts for what it had become by then: one that merged for what it merged
 *              into, one with another code for that code. A site that began later counts for
 *              what it was before, if that was one site. What was collected at a site before it
 *              was split, or after it was put together from several, cannot be told apart: it
 *              counts for itself, before the split and after the merger alike.
 * All time:    sites that changes connect count together, under their codes joined by '+'.
 * Who goes on: a site on both sides of a change goes on in it: one that takes another over, one
 *              of which another is split off. The others on the left end, those on the right
 *              begin.
 * Errors:      E_FORMAT a change that is not of its form; E_CONFLICT one that contradicts those
 *              before it. One sentence each.
 */
#ifndef WEIR_LINEAGE_H
#define WEIR_LINEAGE_H

#include "common/base/err.h"

#define LINEAGE_ID_BYTES   64
#define LINEAGE_NAME_BYTES 200
#define LINEAGE_DAY_BYTES  11
#define LINEAGE_SIDE_MAX   16 /* sites on one side of a change */
#define LINEAGE_VIEW_BYTES 24
#define LINEAGE_MAX_COUNT  256 /* changes */

/* On disk. */
enum lineage_kind {
	LINEAGE_MERGE = 1,  /* two or more become one */
	LINEAGE_SPLIT = 2,  /* one becomes two or more */
	LINEAGE_FOLLOW = 3, /* one goes on under another code */
	LINEAGE_NAME = 4,   /* one has another public name from then on */
};

/* Plain data, copied freely. */
struct lineage_change {
	enum lineage_kind kind;
	char day[LINEAGE_DAY_BYTES];
	char from[LINEAGE_SIDE_MAX][LINEAGE_ID_BYTES];
	size_t from_count;
	char into[LINEAGE_SIDE_MAX][LINEAGE_ID_BYTES]; /* none of a new name */
	size_t into_count;
	char was[LINEAGE_NAME_BYTES], becomes[LINEAGE_NAME_BYTES]; /* of a new name */
};

/* Changes in the order in which they were recorded; lent. */
struct lineage {
	const struct lineage_change *at;
	size_t count;
};

/* "merge", "split", "follow", "name". */
const char *lineage_word(enum lineage_kind kind);
bool lineage_is_day(const char *text);

/* May `next` be recorded after these? */
CHECKED enum err lineage_check(const struct lineage *l, const struct lineage_change *next);

/* For whom the site counts as of a day; lends the id or a code of the lineage. */
const char *lineage_as_of(const struct lineage *l, const char *site, const char *day);
/* Do changes connect the two, whatever their days? */
bool lineage_connects(const struct lineage *l, const char *a, const char *b);
/* Did the site end by a change; did it begin by one? lends the change, or NULL. */
const struct lineage_change *lineage_end_of(const struct lineage *l, const char *site);
const struct lineage_change *lineage_begin_of(const struct lineage *l, const char *site);
/* The public name as of a day, where a change says it; else `name`. lends. */
const char *lineage_name(
	const struct lineage *l, const char *site, const char *day, const char *name);

/* How a table names its sites: "recorded", "lineage" or "as-of:YYYY-MM-DD". */
enum lineage_by { LINEAGE_RECORDED, LINEAGE_AS_OF, LINEAGE_ALL_TIME };
struct lineage_view {
	enum lineage_by by;
	char day[LINEAGE_DAY_BYTES]; /* of LINEAGE_AS_OF */
};
CHECKED enum err lineage_view_read(struct lineage_view *ret, const char *text);
void lineage_view_text(char ret[static LINEAGE_VIEW_BYTES], const struct lineage_view *v);

/* One site in a view. */
struct lineage_place {
	size_t counts_for; /* the first site of those that count together, as an index */
	const char *as;    /* the code that is printed; lent; NULL: those of all, joined */
	bool stands;       /* it is what its numbers (of people, ...) are taken from */
};
/* Where each of these sites stands in the view. */
void lineage_places(const struct lineage *l, const struct lineage_view *v,
	const char *const *sites, size_t count, struct lineage_place *ret);

#endif
