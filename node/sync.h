/* sync - the process that writes the site's vault, judges what is kept, and talks to the hub.
 *
 * Process:     `weir-node role sync`, started by `weir-node run`, which hands it the service
 *              keys.
 * Always true: one vault transaction a turn (a SYNC_KEEP request has one of its own); answers
 *              and sessions hear of it after the commit. A turn that finds no room is taken
 *              back whole, said to who asked, and collection of what is there goes on; any
 *              other error of the vault ends the process, which verifies at its next start.
 * Errors:      E_CONFLICT it is running already; E_FORMAT damaged; those of vault.h and link.h.
 */
#ifndef WEIR_NODE_SYNC_H
#define WEIR_NODE_SYNC_H

#include "node/sitekeys.h"

struct sync_setup {
	const char *dir; /* node directory */
	struct sitekeys *keys;
	/* Called when files and sockets are open, before anything is served: confine the
	 * process. */
	enum err (*confine)(void *arg);
	void *arg;
	struct lookup *names; /* looks up the name of a proxy; lent, or NULL */
};

/* Serve until a stop signal; tells the supervisor when it serves. */
CHECKED enum err sync_run(const struct sync_setup *setup);

#endif
