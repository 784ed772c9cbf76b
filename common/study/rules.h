/* rules - may this record be collected, sent, counted, released? Facts in, verdict and reasons
 * out.
 *
 * Pure: no clock, store or network. The same facts and the same file give the same verdict.
 * Always true: nothing is permitted unless at least one rule was asked and every rule asked was
 *              met; deny beats hold beats permit; facts that are missing count as not met.
 *              a rule that is on and not built in this version gives its own outcome; so
 *              does one with a key that this version cannot carry out (R20 with partner.item,
 *              R12 where its basis is the study's). `unlisted = on` asks a rule without a
 *              section as weir ships it (rules_shipped.h).
 * Consent:     the version that stood at a time is the one given last by then. Dates come from
 *              the clocks of sites, so a change that takes away is not left to them: it counts
 *              now from when it is known, what was known before it never comes back, and after
 *              no-further-use or erase nothing does. R07 and data.* of R08 are judged when the
 *              record was collected, use.* of R08 when it is used: a person who wants no more
 *              collection stays in what was collected before. A change at level no-further-use
 *              or erase stops every use, and every level but no-further-contact stops
 *              collection, even if its permissions were left standing. Records about the site
 *              need no consent. R07 asks who spoke: the person; a consultee, where the file
 *              accepts what consultees say and an approval of the kind it names was in force; a
 *              parent, where it says what a child needs. Nobody speaks for themselves who was
 *              found not to be able to. A refusal, advice against it, or a person's own dissent
 *              permits nothing, whatever is permitted beside it. A change of participation
 *              agrees to nothing: the agreement that it changes is asked, too. For R13 a
 *              consultee's advice counts that is later than the loss, by its date and by when
 *              it was known; for R14 a no stands until an agreement is known that is later in
 *              the same way. R20 takes an approval of the site or of the whole study.
 */
#ifndef WEIR_RULES_H
#define WEIR_RULES_H

#include "common/codec/bytes.h"
#include "common/study/faults.h"
#include "common/study/rules_facts.h"

#define RULES_MAX          21 /* R01 to R21 */
#define RULES_REASON_BYTES 96
#define RULES_MAX_USED     16 /* approvals named in a verdict */
#define RULES_DIGEST_BYTES 32 /* SHA-256 of the file */

struct rules_fired {
	char rule[4]; /* "R07"; "" when no rule speaks for the action */
	enum rules_outcome outcome;
	char reason[RULES_REASON_BYTES];
};

struct verdict {
	enum rules_outcome outcome;
	struct rules_fired fired[RULES_MAX + 1]; /* rules that were not met */
	size_t fired_count;
	size_t used[RULES_MAX_USED]; /* approvals it stands on, as indexes of facts.approvals */
	size_t used_count;
	int consent_then; /* version that stood at collection, index of facts.consents, or -1 */
	int consent_now;  /* version that stands at true_at_ms, or -1 */
	uint8_t rules_digest[RULES_DIGEST_BYTES];
	uint32_t rules_version;
};

struct rules;

/* gives the rules of a rules.ini; NULL when a fault was added. `file` names it in faults. */
struct rules *rules_read(struct view text, const char *file, struct faults *faults);
void rules_free(struct rules *r);
OWNER(rules)

uint32_t rules_version(const struct rules *r);
uint32_t rules_signatures(const struct rules *r);      /* officers that have to sign the file */
const uint8_t *rules_digest(const struct rules *r);    /* RULES_DIGEST_BYTES, lent */
bool rules_on(const struct rules *r, unsigned number); /* 1 to 21 */
const char *rules_title(const struct rules *r, unsigned number); /* "" if it is off */

/* The approval by which a site of this kind agrees (R03): NULL if the rule names none, "" if it
 * is off. */
const char *rules_agreement(const struct rules *r, const char *site_kind);

/* Is the time that answers are kept part of R10? */
bool rules_asks_retention(const struct rules *r);

/* Allocates nothing. */
void rules_judge(const struct rules *r, const struct rules_facts *facts, struct verdict *ret);

/* "permit", "hold", "deny". */
const char *rules_outcome_word(enum rules_outcome outcome);
/* "collect", "sync", ...; "" for no single action. */
const char *rules_action_word(enum rules_action action);

#endif
