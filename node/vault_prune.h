/* vault_prune - what the hub keeps in all its backups is removed here: the sealed parts of
 * records, never a header and never a rules part.
 *
 * Always true: chains verify as before, and tables are made anew as before: only what nobody at
 *              the site can read is gone: answers whose key has a wrap for the site stay. What
 *              is pruned is a range from 1 on, in lane R of one incarnation.
 * On disk:     table marks: incarnation | lane -> seq u64
 * Errors:      those of vault.h.
 * It can hurt: `upto` has to be at most what the hub says is in every backup that it may still
 *              be restored from (vault_mark retained): nobody can send again what is gone here.
 */
#ifndef WEIR_NODE_VAULT_PRUNE_H
#define WEIR_NODE_VAULT_PRUNE_H

#include "node/vault.h"

CHECKED enum err vault_pruned(struct vault *v, uint32_t incarnation, uint64_t *ret_seq);
/* Of the incarnation in use; at most max_count records a call. */
CHECKED enum err vault_prune(
	struct vault *v, uint64_t upto, uint64_t max_count, uint64_t *ret_count);

#endif
