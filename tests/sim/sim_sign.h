/* sim_sign - signatures for simulations; sim_sign.c says how. */
#ifndef WEIR_SIM_SIGN_H
#define WEIR_SIM_SIGN_H

#include "common/trust/crypto.h"

/* Ed25519 after all, for as long as the process lives. */
void sim_sign_truly(bool truly);

/* The linker's names: see --wrap of ld(1). */
void __real_sign_make(
	uint8_t ret[static SIGNATURE_BYTES], struct view message, struct secret *secret);
bool __real_sign_check(const uint8_t signature[static SIGNATURE_BYTES], struct view message,
	const uint8_t public[static SIGN_PUBLIC_BYTES]);
void __wrap_sign_make(
	uint8_t ret[static SIGNATURE_BYTES], struct view message, struct secret *secret);
bool __wrap_sign_check(const uint8_t signature[static SIGNATURE_BYTES], struct view message,
	const uint8_t public[static SIGN_PUBLIC_BYTES]);

#endif
