/* statement - what a person decides, signed with that person's key (design 6).
 *
 * Always true: a statement is over the digest of the exact bytes decided on; it fits one study,
 *              one kind of act and one thing; its random nonce makes each one new.
 * Formats:     signed bytes: fields of u32 length and bytes: "weir-statement-v1", the packed
 *              Statement. They travel as a packed SignedStatement.
 *              statement id: BLAKE2b-256 of the packed Statement, personal weir-stmt-id-v1; the
 *              ledger keeps it to know a statement that was used before.
 * Errors:      E_AUTH the signature does not hold; E_DENIED naming what does not fit; E_FORMAT.
 * It can hurt: whether the person may, whether two are different, and whether the statement was
 *              used before are asked by the caller.
 */
#ifndef WEIR_STATEMENT_H
#define WEIR_STATEMENT_H

#include "common/codec/wire_statement.h"
#include "common/trust/crypto.h"

/* Signs under a format name: Ed25519 over the two fields name and bytes. Cards, hub keys and
 * statements are all signed so. */
void signed_make(uint8_t ret[static SIGNATURE_BYTES], const char *format, struct view bytes,
	struct secret *secret);
CHECKED bool signed_check(const uint8_t signature[static SIGNATURE_BYTES], const char *format,
	struct view bytes, const uint8_t public[static SIGN_PUBLIC_BYTES]);

/* What is decided. Texts are lent. */
struct statement_about {
	const char *study;
	const char *kind;
	const char *id;
	uint8_t digest[HASH_BYTES];
};

/* Adds a packed SignedStatement to out. The nonce is made here. */
CHECKED enum err statement_make(struct buf *out, const struct statement_about *about,
	const char *person, int64_t time_s, struct secret *person_secret);

/* Holds a packed SignedStatement against the person's public key and what it has to be
 * about. */
CHECKED enum err statement_verify(struct wire_statement *ret, struct view packed,
	const struct statement_about *about, const char *person,
	const uint8_t person_public[static SIGN_PUBLIC_BYTES]);
/* The same for one that is unpacked already. */
CHECKED enum err statement_verify_signed(struct wire_statement *ret,
	const struct wire_signed *packed, const struct statement_about *about,
	const char *person, const uint8_t person_public[static SIGN_PUBLIC_BYTES]);

/* Who says to have signed, before anything is verified: to look up the card. */
CHECKED enum err statement_person(char ret[static WIRE_NAME_BYTES], struct view packed);
CHECKED enum err statement_id(uint8_t ret[static HASH_BYTES], struct view packed);

#endif
