/* siteterms - the terms (common/study/terms.h) of each site, signed, as the hub knows them now.
 *
 * Made of:     verified approvals with their turns, those of the study and of the site; the
 *              site's lines of the delegation log; versions of consent forms at the site, as
 *              R09 asks for them (judge_sheets.h); versions of forms and of the plan
 *              (brought.h); which manifest is in force, and until when that word counts: made
 *              anew each day, so that a node has nearly the whole [study] manifest_days before
 *              it from its last session or bundle on; since when the plan is sealed, and the
 *              site's task recorded (judge_study.h); its own rules in force; persons of the
 *              site on hold by receipt number (hold.h); that it leaves, once both sides said
 *              so; papers of erasures that concern it, and marks of persons who are gone
 *              (erase.h).
 * Always true: what is handed out says what is committed, or about to be in this turn: frames
 *              leave behind the commit, and siteterms_forget() ends what a lost turn made.
 *              terms of a site get a new number only when they say something new, but for the
 *              first after a start; a new last day alone comes under the number of the log.
 *              While the hub is in recovery none are made: approvals and suspensions may be
 *              missing until what the log tells of them was done again.
 * When:        hub.terms_changes counts whatever may have changed them: acts of persons, the
 *              delegation log, the task of a site, the end of a hold.
 * Too long:    more than TERMS_MAX_BYTES: the site gets them cut (terms.h), so that nothing new
 *              is collected there and `weir-node status` says why; holds, erasures and the end
 *              of taking part still reach it. `weir-hub status` names the site.
 * It can hurt: the signed terms of all sites stay in memory, and those of a site are said again
 *              to its nodes every ten minutes: 500 sites of 50 KiB each take 25 MB.
 * Errors:      those of vault.h.
 */
#ifndef WEIR_HUB_SITETERMS_H
#define WEIR_HUB_SITETERMS_H

#include "common/study/terms.h"

#include "hub/hub.h"

struct siteterms;

struct siteterms *siteterms_new(void); /* gives */
void siteterms_free(struct siteterms *s);
OWNER(siteterms)

/* Makes them anew if something changed. */
CHECKED enum err siteterms_refresh(struct siteterms *s, struct hub *h, struct vault_txn *t);
void siteterms_forget(struct siteterms *s);
/* Rises whenever those of any site may have changed; 0: none were made. */
uint64_t siteterms_generation(const struct siteterms *s);
struct siteterms_say {
	uint64_t number; /* 0: there are none */
	uint64_t manifest_number;
	int64_t until_s;
};
/* Signed; lent until the next refresh; empty if there are none. ret: what they say. */
struct view siteterms_of(
	const struct siteterms *s, const char *site, struct siteterms_say *ret);
/* The sites whose terms were too long, one after the other; NULL: no more. Lent as above. */
const char *siteterms_cut(const struct siteterms *s, size_t index);

#endif
