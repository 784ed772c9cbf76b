/* ledgernote - the hub's word which ledger key is the newest: for a node that seals for one
 * that is destroyed.
 *
 * Bytes:       blob study | number u32 | ledger public 32 | signature 64 by the hub's receipt
 *              key (signed_make() of statement.h) over what is before it, format
 *              "weir-ledger-key-v1"
 * Always true: the study root vouches for the receipt key, so the note is as good as a
 *              manifest's word about this key; it says nothing else.
 * Errors:      E_FORMAT; E_AUTH not by this receipt key; E_DENIED of another study.
 */
#ifndef WEIR_LEDGERNOTE_H
#define WEIR_LEDGERNOTE_H

#include "common/trust/crypto.h"

#define LEDGERNOTE_MAX_BYTES 256

struct ledgernote {
	uint32_t number;
	uint8_t public[BOX_PUBLIC_BYTES];
};

CHECKED enum err ledgernote_make(
	struct buf *out, const struct ledgernote *n, const char *study, struct secret *receipt);
CHECKED enum err ledgernote_read(struct ledgernote *ret, struct view bytes, const char *study,
	const uint8_t receipt_public[static SIGN_PUBLIC_BYTES]);

#endif
