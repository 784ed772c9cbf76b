/* entry - hashes, chains and head signatures of entries (design 6).
 *
 * Always true: the hash of an entry is over the header's bytes as they came, the hash of a part
 *              over the part's bytes as they are stored; so the chain verifies when parts are
 *              gone.
 *              a head signature vouches for every entry up to its seq.
 * Formats:     entry hash  BLAKE2b-256(header), personal weir-entry-v1
 *              part hash   BLAKE2b-256(part), personal weir-part-v1
 *              head        Ed25519 by the writer over fields of u32 length and bytes, numbers
 *                          big-endian: "weir-head-v1", study, writer, incarnation u32, lane u8,
 *                          seq u64, entry hash
 * Errors:      E_NOTFOUND entries before it are missing; E_CONFLICT it stands on another entry
 *              or its number is taken; E_AUTH a part or a signature does not fit; E_FORMAT.
 */
#ifndef WEIR_ENTRY_H
#define WEIR_ENTRY_H

#include "common/codec/wire_entry.h"
#include "common/trust/crypto.h"

void entry_hash(uint8_t ret[static HASH_BYTES], struct view header);
void entry_part_hash(uint8_t ret[static HASH_BYTES], struct view part);

/* Where an entry stands. prev is the hash of the entry before it; at seq 1 zeros, or the link
 * to the incarnation before. repeats: the entry that is said again in a new incarnation, or
 * zeros. */
struct entry_place {
	const char *study;
	uint8_t writer[SIGN_PUBLIC_BYTES];
	uint32_t incarnation;
	enum lane lane;
	uint64_t seq;
	uint8_t prev[HASH_BYTES], repeats[HASH_BYTES];
};

struct entry_part {
	enum part_kind kind;
	struct view bytes;
};

/* Adds the header for these parts (kinds rising) to out and gives its hash. */
CHECKED enum err entry_make(struct buf *out, uint8_t ret_hash[static HASH_BYTES],
	const struct entry_place *place, const struct entry_part *parts, size_t count);

/* E_AUTH unless the bytes are those that the header names. */
CHECKED enum err entry_part_check(
	const struct wire_header *header, enum part_kind kind, struct view bytes);

/* Does the entry follow the one of this seq and hash (0 and zeros before the first)? */
CHECKED enum err entry_chain_check(uint64_t prev_seq,
	const uint8_t prev_hash[static HASH_BYTES], const struct wire_header *header);

struct entry_head {
	const char *study;
	uint8_t writer[SIGN_PUBLIC_BYTES];
	uint32_t incarnation;
	enum lane lane;
	uint64_t seq;
	uint8_t hash[HASH_BYTES];
};

void entry_head_sign(uint8_t ret[static SIGNATURE_BYTES], const struct entry_head *head,
	struct secret *writer_secret);
/* E_AUTH unless head->writer signed exactly this head. */
CHECKED enum err entry_head_verify(
	const uint8_t signature[static SIGNATURE_BYTES], const struct entry_head *head);

#endif
