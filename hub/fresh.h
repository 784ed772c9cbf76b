/* fresh - leaves that no checkpoint covers yet, kept in memory with their hashes until their
 * tiles and bundles are written.
 *
 * Always true: what fresh_find() and fresh_hash() give is what fresh_add() was given for that
 *              index, unless fresh_cut() took it away.
 *              at most FRESH_MAX_COUNT leaves and FRESH_MAX_BYTES are kept, those that came
 *              first: the others have to be read from the vault.
 */
#ifndef WEIR_HUB_FRESH_H
#define WEIR_HUB_FRESH_H

#include "common/trust/crypto.h"

#define FRESH_MAX_COUNT 16384
#define FRESH_MAX_BYTES ((size_t)16 << 20)

struct fresh {
	uint64_t first; /* index of the leaf that is kept first */
	size_t count;
	struct buf bytes;            /* end to end */
	size_t end[FRESH_MAX_COUNT]; /* of each, in bytes */
	uint8_t hash[FRESH_MAX_COUNT][HASH_BYTES];
};

void fresh_init(struct fresh *f);
void fresh_done(struct fresh *f);

/* Keeps a copy if there is room and the leaf follows those that are kept. */
void fresh_add(struct fresh *f, uint64_t index, struct view leaf,
	const uint8_t hash[static HASH_BYTES]);
/* Forgets the leaves from this index on; 0 forgets all. */
void fresh_cut(struct fresh *f, uint64_t size);
/* The leaf, lent until the next change; false if it is not kept. */
bool fresh_find(const struct fresh *f, uint64_t index, struct view *ret);
/* The hash that came with the leaf; false if it is not kept. */
bool fresh_hash(const struct fresh *f, uint64_t index, uint8_t ret[static HASH_BYTES]);

#endif
