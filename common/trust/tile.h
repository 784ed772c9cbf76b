/* tile - a transparency log as files (C2SP tlog-tiles): their names, and reading them.
 *
 * Format:       DIR/tile/L/N[.p/W]        W hashes (256 if whole), each over 256^L leaves
 *               DIR/tile/entries/N[.p/W]  W times u16 length BE | entry: what is under tile/0/N
 *               DIR/checkpoint            signed note
 *               N stands in groups of three digits, all but the last with an x: 1234067 is
 *               x001/x234/067. A log of s leaves has floor(s / 256^L) hashes at level L.
 * Always true:  a file's size is checked before its bytes are used: a tile is exactly W *
 *               32 bytes, a bundle at most W * 65537. A whole tile serves where a part of
 *               it was asked for.
 * Errors:       E_NOTFOUND (no such file), E_FORMAT (wrong size or malformed), E_IO.
 */
#ifndef WEIR_TILE_H
#define WEIR_TILE_H

#include "common/trust/merkle.h"

#define TILE_HASHES_COUNT      256
#define TILE_LEVELS_COUNT      8
#define TILE_ENTRY_MOST_BYTES  65535
#define TILE_BUNDLE_MOST_BYTES (TILE_HASHES_COUNT * (TILE_ENTRY_MOST_BYTES + 2))
#define TILE_ENTRIES           (-1) /* in place of a level: the bundles */

/* Hashes in the last, incomplete tile of a level for a log of `size` leaves; 0 if there is
 * none. */
unsigned tile_width(uint64_t size, int level);
/* Complete tiles of a level for a log of `size` leaves. */
uint64_t tile_count(uint64_t size, int level);

/* gives "tile/0/x001/234" or, for width under 256, "tile/0/x001/234.p/17". */
char *tile_name(int level, uint64_t n, unsigned width);

/* Read the first `width` hashes of a tile. */
CHECKED enum err tile_read(
	uint8_t (*ret)[HASH_BYTES], const char *dir, int level, uint64_t n, unsigned width);
/* Fill `ret` (maximum TILE_BUNDLE_MOST_BYTES) with a bundle that holds at least `width`
 * entries. */
CHECKED enum err tile_read_bundle(struct buf *ret, const char *dir, uint64_t n, unsigned width);
/* The next entry of a bundle, lent by it; an empty view and a broken cursor at its end. */
struct view tile_next_entry(struct cursor *bundle);
/* gives DIR/checkpoint, at most NOTE_MOST_BYTES. */
CHECKED enum err tile_read_checkpoint(uint8_t **ret, size_t *ret_len, const char *dir);

/* Subtree hashes read from the tiles of a directory, for proofs about its first `size` leaves.
 * One tile a level is remembered. What comes out is only as good as the tiles: check it against
 * a root. */
struct tile_tree;
struct tile_tree *tile_tree_new(const char *dir, uint64_t size); /* copies dir */
void tile_tree_free(struct tile_tree *t);
OWNER(tile_tree)
struct merkle_source tile_tree_source(struct tile_tree *t); /* lends it */

#endif
