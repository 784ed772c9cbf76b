/* sync_hold - what a site keeps without sending it, and why: let go on, or dropped.
 *
 * Always true: what is held for want of a consent goes on by itself when one comes, and is
 *              erased after HOLD_DAYS without one; what waits for files goes on without
 *              them after a day; what is not approved here goes on by itself when it is; a
 *              consent of who had objected or lost capacity goes on when a coordinator
 *              accepts it as the answer to that, and is erased after HOLD_DAYS otherwise; all
 *              else stays until a coordinator decides.
 *              Of a site that left the study nothing is held without an end: nobody is there
 *              any more to give what it waits for, and no consent reaches that far. Whatever is
 *              still held then is erased HOLD_DAYS later, unless it goes on before, or the
 *              study says that the site stays.
 *              what was dropped or erased is remembered by its id alone and not taken again.
 * Errors:      E_NOTFOUND nothing is held under this name; E_DENIED with the reason why it
 *              cannot go on; those of the vault.
 */
#ifndef WEIR_NODE_SYNC_HOLD_H
#define WEIR_NODE_SYNC_HOLD_H

#include "node/sync_enter.h"

#define SYNC_HOLD_NAME_LEN 12 /* hex digits of the id */
#define SYNC_WAIT_FILES_S  86400

/* When what is held for this reason from now on is erased; 0: it has no end. */
int64_t sync_hold_end_s(const struct sync_judge *j, uint8_t why);

/* Let go on what was held of this person and may now: for want of a consent, or of a code that
 * is known meanwhile. */
CHECKED enum err sync_hold_release(
	const struct sync_judge *j, const uint8_t participant[static ID_BYTES]);
/* The person ended taking part: nothing of what is held is kept. */
CHECKED enum err sync_hold_drop_of(struct vault *v, const uint8_t participant[static ID_BYTES]);
/* Drop one: with its files; its id is remembered. */
CHECKED enum err sync_hold_drop(struct vault *v, const uint8_t id[static ID_BYTES]);

/* Try one that is held or waits, as it now stands. ret_why: enum submit_hold it is still held
 * for, 0 if it is in the chains. */
struct sync_try {
	const struct sync_judge *judge;
	const uint8_t *id;
	bool accepted;
	bool without_files;
};
CHECKED enum err sync_hold_try(const struct sync_try *t, uint8_t *ret_why);

#endif
