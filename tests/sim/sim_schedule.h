/* sim_schedule - a run of acts that a person wrote down.
 *
 * Format: one act a line, its name and which (frame, copy or backup). `rest` instead carries
 *         out what happens by itself until nothing is left, `large` lets records be large from
 *         there on. Empty lines, and what follows a #, are passed over.
 */
#ifndef WEIR_SIM_SCHEDULE_H
#define WEIR_SIM_SCHEDULE_H

#include "tests/sim/sim.h"

/* Runs the file to its end, then settles; with `says` every act is written to standard output.
 * False, with a line on standard error, if it cannot be read or an act is not possible. */
bool sim_schedule(struct sim *s, struct sim_pool *pool, const char *path, bool says);

#endif
