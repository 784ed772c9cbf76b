/* standing - what the hub remembers of a writer between sessions.
 *
 * Rows:        META "session-" writer:32 -> version u8 | incarnation u32 | standing u8
 *              (sync_verdict) | token 16 | pending token 16 | granted u32 | manifest u64 |
 *              contact u64 s | consent u64 s
 *              META "base-" writer:32 incarnation u32 -> version u8 | incarnation that it
 *              follows u32 | 3 x (seq u64, hash:32) where that one ends, lanes C, R, A
 *              META "told-" writer:32 -> version u8 | manifest u64 | until u64 s
 *              HEADS writer:32 incarnation u32 lane u8 -> version u8 | seq u64 | hash:32 |
 *              signature 64
 *              META "evidence-" writer:32 time u64 s -> packed BATCH that showed a fork,
 *              without parts: headers, head and signature prove it, and say nothing of
 *              anybody, so that an erasure has nothing to look for here
 * Errors:      E_FORMAT; those of vault.h.
 */
#ifndef WEIR_HUB_STANDING_H
#define WEIR_HUB_STANDING_H

#include "common/codec/wire_sync.h"

#include "hub/place.h"

struct standing {
	uint32_t incarnation; /* from 1 */
	enum sync_verdict standing;
	uint8_t token[WIRE_ID_BYTES], pending[WIRE_ID_BYTES];
	uint32_t granted;  /* the highest incarnation that was given out; 0: none */
	uint64_t manifest; /* number the node said is in force there; 0: none yet */
	int64_t contact_s; /* 0: never */
	int64_t consent_s; /* last had here all it knew of consent (lease.h); 0: never */
};

/* What an incarnation stands on. */
struct standing_base {
	uint32_t incarnation; /* 0: it is the first */
	struct sync_mark at[LANE_COUNT];
};

/* Of a writer that was never heard: incarnation 1, in good standing. */
CHECKED enum err standing_get(struct vault_txn *t,
	const uint8_t writer[static SIGN_PUBLIC_BYTES], struct standing *ret);
CHECKED enum err standing_put(struct vault_txn *t,
	const uint8_t writer[static SIGN_PUBLIC_BYTES], const struct standing *s);

/* Zeros for an incarnation that follows none. */
CHECKED enum err standing_base_get(struct vault_txn *t,
	const uint8_t writer[static SIGN_PUBLIC_BYTES], uint32_t incarnation,
	struct standing_base *ret);
CHECKED enum err standing_base_put(struct vault_txn *t,
	const uint8_t writer[static SIGN_PUBLIC_BYTES], uint32_t incarnation,
	const struct standing_base *b);

/* Which version of the study is in force, and until when by that word: what a node was told
 * last, in a session or with a bundle that was written for it. Whether a bundle was read nobody
 * knows here. */
struct standing_told {
	uint64_t manifest; /* 0: nothing was told yet */
	int64_t until_s;
};
CHECKED enum err standing_told_get(struct vault_txn *t,
	const uint8_t writer[static SIGN_PUBLIC_BYTES], struct standing_told *ret);
/* Puts only what is new. */
CHECKED enum err standing_told_put(struct vault_txn *t,
	const uint8_t writer[static SIGN_PUBLIC_BYTES], const struct standing_told *told);

/* The end of a lane; zeros for an empty one. p->seq is not looked at. */
CHECKED enum err standing_head_get(
	struct vault_txn *t, const struct place *p, struct sync_mark *ret);
/* Also the writer's signature over it; zeros for an empty lane. */
CHECKED enum err standing_signed_get(struct vault_txn *t, const struct place *p,
	struct sync_mark *ret, uint8_t ret_signature[static SIGNATURE_BYTES]);
CHECKED enum err standing_head_put(struct vault_txn *t, const struct place *p,
	const struct sync_mark *mark, const uint8_t signature[static SIGNATURE_BYTES]);

/* Keep of a batch that contradicts what its writer signed before what proves it. */
CHECKED enum err standing_evidence(struct vault_txn *t,
	const uint8_t writer[static SIGN_PUBLIC_BYTES], const struct sync_batch *b,
	int64_t now_s);

#endif
