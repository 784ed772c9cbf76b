/* approval - what somebody outside decided: entered by one person, verified by another.
 *
 * Row:         APPROVALS  id -> version u8 | 8 blobs (id, kind, decision, reference, reason,
 *                         site, entered by, verified by) | from u64 s | until u64 s |
 *                         digest:32 | entered leaf u64 | verified leaf u64
 * Always true: an approval without verified_by is not in force.
 * Errors:      E_NOTFOUND, E_FORMAT; those of vault.h.
 */
#ifndef WEIR_HUB_APPROVAL_H
#define WEIR_HUB_APPROVAL_H

#include "hub/row.h"
#include "hub/vault.h"

/* An approval: what somebody outside decided, entered by one person and verified by another. */
struct approval {
	char id[ROW_ID_BYTES];
	char kind[32];     /* rec, uni_rec, site_agreement, ... */
	char decision[48]; /* favourable, not-required, suspended, ... */
	char reference[ROW_TEXT_BYTES];
	char reason[ROW_TEXT_BYTES]; /* needed by a "not-required" */
	char site[ROW_ID_BYTES];     /* "": the whole study */
	int64_t from_s;
	int64_t until_s; /* 0: open end */
	char entered_by[ROW_ID_BYTES];
	char verified_by[ROW_ID_BYTES]; /* "": not in force yet */
	uint8_t digest[HASH_BYTES];     /* of the body that was entered */
	uint64_t entered_leaf;
	uint64_t verified_leaf;
};

CHECKED enum err approval_put(struct vault_txn *t, const struct approval *a);
CHECKED enum err approval_get(struct vault_txn *t, const char *id, struct approval *ret);
typedef enum err approval_fn(void *arg, const struct approval *a);
CHECKED enum err approval_each(struct vault_txn *t, approval_fn *each, void *arg);

#endif
