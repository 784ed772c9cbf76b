/* flow - how much can go from one node of a network to another.
 *
 * Whole numbers only, so a result is exact. Shortest augmenting paths (J. Edmonds, R. M. Karp,
 * J. ACM 19, 1972, 248-264): the number of paths is bounded whatever the capacities are.
 *
 * Always true: a question leaves the network as it was built.
 */
#ifndef WEIR_FLOW_H
#define WEIR_FLOW_H

#include "common/base/base.h"

/* A capacity that never binds; sums of a few of them still fit. */
#define FLOW_UNBOUNDED (INT64_MAX / 1024)

struct flow;

/* gives a network of node_count nodes and no arc. */
struct flow *flow_new(size_t node_count);
void flow_free(struct flow *f);

/* Join two nodes: at most `there` goes from a to b and `back` from b to a. Arcs count from
 * 0. */
void flow_join(struct flow *f, size_t a, size_t b, int64_t there, int64_t back);

/* The most that goes from a to b without the arc `without`, but no more than `enough` is looked
 * for. */
int64_t flow_most(struct flow *f, size_t a, size_t b, size_t without, int64_t enough);
#define FLOW_ALL_ARCS SIZE_MAX /* `without` none */

OWNER(flow)

#endif
