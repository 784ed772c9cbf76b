/* json - canonical JSON out, strict bounded JSON in; the only room that knows jansson.
 *
 * Out:          straight into a buffer, no tree. One spelling for one document: members in
 *               the order they are written, no blanks, text as UTF-8 with only quote,
 *               backslash and control characters escaped (one letter where RFC 8259 has
 *               one, else \u00xx in lower case), as in RFC 8785, section 3.2.2.2. What is
 *               signed or hashed holds objects, arrays, text and whole numbers only.
 * In:           RFC 8259 with less: at most JSON_DEPTH_MOST levels, no member twice, no
 *               \u0000, nothing behind the document; its top is an object or an array.
 * Always true:  a writer that once broke stays broken (text that is not UTF-8, a member
 *               without a key, a close without an open); ask once, with json_end().
 * Errors:       E_FORMAT naming the key, never the value; E_FULL when a stated size is
 *               passed.
 */
#ifndef WEIR_JSON_H
#define WEIR_JSON_H

#include <stdio.h>

#include "common/codec/bytes.h"

#define JSON_DEPTH_MOST         32
#define JSON_STREAM_PIECE_BYTES 65536

/* A document being written. Public so that it can be embedded; change it only by its verbs. */
struct json_out {
	struct buf *to;
	FILE *file;      /* streaming: where pieces go, else NULL */
	uint64_t arrays; /* bit d: the container open at depth d is an array */
	unsigned depth;
	bool comma; /* a value stands before in this container */
	bool done;  /* the document's one value is complete */
	bool broken;
};

/* Write into `to`, behind what it holds. Lends `to` until json_end(). */
void json_begin(struct json_out *w, struct buf *to);
/* Write to `file` in pieces through `scratch`, whose maximum has to exceed one piece by the
 * longest value. For --json output of any length. */
void json_begin_stream(struct json_out *w, struct buf *scratch, FILE *file);

/* One value each. `key` names it inside an object and is NULL inside an array and at the top.
 */
void json_put_object(struct json_out *w, const char *key); /* opens it */
void json_put_array(struct json_out *w, const char *key);  /* opens it */
void json_put_close(struct json_out *w);                   /* closes the innermost one */
void json_put_text(struct json_out *w, const char *key, const char *text); /* NULL is "" */
void json_put_view(struct json_out *w, const char *key, struct view text);
void json_put_int(struct json_out *w, const char *key, int64_t n);
void json_put_hex(struct json_out *w, const char *key, struct view bytes); /* lower case */
/* For output to people's programs only, not for anything signed or hashed. */
void json_put_bool(struct json_out *w, const char *key, bool yes);
void json_put_decimal(
	struct json_out *w, const char *key, double d, int places); /* not finite: null */

/* The document is complete: E_FULL or E_FORMAT naming `what` otherwise, E_IO if a stream
 * failed. A stream gets its last piece and a newline. */
CHECKED enum err json_end(struct json_out *w, const char *what);

/* A document or a part of it. Parts are lent as long as the document lives. */
struct json;

/* gives the document of v, at most `max` bytes long. */
CHECKED enum err json_parse(struct json **ret, struct view v, size_t max);
void json_free(struct json *document); /* only what json_parse gave; NULL is fine */
OWNER(json)

/* Members by key; a missing one, another type or a value out of bounds is E_FORMAT. What they
 * give is lent by the document. */
CHECKED enum err json_get_text(
	const struct json *object, const char *key, size_t max, const char **ret);
CHECKED enum err json_get_int(
	const struct json *object, const char *key, int64_t least, int64_t most, int64_t *ret);
CHECKED enum err json_get_bool(const struct json *object, const char *key, bool *ret);
/* For what is only shown: 0, "" or false where those above would refuse. Lends a text. */
#define JSON_SHOWN_MAX_BYTES 4096
int64_t json_int_or_0(const struct json *object, const char *key);
const char *json_text_or_empty(const struct json *object, const char *key);
bool json_bool_or_false(const struct json *object, const char *key);
CHECKED enum err json_get_object(
	const struct json *object, const char *key, const struct json **ret);
CHECKED enum err json_get_array(
	const struct json *object, const char *key, size_t most_count, const struct json **ret);
/* True if the object has the member, whatever it is. */
bool json_has(const struct json *object, const char *key);
/* E_FORMAT unless every member's key is among these. */
CHECKED enum err json_only(const struct json *object, const char *const *keys, size_t count);

/* Members of an array or object; 0 for anything else. */
size_t json_count(const struct json *container);
/* The i-th of an array as an object, or as text; E_FORMAT names `what` and the place. */
CHECKED enum err json_item_object(
	const struct json *array, size_t i, const char *what, const struct json **ret);
CHECKED enum err json_item_text(
	const struct json *array, size_t i, const char *what, size_t max, const char **ret);

#endif
