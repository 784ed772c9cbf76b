/* erased - entries whose parts were deleted for good: the header stands, and nobody misses the
 * rest.
 *
 * Row:         META "gone-" place key -> version u8. It names a place in a chain and no person.
 * Always true: such an entry is no damage: checks pass over its parts, no node is asked for
 *              them, and what a node sends of them is not kept.
 * Errors:      those of vault.h.
 */
#ifndef WEIR_HUB_ERASED_H
#define WEIR_HUB_ERASED_H

#include "hub/place.h"
#include "hub/vault.h"

CHECKED enum err erased_put(struct vault_txn *t, const struct place *p);
CHECKED enum err erased_has(struct vault_txn *t, const struct place *p, bool *ret);
/* Deletes all parts of the entry and marks it. *ret_count: parts that were there. */
CHECKED enum err erased_make(struct vault_txn *t, const struct place *p, uint64_t *ret_count);
/* How many parts the headers of such entries name. */
CHECKED enum err erased_parts(struct vault_txn *t, uint64_t *ret);

#endif
