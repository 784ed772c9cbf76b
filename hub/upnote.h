/* upnote - a backup's paper, told to the ledger: what it holds of each writer (upkeep.h).
 *
 * Of each writer only the highest incarnation is told: those before it are whole in a backup
 * that has it, for it stands on their ends.
 * Errors: E_ABSENT no ledger; those of office.h.
 */
#ifndef WEIR_HUB_UPNOTE_H
#define WEIR_HUB_UPNOTE_H

#include "common/run/program.h"
#include "common/trust/backup.h"

#define UPNOTE_ID_DIGITS 8

/* Tells the ledger; *ret_count: backups that may be restored. ret_id names it to people. */
CHECKED enum err upnote_tell(struct program *p, const struct backup *b,
	char ret_id[static UPNOTE_ID_DIGITS + 1], int64_t *ret_count);

#endif
