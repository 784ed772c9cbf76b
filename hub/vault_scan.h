/* vault_scan - the vault as a check and a backup see it: damaged rows are handed out, too.
 *
 * Always true: changes nothing.
 * Errors:      those of vault.h but E_AUTH, which is told row by row.
 */
#ifndef WEIR_HUB_VAULT_SCAN_H
#define WEIR_HUB_VAULT_SCAN_H

#include "hub/vault.h"

/* One row, lent for the call; is_damaged: it does not open, and value is empty. */
typedef enum err vault_scan_fn(void *arg, struct view key, bool is_damaged, struct view value);
CHECKED enum err vault_scan(
	struct vault_txn *t, enum vault_table table, vault_scan_fn *each, void *arg);

/* Copies what was committed last to `dir`, which must not be there. */
CHECKED enum err vault_copy(struct vault *v, const char *dir);

#endif
