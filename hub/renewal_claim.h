/* renewal_claim - what each node had of its incarnation, by its own word, when it greeted (or
 * wrote a bundle) with a manifest in force: nothing it seals later is for an older number.
 *
 * Row:         META "claim-" writer:32 -> version u8 | manifest u64 | incarnation u32 | 3 x seq
 *              u64, of lanes C, R and A
 * Always true: the first word of an incarnation and manifest stands: later ones are of what
 *              came since.
 * Errors:      those of vault.h.
 */
#ifndef WEIR_HUB_RENEWAL_CLAIM_H
#define WEIR_HUB_RENEWAL_CLAIM_H

#include "common/codec/wire_sync.h"
#include "common/trust/crypto.h"

#include "hub/standing.h"

struct renewal_claim {
	uint64_t manifest; /* 0: it said nothing yet */
	uint32_t incarnation;
	uint64_t seq[LANE_COUNT];
};
CHECKED enum err renewal_claim_take(struct vault_txn *t,
	const uint8_t writer[static SIGN_PUBLIC_BYTES], const struct renewal_claim *claim);

/* Is all here that it had in this incarnation with this manifest, or a later one? Entries of an
 * earlier incarnation that were not sent are said again in the later one, sealed as they were:
 * its own word is needed for that. */
CHECKED enum err renewal_claim_met(struct vault_txn *t,
	const uint8_t writer[static SIGN_PUBLIC_BYTES], uint64_t manifest, uint32_t incarnation,
	bool *ret);

#endif
