/* sim_mutant - which rules are taken away. */
#ifndef WEIR_SIM_MUTANT_H
#define WEIR_SIM_MUTANT_H

#include "common/sync/lane_mutant.h"

/* One more of them is taken away; MUTANT_NONE gives all back. */
void sim_mutate(enum lane_mutant m);

#endif
