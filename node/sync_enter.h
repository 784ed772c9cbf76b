/* sync_enter - may a submission go into the chains as it is, and its way there.
 *
 * Always true: judging puts nothing. What is put needs no taking back: everything that could
 *              speak against it was asked before.
 * Held:        for the first of these reasons: its form version is not known; it edits another
 *              person's record; it edits a version that is no longer current; its wave was not
 *              open, or its form closed, when it was filled in; there is a record of the
 *              person, form and wave already; it is a consent of who had objected or lost
 *              capacity (a coordinator says whether it ends that); no consent covers it; the
 *              site lacks an approval for it, or who took the consent may not. A record about
 *              the site replaces the one before.
 * Errors:      E_FORMAT of items; those of the vault.
 */
#ifndef WEIR_NODE_SYNC_ENTER_H
#define WEIR_NODE_SYNC_ENTER_H

#include "node/sync_files.h"
#include "node/sync_item.h"

#define SYNC_REASON_BYTES 512

struct sync_ruling {
	uint8_t why; /* enum submit_hold; 0: it may be kept */
	bool refers;
	uint8_t refers_to[ID_BYTES]; /* what it corrects */
	bool answers;
	uint8_t answers_to[ID_BYTES]; /* the change that it ends, named before that */
	char reason[SYNC_REASON_BYTES];
};

/* previous: the submission it edits, zeros if none. accepted: a coordinator has looked at it;
 * wave, branch and second record are no reasons any more then. answers: it was held for what
 * had ended, and accepted as said in answer to that. The item's person is known. */
struct sync_question {
	const struct sync_judge *judge;
	struct sync_item *item;
	const uint8_t *previous;
	bool accepted;
	bool answers;
};
CHECKED enum err sync_enter_judge(const struct sync_question *q, struct sync_ruling *ret);

/* Is it a consent that could end the objection or loss of capacity that stands, if a
 * coordinator says so? */
CHECKED enum err sync_enter_answers(
	const struct sync_judge *j, const struct sync_item *t, bool *ret);

/* Into the turn's transaction, with the files that are here under its id. The row's state is
 * set. ret_consent: it was a consent, so what was held for want of one may go on. */
struct sync_entering {
	struct vault *vault;
	struct sync_item *item;
	const struct sync_ruling *verdict;
	struct view site_part;
	const struct sync_submission *row;
};
CHECKED enum err sync_enter(const struct sync_entering *x, bool *ret_consent);

#endif
