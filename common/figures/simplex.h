/* simplex - the most a sum can reach under linear equations, in floating point.
 *
 *     most cost.x   where   A x = b (or <= b for a row with slack),   x >= 0,   b >= 0
 *
 * A dense tableau, two phases, for small systems (G. B. Dantzig, Linear Programming and
 * Extensions, 1963); after many steps without progress the lowest index is taken (R. G. Bland,
 * Math. Oper. Res. 2, 1977, 103-107), so that it ends. One start serves any number of costs.
 *
 * Errors:      E_CONFLICT nothing satisfies the rows; E_FULL more steps than the bound.
 * It can hurt: results carry rounding, about 1e-9 relative. It guides the search for a pattern;
 *              no table is released because of a number from here.
 */
#ifndef WEIR_SIMPLEX_H
#define WEIR_SIMPLEX_H

#include "common/base/err.h"

struct simplex;

/* gives a system of zeros. */
struct simplex *simplex_new(size_t row_count, size_t column_count);
void simplex_free(struct simplex *s);

void simplex_put(struct simplex *s, size_t row, size_t column, double factor);
void simplex_right(struct simplex *s, size_t row, double b);
/* The row may stay below its right side. */
void simplex_slack(struct simplex *s, size_t row);

/* Find any solution; once, before the first question. */
CHECKED enum err simplex_start(struct simplex *s);

/* The most cost.x can be; INFINITY when nothing holds it. */
CHECKED enum err simplex_most(struct simplex *s, const double *cost, double *ret_most);

/* After simplex_most: the price of a row; nonzero when the row holds the result down. */
double simplex_price(const struct simplex *s, size_t row);
/* Multiplications done so far; the searcher's measure of work. */
uint64_t simplex_work(const struct simplex *s);

OWNER(simplex)

#endif
