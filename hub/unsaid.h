/* unsaid - acts that the vault had from the journal alone, until it is certain that a leaf
 * tells of each (unsaid_leaf.h).
 *
 * Row:         META "unsaid-", for all but a revocation the word of the act and '-', then as
 *              digits whom it is about -> version u8. A revocation: the node, 32 bytes.
 *              "placed", "lifted": the participant, 16. "change": the number u32. "left": the
 *              site
 * Always true: the row is put in the transaction that takes the act over, and goes in the one
 *              that writes the leaf: no start that is cut off loses it.
 * Errors:      those of vault.h.
 */
#ifndef WEIR_HUB_UNSAID_H
#define WEIR_HUB_UNSAID_H

#include "hub/vault.h"

#define UNSAID_ABOUT_MAX_BYTES 64

enum unsaid_act {
	UNSAID_REVOKED,
	UNSAID_PLACED, /* a hold */
	UNSAID_LIFTED,
	UNSAID_CHANGE, /* recorded or struck */
	UNSAID_LEFT,
};

CHECKED enum err unsaid_put(struct vault_txn *t, enum unsaid_act act, struct view about);
CHECKED enum err unsaid_drop(struct vault_txn *t, enum unsaid_act act, struct view about);
/* It may drop the one that it is handed. */
typedef enum err unsaid_fn(void *arg, struct view about);
CHECKED enum err unsaid_each(
	struct vault_txn *t, enum unsaid_act act, unsaid_fn *each, void *arg);

#endif
