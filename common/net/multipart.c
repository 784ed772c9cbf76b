#include "common/net/multipart.h"

#include <stdio.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/codec/text.h"
#include "common/net/multipart_head.h"

#define DELIMITER_EXTRA_BYTES ((size_t)4) /* CR LF and two dashes in front */
#define PADDING_MAX_BYTES     ((size_t)128)
#define SENTENCE_BYTES        256

enum stage {
	PREAMBLE, /* what stands before the first delimiter is dropped */
	BEHIND,   /* a delimiter was read: two dashes, or padding and a line end */
	DASH,     /* the first of the two dashes was read */
	LINE_END, /* CR was read, LF has to come */
	HEAD,
	BODY,
	EPILOGUE, /* what stands behind the last delimiter is dropped */
};

struct multipart {
	struct multipart_sink sink;
	enum stage stage;
	char delimiter[MULTIPART_BOUNDARY_MAX_BYTES + DELIMITER_EXTRA_BYTES + 1];
	size_t delimiter_len;
	size_t matched; /* so many bytes of the delimiter were just seen */
	size_t padding;
	size_t parts;
	struct buf head;
	enum err error;
	char sentence[SENTENCE_BYTES];
};

/* the head of a part */

static enum err
begin_part(struct multipart *m)
{
	OWNED_BY(multipart_head_done) struct multipart_head h = {NULL, NULL, NULL};
	if (++m->parts > MULTIPART_PARTS_MAX_COUNT)
		return fail(
			E_FULL, "the form has more than %d parts", MULTIPART_PARTS_MAX_COUNT);
	if (!text_is_utf8(buf_view(&m->head)))
		return fail(E_FORMAT, "the head of a part is not UTF-8 or has a zero byte");
	OWNED_MEM char *text = xmemdup(m->head.at, m->head.len);
	enum err e = multipart_head_read(&h, text);
	struct multipart_part part = {h.name, h.filename, h.type};
	if (!e)
		e = m->sink.begin(m->sink.arg, &part);
	buf_reset(&m->head);
	return e;
}

/* stages; each takes some bytes from the front of the piece and gives how many in *used */

static enum err
add_head(struct multipart *m, struct view piece, size_t *used)
{
	static const char end[] = "\r\n\r\n";
	for (size_t i = 0; i < piece.len; i++) {
		buf_u8(&m->head, piece.at[i]);
		if (m->head.broken)
			return fail(E_FULL, "the head of a part has more than %zu bytes",
				MULTIPART_HEAD_MAX_BYTES);
		if (m->head.len < 4 || memcmp(m->head.at + m->head.len - 4, end, 4) != 0)
			continue;
		*used = i + 1;
		m->stage = BODY;
		m->matched = 0;
		return begin_part(m);
	}
	*used = piece.len;
	return OK;
}

static enum err
give(struct multipart *m, const void *at, size_t len)
{
	if (m->stage != BODY || len == 0)
		return OK;
	return m->sink.data(m->sink.arg, view_of(at, len));
}

/* Up to the next delimiter. CR stands nowhere in a delimiter but at its front, so after a
 * mismatch what was matched is data, and the search goes on at the byte that did not fit. */
static enum err
add_body(struct multipart *m, struct view piece, size_t *used)
{
	size_t i = 0, from = 0;
	enum err e = OK;
	while (!e && i < piece.len && m->matched < m->delimiter_len) {
		if (m->matched > 0 && piece.at[i] == (uint8_t)m->delimiter[m->matched]) {
			m->matched++;
			from = ++i;
			continue;
		}
		e = give(m, m->delimiter, m->matched);
		m->matched = 0;
		const uint8_t *cr = memchr(piece.at + i, '\r', piece.len - i);
		i = cr ? (size_t)(cr - piece.at) : piece.len;
		if (!e)
			e = give(m, piece.at + from, i - from);
		if (cr) {
			m->matched = 1;
			i++;
		}
		from = i;
	}
	*used = i;
	if (e || m->matched < m->delimiter_len)
		return e;
	if (m->stage == BODY)
		e = m->sink.end(m->sink.arg);
	m->stage = BEHIND;
	m->padding = 0;
	return e;
}

/* One byte behind a delimiter: blanks may stand there (RFC 2046, 5.1.1). */
static enum err
add_behind(struct multipart *m, uint8_t c)
{
	switch (c) {
	case '-':
		if (m->stage == BEHIND && m->padding > 0)
			break;
		m->stage = m->stage == DASH ? EPILOGUE : DASH;
		return OK;
	case ' ':
	case '\t':
		if (m->stage != BEHIND || ++m->padding > PADDING_MAX_BYTES)
			break;
		return OK;
	case '\r':
		if (m->stage != BEHIND)
			break;
		m->stage = LINE_END;
		return OK;
	default:
		break;
	}
	return fail(E_FORMAT, "the parts of the form are not told apart rightly");
}

static enum err
add_line_end(struct multipart *m, uint8_t c)
{
	if (c != '\n')
		return fail(E_FORMAT, "the parts of the form are not told apart rightly");
	m->stage = HEAD;
	buf_reset(&m->head);
	return OK;
}

static enum err
add_some(struct multipart *m, struct view piece, size_t *used)
{
	*used = 1;
	switch (m->stage) {
	case PREAMBLE:
	case BODY:
		return add_body(m, piece, used);
	case HEAD:
		return add_head(m, piece, used);
	case BEHIND:
	case DASH:
		return add_behind(m, piece.at[0]);
	case LINE_END:
		return add_line_end(m, piece.at[0]);
	case EPILOGUE:
		*used = piece.len;
		return OK;
	}
	return OK;
}

/* make, free */

enum err
multipart_open(
	struct multipart **ret, const char *content_type, const struct multipart_sink *sink)
{
	OWNED_MEM char *boundary = NULL;
	*ret = NULL;
	enum err e = multipart_boundary(&boundary, content_type);
	if (e)
		return e;
	OWNED(multipart) struct multipart *m = xcalloc(1, sizeof(*m));
	m->sink = *sink;
	buf_init(&m->head, MULTIPART_HEAD_MAX_BYTES);
	int len = snprintf(m->delimiter, sizeof(m->delimiter), "\r\n--%s", boundary);
	m->delimiter_len = (size_t)len;
	m->matched = 2; /* the first one may stand at the very front */
	*ret = take(m);
	return OK;
}

void
multipart_free(struct multipart *m)
{
	if (!m)
		return;
	buf_done(&m->head);
	mem_drop(&m);
}

/* use */

static enum err
end_with(struct multipart *m, enum err e)
{
	m->error = e;
	(void)snprintf(m->sentence, sizeof(m->sentence), "%s", err_text());
	return e;
}

enum err
multipart_add(struct multipart *m, struct view piece)
{
	if (m->error)
		return fail(m->error, "%s", m->sentence);
	while (piece.len > 0) {
		size_t used = 0;
		enum err e = add_some(m, piece, &used);
		if (e)
			return end_with(m, e);
		piece = view_of(piece.at + used, piece.len - used);
	}
	return OK;
}

enum err
multipart_end(struct multipart *m)
{
	if (m->error)
		return fail(m->error, "%s", m->sentence);
	if (m->stage != EPILOGUE)
		return end_with(m, fail(E_FORMAT, "the form ends in the middle of a part"));
	return OK;
}
