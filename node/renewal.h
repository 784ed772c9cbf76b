/* renewal - the review key of a site renewed, question by question, by whoever has its keys
 * open; then, where some wait for that, keys of held records wrapped again (rewrap.h).
 *
 * When:        what sync erased waits for a number that is not in force yet (ipc_review.h), or
 *              an earlier renewal was cut short.
 * Steps:       a new number is made and kept in the key file beside the one before (custody.h);
 *              sync is told, and takes nothing any more that is sealed for another; all that is
 *              sealed for older ones is opened and sealed for the new; sync sees that nothing
 *              is left, and moves its vault; the secret halves before are destroyed, the old
 *              key file overwritten; sync hears of it, and who waited for that is erased. If
 *              nobody waits they stay until a backup was made (sync_review.h).
 * Always true: each step begins from what key file and vault say, so that after a crash at any
 *              of them the next run goes on and ends the same. No number is told before it is
 *              in the key file; none is destroyed before nothing needs it.
 *              What opens with no key of the site (a stranger can make such) is no reason to
 *              stay: it keeps its bytes, under the new number.
 * Errors:      those of custody.h and of sync; E_CONFLICT key file and vault are of two sites.
 */
#ifndef WEIR_NODE_RENEWAL_H
#define WEIR_NODE_RENEWAL_H

#include "node/custody.h"
#include "node/hubcard.h"
#include "node/ipc_review.h"

struct renewal;

/* All lent. */
struct renewal_with {
	const char *dir; /* of the node */
	struct custody *keys;
	const char *by;             /* who opened them */
	const struct hubcard *card; /* NULL: nothing is wrapped again */
	bool without_backup;        /* whoever opens the desk says that none can be made */
};
/* gives; what is lent has to live as long. */
struct renewal *renewal_new(const struct renewal_with *with);
void renewal_free(struct renewal *r);
OWNER(renewal)

/* The next question to sync; its fields are added. False: it is done. */
CHECKED bool renewal_ask(const struct renewal *r, enum node_verb *ret_verb, struct buf *fields);
/* The answer: its code, and its fields when that is OK. After an error nothing is asked any
 * more. */
CHECKED enum err renewal_answer(struct renewal *r, enum err code, struct cursor *fields);
/* Did it destroy a number? */
bool renewal_ended_one(const struct renewal *r);
/* Does a number from before wait for a backup? */
bool renewal_waits(const struct renewal *r);
/* How many keys it wrapped again. */
uint64_t renewal_wrapped_count(const struct renewal *r);

#endif
