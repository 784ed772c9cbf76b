/* sync_rewrap - keys of participants that are wrapped for a number of the study's intake key
 * which is destroyed, wrapped again for the number in force by whoever has the desk open.
 *
 * Which:       of what is held (sync_hold.h), and of files that came later for it, and of what
 *              stood in lane C and came to the hub too late (sync_late.h), each key that the
 *              site holds, too (class both): its wrap for the review key is opened at the desk
 *              (rewrap.h). One of class hub opens nowhere; the status says so.
 * How:         what is held is in no chain yet: the new wrap stands in the place of the old one
 *              in the key entry that enters lane C with the record. Then the record goes on if
 *              nothing else held it.
 *              a part of a chain stays as it is: the new wrap stands in a further entry of kind
 *              key, of the same person, which refers to the one before it and whose instance is
 *              seal_again_id() of that one's; with the wrap for the site beside it. The keeper
 *              looks for it there (hub/unseal.h).
 * Always true: nobody's wrap is replaced unless it is of a number that the manifest in force
 *              says is destroyed, and by one for the number in force alone.
 *              each record is an act of lane A, "key-wrapped-again", in the turn of the
 *              effect; it names the submission, or the key, no person.
 * Errors:      E_FORMAT; E_CONFLICT it was wrapped for another number; those of the vault.
 */
#ifndef WEIR_NODE_SYNC_REWRAP_H
#define WEIR_NODE_SYNC_REWRAP_H

#include "node/sync_hold.h"

/* Is there a key of what is held to wrap again? */
CHECKED enum err sync_rewrap_due(const struct sync_judge *j, bool *ret);
/* The verbs of ipc_review.h; the caller commits. */
CHECKED enum err sync_rewrap_list(
	const struct sync_judge *j, struct cursor *fields, struct buf *answer);
CHECKED enum err sync_rewrap_put(
	const struct sync_judge *j, struct cursor *fields, struct buf *answer);

#endif
