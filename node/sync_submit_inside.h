/* sync_submit_inside - what the files of sync_submit share; nobody else includes this.
 *
 * sync_submit: which outcome it is. sync_submit_find: what the vault knows already.
 * sync_submit_put: what an outcome leaves in the vault.
 */
#ifndef WEIR_NODE_SYNC_SUBMIT_INSIDE_H
#define WEIR_NODE_SYNC_SUBMIT_INSIDE_H

#include "node/sync_submit.h"
#include "node/sync_submit_read.h"

/* What is found out before anything is put. */
struct sync_submit_work {
	const struct sync_judge *judge;
	struct vault *vault;
	struct sync_request request;
	struct sync_item item;
	bool has_item;
	bool known; /* the study code has a person */
	uint8_t id[ID_BYTES];
	struct sync_submission there; /* of this id, if `found` */
	bool found;
	struct sync_submission before; /* that it edits, if `edits` */
	bool edits;
	bool is_other; /* it edits what is of another person or form */
	struct sync_ruling verdict;
	int64_t now_s;
};

/* The item of the request, if it has one. */
CHECKED enum err sync_submit_read_item(struct sync_submit_work *w);
/* The person that intake sealed to has to be the one that the code stands for now: E_BUSY. */
CHECKED enum err sync_submit_find_person(struct sync_submit_work *w);
/* What is here under the submission's number; other answers under it give it a number of its
 * own and a verdict. */
CHECKED enum err sync_submit_find_there(struct sync_submit_work *w);
/* What it edits, and whether that is another person's or of another form. */
CHECKED enum err sync_submit_find_before(struct sync_submit_work *w);

/* The act that says it was refused, for the person has ended taking part. */
CHECKED enum err sync_submit_put_refusal(struct sync_submit_work *w);
CHECKED enum err sync_submit_put_files(struct sync_submit_work *w);
/* The key that further files of a record are sealed with: kept with it, or sent at once. */
CHECKED enum err sync_submit_put_late_key(struct sync_submit_work *w);
/* An edit of something that was never kept takes its place. One that goes with another copy,
 * version, person or form stands beside it, and what it names stays as it is. */
CHECKED enum err sync_submit_replace_before(struct sync_submit_work *w);
/* SUBMISSION_HELD or _WAITING, with its files. */
CHECKED enum err sync_submit_put_hold(struct sync_submit_work *w, enum sync_state state);
/* Into the chains; a consent lets go on what was held for want of one. */
CHECKED enum err sync_submit_put_kept(struct sync_submit_work *w);

#endif
