/* attach - files that travel with a record: sealed in chunks, each under its own tag.
 *
 * Sealed file: chunks of ATTACH_CHUNK_BYTES of plain bytes (the last may be shorter; an empty
 *              file has one of none), each an AEAD of crypto.h (nonce in front, tag behind);
 *              AAD: fields of u32 length and bytes: "weir-chunk-v1", study, participant 16,
 *              instance 16, file name, chunk number u32, u8 1 for the last. Of a file that goes
 *              `site` a sealed box of its own key to the review key (80 bytes) stands in front;
 *              others lie under the key of their record.
 * Root:        BLAKE2b-256, personal weir-root-v1, over the hashes of the sealed chunks in
 *              order (BLAKE2b-256, personal weir-chunk-v1).
 * Roots part:  version u8 = 1 | u16 count | count x (id 16 | key_ref 16 | plain bytes u64 |
 *              chunk count u32 | root 32), sorted by id. id: BLAKE2b-128, personal
 *              weir-file-v1, over fields of u32 length and bytes: instance the file was sealed
 *              for, file name; so who opens the answers finds the file that an answer names.
 * Errors:      E_FORMAT; E_AUTH changed, cut short or of another record; E_FULL.
 * It can hurt: opened bytes are wiped by whoever asked for them.
 */
#ifndef WEIR_NODE_ATTACH_H
#define WEIR_NODE_ATTACH_H

#include "common/trust/crypto.h"

#define ATTACH_CHUNK_BYTES     ((size_t)64 * 1024)
#define ATTACH_BOX_BYTES       (AEAD_KEY_BYTES + BOX_EXTRA_BYTES)
#define ATTACH_NAME_BYTES      256
#define ATTACH_ROOTS_MAX_COUNT 256
#define ATTACH_ROOT_BYTES      76
#define ATTACH_PART_MAX_BYTES  (3 + ATTACH_ROOTS_MAX_COUNT * ATTACH_ROOT_BYTES)

struct attach_context {
	const char *study;
	uint8_t participant[ID_BYTES];
	uint8_t instance[ID_BYTES];
	const char *name; /* of the file, as the answer says it */
};

/* Adds the sealed file to out, under the record's key. */
CHECKED enum err attach_seal(struct buf *out, struct view plain,
	const struct attach_context *context, struct secret *key);
/* The same under a key of its own for the site's review key. */
CHECKED enum err attach_seal_site(struct buf *out, struct view plain,
	const struct attach_context *context,
	const uint8_t review_public[static BOX_PUBLIC_BYTES]);
/* Adds the plain bytes to out. Of a file that goes `site`: what follows its box. */
CHECKED enum err attach_open(struct buf *out, struct view sealed,
	const struct attach_context *context, struct secret *key);
/* The file that goes `site`, by the secret half of the review key. */
CHECKED enum err attach_open_site(struct buf *out, struct view sealed,
	const struct attach_context *context, struct secret *review_secret);

/* Number of chunks of a sealed file (of the `site` kind: what follows its box). */
uint32_t attach_chunk_count(size_t sealed_bytes);
/* Root of a sealed file; E_FORMAT when it is not whole chunks. */
CHECKED enum err attach_root(uint8_t ret[static HASH_BYTES], struct view sealed);
void attach_file_id(uint8_t ret[static ID_BYTES], const uint8_t instance[static ID_BYTES],
	const char *name);

struct attach_root {
	uint8_t id[ID_BYTES];
	uint8_t key_ref[ID_BYTES];
	uint64_t plain_bytes;
	uint32_t chunk_count;
	uint8_t root[HASH_BYTES];
};
/* Adds the roots part; sorts the list. E_FULL too many. */
CHECKED enum err attach_roots_pack(struct buf *out, struct attach_root *list, size_t count);
/* ret holds ATTACH_ROOTS_MAX_COUNT of them. */
CHECKED enum err attach_roots_unpack(
	struct attach_root *ret, size_t *ret_count, struct view part);

#endif
