/* hubkeys - the public keys that the study root signed when the keeper was set up.
 *
 * Row:         META "keys" -> version u8 | blob SignedHubKeys | u32 count,
 *              count x (number u32, public:32)
 * Errors:      E_NOTFOUND naming `weir-hub keeper setup`; E_FORMAT; those of vault.h.
 */
#ifndef WEIR_HUB_HUBKEYS_H
#define WEIR_HUB_HUBKEYS_H

#include "common/codec/wire.h"

#include "hub/row.h"
#include "hub/vault.h"

#define INTAKE_KEYS_COUNT 64

/* The keys that the study root signed when the keeper was set up. */
struct hubkeys {
	uint8_t receipt_public[SIGN_PUBLIC_BYTES];
	uint8_t release_public[SIGN_PUBLIC_BYTES];
	char log_vkey[WIRE_TEXT_BYTES];
	struct {
		uint32_t number;
		uint8_t public[BOX_PUBLIC_BYTES];
	} intake[INTAKE_KEYS_COUNT];
	size_t intake_count;
};

/* body: blob SignedHubKeys, u32 count, count x (u32 number, 32 public), numbers rising from 1.
 * Its statement and the root's signature were checked; a body that would not be read again is
 * E_FORMAT. */
CHECKED enum err hubkeys_put(struct vault_txn *t, struct view body);
/* The keeper's newest intake key, if it is not there yet; numbers up to `retired` go. */
CHECKED enum err hubkeys_renew(struct vault_txn *t, uint32_t number,
	const uint8_t public[static BOX_PUBLIC_BYTES], uint32_t retired);
CHECKED enum err hubkeys_get(struct vault_txn *t, struct hubkeys *ret);
/* Adds the SignedHubKeys bytes to out. */
CHECKED enum err hubkeys_signed(struct vault_txn *t, struct buf *out);

#endif
