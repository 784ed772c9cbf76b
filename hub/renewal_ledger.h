/* renewal_ledger - the ledger's own numbered keys, made and destroyed as renewal.h says.
 *
 * Always true: a frame or a bundle for any key that is there opens; for one that is destroyed
 *              it does not, and a connected node is told of the newest (ledgernote.h) and seals
 *              anew. A number is made or destroyed on the disk before the vault says so; what a
 *              crash leaves between is put right at the start.
 * Errors:      those of ledgerkeys.h and renewal.h.
 */
#ifndef WEIR_HUB_RENEWAL_LEDGER_H
#define WEIR_HUB_RENEWAL_LEDGER_H

#include "hub/hub.h"

/* Fills h->ledger_keys (owned by the caller) and the public half; vault_key is lent for
 * good. */
CHECKED enum err renewal_ledger_open(struct hub *h, struct secret *vault_key);
/* In the first turn, after renewal_begin(). */
CHECKED enum err renewal_ledger_begin(struct hub *h);
/* Each second. */
CHECKED enum err renewal_ledger_tick(struct hub *h);

/* Adds what a sealed box holds; E_AUTH when it is for no key that is here. */
CHECKED enum err renewal_ledger_unbox(const struct hub *h, struct buf *out, struct view sealed);
/* Was a number destroyed? Before that, what opens for no key was sealed for none. */
bool renewal_ledger_has_ended(const struct hub *h);
/* Adds the note for a node that sealed for a key that is not here. */
CHECKED enum err renewal_ledger_note(const struct hub *h, struct buf *out);

#endif
