/* reader - what a reader can work out about a hidden count, exactly.
 *
 * The reader knows every shown cell and that people come in whole numbers, none below zero.
 * What the shown sums fix is taken out; an equation of two unknowns lets one stand for the
 * other; of the rest only independent equations stay. When then every unknown is in at most two
 * of them, with opposite signs after turning whole equations round, they are the balances of a
 * network (rows and columns of a two-way table are the usual case), whose extremes are whole
 * numbers: the most and the least of an unknown are its true value and what two maximal flows
 * add and take away (D. Gusfield, SIAM J. Comput. 17, 1988, 552-571).
 *
 * Errors: E_DENIED the shown sums are no such network, or a set is more than one unknown:
 *         nothing is proven. E_FULL more unknowns than the bound.
 */
#ifndef WEIR_READER_H
#define WEIR_READER_H

#include "common/figures/sums.h"

#define READER_UNKNOWNS_MAX 600u

struct reader;

/* gives the network behind a pattern: hidden[cell] for every cell of the sums, which are lent
 * for the call. */
CHECKED enum err reader_open(struct reader **ret, const struct sums *s, const bool *hidden);
void reader_free(struct reader *a);

/* The least and the most people that can be in a set of atoms. */
CHECKED enum err reader_interval(struct reader *a, const struct bitmap *atoms,
	int64_t *ret_lowest, int64_t *ret_highest);

OWNER(reader)

#endif
