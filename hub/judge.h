/* judge - the rules asked about an entry at the hub: facts from the vault, verdict from
 * common/study.
 *
 * Always true: nothing is kept or changed; approvals are read once, when the judge is made, so
 *              a judge lives for one turn or one freeze and never across a change of the pack
 *              or an approval. a record that the rules part alone cannot place is not
 *              permitted: no study in force, a form or form version that was never published,
 *              one that is not rolled out at its site, a record captured after its form was
 *              closed, but for corrections (hold); a second record of the same person, form
 *              and wave, one that a correction replaced, an edit of a version that was no
 *              longer current, a correction of what it may not correct, files that contradict
 *              what it says of sound (deny); what a site that
 *              left may not give any more (deny, leaving.h); parts erased
 *              (deny, "erased"), a writer that was revoked before the record came (deny).
 * Versions:    a record is judged by the form in the version it was filled in with, whatever
 *              version is in force (versions.h).
 * About sites: records of forms that are about the site name no person, and need no consent.
 *              What nodes count (form "system") is such a record without a form in the pack.
 * Who asks:    ingest (RULES_COLLECT, stored), freeze and publish (RULES_AGGREGATE; once with
 *              RULES_USE_SITE and once with RULES_USE_POOLED), why (any).
 * Errors:      those of vault.h. A verdict is no error.
 */
#ifndef WEIR_HUB_JUDGE_H
#define WEIR_HUB_JUDGE_H

#include "hub/hub.h"
#include "hub/record.h"

struct judge;
struct papers;

/* Is this one of the reasons that hold for good? */
bool judge_is_final(const char *reason);

/* What is asked. Times are wall milliseconds. */
struct judge_ask {
	enum rules_action action;
	enum rules_use use;
	int64_t true_at_ms;
	uint64_t known_upto; /* log index; UINT64_MAX: all that is known */
	uint64_t log_size;   /* a checkpoint of at least so many leaves has to be witnessed */
	const struct rules_request *request; /* who asks for what; NULL: nobody */
	const struct rules *rules; /* instead of those in force, to try them; else NULL */
};

/* Reasons of what is kept aside until its form is published. */
#define JUDGE_NO_FORM    "form unknown"
#define JUDGE_NO_VERSION "form version unknown"

/* Reasons that are stored when an entry comes and hold for good; the last one is how all of
 * corrections that may not be begin. */
#define JUDGE_DUPLICATE "duplicate"
#define JUDGE_BRANCH    "edit of a version that was no longer current"
#define JUDGE_CORRECTS  "corrects "

/* How all of records begin whose files contradict what they say of sound (datakind.h); holds
 * for good. */
#define JUDGE_SOUND "sound: "

/* Of what a node said again that the hub had; holds for good. */
#define JUDGE_REPEATED "said again: the hub had it"

/* Of what was corrected since; not stored. */
#define JUDGE_REPLACED "replaced by a correction"
/* A file that the record names has not come yet. */
#define JUDGE_INCOMPLETE "a file of the record has not come yet"

/* A verdict and what was asked about. */
struct judged {
	struct verdict verdict;
	const char *approvals[RULES_MAX_USED]; /* ids it stands on; lent by the judge */
	size_t approval_count;
	char reason
		[RULES_REASON_BYTES]; /* of what no rule decided: "duplicate", ...; else "" */
	char site[ROW_ID_BYTES];      /* of the writer */
	const struct form *form;      /* lent by its pack; NULL if unknown */
};

/* gives a judge on this turn's view of the vault. t and h are lent as long as it lives. */
CHECKED enum err judge_new(struct judge **ret, const struct hub *h, struct vault_txn *t);
/* The same with papers kept from one turn to the next (papers.h), lent as long as it lives. */
CHECKED enum err judge_with(
	struct judge **ret, const struct hub *h, struct vault_txn *t, struct papers *papers);
/* The same by the study of another time, such as versions_manifest() lends. */
CHECKED enum err judge_then(
	struct judge **ret, const struct hub *h, struct vault_txn *t, const struct pack *pack);
void judge_free(struct judge *j);
OWNER(judge)

/* record_person_see(); who was asked about last is not looked up again. */
CHECKED enum err judge_see_person(struct judge *j, const uint8_t participant[static ID_BYTES],
	const struct record_person *first, struct record_person *ret);
/* Judge an entry whose rules part is at hand and not in the vault yet: a record, or a consent
 * about to be kept. The caller says whether it is the second of its kind. */
CHECKED enum err judge_arriving(struct judge *j, const struct place *p,
	const struct wire_rules *r, const struct judge_ask *ask, struct judged *ret);

/* Is the log witnessed as R21 asks, over ask->log_size leaves at ask->true_at_ms? ret: why not,
 * or "". */
CHECKED enum err judge_witnessed(
	struct judge *j, const struct judge_ask *ask, char ret[static RULES_REASON_BYTES]);
/* Training and contract of who asks, as approvals say; other fields of ret stay. */
void judge_requester(const struct judge *j, const char *person, uint64_t known_upto,
	struct rules_request *ret);

/* Judge a record as it is stored. E_NOTFOUND if there is no such entry. Nothing may be written
 * between two such questions to one judge: it remembers what it read (seen.h). judge_kept():
 * the same, but what the record's row has is not looked up again; no verdict differs. */
CHECKED enum err judge_stored(struct judge *j, const struct place *p,
	const struct judge_ask *ask, struct judged *ret);
CHECKED enum err judge_kept(struct judge *j, const struct record *r,
	const struct judge_ask *ask, struct judged *ret);
/* The rules part of a stored entry, read once for this and for judge_stored(); lent until
 * another entry is asked about. E_NOTFOUND erased or never there; E_FORMAT not of its form. */
CHECKED enum err judge_rules(
	struct judge *j, const struct place *p, const struct wire_rules **ret_lent);

#endif
