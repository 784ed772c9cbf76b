#include "node/client.h"

#include <stdio.h>

#include "common/base/mem.h"
#include "common/net/call.h"
#include "common/net/link.h"

#define CLIENT_WAIT_MS    120000 /* a large import is one transaction */
#define CLIENT_PATH_BYTES 4096

struct client {
	struct link_context *context;
	struct link *link;
};

enum err
client_open(struct client **ret, const char *dir, const char *socket)
{
	char path[CLIENT_PATH_BYTES];
	OWNED(client) struct client *c = xcalloc(1, sizeof(*c));
	*ret = NULL;
	if (snprintf(path, sizeof(path), "%s/run/%s", dir, socket) >= (int)sizeof(path))
		return fail(E_FORMAT, "the path of the node directory is too long");
	c->context = link_context_new();
	enum err e = link_connect_ipc(&c->link, c->context, path, "weir-node run");
	if (!e)
		*ret = take(c);
	return e;
}

void
client_free(struct client *c)
{
	if (!c)
		return;
	link_free(c->link);
	link_context_free(c->context);
	mem_drop(&c);
}

enum err
client_call(struct client *c, enum node_verb verb, struct view fields, struct buf *reply)
{
	OWNED(link_message) struct link_message *answer = NULL;
	OWNED_BUF struct buf frame;
	struct cursor left;
	buf_init(&frame, CALL_MAX_BYTES);
	call_begin(&frame, (uint16_t)verb);
	buf_add_view(&frame, fields);
	enum err e = buf_check(&frame, "request");
	if (!e)
		e = link_call(c->link, buf_view(&frame), CLIENT_WAIT_MS, &answer);
	if (!e)
		e = call_read_answer(answer->payload, &left);
	if (e)
		return e;
	buf_add(reply, left.at, left.left);
	return buf_check(reply, "answer");
}
