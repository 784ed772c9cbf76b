/* keep_call - what a command brings, on its way to sync: items in frames of SYNC_KEEP (ipc.h).
 *
 * Always true: nothing is kept before the last frame came; then all of it, or nothing.
 * Use:         keep_call_next(), add one item to `items`, and so on; keep_call_end().
 * Errors:      those of client.h and sync_keep.h; E_FULL an item is too large for any frame.
 */
#ifndef WEIR_NODE_KEEP_CALL_H
#define WEIR_NODE_KEEP_CALL_H

#include "node/client.h"
#include "node/sync_keep.h"

struct keep_call {
	struct client *sync; /* lent */
	struct buf items;    /* of the frame that is being filled */
	uint32_t count;
	size_t sent_bytes; /* in frames before it */
};
void keep_call_begin(struct keep_call *k, struct client *sync);
void keep_call_done(struct keep_call *k);

/* One item more is to come: a frame that is full goes before it. */
CHECKED enum err keep_call_next(struct keep_call *k);
/* Of all items so far; sync takes KEEP_MAX_BYTES. */
size_t keep_call_bytes(const struct keep_call *k);
/* The last frame. by: who brought rows; NULL for what names in itself who took it. */
CHECKED enum err keep_call_end(
	struct keep_call *k, const struct sync_keep_by *by, struct sync_kept *ret);

#endif
