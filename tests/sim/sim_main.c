/* sim_main - run --seeds N [--from N] [--seed N] [--mutant N] [--true-signatures]. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/base/mem.h"
#include "common/sync/lane_mutant.h"
#include "tests/sim/sim_mutant.h"
#include "tests/sim/sim_pool.h"
#include "tests/sim/sim_random.h"
#include "tests/sim/sim_sign.h"

struct asked {
	uint64_t from, seeds;
	bool says;
};

static bool
read_args(int argc, char **argv, struct asked *ret)
{
	*ret = (struct asked){1, 1000, false};
	for (int i = 1; i < argc; i++) {
		bool has = i + 1 < argc;
		if (strcmp(argv[i], "--true-signatures") == 0)
			sim_sign_truly(true);
		else if (has && strcmp(argv[i], "--seeds") == 0)
			ret->seeds = strtoull(argv[++i], NULL, 10);
		else if (has && strcmp(argv[i], "--from") == 0)
			ret->from = strtoull(argv[++i], NULL, 10);
		else if (has && strcmp(argv[i], "--mutant") == 0)
			sim_mutate((enum lane_mutant)strtoul(argv[++i], NULL, 10));
		else if (has && strcmp(argv[i], "--seed") == 0) {
			ret->from = strtoull(argv[++i], NULL, 10);
			ret->seeds = 1;
			ret->says = true;
		} else {
			return false;
		}
	}
	return true;
}

/* Where everything stands at the end of one seed. */
static void
describe(const struct sim *s)
{
	const struct lane_hub_writer *h = &s->hub.lane;
	(void)printf("hub: state %d standing %d incarnation %u granted %u mode %d:", h->state,
		h->standing, h->incarnation, h->granted, s->hub.mode);
	for (size_t i = 0; i < LANE_COUNT; i++)
		(void)printf(" %" PRIu64, h->lanes[i].durable.seq);
	(void)printf("\n");
	for (size_t c = 0; c < SIM_COPIES_COUNT; c++) {
		const struct lane_node *n = &s->copies[c].node;
		if (!s->copies[c].there)
			continue;
		(void)printf("copy %zu: state %d verdict %d (%s) incarnation %u of %u:", c,
			n->state, n->verdict, n->reason ? n->reason : "", n->incarnation,
			n->own.incarnation);
		for (size_t i = 0; i < LANE_COUNT; i++)
			(void)printf(" %" PRIu64 "/%" PRIu64, n->lanes[i].acked.seq,
				n->lanes[i].last.seq);
		(void)printf("\n");
	}
}

int
main(int argc, char **argv)
{
	struct asked a;
	if (crypto_init() || !read_args(argc, argv, &a)) {
		(void)fprintf(stderr, "usage: sim_run --seeds N [--from N] [--seed N] "
				      "[--mutant N] [--true-signatures]\n");
		return 2;
	}
	struct sim_pool *pool = pool_new();
	OWNED_MEM struct sim *s = xcalloc(1, sizeof(*s));
	struct timespec begin, end;
	uint64_t events = 0, violations = 0;
	(void)clock_gettime(CLOCK_MONOTONIC, &begin);
	for (uint64_t seed = a.from; seed < a.from + a.seeds; seed++) {
		events += sim_random(s, pool, seed, a.says);
		if (a.says)
			describe(s);
		if (!s->breach)
			continue;
		violations++;
		(void)fprintf(stderr, "seed %" PRIu64 ": %s\n", seed, s->breach);
	}
	(void)clock_gettime(CLOCK_MONOTONIC, &end);
	double seconds = (double)(end.tv_sec - begin.tv_sec) +
			 (double)(end.tv_nsec - begin.tv_nsec) / 1e9;
	(void)printf("seeds %" PRIu64 " 1\nevents %" PRIu64 " 1\nviolations %" PRIu64 " 1\n",
		a.seeds, events, violations);
	(void)printf("events_per_second %.0f 1/s\n", (double)events / seconds);
	pool_free(pool);
	return violations ? 1 : 0;
}
