/* disclose - what of a release may be published: all its tables judged as one system of sums.
 *
 * The records fall into atoms, classes that are in the same counted cells. Every count is a sum
 * of atoms; counts with the same members are one cell. A reader knows every count that is shown
 * and every base, so a hidden cell lies in an interval. A cell is *sensitive* when
 * 1..count_min-1 people are in it, or when that many are what two nested shown cells differ by,
 * or what is left of a cell when the published cells inside it are taken away.
 *
 * What is decided:
 * - sensitive cells are hidden, and more with them (complementary), so that each sensitive
 *   cell's interval of whole numbers is at least audit_width wide and holds 0 or reaches
 *   audit_span of the true count to both sides; of all patterns that do, one with the least in
 *   hidden cells.
 * - proportion and interval are hidden with their count. A mean or any other figure of a whole
 *   group is shown only if it says nothing new about a hidden count of the same items: nothing
 *   hidden touches its base (of a rank: any base of its site), or its base's whole distribution
 *   is shown and the number is a function of the level (linked). What is weighted by site is no
 *   function of the counts of ALL.
 * - a figure of ALL with fewer contributing sites than sites_min is hidden.
 * - bases are never hidden to protect others: what nodes count names them, so a reader knows
 *   them, and a hidden count in a base of 1..count_min-1 could not be kept as open as
 *   audit_width asks. A table withholds such a group (tablespec.h) and it is in nothing that is
 *   judged here; in a table that does not, such a base refuses the release, as do a true zero
 *   under zero = review and nested bases that differ by 1..count_min-1 people: a person
 *   combines groups or leaves a table out.
 *
 * Symbols: [c] hidden, [w] nobody answered, [x] site not in the wave, [z] not applicable (sd of
 * one person), `late` site left out. Why something is hidden is for officers and is not in
 * them.
 *
 * Errors: E_DENIED the release is refused, with the reason; E_FULL over a stated bound.
 * It can hurt: it judges this release alone; what older releases give away is another room's.
 *              The evidence holds true counts: it is for officers, never for what is published.
 */
#ifndef WEIR_DISCLOSE_H
#define WEIR_DISCLOSE_H

#include "common/figures/tabulate.h"

#define DISCLOSE_TABLES_MAX 200u

enum disclose_zero {
	DISCLOSE_ZERO_SHOW,
	DISCLOSE_ZERO_HIDE,   /* refused: this version cannot */
	DISCLOSE_ZERO_REVIEW, /* refused when there is one: this version has no review */
};
enum disclose_least {
	DISCLOSE_LEAST_PEOPLE,
	DISCLOSE_LEAST_CELLS,
};
enum disclose_of {
	DISCLOSE_OF_PRIMARY,
	DISCLOSE_OF_ALL, /* refused: this version cannot */
};

/* The [disclosure] section of rules.ini, as far as this version knows it. */
struct disclose_profile {
	uint32_t count_min_people; /* shown when n >= this; 0 or 1 hides nothing */
	enum disclose_zero zero;
	bool complementary;
	enum disclose_least least;
	enum disclose_of audit_of;
	uint32_t audit_width_people;
	double audit_span; /* share of the true count, 0..1 */
	bool linked; /* false is refused where it would matter: nothing is left out silently */
	uint32_t sites_min;
};

enum disclose_why {
	DISCLOSE_SHOWN,
	DISCLOSE_PRIMARY,
	DISCLOSE_COMPLEMENTARY,
	DISCLOSE_LINKED,
	DISCLOSE_SITES, /* too few contributing sites */
};

/* Evidence: a hidden count and what a reader can work out about it. */
struct disclose_hidden {
	const struct table *table; /* one of the tables that print it: the first */
	uint32_t group;
	uint16_t level;
	enum disclose_why why;
	uint64_t count;
	bool bounded; /* false: the interval was not worked out; never for a primary one */
	uint64_t lowest;
	uint64_t highest;
};

struct disclosure;

/* gives the decision on all tables of one release; they are lent until disclosure_free(). */
CHECKED enum err disclose(struct disclosure **ret, const struct table *const *tables,
	size_t table_count, const struct disclose_profile *profile);
void disclosure_free(struct disclosure *d);

/* What is published for a figure: number or symbol. */
void disclosure_text(const struct disclosure *d, size_t table, size_t figure,
	char ret[static FIGURE_TEXT_BYTES]);
/* For officers: why a figure is hidden. */
enum disclose_why disclosure_why(const struct disclosure *d, size_t table, size_t figure);
const char *disclose_why_name(enum disclose_why why); /* "", "primary", ... */

/* For officers: hidden counts, in the order of tables and figures; the last is lent. */
size_t disclosure_hidden_count(const struct disclosure *d);
const struct disclose_hidden *disclosure_hidden(const struct disclosure *d, size_t i);
/* For officers: people (or cells) in hidden cells, and patterns tried before this one was
 * proven least. */
uint64_t disclosure_hidden_weight(const struct disclosure *d);
size_t disclosure_patterns_tried(const struct disclosure *d);

OWNER(disclosure)

#endif
