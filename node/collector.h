/* collector - what a collector is given: a token, an address, and the settings that ODK Collect
 * reads from a QR code.
 *
 * Token:       64 letters and digits from crypto_random(), each as likely as any other (370
 *              bits); the site keeps BLAKE2b-256 of it, personal weir-token-v1.
 * Settings:    base64 of a zlib stream (RFC 1950; blocks that are not compressed, RFC 1951
 *              3.2.4) of JSON with the objects general, admin and project, as ODK Collect has
 *              them.
 */
#ifndef WEIR_NODE_COLLECTOR_H
#define WEIR_NODE_COLLECTOR_H

#include "common/trust/crypto.h"

#define COLLECTOR_TOKEN_LEN   64
#define COLLECTOR_TOKEN_BYTES (COLLECTOR_TOKEN_LEN + 1)

void collector_token_make(char ret[static COLLECTOR_TOKEN_BYTES]);
void collector_token_hash(uint8_t ret[static HASH_BYTES], const char *token);

/* Adds "URL/v1/key/TOKEN/projects/1"; url without a slash behind. */
CHECKED enum err collector_address(struct buf *out, const char *url, const char *token);
/* Adds the JSON document for this address. */
CHECKED enum err collector_settings(struct buf *out, const char *address, const char *project);
/* gives the text of the QR code. */
CHECKED enum err collector_code(char **ret, struct view settings);

#endif
