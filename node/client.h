/* client - how a command of the node reaches the process that writes: one link, one call at a
 * time.
 *
 * Errors: E_ABSENT "nobody is listening ...: start `weir-node run`"; what the other side said.
 */
#ifndef WEIR_NODE_CLIENT_H
#define WEIR_NODE_CLIENT_H

#include "common/codec/json.h"
#include "common/run/program.h"
#include "common/trust/leaf.h"

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

/* One request to the process of node directory `dir` that listens at `socket`, and no more. */
CHECKED enum err client_ask(const char *dir, const char *socket, enum node_verb verb,
	struct view fields, struct buf *reply);

/* gives what `weir-node status --json` prints (SYNC_STATUS). */
CHECKED enum err client_status(struct client *sync, struct json **ret);

/* An act of a person at the site, for lane A; id and minute are filled in. */
CHECKED enum err client_act(struct client *c, struct leaf leaf);

/* Reads the fields of one row and says it: adds an object to json, or prints it where json is
 * NULL. Nothing may be said of a row that is cut short. */
typedef void client_row_fn(void *arg, struct cursor *row, struct json_out *json);

/* A list of ipc_submit.h, asked for page by page; with --json one array of the rows. */
struct client_list {
	enum node_verb verb;
	const char *what; /* for sentences: "collectors" */
	const char *none; /* what people are told of a list without rows */
	client_row_fn *row;
	void *arg;
};
CHECKED enum err client_list(struct program *p, struct client *c, const struct client_list *l);

#endif
