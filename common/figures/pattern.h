/* pattern - which cells of a release to hide.
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
#ifndef WEIR_PATTERN_H
#define WEIR_PATTERN_H

#include "common/figures/probe.h"
#include "common/figures/sums.h"

struct pattern_rules {
	struct probe_rules open;
	bool complementary;
	bool least_cells; /* fewest cells; else fewest people in hidden cells */
};

struct pattern {
	bool *hidden; /* a flag a cell */
	uint64_t weight;
	size_t asked; /* patterns looked at */
};

/* gives a pattern; tables only lend names to sentences. */
CHECKED enum err pattern_find(struct pattern **ret, const struct sums *s,
	const struct pattern_rules *rules, const struct table *const *tables);
void pattern_free(struct pattern *p);

OWNER(pattern)

#endif
