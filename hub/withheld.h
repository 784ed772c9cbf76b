/* withheld - withdrawals that the journal knows and the vault lacks: they are in force until
 * their entries are there again.
 *
 * Row:         META "withheld-" participant:16 root:32 -> version u8 | known u64 (leaves there
 *              were when it was put) | given u64 s | blob level | place key of the entry that
 *              a node gave notice of; it lacks where that is not known: from the journal, and
 *              in rows of older hubs
 * Put:         when the ledger starts (recovery_start.h), and when a node gives notice of one
 *              ahead of its entry (ingest_notice.c); taken away in the transaction in which
 *              the entry, or one that says it again, is kept (arrival.h).
 * Lost:        a node that was put back may have lost the entry that it gave notice of: then
 *              none will come, and the withdrawal stays in force without. The status says so
 *              until the site has entered something newer that the person said
 *              (decisions.h); a look at the opt-out is no such thing.
 * Always true: a person whose withdrawal was acknowledged is in nothing that is released,
 *              whatever was put back.
 * Errors:      E_FORMAT; those of vault.h.
 */
#ifndef WEIR_HUB_WITHHELD_H
#define WEIR_HUB_WITHHELD_H

#include "hub/place.h"

struct withheld {
	const char *level; /* one of those known, else the strictest; lasts */
	int64_t given_s;
	uint64_t known;
	struct place place; /* incarnation 0: not known */
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
/* Those that this node gave notice of before it went on in this incarnation, if no entry of the
 * person came since; their persons stay unnamed. */
CHECKED enum err withheld_each_lost(struct vault_txn *t,
	const uint8_t writer[static SIGN_PUBLIC_BYTES], uint32_t incarnation, withheld_fn *each,
	void *arg);
/* Of all persons. */
CHECKED enum err withheld_count(struct vault_txn *t, uint64_t *ret);

#endif
