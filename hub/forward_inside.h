/* forward_inside - what the files of forward share; nobody else includes this.
 *
 * forward: the journal, what stands, the turn. forward_note: notes written, read and applied.
 * forward_erase: the list of erasures. forward_change: that of changes of sites.
 */
#ifndef WEIR_HUB_FORWARD_INSIDE_H
#define WEIR_HUB_FORWARD_INSIDE_H

#include "hub/forward_change.h"
#include "hub/forward_erase.h"

enum forward_note {
	NOTE_TOKENS = 1,
	NOTE_END,
	NOTE_WITHDRAWAL,
	NOTE_REVOKED,
	NOTE_EPOCH,
	NOTE_BACKUP,
	NOTE_GONE,
	NOTE_KEYRING = 9,
	NOTE_CHANGE,
	NOTE_VAULT_KEY,
	NOTE_ERASURE,
};

/* A writer as it stands, and as the turn is about to leave it. */
struct forward_slot {
	struct forward_writer kept, next;
	bool has_tokens, has_end[LANE_COUNT];
};

/* What a turn changed of the list of erasures, to put it back. */
struct forward_undo {
	size_t at;
	bool is_new;
	struct forward_erasure before;
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
	struct forward_undo *undo; /* of this turn */
	size_t undo_count;
	struct forward_undo *last; /* of the last one in the journal when it was opened */
	size_t last_count;
	struct forward_change *changes;
	size_t change_count;
	struct forward_backup *backups;
	size_t backup_count;
	uint64_t backup_changes;
	bool has_notes;
	bool is_ahead;    /* the turn's item is in the journal, its commit is still to come */
	struct buf notes; /* of this turn, but for those of writers */
};

/* The notes of this turn, with the kind of the next one added. */
struct buf *forward_begin_note(struct forward *f, enum forward_note kind);
void forward_read_erasure(struct forward *f, struct cursor *c);
void forward_read_change(struct forward *f, struct cursor *c);
void forward_changes_free(struct forward *f);
/* The turn's erasures stand, or are forgotten. */
void forward_erasures_kept(struct forward *f, bool committed);
/* Adds tokens and ends that the turn changes. */
void forward_write_writers(const struct forward *f, struct buf *out);
/* One item of the journal while it is opened. */
CHECKED enum err forward_read_turn(struct forward *f, struct view content);
/* Own notes, that are of their form. */
void forward_apply(struct forward *f, struct view notes);

#endif
