/* unsaid - revocations of nodes that the vault had from the journal alone, until it is certain
 * that a leaf tells of each.
 *
 * Row:         META "unsaid-" and the node's 64 digits -> version u8
 * Always true: the row is put in the transaction that takes the revocation over, and goes in
 *              the one that writes the leaf: no start that is cut off loses it.
 * Errors:      those of vault.h.
 */
#ifndef WEIR_HUB_UNSAID_H
#define WEIR_HUB_UNSAID_H

#include "hub/vault.h"

CHECKED enum err unsaid_put(
	struct vault_txn *t, const uint8_t writer[static SIGN_PUBLIC_BYTES]);
CHECKED enum err unsaid_drop(
	struct vault_txn *t, const uint8_t writer[static SIGN_PUBLIC_BYTES]);
/* It may drop the one that it is handed. */
typedef enum err unsaid_fn(void *arg, const uint8_t writer[static SIGN_PUBLIC_BYTES]);
CHECKED enum err unsaid_each(struct vault_txn *t, unsaid_fn *each, void *arg);

#endif
