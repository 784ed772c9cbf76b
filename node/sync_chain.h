/* sync_chain - what the session core asks about the chains of this node (lane_action.h):
 * finding, looking, opening, taking, rebasing.
 *
 * Always true: questions are answered from what is committed. What is taken while the node is
 *              up mends damaged entries; while it is filled up again it waits aside.
 * Errors:      those of the vault; E_CONFLICT what the hub sent does not fit: the session has
 *              to begin anew, nothing was put.
 */
#ifndef WEIR_NODE_SYNC_CHAIN_H
#define WEIR_NODE_SYNC_CHAIN_H

#include "common/sync/lane_action.h"

#include "node/sync_refill.h"

/* LANE_FIND_HEAD, LANE_LOOK: fills head found or looked. */
CHECKED enum err sync_chain_find(
	struct vault *v, const struct lane_action *a, struct lane_event *ret);
/* LANE_OPEN: fills opened. */
void sync_chain_open(
	const struct vault *v, const struct lane_action *a, struct lane_event *ret);
CHECKED enum err sync_chain_take(struct vault *v, const struct lane_action *a, bool mends);
/* LANE_REBASE; the session says REBASED after the commit. */
CHECKED enum err sync_chain_rebase(const struct sync_judge *judge, const struct lane_action *a);

/* A person has said that this copy goes on: kept until the rebase. */
CHECKED enum err sync_chain_survive(struct vault *v);
CHECKED enum err sync_chain_survives(struct vault *v, bool *ret);

/* The hub was found to have been restored to before this incarnation (0: it was not): nothing
 * from there on is at the hub, whatever was receipted. */
CHECKED enum err sync_chain_set_lost(struct vault *v, uint32_t from);
CHECKED enum err sync_chain_lost(struct vault *v, uint32_t *ret_from);

#endif
