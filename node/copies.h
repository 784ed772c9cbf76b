/* copies - a backup of a node, and the way back.
 *
 * Backup:   DIR/backup.json, backup.sig, vault/ (backup.h), hub.card, node.ini; made as DIR.new
 *           beside a running node, checked whole (vault_check.h), synced and renamed.
 * Keys:     never in DIR. A copy (keycopy.h, "weir-node-keys-v1\n") is keys/service.key and
 *           desk/review.key as they are.
 * Restore:  the node has to be stopped; the copy is checked before and after it is in place.
 *           What was there before is kept beside it as vault.before-N.
 * Errors:   E_CONFLICT something is there already, is newer, or runs; E_FORMAT damaged; those
 *           of backup.h and vault.h.
 * It can hurt: entries that this node sent or made after the backup are not in it. The hub
 *           notices that and takes nothing from this node until it is refilled; what is
 *           collected meanwhile stays here.
 */
#ifndef WEIR_NODE_COPIES_H
#define WEIR_NODE_COPIES_H

#include "common/trust/backup.h"
#include "common/trust/findings.h"

#include "node/hubcard.h"
#include "node/settings.h"
#include "node/sitekeys.h"
#include "node/vault.h"

/* What a command knows of its node. */
struct copies {
	const char *dir; /* of the node, lent */
	struct settings settings;
	struct hubcard card;
};
CHECKED enum err copies_begin(struct copies *c, const char *dir);
/* gives the vault below `dir` (a node's directory, or a backup's), to be read only. */
CHECKED enum err copies_vault(struct vault **ret, const struct copies *c, const char *dir);

/* ret begins as zeros; fills what the backup says of itself. */
CHECKED enum err copies_make(struct backup *ret, const struct copies *c, const char *to,
	struct secret *writer, struct findings *f);
/* Checks the backup, then puts it in place. over_newer: also where the vault here has more.
 * *ret_ahead: entries of the vault here that the backup lacks. */
CHECKED enum err copies_restore(const struct copies *c, const char *from, bool over_newer,
	struct findings *f, uint64_t *ret_ahead);
/* Behind it: the vault in use waits for the hub (putback.h). */
CHECKED enum err copies_put_back(const struct copies *c);

/* Writes the sealed copy; behind the backup whose keys it has. */
CHECKED enum err copies_keys_write(const char *dir, const char *file);
/* Puts back the key files that are missing; never replaces one. */
CHECKED enum err copies_keys_restore(const char *dir, const char *file);

#endif
