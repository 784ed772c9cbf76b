/* consent_form - the consent that a filled-in consent form stands for.
 *
 * A consent form is any form with an item that carries a permission (weir_permission). Its
 * items event, given_by, mode, form_version_shown, given_at, valid_until, capacity, assent,
 * taken_by and approached_by are read by name; those a form lacks are left out. The way it
 * arrived makes no difference.
 *
 * Always true: yes permits and no denies, from the moment it was given until the end of the day
 *              it holds; what was not answered is not permitted. refused, advice-against and a
 *              person's own dissent permit nothing, whatever else was answered.
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
