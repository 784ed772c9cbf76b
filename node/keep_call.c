#include "node/keep_call.h"

#define ITEMS_MAX_BYTES (3 * KEEP_FRAME_BYTES)
#define CALL_MAX_BYTES  (4 * KEEP_FRAME_BYTES)

void
keep_call_begin(struct keep_call *k, struct client *sync)
{
	*k = (struct keep_call){.sync = sync};
	buf_init(&k->items, ITEMS_MAX_BYTES);
}

void
keep_call_done(struct keep_call *k)
{
	buf_done(&k->items);
}

static enum err
send_frame(struct keep_call *k, bool more, const struct sync_keep_by *by, struct buf *answer)
{
	OWNED_BUF struct buf frame;
	enum err e = buf_check(&k->items, "items");
	buf_init(&frame, CALL_MAX_BYTES);
	buf_u8(&frame, more);
	buf_u32(&frame, k->count);
	buf_add_view(&frame, buf_view(&k->items));
	if (by)
		sync_keep_put_by(&frame, by);
	if (!e)
		e = buf_check(&frame, "items");
	k->sent_bytes += k->items.len;
	k->count = 0;
	buf_reset(&k->items);
	return e ? e : client_call(k->sync, SYNC_KEEP, buf_view(&frame), answer);
}

enum err
keep_call_next(struct keep_call *k)
{
	OWNED_BUF struct buf answer;
	enum err e = OK;
	buf_init(&answer, CLIENT_REPLY_BYTES);
	if (k->items.len >= KEEP_FRAME_BYTES)
		e = send_frame(k, true, NULL, &answer);
	k->count++;
	return e;
}

size_t
keep_call_bytes(const struct keep_call *k)
{
	return k->sent_bytes + k->items.len;
}

enum err
keep_call_end(struct keep_call *k, const struct sync_keep_by *by, struct sync_kept *ret)
{
	OWNED_BUF struct buf answer;
	buf_init(&answer, CLIENT_REPLY_BYTES);
	enum err e = send_frame(k, false, by, &answer);
	if (e)
		return e;
	struct cursor c = cursor_of(buf_view(&answer));
	struct sync_kept kept = {.items = cursor_u32(&c)};
	kept.skipped = cursor_u32(&c);
	kept.entries = cursor_u32(&c);
	e = cursor_end(&c, "answer of sync");
	if (!e)
		*ret = kept;
	return e;
}
