/* wire_statement - statements, and signed bytes of any kind (proto/statement.proto).
 *
 * Always true: see wire.h. Signed bytes travel as they were signed; they are never packed
 *              again.
 * Caps:        4 KiB each, signed or not.
 * Errors:      E_FORMAT.
 */
#ifndef WEIR_WIRE_STATEMENT_H
#define WEIR_WIRE_STATEMENT_H

#include "common/codec/wire.h"

#define WIRE_STATEMENT_MAX_BYTES 4096
#define WIRE_SIGNED_MAX_BYTES    4224 /* what is signed, its signature and their tags */

/* Plain data, copied freely. */
struct wire_statement {
	char study[WIRE_NAME_BYTES];
	char kind[WIRE_NAME_BYTES];
	char id[WIRE_TEXT_BYTES];
	uint8_t digest[WIRE_HASH_BYTES]; /* of the exact bytes decided on */
	char person[WIRE_NAME_BYTES];
	uint8_t nonce[WIRE_ID_BYTES];
	int64_t time_s;
};

CHECKED enum err wire_statement_pack(struct buf *out, const struct wire_statement *s);
CHECKED enum err wire_statement_unpack(struct wire_statement *ret, struct view bytes);

/* SignedStatement, SignedCard and SignedHubKeys: bytes, and an Ed25519 signature over them. */
struct wire_signed {
	struct view body; /* lent as long as the bytes it was unpacked from */
	uint8_t signature[WIRE_SIGNATURE_BYTES];
};

CHECKED enum err wire_signed_pack(struct buf *out, const struct wire_signed *s);
CHECKED enum err wire_signed_unpack(struct wire_signed *ret, struct view bytes);

#endif
