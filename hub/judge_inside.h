/* judge_inside - what the files of judge share; nobody else includes this.
 *
 * judge: facts gathered, and what is said of an entry by its rules part. judge_stored: what
 * becomes of that for an entry as it is stored.
 */
#ifndef WEIR_HUB_JUDGE_INSIDE_H
#define WEIR_HUB_JUDGE_INSIDE_H

#include "hub/delegation.h"
#include "hub/judge.h"
#include "hub/judge_sheets.h"
#include "hub/judge_study.h"
#include "hub/leaving.h"
#include "hub/writer.h"

struct judge {
	const struct hub *hub;
	const struct pack *pack; /* the study that is asked */
	struct vault_txn *txn;
	struct papers *papers; /* lent, or its own */
	struct papers *own_papers;
	struct judge_study study;
	struct judge_sheets sheets; /* of the site asked about last */
	struct delegation delegation;
	struct leavings leavings;
	struct siterules *own;  /* rules of the site looked up last, or NULL */
	int64_t last_release_s; /* 0: none yet */
	struct writer writer;   /* the one looked up last */
	bool has_writer;
	struct seen *seen;
	struct judge_grounds *grounds;
};

/* What is known of the entry itself. */
struct judge_checks {
	enum rules_check signature;
	enum rules_check parts;
};

/* Answered without the rules, with this reason. */
CHECKED enum err judge_settle(
	struct judged *ret, enum rules_outcome outcome, const char *reason);
/* Into j->writer. */
CHECKED enum err judge_find_writer(
	struct judge *j, const uint8_t public[static SIGN_PUBLIC_BYTES]);
/* By the rules part, of the writer that was found last. */
CHECKED enum err judge_entry(struct judge *j, const struct wire_rules *r,
	const struct judge_ask *ask, const struct judge_checks *checks, struct judged *ret);

#endif
