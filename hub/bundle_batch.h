/* bundle_batch - a batch of a bundle, judged as common/sync/lane_carry.h says and taken.
 *
 * A hub that was restored takes what lies below the place that it had only when that place
 * is reached with the entry that was there: until then the batches wait in memory, at most
 * BUNDLE_HELD_MAX_BYTES of them, and nothing of them is in the vault.
 * Errors:      what is to be said to whoever carries it (E_CONFLICT, E_AUTH, E_DENIED, E_FULL).
 *              *ret_spoils: the vault failed, the turn has to be given up.
 */
#ifndef WEIR_HUB_BUNDLE_BATCH_H
#define WEIR_HUB_BUNDLE_BATCH_H

#include "common/sync/lane_carry.h"

#include "hub/bundle_in.h"

struct node;

/* `plain` are the bytes of its message, lent for the call. */
CHECKED enum err bundle_batch_take(struct bundle_in *b, struct node *n,
	const struct sync_batch *batch, struct view plain, bool *ret_spoils);
/* What a carrier is told; OK for what was taken or known. */
CHECKED enum err bundle_batch_refused(enum lane_carried why, uint8_t lane);

#endif
