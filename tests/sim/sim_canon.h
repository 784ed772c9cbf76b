/* sim_canon - when are two simulations in the same state? For the explorer. */
#ifndef WEIR_SIM_CANON_H
#define WEIR_SIM_CANON_H

#include "tests/sim/sim.h"

/* Takes away what no later step can see. */
void sim_tidy(struct sim *s);

struct sim_key {
	uint64_t a, b;
};
/* Of a tidy state. Equal states have equal keys; different ones but for a chance of 2^-128. */
struct sim_key sim_key_of(const struct sim *s, uint64_t salt);

#endif
