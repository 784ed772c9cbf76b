/* decisions_inside - what the files of decisions share; nobody else includes this.
 *
 * decisions: what is to be decided of the hub itself. decisions_approvals: what of approvals.
 * decisions_node: what of each node.
 */
#ifndef WEIR_HUB_DECISIONS_INSIDE_H
#define WEIR_HUB_DECISIONS_INSIDE_H

#include "hub/decisions.h"
#include "hub/writer.h"

/* One list is written after the other: each walks the same things. */
struct deciding {
	struct json_out *w;
	struct hub *hub;
	const struct ingest *ingest;
	struct vault_txn *txn;
	bool waits; /* the list of what only takes its time */
};

/* A line of the list that it belongs to; command NULL: it only takes its time. */
void decisions_say(
	const struct deciding *d, const char *about, const char *words, const char *command);
/* Of approvals: what waits for a second person, is suspended, or ends or is due within thirty
 * days. */
CHECKED enum err decisions_put_approvals(const struct deciding *d);
/* Of one node; arg: const struct deciding *. A writer_fn. */
CHECKED enum err decisions_put_node(void *arg, const struct writer *w);

#endif
