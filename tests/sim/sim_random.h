/* sim_random - a run of acts drawn from a seed, then settling. */
#ifndef WEIR_SIM_RANDOM_H
#define WEIR_SIM_RANDOM_H

#include "tests/sim/sim.h"

/* How likely each act is in a run; some faults are left out of it. */
struct sim_odds {
	unsigned odds[SIM_ACTS_COUNT], sum;
	uint64_t most; /* acts */
};
void sim_random_odds(struct sim *s, struct sim_odds *ret);
/* An act that is possible; false: none was found. */
bool sim_random_pick(
	struct sim *s, const struct sim_odds *o, enum sim_act *ret_act, size_t *ret_which);

/* Runs one seed to its end; the number of acts. s->breach says what went wrong. With `says`
 * every act is written to standard output. */
uint64_t sim_random(struct sim *s, struct sim_pool *pool, uint64_t seed, bool says);

#endif
