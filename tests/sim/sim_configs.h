/* sim_configs - the faults that are explored together: see 6.5 of the reference. Data only. */
#ifndef WEIR_SIM_CONFIGS_H
#define WEIR_SIM_CONFIGS_H

#include "tests/sim/sim_explore.h"

#define EXPLORE_LATE_COUNT 2

extern const struct explore_config explore_configs[];
extern const size_t explore_config_count;

#endif
