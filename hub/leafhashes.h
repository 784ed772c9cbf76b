/* leafhashes - the hashes of the log's leaves in the vault, many a row.
 *
 * Row:         LEAFHASHES first u64, a multiple of LEAFHASHES_EACH -> hash:32 (merkle.h) of
 *              that leaf and of those behind it, LEAFHASHES_EACH at most
 * Always true: the row of the newest leaves is written once a transaction, by
 *              leafhashes_keep(); until then the transaction lacks them.
 * Errors:      those of vault.h; E_NOTFOUND there is no such leaf; E_FORMAT a row is damaged,
 *              or a leaf is missing before another.
 */
#ifndef WEIR_HUB_LEAFHASHES_H
#define WEIR_HUB_LEAFHASHES_H

#include "hub/vault.h"

#define LEAFHASHES_EACH 64

struct leafhashes {
	uint64_t size;    /* leaves, with what leafhashes_keep() has not written yet */
	bool is_unkept;   /* there is something of that kind */
	uint64_t in_room; /* the leaf behind the last that `room` holds; 0: none is read */
	uint8_t room[LEAFHASHES_EACH][HASH_BYTES]; /* the row of the newest leaves */
};

/* Go on behind so many leaves, which are in the vault: at the start, and after a transaction
 * that came to nothing. */
void leafhashes_set(struct leafhashes *l, uint64_t size);
CHECKED enum err leafhashes_add(
	struct leafhashes *l, struct vault_txn *t, const uint8_t hash[static HASH_BYTES]);
CHECKED enum err leafhashes_keep(struct leafhashes *l, struct vault_txn *t);

CHECKED enum err leafhashes_get(
	struct vault_txn *t, uint64_t index, uint8_t ret[static HASH_BYTES]);
/* All of them in their order, from 0 on. */
typedef enum err leafhashes_fn(void *arg, const uint8_t hash[static HASH_BYTES]);
CHECKED enum err leafhashes_each(struct vault_txn *t, leafhashes_fn *each, void *arg);
/* How many hashes this row has: the one of leaf `first`, and those behind it. 0: it is not of
 * its form, or begins elsewhere. */
size_t leafhashes_in(struct view key, struct view row, uint64_t first);

#endif
