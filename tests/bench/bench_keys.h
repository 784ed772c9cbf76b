/* bench_keys - keys that two programs of one benchmark both know: made from numbers.
 *
 * who: 0 is the hub, nodes count from 1; the study's BENCH_BOX is its intake key number 1.
 */
#ifndef WEIR_BENCH_KEYS_H
#define WEIR_BENCH_KEYS_H

#include "common/trust/crypto.h"

#define BENCH_HUB   0
#define BENCH_STUDY 1000

enum bench_key { BENCH_WRITER, BENCH_TRANSPORT, BENCH_BOX, BENCH_WITNESS, BENCH_KEY_COUNT };

/* gives 32 bytes: a seed, or an X25519 secret. */
struct secret *bench_secret(unsigned who, enum bench_key key);
void bench_sign_public(uint8_t ret[static SIGN_PUBLIC_BYTES], unsigned who, enum bench_key key);
void bench_box_public(uint8_t ret[static BOX_PUBLIC_BYTES], unsigned who, enum bench_key key);

#endif
