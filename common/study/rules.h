/* rules - may this record be collected, sent, counted, released? Facts in, verdict and reasons
 * out.
 *
 * Pure: no clock, store or network. The same facts and the same file give the same verdict.
 * Always true: nothing is permitted unless at least one rule was asked and every rule asked was
 *              met; deny beats hold beats permit; facts that are missing count as not met; a
 *              rule whose facts nobody brings (facts.unfed) gives its own outcome.
 *              `unlisted = on` asks a rule without a section as weir ships it.
 * Consent:     the version that stood at a time is the one given last by then. Dates come from
 *              the clocks of sites, so a change that takes away is not left to them: it counts
 *              now from when it is known, what was known before it never comes back, and after
 *              no-further-use or erase nothing does, but for a wish to be erased that was
 *              taken back before it was carried out (rules_wish.h). R07 and data.* of R08 are
 *              judged when the record was collected, use.* of R08 when it is used. A change
 *              at level no-further-use or erase stops every use, and every level but
 *              no-further-contact stops collection, even if its permissions were left
 *              standing. A change agrees to nothing: the agreement that it changes is asked,
 *              too. Records about the site need no consent.
 * R07:         who spoke: the person; a consultee about who cannot decide, with advice that
 *              counts and an approval to ask; a parent, with what a child needs, and nobody
 *              else, a consultee neither, for a group of children, or once a parent spoke,
 *              until a word of a parent says that the child was sixteen: by its last day,
 *              where what it permits has an end of its own on another day, or none. A refusal,
 *              advice against it, or a dissent permits nothing. The way it was given counts
 *              when an ethics opinion in force then names it. The dead give nothing.
 * No consent:  in a study by section 251 support (s251) of whom nothing was said by then is
 *              judged without: R07, R09, R11 (but for who collected) and the permissions for
 *              figures are not asked, and R12 is. Whatever a person says, a yes or a no, is
 *              judged as anywhere, and R12 is not asked any more.
 * R03:         the site itself agreed, and every kind of approval that stands in its line of
 *              sites.csv was in force when the record was collected, or was said, with a
 *              reason, not to be required.
 * R09:         at collection the form that the person had seen by then counts, at use the one
 *              seen by now: an agreement made up for frees what was held. Whoever turned
 *              sixteen since a parent agreed is asked as a new version would ask.
 * R10:         an agreement ends on its last day, that of a parent on an earlier one of what
 *              it permits. Where it ends at sixteen and by nothing else, R09 says what is
 *              asked, where it is on for the action.
 * R13, R14:    advice later than the loss, or a word that the person can decide, by its date
 *              and by when it was known; a no stands until an agreement is known that is later
 *              in the same way.
 * R20:         approvals of the site or of the study, and of the partner whose staff gave the
 *              record: a partner's papers speak for its own records, as does their end (R04).
 * R22, R23:    a form without windows is open; records about the site need no task of the site.
 */
#ifndef WEIR_RULES_H
#define WEIR_RULES_H

#include "common/codec/bytes.h"
#include "common/study/faults.h"
#include "common/study/rules_facts.h"

#define RULES_MAX          23 /* R01 to R23 */
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
const uint8_t *rules_digest(const struct rules *r);              /* RULES_DIGEST_BYTES, lent */
bool rules_on(const struct rules *r, unsigned number);           /* 1 to 23 */
const char *rules_title(const struct rules *r, unsigned number); /* "" if it is off */

/* The approval by which a site of this kind agrees (R03): NULL if the rule names none, "" if it
 * is off. */
const char *rules_agreement(const struct rules *r, const char *site_kind);

/* Does an approval in force at that time name this way of giving consent (R07)? Of the facts
 * only site, flow and approvals are looked at. Yes where the rule asks for none. */
bool rules_mode_approved(const struct rules *r, const struct rules_facts *facts,
	const char *mode, int64_t at_ms);

/* The groups of the study that are children to R07, one by one; NULL behind the last. */
const char *rules_child_group(const struct rules *r, size_t i);

/* Is it asked for: a check of the national opt-out (R12) wherever a study without consent has
 * to, at collection, in tables and at their release; the time that answers are kept (R10); this
 * item of a form, which names one of the staff (R11)? */
bool rules_asks_opt_outs(const struct rules *r);
bool rules_asks_retention(const struct rules *r);
bool rules_asks_staff(const struct rules *r, const char *item);

/* Allocates nothing. Whoever judges many records of one site: rules_settled.h. */
void rules_judge(const struct rules *r, const struct rules_facts *facts, struct verdict *ret);

/* What two sets of rules say of the same facts, as one verdict: the harsher outcome with the
 * digest of its set, every rule that fired in either, once, as its harsher outcome has it, and
 * the approvals of both. */
void rules_join(struct verdict *v, const struct verdict *other);

/* "permit", "hold", "deny". */
const char *rules_outcome_word(enum rules_outcome outcome);
/* "collect", "sync", ...; "" for no single action. */
const char *rules_action_word(enum rules_action action);

#endif
