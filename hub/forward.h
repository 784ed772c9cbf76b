/* forward - what the hub must know though its vault be put back: per writer, per withdrawal,
 * per backup; kept in the journal, in memory while the ledger runs.
 *
 * Item:        JOURNAL_TURN: turn u64, then notes, each kind u8 and its fields; 8 is not used:
 *              1 tokens      writer:32 | token 16 | pending 16 | granted u32 | standing u8
 *              2 end         writer:32 | incarnation u32 | lane u8 | seq u64 | hash:32
 *              3 withdrawal  participant:16 | root:32 | given u64 s | blob level
 *              4 revoked     writer:32 | at u64 s; 5 epoch u64
 *              6 backup      id:16 | made u64 s | u32 count, count x (writer:32, incarnation
 *                            u32, 3 x seq u64 for lanes C, R, A)
 *              7 backup gone id:16; 10 change: forward_change.h
 *              9 keyring     id:16 of a backup | epoch u32 of the keyring
 *              11 vault key  id:16 of a backup | number u32; 12 erasure: forward_erase.h
 * Row:         META "journal" -> version u8 | items u64 | check 16 | turn u64 | epoch u64: how
 *              far the journal went when the vault was committed last
 * Order:       notes; forward_keep() in the turn's transaction, which appends and syncs them as
 *              one item; the vault's commit; forward_kept(), which takes the item back when
 *              the commit was refused. So the journal is at most one turn ahead of a vault
 *              that nobody put back, and that only behind a crash between the two.
 * Always true: an end never goes down, nor does the number given out, nor the epoch. What was
 *              noted in a turn that was given up is forgotten; in one that a crash ended it is
 *              known too early: in force though its entry comes later. But nobody is erased or
 *              refused for that (forward_undecide()).
 * Size:        bytes: turn 29, session 140, lane of a batch 78, withdrawal 80, checkpoint 300.
 * Errors:      those of journal.h and vault.h.
 */
#ifndef WEIR_HUB_FORWARD_H
#define WEIR_HUB_FORWARD_H

#include "common/codec/wire_sync.h"

#include "hub/journal.h"
#include "hub/vault.h"

#define FORWARD_LEVEL_BYTES 32

struct forward;
struct forward_writer {
	uint8_t writer[SIGN_PUBLIC_BYTES];
	uint8_t token[WIRE_ID_BYTES], pending[WIRE_ID_BYTES];
	uint32_t granted;
	enum sync_verdict standing;
	uint32_t incarnation; /* the highest that entries were stored of; 0: none */
	struct sync_mark ever[LANE_COUNT];
	int64_t revoked_s;
};

struct forward_withdrawal {
	uint8_t participant[ID_BYTES];
	uint8_t root[HASH_BYTES]; /* of the entry that says it, however often it is said */
	int64_t given_s;
	char level[FORWARD_LEVEL_BYTES];
};

/* What one backup holds of one writer. */
struct forward_held {
	uint8_t writer[SIGN_PUBLIC_BYTES];
	uint32_t incarnation;
	uint64_t seq[LANE_COUNT];
};

struct forward_backup {
	uint8_t id[ID_BYTES];
	int64_t made_s;
	uint32_t keyring_epoch; /* of the keyring in it; 0: it has none */
	uint32_t vault_key;     /* of the vault in it; 0: not known */
	struct forward_held *held;
	size_t count;
};

/* How far the vault knows the journal; zeros when it knows none. */
struct forward_row {
	struct journal_mark mark;
	uint64_t turn, epoch;
};
CHECKED enum err forward_row_get(struct vault_txn *t, struct forward_row *ret);

/* gives what the journal of the directory says; it has to go as far as the row says. Items of
 * other kinds are handed out. */
CHECKED enum err forward_open(struct forward **ret, const char *dir,
	const struct forward_row *row, journal_item_fn *each, void *arg);
void forward_free(struct forward *f);
OWNER(forward)

/* What stands; lent until the next note, keep or kept. */
const struct forward_writer *forward_find(
	const struct forward *f, const uint8_t writer[static SIGN_PUBLIC_BYTES]);
const struct forward_writer *forward_writer_at(const struct forward *f, size_t i);
size_t forward_writer_count(const struct forward *f);
const struct forward_withdrawal *forward_withdrawals(
	const struct forward *f, size_t *ret_count);
const struct forward_backup *forward_backups(const struct forward *f, size_t *ret_count);
uint64_t forward_backup_changes(const struct forward *f); /* rises with each note of one */
uint64_t forward_epoch(const struct forward *f);          /* from 1 */
uint64_t forward_turn(const struct forward *f);
uint64_t forward_bytes(const struct forward *f); /* the file's length */
/* Every backup that may still be restored holds the lane up to it. */
uint64_t forward_retained(const struct forward *f,
	const uint8_t writer[static SIGN_PUBLIC_BYTES], uint32_t incarnation, uint8_t lane);

/* Notes of this turn. Of w: tokens, granted and standing. */
void forward_note_tokens(struct forward *f, const struct forward_writer *w);
void forward_note_end(struct forward *f, const uint8_t writer[static SIGN_PUBLIC_BYTES],
	uint32_t incarnation, uint8_t lane, const struct sync_mark *end);
void forward_note_withdrawal(struct forward *f, const struct forward_withdrawal *w);
void forward_note_revoked(
	struct forward *f, const uint8_t writer[static SIGN_PUBLIC_BYTES], int64_t at_s);
void forward_note_epoch(struct forward *f, uint64_t epoch);
void forward_note_backup(struct forward *f, const struct forward_backup *b);
void forward_note_gone(struct forward *f, const uint8_t id[static ID_BYTES]);

/* Appends what was noted and says so in the transaction. */
CHECKED enum err forward_keep(struct forward *f, struct vault_txn *t);
/* What the transaction's commit answered: with an error its notes are forgotten, and leave the
 * journal; after E_IO nobody knows whether they stand, and they stay there. */
void forward_kept(struct forward *f, enum err commit);
/* An item of another kind, at once. */
CHECKED enum err forward_append(struct forward *f, enum journal_kind kind, struct view content);

#endif
