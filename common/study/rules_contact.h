/* rules_contact - may a person be contacted? No rule of the file: nobody can switch it off.
 *
 * Always true: nobody writes to the dead: contact stops as soon as a death is known, whatever
 *              its date. It stops with no-further-contact, with every other participation
 *              change, with a no, with a refusal of the permission `contact`, and without a
 *              consent that says yes.
 */
#ifndef WEIR_RULES_CONTACT_H
#define WEIR_RULES_CONTACT_H

#include "common/study/rules_facts.h"

/* Why not, or NULL. Looks at consents, life, true_at_ms and known_upto. */
const char *rules_no_contact(const struct rules_facts *f);

#endif
