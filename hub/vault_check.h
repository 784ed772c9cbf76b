/* vault_check - does the hub's vault agree with itself and with the journal, row by row.
 *
 * Looks at: every entry's header and place, every chain, every head with its signature, the
 *           count of parts, the tree of the log against the journal's last checkpoint; with
 *           read_data also every part against the hash in its header, every leaf against its
 *           hash, and that every row of every table opens.
 * Always true: changes nothing and may run beside the ledger: the journal is read first, so
 *           that it is never ahead of the vault. Parts of erased entries (erased.h) are not
 *           missed; else a
 *           part that is not there is a finding.
 * Errors:   those of the vault; what is wrong with the data is a finding.
 */
#ifndef WEIR_HUB_VAULT_CHECK_H
#define WEIR_HUB_VAULT_CHECK_H

#include "common/trust/backup.h"
#include "common/trust/findings.h"
#include "common/trust/note.h"

#include "hub/vault.h"

struct vault_check {
	struct vault *vault;
	const char *study;
	const char *journal_dir;    /* NULL: a copy, that no journal belongs to */
	const struct note_key *log; /* signs the journal's checkpoints */
	bool read_data;
	struct findings *findings;
};

/* Adds the ends of the lanes, the counts and the root of the log to `heads`, unless NULL. */
CHECKED enum err vault_check(const struct vault_check *c, struct backup *heads);

#endif
