/* servicekey - the secrets that a running hub needs without any person: DIR/keys/service.key.
 *
 * Payload:     receipt seed 32 (Ed25519) | log seed 32 (Ed25519) | ledger box 32 (X25519) |
 *              transport 32 (X25519, CURVE) | vault key 32
 *              (it seals the files of numbered keys: ledgerkeys.h, vaultkeys.h)
 *              in a key file of kind "hub-service" (keys.h) under the operator's passphrase.
 * Always true: none of these opens an answer or releases a table.
 * Errors:      E_AUTH wrong passphrase; E_CONFLICT the file exists; those of keys.h.
 */
#ifndef WEIR_HUB_SERVICEKEY_H
#define WEIR_HUB_SERVICEKEY_H

#include "common/trust/keys.h"

struct servicekey {
	struct secret *receipt;   /* Ed25519 secret */
	struct secret *log_seed;  /* 32 bytes */
	struct secret *box;       /* X25519 secret */
	struct secret *transport; /* X25519 secret */
	struct secret *vault;     /* AEAD key */
	uint8_t receipt_public[SIGN_PUBLIC_BYTES];
	uint8_t log_public[SIGN_PUBLIC_BYTES];
	uint8_t box_public[BOX_PUBLIC_BYTES];
	uint8_t transport_public[BOX_PUBLIC_BYTES];
};

/* gives new keys, written to DIR/keys/service.key. */
CHECKED enum err servicekey_make(struct servicekey **ret, const char *dir,
	struct secret *passphrase, enum kdf_cost cost);
CHECKED enum err servicekey_open(
	struct servicekey **ret, const char *dir, struct secret *passphrase);
/* From the payload, as the supervisor hands it to the ledger. */
CHECKED enum err servicekey_from(struct servicekey **ret, struct view payload);
/* gives the payload. */
struct secret *servicekey_payload(const struct servicekey *k);
/* Destroys the box key, ledger key number 1, here and in the file: zeros stand in its place. */
CHECKED enum err servicekey_drop_box(
	struct servicekey *k, const char *dir, struct secret *passphrase, enum kdf_cost cost);
void servicekey_free(struct servicekey *k);
OWNER(servicekey)

#endif
