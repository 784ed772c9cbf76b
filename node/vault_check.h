/* vault_check - does a site's vault agree with itself, row by row.
 *
 * Looks at: every entry's header and place, every chain, every head, the count of parts; with
 *           read_data also every part against the hash in its header and the check of every row
 *           of every table.
 * Always true: changes nothing. Nothing in this version erases a part, so a part that is not
 *           there is a finding.
 * Errors:   those of the store; what is wrong with the data is a finding.
 */
#ifndef WEIR_NODE_VAULT_CHECK_H
#define WEIR_NODE_VAULT_CHECK_H

#include "common/trust/backup.h"
#include "common/trust/findings.h"

#include "node/vault.h"

/* Adds the ends of the lanes and the number of entries to `heads`, unless NULL. */
CHECKED enum err vault_check(
	struct vault *v, bool read_data, struct findings *f, struct backup *heads);

#endif
