/* vault_erase - an entry whose parts are deleted for good, and a vault without a byte of them.
 *
 * Row:         META "gone-" place -> u8 1. A place in a chain; it names no person.
 *              META "compact" -> u8 1: what was deleted may still be in free pages. It comes
 *              with what was deleted and goes when the vault has moved, so that a move that was
 *              cut off is made good: when sync starts, and before anybody is erased.
 * From the hub: it gives back no part of somebody who was erased, and leaves one out for no
 *              other reason: an entry that comes without any part that its header names is
 *              marked so.
 * Always true: the header stays and the chain verifies; whoever looks for damage passes over
 * the
 *              parts of such an entry.
 * Errors:      those of vault.h; vault_compact() as store_compact().
 */
#ifndef WEIR_NODE_VAULT_ERASE_H
#define WEIR_NODE_VAULT_ERASE_H

#include "node/vault.h"

CHECKED enum err vault_erase(struct vault *v, const struct vault_at *at);
CHECKED enum err vault_is_erased(struct vault *v, const struct vault_at *at, bool *ret);
/* Another entry is about to stand at this place. */
CHECKED enum err vault_unerase(struct vault *v, const struct vault_at *at);
/* Puts the row "compact"; vault_erase() does so, too. */
CHECKED enum err vault_owe_compact(struct vault *v);
/* No turn may be open. */
CHECKED enum err vault_compact(struct vault *v);
/* The same if it is owed. */
CHECKED enum err vault_settle_compact(struct vault *v);

#endif
