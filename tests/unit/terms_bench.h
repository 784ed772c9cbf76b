/* terms_bench - terms under which a site may collect everything, made up for tests: an opinion
 * of each kind and each kind of agreement, of the site, from the beginning of time and without
 * end. */
#ifndef WEIR_TERMS_BENCH_H
#define WEIR_TERMS_BENCH_H

#include "common/study/terms.h"

#define TERMS_BENCH_COUNT   8
#define TERMS_BENCH_UNTIL_S 4102444800 /* 2100-01-01 */

struct terms_bench {
	struct rules_approval approvals[TERMS_BENCH_COUNT];
	char site[64];
	struct terms terms; /* lends from the above: not to be moved */
};

/* Nothing in it is owned; a test may change it. */
void terms_bench_fill(struct terms_bench *b, const char *site);

#endif
