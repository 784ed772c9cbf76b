#include "common/figures/probe.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/figures/simplex.h"

/* Below these a price or a bound is rounding. */
#define TINY_PRICE  1e-6
#define TINY_PEOPLE 1e-5

#define NO_COLUMN SIZE_MAX

/* An atom that a shown cell states by itself is a number, not a column of the simplex. */
struct probe {
	const struct sums *sums;
	const bool *hidden;
	size_t *column_of; /* of each atom; NO_COLUMN when stated */
	size_t *stated_by; /* of each atom: the cell; SUMS_NO_CELL when it is a column */
	size_t column_count;
	size_t *row_cells; /* the cell behind each row */
	size_t row_count;
	struct simplex *simplex;
	double *cost;
	double *prices[2]; /* a price a cell: of the upper and of the lower bound */
};

bool
probe_is_open(const struct probe_rules *rules, int64_t count, int64_t lowest, int64_t highest)
{
	double people = (double)count;
	if (highest - lowest < rules->width_people)
		return false;
	return lowest == 0 || ((double)lowest <= people * (1 - rules->span) &&
				      (double)highest >= people * (1 + rules->span));
}

void
probe_free(struct probe *p)
{
	if (!p)
		return;
	free(p->column_of);
	free(p->stated_by);
	free(p->row_cells);
	free(p->cost);
	free(p->prices[0]);
	free(p->prices[1]);
	simplex_free(p->simplex);
	free(p);
}

static void
find_stated(struct probe *p)
{
	const struct sums *s = p->sums;
	for (size_t a = 0; a < s->atom_count; a++)
		p->stated_by[a] = SUMS_NO_CELL;
	for (size_t c = 0; c < s->cell_count; c++) {
		if (p->hidden[c] || bitmap_count(s->cells[c].atoms) != 1)
			continue;
		for (size_t a = 0; a < s->atom_count; a++)
			if (bitmap_has(s->cells[c].atoms, a))
				p->stated_by[a] = c;
	}
	for (size_t a = 0; a < s->atom_count; a++)
		p->column_of[a] =
			p->stated_by[a] == SUMS_NO_CELL ? p->column_count++ : NO_COLUMN;
}

/* Rows say different things when their columns differ; bases come first, so that a price falls
 * on a cell that could be hidden only when no base says the same. */
static void
choose_rows(struct probe *p)
{
	const struct sums *s = p->sums;
	OWNED_MEM struct bitmap *open = bitmap_new(s->atom_count);
	OWNED_MEM struct bitmap **said = xcalloc(s->cell_count + 1, sizeof(struct bitmap *));
	OWNED_MEM struct bitmap *stated = bitmap_new(s->atom_count);
	for (size_t a = 0; a < s->atom_count; a++)
		if (p->column_of[a] == NO_COLUMN)
			bitmap_put(stated, a);
	for (size_t turn = 0; turn < 2; turn++)
		for (size_t c = 0; c < s->cell_count; c++) {
			if (p->hidden[c] || s->cells[c].base != (turn == 0))
				continue;
			OWNED_MEM struct bitmap *own = bitmap_copy(s->cells[c].atoms);
			bitmap_remove(own, stated);
			size_t same = 0;
			while (same < p->row_count && !bitmap_same(said[same], own))
				same++;
			if (same < p->row_count || bitmap_count(own) == 0)
				continue;
			said[p->row_count] = take(own);
			p->row_cells[p->row_count++] = c;
		}
	for (size_t r = 0; r < p->row_count; r++)
		free(said[r]);
}

static void
fill_rows(struct probe *p)
{
	const struct sums *s = p->sums;
	for (size_t r = 0; r < p->row_count; r++) {
		const struct sum_cell *cell = &s->cells[p->row_cells[r]];
		int64_t right = 0;
		for (size_t a = 0; a < s->atom_count; a++) {
			if (p->column_of[a] == NO_COLUMN || !bitmap_has(cell->atoms, a))
				continue;
			simplex_put(p->simplex, r, p->column_of[a], 1);
			right += s->atom_people[a];
		}
		simplex_right(p->simplex, r, (double)right);
	}
}

enum err
probe_open(struct probe **ret, const struct sums *s, const bool *hidden)
{
	*ret = NULL;
	OWNED(probe) struct probe *p = xcalloc(1, sizeof *p);
	p->sums = s;
	p->hidden = hidden;
	p->column_of = xcalloc(s->atom_count + 1, sizeof *p->column_of);
	p->stated_by = xcalloc(s->atom_count + 1, sizeof *p->stated_by);
	p->row_cells = xcalloc(s->cell_count + 1, sizeof *p->row_cells);
	p->cost = xcalloc(s->atom_count + 1, sizeof *p->cost);
	p->prices[0] = xcalloc(s->cell_count + 1, sizeof *p->prices[0]);
	p->prices[1] = xcalloc(s->cell_count + 1, sizeof *p->prices[1]);
	find_stated(p);
	choose_rows(p);
	p->simplex = simplex_new(p->row_count, p->column_count);
	fill_rows(p);
	enum err e = simplex_start(p->simplex);
	if (!e)
		*ret = take(p);
	return e;
}

/* The price of a stated atom is what is left of its cost after the rows are paid. */
static void
read_prices(struct probe *p, const struct bitmap *atoms, double sign, double *prices)
{
	const struct sums *s = p->sums;
	memset(prices, 0, s->cell_count * sizeof *prices);
	for (size_t r = 0; r < p->row_count; r++)
		prices[p->row_cells[r]] = simplex_price(p->simplex, r);
	for (size_t a = 0; a < s->atom_count; a++) {
		if (p->stated_by[a] == SUMS_NO_CELL)
			continue;
		double rest = bitmap_has(atoms, a) ? sign : 0;
		for (size_t r = 0; r < p->row_count; r++)
			if (bitmap_has(s->cells[p->row_cells[r]].atoms, a))
				rest -= simplex_price(p->simplex, r);
		prices[p->stated_by[a]] += rest;
	}
}

/* The most of sign times the goal, with its prices. */
static enum err
bound(struct probe *p, const struct bitmap *atoms, double sign, double *ret_bound,
	double *prices)
{
	const struct sums *s = p->sums;
	double stated = 0;
	memset(p->cost, 0, p->column_count * sizeof *p->cost);
	for (size_t a = 0; a < s->atom_count; a++) {
		if (!bitmap_has(atoms, a))
			continue;
		if (p->column_of[a] == NO_COLUMN)
			stated += sign * (double)s->atom_people[a];
		else
			p->cost[p->column_of[a]] = sign;
	}
	enum err e = simplex_most(p->simplex, p->cost, ret_bound);
	if (e)
		return e;
	*ret_bound += stated;
	read_prices(p, atoms, sign, prices);
	return OK;
}

enum err
probe_goal(struct probe *p, const struct sum_goal *goal, const struct probe_rules *rules,
	bool *ret_fails, bool *ret_culprits)
{
	*ret_fails = false;
	double most, minus_least;
	enum err e = bound(p, goal->atoms, 1, &most, p->prices[0]);
	if (!e)
		e = bound(p, goal->atoms, -1, &minus_least, p->prices[1]);
	if (e)
		return e;
	double high = floor(most + TINY_PEOPLE), low = ceil(-minus_least - TINY_PEOPLE);
	double people = (double)goal->count;
	bool narrow = high - low < (double)rules->width_people;
	bool near_above = low > 0 && high < people * (1 + rules->span);
	bool near_below = low > 0 && low > people * (1 - rules->span);
	if (!narrow && !near_above && !near_below)
		return OK;
	*ret_fails = true;
	/* The lower bound alone is reason enough when it is too near from below. */
	for (size_t c = 0; c < p->sums->cell_count; c++) {
		bool from_high = !near_below && fabs(p->prices[0][c]) > TINY_PRICE;
		bool from_low = fabs(p->prices[1][c]) > TINY_PRICE;
		ret_culprits[c] = !p->sums->cells[c].base && (from_high || from_low);
	}
	return OK;
}

uint64_t
probe_work(const struct probe *p)
{
	return simplex_work(p->simplex);
}
