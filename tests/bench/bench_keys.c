#include "tests/bench/bench_keys.h"

#include "tests/bench/bench.h"

#define SECRET_BYTES 32

struct secret *
bench_secret(unsigned who, enum bench_key key)
{
	struct secret *s = secret_new(SECRET_BYTES);
	bench_fill(secret_bytes(s), SECRET_BYTES, who * BENCH_KEY_COUNT + (uint32_t)key + 1);
	return s;
}

void
bench_sign_public(uint8_t ret[static SIGN_PUBLIC_BYTES], unsigned who, enum bench_key key)
{
	OWNED_SECRET struct secret *seed = bench_secret(who, key), *whole = NULL;
	sign_from_seed(ret, &whole, secret_bytes(seed));
}

void
bench_box_public(uint8_t ret[static BOX_PUBLIC_BYTES], unsigned who, enum bench_key key)
{
	OWNED_SECRET struct secret *secret = bench_secret(who, key);
	box_public(ret, secret);
}
