#include "node/called.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"

static int
by_first(const void *a, const void *b)
{
	const struct called *x = a, *y = b;
	int order = memcmp(x->ids.first, y->ids.first, ID_BYTES);
	return order ? order : (x->row > y->row) - (x->row < y->row);
}

static int
by_row(const void *a, const void *b)
{
	const struct called *x = a, *y = b;
	return (x->row > y->row) - (x->row < y->row);
}

static enum err
ask(struct client *sync, struct called *list, size_t count)
{
	OWNED_BUF struct buf fields, answer;
	buf_init(&fields, CLIENT_REPLY_BYTES);
	buf_init(&answer, CLIENT_REPLY_BYTES);
	buf_u32(&fields, (uint32_t)count);
	for (size_t i = 0; i < count; i++) {
		const struct capture_ids *ids = &list[i].ids;
		buf_add(&fields, ids->first, ID_BYTES);
		buf_add(&fields, ids->before, ID_BYTES);
		buf_add(&fields, ids->digest, HASH_BYTES);
	}
	enum err e = buf_check(&fields, "rows of the sheet");
	if (!e)
		e = client_call(sync, SYNC_LINES, buf_view(&fields), &answer);
	struct cursor c = cursor_of(buf_view(&answer));
	if (!e && cursor_u32(&c) != count)
		c.broken = true;
	for (size_t i = 0; !e && i < count; i++)
		cursor_copy(&c, list[i].id, ID_BYTES);
	return e ? e : cursor_end(&c, "what rows are called");
}

enum err
called_ask(struct client *sync, struct called *list, size_t count)
{
	qsort(list, count, sizeof(*list), by_first);
	enum err e = ask(sync, list, count);
	qsort(list, count, sizeof(*list), by_row);
	return e;
}
