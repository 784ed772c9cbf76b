/* rules_ask - what the judges of single rules share, and who judges which.
 *
 * Each judge gives the reason why its rule is not met, or NULL; reasons are shorter than
 * RULES_REASON_BYTES. None allocates. The rule's outcome stands in v->fired[v->fired_count]
 * before its judge is called; a judge whose cases differ (R09) writes that of the case there,
 * one that names something in its reason (R03) the reason.
 */
#ifndef WEIR_RULES_ASK_H
#define WEIR_RULES_ASK_H

#include "common/study/rules_words.h"

typedef const char *judge_rule(
	const struct rule *r, const struct rules_facts *f, struct verdict *v);

/* rules_approvals */
judge_rule rules_judge_opinion;    /* R01 */
judge_rule rules_judge_kind;       /* R02 */
judge_rule rules_judge_agreement;  /* R03 */
judge_rule rules_judge_stops;      /* R04 */
judge_rule rules_judge_agreements; /* R20 */

/* rules_reviews */
judge_rule rules_judge_conditions; /* R05 */
judge_rule rules_judge_reviews;    /* R06 */

/* rules_agreed */
judge_rule rules_judge_consent; /* R07 */

/* rules_consents */
judge_rule rules_judge_permissions; /* R08 */
judge_rule rules_judge_period;      /* R10 */

/* rules_sheets */
judge_rule rules_judge_sheets; /* R09 */

/* rules_staff */
judge_rule rules_judge_staff;     /* R11 */
judge_rule rules_judge_requester; /* R17 */

/* rules_persons */
judge_rule rules_judge_capacity;  /* R13 */
judge_rule rules_judge_objection; /* R14 */
judge_rule rules_judge_erasure;   /* R19 */

/* rules_purposes */
judge_rule rules_judge_opt_out; /* R12 */
judge_rule rules_judge_purpose; /* R15 */
judge_rule rules_judge_items;   /* R16 */

/* rules_quorum */
judge_rule rules_judge_quorum; /* R21 */

/* rules_windows */
judge_rule rules_judge_window; /* R22 */
judge_rule rules_judge_plan;   /* R23 */

/* Of an action without rules. */
#define RULES_NOT_SPOKEN_FOR "no rule speaks for this action"

/* The rules that speak for the action, a bit each. */
uint32_t rules_asked(const struct rules *r, unsigned action);
/* A verdict that no rule was asked for yet, with the consents that stand. */
void rules_begin(const struct rules *r, const struct rules_facts *f, struct verdict *ret);
/* Ask these rules in the order of their numbers, and note those that are not met, a bit each;
 * gives their bits. */
uint32_t rules_ask(
	struct verdict *v, const struct rules *r, uint32_t asked, const struct rules_facts *f);
/* number 0: of no rule. */
void rules_fire(
	struct verdict *v, unsigned number, enum rules_outcome outcome, const char *reason);

/* The approval that R03 names for this kind of site, or NULL. */
const char *rules_agreement_for(const struct rule *r, const char *site_kind);
bool rules_mode_approved_for(
	const struct rule *r, const struct rules_facts *f, const char *mode, int64_t at_ms);
/* May this approval speak for the record at hand? Known by then, of its site and partner, and
 * it covers its form, kind of data and action. */
bool rules_concerns(const struct rules_approval *a, const struct rules_facts *f);
/* In force, and neither suspended nor withdrawn. */
bool rules_in_force(const struct rules_approval *a, int64_t at_ms);
bool rules_confirms(const struct rules_approval *a);
/* May this approval speak for the person: one of the site itself, that concerns the record and
 * says yes? */
bool rules_speaks(const struct rules_approval *a, const struct rules_facts *f);
/* The same for some time of collection: under another protocol it may not. */
bool rules_may_speak(const struct rules_approval *a, const struct rules_facts *f);
void rules_note_used(struct verdict *v, size_t approval);
/* Was an approval of this kind in force, one that says yes? It is noted as used. */
bool rules_has_approval(
	const struct rules_facts *f, const char *kind, int64_t at_ms, struct verdict *v);

/* Is this a line of the delegation log for a task that R11 asks about at the site? */
bool rules_is_of_staff(
	const struct rule *r, const struct rules_facts *f, const struct rules_duty *d);

/* The version that stands at this time, or -1; by_now: what takes away counts from when it is
 * known, whatever its date. */
int rules_version_at(const struct rules_facts *f, int64_t at_ms, bool by_now);
/* The agreement on which this version stands: itself, or what a change changed; or NULL. */
const struct rules_consent *rules_agreement_behind(const struct rules_facts *f, int which);
bool rules_permits(const struct rules_consent *c, const char *code, int64_t at_ms);
/* Does this end only because the child turns sixteen: what a parent agreed to, without an end
 * of its own? That would be the end of its permissions, too. */
bool rules_ends_with_age(const struct rules_consent *c);

#endif
