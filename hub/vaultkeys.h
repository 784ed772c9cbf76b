/* vaultkeys - the numbered keys that the rows of the vault are sealed under.
 *
 * File:        DIR/vaultkeys/keys (numbered.h), subkey "vault-keys", format
 *              "weir-vault-keys-v1": AEAD keys. Which one is in force the vault says (vault.h);
 *              those before it open backups from before, a later one is of a move to a new
 *              file that did not end.
 * Why:         service.key opens with a passphrase that no process keeps, so its vault key
 *              stays the same; what an erasure destroys is in a file that the ledger replaces.
 * Always true: made by init, replaced by the ledger alone. A key is in the file before the
 *              first row is sealed under it.
 * Errors:      E_NOTFOUND the file, or a number that was destroyed; E_CONFLICT the file is
 *              there; those of numbered.h.
 */
#ifndef WEIR_HUB_VAULTKEYS_H
#define WEIR_HUB_VAULTKEYS_H

#include "common/trust/crypto.h"

/* Where they are, and what opens them; both lent. */
struct vaultkeys {
	const char *dir;    /* of the hub */
	struct secret *key; /* the vault key of service.key */
};

#define VAULTKEYS_FIRST 1
/* The first one, and its directory. */
CHECKED enum err vaultkeys_make(const struct vaultkeys *at);
/* What a crash left half done; by the ledger, before it opens the vault. */
CHECKED enum err vaultkeys_recover(const struct vaultkeys *at);
/* gives the key of this number. */
CHECKED enum err vaultkeys_get(
	const struct vaultkeys *at, uint32_t number, struct secret **ret);
/* Is it in such a file with this content? E_NOTFOUND; E_AUTH the content does not open. */
CHECKED enum err vaultkeys_holds(
	const struct vaultkeys *at, struct view content, uint32_t number);
struct vaultkeys_there {
	uint32_t oldest, newest;
};
CHECKED enum err vaultkeys_look(const struct vaultkeys *at, struct vaultkeys_there *ret);

/* gives a new key, on the disk when OK; its number is above `kept` and any before. unused: the
 * number of a move that did not end goes, 0: none. Where there is no room the newest one above
 * `kept` goes: of a move that was cut off. E_FULL: a backup has to be made first. */
struct vaultkeys_new {
	uint32_t number;
	struct secret *key;
};
CHECKED enum err vaultkeys_renew(
	const struct vaultkeys *at, uint32_t unused, uint32_t kept, struct vaultkeys_new *ret);
/* Destroys all below this number, never the newest. */
CHECKED enum err vaultkeys_destroy(const struct vaultkeys *at, uint32_t below);

#endif
