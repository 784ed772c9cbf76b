#include "common/net/multipart_head.h"

#include <string.h>
#include <strings.h>

#include "common/base/mem.h"
#include "common/codec/text.h"

#define TYPE_MAX_BYTES ((size_t)127)

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

enum err
multipart_head_read(struct multipart_head *ret, const char *text)
{
	OWNED_BY(multipart_head_done) struct multipart_head h = {NULL, NULL, NULL};
	OWNED_MEM char *disposition = header_of(text, "Content-Disposition");
	h.type = header_of(text, "Content-Type");
	*ret = (struct multipart_head){NULL, NULL, NULL};
	enum err e = read_names(disposition, &h.name, &h.filename);
	if (!e && h.filename && !h.filename[0])
		mem_drop(&h.filename);
	if (!e && h.filename && !multipart_is_file_name(h.filename))
		e = fail(E_FORMAT, "a file of the form has a name that cannot be kept");
	if (!e && strlen(h.type) > TYPE_MAX_BYTES)
		e = fail(E_FORMAT, "a part of the form has a type that is too long");
	if (e)
		return e;
	*ret = h;
	h = (struct multipart_head){NULL, NULL, NULL};
	return OK;
}

void
multipart_head_done(struct multipart_head *h)
{
	mem_drop(&h->name);
	mem_drop(&h->filename);
	mem_drop(&h->type);
}

/* the boundary */

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
multipart_boundary(char **ret, const char *content_type)
{
	static const char kind[] = "multipart/form-data";
	OWNED_MEM char *boundary = NULL;
	*ret = NULL;
	if (!content_type || strncasecmp(content_type, kind, strlen(kind)) != 0)
		return fail(E_FORMAT, "a form has to come as multipart/form-data");
	if (find_parameter(&boundary, content_type + strlen(kind), "boundary") || !boundary)
		return fail(E_FORMAT, "the form does not say what stands between its parts");
	enum err e = check_boundary(boundary);
	if (!e)
		*ret = take(boundary);
	return e;
}
