/* unsaid_leaf - the leaves of acts that were cut off between journal and vault: the next start
 * has them in force (recovery_start.h), and writes the leaf that the turn did not keep.
 *
 * Leaves:      node-revoked, hold-placed, hold-lifted, site-changed, site-change-struck,
 *              site-left, by the ledger: who signed is not known, or no statement proves it.
 *              The reason is that it was cut off; that of site-left is its choice, as ever.
 * Always true: each is written once, in the transaction that forgets that it is owed, and not
 *              where the log brought one back. A hold is told of once the hub knows the person,
 *              and never of one who is erased.
 * Errors:      those of audit.h and vault.h.
 */
#ifndef WEIR_HUB_UNSAID_LEAF_H
#define WEIR_HUB_UNSAID_LEAF_H

#include "hub/hub.h"

/* Before the ledger serves. */
CHECKED enum err unsaid_leaf_start(struct hub *h);

#endif
