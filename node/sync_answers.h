/* sync_answers - the answers of a turn, which leave after its commit.
 *
 * Always true: an answer that stands on the commit says so when that failed. Nobody goes
 *              without: intake tells its answers apart by their order. Who asks has a bounded
 *              number of questions open (link.h), so the list is bounded, too.
 */
#ifndef WEIR_NODE_SYNC_ANSWERS_H
#define WEIR_NODE_SYNC_ANSWERS_H

#include "common/net/link.h"

#define SYNC_PEER_MAX_BYTES 255 /* of a routing id of libzmq */

struct sync_answers;

struct sync_answer {
	struct buf frame; /* OK, behind which the fields go */
	uint8_t peer[SYNC_PEER_MAX_BYTES];
	size_t peer_len;
	bool wrote; /* stands on this turn's commit */
};

/* gives; the door is lent. */
struct sync_answers *sync_answers_new(struct link *door);
void sync_answers_free(struct sync_answers *s);
OWNER(sync_answers)

/* lends a new one, until the next. NULL for a peer that libzmq does not name so. */
struct sync_answer *sync_answers_begin(struct sync_answers *s, struct view peer);
/* It says what went wrong instead, and stands on no commit. */
void sync_answers_refuse(struct sync_answer *a, enum err code);
/* The turn's commit ended with `result`: all leave, in order. */
void sync_answers_send(struct sync_answers *s, enum err result);

#endif
