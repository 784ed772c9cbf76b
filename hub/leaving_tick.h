/* leaving_tick - sites that left and whose data are to be erased: every person of the site, in
 * steps, on the way of erase.h.
 *
 * Row:         META "leaving-" site -> version u8 | participant:16 up to which persons were
 *              asked | u64 asked | u64 entries of the site's nodes when the last round began |
 *              u8 it lasts | u32 ordinal up to which records were looked at
 * Steps:       each looks at a bounded number of rows. A round over all persons begins again
 *              when the site's nodes have sent more: whom they name late is erased, too.
 * Persons:     an erasure is noted for each, as if the person had asked; its number is that of
 *              the person's last consent. `weir-hub erase run` carries them out.
 * Records:     parts of records about the site, which are nobody's, go at once; the vault moves
 *              then.
 * Errors:      those of vault.h.
 */
#ifndef WEIR_HUB_LEAVING_TICK_H
#define WEIR_HUB_LEAVING_TICK_H

#include "hub/hub.h"

#define LEAVING_STEP_COUNT 2000 /* rows looked at in one step */

/* Each second. */
CHECKED enum err leaving_tick(struct hub *h);
/* Persons of the site for whom erasure was begun. */
CHECKED enum err leaving_tick_asked(struct vault_txn *t, const char *site, uint64_t *ret);

#endif
