/* rules_keys - the keys of every rule: what each may say, and where a rule keeps it.
 *
 * Always true: a key that is not in the table is refused; one that is there is of its type and
 *              unit, whether this version can decide the rule or not.
 */
#ifndef WEIR_RULES_KEYS_H
#define WEIR_RULES_KEYS_H

#include "common/study/rules_set.h"
#include "common/study/values.h"

/* Read the keys of the rule's section, but for title, on, outcome, actions and source, into the
 * rule, with a fault for each misfit. A key whose wish this version cannot meet leaves the rule
 * not built; one that only asks for a reminder is warned about. */
void rules_keys_read(const struct values *v, unsigned number, struct rule *r);

/* Does this version have a judge for the rule? */
bool rules_keys_built(unsigned number);

#endif
