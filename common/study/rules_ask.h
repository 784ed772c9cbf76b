/* rules_ask - what the judges of single rules share, and who judges which.
 *
 * Each judge gives the reason why its rule is not met, or NULL; reasons are shorter than
 * RULES_REASON_BYTES. None allocates.
 */
#ifndef WEIR_RULES_ASK_H
#define WEIR_RULES_ASK_H

#include "common/study/rules_set.h"

typedef const char *judge_rule(
	const struct rule *r, const struct rules_facts *f, struct verdict *v);

/* rules_approvals */
judge_rule rules_judge_opinion;    /* R01 */
judge_rule rules_judge_kind;       /* R02 */
judge_rule rules_judge_agreement;  /* R03 */
judge_rule rules_judge_stops;      /* R04 */
judge_rule rules_judge_agreements; /* R20 */

/* rules_consents */
judge_rule rules_judge_consent;     /* R07 */
judge_rule rules_judge_permissions; /* R08 */
judge_rule rules_judge_period;      /* R10 */

/* rules_persons */
judge_rule rules_judge_capacity;  /* R13 */
judge_rule rules_judge_objection; /* R14 */
judge_rule rules_judge_erasure;   /* R19 */

/* NULL is no word. */
bool rules_has_word(const struct rules_words *words, const char *word);
bool rules_within(int64_t at_ms, int64_t from_ms, int64_t until_ms);

/* The approval that R03 names for this kind of site, or NULL. */
const char *rules_agreement_for(const struct rule *r, const char *site_kind);
/* Was an approval of this kind in force, one that says yes? It is noted as used. */
bool rules_has_approval(
	const struct rules_facts *f, const char *kind, int64_t at_ms, struct verdict *v);

/* The version that stands at this time, or -1; by_now: what takes away counts from when it is
 * known, whatever its date. */
int rules_version_at(const struct rules_facts *f, int64_t at_ms, bool by_now);
bool rules_permits(const struct rules_consent *c, const char *code, int64_t at_ms);

#endif
