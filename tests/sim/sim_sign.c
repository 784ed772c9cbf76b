/* sim_sign - signatures for simulations, put in the place of Ed25519 by the linker.
 *
 * A signature is the hash of public key and message, twice. It binds what a true one binds, and
 * nobody in a simulation forges; a hundred times as many steps fit into the same time.
 */
#include "tests/sim/sim_sign.h"

#include <string.h>

#include "tests/sim/sim_ids.h"

#define SIM_PERSONAL "sim-signature"

static bool is_true;

void
sim_sign_truly(bool truly)
{
	is_true = truly;
}

static void
make(uint8_t ret[static HASH_BYTES], struct view message, const uint8_t *public)
{
	const struct view parts[] = {view_of(public, SIGN_PUBLIC_BYTES), message};
	crypto_hash_many(ret, SIM_PERSONAL, NULL, parts, ARRAY_LEN(parts));
}

void
__wrap_sign_make(
	uint8_t ret[static SIGNATURE_BYTES], struct view message, struct secret *secret)
{
	if (is_true) {
		__real_sign_make(ret, message, secret);
		return;
	}
	/* libsodium keeps the public half behind the seed. */
	const uint8_t *public = secret_bytes(secret) + SIGN_SEED_BYTES;
	if (sim_ids_sign(ret, message, public[0]))
		return;
	make(ret, message, public);
	memcpy(ret + HASH_BYTES, ret, HASH_BYTES);
}

bool
__wrap_sign_check(const uint8_t signature[static SIGNATURE_BYTES], struct view message,
	const uint8_t public[static SIGN_PUBLIC_BYTES])
{
	uint8_t hash[HASH_BYTES], made[SIGNATURE_BYTES];
	if (is_true)
		return __real_sign_check(signature, message, public);
	if (sim_ids_sign(made, message, public[0]))
		return memcmp(signature, made, sizeof(made)) == 0;
	make(hash, message, public);
	return memcmp(signature, hash, HASH_BYTES) == 0 &&
	       memcmp(signature + HASH_BYTES, hash, HASH_BYTES) == 0;
}
