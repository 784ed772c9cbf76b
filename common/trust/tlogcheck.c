#include "common/trust/tlogcheck.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"

/* One run over a directory, from left to right, all levels at once. */
struct run {
	const char *dir;
	const struct tlogcheck *to;
	uint64_t findings;
	bool lost; /* leaves are missing that nothing replaces: no root can be made */
	struct merkle tree;
	/* What the level below gives for the tile of each level that is being filled. */
	uint8_t made[TILE_LEVELS_COUNT][TILE_HASHES_COUNT][HASH_BYTES];
	uint8_t there[TILE_HASHES_COUNT][HASH_BYTES];
	uint8_t leaves[TILE_HASHES_COUNT][HASH_BYTES];
	struct buf bundle;
};

static void found(struct run *r, const char *format, ...) PRINTF(2, 3);

static void
found(struct run *r, const char *format, ...)
{
	r->findings++;
	if (!r->to->found)
		return;
	va_list args;
	va_start(args, format);
	OWNED_MEM char *sentence = NULL;
	if (vasprintf(&sentence, format, args) >= 0)
		r->to->found(r->to->arg, sentence);
	va_end(args);
}

/* Fill r->there from a tile; false, and a finding, if that cannot be. */
static bool
load_tile(struct run *r, int level, uint64_t n, unsigned width)
{
	if (tile_read(r->there, r->dir, level, n, width) == OK)
		return true;
	found(r, "%s", err_text());
	return false;
}

/* Fill r->leaves from a bundle; false, and a finding, if that cannot be. */
static bool
load_bundle(struct run *r, uint64_t n, unsigned width)
{
	if (tile_read_bundle(&r->bundle, r->dir, n, width)) {
		found(r, "%s", err_text());
		return false;
	}
	struct cursor c = cursor_of(buf_view(&r->bundle));
	for (unsigned i = 0; i < width; i++) {
		struct view entry = tile_next_entry(&c);
		merkle_leaf(r->leaves[i], entry);
		if (r->to->entry)
			r->to->entry(r->to->arg, n * TILE_HASHES_COUNT + i, entry);
	}
	return true;
}

/* The tile at a level above 0 against what the tiles under it gave, while all of them could be
 * read. */
static void
check_tile(struct run *r, int level, uint64_t n, unsigned width)
{
	if (!load_tile(r, level, n, width) || r->lost)
		return;
	OWNED_MEM char *name = tile_name(level, n, width);
	for (unsigned i = 0; i < width; i++) {
		if (crypto_same(r->there[i], r->made[level][i], HASH_BYTES))
			continue;
		OWNED_MEM char *below =
			tile_name(level - 1, n * TILE_HASHES_COUNT + i, TILE_HASHES_COUNT);
		found(r, "%s hash %u is not that of %s", name, i, below);
	}
}

/* Entries against leaf hashes; the ones to go on with end in r->made[0]. */
static void
check_leaves(struct run *r, uint64_t n, unsigned width)
{
	bool tile = load_tile(r, 0, n, width), bundle = load_bundle(r, n, width);
	OWNED_MEM char *name = tile_name(0, n, width);
	OWNED_MEM char *bundle_name = tile_name(TILE_ENTRIES, n, width);
	for (unsigned i = 0; tile && bundle && i < width; i++)
		if (!crypto_same(r->there[i], r->leaves[i], HASH_BYTES))
			found(r, "%s leaf %" PRIu64 " does not fit its hash in %s", bundle_name,
				n * TILE_HASHES_COUNT + i, name);
	r->lost |= !tile && !bundle;
	size_t len = (size_t)width * HASH_BYTES;
	memcpy(r->made[0], tile ? r->there : r->leaves, len);
	for (unsigned i = 0; i < width; i++)
		merkle_append(&r->tree, r->made[0][i]);
}

/* A tile at `level` became full: its top goes into the level above, which may become full
 * too. */
static void
carry(struct run *r, uint64_t n)
{
	for (int level = 1; level < TILE_LEVELS_COUNT; level++) {
		unsigned at = (unsigned)(n % TILE_HASHES_COUNT);
		merkle_join(r->made[level][at],
			(const uint8_t(*)[HASH_BYTES])r->made[level - 1], TILE_HASHES_COUNT);
		if (at + 1 < TILE_HASHES_COUNT)
			return;
		n /= TILE_HASHES_COUNT;
		check_tile(r, level, n, TILE_HASHES_COUNT);
	}
}

static void
check_root(struct run *r, const struct note_checkpoint *cp)
{
	uint8_t root[HASH_BYTES];
	merkle_root(root, &r->tree);
	if (r->lost)
		found(r, "checkpoint root cannot be compared: leaves are missing");
	else if (!crypto_same(root, cp->root, HASH_BYTES))
		found(r, "checkpoint root is not that of the tiles");
}

enum err
tlogcheck_run(const char *dir, const struct note_checkpoint *cp, const struct tlogcheck *to)
{
	OWNED_MEM struct run *r = xcalloc(1, sizeof(*r));
	r->dir = dir;
	r->to = to;
	buf_init(&r->bundle, TILE_BUNDLE_MOST_BYTES);
	uint64_t whole = tile_count(cp->size, 0);
	for (uint64_t n = 0; n < whole; n++) {
		check_leaves(r, n, TILE_HASHES_COUNT);
		carry(r, n);
	}
	for (int level = 0; level < TILE_LEVELS_COUNT; level++) {
		unsigned width = tile_width(cp->size, level);
		if (width && level == 0)
			check_leaves(r, whole, width);
		else if (width)
			check_tile(r, level, tile_count(cp->size, level), width);
	}
	check_root(r, cp);
	buf_done(&r->bundle);
	return r->findings ? fail(E_AUTH, "log: %" PRIu64 " findings", r->findings) : OK;
}

enum err
tlogcheck_grew(
	const char *dir, const struct note_checkpoint *old, const struct note_checkpoint *cp)
{
	if (strcmp(old->origin, cp->origin) != 0)
		return fail(E_AUTH, "checkpoint: the earlier one is of another log");
	if (old->size > cp->size)
		return fail(E_AUTH, "checkpoint: the earlier one has more leaves");
	if (old->size == 0) {
		uint8_t empty[HASH_BYTES];
		merkle_root(empty, &(struct merkle){0});
		return crypto_same(old->root, empty, HASH_BYTES)
			       ? OK
			       : fail(E_AUTH, "checkpoint: the earlier one has no leaves but a "
					      "root");
	}
	OWNED(tile_tree) struct tile_tree *t = tile_tree_new(dir, cp->size);
	struct merkle_source from = tile_tree_source(t);
	struct merkle_proof proof;
	enum err e = merkle_prove_consistency(&proof, &from, old->size, cp->size);
	return e ? e
		 : merkle_check_consistency(&proof, old->size, old->root, cp->size, cp->root);
}
