/* sim_explore - every order of a few acts, and from every state a settling.
 *
 * Always true: within its budgets a configuration is gone through whole unless `most` states
 *              were reached; from every state on, what nodes hold comes to the hub once when
 *              nothing disturbs them.
 */
#ifndef WEIR_SIM_EXPLORE_H
#define WEIR_SIM_EXPLORE_H

#include "tests/sim/sim.h"
#include "tests/sim/sim_pool.h"

struct explore_config {
	const char *name;
	/* So many frames of lines that are gone may still come late; older ones are lost. */
	size_t late_most;
	struct sim_budget budget;
	bool plays_notices;
};

struct explore_result {
	uint64_t states, steps, deepest;
	bool is_whole;
	const char *breach; /* NULL: none */
};

/* With `says` the acts that lead to a breach are written to standard output. */
void explore(struct explore_result *ret, const struct explore_config *config,
	struct sim_pool *pool, uint64_t most, bool says);

#endif
