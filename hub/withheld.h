/* withheld - withdrawals that the journal knows and the vault lacks: they are in force until
 * their entries are there again.
 *
 * Row:         META "withheld-" participant:16 root:32 -> version u8 | known u64 (leaves there
 *              were when it was put) | given u64 s | blob level
 * Put:         when the ledger starts (recovery_start.h), and when a node gives notice of one
 *              ahead of its entry (ingest_notice.c); taken away in the transaction in which
 *              the entry, or one that says it again, is kept (arrival.h).
 * Always true: a person whose withdrawal was acknowledged is in nothing that is released,
 *              whatever was put back.
 * Errors:      E_FORMAT; those of vault.h.
 */
#ifndef WEIR_HUB_WITHHELD_H
#define WEIR_HUB_WITHHELD_H

#include "hub/vault.h"

struct withheld {
	const char *level; /* one of those known, else the strictest; lasts */
	int64_t given_s;
	uint64_t known;
};

CHECKED enum err withheld_put(struct vault_txn *t, const uint8_t participant[static ID_BYTES],
	const uint8_t root[static HASH_BYTES], const struct withheld *w);
/* OK when there is none. */
CHECKED enum err withheld_drop(struct vault_txn *t, const uint8_t participant[static ID_BYTES],
	const uint8_t root[static HASH_BYTES]);
CHECKED enum err withheld_has(struct vault_txn *t, const uint8_t participant[static ID_BYTES],
	const uint8_t root[static HASH_BYTES], bool *ret);
/* Is the entry here that says it, under whatever place? Then none is needed. */
CHECKED enum err withheld_is_said(struct vault_txn *t,
	const uint8_t participant[static ID_BYTES], const uint8_t root[static HASH_BYTES],
	bool *ret);
typedef enum err withheld_fn(void *arg, const struct withheld *w);
CHECKED enum err withheld_each(struct vault_txn *t, const uint8_t participant[static ID_BYTES],
	withheld_fn *each, void *arg);
/* false: there is not one, of nobody. True also when that cannot be told. */
bool withheld_any(struct vault_txn *t);
/* Of all persons. */
CHECKED enum err withheld_count(struct vault_txn *t, uint64_t *ret);

#endif
