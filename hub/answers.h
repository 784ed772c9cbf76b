/* answers - questions to the ledger that change nothing: a table of names (LEDGER_ASK, ipc.h).
 *
 * status: status.h; why: why.h
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
