/* sync_chunks - the sealed chunks of files, and the proofs they travel with.
 *
 * chunks       file id 16 | index u32 -> sealed chunk
 *              file id 16 | u32 2^31 + block -> the leaf hashes of 64 chunks, end to end
 *              root 32 -> file id 16 | u32 chunk count | u8 1 the hub has said that it has
 *              all, 2 it has said so and asks again in a bundle | u32 chunks that it has, as
 *              its last bundle says (absent: 0)
 * meta         "files" -> u64 files that go to the hub | u64 of them, what the hub has
 * Always true: memory does not depend on the size of a file; a proof takes as many hashes as
 *              the file has chunks at most. Chunks stay when the hub has them: a hub that was
 *              restored asks again.
 * Errors:      E_FORMAT the vault is damaged; those of the vault.
 */
#ifndef WEIR_NODE_SYNC_CHUNKS_H
#define WEIR_NODE_SYNC_CHUNKS_H

#include "common/sync/lane_action.h"
#include "common/trust/merkle.h"

#include "node/attach.h"
#include "node/vault.h"

/* Puts the chunks of a sealed file and gives its root. to_hub: the hub may ask for it. */
struct sync_chunks_file {
	uint8_t id[ID_BYTES];
	bool to_hub;
	struct view sealed;
};
CHECKED enum err sync_chunks_put(
	struct vault *v, const struct sync_chunks_file *f, uint8_t ret_root[static HASH_BYTES]);
CHECKED enum err sync_chunks_drop(struct vault *v, const uint8_t file[static ID_BYTES],
	const uint8_t root[static HASH_BYTES]);

/* Answers FETCH_CHUNK: bytes lent by the vault, proof by *room. */
CHECKED enum err sync_chunks_read(struct vault *v, const struct lane_action *a,
	struct merkle_proof *room, struct lane_event *ret);
/* FILE_SENT */
CHECKED enum err sync_chunks_sent(struct vault *v, const uint8_t root[static HASH_BYTES]);

/* What the hub's newest bundle says of a file. */
CHECKED enum err sync_chunks_wanted(struct vault *v, const struct sync_want *w);
/* What a bundle for the hub would bring of a file; count 0: nothing. */
CHECKED enum err sync_chunks_lacking(
	struct vault *v, const uint8_t root[static HASH_BYTES], struct lane_file *ret);

struct sync_chunks_count {
	uint64_t all, sent;
};
CHECKED enum err sync_chunks_counts(struct vault *v, struct sync_chunks_count *ret);

#endif
