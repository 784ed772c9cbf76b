/* group - who a record speaks for: the stakeholder groups of study.ini.
 *
 * [group.ID]: a form whose records are its members', and a condition `where` on the record in
 * the language of expr.h; empty: all records of the form. form = system: no records at all.
 */
#ifndef WEIR_GROUP_H
#define WEIR_GROUP_H

#include "common/study/record.h"

struct group_rule {
	char *id;
	const struct form *form; /* lent; NULL: of what the nodes count themselves */
	struct expr *where;      /* NULL: all records of the form */
};

/* Fills the rule; copies the id. E_FORMAT when `where` is no condition on a record. */
CHECKED enum err group_rule_make(struct group_rule *ret, const char *id,
	const struct form *form, const char *where, const struct missing_codes *missing);
void group_rule_done(struct group_rule *g);

/* Does the record belong to the group? Not when the condition is missing. */
bool group_rule_holds(const struct group_rule *g, const struct record *r);

#endif
