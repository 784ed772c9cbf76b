/* sync_marks - what a session is told to remember: its token, what the hub has, its last word.
 *
 * Always true: "at the hub" never passes what the hub was last known to have; a mark of the hub
 *              below the one of before takes "at the hub" back with it.
 * On disk:     meta "pruned-missed" -> incarnation u32 | first u64 | last u64
 * Errors:      those of vault.h.
 */
#ifndef WEIR_NODE_SYNC_MARKS_H
#define WEIR_NODE_SYNC_MARKS_H

#include "common/sync/lane_node_parts.h"

#include "node/vault.h"

/* LANE_KEEP_TOKEN, LANE_KEEP_ACKED, LANE_KEEP_RECEIPT. */
CHECKED enum err sync_marks_token(struct vault *v, const struct lane_action *a);
CHECKED enum err sync_marks_acked(struct vault *v, const struct lane_action *a);
CHECKED enum err sync_marks_receipt(
	struct vault *v, const struct lane_action *a, int64_t contact_ms);
/* What the hub says of its backups; puts only what changed. */
CHECKED enum err sync_marks_retained(struct vault *v, enum lane lane, uint64_t retained);
/* Records that the hub lacks again and whose answers were pruned here: it was restored to
 * before what it said is in every backup. Kept for good. */
struct sync_marks_missed {
	uint32_t incarnation; /* 0: none */
	uint64_t first, last;
};
CHECKED enum err sync_marks_missed(struct vault *v, struct sync_marks_missed *ret);
/* Wall time of the last word of the hub; 0: none yet. */
CHECKED enum err sync_marks_contact(struct vault *v, int64_t *ret_ms);

/* Fills what the vault knows: incarnation, lanes, token, marks, receipt, survivor. */
CHECKED enum err sync_marks_setup(struct vault *v, struct lane_node_setup *ret);

#endif
