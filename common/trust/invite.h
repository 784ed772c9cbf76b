/* invite - the one line that lets a site's node find the hub and know it for what it is.
 *
 * Always true: an invitation pins the hub's transport key and the hash of the study root; its
 *              secret is good until `expires_s`, for the one enrolment the hub admits on it.
 * Format:      "weir-invite:" and base64url without padding (RFC 4648, section 5) of
 *              version u8 = 1 | u32 length and address | hub CURVE public 32 | root hash 32 |
 *              id 16 | expires_s u64 | secret 16 | check 4: the first bytes of BLAKE2b-256 over
 *              everything before, personal weir-invite-v1.
 *              The check tells a mistyped invitation from a wrong one. Blanks and line breaks,
 *              as mail puts them in, are skipped.
 * Errors:      E_FORMAT "the invitation is mistyped: ...".
 * It can hurt: whoever reads the line can try to enrol before the site does. Therefore the
 *              coordinator compares the six groups by telephone before the hub admits the node.
 */
#ifndef WEIR_INVITE_H
#define WEIR_INVITE_H

#include "common/trust/crypto.h"

#define INVITE_ADDRESS_BYTES 256 /* with its final zero */
#define INVITE_SECRET_BYTES  16
#define INVITE_GROUPS_BYTES  30 /* six groups of four digits, blanks between, final zero */

struct invite {
	char address[INVITE_ADDRESS_BYTES]; /* as libzmq takes it: tcp://host:port */
	uint8_t hub_public[BOX_PUBLIC_BYTES];
	uint8_t root_hash[HASH_BYTES];
	uint8_t id[ID_BYTES];
	int64_t expires_s;
	struct secret *secret; /* INVITE_SECRET_BYTES, owned */
};

struct invite *invite_new(void); /* gives one with a new id and secret; the rest is zeros */
void invite_free(struct invite *i);
OWNER(invite)

/* Adds the line to out, without line break; it carries the secret: wipe the buffer. */
CHECKED enum err invite_print(struct buf *out, struct invite *i);
CHECKED enum err invite_parse(struct invite **ret, const char *text); /* gives */

/* The CURVE key pair that both sides derive for the enrolment: X25519 from the seed
 * crypto_subkey(secret, "enrol-curve"). The hub keeps the public half alone: that the
 * connection stands on this key is the proof that the invitation is held. */
void invite_keys(uint8_t ret_public[static BOX_PUBLIC_BYTES], struct secret **ret_secret,
	struct secret *invite_secret);
/* What two people read to each other: "1234 5678 ..." from the hash of the transcript. */
void invite_groups(
	char ret[static INVITE_GROUPS_BYTES], const uint8_t transcript_hash[static HASH_BYTES]);

#endif
