/* approvals - acts on approvals: one person enters what a committee or site decided, another
 * verifies.
 *
 * Body:        canonical JSON
 *              {"id","kind","decision","reference","reason","site","from_s","until_s"}; site ""
 *              = the whole study, until_s 0 = open end. The verifier signs the same bytes.
 * Always true: an approval counts from its verification on; a later decision on the same matter
 *              is a new approval with an id of its own, and both stay.
 * Errors:      E_DENIED "PERSON entered it and cannot verify it"; E_CONFLICT; E_NOTFOUND;
 *              E_FORMAT.
 */
#ifndef WEIR_HUB_APPROVALS_H
#define WEIR_HUB_APPROVALS_H

#include "hub/acts.h"

CHECKED enum err approvals_enter(struct hub *h, const struct act *a, struct buf *reply);
CHECKED enum err approvals_verify(struct hub *h, const struct act *a, struct buf *reply);

#endif
