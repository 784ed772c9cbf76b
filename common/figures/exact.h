/* exact - linear equations in whole numbers, solved without rounding.
 *
 * Equations come one by one and are kept fully reduced: each has a leading unknown that no
 * other one holds (Gauss-Jordan without fractions, every line divided by its greatest common
 * divisor, its leading factor positive).
 *
 * Errors: E_FULL a number outgrew 64 bits: the system is not one of counts.
 */
#ifndef WEIR_EXACT_H
#define WEIR_EXACT_H

#include "common/base/err.h"

struct exact;

/* gives a system without equations. */
struct exact *exact_new(size_t unknown_count);
void exact_free(struct exact *x);

/* Add factor.x = right, as unknown_count factors and then the right side. *ret_new is false
 * when it follows from those before. Copies. */
CHECKED enum err exact_add(struct exact *x, const int64_t *factors_and_right, bool *ret_new);

size_t exact_count(const struct exact *x);
/* lends a reduced equation until the next exact_add: factors, then the right side. */
const int64_t *exact_line(const struct exact *x, size_t i);

/* Divide a line by the greatest common divisor of its `len` entries. */
void exact_shorten(int64_t *line, size_t len);

OWNER(exact)

#endif
