#include "hub/keeper_call.h"

#include "common/base/mem.h"
#include "common/net/call.h"
#include "common/net/link.h"
#include "common/run/datadir.h"

#include "hub/ipc.h"

#define WAIT_MS          30000
#define ANSWER_BYTES_MAX 8192

struct keeper_call {
	struct link_context *context;
	struct link *link;
};

enum err
keeper_call_open(struct keeper_call **ret, const char *dir)
{
	OWNED(keeper_call) struct keeper_call *c = xcalloc(1, sizeof(*c));
	char path[DATADIR_PATH_BYTES];
	*ret = NULL;
	enum err e = datadir_path(path, dir, "run/keeper-cmd/keeper.sock");
	if (e)
		return e;
	c->context = link_context_new();
	e = link_connect_ipc(&c->link, c->context, path, "weir-hub run");
	if (!e)
		*ret = take(c);
	return e;
}

void
keeper_call_free(struct keeper_call *c)
{
	if (!c)
		return;
	link_free(c->link);
	link_context_free(c->context);
	mem_drop(&c);
}

enum err
keeper_call_ask(struct keeper_call *c, struct buf *frame, struct buf *out)
{
	OWNED(link_message) struct link_message *answer = NULL;
	struct cursor fields;
	enum err e = buf_check(frame, "question to the keeper");
	if (!e)
		e = link_call(c->link, buf_view(frame), WAIT_MS, &answer);
	if (!e)
		e = call_read_answer(answer->payload, &fields);
	if (!e)
		buf_add(out, fields.at, fields.left);
	return e ? e : buf_check(out, "the keeper's answer");
}

enum err
keeper_call_status(struct keeper_call *c, struct keeper_status *ret)
{
	OWNED_BUF struct buf frame, answer;
	buf_init(&frame, 64);
	buf_init(&answer, ANSWER_BYTES_MAX);
	*ret = (struct keeper_status){.state = KEEPER_LOCKED};
	call_begin(&frame, KEEPER_STATUS);
	enum err e = keeper_call_ask(c, &frame, &answer);
	if (e)
		return e;
	struct cursor f = cursor_of(buf_view(&answer));
	uint8_t state = cursor_u8(&f);
	row_text(&f, ret->first, sizeof(ret->first));
	ret->left_s = cursor_u32(&f);
	if (state > KEEPER_OPENED)
		f.broken = true;
	else
		ret->state = (enum keeper_state)state;
	return cursor_end(&f, "the keeper's answer");
}
