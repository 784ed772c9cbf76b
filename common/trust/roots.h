/* roots - the part of a record that names its files, each by the root over its sealed chunks.
 *
 * Part:        version u8 = 1 | u16 count | count x (id 16 | key_ref 16 | plain bytes u64 |
 *              chunk count u32 | root 32), sorted by id. id: BLAKE2b-128, personal
 *              weir-file-v1, over fields of u32 length and bytes: instance the file was sealed
 *              for, file name; so who opens the answers finds the file that an answer names.
 * Root:        RFC 6962 2.1 (merkle.h): the sealed chunks are the leaves, in order. Each chunk
 *              travels with its proof and is checked when it comes.
 * Errors:      E_FORMAT; E_FULL too many files.
 */
#ifndef WEIR_ROOTS_H
#define WEIR_ROOTS_H

#include "common/trust/crypto.h"

#define ROOTS_MAX_COUNT      256
#define ROOTS_ITEM_BYTES     76
#define ROOTS_PART_MAX_BYTES (3 + ROOTS_MAX_COUNT * ROOTS_ITEM_BYTES)
#define ROOTS_CHUNKS_MAX     ((uint32_t)1 << 20)

struct roots_file {
	uint8_t id[ID_BYTES];
	uint8_t key_ref[ID_BYTES];
	uint64_t plain_bytes;
	uint32_t chunk_count; /* 1 to ROOTS_CHUNKS_MAX */
	uint8_t root[HASH_BYTES];
};

void roots_file_id(uint8_t ret[static ID_BYTES], const uint8_t instance[static ID_BYTES],
	const char *name);
/* Adds the part; sorts the list. */
CHECKED enum err roots_pack(struct buf *out, struct roots_file *list, size_t count);
/* ret holds ROOTS_MAX_COUNT of them. */
CHECKED enum err roots_unpack(struct roots_file *ret, size_t *ret_count, struct view part);

#endif
