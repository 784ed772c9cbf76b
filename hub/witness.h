/* witness - what site nodes say of the log: cosigned checkpoints, and proofs for them to check.
 *
 * Key:         a node's witness key has the name SITE/DIGITS, the first 8 hex digits of its
 *              writer key, as C2SP verifier key of type 0x04.
 * Row:         COSIGNATURES witness:32 -> version u8 | size u64 | root:32 | time u64 s |
 *              signature:64 | arrived u64 s. The newest of each
 * Files:       LOG/cosigned/SITE-DIGITS: that checkpoint as a signed note with the log's line
 *              and the witness's. Ed25519 gives the log's line anew, byte for byte.
 * Always true: a cosignature is kept only if its root is the log's own at that size and it is
 *              not smaller than the one before. One over another root is shown to a person: the
 *              node then holds a checkpoint that this log never had, or that it had before it
 *              was edited.
 * Errors:      those of vault.h, merkle.h and tile.h; E_CONFLICT another root; E_IO a file.
 */
#ifndef WEIR_HUB_WITNESS_H
#define WEIR_HUB_WITNESS_H

#include "common/codec/sync_chunk.h"
#include "common/trust/merkle.h"

#include "hub/audit.h"
#include "hub/writer.h"

/* Adds the checkpoint published last, nothing before the first, and the proof that it continues
 * the first `size` leaves; none where there is nothing to prove. */
CHECKED enum err witness_prove(
	struct audit *a, uint64_t size, struct buf *out_note, struct merkle_proof *ret);

/* The signature has been checked by the session. */
CHECKED enum err witness_keep(struct audit *a, struct vault_txn *t, const struct writer *w,
	const struct sync_witness *m);

/* What this witness cosigned last; size 0: nothing. */
struct witness_last {
	uint64_t size;
	uint8_t root[HASH_BYTES];
	uint64_t time_s;
	uint8_t signature[SIGNATURE_BYTES];
	int64_t arrived_s;
};
CHECKED enum err witness_last(
	struct vault_txn *t, const struct writer *w, struct witness_last *ret);
CHECKED enum err witness_key(struct note_key *ret, const struct writer *w);

#endif
