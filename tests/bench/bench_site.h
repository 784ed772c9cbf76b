/* bench_site - a site's vault and captures to put into it, for the benchmarks of the node.
 *
 * A capture is one filled form of an enrolled person with the consent given along: three
 * entries, two wraps of the participant key, one seal of the answers.
 * It can hurt: it ends the program at every error (bench.h).
 */
#ifndef WEIR_BENCH_SITE_H
#define WEIR_BENCH_SITE_H

#include "node/capture.h"
#include "node/sync_keep.h"

#define BENCH_STUDY_DIR WEIR_SOURCE_DIR "/tests/data/wvs/study"
#define BENCH_SITE_NAME "norway"

struct bench_site {
	struct pack *pack;
	struct capture_site keys;
	struct vault *vault; /* NULL while none is open */
	uint8_t writer[SIGN_PUBLIC_BYTES];
	unsigned node; /* persons of different nodes differ */
};

/* Loads the study, makes its keys. */
void bench_site_init(struct bench_site *s, unsigned node);
void bench_site_done(struct bench_site *s);

/* Opens DIR/vault and enrols so many persons, numbered from 0. */
void bench_site_open(struct bench_site *s, const char *dir, unsigned persons);
void bench_site_close(struct bench_site *s);

/* One capture each of persons first to first + count - 1, as one request and one commit. */
void bench_site_keep(const struct bench_site *s, unsigned first, unsigned count);

#endif
