/* recovery_start - the vault held against the journal when the ledger starts.
 *
 * The journal is written before the vault. So it is ahead by one turn when the hub was killed
 * between the two: nothing of that turn was acknowledged, its nodes send it again. If it is
 * further ahead, or leaves had to be read back, an older vault was put in place: the hub goes
 * into recovery (recovery.h) and the epoch rises. Tokens, standings, numbers given out and ends
 * are the journal's, whatever the vault says.
 * In each case: a withdrawal whose entry the vault lacks is in force (withheld.h), a node that
 *              was revoked is revoked, and writers that the journal does not know yet are noted
 *              there.
 * Journal lost: nobody knows any more what the vault lacks: recovery, the epoch rises, and all
 *              tokens are forgotten, so that no node is taken for a copy of itself.
 * Errors:      those of journal.h and vault.h.
 */
#ifndef WEIR_HUB_RECOVERY_START_H
#define WEIR_HUB_RECOVERY_START_H

#include "hub/forward.h"
#include "hub/vault.h"

struct recovery_cause {
	bool leaves_back;  /* leaves were read back from the log */
	bool journal_lost; /* the journal is a new one */
};

CHECKED enum err recovery_start(
	struct vault *v, struct forward *f, const struct recovery_cause *cause);

/* While the ledger runs: a node has seen acknowledged what the hub lacks. Begins the recovery
 * in this turn's transaction; OK without effect while there is one. */
CHECKED enum err recovery_find_out(struct vault_txn *t, struct forward *f);

#endif
