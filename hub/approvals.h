/* approvals - acts on approvals: one person enters what a committee or site decided, another
 * verifies.
 *
 * Body:        as approval_body.h says. The verifier signs the same bytes.
 * Turns:       {"id","turn","condition","at_s","reason"}: suspend and withdraw narrow and count
 *              at once, by one person; lift, met (condition, counted from 0) and reviewed widen
 *              and count when another person has signed the same bytes. condition is 0 in all
 *              others.
 * Always true: an approval counts from its verification on; a later decision on the same matter
 *              is a new approval with an id of its own (which may name the one it supersedes),
 *              and both stay. A withdrawal is never lifted.
 * Errors:      E_DENIED "PERSON entered it and cannot verify it"; E_CONFLICT; E_NOTFOUND;
 *              E_FORMAT.
 */
#ifndef WEIR_HUB_APPROVALS_H
#define WEIR_HUB_APPROVALS_H

#include "hub/acts.h"

CHECKED enum err approvals_enter(struct hub *h, const struct act *a, struct buf *reply);
CHECKED enum err approvals_verify(struct hub *h, const struct act *a, struct buf *reply);
CHECKED enum err approvals_turn(struct hub *h, const struct act *a, struct buf *reply);
CHECKED enum err approvals_turn_verify(struct hub *h, const struct act *a, struct buf *reply);

#endif
