/* sync_collectors - who may hand in records by tablet or page: a collector has a token of 64
 * letters and digits, of which the site keeps a digest only.
 *
 * collectors   version u8 = 1 | text name | 32 token hash | u64 made wall s | u64 revoked wall
 * s
 *              or 0 | u64 last use wall s or 0 | u32 requests a minute | u32 MiB a day
 * Errors:      E_CONFLICT the id is taken; E_NOTFOUND; E_FORMAT; those of the vault.
 */
#ifndef WEIR_NODE_SYNC_COLLECTORS_H
#define WEIR_NODE_SYNC_COLLECTORS_H

#include "node/ipc_submit.h"
#include "node/vault.h"

/* The verbs of ipc_submit.h about collectors; the caller commits. */
CHECKED enum err sync_collectors_list(struct vault *v, struct cursor *asks, struct buf *answer);
CHECKED enum err sync_collectors_add(struct vault *v, struct cursor *asks, int64_t now_s);
CHECKED enum err sync_collectors_revoke(struct vault *v, struct cursor *asks, int64_t now_s);
/* Those not revoked, as SYNC_FACTS has them. */
CHECKED enum err sync_collectors_facts(struct vault *v, struct buf *answer);
/* Was it revoked? An unknown one was not. */
CHECKED enum err sync_collectors_revoked(struct vault *v, struct view id, bool *ret);
/* It has been used; written once an hour at most. An unknown one is no error. */
CHECKED enum err sync_collectors_used(struct vault *v, struct view id, int64_t now_s);

#endif
