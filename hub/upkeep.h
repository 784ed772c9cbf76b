/* upkeep - what an operator tells the ledger without a statement: backups, and a pause before
 * the machine is worked at.
 *
 * Requests:    LEDGER_DO of ipc.h: a name and JSON arguments, JSON back. Unknown members are
 *              refused.
 *   backup-note {"id","made_s","keyring","held":[{"writer","incarnation","C","R","A"}]}: a
 *               backup was made that holds of these writers so much (hex; numbers of the last
 *               entries), and the keyring of this epoch (0: none). Gives
 *               {"backups"}, the number of those that may be restored.
 *   backup-gone {"id"}: first digits of one that can never be restored again. {"backups"}
 *   drain       {"retry_s"}: sessions are closed, none begins; nodes are told to come back
 *               after so long; 0 ends it, and so does a start of the ledger. {"retry_s"}
 *   scrub       {"begin"}: 1: everything is read once more, from now on; 0: how far it is.
 *               {"running","entries","all","damaged","mended","count_wrong"} (scrub.h)
 *   erase-list {}, erase-receipt {"receipt"}: change nothing (erase.h)
 * Always true: a node prunes only what every noted backup holds (forward_retained()), so a
 *              backup that is restored though it was called gone may lack entries that nobody
 *              has any more. Notes stand in the journal: no restore forgets one.
 * Leaves:      backup-noted, backup-gone, hub-drained, scrub-begun, of the service "upkeep" in
 *              role "operator": nobody signs for them.
 * Errors:      E_FORMAT, E_NOTFOUND, E_CONFLICT two backups begin with these digits.
 */
#ifndef WEIR_HUB_UPKEEP_H
#define WEIR_HUB_UPKEEP_H

#include "hub/hub.h"

struct ingest;

/* Adds the answer to reply. */
CHECKED enum err upkeep_do(
	struct hub *h, struct ingest *g, const char *name, struct view args, struct buf *reply);

#endif
