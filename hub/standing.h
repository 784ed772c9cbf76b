/* standing - what the hub remembers of a writer between sessions.
 *
 * Rows:        META "session-" writer:32 -> version u8 | incarnation u32 | standing u8
 *              (sync_verdict) | token 16 | pending token 16 | manifest u64 | contact u64 s
 *              HEADS writer:32 incarnation u32 lane u8 -> version u8 | seq u64 | hash:32 |
 *              signature 64
 *              META "evidence-" writer:32 time u64 s -> packed BATCH that showed a fork
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
	uint64_t manifest; /* number the node said is in force there; 0: none yet */
	int64_t contact_s; /* 0: never */
};

/* Of a writer that was never heard: incarnation 1, in good standing. */
CHECKED enum err standing_get(struct vault_txn *t,
	const uint8_t writer[static SIGN_PUBLIC_BYTES], struct standing *ret);
CHECKED enum err standing_put(struct vault_txn *t,
	const uint8_t writer[static SIGN_PUBLIC_BYTES], const struct standing *s);

/* The end of a lane; zeros for an empty one. p->seq is not looked at. */
CHECKED enum err standing_head_get(
	struct vault_txn *t, const struct place *p, struct sync_mark *ret);
CHECKED enum err standing_head_put(struct vault_txn *t, const struct place *p,
	const struct sync_mark *mark, const uint8_t signature[static SIGNATURE_BYTES]);

/* Keep a batch that the writer signed and that contradicts what it signed before. */
CHECKED enum err standing_evidence(struct vault_txn *t,
	const uint8_t writer[static SIGN_PUBLIC_BYTES], const struct sync_batch *b,
	int64_t now_s);

#endif
