#include "common/codec/wire.h"

#include <protobuf-c/protobuf-c.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/codec/text.h"

#define ARENA_ALIGN_BYTES 16
/* The dearest message for its size is a list of answers: five bytes each on the wire, and in
 * memory a struct of 40, two strings of 16, a pointer, a row of ours, and twice the 40 bytes
 * that protobuf-c keeps per field while it reads. */
#define ARENA_PER_BYTE       48
#define ARENA_LEAST_BYTES    16384
#define ARENA_SPARE_BYTES    1048576
#define ARENA_PER_BYTE_LARGE 3

size_t
wire_arena_bytes(size_t len)
{
	size_t small = ARENA_PER_BYTE * len;
	size_t large = ARENA_PER_BYTE_LARGE * len + ARENA_SPARE_BYTES;
	return ARENA_LEAST_BYTES + MIN(small, large);
}

/* Memory as protobuf-c wants it: not zeroed, it fills what it takes. */
static void *
arena_alloc(void *arena, size_t bytes)
{
	struct wire_arena *a = arena;
	size_t used = (a->used + ARENA_ALIGN_BYTES - 1) / ARENA_ALIGN_BYTES * ARENA_ALIGN_BYTES;
	if (used > a->room || bytes > a->room - used)
		return NULL;
	a->used = used + bytes;
	return a->at + used;
}

/* The arena goes as a whole. */
static void
arena_free(void *arena, void *pointer)
{
	(void)arena;
	(void)pointer;
}

void *
wire_arena_take(struct wire_arena *a, size_t bytes)
{
	void *at = arena_alloc(a, bytes);
	if (at)
		memset(at, 0, bytes);
	return at;
}

/* Packed again, the message has to give the bytes it came from. */
static bool
one_spelling(const ProtobufCMessage *message, struct wire_arena *a, struct view bytes)
{
	if (protobuf_c_message_get_packed_size(message) != bytes.len)
		return false;
	uint8_t *again = arena_alloc(a, bytes.len);
	if (!again)
		return false;
	(void)protobuf_c_message_pack(message, again);
	return view_same(view_of(again, bytes.len), bytes);
}

/* lends the sub-message at index i of a field; NULL when there is none. */
static const ProtobufCMessage *
child(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field, size_t i)
{
	const uint8_t *base = (const uint8_t *)message;
	if (field->label != PROTOBUF_C_LABEL_REPEATED) {
		ProtobufCMessage *one = NULL;
		uint32_t which = field->id;
		if (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF)
			memcpy(&which, base + field->quantifier_offset, sizeof(which));
		if (which != field->id)
			return NULL;
		memcpy(&one, base + field->offset, sizeof(ProtobufCMessage *));
		return i == 0 ? one : NULL;
	}
	size_t count = 0;
	ProtobufCMessage **many = NULL;
	memcpy(&count, base + field->quantifier_offset, sizeof(count));
	memcpy(&many, base + field->offset, sizeof(many));
	return i < count ? many[i] : NULL;
}

/* Recursion over the schema, whose depth test_proto bounds; never over what came. */
static bool
all_known(const ProtobufCMessage *message)
{
	if (message->n_unknown_fields)
		return false;
	const ProtobufCMessageDescriptor *d = message->descriptor;
	for (unsigned f = 0; f < d->n_fields; f++) {
		if (d->fields[f].type != PROTOBUF_C_TYPE_MESSAGE)
			continue;
		const ProtobufCMessage *c = NULL;
		for (size_t i = 0; (c = child(message, &d->fields[f], i)); i++)
			if (!all_known(c))
				return false;
	}
	return true;
}

enum err
wire_unpack(void **ret, const void *descriptor, struct wire_arena *a, struct view bytes,
	const char *what)
{
	ProtobufCAllocator allocator = {arena_alloc, arena_free, a};
	*ret = NULL;
	ProtobufCMessage *made =
		protobuf_c_message_unpack(descriptor, &allocator, bytes.len, bytes.at);
	if (!made)
		return fail(E_FORMAT, "%s: cut short or malformed", what);
	if (!all_known(made))
		return fail(
			E_FORMAT, "%s: holds a field that this version does not know", what);
	if (!one_spelling(made, a, bytes))
		return fail(E_FORMAT, "%s: not in the one spelling that is allowed", what);
	*ret = made;
	return OK;
}

/* What protobuf_c_message_pack_to_buffer writes to. */
struct sink {
	ProtobufCBuffer base;
	struct buf *out;
};

static void
sink_append(ProtobufCBuffer *base, size_t len, const uint8_t *data)
{
	struct sink *s = (struct sink *)base;
	buf_add(s->out, data, len);
}

void
wire_pack(struct buf *out, const void *message)
{
	struct sink s = {{sink_append}, out};
	(void)protobuf_c_message_pack_to_buffer(message, &s.base);
}

enum err
wire_is_capped(const char *what, size_t len, size_t most)
{
	if (len > most)
		return fail(
			E_FORMAT, "%s: %zu bytes, at most %zu are allowed", what, len, most);
	return OK;
}

static enum err
bad(struct wire_field f, const char *why)
{
	return fail(E_FORMAT, "%s: %s: %s", f.what, f.name, why);
}

enum err
wire_is_text(struct wire_field f, const char *text, size_t least, size_t room)
{
	size_t len = strnlen(text, room);
	if (len < least)
		return bad(f, "missing");
	if (len >= room)
		return bad(f, "too long");
	return text_is_utf8(view_of(text, len)) ? OK : bad(f, "not UTF-8");
}

enum err
wire_copy_text(struct wire_field f, char *ret, size_t room, size_t least, const char *text)
{
	memset(ret, 0, room);
	enum err e = wire_is_text(f, text, least, room);
	if (!e)
		memcpy(ret, text, strlen(text) + 1);
	return e;
}

enum err
wire_copy(struct wire_field f, void *ret, size_t len, struct view v)
{
	memset(ret, 0, len);
	if (v.len != len)
		return fail(E_FORMAT, "%s: %s: %zu bytes instead of %zu", f.what, f.name, v.len,
			len);
	memcpy(ret, v.at, len);
	return OK;
}

enum err
wire_copy_or_zero(struct wire_field f, void *ret, size_t len, struct view v)
{
	memset(ret, 0, len);
	if (v.len == 0)
		return OK;
	enum err e = wire_copy(f, ret, len, v);
	if (!e && wire_is_zero(ret, len))
		return bad(f, "zeros are written as nothing");
	return e;
}

enum err
wire_is_time(struct wire_field f, int64_t time_s)
{
	if (time_s < 0 || time_s > WIRE_TIME_MAX_S)
		return bad(f, "not between 1970 and 9999");
	return OK;
}

enum err
wire_is_version(struct wire_field f, uint32_t version, uint32_t known)
{
	if (version == known)
		return OK;
	return fail(E_FORMAT, "%s: version %u is not known here, this program knows version %u",
		f.what, version, known);
}

enum err
wire_is_count(struct wire_field f, size_t count, size_t most)
{
	if (count > most)
		return fail(E_FORMAT, "%s: %s: %zu of them, at most %zu are allowed", f.what,
			f.name, count, most);
	return OK;
}

bool
wire_is_zero(const void *at, size_t len)
{
	const uint8_t *b = at;
	uint8_t all = 0;
	for (size_t i = 0; i < len; i++)
		all = (uint8_t)(all | b[i]);
	return all == 0;
}

void *
wire_lend(const void *at)
{
	return (void *)(uintptr_t)at;
}
