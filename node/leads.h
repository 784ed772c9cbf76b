/* leads - does a text that is about to be sealed and sent lead to a person? textscan.h says
 * what is looked for.
 *
 * Looked at:   typed text that goes to the hub, of people and of staff. Not what stays at the
 *              site, choices, what the form works out, the study code, staff codes.
 * Whose word:  nothing is taken out and nothing is lost because of a hit. An import refuses the
 *              row until a person says which columns to keep as they are; a submission of a
 *              tablet is sealed, and held until the coordinator has decided.
 * It can hurt: the text itself is in no sentence, only the item and the kind.
 */
#ifndef WEIR_NODE_LEADS_H
#define WEIR_NODE_LEADS_H

#include "common/study/form.h"

/* "a telephone number", or NULL when there is nothing to ask about. */
const char *leads_to(const struct form_field *f, const char *value);

#endif
