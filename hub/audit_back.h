/* audit_back - leaves that the log has and a restored vault lacks, read back from the bundles.
 *
 * Always true: what is put back was held against the root of the journal's last checkpoint;
 *              without that nothing is changed. In the same transaction the hub goes into
 *              recovery (recovery.h).
 * Errors:      E_FORMAT the vault's leaves are not those of the log, or the bundles do not fit
 *              the checkpoint; E_NOTFOUND a bundle is missing; those of vault.h.
 */
#ifndef WEIR_HUB_AUDIT_BACK_H
#define WEIR_HUB_AUDIT_BACK_H

#include "common/trust/note.h"

#include "hub/vault.h"

/* Does nothing when the vault has at least as many leaves as the checkpoint covers; *ret_back:
 * it had not. */
CHECKED enum err audit_back(struct vault *v, const char *log_dir,
	const struct note_checkpoint *last, bool *ret_back);

#endif
