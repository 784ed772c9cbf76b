/* probe - which shown cells give a goal away under a pattern, for the search.
 *
 * The bounds are those of real numbers (linear programming), rounded inwards to whole people.
 * They are never tighter than the truth, so what fails here fails; what passes is for reader to
 * decide. The prices of the bounds name the shown cells that a reader needs: of these at least
 * one has to be hidden in any pattern, since hiding more never helps a reader.
 *
 * Errors: E_FULL the simplex gave up.
 */
#ifndef WEIR_PROBE_H
#define WEIR_PROBE_H

#include "common/figures/sums.h"

struct probe_rules {
	int64_t width_people; /* an interval is at least this wide */
	double span; /* and holds 0, or reaches this share of the count to both sides */
};

/* An exact interval is wide enough. */
bool probe_is_open(
	const struct probe_rules *rules, int64_t count, int64_t lowest, int64_t highest);

struct probe;

/* gives the reader's view of a pattern: hidden[cell]; sums and hidden are lent until it is
 * freed. */
CHECKED enum err probe_open(struct probe **ret, const struct sums *s, const bool *hidden);
void probe_free(struct probe *p);

/* Is the goal too closely bounded? If so *ret_culprits are the shown cells, bases left out,
 * that bound it; it holds a flag a cell. */
CHECKED enum err probe_goal(struct probe *p, const struct sum_goal *goal,
	const struct probe_rules *rules, bool *ret_fails, bool *ret_culprits);

/* Multiplications done so far. */
uint64_t probe_work(const struct probe *p);

OWNER(probe)

#endif
