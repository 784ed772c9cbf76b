/* question - may this be asked of the data at all? The rules for the action `query`, asked when
 * a release is proposed and before a cohort is frozen.
 *
 * Purpose:     "PURPOSE LIMIT...: reason": the word in front is what R15 looks at; the words
 *              between it and the colon are the limits on other research that the request
 *              promises to keep (rules_limits.h): "secondary-research HMB NCU: why"; behind
 *              the colon stands the reason that R17 wants. A limit is about a word behind '=',
 *              so that the first colon is the one.
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
#include "hub/release_row.h"

#define QUESTION_ROLE         "researcher" /* who proposes a release */
#define QUESTION_LIMITS_COUNT (RELEASE_PURPOSE_MAX_BYTES / 2)

struct question {
	const struct chosen *chosen;
	const char *author; /* who asks */
	const char *role;
	const char *purpose; /* as it was written */
	int64_t at_ms;
};

/* E_DENIED unless it may be asked. */
CHECKED enum err question_check(const struct hub *h, const struct question *q);

/* What the words of a purpose are lent from. */
struct question_purpose {
	char text[RELEASE_PURPOSE_MAX_BYTES + 1];
	const char *limits[QUESTION_LIMITS_COUNT];
};

/* Purpose, limits and reason of the text into the request. What is longer than a release may
 * say states no purpose. */
void question_purpose(
	const char *text, struct question_purpose *room, struct rules_request *ret);

#endif
