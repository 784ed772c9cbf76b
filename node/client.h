/* client - how a command of the node reaches the process that writes: one link, one call at a
 * time.
 *
 * Errors: E_ABSENT "nobody is listening ...: start `weir-node run`"; what the other side said.
 */
#ifndef WEIR_NODE_CLIENT_H
#define WEIR_NODE_CLIENT_H

#include "common/codec/bytes.h"

#include "node/ipc.h"

#define CLIENT_REPLY_BYTES ((size_t)16 * 1024 * 1024)

struct client;

/* gives; `socket` is sync.sock or desk.sock in the run directory of the node directory
 * `dir`. */
CHECKED enum err client_open(struct client **ret, const char *dir, const char *socket);
void client_free(struct client *c);
OWNER(client)

/* One request of this verb with these fields; adds the answer's fields to reply. */
CHECKED enum err client_call(
	struct client *c, enum node_verb verb, struct view fields, struct buf *reply);

#endif
