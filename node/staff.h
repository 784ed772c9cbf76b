/* staff - who answers for an act at a site, when no passphrase says it: the coordinator, or
 * somebody on the delegation log.
 *
 * Named:       option --by of the command: the id of a coordinator (custody.h), or a staff code
 *              that the delegation log of this node has. Left out: the only coordinator.
 * Always true: what is given is one of the two, never the word for a role.
 * It can hurt: nobody proves to be it: whoever may use this computer may say any of them.
 * Errors:      E_DENIED nobody of that name; wrong use when there are several coordinators and
 *              none is named; those of custody.h and client.h.
 */
#ifndef WEIR_NODE_STAFF_H
#define WEIR_NODE_STAFF_H

#include "common/run/program.h"

#include "node/client.h"
#include "node/custody.h"

struct staff {
	char id[CUSTODY_ID_BYTES];
	const char *role; /* "coordinator" or "staff"; lasts */
};

/* Whom this list and these lines of the delegation log name; asked NULL: the only coordinator.
 * False: nobody, or more than one. */
CHECKED bool staff_find(struct staff *ret, const struct custody_list *list, struct view lines,
	const char *asked);
/* The one that the command names. */
CHECKED enum err staff_of(struct staff *ret, struct program *p, struct client *sync);

#endif
