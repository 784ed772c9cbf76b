/* sim_random - a run of acts drawn from a seed, then settling. */
#ifndef WEIR_SIM_RANDOM_H
#define WEIR_SIM_RANDOM_H

#include "tests/sim/sim.h"

/* Runs one seed to its end; the number of acts. s->breach says what went wrong. With `says`
 * every act is written to standard output. */
uint64_t sim_random(struct sim *s, struct sim_pool *pool, uint64_t seed, bool says);

#endif
