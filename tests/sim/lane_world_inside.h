/* lane_world_inside - what the files of lane_world share; nobody else includes this.
 *
 * lane_world_store: chance, ids, entries. lane_world_shells: the actions of both machines
 * carried out, with the promises checked. lane_world: the line, the steps, faults.
 */
#ifndef WEIR_LANE_WORLD_INSIDE_H
#define WEIR_LANE_WORLD_INSIDE_H

#include "tests/sim/lane_world.h"

uint64_t world_chance(struct world *w);
bool world_percent(struct world *w, unsigned of_hundred);
/* Keep the first promise that was broken. The text has to last as long as the world is looked
 * at. */
void world_breach(struct world *w, const char *promise);
void world_fresh_id(struct world *w, uint8_t ret[static WIRE_ID_BYTES]);

struct sync_mark world_mark_at(const struct world_lane *l, uint64_t seq);
void world_make_entry(struct world *w, uint8_t lane, size_t part_bytes);
void world_drop_entries(struct world_lane *l, size_t from);

/* Carry one action out; *ev is the answer, its kind 0 if there is none. */
void world_node_carry_out(struct world *w, struct lane_action *a, struct sync_entry *entries,
	struct sync_batch *batch, struct lane_event *ev);
void world_hub_carry_out(struct world *w, struct lane_action *a, struct lane_event *ev);

#endif
