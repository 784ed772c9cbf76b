#include "node/client.h"

#include <stdio.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/mem.h"
#include "common/codec/text.h"
#include "common/net/call.h"
#include "common/net/link.h"

#define CLIENT_WAIT_MS    120000 /* a large import is one transaction */
#define CLIENT_PATH_BYTES 4096
#define PAGE_KEY_BYTES    512
#define JSON_PIECE_BYTES  ((size_t)256 << 10)

struct client {
	struct link_context *context;
	struct link *link;
};

/* Nobody listens: there may be no node at all. The error says which of the two. */
static enum err
why_absent(const char *dir)
{
	char path[CLIENT_PATH_BYTES];
	(void)snprintf(path, sizeof(path), "%s/node.ini", dir);
	if (access(path, F_OK))
		return fail(E_NOTFOUND,
			"%s is not a node directory: make one with `weir-node join`", dir);
	return E_ABSENT;
}

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
	if (e == E_ABSENT)
		e = why_absent(dir);
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

enum err
client_ask(const char *dir, const char *socket, enum node_verb verb, struct view fields,
	struct buf *reply)
{
	OWNED(client) struct client *c = NULL;
	enum err e = client_open(&c, dir, socket);
	return e ? e : client_call(c, verb, fields, reply);
}

enum err
client_status(struct client *sync, struct json **ret)
{
	OWNED_BUF struct buf answer;
	*ret = NULL;
	buf_init(&answer, CLIENT_REPLY_BYTES);
	enum err e = client_call(sync, SYNC_STATUS, view_of(NULL, 0), &answer);
	struct cursor c = cursor_of(buf_view(&answer));
	struct view json = cursor_blob(&c);
	if (!e)
		e = cursor_end(&c, "status of the node");
	return e ? e : json_parse(ret, json, CLIENT_REPLY_BYTES);
}

/* A list on its way out. */
struct listing {
	const struct client_list *list;
	struct json_out *json; /* NULL: rows for people */
	uint64_t rows;
};

/* next: the key that the next page is asked with; empty behind the last. */
static enum err
say_page(struct listing *to, struct view page, struct buf *next)
{
	const struct client_list *l = to->list;
	struct cursor c = cursor_of(page);
	uint32_t count = cursor_u32(&c);
	to->rows += count;
	for (uint32_t i = 0; !c.broken && i < count; i++)
		l->row(l->arg, &c, to->json);
	struct view key = cursor_blob(&c);
	enum err e = cursor_end(&c, l->what);
	buf_reset(next);
	if (!e && key.len)
		buf_blob(next, key);
	return e ? e : buf_check(next, l->what);
}

static enum err
say_pages(struct client *c, struct listing *to)
{
	OWNED_BUF struct buf key, page;
	buf_init(&key, PAGE_KEY_BYTES);
	buf_init(&page, CLIENT_REPLY_BYTES);
	buf_blob_text(&key, "");
	enum err e = OK;
	while (!e && key.len) {
		buf_reset(&page);
		e = client_call(c, to->list->verb, buf_view(&key), &page);
		if (!e)
			e = say_page(to, buf_view(&page), &key);
	}
	return e;
}

enum err
client_act(struct client *c, struct leaf leaf)
{
	OWNED_BUF struct buf json, fields, answer;
	uint8_t raw[ID_BYTES];
	char id[2 * ID_BYTES + 1];
	buf_init(&json, LEAF_MOST_BYTES);
	buf_init(&fields, LEAF_MOST_BYTES + 16);
	buf_init(&answer, CLIENT_REPLY_BYTES);
	crypto_random(raw, sizeof(raw));
	text_hex(id, raw, sizeof(raw));
	leaf.id = id;
	leaf.t_s = leaf_minute_s(clock_wall_ms());
	enum err e = leaf_write(&json, &leaf);
	buf_blob(&fields, buf_view(&json));
	return e ? e : client_call(c, SYNC_ACT, buf_view(&fields), &answer);
}

enum err
client_list(struct program *p, struct client *c, const struct client_list *l)
{
	OWNED_BUF struct buf piece;
	struct json_out json;
	struct listing to = {.list = l};
	enum err e = OK;
	if (!program_json(p)) {
		e = say_pages(c, &to);
		if (!e && !to.rows)
			program_none(p, l->none);
		return e;
	}
	buf_init(&piece, JSON_PIECE_BYTES);
	to.json = &json;
	json_begin_stream(&json, &piece, stdout);
	json_put_array(&json, NULL);
	e = say_pages(c, &to);
	json_put_close(&json);
	return e ? e : json_end(&json, l->what);
}
