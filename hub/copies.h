/* copies - a backup of a hub, and the way back.
 *
 * Backup:   DIR/backup.json, backup.sig, vault/ (backup.h), hub.ini, root.public, vkey; made as
 *           DIR.new beside a running hub, checked whole (vault_check.h), synced and renamed.
 *           Log and journal are not in it: neither is ever put back.
 *           keyring/ (keyring.h) as it is, its rows sealed under the epoch key of keeper.key:
 *           what an erasure left of intake secrets does not open every wrap of the vault any
 *           more. Its copy is read whole and its digest signed with the rest. A restore puts it
 *           back only where there is none.
 * Keys:     never in DIR. A copy (keycopy.h, "weir-hub-keys-v2\n") is keys/service.key,
 *           keeper.key, holders, ledger/keys and vaultkeys/keys. keys/copied of the hub says
 *           what the newest copy opens: version u8 = 1 | vault key u32 | keyring's epoch u32.
 * Restore:  the hub has to be stopped; the copy is checked before and after it is in place.
 *           What was there before is kept beside it as vault.before-N. At its next start the
 *           ledger holds the vault against the journal and goes on in recovery (recovery.h).
 * Errors:   E_CONFLICT something is there already, is newer, or runs; E_FORMAT damaged; those
 *           of backup.h and vault.h.
 */
#ifndef WEIR_HUB_COPIES_H
#define WEIR_HUB_COPIES_H

#include "common/trust/backup.h"
#include "common/trust/findings.h"
#include "common/trust/note.h"

#include "hub/servicekey.h"
#include "hub/settings.h"
#include "hub/vault.h"

/* What a command knows of its hub. */
struct copies {
	const char *dir; /* of the hub, lent */
	struct settings settings;
	const struct servicekey *keys; /* lent */
	struct note_key log;
};
CHECKED enum err copies_begin(struct copies *c, const char *dir, const struct servicekey *keys);
/* gives the vault below `dir` (a hub's directory, or a backup's), to be read only. */
CHECKED enum err copies_vault(struct vault **ret, const struct copies *c, const char *dir);
/* Holds the vault below `dir` against itself, and the hub's own against its journal. */
CHECKED enum err copies_check(const struct copies *c, const char *dir, bool read_data,
	struct findings *f, struct backup *heads);

/* ret begins as zeros; fills what the backup says of itself. */
CHECKED enum err copies_make(
	struct backup *ret, const struct copies *c, const char *to, struct findings *f);
/* What the backup in `from` says of itself, if it is one of this hub; its data are not read
 * again. ret begins as zeros. */
CHECKED enum err copies_paper(struct backup *ret, const struct copies *c, const char *from);
/* Checks the backup, then puts it in place. over_newer: also where the vault here has more.
 * *ret_ahead: entries of the vault here that the backup lacks. */
CHECKED enum err copies_restore(const struct copies *c, const char *from, bool over_newer,
	struct findings *f, uint64_t *ret_ahead);

/* Writes the sealed copy, when it opens this backup: behind it, for keys are renewed while a
 * vault is copied. */
CHECKED enum err copies_keys_write(
	const struct copies *c, const char *file, const struct backup *b);
/* Is a copy known, made here, that opens this backup? */
bool copies_keys_open(const struct copies *c, const struct backup *b);
/* Puts back the key files that are missing; never replaces one. */
CHECKED enum err copies_keys_restore(const char *dir, const char *file);

#endif
