#include "common/trust/merkle.h"

#include <string.h>

#define LEAF_PREFIX 0x00
#define NODE_PREFIX 0x01
/* Keeps the longest proof, 63 levels and one hash of its own, within MERKLE_PROOF_MOST_COUNT.
 */
#define SIZE_MOST (UINT64_C(1) << 63)

void
merkle_leaf(uint8_t ret[static HASH_BYTES], struct view entry)
{
	static const uint8_t prefix = LEAF_PREFIX;
	const struct view parts[] = {{&prefix, 1}, entry};
	crypto_sha256(ret, parts, ARRAY_LEN(parts));
}

void
merkle_node(uint8_t ret[static HASH_BYTES], const uint8_t left[static HASH_BYTES],
	const uint8_t right[static HASH_BYTES])
{
	static const uint8_t prefix = NODE_PREFIX;
	const struct view parts[] = {{&prefix, 1}, {left, HASH_BYTES}, {right, HASH_BYTES}};
	crypto_sha256(ret, parts, ARRAY_LEN(parts));
}

void
merkle_append(struct merkle *m, const uint8_t leaf[static HASH_BYTES])
{
	uint8_t top[HASH_BYTES];
	memcpy(top, leaf, HASH_BYTES);
	unsigned level = 0;
	for (; m->size >> level & 1; level++) {
		uint8_t left[HASH_BYTES];
		memcpy(left, m->peak[level], HASH_BYTES);
		memcpy(m->peak[level], top, HASH_BYTES);
		merkle_node(top, left, top);
	}
	memcpy(m->peak[level], top, HASH_BYTES);
	m->size++;
}

void
merkle_root(uint8_t ret[static HASH_BYTES], const struct merkle *m)
{
	if (m->size == 0) {
		crypto_sha256(ret, NULL, 0);
		return;
	}
	unsigned level = (unsigned)__builtin_ctzll(m->size);
	memcpy(ret, m->peak[level], HASH_BYTES);
	for (level++; level < MERKLE_LEVELS_COUNT; level++)
		if (m->size >> level & 1)
			merkle_node(ret, m->peak[level], ret);
}

void
merkle_join(uint8_t ret[static HASH_BYTES], const uint8_t (*hashes)[HASH_BYTES], size_t count)
{
	struct merkle m = {0};
	for (size_t i = 0; i < count; i++)
		merkle_append(&m, hashes[i]);
	merkle_root(ret, &m);
}

/* Hash over the leaves start..end-1, where start is a multiple of a power of two that is at
 * least end - start: its complete subtrees, smallest and rightmost first, joined from the
 * right. */
static enum err
range_hash(uint8_t ret[static HASH_BYTES], const struct merkle_source *from, uint64_t start,
	uint64_t end)
{
	uint8_t top[HASH_BYTES] = {0}, left[HASH_BYTES];
	bool first = true;
	for (unsigned level = 0; level < MERKLE_LEVELS_COUNT && start < end; level++) {
		if (!((end - start) >> level & 1))
			continue;
		end -= UINT64_C(1) << level;
		enum err e = from->at(from->arg, level, end >> level, first ? top : left);
		if (e)
			return e;
		if (!first)
			merkle_node(top, left, top);
		first = false;
	}
	memcpy(ret, top, HASH_BYTES);
	return OK;
}

enum err
merkle_root_of(uint8_t ret[static HASH_BYTES], const struct merkle_source *from, uint64_t size)
{
	if (size == 0) {
		crypto_sha256(ret, NULL, 0);
		return OK;
	}
	return range_hash(ret, from, 0, size);
}

/* Largest power of two below n, for n > 1. */
static uint64_t
split_of(uint64_t n)
{
	return UINT64_C(1) << (63 - __builtin_clzll(n - 1));
}

/* Proofs are found from the top down and told from the bottom up. */
static void
turn_round(struct merkle_proof *p)
{
	uint8_t hold[HASH_BYTES];
	for (size_t i = 0; i < p->count / 2; i++) {
		size_t k = p->count - 1 - i;
		memcpy(hold, p->hash[i], HASH_BYTES);
		memcpy(p->hash[i], p->hash[k], HASH_BYTES);
		memcpy(p->hash[k], hold, HASH_BYTES);
	}
}

/* Walk from the root of `size` leaves towards leaf `at`, collecting what stands beside the way,
 * until the part walked into is the single leaf (whole = false) or ends at leaf at + 1 (whole =
 * true). */
static enum err
walk_down(struct merkle_proof *ret, const struct merkle_source *from, uint64_t at,
	uint64_t size, bool whole)
{
	struct merkle_proof p = {0};
	uint64_t start = 0, end = size;
	while (end - start > 1 && !(whole && at + 1 == end)) {
		uint64_t k = split_of(end - start);
		bool left = at - start < k;
		enum err e = left ? range_hash(p.hash[p.count], from, start + k, end)
				  : range_hash(p.hash[p.count], from, start, start + k);
		if (e)
			return e;
		p.count++;
		if (left)
			end = start + k;
		else
			start += k;
	}
	if (whole && start > 0) {
		enum err e = range_hash(p.hash[p.count], from, start, end);
		if (e)
			return e;
		p.count++;
	}
	turn_round(&p);
	*ret = p;
	return OK;
}

enum err
merkle_prove_inclusion(struct merkle_proof *ret, const struct merkle_source *from,
	uint64_t index, uint64_t size)
{
	ret->count = 0;
	if (index >= size || size > SIZE_MOST)
		return fail(E_FORMAT, "merkle: no such leaf in a tree of this size");
	return walk_down(ret, from, index, size, false);
}

enum err
merkle_prove_consistency(struct merkle_proof *ret, const struct merkle_source *from,
	uint64_t old_size, uint64_t size)
{
	ret->count = 0;
	if (old_size > size || size > SIZE_MOST)
		return fail(E_FORMAT, "merkle: no proof between trees of these sizes");
	if (old_size == 0 || old_size == size)
		return OK;
	return walk_down(ret, from, old_size - 1, size, true);
}

static enum err
refuse(const char *what)
{
	return fail(E_AUTH, "merkle: the %s proof does not fit", what);
}

enum err
merkle_check_inclusion(const struct merkle_proof *proof, uint64_t index, uint64_t size,
	const uint8_t leaf[static HASH_BYTES], const uint8_t root[static HASH_BYTES])
{
	if (index >= size || proof->count > MERKLE_PROOF_MOST_COUNT)
		return fail(E_FORMAT, "merkle: no such leaf in a tree of this size");
	uint64_t at = index, last = size - 1;
	uint8_t top[HASH_BYTES];
	memcpy(top, leaf, HASH_BYTES);
	for (size_t i = 0; i < proof->count; i++) {
		if (last == 0)
			return refuse("inclusion");
		if (at & 1 || at == last) {
			merkle_node(top, proof->hash[i], top);
			for (; !(at & 1) && at != 0; at >>= 1)
				last >>= 1;
		} else {
			merkle_node(top, top, proof->hash[i]);
		}
		at >>= 1;
		last >>= 1;
	}
	return last == 0 && crypto_same(top, root, HASH_BYTES) ? OK : refuse("inclusion");
}

enum err
merkle_check_consistency(const struct merkle_proof *proof, uint64_t old_size,
	const uint8_t old_root[static HASH_BYTES], uint64_t size,
	const uint8_t root[static HASH_BYTES])
{
	if (old_size == 0 || old_size > size || proof->count > MERKLE_PROOF_MOST_COUNT)
		return fail(E_FORMAT, "merkle: nothing can be proved between these sizes");
	if (old_size == size)
		return proof->count == 0 && crypto_same(old_root, root, HASH_BYTES)
			       ? OK
			       : refuse("consistency");
	uint64_t at = old_size - 1, last = size - 1;
	for (; at & 1; at >>= 1)
		last >>= 1;
	/* A complete earlier tree is its own first hash and is left out of the proof. */
	bool own = at == 0;
	if (!own && proof->count == 0)
		return refuse("consistency");
	uint8_t before[HASH_BYTES], now[HASH_BYTES];
	memcpy(before, own ? old_root : proof->hash[0], HASH_BYTES);
	memcpy(now, before, HASH_BYTES);
	for (size_t i = own ? 0 : 1; i < proof->count; i++) {
		if (last == 0)
			return refuse("consistency");
		if (at & 1 || at == last) {
			merkle_node(before, proof->hash[i], before);
			merkle_node(now, proof->hash[i], now);
			for (; !(at & 1) && at != 0; at >>= 1)
				last >>= 1;
		} else {
			merkle_node(now, now, proof->hash[i]);
		}
		at >>= 1;
		last >>= 1;
	}
	return last == 0 && crypto_same(before, old_root, HASH_BYTES) &&
			       crypto_same(now, root, HASH_BYTES)
		       ? OK
		       : refuse("consistency");
}
