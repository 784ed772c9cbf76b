/* trial - what a changed rules.ini would have decided about the records that the hub has.
 *
 * rules-try  asks {"rules","purpose","from","count","names"}: text of the file; as in `why`;
 * first
 *            record by ordinal and how many (at most TRIAL_MAX_COUNT); how many changed entries
 *            to name. answers {"records","next","version","now":COUNTS,"then":COUNTS,
 *            "rules":[{"rule","now","then"}],"changes":[{"entry","now","then","reason"}]}
 *            COUNTS: {"permit","hold","deny"}; a rule's numbers are records it was not met for,
 *            under the file in force and under the changed one; next is 0 at the end.
 * Always true: nothing is changed. collect is asked with the time and the knowledge at which
 *              each record came, every other purpose now.
 *              a record that no rule decided (duplicate, erased, ...) is counted as it stands.
 * Errors:      E_FORMAT the first fault of the file; E_NOTFOUND no study.
 */
#ifndef WEIR_HUB_TRIAL_H
#define WEIR_HUB_TRIAL_H

#include "common/codec/json.h"

#include "hub/judge.h"

#define TRIAL_MAX_COUNT 1000
#define TRIAL_MAX_NAMES 1000

CHECKED enum err trial_answer(
	struct json_out *w, struct hub *h, struct vault_txn *t, const struct json *args);

/* The purposes of `why`: collect (or ""), site, pooled, quote, link, share. */
CHECKED enum err trial_purpose(const char *purpose, struct judge_ask *ret);

#endif
