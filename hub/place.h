/* place - where an entry stands: writer, incarnation, lane, number; as a vault key and as a
 * name.
 *
 * Key:         writer:32 | incarnation u32 | lane u8 | seq u64, big-endian; so entries of a
 *              lane lie in their order. A part's key has the part's kind u8 behind it.
 * Name:        first 8 hex digits of the writer, incarnation, lane letter (C, R, A), seq, with
 *              points between: 3f2a91bc.1.R.17. What persons and officers read.
 * Errors:      E_FORMAT a text or key that is not of the form; E_NOTFOUND no such writer;
 *              E_CONFLICT two writers begin with these digits.
 */
#ifndef WEIR_HUB_PLACE_H
#define WEIR_HUB_PLACE_H

#include "common/codec/wire.h"
#include "common/trust/crypto.h"

#include "hub/vault.h"

#define PLACE_LANE_BYTES     37 /* key of a lane: writer, incarnation, lane */
#define PLACE_KEY_BYTES      45
#define PLACE_PART_KEY_BYTES 46
#define PLACE_NAME_BYTES     48

struct place {
	uint8_t writer[SIGN_PUBLIC_BYTES];
	uint32_t incarnation;
	uint8_t lane; /* enum lane */
	uint64_t seq;
};

/* The key; its first PLACE_LANE_BYTES are the key of its lane. */
void place_key(uint8_t ret[static PLACE_KEY_BYTES], const struct place *p);
void place_part_key(
	uint8_t ret[static PLACE_PART_KEY_BYTES], const struct place *p, uint8_t part_kind);
CHECKED enum err place_from_key(struct place *ret, struct view key);
/* The key as a field of a row; what is no place breaks the cursor. */
void place_write(struct buf *to, const struct place *p);
void place_read(struct cursor *from, struct place *ret);

bool place_same(const struct place *a, const struct place *b);

void place_name(char ret[static PLACE_NAME_BYTES], const struct place *p);
/* The place of this name, looked up among the admitted writers; the entry need not be there. */
CHECKED enum err place_find(struct place *ret, struct vault_txn *t, const char *name);

#endif
