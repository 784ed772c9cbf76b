/* judge_ground - what records of one site, form, wave and partner have in common when they are
 * asked about, gathered once and settled by the rules once.
 *
 * Always true: grounds stand for one site and one question but for its action and use. Whoever
 *              asks about another one, or may have changed what facts were gathered from,
 *              forgets them first: judge_grounds_begin() does so of itself for the first.
 * Errors:      none: what is not there is gathered by the judge.
 * It can hurt: what the facts lend has to stay until they are forgotten; texts of the record
 *              (form, version, wave, partner) and the site are copied.
 */
#ifndef WEIR_HUB_JUDGE_GROUND_H
#define WEIR_HUB_JUDGE_GROUND_H

#include "hub/judge.h"

struct judge_ground;
struct judge_grounds;
struct judge_grounds *judge_grounds_new(void); /* gives */
void judge_grounds_free(struct judge_grounds *g);
OWNER(judge_grounds)
void judge_grounds_forget(struct judge_grounds *g);

/* From here on this is asked about records of this site. */
void judge_grounds_begin(
	struct judge_grounds *g, const char *site, const struct judge_ask *ask);

/* The ground of facts whose action, use, form, version, wave and partner are these; NULL if it
 * has to be added. Lent until they are forgotten. */
struct judge_ground *judge_grounds_find(struct judge_grounds *g, const struct rules_facts *f);
/* own: rules of the site, or NULL. Both sets of rules are lent until they are forgotten. */
struct judge_ground *judge_grounds_add(struct judge_grounds *g, const struct rules_facts *f,
	const struct rules *rules, const struct rules *own);

/* The verdict on a record: a site may ask for more than the study does, so what its own rules
 * do not permit is not. Rules of both that fired are listed (rules_join()). */
void judge_ground_ask(
	struct judge_ground *g, const struct rules_record *record, struct verdict *ret);
/* The approval at this place of the facts. */
const char *judge_ground_approval(const struct judge_ground *g, size_t place);

#endif
