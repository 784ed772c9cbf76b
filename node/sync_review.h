/* sync_review - the numbered review keys of a site as its vault knows them: which number is in
 * force, and what is still sealed for one before it.
 *
 * META row:    "review" -> number u32 | public 32 | taken u32 | destroyed u32. No row: number
 *              HUBCARD_REVIEW_NUMBER with the public half that joining fixed.
 *              taken: everything here is for this number or a later one; destroyed: the secret
 *              halves of the numbers below it are gone.
 * Box:         what is sealed for a review key, wherever it stands: version u8 = 1 | number u32
 *              | sealed box. In the wrap_site part of a key, in the site part of a record
 *              (locals), in front of a file that goes `site`, in what is held, and in keys of
 *              files that came later.
 * Taking over: parts of a chain stay as they are, for their hashes are in headers: the wrap for
 *              the new number stands in WRAPS, under the id of the key. All other boxes are
 *              replaced in place. Sync sees boxes only; whoever holds the keys (renewal.h)
 *              opens and seals them.
 *              "review-taken" -> u64 wall s: when `taken` became the number in force
 *              "review-kept" -> u32: a verified backup holds everything for this number
 * Old numbers: where a person is erased the one before goes at once: that is what erases. Where
 *              the desk was handed over it goes when a backup that was made since, and
 *              checked, holds what was taken over, or SYNC_REVIEW_DAYS after that, or when
 *              whoever opens the desk says that no backup can be made: until then a vault that
 *              is lost and put back from a backup before can still be read at the site. What
 *              the one before kept aside opens nothing new in either case.
 * Always true: from the turn in which a number is set nothing is kept that names a number
 *              before it: E_BUSY, and who seals asks for the facts again.
 *              a box is replaced by one of the same length, and only if it stands there still.
 * Errors:      E_CONFLICT a number that is not the next one; E_BUSY something is left for an
 *              older number; E_FORMAT; those of the vault.
 * It can hurt: what the hub gives back after a restore is sealed for the number it was sealed
 *              for. Where that number was destroyed the site reads it no more (the hub does):
 *              back up after a renewal.
 */
#ifndef WEIR_NODE_SYNC_REVIEW_H
#define WEIR_NODE_SYNC_REVIEW_H

#include "node/hubcard.h"
#include "node/sync_item.h"

#define SYNC_REVIEW_HEAD_BYTES 5 /* version and number in front of a sealed box */
#define SYNC_REVIEW_DAYS       60

struct sync_review {
	uint32_t number; /* in force */
	uint8_t public[BOX_PUBLIC_BYTES];
	uint32_t taken;
	uint32_t destroyed; /* numbers below it have no secret half any more */
};
CHECKED enum err sync_review_get(
	struct vault *v, const struct hubcard *card, struct sync_review *ret);

/* Puts the row; that `taken` became the number in force now. */
CHECKED enum err sync_review_note(struct vault *v, const struct sync_review *r);
CHECKED enum err sync_review_note_taken(struct vault *v, int64_t now_s);

/* The number that a box names. */
CHECKED enum err sync_review_number(uint32_t *ret, struct view box);
/* E_BUSY for a box, or an entry with one, that is sealed for another number than that in
 * force. */
CHECKED enum err sync_review_fits(struct vault *v, struct view box);
CHECKED enum err sync_review_fits_entry(struct vault *v, const struct sync_item_entry *n);

/* The wrap for the site of a key, by its id: taken over, or the part at `at`. Adds it. */
CHECKED enum err sync_review_wrap(struct vault *v, const uint8_t key[static ID_BYTES],
	const struct vault_at *at, struct buf *out);
/* The person of the key is erased. */
CHECKED enum err sync_review_forget(struct vault *v, const uint8_t key[static ID_BYTES]);

/* Verbs of ipc_review.h; the caller commits. proven: whoever asks holds the key in force.
 * Without that a number is set only in a vault that was put back since: its key file may be
 * ahead, and nobody has the secret half of the number that it names. */
CHECKED enum err sync_review_set(
	struct vault *v, const struct hubcard *card, bool proven, struct cursor *fields);
CHECKED enum err sync_review_list(
	struct vault *v, const struct hubcard *card, struct cursor *fields, struct buf *answer);
CHECKED enum err sync_review_put(
	struct vault *v, const struct hubcard *card, struct cursor *fields, struct buf *answer);
/* Nothing is left for a number before this one: noted; E_BUSY otherwise. */
CHECKED enum err sync_review_taken(
	struct vault *v, const struct hubcard *card, uint32_t number, int64_t now_s);
/* A backup was made and checked, in which all is for this number. */
CHECKED enum err sync_review_kept(struct vault *v, uint32_t number);
/* May the secret halves before the number in force go, whoever is erased? */
CHECKED enum err sync_review_may_end(struct vault *v, int64_t now_s, bool *ret);
/* The secret halves of the numbers before this one are gone. */
CHECKED enum err sync_review_destroyed(
	struct vault *v, const struct hubcard *card, uint32_t number);

#endif
