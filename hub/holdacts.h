/* holdacts - whoever is rung acts: a person is taken out of every cohort by the number of the
 * receipt, at once, and the site is asked to say which level was meant.
 *
 * Acts (acts.h): hold {"receipt"}: by any researcher, officer or approver; the statement's id
 *              is the number as it is printed. hold-lift {"receipt","reason"}: by another
 *              person than the one who placed it.
 * Leaves:      hold-placed, hold-lifted, with the person's person_commit and site; the number
 *              stands in none (acts_leaf_person()).
 * Question:    "hold" {"receipt"} (read only): {"receipt","persons":[{"site","held","by",
 *              "placed_s","records","releases":[{"id","released_s","wave","tables":[...]}]}]}:
 *              which releases hold the person. Looks at the rules part of every record that one
 *              of them counts: seconds in a very large study.
 * Who:         a number may stand for more than one person (receipt.h): then all are held,
 *              which harms nobody, and each site looks.
 * Told:        the site, with its terms (siteterms.h): `weir-node status` lists the number
 *              until a change of the person is entered there; `weir-hub status` names site and
 *              number until that change has come (decisions.h), or the hold was lifted.
 * Errors:      E_FORMAT no receipt number; E_NOTFOUND nobody has it, or nothing is held;
 *              E_CONFLICT held before; E_DENIED lifted by who placed it; those of vault.h.
 */
#ifndef WEIR_HUB_HOLDACTS_H
#define WEIR_HUB_HOLDACTS_H

#include "common/codec/json.h"

#include "hub/acts.h"

CHECKED enum err holdacts_place(struct hub *h, const struct act *a, struct buf *reply);
CHECKED enum err holdacts_lift(struct hub *h, const struct act *a, struct buf *reply);
/* Adds the answer's object. */
CHECKED enum err holdacts_answer(struct hub *h, const struct json *args, struct json_out *w);

#endif
