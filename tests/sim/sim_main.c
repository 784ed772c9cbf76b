/* sim_main - sim_run --seeds N [--from N] [--twice] [--progress], --seed N [--quiet] or
 * --schedule FILE; with each of them [--mutant N]... [--true-signatures]. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/base/mem.h"
#include "tests/sim/sim_mutant.h"
#include "tests/sim/sim_pool.h"
#include "tests/sim/sim_schedule.h"
#include "tests/sim/sim_sign.h"
#include "tests/sim/sim_world.h"

#define PROGRESS_S 10.0

struct asked {
	uint64_t from, seeds;
	const char *schedule;
	bool says, twice, progress;
};

struct sums {
	uint64_t events, violations, differ;
	struct timespec begin;
	double told_s;
};

static bool
read_switch(const char *name, struct asked *a)
{
	if (strcmp(name, "--true-signatures") == 0)
		sim_sign_truly(true);
	else if (strcmp(name, "--twice") == 0)
		a->twice = true;
	else if (strcmp(name, "--progress") == 0)
		a->progress = true;
	else if (strcmp(name, "--quiet") == 0)
		a->says = false;
	else
		return false;
	return true;
}

static bool
read_args(int argc, char **argv, struct asked *ret)
{
	*ret = (struct asked){.from = 1, .seeds = 1000};
	for (int i = 1; i < argc; i++) {
		bool has = i + 1 < argc;
		if (read_switch(argv[i], ret)) {
			continue;
		} else if (has && strcmp(argv[i], "--seeds") == 0) {
			ret->seeds = strtoull(argv[++i], NULL, 10);
		} else if (has && strcmp(argv[i], "--from") == 0) {
			ret->from = strtoull(argv[++i], NULL, 10);
		} else if (has && strcmp(argv[i], "--mutant") == 0) {
			sim_mutate((enum lane_mutant)strtoul(argv[++i], NULL, 10));
		} else if (has && strcmp(argv[i], "--schedule") == 0) {
			ret->schedule = argv[++i];
			ret->says = true;
		} else if (has && strcmp(argv[i], "--seed") == 0) {
			ret->from = strtoull(argv[++i], NULL, 10);
			ret->seeds = 1;
			ret->says = true;
		} else {
			return false;
		}
	}
	return true;
}

static void
describe_copy(const struct lane_node *n, size_t copy)
{
	(void)printf("copy %zu: state %d verdict %d (%s) incarnation %u of %u:", copy, n->state,
		n->verdict, n->reason ? n->reason : "", n->incarnation, n->own.incarnation);
	for (size_t i = 0; i < LANE_COUNT; i++)
		(void)printf(
			" %" PRIu64 "/%" PRIu64, n->lanes[i].acked.seq, n->lanes[i].last.seq);
	(void)printf("\n");
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
	for (size_t c = 0; c < SIM_COPIES_COUNT; c++)
		if (s->copies[c].there)
			describe_copy(&s->copies[c].node, c);
}

static double
seconds_since(const struct timespec *begin)
{
	struct timespec now;
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)(now.tv_sec - begin->tv_sec) +
	       (double)(now.tv_nsec - begin->tv_nsec) / 1e9;
}

static void
tell(const struct asked *a, struct sums *sums, uint64_t done)
{
	double s = seconds_since(&sums->begin);
	if (!a->progress || s < sums->told_s + PROGRESS_S)
		return;
	sums->told_s = s;
	(void)fprintf(stderr,
		"%" PRIu64 " of %" PRIu64 " seeds from %" PRIu64 ", %" PRIu64
		" events, %" PRIu64 " violations, %.0f s\n",
		done, a->seeds, a->from, sums->events, sums->violations, s);
}

static void
run_seed(struct sim_world *w, const struct asked *a, uint64_t seed, struct sums *sums)
{
	sums->events += sim_world_random(w, seed, a->says);
	const char *breach = sim_world_breach(w);
	uint64_t digest = sim_world_digest(w);
	for (size_t i = 0; a->says && i < w->count; i++)
		describe(&w->writers[i]);
	if (a->says)
		(void)printf("digest %016" PRIx64 "\n", digest);
	if (breach) {
		sums->violations++;
		(void)fprintf(stderr, "seed %" PRIu64 ": %s\n", seed, breach);
	}
	if (!a->twice)
		return;
	sums->events += sim_world_random(w, seed, false);
	if (digest != sim_world_digest(w)) {
		sums->differ++;
		(void)fprintf(stderr, "seed %" PRIu64 ": two runs differ\n", seed);
	}
}

static int
run_schedule(struct sim_world *w, const struct asked *a)
{
	struct sim *s = &w->writers[0];
	if (!sim_schedule(s, w->pools[0], a->schedule, a->says))
		return 2;
	describe(s);
	(void)printf("violations %d 1\n", s->breach ? 1 : 0);
	if (s->breach)
		(void)fprintf(stderr, "%s: %s\n", a->schedule, s->breach);
	return s->breach ? 1 : 0;
}

static int
run_seeds(struct sim_world *w, const struct asked *a)
{
	struct sums sums = {0};
	(void)clock_gettime(CLOCK_MONOTONIC, &sums.begin);
	for (uint64_t i = 0; i < a->seeds; i++) {
		run_seed(w, a, a->from + i, &sums);
		tell(a, &sums, i + 1);
	}
	(void)printf("seeds %" PRIu64 " 1\nevents %" PRIu64 " 1\nviolations %" PRIu64 " 1\n",
		a->seeds, sums.events, sums.violations);
	if (a->twice)
		(void)printf("different_replays %" PRIu64 " 1\n", sums.differ);
	(void)printf("events_per_second %.0f 1/s\n",
		(double)sums.events / seconds_since(&sums.begin));
	return sums.violations || sums.differ ? 1 : 0;
}

int
main(int argc, char **argv)
{
	struct asked a;
	if (crypto_init() || !read_args(argc, argv, &a)) {
		(void)fprintf(stderr,
			"usage: sim_run --seeds N [--from N] [--twice] [--progress] | --seed N "
			"[--quiet] | --schedule FILE\n"
			"       [--mutant N]... [--true-signatures]\n");
		return 2;
	}
	struct sim_world *w = sim_world_new();
	int status = a.schedule ? run_schedule(w, &a) : run_seeds(w, &a);
	sim_world_free(w);
	return status;
}
