/* weights - how much each site counts where several are put together.
 *
 * study.ini [plan] pooling: population, a site weighs as many as could have answered there (the
 * column of sites.csv that [form.ID] eligible names); equal, every site the same; records, all
 * records in one heap. A form without eligible people is of one heap under population, too.
 * Where several count for one printed site (sitecut.h) it weighs as many as those have whose
 * numbers stand for it, or, where none of them has one, as all of them that take part.
 * Errors: E_DENIED a site that takes part has no such number.
 */
#ifndef WEIR_HUB_WEIGHTS_H
#define WEIR_HUB_WEIGHTS_H

#include "common/study/pack.h"

#include "hub/sitecut.h"

/* gives a weight for each site, NULL where all records are one heap. */
CHECKED enum err weights_make(double **ret, const struct pack *p, const struct form *f,
	const struct cohort_site *sites, size_t count);

/* Sites and for whom they count; all lent. */
struct weights_cut {
	const struct cohort_site *sites;
	const struct sitecut *cut;
};
/* gives a weight for each printed site, NULL where all records are one heap. */
CHECKED enum err weights_printed(
	double **ret, const struct pack *p, const struct form *f, const struct weights_cut *c);

#endif
