/* sync_act - what was decided at this site, as an entry of lane A: the hub makes a leaf of it.
 *
 * Always true: it stands in the transaction of its effect. Ids and codes, no name, no answer.
 * Errors:      those of leaf.h and vault.h.
 */
#ifndef WEIR_NODE_SYNC_ACT_H
#define WEIR_NODE_SYNC_ACT_H

#include "common/trust/leaf.h"

#include "node/sync_judge.h"

/* Adds id, time and site; the rest is the caller's. */
CHECKED enum err sync_act(const struct sync_judge *j, struct leaf leaf);
/* The same with what only the hub takes over (wire_act_pack_report()). */
CHECKED enum err sync_act_report(
	const struct sync_judge *j, struct leaf leaf, struct view report);

#endif
