#include "common/codec/json.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include <jansson.h>

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

/* The parser below descends once per level, so depth is counted before it sees a byte. */
static enum err
check_depth(struct view v)
{
	bool text = false;
	unsigned depth = 0;
	for (size_t i = 0; i < v.len; i++) {
		uint8_t c = v.at[i];
		if (text && c == '\\')
			i++;
		else if (c == '"')
			text = !text;
		else if (!text && (c == '[' || c == '{') && ++depth > JSON_DEPTH_MOST)
			return fail(E_FORMAT, "json: more than %d levels", JSON_DEPTH_MOST);
		else if (!text && (c == ']' || c == '}') && depth > 0)
			depth--;
	}
	return OK;
}

enum err
json_parse(struct json **ret, struct view v, size_t max)
{
	*ret = NULL;
	if (v.len > max)
		return fail(E_FULL, "json: more than %zu bytes", max);
	enum err e = check_depth(v);
	if (e)
		return e;
	json_error_t why;
	json_t *made = json_loadb((const char *)v.at, v.len, JSON_REJECT_DUPLICATES, &why);
	if (!made)
		return fail(E_FORMAT, "json: line %d column %d: %s", why.line, why.column,
			json_error_code(&why) == json_error_duplicate_key
				? "a member stands twice"
				: "malformed");
	*ret = (struct json *)made;
	return OK;
}

void
json_free(struct json *document)
{
	json_decref((json_t *)document);
}

/* jansson's readers take const, its tree hands out what it holds; nothing here changes it. */
static const json_t *
node_of(const struct json *j)
{
	return (const json_t *)j;
}

static enum err
member(const struct json *object, const char *key, const json_t **ret)
{
	*ret = json_object_get(node_of(object), key);
	return *ret ? OK : fail(E_FORMAT, "json: %s is missing", key);
}

enum err
json_get_text(const struct json *object, const char *key, size_t max, const char **ret)
{
	const json_t *j;
	*ret = "";
	enum err e = member(object, key, &j);
	if (e)
		return e;
	if (!json_is_string(j))
		return fail(E_FORMAT, "json: %s is not text", key);
	if (json_string_length(j) > max)
		return fail(E_FORMAT, "json: %s is longer than %zu bytes", key, max);
	*ret = json_string_value(j);
	return OK;
}

enum err
json_get_int(
	const struct json *object, const char *key, int64_t least, int64_t most, int64_t *ret)
{
	const json_t *j;
	*ret = 0;
	enum err e = member(object, key, &j);
	if (e)
		return e;
	if (!json_is_integer(j))
		return fail(E_FORMAT, "json: %s is not a whole number", key);
	if (json_integer_value(j) < least || json_integer_value(j) > most)
		return fail(E_FORMAT, "json: %s is not between %" PRId64 " and %" PRId64, key,
			least, most);
	*ret = json_integer_value(j);
	return OK;
}

int64_t
json_int_or_0(const struct json *object, const char *key)
{
	int64_t n = 0;
	return json_get_int(object, key, INT64_MIN, INT64_MAX, &n) ? 0 : n;
}

enum err
json_get_bool(const struct json *object, const char *key, bool *ret)
{
	const json_t *j;
	*ret = false;
	enum err e = member(object, key, &j);
	if (e)
		return e;
	if (!json_is_boolean(j))
		return fail(E_FORMAT, "json: %s is neither true nor false", key);
	*ret = json_is_true(j);
	return OK;
}

enum err
json_get_object(const struct json *object, const char *key, const struct json **ret)
{
	const json_t *j;
	*ret = NULL;
	enum err e = member(object, key, &j);
	if (e)
		return e;
	if (!json_is_object(j))
		return fail(E_FORMAT, "json: %s is not an object", key);
	*ret = (const struct json *)j;
	return OK;
}

enum err
json_get_array(
	const struct json *object, const char *key, size_t most_count, const struct json **ret)
{
	const json_t *j;
	*ret = NULL;
	enum err e = member(object, key, &j);
	if (e)
		return e;
	if (!json_is_array(j))
		return fail(E_FORMAT, "json: %s is not an array", key);
	if (json_array_size(j) > most_count)
		return fail(E_FORMAT, "json: %s holds more than %zu", key, most_count);
	*ret = (const struct json *)j;
	return OK;
}

bool
json_has(const struct json *object, const char *key)
{
	return json_object_get(node_of(object), key) != NULL;
}

enum err
json_only(const struct json *object, const char *const *keys, size_t count)
{
	size_t known = 0;
	for (size_t i = 0; i < count; i++)
		known += json_has(object, keys[i]);
	if (known != json_count(object))
		return fail(E_FORMAT, "json: %zu members that do not belong",
			json_count(object) - known);
	return OK;
}

size_t
json_count(const struct json *container)
{
	const json_t *j = node_of(container);
	return json_is_array(j) ? json_array_size(j) : json_object_size(j);
}

enum err
json_item_object(const struct json *array, size_t i, const char *what, const struct json **ret)
{
	const json_t *j = json_array_get(node_of(array), i);
	*ret = NULL;
	if (!json_is_object(j))
		return fail(E_FORMAT, "json: %s %zu is not an object", what, i);
	*ret = (const struct json *)j;
	return OK;
}

enum err
json_item_text(
	const struct json *array, size_t i, const char *what, size_t max, const char **ret)
{
	const json_t *j = json_array_get(node_of(array), i);
	*ret = "";
	if (!json_is_string(j) || json_string_length(j) > max)
		return fail(E_FORMAT, "json: %s %zu is not text of at most %zu bytes", what, i,
			max);
	*ret = json_string_value(j);
	return OK;
}
