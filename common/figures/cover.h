/* cover - the cheapest set that meets demands which are only found as they are asked for.
 *
 * A demand is a list of items of which at least one has to be chosen. A caller's question
 * judges a choice and adds the demands it breaks. Branch and bound over the choices; the bound
 * of a branch is the linear relaxation of the demands known so far, solved through its dual,
 * and every choice that the relaxation suggests is put to the caller (implicit hitting sets: E.
 * Moreno-Centeno, R. M. Karp, Oper. Res. 61, 2013, 453-468).
 *
 * Errors: E_CONFLICT a demand that nothing meets; E_FULL the work allowed was not enough: the
 *         best is not proven, so there is no result.
 */
#ifndef WEIR_COVER_H
#define WEIR_COVER_H

#include "common/base/err.h"

struct cover;

/* gives a problem without demands; copies weights, all positive. */
struct cover *cover_new(size_t item_count, const int64_t *weights);
void cover_free(struct cover *c);

/* One of these items; an empty list cannot be met. A demand that stands already is not new. */
void cover_demand(struct cover *c, const bool *items);

/* Judge a choice: add each demand it breaks that you can find, none when the choice is good.
 * Adding items to a good choice keeps it good. *ret_work: what the question cost, in
 * multiplications. */
typedef enum err cover_ask(void *arg, struct cover *c, const bool *chosen, uint64_t *ret_work);

/* A choice of least weight that is good; ties are broken the same way every time. Ask again
 * after adding demands of your own. */
CHECKED enum err cover_solve(
	struct cover *c, cover_ask *ask, void *arg, bool *ret_chosen, int64_t *ret_weight);

/* Choices put to the caller so far. */
size_t cover_asked(const struct cover *c);

OWNER(cover)

#endif
