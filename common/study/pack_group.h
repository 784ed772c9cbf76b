/* pack_group - the stakeholder group that a record speaks for.
 *
 * The groups of study.ini are gone through in their order; the first one is it whose form the
 * record is of and whose condition holds over its answers (group.h).
 * Errors:      E_FORMAT naming items and groups, never an answer.
 * It can hurt: the answers are a person's; what is made of them here is wiped.
 */
#ifndef WEIR_PACK_GROUP_H
#define WEIR_PACK_GROUP_H

#include "common/study/pack.h"

/* The id of the group, lent by the pack; "" when no group of the study fills in the form, as
 * with a consent. E_FORMAT when groups do, and the record is of none of them: "who: fits none
 * of the groups user, carer". */
CHECKED enum err pack_group_find(const char **ret, const struct pack *p, const struct form *f,
	const struct form_answer *answers, size_t count);

#endif
