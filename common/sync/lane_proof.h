/* lane_proof - does a chunk belong to its file, does a log continue what it was? Pure.
 *
 * Root of a file: RFC 6962 2.1 (common/trust/merkle.h) over its sealed chunks as leaves, so
 * each
 *              chunk is checked when it comes. With a plain hash over all of them a bad chunk
 *              would show only when the last one is there, and all would be sent again.
 * Proofs:      hashes end to end, as they travel; anything else than whole hashes fits nothing.
 * Cosignature: C2SP cosignature/v1 over a checkpoint of three lines (note.h): origin, size,
 *              root.
 */
#ifndef WEIR_LANE_PROOF_H
#define WEIR_LANE_PROOF_H

#include "common/codec/wire_sync.h"
#include "common/sync/lane_place.h"
#include "common/trust/note.h"

/* file: root and count; c: index, bytes and proof. */
CHECKED bool lane_chunk_fits(const struct lane_file *file, const struct sync_chunk *c);

/* Is this note a checkpoint of three lines that the key signed? */
CHECKED bool lane_log_read(
	struct sync_mark *ret, struct view note, const struct note_key *log_key);
/* Does the log of mark `now` continue that of mark `old`? Of size 0: everything does; of the
 * same size: the same root, and no proof. */
CHECKED bool lane_log_grew(
	const struct sync_mark *old, const struct sync_mark *now, struct view proof);

/* Fills the signature in; its other fields are set. E_FORMAT if they are out of bounds. */
CHECKED enum err lane_witness_sign(
	struct sync_witness *w, const char *origin, struct secret *witness_key);
CHECKED bool lane_witness_check(const struct sync_witness *w, const char *origin,
	const uint8_t witness_public[static SIGN_PUBLIC_BYTES]);

#endif
