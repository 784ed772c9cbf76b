#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "common/base/mem.h"
#include "common/net/multipart.h"

#define OUT_MAX_BYTES ((size_t)1 << 20)

/* What a parser gave, as one text. */
static enum err
on_begin(void *arg, const struct multipart_part *p)
{
	fuzz_must(p->name[0] && strlen(p->name) <= MULTIPART_NAME_MAX_BYTES);
	fuzz_must(!p->filename || multipart_is_file_name(p->filename));
	buf_format(arg, "%s|%s|%s=", p->name, p->filename ? p->filename : "", p->type);
	return OK;
}

static enum err
on_data(void *arg, struct view bytes)
{
	fuzz_must(bytes.len > 0);
	buf_add_view(arg, bytes);
	return OK;
}

static enum err
on_end(void *arg)
{
	buf_u8(arg, ';');
	return OK;
}

static enum err
run(const char *type, struct view body, size_t step, struct buf *out)
{
	OWNED(multipart) struct multipart *m = NULL;
	struct multipart_sink sink = {on_begin, on_data, on_end, out};
	enum err e = multipart_open(&m, type, &sink);
	for (size_t at = 0; !e && at < body.len; at += step)
		e = multipart_add(m, view_of(body.at + at, MIN(step, body.len - at)));
	return e ? e : multipart_end(m);
}

/* The type up to a line end, then the body: the same comes out however it is cut. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	OWNED_BUF struct buf whole, cut;
	const uint8_t *line = size ? memchr(data, '\n', size) : NULL;
	buf_init(&whole, OUT_MAX_BYTES);
	buf_init(&cut, OUT_MAX_BYTES);
	if (!line)
		return 0;
	OWNED_MEM char *type = xmemdup(data, (size_t)(line - data));
	struct view body = view_of(line + 1, size - (size_t)(line + 1 - data));
	enum err e = run(type, body, size + 1, &whole);
	fuzz_must(run(type, body, 1 + size % 5, &cut) == e);
	fuzz_must(view_same(buf_view(&whole), buf_view(&cut)));
	return 0;
}
