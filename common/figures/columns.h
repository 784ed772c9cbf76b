/* columns - the cohort of one release in memory, by column.
 *
 * A row is one record, a column one item or derived value of it: a category (an index into
 * level names), a number, or a truth. Every value may be missing. Each row belongs to one site.
 * Pure: no file, clock or randomness. What is asked again and again stays in plain arrays.
 *
 * Always true: every column has columns_rows() values; a level that is there is below the
 *              number of its column's levels; a number that is there is finite.
 * Bounds:      COLUMNS_ROWS_MAX rows, COLUMNS_MAX columns, COLUMNS_SITES_MAX sites.
 * Errors:      E_FORMAT a description or value not of its form; E_FULL more rows than the
 *              bound; E_DENIED a row of a site that takes no part. The refused call changes
 *              nothing.
 * It can hurt: these are people's answers in the clear. columns_free() wipes them.
 */
#ifndef WEIR_COLUMNS_H
#define WEIR_COLUMNS_H

#include "common/base/err.h"

#define COLUMNS_ROWS_MAX   16777216u
#define COLUMNS_MAX        1000u
#define COLUMNS_SITES_MAX  1000u
#define COLUMNS_LEVELS_MAX 1000u
#define COLUMNS_NO_LEVEL   UINT16_MAX /* the level of a missing category or truth */
#define COLUMNS_APART      UINT8_MAX  /* not missing: the row is of no table of this column */

enum column_kind {
	COLUMN_CATEGORY, /* level is an index into the level names */
	COLUMN_NUMBER,
	COLUMN_TRUTH, /* level 0 is false, 1 is true */
};

struct column_spec {
	const char *name; /* unique among the columns */
	enum column_kind kind;
	const char *const *levels; /* COLUMN_CATEGORY: names, in the order of the form */
	size_t level_count;
};

/* Why a site has figures or has none. */
enum site_state {
	SITE_TAKES_PART,
	SITE_NOT_IN_WAVE, /* its figures are [x] */
	SITE_LATE, /* left out until its consent contact is renewed; its figures are `late` */
};

struct column_site {
	const char *name;
	enum site_state state;
};

/* One value of a row that is added. */
struct column_value {
	bool there;
	uint16_t level; /* COLUMN_CATEGORY, COLUMN_TRUTH */
	double number;  /* COLUMN_NUMBER */
	uint8_t why;    /* when it is not there: the caller's number of the reason, or apart */
};

struct columns;

/* gives an empty cohort; copies sites and specs. */
CHECKED enum err columns_make(struct columns **ret, const struct column_site *sites,
	size_t site_count, const struct column_spec *specs, size_t spec_count);
void columns_free(struct columns *c);

/* Add one row of a site: `values` has one entry for each column, in the order of the specs. */
CHECKED enum err columns_add(
	struct columns *c, uint16_t site, const struct column_value *values);

size_t columns_rows(const struct columns *c);
size_t columns_sites(const struct columns *c);
/* lends until columns_free(). */
const char *columns_site_name(const struct columns *c, size_t site);
enum site_state columns_site_state(const struct columns *c, size_t site);
/* E_NOTFOUND when nothing has the name. */
CHECKED enum err columns_find(const struct columns *c, const char *name, size_t *ret_column);
/* lends until columns_free(). */
const struct column_spec *columns_spec(const struct columns *c, size_t column);

/* lend until the next columns_add(): columns_rows() entries. */
const uint16_t *columns_row_sites(const struct columns *c);
const uint16_t *columns_levels(const struct columns *c, size_t column); /* not of a number */
const double *columns_numbers(
	const struct columns *c, size_t column); /* of a number; NaN: none */
const uint8_t *columns_whys(const struct columns *c, size_t column); /* 0 where it is there */

OWNER(columns)

#endif
