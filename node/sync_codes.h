/* sync_codes - study codes that intake and commands ask about (SYNC_CODES, SYNC_MAKE_CODES of
 * ipc_submit.h).
 *
 * Always true: asking makes nobody. Of a code that nobody has the pseudonym is the one that
 *              something held stands under, else one that leads nowhere.
 *              a code that is made is of somebody new: of nobody here, and of nobody who was
 *              erased (mark.h).
 * Errors:      E_FORMAT too many at once, or not of their form; E_FULL no code is free, or no
 *              room; those of the vault.
 */
#ifndef WEIR_NODE_SYNC_CODES_H
#define WEIR_NODE_SYNC_CODES_H

#include "node/vault.h"

/* Fields and answer without the facts number. */
CHECKED enum err sync_codes_look(struct vault *v, struct cursor *asks, struct buf *answer);
/* In the turn's transaction. */
CHECKED enum err sync_codes_make(struct vault *v, struct cursor *asks, struct buf *answer);

#endif
