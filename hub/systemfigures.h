/* systemfigures - figures of what forms cannot tell: counts of nodes and coders (counts.h), and
 * for item non-response, what the opened records show.
 *
 * Counts of a name are added up over forms and groups, those of ALL over sites; of themes the
 * different codes that are not in the list of study.ini [phase2] list.indicator are counted.
 * Item non-response has a row for each question that goes to the hub or stands open, of each
 * form with a record; its level is FORM/ITEM; left empty, "cannot say" and "not known" are
 * without a value, refusing is an answer.
 * Hidden:      where the release hides anything for its size, a row resting on fewer than the
 *              codebook's min_n, and with it that of ALL.
 * Errors:      E_FORMAT a record of counts that is not of its form.
 */
#ifndef WEIR_HUB_SYSTEMFIGURES_H
#define WEIR_HUB_SYSTEMFIGURES_H

#include "common/codec/wire_answers.h"
#include "common/figures/rows.h"
#include "common/study/pack.h"

#include "hub/cohort.h"

struct systemfigures;

/* gives; all is lent. */
struct systemfigures *systemfigures_new(
	const struct pack *pack, const struct cohort_site *sites, size_t site_count);
void systemfigures_free(struct systemfigures *s);
OWNER(systemfigures)

/* Add a record of counts; of several of a site all count. */
CHECKED enum err systemfigures_add_counts(
	struct systemfigures *s, uint16_t site, const struct wire_answers *answers);
/* Look at what an opened record leaves empty. */
void systemfigures_add_record(struct systemfigures *s, uint16_t site, const struct record *r);

/* The response rate (F01) of a site: of how many who were found eligible, how many gave a
 * record. 0 of 0: nobody counted. */
void systemfigures_response(
	const struct systemfigures *s, size_t site, uint64_t *ret_count, uint64_t *ret_of);

/* Adds the rows of an indicator; texts are lent as long as it lives. */
void systemfigures_put(struct systemfigures *s, const struct indicator *i, bool hides,
	struct figure_rows *rows);

#endif
