/* sync_ipc - the door of sync for the other processes and commands of the node: SYNC_* of
 * ipc.h.
 *
 * Always true: an answer leaves after the commit of what it says, and says so when that commit
 *              failed. a SYNC_KEEP request is a transaction of its own, so that refusing it
 *              takes nothing else back: on_flush commits what the turn held before.
 * Limits:      those of sync_keep_frames.h and sync_answers.h.
 */
#ifndef WEIR_NODE_SYNC_IPC_H
#define WEIR_NODE_SYNC_IPC_H

#include "node/sync_scrub.h"
#include "node/sync_status.h"

struct sync_ipc;

struct sync_ipc_setup {
	struct link *door;          /* served already; taken */
	struct sync_link_site site; /* lent parts */
	struct sync_link *link;
	struct sync_scrub *scrub; /* lent */
	/* Commit what the turn holds so far and let the session know. */
	enum err (*flush)(void *arg);
	void *arg;
};
/* gives; serves as soon as the loop runs. */
struct sync_ipc *sync_ipc_new(const struct sync_ipc_setup *setup);
void sync_ipc_free(struct sync_ipc *s);
OWNER(sync_ipc)

/* The turn's commit ended with `result`: answer everybody who waits. */
void sync_ipc_committed(struct sync_ipc *s, enum err result);
/* Each second: held records whose time has come, counts that have changed, erasures. */
CHECKED enum err sync_ipc_tick(struct sync_ipc *s);
/* An error of a handler that ends the process. */
CHECKED enum err sync_ipc_error(struct sync_ipc *s);

#endif
