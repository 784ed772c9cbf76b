/* rules_world - facts for the rules, written as edits of a usual day.
 *
 * The usual day: a study that is allowed everything, a site exa with all its papers, a person
 * who agreed to all, a record collected on day 900 and asked about on day 1000. world_edit()
 * changes it by words separated by blanks:
 *   now=1000d+1s            a time: sums of days, seconds and milliseconds, to any field of one
 *   rec.until=900d          a field of a part; parts are named in rules_world.c
 *   +c2 -dsa                a part that is not there usually, one that is there left out
 *   rec.modes=written|drawn lists have '|' between their words; an empty value is "" or none
 *   c1.event=NULL           a text that nobody filled in
 */
#ifndef WEIR_TESTS_RULES_WORLD_H
#define WEIR_TESTS_RULES_WORLD_H

#include "common/study/rules_facts.h"

#define WORLD_DAY_MS 86400000LL

struct world;

struct world *world_new(void); /* gives */
void world_free(struct world *w);
OWNER(world)

/* Fails the test by name when a word is not understood. */
void world_edit(struct world *w, const char *words);
/* The facts as they stand; lent until the next call. */
const struct rules_facts *world_facts(struct world *w);

#endif
