/* question - may this be asked of the data at all? The rules for the action `query`, asked when
 * a release is proposed and before a cohort is frozen.
 *
 * Purpose:     "PURPOSE: reason": the word before the colon is what R15 looks at, what stands
 *              behind it the reason that R17 wants.
 * Items:       every item of the forms asked of that may leave a site, for R16: the codebook
 *              reads no other.
 * Persons:     a question names nobody: who is in the answer is asked about at release.
 *              Approvals of the study alone count (R04).
 * Always true: where no rule speaks for a question it may be asked.
 * Errors:      E_DENIED "R15: the purpose lies outside what was agreed"; those of vault.h.
 */
#ifndef WEIR_HUB_QUESTION_H
#define WEIR_HUB_QUESTION_H

#include "hub/chosen.h"
#include "hub/hub.h"

#define QUESTION_PURPOSE_BYTES 64

struct question {
	const struct chosen *chosen;
	const char *author; /* who asks */
	const char *role;
	const char *purpose; /* as it was written */
	int64_t at_ms;
};

/* E_DENIED unless it may be asked. */
CHECKED enum err question_check(const struct hub *h, const struct question *q);

/* Purpose and reason of the text into the request; room: what the purpose is lent from. */
void question_purpose(
	const char *text, char room[static QUESTION_PURPOSE_BYTES], struct rules_request *ret);

#endif
