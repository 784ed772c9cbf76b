#include "common/figures/hiding.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/figures/cover.h"
#include "common/figures/reader.h"

/* Patterns that pass the probe and fail the audit before the search is given up. */
#define UNPROVEN_MAX_COUNT 50u

struct search {
	const struct sums *sums;
	const struct hiding_rules *rules;
	bool *forced;  /* a flag a cell: hidden in every pattern */
	size_t *items; /* the cells that may be hidden as well */
	size_t item_count;
	bool *hidden;   /* the pattern at hand */
	bool *trial;    /* the pattern that tests whether a culprit is needed */
	bool *culprits; /* a flag a cell */
	bool *fewer;
	bool *demand; /* a flag an item */
};

void
hiding_free(struct hiding *p)
{
	if (!p)
		return;
	free(p->hidden);
	free(p);
}

static int64_t
weight_of(const struct search *w, size_t cell)
{
	return w->rules->least_cells ? 1 : w->sums->cells[cell].count;
}

static void
search_done(struct search *w)
{
	free(w->forced);
	free(w->items);
	free(w->hidden);
	free(w->trial);
	free(w->culprits);
	free(w->fewer);
	free(w->demand);
}

static void
search_init(struct search *w, const struct sums *s, const struct hiding_rules *rules)
{
	*w = (struct search){.sums = s, .rules = rules};
	w->forced = xcalloc(s->cell_count + 1, sizeof *w->forced);
	w->items = xcalloc(s->cell_count + 1, sizeof *w->items);
	w->hidden = xcalloc(s->cell_count + 1, sizeof *w->hidden);
	w->trial = xcalloc(s->cell_count + 1, sizeof *w->trial);
	w->culprits = xcalloc(s->cell_count + 1, sizeof *w->culprits);
	w->fewer = xcalloc(s->cell_count + 1, sizeof *w->fewer);
	w->demand = xcalloc(s->cell_count + 1, sizeof *w->demand);
	for (size_t c = 0; c < s->cell_count; c++)
		w->forced[c] = s->cells[c].unpublished;
	for (size_t g = 0; g < s->goal_count; g++)
		if (s->goals[g].cell != SUMS_NO_CELL)
			w->forced[s->goals[g].cell] = true;
	for (size_t c = 0; c < s->cell_count; c++)
		if (!w->forced[c] && !s->cells[c].base)
			w->items[w->item_count++] = c;
}

static void
hide(const struct search *w, const bool *chosen)
{
	memcpy(w->hidden, w->forced, w->sums->cell_count * sizeof *w->hidden);
	for (size_t i = 0; i < w->item_count; i++)
		w->hidden[w->items[i]] |= chosen[i];
}

/* Does the goal fail when only these culprits and the bases are shown? Those still needed come
 * back in w->fewer. */
static enum err
fails_with(struct search *w, const struct sum_goal *goal, const bool *shown, bool *ret_fails,
	uint64_t *work)
{
	for (size_t c = 0; c < w->sums->cell_count; c++)
		w->trial[c] = !w->sums->cells[c].base && !shown[c];
	OWNED(probe) struct probe *p = NULL;
	enum err e = probe_open(&p, w->sums, w->trial);
	if (!e)
		e = probe_goal(p, goal, &w->rules->open, ret_fails, w->fewer);
	if (!e)
		*work += probe_work(p);
	return e;
}

/* Leave out every culprit that is not needed, the lightest first: what stays is a demand whose
 * cheapest member is dear, which makes bounds better. */
static enum err
thin_out(struct search *w, const struct sum_goal *goal, uint64_t *work)
{
	size_t cells = w->sums->cell_count;
	OWNED_MEM bool *tried = xcalloc(cells + 1, sizeof *tried);
	for (;;) {
		size_t lightest = SUMS_NO_CELL;
		for (size_t c = 0; c < cells; c++)
			if (w->culprits[c] && !tried[c] &&
				(lightest == SUMS_NO_CELL ||
					weight_of(w, c) < weight_of(w, lightest)))
				lightest = c;
		if (lightest == SUMS_NO_CELL)
			return OK;
		tried[lightest] = true;
		w->culprits[lightest] = false;
		bool fails = false;
		enum err e = fails_with(w, goal, w->culprits, &fails, work);
		if (e)
			return e;
		if (fails)
			memcpy(w->culprits, w->fewer, cells * sizeof *w->culprits);
		else
			w->culprits[lightest] = true;
	}
}

/* The question that cover puts: every goal that fails makes a demand. */
static enum err
ask(void *arg, struct cover *c, const bool *chosen, uint64_t *ret_work)
{
	struct search *w = arg;
	hide(w, chosen);
	OWNED(probe) struct probe *p = NULL;
	enum err e = probe_open(&p, w->sums, w->hidden);
	for (size_t g = 0; !e && g < w->sums->goal_count; g++) {
		const struct sum_goal *goal = &w->sums->goals[g];
		bool fails = false;
		e = probe_goal(p, goal, &w->rules->open, &fails, w->culprits);
		if (e || !fails)
			continue;
		e = thin_out(w, goal, ret_work);
		for (size_t i = 0; i < w->item_count; i++)
			w->demand[i] = w->culprits[w->items[i]];
		cover_demand(c, w->demand);
	}
	if (p)
		*ret_work += probe_work(p);
	return e;
}

/* The exact word on the pattern at hand. */
static enum err
prove(const struct search *w, const struct table *const *tables)
{
	OWNED(reader) struct reader *a = NULL;
	enum err e = reader_open(&a, w->sums, w->hidden);
	for (size_t g = 0; !e && g < w->sums->goal_count; g++) {
		const struct sum_goal *goal = &w->sums->goals[g];
		int64_t lowest = 0, highest = 0;
		e = reader_interval(a, goal->atoms, &lowest, &highest);
		if (e || probe_is_open(&w->rules->open, goal->count, lowest, highest))
			continue;
		const struct sum_cell *near = &w->sums->cells[goal->near];
		OWNED_MEM char *where =
			table_place(tables[near->table], near->group, near->level);
		e = fail(E_DENIED, "%s: a small count can be worked out from what is shown",
			where);
	}
	return e;
}

/* No pattern is good: name a goal that fails even when all that may be hidden is. */
static enum err
refuse(struct search *w, const struct table *const *tables)
{
	bool fails = false;
	uint64_t work = 0;
	memset(w->culprits, 0, w->sums->cell_count * sizeof *w->culprits);
	for (size_t g = 0; g < w->sums->goal_count; g++) {
		const struct sum_goal *goal = &w->sums->goals[g];
		enum err e = fails_with(w, goal, w->culprits, &fails, &work);
		if (e)
			return e;
		if (!fails)
			continue;
		const struct sum_cell *near = &w->sums->cells[goal->near];
		OWNED_MEM char *where =
			table_place(tables[near->table], near->group, near->level);
		return fail(E_DENIED,
			"%s: a small count in it can be worked out from the bases, whatever is "
			"hidden; combine groups or leave a table out",
			where);
	}
	return fail(E_DENIED,
		"no pattern of hidden counts can be proven by this version: the sums "
		"are beyond two-way");
}

/* Solve, prove, and rule out what cannot be proven, until one can. */
static enum err
least(struct search *w, struct hiding *p, const struct table *const *tables)
{
	OWNED_MEM int64_t *weights = xcalloc(w->item_count + 1, sizeof *weights);
	OWNED_MEM bool *chosen = xcalloc(w->item_count + 1, sizeof *chosen);
	for (size_t i = 0; i < w->item_count; i++)
		weights[i] = weight_of(w, w->items[i]);
	OWNED(cover) struct cover *c = cover_new(w->item_count, weights);
	for (size_t turn = 0; turn < UNPROVEN_MAX_COUNT; turn++) {
		int64_t weight = 0;
		enum err e = cover_solve(c, ask, w, chosen, &weight);
		p->asked = cover_asked(c);
		if (e == E_CONFLICT)
			return refuse(w, tables);
		if (e)
			return e;
		hide(w, chosen);
		e = prove(w, tables);
		if (e != E_DENIED)
			return e;
		for (size_t i = 0; i < w->item_count; i++)
			w->demand[i] = !chosen[i];
		cover_demand(c, w->demand);
	}
	return fail(E_DENIED,
		"no pattern of hidden counts can be proven by this version: the sums "
		"are beyond two-way");
}

enum err
hiding_find(struct hiding **ret, const struct sums *s, const struct hiding_rules *rules,
	const struct table *const *tables)
{
	*ret = NULL;
	OWNED(hiding) struct hiding *p = xcalloc(1, sizeof *p);
	OWNED_BY(search_done) struct search w;
	search_init(&w, s, rules);
	memcpy(w.hidden, w.forced, s->cell_count * sizeof *w.hidden);
	enum err e = OK;
	if (s->goal_count > 0)
		e = rules->complementary ? least(&w, p, tables) : prove(&w, tables);
	if (e)
		return e;
	for (size_t i = 0; i < s->cell_count; i++)
		if (w.hidden[i] && !s->cells[i].unpublished)
			p->weight += (uint64_t)weight_of(&w, i);
	p->hidden = take(w.hidden);
	*ret = take(p);
	return OK;
}
