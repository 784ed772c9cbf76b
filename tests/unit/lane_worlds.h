/* lane_worlds - worlds of the sync core as the lane suites begin with them. */
#ifndef WEIR_LANE_WORLDS_H
#define WEIR_LANE_WORLDS_H

#include "tests/sim/lane_world.h"

/* No promise was broken, nobody stopped, and the hub has everything, once. */
void worlds_agree(const struct world *w);

/* gives a world whose session is up: two control entries and `records` records are at the
 * hub. */
struct world *worlds_settled(size_t records);

/* A signed batch of the node's entries for the live session. */
struct sync_msg worlds_batch(struct world *w, uint8_t lane, uint64_t first, size_t count,
	struct sync_entry *entries);

/* A HELLO of the node as it stands; its bytes are added to frame. */
struct sync_msg worlds_hello(struct world *w, struct buf *frame);

#endif
