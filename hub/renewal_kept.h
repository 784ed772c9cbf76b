/* renewal_kept - for which intake numbers a node keeps something aside, as it says itself.
 *
 * Said:        by an act of lane A, "intake-kept", when a manifest with a newer number is in
 *              force there, when what is kept for the oldest number is released or dropped,
 *              and in each new incarnation (node/sync_kept.h).
 * Report:      version u8 = 1 | newest u32: what the node seals for from now on | oldest u32
 *              that something kept is sealed for, 0: none older than newest | count u32 of
 *              records kept for numbers below newest | incarnation u32 | seq u64 of lane C and
 *              of lane R when it was said
 * Row:         META "kept-" writer:32 -> version u8 | newest u32 | oldest u32 | count u32 |
 *              incarnation u32 | C u64 | R u64
 * Always true: a node that said nothing, or said it in an incarnation before the one in use,
 *              is waited for: what is not known is not taken for nothing. The newest word
 *              stands, because lane A comes in order.
 *              behind the word that it is free lies what was released meanwhile: the hub waits
 *              for what the node had then.
 * Errors:      E_FORMAT for a report; those of vault.h.
 */
#ifndef WEIR_HUB_RENEWAL_KEPT_H
#define WEIR_HUB_RENEWAL_KEPT_H

#include "common/trust/crypto.h"

#include "hub/standing.h"

#define RENEWAL_KEPT_ACTION "intake-kept"

struct renewal_kept {
	uint32_t newest; /* 0: it said nothing yet */
	uint32_t oldest; /* 0: none */
	uint32_t count;
	uint32_t incarnation;
	uint64_t control, records;
};

CHECKED enum err renewal_kept_take(struct vault_txn *t,
	const uint8_t writer[static SIGN_PUBLIC_BYTES], struct view report);
/* Zeros for a node that said nothing. */
CHECKED enum err renewal_kept_get(struct vault_txn *t,
	const uint8_t writer[static SIGN_PUBLIC_BYTES], struct renewal_kept *ret);

/* What the numbers below one wait for at a node. */
enum renewal_kept_why {
	RENEWAL_KEPT_FREE,
	RENEWAL_KEPT_SILENT, /* it has not said what it keeps */
	RENEWAL_KEPT_KEEPS,  /* ret->count at most */
	RENEWAL_KEPT_SENDS,  /* not all that it had when it said so is here */
};
CHECKED enum err renewal_kept_below(struct vault_txn *t,
	const uint8_t writer[static SIGN_PUBLIC_BYTES], uint32_t number,
	enum renewal_kept_why *ret);

#endif
