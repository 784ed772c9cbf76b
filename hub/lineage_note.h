/* lineage_note - the journal's word of what became of sites and partner organisations, so that
 * a hub put back from before a merger counts for the same sites as it did.
 *
 * Always true: a row that the vault has stays as it is, but that one which the journal knows to
 *              be struck is struck; each row restored has the number, persons and leaf it had,
 *              and is owed the leaf where the log has none (unsaid_leaf.h).
 * Errors:      those of lineage_row.h and vault.h.
 */
#ifndef WEIR_HUB_LINEAGE_NOTE_H
#define WEIR_HUB_LINEAGE_NOTE_H

#include "hub/forward.h"
#include "hub/lineage_row.h"

/* With the turn that puts the row. */
CHECKED enum err lineage_note(struct forward *f, const struct lineage_row *r);
/* At the start: puts what the vault lacks, and notes what the journal lacks. */
CHECKED enum err lineage_restore(struct vault_txn *t, struct forward *f);

#endif
