/* sync_judge - may this be kept? What the site knows of one person, held against the rules of
 * the study.
 *
 * Always true: a record of a person is kept only when a consent of that person on file covers
 *              it: R07, R08 and R10 of the study for the actions collect and sync (what is kept
 *              leaves as soon as there is a link), and some consent whatever the rules say.
 *              A record about the site needs none: it stands on the site's agreement.
 *              After a participation change that ended collection no plain consent is taken:
 *              what a person chose is not undone by loading a file.
 * Left out:    approvals and agreements (R01, R03, R04) and rules this version cannot decide
 *              are asked at the hub, which knows them.
 * Errors:      E_DENIED with the reason in a sentence; those of vault.h.
 */
#ifndef WEIR_NODE_SYNC_JUDGE_H
#define WEIR_NODE_SYNC_JUDGE_H

#include "common/codec/wire_rules.h"
#include "common/study/pack.h"

#include "node/vault.h"

struct sync_judge {
	struct vault *vault;
	const struct pack *pack;        /* in force */
	const struct pack *const *past; /* of manifests before it, for versions of forms */
	size_t past_count;
	const char *site;
	int64_t now_ms; /* wall */
};

/* The form of this version, in force or of an earlier study; NULL if none. */
const struct form *sync_judge_form(
	const struct sync_judge *j, const char *id, const char *version);
/* Whether the form takes new records at this site now: enum facts_form. None does as long as
 * nobody has confirmed the legal bases of the study. */
int sync_judge_state(const struct sync_judge *j, const char *form);
/* E_DENIED, with the reason, unless new consents and new records like this one are taken here
 * now. Corrections, keys and changes of participation always are. */
CHECKED enum err sync_judge_open(const struct sync_judge *j, const struct wire_rules *r);
/* Has the person ended taking part by a change that stops collecting? */
CHECKED enum err sync_judge_ended(
	const struct sync_judge *j, const uint8_t participant[static ID_BYTES], bool *ret);
/* Why the person is not to be contacted (rules_contact.h), a constant; "" they may be. */
CHECKED enum err sync_judge_contact(const struct sync_judge *j,
	const uint8_t participant[static ID_BYTES], const char **ret);

/* A record, whose consents are in the vault (or in this turn's transaction). */
CHECKED enum err sync_judge_record(const struct sync_judge *j, const struct wire_rules *r);
/* A new consent, or a change of participation. */
CHECKED enum err sync_judge_consent(const struct sync_judge *j, const struct wire_rules *r);
CHECKED enum err sync_judge_change(const struct sync_judge *j, const struct wire_rules *r);

#endif
