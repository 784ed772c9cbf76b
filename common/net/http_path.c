#include "common/net/http_path.h"

#include <string.h>

#include "common/base/mem.h"
#include "common/codec/text.h"

#define HOST_MAX_BYTES 255
#define PORT_MAX       65535
#define PORT_DIGITS    5
#define VALUE_MAX      ((size_t)64 << 10)

/* percent signs */

static bool
is_unreserved(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (c != '\0' && strchr("-._~", c));
}

enum err
http_decode(char **ret, struct view text)
{
	*ret = NULL;
	if (text.len > VALUE_MAX)
		return fail(E_FORMAT, "the address is too long");
	OWNED_MEM char *out = xcalloc(text.len + 1, 1);
	size_t len = 0;
	for (size_t i = 0; i < text.len; i++) {
		uint8_t c = text.at[i];
		if (c == '%') {
			int high = i + 2 < text.len ? text_hex_digit((char)text.at[i + 1]) : -1;
			int low = i + 2 < text.len ? text_hex_digit((char)text.at[i + 2]) : -1;
			if (high < 0 || low < 0)
				return fail(E_FORMAT, "the address has a bad percent sign");
			c = (uint8_t)(high << 4 | low);
			i += 2;
		}
		out[len++] = (char)c;
	}
	if (!text_is_utf8(view_of(out, len)))
		return fail(E_FORMAT, "the address is not UTF-8 or has a zero byte");
	*ret = take(out);
	return OK;
}

void
http_encode(struct buf *out, const char *text)
{
	for (const char *p = text; *p; p++) {
		if (is_unreserved((uint8_t)*p))
			buf_u8(out, (uint8_t)*p);
		else
			buf_format(out, "%%%02X", (unsigned)(uint8_t)*p);
	}
}

/* patterns */

void
http_params_done(struct http_params *p)
{
	for (size_t i = 0; i < p->count; i++)
		mem_drop(&p->values[i]);
	p->count = 0;
}

static size_t
segment_len(const char *at)
{
	return strcspn(at, "/");
}

const char *
http_params_value(const struct http_params *p, const char *name)
{
	size_t len = strlen(name);
	for (size_t i = 0; i < p->count; i++)
		if (segment_len(p->names[i]) == len && strncmp(p->names[i], name, len) == 0)
			return p->values[i];
	return NULL;
}

/* Both stand behind a slash. */
static enum err
match_segment(struct http_params *p, const char *pattern, const char *path)
{
	size_t want = segment_len(pattern), have = segment_len(path);
	if (pattern[0] != ':')
		return want == have && strncmp(pattern, path, want) == 0 ? OK : E_NOTFOUND;
	if (have == 0 || p->count == HTTP_PARAMS_MAX_COUNT)
		return E_NOTFOUND;
	enum err e = http_decode(&p->values[p->count], view_of(path, have));
	if (!e)
		p->names[p->count++] = pattern + 1;
	return e;
}

static enum err
match(struct http_params *p, const char *pattern, const char *path)
{
	while (*pattern == '/' && *path == '/') {
		enum err e = match_segment(p, ++pattern, ++path);
		if (e)
			return e;
		pattern += segment_len(pattern);
		path += segment_len(path);
	}
	return *pattern || *path ? E_NOTFOUND : OK;
}

enum err
http_path_match(struct http_params *ret, const char *pattern, const char *path)
{
	*ret = (struct http_params){.count = 0};
	enum err e = match(ret, pattern, path);
	if (e)
		http_params_done(ret);
	return e == E_NOTFOUND ? fail(e, "nothing is at this address") : e;
}

/* hosts */

static bool
is_port(const char *at)
{
	int64_t port = 0;
	size_t len = strlen(at);
	return len > 0 && len <= PORT_DIGITS && text_int(view_of(at, len), &port) &&
	       port >= 1 && port <= PORT_MAX;
}

bool
http_host_is_fine(const char *host)
{
	size_t len = strlen(host);
	size_t name = host[0] == '[' ? strspn(host + 1, "0123456789abcdefABCDEF:.") + 1
				     : strspn(host, "abcdefghijklmnopqrstuvwxyz"
						    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._");
	if (len > HOST_MAX_BYTES || name == 0)
		return false;
	if (host[0] == '[') {
		if (name < 3 || host[name] != ']')
			return false;
		name++;
	}
	return host[name] == '\0' || (host[name] == ':' && is_port(host + name + 1));
}
