/* sitecut - the sites of a study as a table prints them: as recorded, as of a day, or by
 * lineage.
 *
 * Always true: every site of the pack counts for exactly one printed site.
 * Codes:       a printed site has the code of the pack that it stands for; by lineage the codes
 *              of all that count together, joined by '+', or the first one and how many more
 *              where that is longer than a code may be.
 * Names:       the public name as of the day of the view; of other views the one in force on
 *              the day it is made; by lineage all of them, joined by " + ".
 * Notes:       one sentence for each change and each site that left, so that no table compares
 *              a site with itself across a merger without saying so. They name sites, days and
 *              nobody.
 * Errors:      E_FORMAT the view; those of vault.h.
 */
#ifndef WEIR_HUB_SITECUT_H
#define WEIR_HUB_SITECUT_H

#include "common/study/pack.h"

#include "hub/cohort.h"
#include "hub/leaving.h"
#include "hub/lineage_row.h"

#define SITECUT_NOTES_MAX (LINEAGE_MAX_COUNT + COLUMNS_SITES_MAX)

struct sitecut_printed {
	char id[ROW_ID_BYTES];
	char *name;
};

struct sitecut_site {
	size_t printed; /* index */
	bool stands;    /* its numbers are those of the printed site */
};

struct sitecut {
	char view[LINEAGE_VIEW_BYTES];
	bool is_recorded;
	struct sitecut_printed *printed;
	size_t printed_count;
	struct sitecut_site *sites; /* in the order of the pack */
	size_t site_count;
	char **notes;
	size_t note_count;
};

/* What a cut is made from; all lent. */
struct sitecut_facts {
	const struct pack *pack;
	const struct lineage *lineage;
	const struct leavings *leavings;
	int64_t made_ms; /* wall */
};

/* gives. */
CHECKED enum err sitecut_make(
	struct sitecut **ret, const struct sitecut_facts *f, const char *view);
/* The same with what the vault says. */
CHECKED enum err sitecut_read(struct sitecut **ret, struct vault_txn *t,
	const struct pack *pack, const char *view, int64_t made_ms);
void sitecut_free(struct sitecut *c);
OWNER(sitecut)

/* Writes into a cohort whose sites are those of the pack for whom each counts. */
void sitecut_to_cohort(const struct sitecut *c, struct cohort *into);
/* Does the cohort say the same? */
bool sitecut_is_of(const struct sitecut *c, const struct cohort *of);

#endif
