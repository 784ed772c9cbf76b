/* sync_kept - records kept aside that are sealed for an older number of the study's intake key,
 * and the word to the hub about them.
 *
 * Kept aside:  what is held or waits for files (sync_hold.h), with the keys of files that came
 *              later. Everything else that is sealed stands in a chain.
 * Word:        an act of lane A, "intake-kept", with the report of hub/renewal_kept.h: what
 *              this node seals for from now on, the oldest number that something kept is sealed
 *              for, and how far its lanes C and R go. It is said when a manifest with a newer
 *              number is in force, when what was kept for the oldest number is gone, and in
 *              each incarnation anew; not while the first number is in force.
 * Always true: with a number in force nothing enters a chain, or is kept, that is sealed for an
 *              older one, but what was kept before. So the word, said when the manifest is in
 *              force and later, leaves nothing out; until it has come the hub destroys nothing.
 *              It is told from what the vault holds, never from what was said before: a process
 *              that ends in between says it when it starts.
 * Row:         META "kept" -> newest u32 | oldest u32 | incarnation u32 (as said last) |
 *              count u32, count x (number u32, since s u64): when the manifest was made that
 *              named it first, the newest numbers
 * Errors:      those of the vault.
 * It can hurt: all that is held is read when a number is new, and when the record that was
 *              found for the oldest is gone.
 */
#ifndef WEIR_NODE_SYNC_KEPT_H
#define WEIR_NODE_SYNC_KEPT_H

#include "node/sync_item.h"
#include "node/sync_rows.h"

#define SYNC_KEPT_DAYS      60 /* after which the hub may destroy an old number */
#define SYNC_KEPT_WARN_DAYS 45

/* E_BUSY unless what of the entry is sealed for the study is for the number in force. */
CHECKED enum err sync_kept_fits(const struct sync_judge *j, const struct sync_item_entry *n);

/* The oldest number that a held record is sealed for; 0: none. */
CHECKED enum err sync_kept_number(struct vault *v, const uint8_t id[static ID_BYTES],
	const struct sync_hold *h, uint32_t *ret);

/* How many keys of a held record are wrapped for a number which the manifest in force says is
 * destroyed: those that the site holds, too, which the desk wraps again (sync_rewrap.h), and
 * those that nobody can open any more. */
struct sync_kept_late {
	uint32_t by_site, by_nobody;
};
CHECKED enum err sync_kept_late(const struct sync_judge *j, const uint8_t id[static ID_BYTES],
	const struct sync_hold *h, struct sync_kept_late *ret);
/* E_DENIED for a record with such a key, in words for whoever accepts it. A consent stands by
 * its rules part. */
CHECKED enum err sync_kept_opens(const struct sync_judge *j, const uint8_t id[static ID_BYTES],
	const struct sync_hold *h);

/* What is kept for numbers below the one in force. */
struct sync_kept_aside {
	uint64_t count;
	uint64_t by_site;   /* of them: of a destroyed number, to be wrapped again */
	uint64_t by_nobody; /* of them: with a key that nobody can open any more */
	uint32_t oldest;    /* 0: nothing */
	int64_t until_s; /* when the hub may destroy it, at the earliest; 0: it is not known */
};
CHECKED enum err sync_kept_find(const struct sync_judge *j, struct sync_kept_aside *ret);
/* When the hub may destroy this number, as sync_kept_aside says it. */
CHECKED enum err sync_kept_until(struct vault *v, uint32_t number, int64_t *ret);

/* Was it said, of the number in force and in this incarnation, that nothing is kept for an
 * older one? */
CHECKED enum err sync_kept_is_free(const struct sync_judge *j, bool *ret);

/* Where the oldest was found last; begins as zeros. */
struct sync_kept_place {
	bool is_known;
	uint8_t id[ID_BYTES];
};
/* Each second: says what has changed. since_s: when the manifest in force was made. */
CHECKED enum err sync_kept_tick(
	const struct sync_judge *j, int64_t since_s, struct sync_kept_place *place);

#endif
