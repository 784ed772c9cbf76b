/* rules_study - facts of a made-up study in memory: sites, forms, people, records.
 *
 * SITES_COUNT sites with papers, a toolkit review and staff of their own, FORMS_COUNT forms in
 * WAVES_COUNT waves with a window each, and PEOPLE_COUNT people a site who gave one record of
 * each form and wave, days apart. Texts that come from strangers (codes of staff, versions) lie
 * in memory of each person, as a vault gives them. The rest is the usual day of the tables
 * (rules_world.h).
 * People:      every sixteenth agreed, objected and agreed anew; another agreed a second time;
 *              for another one a consultee spoke; one of sixteen ended all use, and one does
 *              not permit this one. All others agreed once.
 * Order:       records stand by site, those of a person together, as they lie in a vault.
 */
#ifndef WEIR_BENCH_RULES_STUDY_H
#define WEIR_BENCH_RULES_STUDY_H

#include "common/study/rules_facts.h"

#define STUDY_SITES_COUNT        16
#define STUDY_FORMS_COUNT        4
#define STUDY_WAVES_COUNT        2
#define STUDY_PEOPLE_COUNT       256                                     /* of a site */
#define STUDY_KINDS_COUNT        (STUDY_FORMS_COUNT * STUDY_WAVES_COUNT) /* forms by waves */
#define STUDY_SITE_RECORDS_COUNT ((size_t)STUDY_PEOPLE_COUNT * STUDY_KINDS_COUNT)
#define STUDY_RECORDS_COUNT      (STUDY_SITES_COUNT * STUDY_SITE_RECORDS_COUNT)

struct rules_study;

/* gives; all_changed: everybody agreed, objected and agreed anew. */
struct rules_study *rules_study_new(bool all_changed);
void rules_study_free(struct rules_study *s);
OWNER(rules_study)

/* What the records of a site, form and wave have in common; lent. */
const struct rules_facts *rules_study_facts(
	const struct rules_study *s, size_t site, size_t kind);
/* A record of all of them; lent. It is of site i / STUDY_SITE_RECORDS_COUNT and of kind
 * i % STUDY_KINDS_COUNT. */
const struct rules_record *rules_study_record(const struct rules_study *s, size_t i);

#endif
