/* lane_batch - is a batch what it says it is? Pure.
 *
 * Always true: of a sound batch every header is of this study, writer, incarnation and lane,
 *              numbers and hashes follow each other, every part that came matches its header,
 *              and the last hash is the batch's head. A part may be missing (erased, or not for
 *              the hub).
 */
#ifndef WEIR_LANE_BATCH_H
#define WEIR_LANE_BATCH_H

#include "common/codec/wire_sync.h"
#include "common/trust/entry.h"

/* Whose batch it has to be. */
struct lane_origin {
	const char *study;
	const uint8_t *writer; /* SIGN_PUBLIC_BYTES */
	uint32_t incarnation;
};

/* The writer signed the head of this batch at its place. */
CHECKED bool lane_batch_signed(const struct lane_origin *origin, const struct sync_batch *b);

/* E_FORMAT, E_CONFLICT, E_NOTFOUND or E_AUTH if the batch is not sound. ret_prev: what its
 * first entry stands on. ret_at: the hash of entry `at`, zeros if that is not in the batch. */
CHECKED enum err lane_batch_check(const struct lane_origin *origin, const struct sync_batch *b,
	uint64_t at, uint8_t ret_prev[static HASH_BYTES], uint8_t ret_at[static HASH_BYTES]);

#endif
