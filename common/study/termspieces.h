/* termspieces - the signed terms of a site (terms.h), cut so that each piece fits into a frame
 * of a session or a bundle, and put together again.
 *
 * Piece:       number u64 | length of the whole u32 | offset u32 | bytes, TERMS_PIECE_BYTES at
 *              most; the bytes of a piece begin where those of the one before end
 * Always true: no more than TERMS_SIGNED_MAX_BYTES are kept, whoever sends them; nothing is
 *              believed of a piece: what was put together is signed, and terms_open() looks.
 *              A piece of offset 0 begins anew, so that what was lost on the way is mended when
 *              the terms are said again. A piece that came already changes nothing.
 * Errors:      E_FORMAT a piece is not of its form, or one before it is missing.
 */
#ifndef WEIR_TERMSPIECES_H
#define WEIR_TERMSPIECES_H

#include "common/study/terms.h"

#define TERMS_PIECE_BYTES ((size_t)192 * 1024)
#define TERMS_FRAME_BYTES (TERMS_PIECE_BYTES + 16)

/* How many pieces they make. */
size_t termspieces_count(struct view signed_terms);
/* Adds piece `index` of them; `number` is that of the terms. */
CHECKED enum err termspieces_write(
	struct buf *out, struct view signed_terms, uint64_t number, size_t index);

/* What came so far; zeros: nothing. */
struct termspieces {
	uint64_t number;
	uint32_t total;
	struct buf bytes;
};

/* ret_whole: lent until the next call; empty as long as something is missing. */
CHECKED enum err termspieces_add(
	struct termspieces *p, struct view piece, struct view *ret_whole);
void termspieces_done(struct termspieces *p);

#endif
