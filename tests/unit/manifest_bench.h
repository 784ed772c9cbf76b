/* manifest_bench - a manifest of an example study with its intake keys, signed by two officers
 * whose cards the study root signed. */
#ifndef WEIR_TESTS_MANIFEST_BENCH_H
#define WEIR_TESTS_MANIFEST_BENCH_H

#include "common/codec/wire_study.h"
#include "common/trust/crypto.h"

#define MANIFEST_BENCH_BYTES ((size_t)64 * 1024)

/* Adds the SignedManifest. */
void manifest_bench_make(struct buf *out, const char *study,
	const struct wire_numbered_key *intake, size_t count, struct secret *root);

#endif
