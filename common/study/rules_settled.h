/* rules_settled - what the rules say of a site, a form and a question, settled before any
 * record is looked at.
 *
 * Half of the rules look at no person: papers, reviews, windows, the plan, who asks. Whoever
 * judges many records that share all of that has it worked out once, and asks the other half
 * for each record.
 * Always true: the verdict on a record is that of rules_judge() on the same facts, byte for
 *              byte, in whatever order records are asked about.
 * Time:        what a rule says of a moment of collection holds until a paper, a window or a
 *              plan begins or ends. The spans looked at last are remembered.
 * It can hurt: rules and facts are lent as long as it lives; when any of them changes, it has
 *              to be made anew. Two questions, sites, forms, waves or partners are two of them.
 */
#ifndef WEIR_RULES_SETTLED_H
#define WEIR_RULES_SETTLED_H

#include "common/study/rules.h"

struct rules_settled;

/* gives; lends r and what the facts lend. Their record is not looked at. */
struct rules_settled *rules_settled_new(const struct rules *r, const struct rules_facts *facts);
void rules_settled_free(struct rules_settled *s);
OWNER(rules_settled)

/* Judge a record of which the facts hold. Allocates nothing. */
void rules_settled_judge(
	struct rules_settled *s, const struct rules_record *record, struct verdict *ret);

#endif
