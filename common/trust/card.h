/* card - persons and hub keys, vouched for by the study root.
 *
 * Formats:     root hash: BLAKE2b-256 of the root's Ed25519 public key, personal weir-root-v1.
 *              signed bytes: fields of u32 length and bytes: "weir-card-v1" or
 *              "weir-hub-keys-v1", then the packed PersonCard or HubKeys.
 * Errors:      E_AUTH the root did not sign these bytes; E_DENIED they are of another study;
 *              E_FORMAT.
 * It can hurt: a card holds until the root signs another for the same person; which of two
 *              cards is in force is decided where all are kept, at the hub.
 */
#ifndef WEIR_CARD_H
#define WEIR_CARD_H

#include "common/codec/wire_study.h"
#include "common/trust/crypto.h"

void card_root_hash(
	uint8_t ret[static HASH_BYTES], const uint8_t root_public[static SIGN_PUBLIC_BYTES]);

/* Adds a packed SignedCard to out. */
CHECKED enum err card_make(
	struct buf *out, const struct wire_card *card, struct secret *root_secret);
/* signed_card: unpacked by wire_signed_unpack(). */
CHECKED enum err card_verify(struct wire_card *ret, const struct wire_signed *signed_card,
	const char *study, const uint8_t root_public[static SIGN_PUBLIC_BYTES]);
bool card_has_role(const struct wire_card *card, const char *role);

/* Adds a packed SignedHubKeys to out. */
CHECKED enum err card_hub_keys_make(
	struct buf *out, const struct wire_hub_keys *keys, struct secret *root_secret);
CHECKED enum err card_hub_keys_verify(struct wire_hub_keys *ret,
	const struct wire_signed *signed_keys, const char *study,
	const uint8_t root_public[static SIGN_PUBLIC_BYTES]);

#endif
