/* sync_judge - may this be kept? What the site knows of one person, held against the rules of
 * the study.
 *
 * Always true: a record is kept only when the rules permit it as far as a site can tell
 *              (sync_rules.h): consents of that person on file cover it, and every approval
 *              that the site needs is in force. One about the site needs no consent.
 *              After a participation change that ended collection no plain consent is taken:
 *              what a person chose is not undone by loading a file.
 *              Changes that take away, corrections of keys, and refusals are always taken.
 * Errors:      E_DENIED with the reason in a sentence; those of vault.h.
 */
#ifndef WEIR_NODE_SYNC_JUDGE_H
#define WEIR_NODE_SYNC_JUDGE_H

#include "node/ipc_contact.h"
#include "node/sync_rules.h"

/* The form of this version, in force or of an earlier study; NULL if none. */
const struct form *sync_judge_form(
	const struct sync_judge *j, const char *id, const char *version);
/* Whether the form takes new records at this site now: enum facts_form. None does as long as
 * nobody has confirmed the legal bases of the study. */
int sync_judge_state(const struct sync_judge *j, const char *form);
/* E_DENIED, with the reason, unless new consents and new records like this one are taken here
 * now; of a form that is closed, what was filled in before. Corrections, keys and changes of
 * participation always are. */
CHECKED enum err sync_judge_open(const struct sync_judge *j, const struct wire_rules *r);
/* E_DENIED, with the reason, for what is filled in anew on a form that was closed before
 * (sync_closed.h), or is closed and was never open here. */
CHECKED enum err sync_judge_closed(const struct sync_judge *j, const struct wire_rules *r);
/* May a form that takes no new records now still get one that was filled in before? Not at a
 * site that left, and not before the legal bases are confirmed. */
CHECKED enum err sync_judge_was_open(const struct sync_judge *j, const char *form, bool *ret);
/* E_DENIED, with the reason, when the version of the study in force here is over (sync_terms.h)
 * and this is a new consent or a new record. What a person refuses, takes back or goes on with
 * (it names a change), what gives nothing that the consent before did not, and corrections go
 * on. */
CHECKED enum err sync_judge_over(const struct sync_judge *j, const struct wire_rules *r);
/* Has the person ended taking part by a change that stops collecting? */
CHECKED enum err sync_judge_ended(
	const struct sync_judge *j, const uint8_t participant[static ID_BYTES], bool *ret);
/* Could this consent end the last change on file, an objection or a loss of capacity, by what
 * it says and when (rules_ended.h)? It does when it names the change: a coordinator says so. */
CHECKED enum err sync_judge_answers(const struct sync_judge *j, const struct wire_rules *r,
	bool *ret, uint8_t ret_change[static ID_BYTES]);
/* Why the person is not to be contacted for this, or their name not kept (rules_contact.h), a
 * constant; "" they may be. */
CHECKED enum err sync_judge_contact(const struct sync_judge *j,
	const uint8_t participant[static ID_BYTES], enum contact_purpose purpose,
	const char **ret);

/* A record, whose consents are in the vault (or in this turn's transaction), and of which files
 * stay at the site, or none. */
CHECKED enum err sync_judge_record(
	const struct sync_judge *j, const struct wire_rules *r, bool has_files_of_site);
/* Would it be kept though no consent of the person stands behind it: does the study go without,
 * by section 251 support? */
CHECKED enum err sync_judge_without(
	const struct sync_judge *j, const struct wire_rules *r, bool *ret);
/* A new consent, or a change of participation. */
CHECKED enum err sync_judge_consent(const struct sync_judge *j, const struct wire_rules *r);
CHECKED enum err sync_judge_change(const struct sync_judge *j, const struct wire_rules *r);
/* A look at the national opt-out: only of a study that goes without consent, and none of days
 * to come or older than the one on file. */
CHECKED enum err sync_judge_opt_out(const struct sync_judge *j, const struct wire_rules *r);

/* Of what was refused: is it only what the site's terms lack, so that it can go on by itself
 * when an approval, or a line of the delegation log, has come? */
CHECKED enum err sync_judge_waits(const struct sync_judge *j, const struct wire_rules *r,
	bool has_files_of_site, bool *ret);

#endif
