/* sync_intake - the part of sync's door that ipc_submit.h describes: submissions in one frame
 * or several, codes, collectors, held records, counts.
 *
 * Always true: a submission that is refused has put nothing; one whose putting failed spoils
 *              the turn, which the caller then takes back for everybody.
 * Limits:      INTAKE_UPLOADS_COUNT requests of several frames at a time, SUBMIT_ALL_BYTES
 *              together; one that stands still for a minute is forgotten.
 */
#ifndef WEIR_NODE_SYNC_INTAKE_H
#define WEIR_NODE_SYNC_INTAKE_H

#include "node/sync_config.h"
#include "node/sync_judge.h"

#define INTAKE_UPLOADS_COUNT 64

struct sync_intake;

struct sync_intake_setup {
	struct vault *vault;
	struct sync_config *config;
	const struct hubcard *card;
};
/* gives; the setup's parts are lent. */
struct sync_intake *sync_intake_new(const struct sync_intake_setup *setup);
void sync_intake_free(struct sync_intake *s);
OWNER(sync_intake)

/* What judges now, with the study in force. */
struct sync_judge sync_intake_judge(const struct sync_intake *s);

/* What SYNC_FACTS says has changed: whoever seals asks again. Part of the turn. */
CHECKED enum err sync_intake_changed(struct sync_intake *s);

bool sync_intake_knows(uint16_t verb);
bool sync_intake_writes(uint16_t verb);

struct sync_intake_ask {
	uint16_t verb;
	struct view peer;
	struct cursor *fields;
};
/* ret_spoiled: the turn's writes cannot be committed. */
CHECKED enum err sync_intake_serve(struct sync_intake *s, const struct sync_intake_ask *ask,
	struct buf *answer, bool *ret_spoiled);

/* What SYNC_FACTS says behind its documents. */
CHECKED enum err sync_intake_facts(struct sync_intake *s, struct buf *answer);
/* Each second: what is held and has waited long enough, what is kept for older keys, counts.
 * What fails is said in the log, and keeps nothing else from its turn. */
void sync_intake_tick(struct sync_intake *s);

#endif
