/* sync_decide - what a person at the site has to decide or to know of, each with the command
 * that does it: the list "decide" of the status.
 *
 * Always true: a sentence names no person, and no code; it says what to do, and what becomes of
 *              it if nobody does.
 * Errors:      those of the vault.
 */
#ifndef WEIR_NODE_SYNC_DECIDE_H
#define WEIR_NODE_SYNC_DECIDE_H

#include "common/codec/json.h"

#include "node/sync_link.h"
#include "node/sync_refill.h"
#include "node/sync_scrub.h"

/* All lent. */
struct sync_decide {
	struct vault *vault;
	const struct sync_link_site *site;
	const struct lane_node *node;
	const struct sync_scrub *scrub;
	const struct sync_refilled *refilled;
};
CHECKED enum err sync_decide_write(struct json_out *w, const struct sync_decide *d);
/* What a lane is about, in words of the site. */
const char *sync_decide_lane(enum lane lane);

#endif
