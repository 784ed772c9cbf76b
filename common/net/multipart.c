#include "common/net/multipart.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "common/base/mem.h"
#include "common/codec/text.h"

#define DELIMITER_EXTRA_BYTES ((size_t)4) /* CR LF and two dashes in front */
#define PADDING_MAX_BYTES     ((size_t)128)
#define TYPE_MAX_BYTES        ((size_t)127)
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

/* values of a head: type/subtype; name=token; name="quoted" */

static bool
is_token_byte(char c)
{
	return c > ' ' && c < 0x7f && !strchr("()<>@,;:\\\"/[]?=", c);
}

static const char *
skip_blanks(const char *at)
{
	return at + strspn(at, " \t");
}

/* A quoted string from behind its first quote: what is in it goes to out. NULL if it never
 * ends. */
static const char *
read_quoted(struct buf *out, const char *at)
{
	for (; *at && *at != '"'; at++) {
		if (at[0] == '\\' && (at[1] == '"' || at[1] == '\\'))
			at++;
		buf_u8(out, (uint8_t)*at);
	}
	return *at ? at + 1 : NULL;
}

static const char *
read_token(struct buf *out, const char *at)
{
	const char *end = at;
	while (is_token_byte(*end))
		end++;
	buf_add(out, at, (size_t)(end - at));
	return end > at ? end : NULL;
}

/* One "; name=value" at *at, moved on behind it. E_NOTFOUND at the end, E_FORMAT if it is none.
 */
static enum err
next_parameter(const char **at, struct buf *name, struct buf *value)
{
	const char *p = skip_blanks(*at);
	buf_reset(name);
	buf_reset(value);
	if (*p == '\0')
		return E_NOTFOUND;
	if (*p != ';')
		return E_FORMAT;
	p = skip_blanks(p + 1);
	if (*p == '\0')
		return E_NOTFOUND;
	p = read_token(name, p);
	if (!p || *p++ != '=')
		return E_FORMAT;
	p = *p == '"' ? read_quoted(value, p + 1) : read_token(value, p);
	if (!p || name->broken || value->broken)
		return E_FORMAT;
	*at = p;
	return OK;
}

static bool
buf_is(const struct buf *b, const char *word)
{
	return b->len == strlen(word) && strncasecmp((const char *)b->at, word, b->len) == 0;
}

/* gives the parameter of this name as text; NULL if there is none. E_FORMAT if the value cannot
 * be read or names it twice. */
static enum err
find_parameter(char **ret, const char *value, const char *wanted)
{
	OWNED_BUF struct buf name, text;
	OWNED_MEM char *found = NULL;
	enum err e = OK;
	*ret = NULL;
	buf_init(&name, MULTIPART_HEAD_MAX_BYTES);
	buf_init(&text, MULTIPART_HEAD_MAX_BYTES);
	while (!e) {
		e = next_parameter(&value, &name, &text);
		if (e || !buf_is(&name, wanted))
			continue;
		if (found)
			return E_FORMAT;
		found = xmemdup(text.at ? text.at : (const uint8_t *)"", text.len);
	}
	*ret = e == E_NOTFOUND ? take(found) : NULL;
	return e == E_NOTFOUND ? OK : e;
}

/* names */

/* Browsers and okhttp write a quote, CR and LF as %22, %0D and %0A and nothing else (WHATWG
 * form-data encoding); line ends are refused with all control characters. */
static void
unescape_quotes(char *text)
{
	char *to = text;
	for (const char *from = text; *from; to++) {
		if (strncmp(from, "%22", 3) == 0) {
			*to = '"';
			from += 3;
		} else {
			*to = *from++;
		}
	}
	*to = '\0';
}

static enum err
check_name(const char *name)
{
	if (strlen(name) > MULTIPART_NAME_MAX_BYTES)
		return fail(E_FULL, "a part of the form has a name of more than %zu bytes",
			MULTIPART_NAME_MAX_BYTES);
	if (!name[0] || !text_is_plain(name) || strstr(name, "%0A") || strstr(name, "%0D"))
		return fail(E_FORMAT, "a part of the form has a name that cannot be kept");
	return OK;
}

bool
multipart_is_file_name(const char *name)
{
	size_t len = strlen(name);
	return len > 0 && len <= MULTIPART_NAME_MAX_BYTES && text_is_plain(name) &&
	       !strpbrk(name, "/\\") && strcmp(name, ".") != 0 && strcmp(name, "..") != 0;
}

/* the head of a part */

/* gives the value of a header line; "" if there is none. */
static char *
header_of(const char *head, const char *name)
{
	size_t len = strlen(name);
	for (const char *line = head; *line;) {
		size_t line_len = strcspn(line, "\r");
		if (strncasecmp(line, name, len) == 0 && line[len] == ':') {
			const char *value = skip_blanks(line + len + 1);
			return xmemdup(value, line_len - (size_t)(value - line));
		}
		line += line_len;
		line += strspn(line, "\r\n");
	}
	return xstrdup("");
}

static enum err
read_names(const char *disposition, char **ret_name, char **ret_filename)
{
	static const char kind[] = "form-data";
	if (strncasecmp(disposition, kind, strlen(kind)) != 0)
		return fail(E_FORMAT, "a part of the form has no name");
	const char *parameters = disposition + strlen(kind);
	enum err e = find_parameter(ret_name, parameters, "name");
	if (!e)
		e = find_parameter(ret_filename, parameters, "filename");
	if (e || !*ret_name)
		return fail(E_FORMAT, "a part of the form has no name");
	unescape_quotes(*ret_name);
	if (*ret_filename)
		unescape_quotes(*ret_filename);
	return check_name(*ret_name);
}

static enum err
begin_part(struct multipart *m)
{
	OWNED_MEM char *name = NULL, *filename = NULL, *disposition = NULL, *type = NULL;
	if (++m->parts > MULTIPART_PARTS_MAX_COUNT)
		return fail(
			E_FULL, "the form has more than %d parts", MULTIPART_PARTS_MAX_COUNT);
	if (!text_is_utf8(buf_view(&m->head)))
		return fail(E_FORMAT, "the head of a part is not UTF-8 or has a zero byte");
	buf_u8(&m->head, 0);
	const char *head = (const char *)m->head.at;
	disposition = header_of(head, "Content-Disposition");
	type = header_of(head, "Content-Type");
	enum err e = read_names(disposition, &name, &filename);
	if (!e && filename && filename[0] && !multipart_is_file_name(filename))
		e = fail(E_FORMAT, "a file of the form has a name that cannot be kept");
	if (!e && strlen(type) > TYPE_MAX_BYTES)
		e = fail(E_FORMAT, "a part of the form has a type that is too long");
	struct multipart_part part = {name, filename && filename[0] ? filename : NULL, type};
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

static enum err
check_boundary(const char *boundary)
{
	size_t len = strlen(boundary);
	for (const char *p = boundary; *p; p++)
		if (*p < ' ' || *p == 0x7f)
			len = 0;
	if (len == 0 || len > MULTIPART_BOUNDARY_MAX_BYTES || boundary[len - 1] == ' ')
		return fail(E_FORMAT, "the boundary of the form is not of its form");
	return OK;
}

enum err
multipart_open(
	struct multipart **ret, const char *content_type, const struct multipart_sink *sink)
{
	static const char kind[] = "multipart/form-data";
	OWNED_MEM char *boundary = NULL;
	*ret = NULL;
	if (!content_type || strncasecmp(content_type, kind, strlen(kind)) != 0)
		return fail(E_FORMAT, "a form has to come as multipart/form-data");
	if (find_parameter(&boundary, content_type + strlen(kind), "boundary") || !boundary)
		return fail(E_FORMAT, "the form does not say what stands between its parts");
	enum err e = check_boundary(boundary);
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
