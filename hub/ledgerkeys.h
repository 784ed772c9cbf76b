/* ledgerkeys - the numbered keys that nodes seal their batches for.
 *
 * File:        DIR/ledger/keys (numbered.h), subkey "ledger-keys", format
 *              "weir-ledger-keys-v1": X25519 secrets, numbers rising from 1; the last one is in
 *              force. Without it there is number 1, the box key of service.key (servicekey.h).
 * Always true: only the ledger replaces it. Number 1 is destroyed in service.key too: at the
 *              next start of the hub, which has its passphrase.
 * Errors:      those of numbered.h.
 */
#ifndef WEIR_HUB_LEDGERKEYS_H
#define WEIR_HUB_LEDGERKEYS_H

#include "hub/numbered.h"

/* Is it a key, and not the zeros that stand for number 1 when it was destroyed? */
bool ledgerkeys_is_box(struct secret *first);
/* gives; first: number 1 where there is no file yet, copied. E_NOTFOUND: it was destroyed, and
 * the file is lost. */
CHECKED enum err ledgerkeys_open(
	struct numbered **ret, const char *dir, struct secret *vault_key, struct secret *first);
/* Does a file with this content open? Empty: there is none, number 1 has to be there. */
CHECKED enum err ledgerkeys_check(
	struct view content, struct secret *vault_key, struct secret *first);
/* What a crash left half done; by the ledger, before it opens. */
CHECKED enum err ledgerkeys_recover(const char *dir);
uint32_t ledgerkeys_newest(
	const struct numbered *k, uint8_t ret_public[static BOX_PUBLIC_BYTES]);
/* A new number, or all up to `retired` (never the newest) destroyed; on the disk when OK. */
CHECKED enum err ledgerkeys_renew(
	struct numbered *k, const char *dir, struct secret *vault_key);
CHECKED enum err ledgerkeys_retire(
	struct numbered *k, const char *dir, struct secret *vault_key, uint32_t retired);
/* Adds what a box for one of them holds; E_AUTH when it is for none. */
CHECKED enum err ledgerkeys_unbox(
	const struct numbered *k, struct buf *out, struct view sealed);

#endif
