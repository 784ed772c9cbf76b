/* sim_ids - ids, tokens and what is hashed of them, as numbers that bytes show.
 *
 * Two ways that lead to the same place may have drawn other ids on the way. So that this can be
 * seen, an explorer makes them of a number and a fill, and the linker puts hashes of the
 * handshake and of tokens in the place of the true ones that say of which ids they are:
 *   id n: n, 15 x A5 · seed m: m, 15 x B6 · token: n, 3 x A5, m, 11 x B7
 *   hash of a HELLO: its nonce's n, 31 x C5 · transcript: n, session's n, 30 x C6
 *   signature over a transcript: n, n, 61 x C8, who and what
 * Always true: equal ids are equal numbers and the other way round, so a state in which numbers
 *              are exchanged for others goes on as the state itself does.
 */
#ifndef WEIR_SIM_IDS_H
#define WEIR_SIM_IDS_H

#include "common/trust/crypto.h"
#include "tests/sim/sim.h"

/* From now on, for as long as the process lives. */
void sim_ids_explore(void);

enum sim_id_kind { SIM_ID, SIM_SEED };
/* The least number that is nowhere in the state. */
void sim_ids_least(
	const struct sim *s, enum sim_id_kind kind, uint8_t ret[static WIRE_ID_BYTES]);

/* Bytes that tell a state: copies that are there, hub, lines, what is known from outside. Lent
 * until the next call. */
struct view sim_ids_text(const struct sim *s);
/* The same, numbers given anew in the order in which they stand. */
struct view sim_ids_renamed(const struct sim *s);

/* A signature over a transcript of the form above; false: it is none. */
bool sim_ids_sign(uint8_t ret[static SIGNATURE_BYTES], struct view message, uint8_t who);

/* The linker's names: see --wrap of ld(1). */
void __real_crypto_hash_one(
	uint8_t ret[static HASH_BYTES], const char *personal, struct view v);
void __wrap_crypto_hash_one(
	uint8_t ret[static HASH_BYTES], const char *personal, struct view v);
void __real_crypto_hash_id(uint8_t ret[static ID_BYTES], const char *personal,
	const uint8_t *key, const struct view *parts, size_t count);
void __wrap_crypto_hash_id(uint8_t ret[static ID_BYTES], const char *personal,
	const uint8_t *key, const struct view *parts, size_t count);

#endif
