/* keeper_task - one release being opened: from a checked warrant to what is handed back.
 *
 * Always true: each step opens a bounded number of records and ends; the snapshot is renewed
 *              each second. A record that does not open is named, left out and counted.
 *              two records of one person and wave end the task: figures count people. So does a
 *              member who is not permitted any more, judged anew right before the opening. A
 *              release is opened for one cohort only (keyring.h).
 * Errors:      of a step: the task is over, with the code and sentence that go back to the
 *              ledger.
 */
#ifndef WEIR_HUB_KEEPER_TASK_H
#define WEIR_HUB_KEEPER_TASK_H

#include "hub/keeperkey.h"
#include "hub/keyring.h"
#include "hub/warrant.h"

#define KEEPER_TASK_STEP_COUNT 100 /* records opened in one loop turn */

struct keeper_task;

/* What the task works with; lent as long as it lives. */
struct keeper_task_room {
	const char *study;
	const char *origin;
	struct vault *vault;
	const struct keeperkey *keys;
	struct keyring *keyring;
};

/* gives, when the warrant holds. fields: those of KEEPER_TASK. */
CHECKED enum err keeper_task_new(struct keeper_task **ret, const struct keeper_task_room *room,
	const struct warrant_task *fields);
void keeper_task_free(struct keeper_task *t);
OWNER(keeper_task)

/* Open the next records; *ret_done when all were looked at. */
CHECKED enum err keeper_task_step(struct keeper_task *t, int64_t mono_ms, bool *ret_done);

/* What goes back: document, signature, sealed evidence. Buffers are the task's. */
struct keeper_result {
	struct view document;
	uint8_t signature[SIGNATURE_BYTES];
	struct view evidence;
};
CHECKED enum err keeper_task_close(struct keeper_task *t, struct keeper_result *ret);

size_t keeper_task_missed_count(const struct keeper_task *t);

#endif
