/* sim_files - files that simulated records name, and the hub's log with its checkpoints.
 *
 * A file is there or not, and may be damaged; its chunks, root and proofs are made when they
 * are needed. A log is a row of leaves, each of which says of which telling of the log it is:
 * an operator who edits it tells it anew from some leaf on.
 */
#ifndef WEIR_SIM_FILES_H
#define WEIR_SIM_FILES_H

#include "tests/sim/sim.h"

/* For the pool: the root of each file, SIM_FILES_COUNT of them. */
void sim_files_roots(uint8_t (*ret)[HASH_BYTES]);

void sim_files_write(const struct sim *s, struct sim_disk *d, uint16_t number);
void sim_files_damage(struct sim *s, struct sim_disk *d);
void sim_files_fetch(struct sim *s, const struct sim_disk *d, const struct lane_action *a,
	struct lane_event *ev);
/* True if the action was one of these. */
bool sim_files_hub(struct sim *s, const struct lane_action *a, struct lane_event *ev);
void sim_files_committed(struct sim *s);
void sim_files_check_want(struct sim *s, const struct sync_want *w);
void sim_files_check_settled(struct sim *s, const struct sim_disk *d);

/* ---- log ---- */

/* One leaf more, if there is room; the checkpoint as it is told. */
void sim_log_grow(struct sim *s, struct lane_event *ev);
/* Somebody edits it from a leaf on. */
void sim_log_fork(struct sim *s);
/* True if the action was one of the log, at the node or at the hub. */
bool sim_log_node(
	struct sim *s, struct sim_disk *d, const struct lane_action *a, struct lane_event *ev);
bool sim_log_hub(struct sim *s, const struct lane_action *a, struct lane_event *ev);
/* I8 and N6, when a node sends its cosignature. */
void sim_log_check_witness(struct sim *s, struct sim_disk *d, const struct sync_witness *w);

#endif
