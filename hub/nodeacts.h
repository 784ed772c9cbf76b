/* nodeacts - what officers decide about a node, or about the journal.
 *
 * Acts (acts.h): recovery-waive, node-revoke {"node","reason"}: first 8 digits of the node, and
 *              why. journal-waive {"reason","loss"}: the journal is lost (waiver.h).
 * Revoked:     the node is refused from its next message on, wherever it stands; the gate lets
 *              it in no more. What came before stays; what comes later, however it is carried,
 *              is not taken. What waits at the node waits there and is not lost: `weir-hub
 *              status` says how many entries it had when it was heard last that the hub lacks;
 *              a withdrawal among them has to be entered at another node of the site.
 *              A recovery waits for it no longer. The journal keeps it: no restore takes it
 *              back. Cut off between journal and vault it is in force at the next start, and
 *              its leaf is written then (unsaid_leaf.h).
 */
#ifndef WEIR_HUB_NODEACTS_H
#define WEIR_HUB_NODEACTS_H

#include "hub/acts.h"

CHECKED enum err nodeacts_waive(struct hub *h, const struct act *a, struct buf *reply);
CHECKED enum err nodeacts_revoke(struct hub *h, const struct act *a, struct buf *reply);
CHECKED enum err nodeacts_journal(struct hub *h, const struct act *a, struct buf *reply);

#endif
