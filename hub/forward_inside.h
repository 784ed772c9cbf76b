/* forward_inside - what the files of forward share; nobody else includes this.
 *
 * forward: the journal, what stands, the turn. forward_note: notes written, read and applied.
 */
#ifndef WEIR_HUB_FORWARD_INSIDE_H
#define WEIR_HUB_FORWARD_INSIDE_H

#include "hub/forward_erase.h"

/* A writer as it stands, and as the turn is about to leave it. */
struct forward_slot {
	struct forward_writer kept, next;
	bool has_tokens, has_end[LANE_COUNT];
};

struct forward {
	struct journal *journal;
	uint64_t turn, epoch, next_epoch;
	struct forward_slot *writers;
	size_t writer_count;
	struct forward_withdrawal *withdrawals;
	size_t withdrawal_count;
	struct forward_erasure *erasures;
	size_t erasure_count;
	struct forward_backup *backups;
	size_t backup_count;
	uint64_t backup_changes;
	bool has_notes;
	struct buf notes; /* of this turn, but for those of writers */
};

/* Adds tokens and ends that the turn changes. */
void forward_write_writers(const struct forward *f, struct buf *out);
/* One item of the journal while it is opened. */
CHECKED enum err forward_read_turn(struct forward *f, struct view content);
/* Own notes, that are of their form. */
void forward_apply(struct forward *f, struct view notes);

#endif
