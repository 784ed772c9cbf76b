/* rules_contact - may a person be contacted, and may their name be kept? No rule of the file:
 * nobody can switch it off.
 *
 * Always true: nobody writes to the dead: contact stops as soon as a death is known, whatever
 *              its date. It stops with no-further-contact, with every other participation
 *              change, with a no, with a refusal of the permission that it is for, and without
 *              a consent that says yes.
 *              A name is kept on the permission store-identifiable alone, whatever else
 *              stopped.
 */
#ifndef WEIR_RULES_CONTACT_H
#define WEIR_RULES_CONTACT_H

#include "common/study/rules_facts.h"

/* What somebody is contacted for; each has a permission of its own: contact,
 * inform-results, recontact-other-study. */
enum rules_contact { RULES_FOR_STUDY = 0, RULES_FOR_RESULTS, RULES_FOR_OTHER_STUDY };

/* Why not, or NULL. Looks at consents, life, true_at_ms and known_upto. */
const char *rules_no_contact(const struct rules_facts *f, enum rules_contact what_for);
/* Why the site may not keep the person's name and how to reach them, or NULL. */
const char *rules_no_name(const struct rules_facts *f);

#endif
