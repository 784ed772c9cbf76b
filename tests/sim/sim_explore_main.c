/* sim_explore_main - sim_explore [--most N] [--config NAME] [--mutant N]... [--way]
 * [--act NAME TIMES]... [--late N]: acts make a configuration of one's own.
 * Prints `CONFIG_WHAT value unit` lines; whole is 1 where there was nothing left to look at. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/sim/sim_configs.h"
#include "tests/sim/sim_mutant.h"

#define MOST_STATES_COUNT 200000

struct asked {
	uint64_t most;
	const char *only; /* NULL: all */
	struct explore_config own;
	bool says;
};

static bool
allow(struct explore_config *c, const char *name, const char *times)
{
	for (size_t i = 0; i < SIM_ACTS_COUNT; i++)
		if (strcmp(sim_act_name((enum sim_act)i), name) == 0) {
			c->budget.left[i] = (uint16_t)strtoul(times, NULL, 10);
			c->name = "own";
			return true;
		}
	return false;
}

static bool
read_args(int argc, char **argv, struct asked *ret)
{
	*ret = (struct asked){.most = MOST_STATES_COUNT, .own.late_most = EXPLORE_LATE_COUNT};
	for (int i = 1; i < argc; i++) {
		bool has = i + 1 < argc;
		if (strcmp(argv[i], "--way") == 0) {
			ret->says = true;
		} else if (has && strcmp(argv[i], "--most") == 0) {
			ret->most = strtoull(argv[++i], NULL, 10);
		} else if (has && strcmp(argv[i], "--config") == 0) {
			ret->only = argv[++i];
		} else if (has && strcmp(argv[i], "--late") == 0) {
			ret->own.late_most = strtoul(argv[++i], NULL, 10);
		} else if (has && strcmp(argv[i], "--mutant") == 0) {
			sim_mutate((enum lane_mutant)strtoul(argv[++i], NULL, 10));
		} else if (i + 2 < argc && strcmp(argv[i], "--act") == 0) {
			if (!allow(&ret->own, argv[i + 1], argv[i + 2]))
				return false;
			i += 2;
		} else {
			return false;
		}
	}
	return true;
}

static bool
run(const struct asked *a, const struct explore_config *c, struct sim_pool *pool)
{
	struct explore_result r;
	struct timespec begin, end;
	(void)clock_gettime(CLOCK_MONOTONIC, &begin);
	explore(&r, c, pool, a->most, a->says);
	(void)clock_gettime(CLOCK_MONOTONIC, &end);
	(void)printf("%s_states %" PRIu64 " 1\n%s_transitions %" PRIu64 " 1\n%s_whole %d 1\n",
		c->name, r.states, c->name, r.steps, c->name, r.is_whole);
	(void)printf("%s_deepest %" PRIu64 " 1\n%s_seconds %.1f s\n", c->name, r.deepest,
		c->name,
		(double)(end.tv_sec - begin.tv_sec) +
			(double)(end.tv_nsec - begin.tv_nsec) / 1e9);
	if (r.breach)
		(void)fprintf(stderr, "%s: %s\n", c->name, r.breach);
	(void)fflush(stdout);
	return !r.breach;
}

int
main(int argc, char **argv)
{
	struct asked a;
	bool holds = true, ran = false;
	if (crypto_init() || !read_args(argc, argv, &a)) {
		(void)fprintf(stderr, "usage: sim_explore [--most N] [--config NAME] "
				      "[--act NAME TIMES] [--late N] [--mutant N] [--way]\n");
		return 2;
	}
	struct sim_pool *pool = pool_new();
	for (size_t i = 0; !a.own.name && i < explore_config_count; i++)
		if (!a.only || strcmp(a.only, explore_configs[i].name) == 0) {
			holds = run(&a, &explore_configs[i], pool) && holds;
			ran = true;
		}
	if (a.own.name)
		holds = run(&a, &a.own, pool);
	else if (!ran)
		(void)fprintf(stderr, "no such configuration\n");
	pool_free(pool);
	return !ran && !a.own.name ? 2 : holds ? 0 : 1;
}
