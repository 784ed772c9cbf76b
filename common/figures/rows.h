/* rows - the figures of a release in one list: as they are printed, and as expressions over
 * figures read them.
 *
 * A row is one figure: of an indicator (the caller's number of it), a site or ALL, the keys of
 * its breakdowns, a level, a statistic. Rows stand in the order in which they were put; those
 * of one indicator are put one after the other.
 * Always true: the value of a hidden row can be read inside the keeper only: figures that are
 *              worked out from it are hidden, too.
 * It can hurt: hidden values are in here. Only the text of a row may be published.
 */
#ifndef WEIR_ROWS_H
#define WEIR_ROWS_H

#include "common/figures/figure.h"
#include "common/figures/tablespec.h"

#define ROWS_ALL "ALL" /* the site of figures over all of them */

#define SYMBOL_HIDDEN         "[c]"
#define SYMBOL_NOBODY         "[w]"
#define SYMBOL_NOT_IN_WAVE    "[x]"
#define SYMBOL_NOT_APPLICABLE "[z]"
#define SYMBOL_LATE           "late"

#define ROW_TEXT_MAX_BYTES 64

/* Texts but the last are lent as long as the list lives. */
struct figure_row {
	size_t of;
	const char *site;
	const char *by[TABLE_BY_MAX]; /* NULL: not broken down by this */
	const char *level;            /* "" */
	enum statistic statistic;
	bool hidden;
	bool there; /* else the text is a symbol */
	double value;
	char text[ROW_TEXT_MAX_BYTES]; /* as it is published */
};

struct figure_rows;

struct figure_rows *figure_rows_new(void); /* gives */
void figure_rows_free(struct figure_rows *r);
OWNER(figure_rows)

/* Copies. A row with an empty text gets that of its value, or the symbol when it is hidden. */
void figure_rows_put(struct figure_rows *r, const struct figure_row *row);

size_t figure_rows_count(const struct figure_rows *r);
/* lends until the next put. */
const struct figure_row *figure_rows_at(const struct figure_rows *r, size_t i);

/* The row of an indicator's own statistic (no level) in a site and key, or NULL: key NULL is
 * the one that is not broken down. Of several breakdowns none is found. lends likewise. */
const struct figure_row *figure_rows_find(const struct figure_rows *r, size_t of,
	const char *site, const char *key, enum statistic statistic);

/* The different keys that an indicator's rows of a site have, in order: fills ret, at most
 * room; lent. Gives how many there are. */
size_t figure_rows_keys(const struct figure_rows *r, size_t of, const char *site,
	const char **ret, size_t room);

#endif
