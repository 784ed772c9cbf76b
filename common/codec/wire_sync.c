#include "common/codec/wire_sync.h"

#include <stdlib.h>
#include <string.h>

#include "common/codec/wire_sync_tables.h"
#include "sync.pb-c.h"

/* What protobuf adds to an entry and to a part at most: tags, lengths, the kind. */
#define ENTRY_EXTRA_BYTES 16
#define PART_EXTRA_BYTES  16
/* protobuf-c's structs for what is packed: a small message, and each entry with six parts. */
#define PACK_BYTES       16384
#define PACK_ENTRY_BYTES 640
/* Our entries beside protobuf-c's. */
#define UNPACK_ENTRIES_BYTES (SYNC_BATCH_MAX_COUNT * sizeof(struct sync_entry) + 64)

size_t
sync_arena_bytes(size_t frame_len)
{
	return wire_arena_bytes(MIN(frame_len, SYNC_FRAME_MAX_BYTES)) + UNPACK_ENTRIES_BYTES;
}

static void *
alloc(void *arena, size_t bytes)
{
	return wire_arena_take(arena, bytes);
}

/* The arena goes as a whole. */
static void
forget(void *arena, void *pointer)
{
	(void)arena;
	(void)pointer;
}

/* Unlike what is kept and hashed, a frame may hold fields of a later version: they are passed
 * over. */
static enum err
unpack_frame(void **ret, const ProtobufCMessageDescriptor *descriptor, struct wire_arena *a,
	struct view bytes)
{
	ProtobufCAllocator allocator = {alloc, forget, a};
	*ret = protobuf_c_message_unpack(descriptor, &allocator, bytes.len, bytes.at);
	return *ret ? OK : fail(E_FORMAT, "frame: cut short or malformed");
}

/* The signed body of a WELCOME lies in its envelope as bytes. */
static enum err
read_welcome_body(struct sync_welcome *w, struct wire_arena *a)
{
	void *m = NULL;
	const struct wire_table *t = sync_table_welcome_body();
	enum err e = unpack_frame(&m, t->descriptor, a, w->body);
	if (!e)
		e = wire_table_read(t, w, m, a);
	return e;
}

/* Numbers do not wrap; a notice is one entry. */
static bool
batch_fits(const struct sync_msg *m)
{
	const struct sync_batch *b = &m->batch;
	return b->first + b->count > b->first && (m->kind == SYNC_BATCH || b->count == 1);
}

static bool
is_batch(enum sync_kind kind)
{
	return kind == SYNC_BATCH || kind == SYNC_NOTICE;
}

enum err
sync_unpack(struct sync_msg *ret, struct wire_arena *arena, struct view frame)
{
	enum err e = wire_is_capped("frame", frame.len, SYNC_FRAME_MAX_BYTES);
	if (e)
		return e;
	void *m = NULL;
	e = unpack_frame(&m, &weir__sync_message__descriptor, arena, frame);
	if (e)
		return e;
	const Weir__SyncMessage *sm = m;
	struct sync_msg made = {.kind = (enum sync_kind)sm->body_case};
	const struct wire_table *t = sync_table(made.kind);
	if (!t || !sm->hello)
		return fail(E_FORMAT, "frame: holds no message that this version knows");
	e = wire_table_read(t, &made.hello, sm->hello, arena);
	if (!e && made.kind == SYNC_WELCOME)
		e = read_welcome_body(&made.welcome, arena);
	if (!e && is_batch(made.kind) && !batch_fits(&made))
		e = fail(E_FORMAT, "batch: first: out of range");
	if (!e)
		*ret = made;
	return e;
}

/* Packs what `table` makes of `ours`; inside a frame of that kind, or alone if kind is 0. */
static enum err
pack(struct buf *out, const struct wire_table *table, const void *ours, unsigned kind,
	size_t room)
{
	OWNED_MEM uint8_t *piece = xrealloc(NULL, room, 1);
	struct wire_arena a = {piece, room, 0};
	void *m = NULL;
	enum err e = wire_table_write(table, &m, ours, &a);
	if (e)
		return e;
	Weir__SyncMessage frame = WEIR__SYNC_MESSAGE__INIT;
	if (kind) {
		frame.body_case = (Weir__SyncMessage__BodyCase)kind;
		frame.hello = m;
		m = &frame;
	}
	e = wire_is_capped(
		table->what, protobuf_c_message_get_packed_size(m), SYNC_FRAME_MAX_BYTES);
	if (e)
		return e;
	wire_pack(out, m);
	return buf_check(out, table->what);
}

enum err
sync_pack(struct buf *out, const struct sync_msg *m)
{
	const struct wire_table *t = sync_table(m->kind);
	if (!t)
		return fail(E_FORMAT, "frame: no such kind of message");
	size_t entries = is_batch(m->kind) ? m->batch.count : 0;
	if (entries > SYNC_BATCH_MAX_COUNT)
		return fail(E_FORMAT, "batch: entries: 1 to 256 are allowed");
	return pack(
		out, t, &m->hello, (unsigned)m->kind, PACK_BYTES + entries * PACK_ENTRY_BYTES);
}

enum err
sync_pack_welcome_body(struct buf *out, const struct sync_welcome *w)
{
	return pack(out, sync_table_welcome_body(), w, 0, PACK_BYTES);
}

enum err
sync_pack_receipt(struct buf *out, const struct sync_receipt *r)
{
	return pack(out, sync_table_receipt(), r, 0, PACK_BYTES);
}

enum err
sync_unpack_receipt(struct sync_receipt *ret, struct view packed)
{
	const struct wire_table *t = sync_table_receipt();
	enum err e = wire_is_capped(t->what, packed.len, SYNC_RECEIPT_MAX_BYTES);
	if (e)
		return e;
	struct wire_arena a = arena_for(packed.len, 0);
	OWNED_MEM uint8_t *piece = a.at;
	void *m = NULL;
	struct sync_receipt made = {0};
	e = wire_unpack(&m, t->descriptor, &a, packed, t->what);
	if (!e)
		e = wire_table_read(t, &made, m, &a);
	if (!e)
		*ret = made;
	return e;
}

size_t
sync_entry_bytes(const struct sync_entry *e)
{
	size_t bytes = ENTRY_EXTRA_BYTES + e->header.len;
	for (size_t i = 0; i < e->part_count; i++)
		bytes += PART_EXTRA_BYTES + e->parts[i].bytes.len;
	return bytes;
}

size_t
sync_batch_bytes(const struct sync_batch *b)
{
	size_t bytes = SYNC_BATCH_EXTRA_BYTES;
	for (size_t i = 0; i < b->count; i++)
		bytes += sync_entry_bytes(&b->entries[i]);
	return bytes;
}

size_t
sync_chunk_bytes(const struct sync_chunk *c)
{
	return SYNC_BATCH_EXTRA_BYTES + c->bytes.len + c->proof.len;
}
