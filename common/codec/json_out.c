#include "common/codec/json.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "common/codec/text.h"

#define DECIMAL_PLACES_MOST 15

void
json_begin(struct json_out *w, struct buf *to)
{
	*w = (struct json_out){.to = to};
}

void
json_begin_stream(struct json_out *w, struct buf *scratch, FILE *file)
{
	*w = (struct json_out){.to = scratch, .file = file};
}

static bool
in_array(const struct json_out *w)
{
	return w->depth > 0 && (w->arrays >> w->depth & 1);
}

/* Characters with an escape of one letter, each with its letter behind it (RFC 8259, section
 * 7). */
static const char short_escapes[] = "\"\"\\\\\bb\tt\nn\ff\rr";

static void
quoted(struct json_out *w, struct view text)
{
	static const char hex[] = "0123456789abcdef";
	if (!text_is_utf8(text)) {
		w->broken = true;
		return;
	}
	buf_u8(w->to, '"');
	size_t from = 0;
	for (size_t i = 0; i < text.len; i++) {
		uint8_t c = text.at[i];
		if (c >= 0x20 && c != '"' && c != '\\')
			continue;
		const char *spot = memchr(short_escapes, c, sizeof(short_escapes) - 1);
		char esc[6] = {'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]};
		if (spot)
			esc[1] = spot[1];
		buf_add(w->to, text.at + from, i - from);
		buf_add(w->to, esc, spot ? 2 : 6);
		from = i + 1;
	}
	if (from < text.len)
		buf_add(w->to, text.at + from, text.len - from);
	buf_u8(w->to, '"');
}

/* Comma and key before a value; false if a value may not stand here. */
static bool
place(struct json_out *w, const char *key)
{
	bool keyed = w->depth > 0 && !in_array(w);
	if (w->broken || w->done || keyed != (key != NULL)) {
		w->broken = true;
		return false;
	}
	if (w->comma)
		buf_u8(w->to, ',');
	w->comma = true;
	if (key) {
		quoted(w, view_text(key));
		buf_u8(w->to, ':');
	}
	return true;
}

static void
send_piece(struct json_out *w, size_t at_least)
{
	if (!w->file || w->to->len <= at_least || w->to->broken)
		return;
	if (fwrite(w->to->at, 1, w->to->len, w->file) != w->to->len)
		w->broken = true;
	buf_reset(w->to);
}

/* After each complete value. */
static void
placed(struct json_out *w)
{
	w->done = w->depth == 0;
	send_piece(w, JSON_STREAM_PIECE_BYTES);
}

static void
open_container(struct json_out *w, const char *key, bool array)
{
	if (!place(w, key))
		return;
	if (w->depth == JSON_DEPTH_MOST) {
		w->broken = true;
		return;
	}
	buf_u8(w->to, array ? '[' : '{');
	w->depth++;
	w->arrays = (w->arrays & ~(UINT64_C(1) << w->depth)) | (uint64_t)array << w->depth;
	w->comma = false;
}

void
json_put_object(struct json_out *w, const char *key)
{
	open_container(w, key, false);
}

void
json_put_array(struct json_out *w, const char *key)
{
	open_container(w, key, true);
}

void
json_put_close(struct json_out *w)
{
	if (w->broken || w->depth == 0) {
		w->broken = true;
		return;
	}
	buf_u8(w->to, in_array(w) ? ']' : '}');
	w->depth--;
	w->comma = true;
	placed(w);
}

void
json_put_view(struct json_out *w, const char *key, struct view text)
{
	if (!place(w, key))
		return;
	quoted(w, text);
	placed(w);
}

void
json_put_text(struct json_out *w, const char *key, const char *text)
{
	json_put_view(w, key, view_text(text ? text : ""));
}

void
json_put_int(struct json_out *w, const char *key, int64_t n)
{
	char digits[24];
	if (!place(w, key))
		return;
	int len = snprintf(digits, sizeof(digits), "%" PRId64, n);
	buf_add(w->to, digits, (size_t)len);
	placed(w);
}

void
json_put_hex(struct json_out *w, const char *key, struct view bytes)
{
	char pair[3];
	if (!place(w, key))
		return;
	buf_u8(w->to, '"');
	for (size_t i = 0; i < bytes.len; i++) {
		text_hex(pair, bytes.at + i, 1);
		buf_add(w->to, pair, 2);
	}
	buf_u8(w->to, '"');
	placed(w);
}

void
json_put_bool(struct json_out *w, const char *key, bool yes)
{
	if (!place(w, key))
		return;
	buf_add(w->to, yes ? "true" : "false", yes ? 4 : 5);
	placed(w);
}

void
json_put_decimal(struct json_out *w, const char *key, double d, int places)
{
	if (!place(w, key))
		return;
	if (isfinite(d))
		buf_format(w->to, "%.*f", MAX(0, MIN(places, DECIMAL_PLACES_MOST)), d);
	else
		buf_add(w->to, "null", 4);
	placed(w);
}

enum err
json_end(struct json_out *w, const char *what)
{
	bool whole = w->done && !w->broken;
	enum err e = buf_check(w->to, what);
	if (!e && !whole && !(w->file && ferror(w->file)))
		e = fail(E_FORMAT, "%s: not a whole JSON document, or text that is not UTF-8",
			what);
	if (e || !w->file)
		return e;
	send_piece(w, 0);
	if (w->broken || fputc('\n', w->file) == EOF || fflush(w->file) == EOF)
		return fail(E_IO, "%s: %m", what);
	return OK;
}
