/* called - what sync calls the rows of a sheet (SYNC_LINES).
 *
 * Errors: those of client.h.
 */
#ifndef WEIR_NODE_CALLED_H
#define WEIR_NODE_CALLED_H

#include "node/capture_ids.h"
#include "node/client.h"

struct called {
	size_t row;
	struct capture_ids ids;
	uint8_t id[ID_BYTES]; /* what the row is called */
};

/* Fills in what each is called; row and ids are there already. They end in the order of `row`.
 */
CHECKED enum err called_ask(struct client *sync, struct called *list, size_t count);

#endif
