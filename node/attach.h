/* attach - files that travel with a record: sealed in chunks, each under its own tag.
 *
 * Sealed file: chunks of ATTACH_CHUNK_BYTES of plain bytes (the last may be shorter; an empty
 *              file has one of none), each an AEAD of crypto.h (nonce in front, tag behind);
 *              AAD: fields of u32 length and bytes: "weir-chunk-v1", study, participant 16,
 *              instance 16, file name, chunk number u32, u8 1 for the last. Of a file that goes
 *              `site` its own key stands in front: version u8 = 1 | number of the review key
 *              u32 | sealed box of the key to it (80 bytes); others lie under the key of their
 *              record.
 * Root:        of RFC 6962 over the sealed chunks (common/trust/roots.h).
 * Errors:      E_FORMAT; E_FULL.
 * It can hurt: no program of weir opens such a file; tests/unit/attach_open.h says how.
 */
#ifndef WEIR_NODE_ATTACH_H
#define WEIR_NODE_ATTACH_H

#include "common/trust/roots.h"

#define ATTACH_CHUNK_BYTES ((size_t)64 * 1024)
#define ATTACH_BOX_BYTES   (1 + 4 + AEAD_KEY_BYTES + BOX_EXTRA_BYTES)
#define ATTACH_NAME_BYTES  256

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
	const struct attach_context *context, uint32_t review_number,
	const uint8_t review_public[static BOX_PUBLIC_BYTES]);
/* Number of chunks of a sealed file (of the `site` kind: what follows its box). */
uint32_t attach_chunk_count(size_t sealed_bytes);
/* Root of a sealed file; E_FORMAT when it is not whole chunks. */
CHECKED enum err attach_root(uint8_t ret[static HASH_BYTES], struct view sealed);
#endif
