/* journal - what the hub may never go behind: an append-only file of its own, synced item by
 * item.
 *
 * File:        DIR/journal: "weir-journal-v3\n" (16 bytes), then items
 *              (hub/journalitem.h), each with a check over that of the one before: an item
 *              left out or changed breaks all behind it.
 *              Before: version 1 (other notes of a turn), 2 (no zeros); refused by name.
 * Always true: what journal_append() answered OK to is on the disk. Nothing is ever changed;
 *              only an item at the very end is taken away: one that a crash cut short, or of
 *              which it left sectors as zeros, when the file is opened; one that its writer
 *              takes back. The directory may be another volume and is no part of any restore.
 * Errors:      E_FORMAT damaged in the middle; E_NOTFOUND it lacks what was durable;
 *              E_CONFLICT another process holds it; E_FULL, E_IO.
 * Size:        21 to 36 bytes more than the content of each item; opening it reads all of it.
 */
#ifndef WEIR_HUB_JOURNAL_H
#define WEIR_HUB_JOURNAL_H

#include "common/codec/bytes.h"
#include "common/trust/crypto.h"

#define JOURNAL_ITEM_MAX_BYTES ((size_t)4 * 1024 * 1024)

/* On disk. */
enum journal_kind {
	JOURNAL_CHECKPOINT = 1, /* a signed checkpoint note */
	JOURNAL_TURN = 2,       /* what a turn of the ledger leaves: forward.h */
};

struct journal;

/* How far a journal goes: its items, and the check of the last one (zeros of none). */
struct journal_mark {
	uint64_t items;
	uint8_t check[ID_BYTES];
};

/* One item while the journal is opened, in order; content lent for the call. */
typedef enum err journal_item_fn(void *arg, uint8_t kind, struct view content);

/* gives the journal of the directory and hands out every item first. With least NULL or of no
 * items it is made (0700) with an empty file if it is not there; else it has to go at least as
 * far as that mark, which somebody else has kept, and to hold the same items up to there: what
 * was durable is then never taken for a torn append. `each` may be NULL. */
CHECKED enum err journal_open(struct journal **ret, const char *dir,
	const struct journal_mark *least, journal_item_fn *each, void *arg);
/* Hands out the items beside the process that writes; changes nothing. E_NOTFOUND when there is
 * no journal. */
CHECKED enum err journal_read(const char *dir, journal_item_fn *each, void *arg);
void journal_free(struct journal *j);
OWNER(journal)

/* Durable when OK. After E_FULL nothing of it is there; after another error the journal takes
 * nothing more: the process has to end. */
CHECKED enum err journal_append(struct journal *j, enum journal_kind kind, struct view content);
/* Takes off the item that was appended last, of which nobody has heard: what it was written
 * ahead of did not come about. Once behind each append. When the disk refuses it the journal
 * takes nothing more. */
CHECKED enum err journal_take_back(struct journal *j);
struct journal_mark journal_mark_of(const struct journal *j);
uint64_t journal_bytes(const struct journal *j);

/* Puts the journal of the directory aside as journal.lost-N; OK when there is none. */
CHECKED enum err journal_put_aside(const char *dir);

#endif
