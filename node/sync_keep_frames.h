/* sync_keep_frames - SYNC_KEEP requests that come in several frames (ipc.h), put together by
 * whose they are.
 *
 * Limits:      4 at a time, each as large as sync_keep.h allows; one that stands still for a
 *              minute is forgotten.
 * Errors:      E_BUSY there are as many already; E_FORMAT a frame is not of its form; those of
 *              sync_keep_add(). After an error the request is forgotten.
 */
#ifndef WEIR_NODE_SYNC_KEEP_FRAMES_H
#define WEIR_NODE_SYNC_KEEP_FRAMES_H

#include "node/sync_answers.h"
#include "node/sync_keep.h"

struct sync_keep_frames;

struct sync_keep_frames *sync_keep_frames_new(void); /* gives */
void sync_keep_frames_free(struct sync_keep_frames *f);
OWNER(sync_keep_frames)

/* One more frame of the peer's. ret_whole: gives the request when this was its last frame; NULL
 * while more are to come. */
CHECKED enum err sync_keep_frames_add(struct sync_keep_frames *f, struct view peer,
	struct cursor *fields, struct sync_keep **ret_whole);

#endif
