/* consent_form - the consent that a filled-in consent form stands for.
 *
 * A consent form is any form with an item that carries a permission (weir_permission). These
 * items are read by name, those a form lacks are left out:
 *   event, given_by, mode, form_version_shown, given_at, valid_until, capacity, assent,
 *   taken_by, approached_by, approacher   as in proto/consent.proto
 *   valid_from      a day behind given_at from which the permissions hold
 *   witness         who saw and heard it; witness_ref likewise
 *   capacity_date   day of the assessment
 *   turns_sixteen   day on which the child turns sixteen; stays at the site
 * The way it arrived makes no difference. What else the form asks (language, categories of
 * data, how capacity was assessed) travels sealed in the detail part, by the path of the item.
 *
 * Limits:      on other research are those of the question (weir_duo), whatever the answer.
 * Always true: yes permits and no denies, from the moment it was given until the end of the day
 *              it holds; what was not answered is not permitted. What consent_permits_nothing()
 *              says yes to permits nothing. What needs a witness has one; an assessment has
 *              its day, where the form asks for it.
 * Sixteen:     what a parent agrees to or refuses holds until the day before the child turns
 *              sixteen, or until its own last day if that is earlier. Only the earlier one
 *              leaves the site, as the end of the consent; its own last day is the end of the
 *              permissions. From sixteen on the young person has to agree before more is
 *              collected (R09).
 * Errors:      E_FORMAT naming the item.
 */
#ifndef WEIR_NODE_CONSENT_FORM_H
#define WEIR_NODE_CONSENT_FORM_H

#include "node/capture_cells.h"
#include "node/consent.h"

bool consent_form_is(const struct form *f);

/* Texts of ret are lent by form and cells. zone: of the study's days. */
CHECKED enum err consent_form_read(struct consent *ret, const struct form *f,
	const struct capture_cells *cells, const char *zone);

#endif
