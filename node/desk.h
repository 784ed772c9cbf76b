/* desk - the process that faces the coordinator; it alone can open what the site may read.
 *
 * Process:     `weir-node role desk`, started by `weir-node run`; serves DESK_* on
 *              RUN/desk.sock (ipc.h).
 * Always true: it starts locked. The keys of custody.h are in its memory only between an unlock
 *              and the next lock, at the latest after the idle time, whatever sync does; each
 *              unlock and lock is an act in lane A, written by sync before the answer, that of
 *              an idle lock as soon as sync takes it. Who opens the desk is changed by whoever
 *              opens it, and by the desk alone (desk_change.h); the act is in lane A first. A
 *              hand-over locks it. One request is open at a time; another
 *              meanwhile is told to come again.
 * Errors:      E_DENIED a key that is not this site's; E_ABSENT when sync is not there; E_BUSY.
 */
#ifndef WEIR_NODE_DESK_H
#define WEIR_NODE_DESK_H

#include "node/hubcard.h"

struct desk_config {
	const char *dir; /* node directory */
	const struct hubcard
		*card; /* of the hub it joined, lent; NULL: no key is wrapped again */
	int64_t idle_s;
	int64_t wait_ms; /* for an answer of sync; 0: ten seconds */
};

/* Serve until a stop signal; tells the supervisor when it serves. */
CHECKED enum err desk_run(const struct desk_config *c);

#endif
