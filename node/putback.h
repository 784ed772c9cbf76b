/* putback - a vault that was put back from a backup opens nothing until the hub was heard.
 *
 * Why so:      the backup may be from before somebody was erased; only the hub's list says who,
 *              and it comes with the terms of the site (sync_named.h).
 * Rows:        META "put-back" -> u8: 1 waits, 2 terms came since and are being carried out; no
 *              row: nothing to wait for. `weir-node restore` puts it; it goes in the turn
 *              behind that in which the last of those named was deleted.
 *              META "review-jump" -> u8 = 1: the site's review key may have been renewed since
 *              the backup; the vault takes the number of the key file once, without proof.
 * Always true: while the first row is there sync keeps no act that opens the desk, and without
 *              its act the desk stays locked. All else goes on: what comes in is kept,
 *              withdrawals are taken.
 * It can hurt: a node whose hub is away for good never opens its desk after a restore. A copy
 *              of the directory made by other means has no such row. Terms in a bundle that is
 *              older than the erasure end the waiting, too: read the newest.
 * Errors:      those of the vault.
 */
#ifndef WEIR_NODE_PUTBACK_H
#define WEIR_NODE_PUTBACK_H

#include "node/vault.h"

enum putback { PUTBACK_NOT, PUTBACK_WAITS, PUTBACK_HEARD };

CHECKED enum err putback_state(struct vault *v, enum putback *ret);
/* It was put back now. */
CHECKED enum err putback_begin(struct vault *v);
/* Terms came from the hub: the same as before, too. */
CHECKED enum err putback_hear(struct vault *v);
CHECKED enum err putback_end(struct vault *v);
/* The review key of the key file may be another than the vault knows; until it was set. */
CHECKED enum err putback_may_jump(struct vault *v, bool *ret);
CHECKED enum err putback_jumped(struct vault *v);
/* May the desk be opened? E_BUSY, in words for whoever opens it. */
CHECKED enum err putback_check(struct vault *v);

#endif
