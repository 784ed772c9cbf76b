/* sitefigures - figures of an indicator about sites: each from the one record of a site.
 *
 * No people threshold: what is hidden is a row that rests on fewer records than the codebook's
 * min_n, and, where a site's is, that of ALL, from which it could be worked out.
 * Statistics:  those of a table; `value` and the limits of a funnel at each site, its target
 *              and factor in ALL. Where a key occurs several times in a record, n counts
 *              instances.
 * Errors:      E_DENIED a funnel of a unit without a standard error; those of tabulate.
 */
#ifndef WEIR_HUB_SITEFIGURES_H
#define WEIR_HUB_SITEFIGURES_H

#include "common/figures/rows.h"
#include "common/study/derive.h"

#include "hub/cohort.h"

struct sitefigures;

/* gives; codebook and indicator are lent. */
CHECKED enum err sitefigures_new(struct sitefigures **ret, const struct codebook *c,
	const struct indicator *i, const struct cohort_site *sites, size_t site_count);
void sitefigures_free(struct sitefigures *s);
OWNER(sitefigures)

/* Count the record at hand, of the indicator's form and of one of its groups. */
CHECKED enum err sitefigures_add(struct sitefigures *s, uint16_t site, struct derive *d);
/* The same of another site that counts for this one (sitecut.h). It is a row of the tables like
 * any other; value and funnel are of the site's own record, else of the only one there is. */
CHECKED enum err sitefigures_add_for(struct sitefigures *s, uint16_t site, struct derive *d);

/* Adds its rows; their texts are lent as long as it lives. Once. */
CHECKED enum err sitefigures_put(struct sitefigures *s, struct figure_rows *rows);

#endif
