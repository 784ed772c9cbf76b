/* rules_compare - does a site's own set of rules loosen what the study asks?
 *
 * Always true: stricter is no fault, nor is a rule that only the site has on. Titles, sources
 *              and reminders (warn, decide.within) are not compared, nor are versions.
 * Looser is:   a rule off, asked at fewer actions, or with a lesser outcome; a list of what is
 *              accepted that is longer, a list of what is asked that is shorter; more time; a
 *              word taken out or put in place of another. R07: children taken in whom the
 *              study does not take, or without their assent. R15: a purpose that the study does
 *              not have, or one that no longer needs share-secondary.
 */
#ifndef WEIR_RULES_COMPARE_H
#define WEIR_RULES_COMPARE_H

#include "common/study/rules.h"

#define RULES_MAX_LOOSER       200
#define RULES_LOOSER_KEY_BYTES 48

struct rules_looser {
	char rule[4];                     /* "R05" */
	char key[RULES_LOOSER_KEY_BYTES]; /* "grace"; of a family "approval.nhs" */
};

/* How many keys of `own` are looser than those of `study`, in the order of rules and keys; the
 * first RULES_MAX_LOOSER are written. 0: the site's rules may stand beside the study's. */
size_t rules_compare(const struct rules *study, const struct rules *own,
	struct rules_looser ret[static RULES_MAX_LOOSER]);

#endif
