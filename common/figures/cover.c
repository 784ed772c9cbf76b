#include "common/figures/cover.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/figures/simplex.h"

/* Multiplications allowed to one problem: some ten seconds. */
#define WORK_MAX_COUNT    ((uint64_t)20 * 1000 * 1000 * 1000)
#define DEMANDS_MAX_COUNT 20000u
/* Below this a share of an item is rounding. */
#define TINY_SHARE 1e-6

enum fate {
	FREE,
	CHOSEN,
	LEFT_OUT,
};

struct cover {
	size_t item_count;
	int64_t *weights;
	bool **demands;
	size_t demand_count;
	size_t demand_room;
	uint64_t work;
	size_t asked;
	/* of the node at hand */
	double *shares;
	bool *choice;
	/* the best so far */
	bool *best;
	int64_t best_weight;
	/* nodes that wait, each a fate an item */
	enum fate **nodes;
	size_t node_count;
	size_t node_room;
};

struct cover *
cover_new(size_t item_count, const int64_t *weights)
{
	struct cover *c = xcalloc(1, sizeof *c);
	c->item_count = item_count;
	c->weights = xmemdup(weights, item_count * sizeof *weights);
	c->shares = xcalloc(item_count + 1, sizeof *c->shares);
	c->choice = xcalloc(item_count + 1, sizeof *c->choice);
	c->best = xcalloc(item_count + 1, sizeof *c->best);
	return c;
}

void
cover_free(struct cover *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < c->demand_count; i++)
		free(c->demands[i]);
	for (size_t i = 0; i < c->node_count; i++)
		free(c->nodes[i]);
	free(c->demands);
	free(c->nodes);
	free(c->weights);
	free(c->shares);
	free(c->choice);
	free(c->best);
	free(c);
}

void
cover_demand(struct cover *c, const bool *items)
{
	size_t bytes = c->item_count * sizeof *items;
	for (size_t i = 0; i < c->demand_count; i++)
		if (memcmp(c->demands[i], items, bytes) == 0)
			return;
	if (c->demand_count == c->demand_room) {
		c->demand_room = c->demand_room ? 2 * c->demand_room : 64;
		c->demands = xrealloc(c->demands, c->demand_room, sizeof *c->demands);
	}
	c->demands[c->demand_count++] = xmemdup(items, bytes);
}

/* takes fates. */
static void
push(struct cover *c, enum fate *fates)
{
	if (c->node_count == c->node_room) {
		c->node_room = c->node_room ? 2 * c->node_room : 64;
		c->nodes = xrealloc(c->nodes, c->node_room, sizeof *c->nodes);
	}
	c->nodes[c->node_count++] = fates;
}

/* Met already by what the node has chosen. */
static bool
is_met(const struct cover *c, size_t demand, const enum fate *fates)
{
	for (size_t i = 0; i < c->item_count; i++)
		if (c->demands[demand][i] && fates[i] == CHOSEN)
			return true;
	return false;
}

/* The least weight the node can end with, and the share of each item in it. The dual packs the
 * demands: the most of their sum where no item carries more than its weight. Its prices are the
 * shares. INFINITY when a demand can no longer be met. */
static enum err
relax(struct cover *c, const enum fate *fates, double *ret_bound)
{
	OWNED_MEM size_t *active = xcalloc(c->demand_count + 1, sizeof *active);
	OWNED_MEM double *cost = xcalloc(c->demand_count + 1, sizeof *cost);
	size_t count = 0;
	double chosen = 0;
	for (size_t d = 0; d < c->demand_count; d++)
		if (!is_met(c, d, fates)) {
			cost[count] = 1;
			active[count++] = d;
		}
	OWNED(simplex) struct simplex *s = simplex_new(c->item_count, count);
	for (size_t i = 0; i < c->item_count; i++) {
		simplex_slack(s, i);
		simplex_right(s, i, (double)c->weights[i]);
		chosen += fates[i] == CHOSEN ? (double)c->weights[i] : 0;
		for (size_t k = 0; k < count; k++)
			if (fates[i] == FREE && c->demands[active[k]][i])
				simplex_put(s, i, k, 1);
	}
	/* Every row has slack, so nothing needs to be found first. */
	double packed = 0;
	enum err e = simplex_most(s, cost, &packed);
	c->work += simplex_work(s);
	if (e)
		return e;
	*ret_bound = chosen + packed;
	for (size_t i = 0; i < c->item_count; i++)
		c->shares[i] = fates[i] == CHOSEN ? 1 : simplex_price(s, i);
	return OK;
}

/* Put the items with at least this share to the caller; true when demands came of it. */
static enum err
ask_above(struct cover *c, double share, cover_ask *ask, void *arg, bool *ret_more)
{
	size_t before = c->demand_count;
	uint64_t work = 0;
	for (size_t i = 0; i < c->item_count; i++)
		c->choice[i] = c->shares[i] >= share;
	enum err e = ask(arg, c, c->choice, &work);
	c->work += work;
	c->asked++;
	*ret_more = c->demand_count > before;
	if (!e && (c->work > WORK_MAX_COUNT || c->demand_count > DEMANDS_MAX_COUNT))
		e = fail(E_FULL,
			"no least pattern of hidden cells was found in the work allowed");
	return e;
}

/* A new demand that the shares do not meet makes the bound better. */
static bool
is_broken_since(const struct cover *c, size_t first)
{
	for (size_t d = first; d < c->demand_count; d++) {
		double sum = 0;
		for (size_t i = 0; i < c->item_count; i++)
			sum += c->demands[d][i] ? c->shares[i] : 0;
		if (sum < 1 - TINY_SHARE)
			return true;
	}
	return false;
}

/* The free item that is least decided, weighed by what it costs; item_count when all are
 * whole. */
static size_t
undecided(const struct cover *c)
{
	size_t best = c->item_count;
	double most = 0;
	for (size_t i = 0; i < c->item_count; i++) {
		double open = MIN(c->shares[i], 1 - c->shares[i]);
		if (open > TINY_SHARE && open * (double)c->weights[i] > most) {
			most = open * (double)c->weights[i];
			best = i;
		}
	}
	return best;
}

static void
keep_best(struct cover *c)
{
	int64_t weight = 0;
	for (size_t i = 0; i < c->item_count; i++)
		weight += c->shares[i] > TINY_SHARE ? c->weights[i] : 0;
	if (weight >= c->best_weight)
		return;
	c->best_weight = weight;
	for (size_t i = 0; i < c->item_count; i++)
		c->best[i] = c->shares[i] > TINY_SHARE;
}

/* The branch that takes the item is looked at first: it comes to a whole choice sooner. */
static void
branch(struct cover *c, const enum fate *fates, size_t item)
{
	enum fate *without = xmemdup(fates, c->item_count * sizeof *fates);
	enum fate *with = xmemdup(fates, c->item_count * sizeof *fates);
	without[item] = LEFT_OUT;
	with[item] = CHOSEN;
	push(c, without);
	push(c, with);
}

static enum err
visit(struct cover *c, const enum fate *fates, cover_ask *ask, void *arg)
{
	for (;;) {
		double least = 0;
		bool more = false;
		enum err e = relax(c, fates, &least);
		if (e || isinf(least) || ceil(least - TINY_SHARE) >= (double)c->best_weight)
			return e;
		size_t known = c->demand_count;
		e = ask_above(c, TINY_SHARE, ask, arg, &more);
		if (e)
			return e;
		if (more)
			continue;
		size_t item = undecided(c);
		if (item == c->item_count) {
			keep_best(c);
			return OK;
		}
		e = ask_above(c, 0.5, ask, arg, &more);
		if (e)
			return e;
		if (is_broken_since(c, known))
			continue;
		branch(c, fates, item);
		return OK;
	}
}

enum err
cover_solve(struct cover *c, cover_ask *ask, void *arg, bool *ret_chosen, int64_t *ret_weight)
{
	c->best_weight = INT64_MAX;
	push(c, xcalloc(c->item_count + 1, sizeof(enum fate)));
	enum err e = OK;
	while (!e && c->node_count > 0) {
		OWNED_MEM enum fate *fates = c->nodes[--c->node_count];
		e = visit(c, fates, ask, arg);
	}
	if (!e && c->best_weight == INT64_MAX)
		e = fail(E_CONFLICT, "no choice meets every demand");
	if (e)
		return e;
	memcpy(ret_chosen, c->best, c->item_count * sizeof *ret_chosen);
	*ret_weight = c->best_weight;
	return OK;
}

size_t
cover_asked(const struct cover *c)
{
	return c->asked;
}
