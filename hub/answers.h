/* answers - questions to the ledger that change nothing: a table of names (LEDGER_ASK, ipc.h).
 *
 * status   asks {}; answers {"study","manifest","leaves","published","started_s","now_s",
 *          "keeper_open":bool,"refused","nodes":[{"writer" (8 hex digits),"site","name",
 *          "connected":bool,"heard_s","trouble","standing","manifest","contact_s",
 *          "lanes":[{"lane","entries"}],"records":[{"outcome","reason","count"}]}]}
 * why      asks {"entry","purpose"}, and "known_at" (log index: nothing after it is known) and
 *          "true_at_s" (a time, with the study's rules in force then) where it is not about
 *          now; purpose collect (or ""), site, pooled (for tables), quote, link or share;
 *          answers {"entry","site","kind","form","form_version","wave","captured_s",
 *          "received_s","leaf","manifest","stored":VERDICT,
 *          of a record: "purpose","true_at_s","rules_version","now":VERDICT,"approvals":[ids],
 *          "consents":[{"entry","leaf","event","level","given_s","until_s",
 *          "permissions":[{"code","decision","from_s","until_s"}]}]}
 *          VERDICT: {"outcome","reason","fired":[{"rule","outcome","reason"}]}
 * rules-try: trial.h; lineage, sites: siteacts.h
 * All others: facts.h and release.h.
 * Errors:  E_NOTFOUND "there is no question NAME"; E_FORMAT of the arguments.
 */
#ifndef WEIR_HUB_ANSWERS_H
#define WEIR_HUB_ANSWERS_H

#include "hub/hub.h"

struct ingest;
struct release_desk;

/* What questions are answered from; all lent. */
struct answers {
	struct hub *hub;
	const struct ingest *ingest;
	const struct release_desk *desk; /* NULL: no keeper can be open */
	int64_t started_s;
};

/* Adds the answer to a question; args: JSON, at most 64 KiB. */
CHECKED enum err answers_give(
	const struct answers *a, const char *question, struct view args, struct buf *reply);

#endif
