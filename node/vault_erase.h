/* vault_erase - an entry whose parts are deleted for good, and a vault without a byte of them.
 *
 * Row:         META "gone-" place -> u8 1. A place in a chain; it names no person.
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
/* No turn may be open. */
CHECKED enum err vault_compact(struct vault *v);

#endif
