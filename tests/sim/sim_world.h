/* sim_world - several writers at one hub.
 *
 * Each writer is a simulation of its own; what happens to the hub happens to all of them:
 * turns, crashes, backups, restores, draining. A hub that was restored releases nothing until
 * every writer was heard, or a person has waived the one that is missing.
 *
 * Limits: frames go to the machine of their writer; writers share no person, as each person has
 *         one home node.
 */
#ifndef WEIR_SIM_WORLD_H
#define WEIR_SIM_WORLD_H

#include "tests/sim/sim.h"

#define WORLD_WRITERS_COUNT 3

struct sim_world {
	struct sim writers[WORLD_WRITERS_COUNT];
	struct sim_pool *pools[WORLD_WRITERS_COUNT];
	size_t count;
};

struct sim_world *sim_world_new(void); /* gives */
void sim_world_free(struct sim_world *w);

/* Runs one seed to its end; the number of acts. Of four seeds three have one writer and one has
 * two or three. With `says` every act is written to standard output. */
uint64_t sim_world_random(struct sim_world *w, uint64_t seed, bool says);

/* What was broken first; NULL: nothing. */
const char *sim_world_breach(const struct sim_world *w);
/* Over everything that was sent; the same seed gives the same. */
uint64_t sim_world_digest(const struct sim_world *w);

#endif
