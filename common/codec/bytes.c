#include "common/codec/bytes.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"

#define BUF_FIRST_BYTES 256

struct view
view_of(const void *at, size_t len)
{
	return (struct view){at, len};
}

struct view
view_text(const char *text)
{
	return (struct view){(const uint8_t *)text, strlen(text)};
}

bool
view_same(struct view a, struct view b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

void
buf_init(struct buf *b, size_t max)
{
	*b = (struct buf){.max = max};
}

void
buf_done(struct buf *b)
{
	free(b->at);
	*b = (struct buf){.max = b->max};
}

void
buf_reset(struct buf *b)
{
	b->len = 0;
	b->broken = false;
}

/* Room for `more` bytes, or broken. */
static bool
grow(struct buf *b, size_t more)
{
	if (b->broken || more > b->max - b->len) {
		b->broken = true;
		return false;
	}
	size_t need = b->len + more;
	if (need <= b->room && b->at)
		return true;
	size_t room = b->room ? b->room : BUF_FIRST_BYTES;
	while (room < need)
		room = room > b->max / 2 ? MAX(b->max, need) : room * 2;
	b->at = xrealloc(b->at, room, 1);
	b->room = room;
	return true;
}

void
buf_reserve(struct buf *b, size_t bytes)
{
	size_t len = b->len, more = bytes > len ? bytes - len : 0;
	if (!b->broken && more <= b->max - len)
		(void)grow(b, more);
}

void
buf_add(struct buf *b, const void *at, size_t len)
{
	if (!grow(b, len) || len == 0)
		return;
	memcpy(b->at + b->len, at, len);
	b->len += len;
}

void
buf_add_view(struct buf *b, struct view v)
{
	buf_add(b, v.at, v.len);
}

static void
put_number(uint8_t *to, uint64_t v, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		to[i] = (uint8_t)(v >> (8 * (bytes - 1 - i)));
}

static void
add_number(struct buf *b, uint64_t v, size_t bytes)
{
	uint8_t out[8];
	put_number(out, v, bytes);
	buf_add(b, out, bytes);
}

void
buf_u8(struct buf *b, uint8_t v)
{
	if (grow(b, 1))
		b->at[b->len++] = v;
}

void
buf_u16(struct buf *b, uint16_t v)
{
	add_number(b, v, 2);
}

void
buf_u32(struct buf *b, uint32_t v)
{
	add_number(b, v, 4);
}

void
buf_u64(struct buf *b, uint64_t v)
{
	add_number(b, v, 8);
}

void
buf_blob(struct buf *b, struct view v)
{
	if (v.len > UINT32_MAX) {
		b->broken = true;
		return;
	}
	buf_u32(b, (uint32_t)v.len);
	buf_add_view(b, v);
}

void
buf_blob_text(struct buf *b, const char *text)
{
	buf_blob(b, view_text(text));
}

void
buf_format(struct buf *b, const char *format, ...)
{
	char *made = NULL;
	va_list args;
	va_start(args, format);
	int n = vasprintf(&made, format, args);
	va_end(args);
	if (n < 0)
		b->broken = true;
	else
		buf_add(b, made, (size_t)n);
	free(made);
}

struct view
buf_view(const struct buf *b)
{
	return (struct view){b->at, b->len};
}

uint8_t *
buf_take(struct buf *b, size_t *ret_len)
{
	uint8_t *made = xrealloc(b->at, b->len + 1, 1);
	made[b->len] = 0;
	*ret_len = b->len;
	*b = (struct buf){.max = b->max};
	return made;
}

enum err
buf_check(const struct buf *b, const char *what)
{
	return b->broken ? fail(E_FULL, "%s: more than %zu bytes", what, b->max) : OK;
}

void
bytes_put_u32(uint8_t to[static 4], uint32_t v)
{
	put_number(to, v, 4);
}

void
bytes_put_u64(uint8_t to[static 8], uint64_t v)
{
	put_number(to, v, 8);
}

uint32_t
bytes_get_u32(const uint8_t from[static 4])
{
	struct cursor c = cursor_of(view_of(from, 4));
	return cursor_u32(&c);
}

struct cursor
cursor_of(struct view v)
{
	return (struct cursor){v.at, v.len, false};
}

struct view
cursor_bytes(struct cursor *c, size_t len)
{
	if (c->broken || len > c->left) {
		c->broken = true;
		return (struct view){NULL, 0};
	}
	struct view v = {c->at, len};
	if (len)
		c->at += len;
	c->left -= len;
	return v;
}

static uint64_t
read_number(struct cursor *c, size_t bytes)
{
	struct view v = cursor_bytes(c, bytes);
	uint64_t n = 0;
	for (size_t i = 0; i < v.len; i++)
		n = n << 8 | v.at[i];
	return n;
}

uint8_t
cursor_u8(struct cursor *c)
{
	return (uint8_t)read_number(c, 1);
}

uint16_t
cursor_u16(struct cursor *c)
{
	return (uint16_t)read_number(c, 2);
}

uint32_t
cursor_u32(struct cursor *c)
{
	return (uint32_t)read_number(c, 4);
}

uint64_t
cursor_u64(struct cursor *c)
{
	return read_number(c, 8);
}

struct view
cursor_blob(struct cursor *c)
{
	return cursor_bytes(c, cursor_u32(c));
}

void
cursor_copy(struct cursor *c, void *to, size_t len)
{
	struct view v = cursor_bytes(c, len);
	memset(to, 0, len);
	if (v.len)
		memcpy(to, v.at, v.len);
}

char *
cursor_text(struct cursor *c, size_t max)
{
	struct view v = cursor_blob(c);
	if (v.len > max || (v.len && memchr(v.at, 0, v.len))) {
		c->broken = true;
		v.len = 0;
	}
	return xmemdup(v.at, v.len);
}

enum err
cursor_end(const struct cursor *c, const char *what)
{
	if (c->broken)
		return fail(E_FORMAT, "%s: cut short or malformed", what);
	if (c->left)
		return fail(E_FORMAT, "%s: %zu bytes too many", what, c->left);
	return OK;
}
