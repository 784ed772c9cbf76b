/* merkle - the hash tree of RFC 6962, section 2.1, with SHA-256; pure.
 *
 * leaf hash = SHA-256(0x00 | entry), node hash = SHA-256(0x01 | left | right); the tree of
 * no leaves has SHA-256 of nothing. A subtree (level, index) is complete: it stands over
 * the 2^level leaves from index * 2^level on.
 * Always true:  a proof holds at most MERKLE_PROOF_MOST_COUNT hashes, whatever the sizes
 *               are; a check needs exactly as many hashes as the sizes say and reads no
 *               more.
 * Errors:       E_FORMAT when sizes or counts cannot be, E_AUTH when hashes do not fit.
 */
#ifndef WEIR_MERKLE_H
#define WEIR_MERKLE_H

#include "common/trust/crypto.h"

#define MERKLE_PROOF_MOST_COUNT 64
#define MERKLE_LEVELS_COUNT     64

void merkle_leaf(uint8_t ret[static HASH_BYTES], struct view entry);
void merkle_node(uint8_t ret[static HASH_BYTES], const uint8_t left[static HASH_BYTES],
	const uint8_t right[static HASH_BYTES]);

/* A growing tree of which only the complete subtrees' tops are kept (a compact range): peak[k]
 * is the top of the subtree of level k that became complete last, and counts for the root iff
 * bit k of size is set. All zeros is the empty tree; a plain copy is a copy. */
struct merkle {
	uint64_t size;
	uint8_t peak[MERKLE_LEVELS_COUNT][HASH_BYTES];
};

void merkle_append(struct merkle *m, const uint8_t leaf[static HASH_BYTES]);
void merkle_root(uint8_t ret[static HASH_BYTES], const struct merkle *m);

/* The top of `count` neighbouring hashes of one level, 1..2^16 of them, as RFC 6962 joins
 * leaves. */
void merkle_join(
	uint8_t ret[static HASH_BYTES], const uint8_t (*hashes)[HASH_BYTES], size_t count);

/* Where proofs come from: gives the hash of a complete subtree, or an error that is passed on.
 */
struct merkle_source {
	enum err (*at)(
		void *arg, unsigned level, uint64_t index, uint8_t ret[static HASH_BYTES]);
	void *arg;
};

/* Root of the first `size` leaves. */
CHECKED enum err merkle_root_of(
	uint8_t ret[static HASH_BYTES], const struct merkle_source *from, uint64_t size);

struct merkle_proof {
	size_t count;
	uint8_t hash[MERKLE_PROOF_MOST_COUNT][HASH_BYTES];
};

/* RFC 6962 2.1.1 (audit path) and 2.1.2 (consistency). E_FORMAT if index >= size or old > size;
 * the proof from an empty tree, or of a tree to itself, is empty. */
CHECKED enum err merkle_prove_inclusion(struct merkle_proof *ret,
	const struct merkle_source *from, uint64_t index, uint64_t size);
CHECKED enum err merkle_prove_consistency(struct merkle_proof *ret,
	const struct merkle_source *from, uint64_t old_size, uint64_t size);

/* RFC 9162 2.1.3.2 and 2.1.4.2. That a tree grew from nothing proves nothing: E_FORMAT for
 * old_size 0, whatever the roots are. */
CHECKED enum err merkle_check_inclusion(const struct merkle_proof *proof, uint64_t index,
	uint64_t size, const uint8_t leaf[static HASH_BYTES],
	const uint8_t root[static HASH_BYTES]);
CHECKED enum err merkle_check_consistency(const struct merkle_proof *proof, uint64_t old_size,
	const uint8_t old_root[static HASH_BYTES], uint64_t size,
	const uint8_t root[static HASH_BYTES]);

#endif
