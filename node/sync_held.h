/* sync_held - what people ask about records that are held, and what they decide.
 *
 * Always true: a list is given in pages, so that any number can be asked for; a row that comes
 *              or goes between two pages changes no other.
 * Errors:      E_NOTFOUND nothing is held under this name; E_DENIED with the reason why it
 *              cannot go on; those of the vault.
 */
#ifndef WEIR_NODE_SYNC_HELD_H
#define WEIR_NODE_SYNC_HELD_H

#include "node/sync_hold.h"

#define SYNC_HELD_PAGE_COUNT 1000

/* The fields of SYNC_HELD (ipc_submit.h). */
CHECKED enum err sync_held_list(struct vault *v, struct cursor *asks, struct buf *answer);
/* SYNC_HELD_DECIDE: adds the words. */
CHECKED enum err sync_held_decide(
	const struct sync_judge *j, struct cursor *asks, struct buf *answer);

#endif
