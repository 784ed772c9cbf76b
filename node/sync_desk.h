/* sync_desk - what commands and the desk ask of sync about erasures and the review key
 * (SYNC_ERASE of ipc.h, ipc_review.h).
 *
 * Always true: what came before in the turn is kept first where the vault moves; what went
 *              wrong is taken back.
 * Errors:      those of sync_erase.h, sync_erased.h, sync_review.h; E_FORMAT.
 */
#ifndef WEIR_NODE_SYNC_DESK_H
#define WEIR_NODE_SYNC_DESK_H

#include "node/custody.h"
#include "node/ipc_review.h"
#include "node/sitekeys.h"
#include "node/sync_config.h"
#include "node/sync_intake.h"

/* What sync asked the holder of the review key for last; begins as zeros. */
struct sync_desk_proof {
	uint8_t wanted[REVIEW_PROOF_BYTES];
	bool is_open;
	char by[CUSTODY_ID_BYTES]; /* who says to hold it */
};

/* All lent. */
struct sync_desk {
	const char *dir; /* of the node */
	struct vault *vault;
	const struct hubcard *card;
	const struct sitekeys *keys;
	const struct sync_config *config;
	struct sync_intake *intake;
	struct sync_desk_proof *proof;
	enum err (*flush)(void *arg); /* ends the turn */
	void *arg;
};

CHECKED bool sync_desk_knows(uint16_t verb);
CHECKED enum err sync_desk_serve(
	const struct sync_desk *d, uint16_t verb, struct cursor *fields, struct buf *answer);

/* What of the hub's papers was looked at; begins as zeros. */
struct sync_desk_told {
	uint64_t number; /* of the terms */
	int64_t again_mono_ms;
	int64_t settle_mono_ms; /* who is erased is looked at again then */
};
/* Each second: whoever waits only for a copy of the vault to be deleted (sync_erased.h) is
 * erased when it is. The papers of erasures in the site's terms are carried out and kept,
 * without anybody carrying them, and whoever the terms name as erased is deleted if a backup
 * brought the rows back (sync_named.h). What has to wait is tried again. When all is done a
 * vault that was put back opens its desk again (putback.h). */
CHECKED enum err sync_desk_tick(
	const struct sync_desk *d, struct sync_desk_told *told, int64_t mono_ms);

#endif
