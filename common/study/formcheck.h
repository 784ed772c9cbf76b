/* formcheck - what a form of a study has to keep to, beyond being a good form.
 *
 * Forms made by others need none of this; forms of a study pack need all of it:
 *   names of questions differ in the whole form, and are small letters, digits and '_';
 *   every answer says how far it goes (weir_goes); what names a person stays at the site;
 *   only 'wave', choices, the staff code 'collected_by' of a form that staff fill in, and the
 *   answers of the consent form may stand open, FORM_MAX_OPEN at most where it is not the
 *   consent form. The rules ask who collected (R11), and no sealed answer can tell them;
 *   'collected_by' has a constraint, so that it is a code and no name;
 *   the study code is a text, required, and stays at the site;
 *   nobody has to answer a question about themselves: a compulsory one has a choice 99, or "no"
 *   for a permission; numbers, texts and days asked of a person are never compulsory. A form
 *   about a site asks nobody about themselves.
 *   study code, wave and permissions stand in no repeat;
 *   the permission share-secondary says under which limits (weir_duo, rules_limits.h);
 *   a consent form by which a parent can speak (given_by) asks for the day turns_sixteen.
 * A form about persons that does not say when it was filled in (form_stamp.h) is warned
 * of: consent, windows and approvals are asked as of then.
 * The consent form is the one that has permissions (weir_permission).
 */
#ifndef WEIR_FORMCHECK_H
#define WEIR_FORMCHECK_H

#include "common/study/faults.h"
#include "common/study/form.h"

/* A form and where its parts are written: as in xform_source (xform.h). */
struct formcheck {
	const struct form *form;
	const char *name; /* "forms/consent.xml", where there is no place */
	bool (*place)(const void *context, const char *path, const char *what,
		struct fault_place *ret); /* NULL: none is known */
	const void *context;
};

/* Does the form have permissions? */
bool formcheck_is_consent(const struct form *f);

/* Adds a fault for each thing that is not as it has to be. What study.ini says of the form (per
 * person or site) has to be in it already. */
void formcheck_study(const struct formcheck *c, struct faults *faults);

#endif
