#include "tests/unit/suite.h"

#include <math.h>

#include "common/base/mem.h"
#include "common/figures/cover.h"
#include "common/figures/exact.h"
#include "common/figures/flow.h"
#include "common/figures/simplex.h"

/* A small generator, so that the same cases come every time. */
static uint32_t
next(uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 16;
}

enum { NODES = 6 };

/* The least cut between node 0 and the last, by trying every side. */
static int64_t
least_cut(int64_t capacity[NODES][NODES])
{
	int64_t best = INT64_MAX;
	for (unsigned side = 1; side < 1u << (NODES - 1); side += 2) {
		int64_t cut = 0;
		for (unsigned i = 0; i < NODES; i++)
			for (unsigned j = 0; j < NODES; j++)
				if ((side >> i & 1) && !(side >> j & 1))
					cut += capacity[i][j];
		best = MIN(best, cut);
	}
	return best;
}

static void
the_most_that_flows_is_the_least_cut(void **state)
{
	(void)state;
	uint32_t seed = 1;
	for (size_t turn = 0; turn < 200; turn++) {
		int64_t capacity[NODES][NODES] = {0};
		OWNED(flow) struct flow *f = flow_new(NODES);
		for (size_t i = 0; i < NODES; i++)
			for (size_t j = 0; j < i; j++) {
				capacity[i][j] = next(&seed) % 3 ? next(&seed) % 20 : 0;
				capacity[j][i] = next(&seed) % 3 ? next(&seed) % 20 : 0;
				flow_join(f, i, j, capacity[i][j], capacity[j][i]);
			}
		int64_t cut = least_cut(capacity);
		assert_int_equal(
			flow_most(f, 0, NODES - 1, FLOW_ALL_ARCS, FLOW_UNBOUNDED), cut);
		/* A question leaves no trace, and what is enough is enough. */
		assert_int_equal(
			flow_most(f, 0, NODES - 1, FLOW_ALL_ARCS, FLOW_UNBOUNDED), cut);
		assert_int_equal(flow_most(f, 0, NODES - 1, FLOW_ALL_ARCS, 3), MIN(cut, 3));
	}
}

static void
an_arc_can_be_left_out(void **state)
{
	(void)state;
	OWNED(flow) struct flow *f = flow_new(3);
	flow_join(f, 0, 2, 5, 0);
	flow_join(f, 0, 1, 4, 0);
	flow_join(f, 1, 2, 3, 9);
	assert_int_equal(flow_most(f, 0, 2, FLOW_ALL_ARCS, 100), 8);
	assert_int_equal(flow_most(f, 0, 2, 0, 100), 3);
	assert_int_equal(flow_most(f, 0, 2, 2, 100), 5);
	assert_int_equal(flow_most(f, 2, 0, FLOW_ALL_ARCS, 100), 0);
}

static void
the_simplex_finds_most_and_least_under_two_sums(void **state)
{
	(void)state;
	/* x + y + z = 10, x + y = 7: z is 3, x lies in 0..7; the second row prices x. */
	OWNED(simplex) struct simplex *s = simplex_new(2, 3);
	for (size_t j = 0; j < 3; j++)
		simplex_put(s, 0, j, 1);
	simplex_put(s, 1, 0, 1);
	simplex_put(s, 1, 1, 1);
	simplex_right(s, 0, 10);
	simplex_right(s, 1, 7);
	assert_ok(simplex_start(s));
	static const struct {
		double cost[3];
		double most;
	} rows[] = {{{1, 0, 0}, 7}, {{-1, 0, 0}, 0}, {{0, 0, 1}, 3}, {{0, 0, -1}, -3}};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		double most;
		assert_ok(simplex_most(s, rows[i].cost, &most));
		assert_true(fabs(most - rows[i].most) < 1e-9);
		/* Prices times right sides are the result again. */
		assert_true(
			fabs(10 * simplex_price(s, 0) + 7 * simplex_price(s, 1) - most) < 1e-9);
	}
}

static void
the_simplex_says_when_nothing_fits_or_nothing_holds(void **state)
{
	(void)state;
	OWNED(simplex) struct simplex *none = simplex_new(2, 1);
	for (size_t i = 0; i < 2; i++) {
		simplex_put(none, i, 0, 1);
		simplex_right(none, i, 1 + (double)i);
	}
	assert_err(simplex_start(none), E_CONFLICT);
	OWNED(simplex) struct simplex *free_one = simplex_new(1, 2);
	simplex_put(free_one, 0, 0, 1);
	simplex_right(free_one, 0, 1);
	assert_ok(simplex_start(free_one));
	double most;
	assert_ok(simplex_most(free_one, (const double[]){0, 1}, &most));
	assert_true(isinf(most));
}

static void
exact_lines_are_reduced_and_repetition_is_seen(void **state)
{
	(void)state;
	OWNED(exact) struct exact *x = exact_new(3);
	bool new = false;
	assert_ok(exact_add(x, (const int64_t[]){1, 1, 1, 10}, &new));
	assert_true(new);
	assert_ok(exact_add(x, (const int64_t[]){2, 2, 0, 14}, &new));
	assert_true(new);
	assert_ok(exact_add(x, (const int64_t[]){0, 0, 5, 15}, &new));
	assert_false(new);
	assert_err(exact_add(x, (const int64_t[]){0, 0, 1, 4}, &new), E_CONFLICT);
	assert_int_equal(exact_count(x), 2);
	assert_memory_equal(exact_line(x, 0), ((const int64_t[]){1, 1, 0, 7}), 32);
}

enum { ITEMS = 9, DEMANDS = 12 };

struct hidden_demands {
	bool items[DEMANDS][ITEMS];
};

static bool
breaks(const struct hidden_demands *h, size_t demand, const bool *chosen)
{
	for (size_t i = 0; i < ITEMS; i++)
		if (h->items[demand][i] && chosen[i])
			return false;
	return true;
}

/* Tells one broken demand at a time: the search has to come back for the rest. */
static enum err
ask(void *arg, struct cover *c, const bool *chosen, uint64_t *ret_work)
{
	const struct hidden_demands *h = arg;
	(void)ret_work;
	for (size_t d = 0; d < DEMANDS; d++)
		if (breaks(h, d, chosen)) {
			cover_demand(c, h->items[d]);
			break;
		}
	return OK;
}

static int64_t
least_by_trying(const struct hidden_demands *h, const int64_t *weights)
{
	int64_t best = INT64_MAX;
	for (unsigned set = 0; set < 1u << ITEMS; set++) {
		bool chosen[ITEMS], good = true;
		int64_t weight = 0;
		for (size_t i = 0; i < ITEMS; i++) {
			chosen[i] = set >> i & 1;
			weight += chosen[i] ? weights[i] : 0;
		}
		for (size_t d = 0; d < DEMANDS; d++)
			good &= !breaks(h, d, chosen);
		if (good)
			best = MIN(best, weight);
	}
	return best;
}

static void
the_cover_is_the_least_of_all_choices(void **state)
{
	(void)state;
	uint32_t seed = 7;
	for (size_t turn = 0; turn < 100; turn++) {
		struct hidden_demands h = {0};
		int64_t weights[ITEMS], weight = 0;
		for (size_t i = 0; i < ITEMS; i++)
			weights[i] = 1 + next(&seed) % 30;
		for (size_t d = 0; d < DEMANDS; d++)
			for (size_t k = 0; k < 3; k++)
				h.items[d][next(&seed) % ITEMS] = true;
		OWNED(cover) struct cover *c = cover_new(ITEMS, weights);
		bool chosen[ITEMS];
		assert_ok(cover_solve(c, ask, &h, chosen, &weight));
		assert_int_equal(weight, least_by_trying(&h, weights));
		for (size_t d = 0; d < DEMANDS; d++)
			assert_false(breaks(&h, d, chosen));
	}
}

static void
a_demand_of_nothing_cannot_be_covered(void **state)
{
	(void)state;
	struct hidden_demands h = {0};
	const int64_t weights[ITEMS] = {1, 1, 1, 1, 1, 1, 1, 1, 1};
	OWNED(cover) struct cover *c = cover_new(ITEMS, weights);
	bool chosen[ITEMS];
	int64_t weight;
	assert_err(cover_solve(c, ask, &h, chosen, &weight), E_CONFLICT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_most_that_flows_is_the_least_cut),
		cmocka_unit_test(an_arc_can_be_left_out),
		cmocka_unit_test(the_simplex_finds_most_and_least_under_two_sums),
		cmocka_unit_test(the_simplex_says_when_nothing_fits_or_nothing_holds),
		cmocka_unit_test(exact_lines_are_reduced_and_repetition_is_seen),
		cmocka_unit_test(the_cover_is_the_least_of_all_choices),
		cmocka_unit_test(a_demand_of_nothing_cannot_be_covered),
	};
	return cmocka_run_group_tests_name("flow", tests, NULL, NULL);
}
