/* sim_explore_main - sim_explore [--most N] [--config NAME] [--mutant N]... [--way]. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sim/sim_explore.h"
#include "tests/sim/sim_mutant.h"

static const struct explore_config configs[] = {
	{"loss", {{[SIM_WRITE_RECORD] = 1,
			 [SIM_WRITE_WITHDRAWAL] = 1,
			 [SIM_DROP] = 1,
			 [SIM_CRASH_NODE] = 1,
			 [SIM_CRASH_HUB] = 1,
			 [SIM_CRASH_HUB_JOURNALED] = 1}}},
	{"hub-restored", {{[SIM_WRITE_RECORD] = 1,
				 [SIM_WRITE_WITHDRAWAL] = 1,
				 [SIM_BACKUP_HUB] = 1,
				 [SIM_RESTORE_HUB] = 1,
				 [SIM_CRASH_NODE] = 1}}},
	{"node-restored", {{[SIM_WRITE_RECORD] = 1,
				  [SIM_WRITE_WITHDRAWAL] = 1,
				  [SIM_BACKUP_NODE] = 1,
				  [SIM_RESTORE_NODE] = 1,
				  [SIM_SURVIVE] = 1,
				  [SIM_CRASH_HUB] = 1}}},
	{"clone", {{[SIM_WRITE_RECORD] = 2,
			  [SIM_CLONE] = 1,
			  [SIM_SURVIVE] = 1,
			  [SIM_CRASH_NODE] = 1}}},
	{"both-restored", {{[SIM_WRITE_RECORD] = 1,
				  [SIM_WRITE_WITHDRAWAL] = 1,
				  [SIM_BACKUP_HUB] = 1,
				  [SIM_RESTORE_HUB] = 1,
				  [SIM_BACKUP_NODE] = 1,
				  [SIM_RESTORE_NODE] = 1,
				  [SIM_SURVIVE] = 1}}},
	{"hub-restored-node-cloned", {{[SIM_WRITE_RECORD] = 1,
					     [SIM_WRITE_WITHDRAWAL] = 1,
					     [SIM_BACKUP_HUB] = 1,
					     [SIM_RESTORE_HUB] = 1,
					     [SIM_CLONE] = 1,
					     [SIM_SURVIVE] = 1}}},
};

int
main(int argc, char **argv)
{
	uint64_t most = 200000;
	const char *only = NULL;
	bool says = false, broken = false;
	if (crypto_init())
		return 3;
	for (int i = 1; i < argc; i++) {
		bool has = i + 1 < argc;
		if (strcmp(argv[i], "--way") == 0)
			says = true;
		else if (has && strcmp(argv[i], "--most") == 0)
			most = strtoull(argv[++i], NULL, 10);
		else if (has && strcmp(argv[i], "--config") == 0)
			only = argv[++i];
		else if (has && strcmp(argv[i], "--mutant") == 0)
			sim_mutate((enum lane_mutant)strtoul(argv[++i], NULL, 10));
		else
			return 2;
	}
	struct sim_pool *pool = pool_new();
	for (size_t i = 0; i < ARRAY_LEN(configs); i++) {
		struct explore_result r;
		if (only && strcmp(only, configs[i].name) != 0)
			continue;
		explore(&r, &configs[i], pool, most, says);
		(void)printf("%s_states %" PRIu64 " 1\n%s_whole %d 1\n%s_steps %" PRIu64 " 1\n",
			configs[i].name, r.states, configs[i].name, r.is_whole, configs[i].name,
			r.steps);
		if (r.breach)
			(void)fprintf(stderr, "%s: %s\n", configs[i].name, r.breach);
		(void)fflush(stdout);
		broken = broken || r.breach;
	}
	pool_free(pool);
	return broken ? 1 : 0;
}
