/* rules_rows - the tables of tests/data/rules/RNN.csv: each row a decision.
 *
 * A rule stands alone, as it is shipped, with the keys of the row in place of its own; the
 * facts are those of rules_world.h, edited.
 *   name     what is tried
 *   keys     "grace=14 days; -approval.partner": put in place of the shipped one, or left out
 *   facts    "captured=900d-1s -dsa"
 *   action   collect, sync, aggregate, release, query or export
 *   outcome  permit, hold or deny
 *   reason   what the rule says, whole; empty when it permits
 */
#ifndef WEIR_TESTS_RULES_ROWS_H
#define WEIR_TESTS_RULES_ROWS_H

#include "common/study/rules.h"
#include "tests/unit/rules_world.h"

#define ROW_NAME_BYTES 160

struct rules_row {
	char name[ROW_NAME_BYTES]; /* "R07: ..." */
	unsigned rule;
	const char *keys, *facts, *action, *outcome, *reason;
};

struct rules_rows;

/* gives all rows, those of a rule together; ends the program if a table cannot be read. */
struct rules_rows *rules_rows_new(void);
void rules_rows_free(struct rules_rows *t);
OWNER(rules_rows)
size_t rules_rows_count(const struct rules_rows *t);
struct rules_row *rules_rows_at(struct rules_rows *t, size_t i); /* lent */

/* gives the rule of the row with its keys. */
struct rules *rules_row_rules(const struct rules_row *r);
/* gives every rule as it is shipped, each asked for every action. */
struct rules *rules_row_shipped(void);
/* The world edited as the row says; lent until the world is asked again. */
struct rules_facts rules_row_facts(const struct rules_row *r, struct world *w);

#endif
