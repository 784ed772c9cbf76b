/* sync_submit - takes one submission of a tablet or page (SYNC_SUBMIT of ipc_submit.h): decides
 * everything first, then puts, so that many share one transaction and a refusal takes nothing
 * of another's back.
 *
 * Always true: an outcome that says kept is true with the commit of the turn. a person who
 *              ended taking part leaves nothing but an act in lane A.
 *              the same request again has the same outcome, but for its first.
 *              an edit takes the place of what was never kept, but never of what is of another
 *              person known here, or of another form: it is held beside that.
 * Errors:      those of ipc_submit.h, before anything was put. After an error with ret->put the
 *              turn is spoiled: the vault cannot take this turn's writes.
 */
#ifndef WEIR_NODE_SYNC_SUBMIT_H
#define WEIR_NODE_SYNC_SUBMIT_H

#include "node/sync_hold.h"

struct sync_submitted {
	enum submit_outcome outcome;
	const char *words; /* constant */
	bool put;
};
CHECKED enum err sync_submit(
	const struct sync_judge *j, struct view request, struct sync_submitted *ret);

#endif
