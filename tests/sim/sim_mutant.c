#include "tests/sim/sim_mutant.h"

static unsigned long away;

void
sim_mutate(enum lane_mutant m)
{
	away = m == MUTANT_NONE ? 0 : away | 1ul << m;
}

bool
lane_mutant_is(enum lane_mutant m)
{
	return away >> m & 1;
}
