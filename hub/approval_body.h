/* approval_body - an approval as the JSON that one person enters and another verifies.
 *
 * Format:      members "id","kind","decision","reference","reason","site","from_s","until_s",
 *              and, where they say something, "issuer","partner","person","flow","supersedes",
 *              "term","category","evidence","submitted_s","review_due_s","cost","protocols",
 *              "forms","data","activities","sites","modes" (words parted by blanks),
 *              "conditions":[{"text","kind","due_s"}], in this order.
 * Always true: what was written reads back the same, so a command can show what waits and sign
 *              the same bytes.
 * Errors:      E_FORMAT names the member.
 */
#ifndef WEIR_HUB_APPROVAL_BODY_H
#define WEIR_HUB_APPROVAL_BODY_H

#include "common/codec/json.h"

#include "hub/approval.h"

/* Put the members into an object that is open. */
void approval_body_put(struct json_out *w, const struct approval *a);
/* Read the members into `ret`, whose other fields stay; others in the object are passed
 * over. */
CHECKED enum err approval_body_get(const struct json *body, struct approval *ret);
/* E_FORMAT if there are others. */
CHECKED enum err approval_body_only(const struct json *body);
/* Are the texts of their form, and do they go together? Whether sites exist is not asked. */
CHECKED enum err approval_body_check(const struct approval *a);

#endif
