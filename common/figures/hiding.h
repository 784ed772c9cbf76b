/* hiding - which cells of a release to hide.
 *
 * Small cells are hidden for their own size. With `complementary` more are hidden until every
 * goal is open, and of all patterns that do it one with the least weight is taken: probe finds
 * which shown cells give a goal away, cover chooses, and reader decides. A pattern that reader
 * cannot prove is left out and the search goes on; since every cheaper pattern has failed for
 * certain by then, the one taken is the least of those that can be proven.
 *
 * Errors: E_DENIED no pattern protects every goal, or none that can be proven; E_FULL the
 *         search or the tables are over a stated bound. Nothing is released on any of them.
 */
#ifndef WEIR_HIDING_H
#define WEIR_HIDING_H

#include "common/figures/probe.h"
#include "common/figures/sums.h"

struct hiding_rules {
	struct probe_rules open;
	bool complementary;
	bool least_cells; /* fewest cells; else fewest people in hidden cells */
};

struct hiding {
	bool *hidden; /* a flag a cell */
	uint64_t weight;
	size_t asked; /* patterns looked at */
};

/* gives a pattern; tables only lend names to sentences. */
CHECKED enum err hiding_find(struct hiding **ret, const struct sums *s,
	const struct hiding_rules *rules, const struct table *const *tables);
void hiding_free(struct hiding *p);

OWNER(hiding)

#endif
