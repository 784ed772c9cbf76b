/* sitekeys - the secrets that a node needs without any person. What only the coordinator opens
 * is in custody.h.
 *
 * DIR/keys/service.key   what runs without a person: kind "node-service" of keys.h, over
 *              writer seed 32 (Ed25519) | transport 32 (X25519, CURVE) | node box 32 (X25519) |
 *              witness seed 32 (Ed25519)
 * Always true: they open no answer; the file is never replaced.
 * Errors:      E_AUTH wrong passphrase; E_CONFLICT the file exists; those of keys.h.
 */
#ifndef WEIR_NODE_SITEKEYS_H
#define WEIR_NODE_SITEKEYS_H

#include "common/trust/keys.h"

struct sitekeys {
	struct secret *writer;    /* Ed25519 secret */
	struct secret *transport; /* X25519 secret */
	struct secret *box;       /* X25519 secret */
	struct secret *witness;   /* Ed25519 secret */
	uint8_t writer_public[SIGN_PUBLIC_BYTES];
	uint8_t transport_public[BOX_PUBLIC_BYTES];
	uint8_t box_public[BOX_PUBLIC_BYTES];
	uint8_t witness_public[SIGN_PUBLIC_BYTES];
};

/* Is there a file of service keys in DIR? */
bool sitekeys_there(const char *dir);

/* gives new service keys, written to their file. */
CHECKED enum err sitekeys_make(
	struct sitekeys **ret, const char *dir, struct secret *passphrase, enum kdf_cost cost);
CHECKED enum err sitekeys_open(
	struct sitekeys **ret, const char *dir, struct secret *passphrase);
/* From the payload, as the supervisor hands it to sync. */
CHECKED enum err sitekeys_from(struct sitekeys **ret, struct view payload);
/* gives the payload. */
struct secret *sitekeys_payload(const struct sitekeys *k);
void sitekeys_free(struct sitekeys *k);
OWNER(sitekeys)

#endif
