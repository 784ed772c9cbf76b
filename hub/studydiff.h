/* studydiff - what a study pack changes against another, and what of it must not change. Pure.
 *
 * Shows:       forms with their questions, lists and files; rows of codebook.csv, sites.csv and
 *              partners.csv; keys of study.ini and rules.ini.
 * Refuses:     an old name with a new meaning: a question of the same form and name with
 *              another type, other choice codes, another repeat, turned round or for another
 *              permission; a form that is about something else (person, site); a form that
 *              differs without a higher version; a version that goes down; a new version of a
 *              consent form that does not say what it asks of who agreed before. Lists from
 *              files beside a form may change without a new version.
 * Versions:    are compared run by run: digits as numbers, all else byte by byte.
 * Always true: changes stand in the order forms, codebook, sites, partners, study.ini,
 *              rules.ini; at most STUDYDIFF_MAX are kept, `dropped` counts the rest; `refused`
 *              counts all.
 */
#ifndef WEIR_HUB_STUDYDIFF_H
#define WEIR_HUB_STUDYDIFF_H

#include "common/study/pack.h"

#define STUDYDIFF_MAX 2000

struct studydiff_change {
	bool refused;
	bool exploratory; /* an indicator that is not of the plan of its date */
	char *file;       /* "forms/consent", "codebook.csv", "rules.ini" */
	char *what;       /* question, list, row or key; "" for all of it */
	char *text;       /* a sentence without its end */
};

struct studydiff {
	struct studydiff_change *changes;
	size_t count;
	size_t refused;
	size_t dropped;
};

/* gives what `after` changes. wall_ms: rows of the codebook that are new or other past the day
 * of [plan] date are exploratory. */
struct studydiff *studydiff_make(
	const struct pack *before, const struct pack *after, int64_t wall_ms);
void studydiff_free(struct studydiff *d);
OWNER(studydiff)

/* OK if nothing is refused, else E_DENIED with the first sentence and the number of the others.
 */
CHECKED enum err studydiff_check(const struct studydiff *d);

/* Below, the same or above 0 as version a is lower, equal or higher. */
int studydiff_version(const char *a, const char *b);

#endif
