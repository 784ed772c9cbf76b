/* intake_link - questions of the loop of intake to sync, many at a time, none of them waited
 * for.
 *
 * Always true: sync answers a peer in the order of its requests, so the oldest question is the
 *              one that an answer is for. Whatever breaks that order (a lost connection, an
 *              answer that does not come within INTAKE_WAIT_MS, a frame that could not be sent)
 *              ends the connection: everything open is answered with E_ABSENT, and a fresh one
 *              is made, on which no late answer can come.
 *              every question is answered once, after this room has returned.
 *              after E_ABSENT it is not known whether the question was done: ask again.
 */
#ifndef WEIR_NODE_INTAKE_LINK_H
#define WEIR_NODE_INTAKE_LINK_H

#include "common/codec/bytes.h"
#include "common/net/link.h"

#include "node/ipc.h"

#define INTAKE_WAIT_MS        20000               /* Collect itself waits 60 s */
#define INTAKE_OPEN_MAX_COUNT LINK_IPC_OPEN_COUNT /* questions that are open at a time */

struct intake_link;

/* The answer's fields, lent for the call; or why there is none (its sentence in err_text()). */
typedef void intake_reply_fn(void *arg, enum err e, struct cursor *fields);

struct intake_question {
	enum node_verb verb;
	struct view fields;
	intake_reply_fn *reply; /* NULL: whoever asked the next one hears what matters */
	void *arg;
};

/* gives. up: called each time the connection is made. */
struct intake_link *intake_link_new(
	struct reactor *r, const char *path, reactor_fn *up, void *arg);
void intake_link_free(struct intake_link *l); /* answers what is open with E_ABSENT */
OWNER(intake_link)

/* Begin to connect, now and whenever the connection ended. */
void intake_link_start(struct intake_link *l);
bool intake_link_is_up(const struct intake_link *l);
size_t intake_link_open_count(const struct intake_link *l);

/* End the connection: a request of several frames could not be sent whole. */
void intake_link_cut(struct intake_link *l, const char *why);
/* Ask. E_ABSENT sync is not there; E_BUSY too much is open. The reply is not called then. */
CHECKED enum err intake_link_ask(struct intake_link *l, const struct intake_question *q);

#endif
