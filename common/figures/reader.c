#include "common/figures/reader.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/figures/exact.h"
#include "common/figures/flow.h"

#define NO_UNKNOWN SIZE_MAX
#define NO_LINE    SIZE_MAX

/* Atoms that no shown cell and no goal tells apart are one unknown. It is `factor` times the
 * unknown `of` plus `plus`; one that stands for itself has bounds and perhaps a place in the
 * network, a fixed one has factor 0. */
struct unknown {
	size_t example; /* one of its atoms */
	size_t atoms;   /* how many it has */
	int64_t people;
	bool fixed;
	size_t of;
	int64_t factor;
	int64_t plus;
	int64_t least;
	int64_t most;
	size_t arc;
	size_t from; /* network node whose balance it lowers */
	size_t to;
};

struct line {
	int64_t *factors; /* one an unknown, then the right side */
	size_t holds;     /* factors that are not zero */
};

struct reader {
	size_t atom_count;
	size_t *unknown_of; /* of each atom */
	struct unknown *unknowns;
	size_t count;
	size_t *open; /* unknowns the shown sums leave open; columns of the lines */
	size_t open_count;
	struct line *lines;
	size_t line_count;
	struct flow *flow;
};

void
reader_free(struct reader *a)
{
	if (!a)
		return;
	for (size_t i = 0; i < a->line_count; i++)
		free(a->lines[i].factors);
	free(a->lines);
	free(a->unknown_of);
	free(a->unknowns);
	free(a->open);
	flow_free(a->flow);
	free(a);
}

/* gives for one atom the set of shown cells and goals that hold it. */
static struct bitmap *
seen_in(const struct sums *s, const bool *hidden, size_t atom)
{
	struct bitmap *made = bitmap_new(s->cell_count + s->goal_count);
	for (size_t c = 0; c < s->cell_count; c++)
		if (!hidden[c] && bitmap_has(s->cells[c].atoms, atom))
			bitmap_put(made, c);
	for (size_t g = 0; g < s->goal_count; g++)
		if (bitmap_has(s->goals[g].atoms, atom))
			bitmap_put(made, s->cell_count + g);
	return made;
}

static void
join_atoms(struct reader *a, const struct sums *s, const bool *hidden)
{
	OWNED_MEM struct bitmap **seen = xcalloc(s->atom_count + 1, sizeof(struct bitmap *));
	OWNED_MEM uint64_t *hash = xcalloc(s->atom_count + 1, sizeof *hash);
	for (size_t i = 0; i < s->atom_count; i++) {
		OWNED_MEM struct bitmap *own = seen_in(s, hidden, i);
		uint64_t h = bitmap_hash(own);
		size_t u = 0;
		while (u < a->count && (hash[u] != h || !bitmap_same(seen[u], own)))
			u++;
		if (u == a->count) {
			a->unknowns[a->count++] = (struct unknown){
				.example = i, .of = u, .factor = 1, .most = FLOW_UNBOUNDED};
			hash[u] = h;
			seen[u] = take(own);
		}
		a->unknown_of[i] = u;
		a->unknowns[u].atoms++;
		a->unknowns[u].people += s->atom_people[i];
	}
	for (size_t u = 0; u < a->count; u++)
		free(seen[u]);
}

static void
fix(struct unknown *u)
{
	u->fixed = true;
	u->factor = 0;
	u->plus = u->people;
}

/* Unknowns of a cell that are not fixed yet; the last of them in *ret_one. */
static size_t
still_open(const struct reader *a, const struct sum_cell *cell, size_t *ret_one)
{
	size_t n = 0;
	for (size_t u = 0; u < a->count; u++)
		if (!a->unknowns[u].fixed && bitmap_has(cell->atoms, a->unknowns[u].example)) {
			n++;
			*ret_one = u;
		}
	return n;
}

/* A shown cell with one open unknown fixes it; go round until nothing changes. */
static void
fix_single(struct reader *a, const struct sums *s, const bool *hidden)
{
	bool changed = true;
	while (changed) {
		changed = false;
		for (size_t c = 0; c < s->cell_count; c++) {
			size_t one = NO_UNKNOWN;
			if (hidden[c] || still_open(a, &s->cells[c], &one) != 1)
				continue;
			fix(&a->unknowns[one]);
			changed = true;
		}
	}
}

static enum err
list_open(struct reader *a)
{
	for (size_t u = 0; u < a->count; u++)
		if (!a->unknowns[u].fixed)
			a->open[a->open_count++] = u;
	if (a->open_count > READER_UNKNOWNS_MAX)
		return fail(E_FULL, "more than %u hidden counts hang together",
			READER_UNKNOWNS_MAX);
	return OK;
}

/* takes factors. */
static void
put_line(struct reader *a, int64_t *factors)
{
	struct line *to = &a->lines[a->line_count++];
	to->factors = factors;
	to->holds = 0;
	for (size_t i = 0; i < a->open_count; i++)
		to->holds += factors[i] != 0;
}

/* Write down what each shown cell says of the open unknowns, leaving out what follows from
 * others. */
static enum err
write_lines(struct reader *a, const struct sums *s, const bool *hidden, struct exact *reduced)
{
	for (size_t c = 0; c < s->cell_count; c++) {
		if (hidden[c])
			continue;
		OWNED_MEM int64_t *factors = xcalloc(a->open_count + 1, sizeof *factors);
		size_t holds = 0;
		for (size_t i = 0; i < a->open_count; i++) {
			const struct unknown *u = &a->unknowns[a->open[i]];
			if (!bitmap_has(s->cells[c].atoms, u->example))
				continue;
			factors[i] = 1;
			factors[a->open_count] += u->people;
			holds++;
		}
		bool new = false;
		if (!holds)
			continue;
		enum err e = exact_add(reduced, factors, &new);
		if (e)
			return e;
		put_line(a, take(factors));
	}
	return OK;
}

/* Reduced equations show what single equations hide: unknowns that are fixed after all, and
 * pairs that stand for each other. */
static void
use_reduced(struct reader *a, const struct exact *reduced)
{
	size_t len = a->open_count + 1;
	for (size_t i = 0; i < exact_count(reduced); i++) {
		const int64_t *from = exact_line(reduced, i);
		size_t holds = 0, last = 0;
		for (size_t j = 0; j < a->open_count; j++)
			if (from[j] != 0) {
				holds++;
				last = j;
			}
		if (holds == 1)
			fix(&a->unknowns[a->open[last]]);
		if (holds == 2)
			put_line(a, xmemdup(from, len * sizeof *from));
	}
	for (size_t l = 0; l < a->line_count; l++)
		for (size_t j = 0; j < a->open_count; j++) {
			const struct unknown *u = &a->unknowns[a->open[j]];
			int64_t *at = a->lines[l].factors;
			if (!u->fixed || at[j] == 0)
				continue;
			at[a->open_count] -= at[j] * u->people;
			at[j] = 0;
			a->lines[l].holds--;
		}
}

/* Unknown x is sign * y + plus from now on: in every line, for all that x stood for, in the
 * bounds. */
static void
substitute(struct reader *a, size_t x, size_t y, int64_t sign, int64_t plus)
{
	struct unknown *ux = &a->unknowns[a->open[x]], *uy = &a->unknowns[a->open[y]];
	int64_t low = sign > 0 ? ux->least - plus : plus - ux->most;
	int64_t high = sign > 0 ? ux->most - plus : plus - ux->least;
	uy->least = MAX(uy->least, low);
	uy->most = MIN(uy->most, high);
	for (size_t u = 0; u < a->count; u++) {
		struct unknown *v = &a->unknowns[u];
		if (v->fixed || v->of != a->open[x])
			continue;
		v->plus += v->factor * plus;
		v->factor *= sign;
		v->of = a->open[y];
	}
	for (size_t l = 0; l < a->line_count; l++) {
		int64_t *at = a->lines[l].factors, factor = at[x];
		if (factor == 0)
			continue;
		at[x] = 0;
		at[y] += factor * sign;
		at[a->open_count] -= factor * plus;
		exact_shorten(at, a->open_count + 1);
		a->lines[l].holds = 0;
		for (size_t j = 0; j < a->open_count; j++)
			a->lines[l].holds += at[j] != 0;
	}
}

/* An equation a x + b y = c with factors of size one lets x go; false when there is none
 * left. */
static bool
substitute_one(struct reader *a)
{
	for (size_t l = 0; l < a->line_count; l++) {
		if (a->lines[l].holds != 2)
			continue;
		const int64_t *at = a->lines[l].factors;
		size_t x = 0, y = a->open_count - 1;
		while (at[x] == 0)
			x++;
		while (at[y] == 0)
			y--;
		if ((at[x] != 1 && at[x] != -1) || (at[y] != 1 && at[y] != -1))
			continue;
		substitute(a, x, y, -at[x] * at[y], at[x] * at[a->open_count]);
		return true;
	}
	return false;
}

static int
line_order(const void *a, const void *b)
{
	size_t x = ((const struct line *)a)->holds, y = ((const struct line *)b)->holds;
	return (x > y) - (x < y);
}

/* Of the lines that are left keep independent ones, the shortest first. */
static enum err
keep_independent(struct reader *a)
{
	OWNED(exact) struct exact *kept = exact_new(a->open_count);
	qsort(a->lines, a->line_count, sizeof *a->lines, line_order);
	size_t count = 0;
	for (size_t l = 0; l < a->line_count; l++) {
		bool new = false;
		enum err e =
			a->lines[l].holds ? exact_add(kept, a->lines[l].factors, &new) : OK;
		if (e)
			return e;
		/* Swapping keeps what is dropped behind the count, where it is freed in the
		 * end. */
		struct line line = a->lines[l];
		a->lines[l] = a->lines[count];
		a->lines[count] = line;
		count += new;
	}
	for (size_t l = count; l < a->line_count; l++)
		free(a->lines[l].factors);
	a->line_count = count;
	return OK;
}

static enum err
beyond(void)
{
	return fail(E_DENIED,
		"the hidden counts are beyond two-way sums, this version cannot prove "
		"that they stay hidden");
}

/* The two kept lines that hold an unknown, NO_LINE for none. */
static enum err
lines_of(const struct reader *a, size_t column, size_t ret[2])
{
	size_t n = 0;
	ret[0] = ret[1] = NO_LINE;
	for (size_t l = 0; l < a->line_count; l++) {
		int64_t factor = a->lines[l].factors[column];
		if (factor == 0)
			continue;
		if (n == 2 || factor > 1 || factor < -1)
			return beyond();
		ret[n++] = l;
	}
	return OK;
}

/* Choose a sign for each line so that every unknown in two lines has opposite ones. */
static enum err
choose_signs(const struct reader *a, int64_t *signs)
{
	for (size_t start = 0; start < a->line_count; start++) {
		if (signs[start] == 0)
			signs[start] = 1;
		/* Settle all that hangs on the lines so far; each round settles one more or
		 * ends. */
		bool changed = true;
		while (changed) {
			changed = false;
			for (size_t j = 0; j < a->open_count; j++) {
				size_t at[2];
				enum err e = lines_of(a, j, at);
				if (e)
					return e;
				if (at[1] == NO_LINE ||
					(signs[at[0]] == 0) == (signs[at[1]] == 0))
					continue;
				size_t known = signs[at[0]] ? 0 : 1;
				signs[at[!known]] = -signs[at[known]] *
						    a->lines[at[0]].factors[j] *
						    a->lines[at[1]].factors[j];
				changed = true;
			}
		}
	}
	for (size_t j = 0; j < a->open_count; j++) {
		size_t at[2];
		enum err e = lines_of(a, j, at);
		if (e)
			return e;
		if (at[1] != NO_LINE && signs[at[0]] * a->lines[at[0]].factors[j] ==
						signs[at[1]] * a->lines[at[1]].factors[j])
			return beyond();
	}
	return OK;
}

/* Node 0 takes the loose ends; node 1 + l is the balance of line l. */
static enum err
build_network(struct reader *a)
{
	OWNED_MEM int64_t *signs = xcalloc(a->line_count + 1, sizeof *signs);
	enum err e = choose_signs(a, signs);
	if (e)
		return e;
	a->flow = flow_new(a->line_count + 1);
	size_t arcs = 0;
	for (size_t j = 0; j < a->open_count; j++) {
		struct unknown *u = &a->unknowns[a->open[j]];
		size_t at[2];
		e = lines_of(a, j, at);
		if (e)
			return e;
		u->from = u->to = 0;
		for (size_t k = 0; k < 2 && at[k] != NO_LINE; k++) {
			if (signs[at[k]] * a->lines[at[k]].factors[j] > 0)
				u->to = 1 + at[k];
			else
				u->from = 1 + at[k];
		}
		u->arc = arcs++;
		flow_join(a->flow, u->from, u->to, u->most - u->people, u->people - u->least);
	}
	return OK;
}

enum err
reader_open(struct reader **ret, const struct sums *s, const bool *hidden)
{
	*ret = NULL;
	OWNED(reader) struct reader *a = xcalloc(1, sizeof *a);
	a->atom_count = s->atom_count;
	a->unknown_of = xcalloc(s->atom_count + 1, sizeof *a->unknown_of);
	a->unknowns = xcalloc(s->atom_count + 1, sizeof *a->unknowns);
	a->open = xcalloc(s->atom_count + 1, sizeof *a->open);
	join_atoms(a, s, hidden);
	fix_single(a, s, hidden);
	enum err e = list_open(a);
	if (e)
		return e;
	/* One line a cell, and one a reduced equation, of which there are at most the
	 * unknowns. */
	a->lines = xcalloc(s->cell_count + a->open_count + 1, sizeof *a->lines);
	OWNED(exact) struct exact *reduced = exact_new(a->open_count);
	e = write_lines(a, s, hidden, reduced);
	if (e)
		return e;
	use_reduced(a, reduced);
	while (substitute_one(a))
		continue;
	e = keep_independent(a);
	if (!e)
		e = build_network(a);
	if (!e)
		*ret = take(a);
	return e;
}

/* How far an unknown that stands for itself can move. */
static void
reach(struct reader *a, const struct unknown *u, int64_t *ret_least, int64_t *ret_most)
{
	/* To carry more on its own arc, the rest of the network has to carry as much back. */
	int64_t up = u->most - u->people, down = u->people - u->least;
	*ret_most = u->people + flow_most(a->flow, u->to, u->from, u->arc, up);
	*ret_least = u->people - flow_most(a->flow, u->from, u->to, u->arc, down);
}

enum err
reader_interval(
	struct reader *a, const struct bitmap *atoms, int64_t *ret_lowest, int64_t *ret_highest)
{
	OWNED_MEM size_t *held = xcalloc(a->count + 1, sizeof *held);
	OWNED_MEM int64_t *factors = xcalloc(a->count + 1, sizeof *factors);
	int64_t plus = 0, least = 0, most = 0;
	size_t one = NO_UNKNOWN;
	for (size_t i = 0; i < a->atom_count; i++)
		held[a->unknown_of[i]] += bitmap_has(atoms, i);
	for (size_t u = 0; u < a->count; u++) {
		if (held[u] == 0)
			continue;
		if (held[u] != a->unknowns[u].atoms)
			return beyond();
		plus += a->unknowns[u].plus;
		factors[a->unknowns[u].of] += a->unknowns[u].factor;
	}
	for (size_t u = 0; u < a->count; u++) {
		if (factors[u] == 0)
			continue;
		if (one != NO_UNKNOWN)
			return beyond();
		one = u;
	}
	*ret_lowest = *ret_highest = plus;
	if (one == NO_UNKNOWN)
		return OK;
	reach(a, &a->unknowns[one], &least, &most);
	int64_t factor = factors[one];
	*ret_lowest = plus + factor * (factor > 0 ? least : most);
	*ret_highest = plus + factor * (factor > 0 ? most : least);
	return OK;
}
