#include "common/figures/simplex.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"

/* Entries below this are rounding. */
#define TINY_FACTOR 1e-9
/* Steps without progress after which the lowest index is taken. */
#define STALLED_STEPS_COUNT 50u
/* Steps per row and column before giving up. */
#define STEPS_PER_LINE_COUNT 50u

/* Columns: the caller's, then one identity column a row (artificial, or the slack), then b. */
struct simplex {
	size_t rows;
	size_t columns;
	size_t width;
	double *cell;  /* rows * width */
	double *gain;  /* width: what a unit of each column adds to the cost */
	size_t *basis; /* column that is solved for in each row */
	bool *slack;
	uint64_t work;
};

struct simplex *
simplex_new(size_t row_count, size_t column_count)
{
	struct simplex *s = xcalloc(1, sizeof *s);
	s->rows = row_count;
	s->columns = column_count;
	s->width = column_count + row_count + 1;
	s->cell = xcalloc(row_count * s->width + 1, sizeof *s->cell);
	s->gain = xcalloc(s->width, sizeof *s->gain);
	s->basis = xcalloc(row_count + 1, sizeof *s->basis);
	s->slack = xcalloc(row_count + 1, sizeof *s->slack);
	for (size_t i = 0; i < row_count; i++) {
		s->basis[i] = column_count + i;
		s->cell[i * s->width + column_count + i] = 1;
	}
	return s;
}

void
simplex_free(struct simplex *s)
{
	if (!s)
		return;
	free(s->cell);
	free(s->gain);
	free(s->basis);
	free(s->slack);
	free(s);
}

static double *
line(const struct simplex *s, size_t row)
{
	return &s->cell[row * s->width];
}

static double
right(const struct simplex *s, size_t row)
{
	return line(s, row)[s->width - 1];
}

void
simplex_put(struct simplex *s, size_t row, size_t column, double factor)
{
	line(s, row)[column] = factor;
}

void
simplex_right(struct simplex *s, size_t row, double b)
{
	line(s, row)[s->width - 1] = b;
}

void
simplex_slack(struct simplex *s, size_t row)
{
	s->slack[row] = true;
}

/* Artificial columns leave for good; slack may come back. */
static bool
may_enter(const struct simplex *s, size_t column)
{
	return column < s->columns || s->slack[column - s->columns];
}

static void
take_away(struct simplex *s, double *from, const double *pivot_line, double factor)
{
	for (size_t j = 0; j < s->width; j++)
		from[j] -= factor * pivot_line[j];
	s->work += s->width;
}

static void
pivot(struct simplex *s, size_t row, size_t column)
{
	double *at = line(s, row), scale = 1 / at[column];
	for (size_t j = 0; j < s->width; j++)
		at[j] *= scale;
	at[column] = 1;
	for (size_t i = 0; i < s->rows; i++)
		if (i != row && fabs(line(s, i)[column]) > 0) {
			take_away(s, line(s, i), at, line(s, i)[column]);
			line(s, i)[column] = 0;
			if (right(s, i) < 0 && right(s, i) > -TINY_FACTOR)
				line(s, i)[s->width - 1] = 0;
		}
	if (fabs(s->gain[column]) > 0) {
		take_away(s, s->gain, at, s->gain[column]);
		s->gain[column] = 0;
	}
	s->basis[row] = column;
}

/* The column that adds most, or the first that adds anything; s->width when none does. */
static size_t
pick_column(const struct simplex *s, bool first)
{
	size_t best = s->width;
	double most = TINY_FACTOR;
	for (size_t j = 0; j < s->width - 1; j++)
		if (s->gain[j] > most && may_enter(s, j)) {
			best = j;
			most = s->gain[j];
			if (first)
				break;
		}
	return best;
}

/* The row that binds first as the column grows; s->rows when none does. */
static size_t
pick_row(const struct simplex *s, size_t column)
{
	size_t best = s->rows;
	double least = INFINITY;
	for (size_t i = 0; i < s->rows; i++) {
		double factor = line(s, i)[column];
		if (factor < TINY_FACTOR)
			continue;
		double ratio = right(s, i) / factor;
		if (ratio < least - TINY_FACTOR ||
			(ratio < least + TINY_FACTOR && best < s->rows &&
				s->basis[i] < s->basis[best])) {
			best = i;
			least = MIN(ratio, least);
		}
	}
	return best;
}

/* Step until nothing adds to the cost; the gain row ends with minus the result. */
static enum err
climb(struct simplex *s, bool *ret_unbounded)
{
	*ret_unbounded = false;
	size_t stalled = 0, most_steps = STEPS_PER_LINE_COUNT * (s->rows + s->columns + 1);
	double before = s->gain[s->width - 1];
	for (size_t step = 0; step < most_steps; step++) {
		size_t column = pick_column(s, stalled > STALLED_STEPS_COUNT);
		if (column == s->width)
			return OK;
		size_t row = pick_row(s, column);
		if (row == s->rows) {
			*ret_unbounded = true;
			return OK;
		}
		pivot(s, row, column);
		stalled = fabs(s->gain[s->width - 1] - before) > TINY_FACTOR ? 0 : stalled + 1;
		before = s->gain[s->width - 1];
	}
	return fail(E_FULL, "simplex: %zu steps were not enough", most_steps);
}

enum err
simplex_start(struct simplex *s)
{
	/* The most of minus the artificial columns: 0 when the rows can be satisfied. */
	double scale = 1;
	memset(s->gain, 0, s->width * sizeof *s->gain);
	for (size_t i = 0; i < s->rows; i++) {
		if (s->slack[i])
			continue;
		scale = MAX(scale, right(s, i));
		for (size_t j = 0; j < s->columns; j++)
			s->gain[j] += line(s, i)[j];
		s->gain[s->width - 1] += right(s, i);
	}
	bool unbounded;
	enum err e = climb(s, &unbounded);
	if (e)
		return e;
	if (s->gain[s->width - 1] > 1e-6 * scale)
		return fail(E_CONFLICT, "simplex: the rows contradict each other");
	for (size_t i = 0; i < s->rows; i++) {
		if (s->basis[i] < s->columns || s->slack[s->basis[i] - s->columns])
			continue;
		/* An artificial column at zero gives way to any real one; if its row has none
		 * it follows from the other rows and never moves. */
		size_t best = s->columns;
		for (size_t j = 0; j < s->columns; j++)
			if (fabs(line(s, i)[j]) > 1e-7 &&
				(best == s->columns ||
					fabs(line(s, i)[j]) > fabs(line(s, i)[best])))
				best = j;
		if (best < s->columns)
			pivot(s, i, best);
	}
	return OK;
}

enum err
simplex_most(struct simplex *s, const double *cost, double *ret_most)
{
	*ret_most = 0;
	memset(s->gain, 0, s->width * sizeof *s->gain);
	memcpy(s->gain, cost, s->columns * sizeof *cost);
	for (size_t i = 0; i < s->rows; i++)
		if (s->basis[i] < s->columns && fabs(cost[s->basis[i]]) > 0)
			take_away(s, s->gain, line(s, i), cost[s->basis[i]]);
	bool unbounded;
	enum err e = climb(s, &unbounded);
	if (!e)
		*ret_most = unbounded ? (double)INFINITY : -s->gain[s->width - 1];
	return e;
}

double
simplex_price(const struct simplex *s, size_t row)
{
	return -s->gain[s->columns + row];
}

uint64_t
simplex_work(const struct simplex *s)
{
	return s->work;
}
