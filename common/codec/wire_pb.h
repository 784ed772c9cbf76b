/* wire_pb - the few turns between our types and protobuf-c's that all wire_ rooms take.
 *
 * Only wire_*.c files include this. Nothing here copies: what is packed is lent.
 */
#ifndef WEIR_WIRE_PB_H
#define WEIR_WIRE_PB_H

#include <protobuf-c/protobuf-c.h>

#include "common/base/mem.h"
#include "common/codec/wire.h"

/* The generator's INIT macros cast the const empty text of protobuf-c. gcc excuses macros of
 * system headers, clang names the line that uses them; gcc still looks at casts of ours. */
#ifdef __clang__
#pragma clang diagnostic ignored "-Wcast-qual"
#endif

static inline ProtobufCBinaryData
pb_bytes(const void *at, size_t len)
{
	return (ProtobufCBinaryData){len, wire_lend(at)};
}

/* Zeros stand for "not there", which is written as nothing. */
static inline ProtobufCBinaryData
pb_bytes_or_none(const void *at, size_t len)
{
	return wire_is_zero(at, len) ? (ProtobufCBinaryData){0, NULL} : pb_bytes(at, len);
}

static inline char *
pb_text(const char *text)
{
	return wire_lend(text ? text : "");
}

static inline struct view
view_pb(ProtobufCBinaryData b)
{
	return view_of(b.data, b.len);
}

/* gives an arena for a message of len bytes and `more` of our own; its memory is freed by
 * free(). */
static inline struct wire_arena
arena_for(size_t len, size_t more)
{
	size_t room = wire_arena_bytes(len) + more;
	return (struct wire_arena){xrealloc(NULL, room, 1), room, 0};
}

#endif
