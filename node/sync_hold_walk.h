/* sync_hold_walk - time passes for what is held: a page a second, over and over.
 *
 * Always true: what has an end is dropped, or goes on without its files, when it has come; what
 *              waits for the site's terms is tried when those, the study, the delegation log or
 *              the day are others than at the last walk.
 *              one that is damaged, or for which there is no room, is said in the log and keeps
 *              no other from its turn.
 * Errors:      those of the vault.
 */
#ifndef WEIR_NODE_SYNC_HOLD_WALK_H
#define WEIR_NODE_SYNC_HOLD_WALK_H

#include "node/sync_hold.h"

/* Where the last tick ended; begins as zeros. */
struct sync_hold_walk {
	bool begun;
	uint8_t after[ID_BYTES];
	/* what waits for the site's terms is tried in a walk that began with others, with
	 * another manifest or delegation log, on another day, or before the hub was heard
	 * again */
	struct {
		uint64_t terms, study, duties;
		int64_t day, over_s;
	} seen;
	bool tries;
};
/* What has waited long enough, of the next SYNC_HOLD_PAGE_COUNT that are held; one that cannot
 * be looked at is said in the log, and keeps no other from it. */
CHECKED enum err sync_hold_walk_tick(const struct sync_judge *j, struct sync_hold_walk *w);

#endif
