/* hubcard - the public facts of the hub that joining fixed for good: DIR/hub.card.
 *
 * On disk:     "weir-hubcard-v1" 15 bytes | blob study | blob site | blob address |
 *              hub CURVE public 32 | root public 32 | ledger box public 32 | receipt public 32
 *              | writer public 32 (whose directory this is) | site review public 32 | joined_s
 *              u64 | check 8: the first bytes of BLAKE2b-256 over all before it, personal
 *              weir-hubcard-v1 Numbers big-endian, blob = u32 length and bytes.
 * Always true: a directory has joined if and only if this file is there; it is written last,
 *              whole or not at all, and never replaced.
 *              ledger and receipt keys hold until the first manifest; then the manifest's do,
 *              which the root pinned here has vouched for.
 * Errors:      E_NOTFOUND naming `weir-node join`; E_CONFLICT it has joined already; E_FORMAT
 *              damaged.
 */
#ifndef WEIR_NODE_HUBCARD_H
#define WEIR_NODE_HUBCARD_H

#include "common/codec/wire.h"
#include "common/trust/crypto.h"

#define HUBCARD_ADDRESS_BYTES 256
#define HUBCARD_REVIEW_NUMBER 1 /* the site's first review key */

/* Plain data, copied freely. */
struct hubcard {
	char study[WIRE_NAME_BYTES];
	char site[WIRE_NAME_BYTES];
	char address[HUBCARD_ADDRESS_BYTES]; /* tcp://host:port */
	uint8_t hub_public[BOX_PUBLIC_BYTES];
	uint8_t root_public[SIGN_PUBLIC_BYTES];
	uint8_t root_hash[HASH_BYTES]; /* made from root_public when it is read */
	uint8_t ledger_public[BOX_PUBLIC_BYTES];
	uint8_t receipt_public[SIGN_PUBLIC_BYTES];
	uint8_t writer[SIGN_PUBLIC_BYTES];
	uint8_t review_public
		[BOX_PUBLIC_BYTES]; /* of the coordinator's key, HUBCARD_REVIEW_NUMBER */
	int64_t joined_s;
};

CHECKED enum err hubcard_load(struct hubcard *ret, const char *dir);
CHECKED enum err hubcard_write(const struct hubcard *card, const char *dir);

#endif
