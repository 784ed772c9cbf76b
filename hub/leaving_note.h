/* leaving_note - the journal's word of sites that left: what a restore of the vault must not
 * bring back.
 *
 * Note:        a withdrawal (forward.h) of level left-keep, left-stop or left-erase; root is
 *              BLAKE2b-256 of the site, personal "weir-left-v1", participant its first 16
 *              bytes; given is the day at 00:00 UTC, whatever the study's zone
 * Restored:    for the sites of nodes that the vault knows. The row names the journal in place
 *              of the persons: who said it stands in the log, as an act that was done. A row is
 *              owed its leaf where the log has none (unsaid_leaf.h).
 * Always true: a restored row only takes away; one that the vault has stays.
 * Errors:      those of leaving.h and vault.h.
 */
#ifndef WEIR_HUB_LEAVING_NOTE_H
#define WEIR_HUB_LEAVING_NOTE_H

#include "hub/forward.h"
#include "hub/leaving.h"

void leaving_note(struct forward *f, const struct leaving *l);
bool leaving_is_note(const struct forward_withdrawal *w);
/* Put in force at the start what the vault lacks. leaves: how many the log has now. */
CHECKED enum err leaving_restore(struct vault_txn *t, const struct forward_withdrawal *all,
	size_t count, uint64_t leaves);

#endif
