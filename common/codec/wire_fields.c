#include "common/codec/wire_fields.h"

#include <string.h>

#include "common/codec/text.h"
#include "sync.pb-c.h"

_Static_assert(sizeof(enum part_kind) == sizeof(uint32_t), "rows copy enums as u32");

/* One field on its way: the row, the message's name, and both places. */
struct field {
	const struct wire_row *row;
	const char *what;
	void *ours;
	void *theirs;
	struct wire_arena *arena;
};

static enum err
bad(const struct field *f, const char *why)
{
	return fail(E_FORMAT, "%s: %s: %s", f->what, f->row->name, why);
}

static enum err
full(const struct field *f)
{
	return fail(E_FULL, "%s: %s: too much for one frame", f->what, f->row->name);
}

static enum err
in_range(const struct field *f, uint64_t number)
{
	if (number < f->row->least || number > f->row->most)
		return bad(f, "out of range");
	return OK;
}

static enum err
is_text(const struct field *f, struct view v)
{
	enum err e = in_range(f, v.len);
	if (!e && !text_is_utf8(v))
		e = bad(f, "not UTF-8");
	return e;
}

static enum err
is_entry(const struct field *f, const struct sync_entry *entry)
{
	if (entry->header.len == 0 || entry->header.len > WIRE_HEADER_MAX_BYTES)
		return bad(f, "a header is missing or too long");
	if (entry->part_count > WIRE_PARTS_MAX)
		return bad(f, "too many parts");
	unsigned last = 0;
	for (size_t i = 0; i < entry->part_count; i++) {
		unsigned kind = entry->parts[i].kind;
		if (kind < PART_RULES || kind > PART_ACT || kind <= last)
			return bad(f, "kinds of parts have to be known and to rise");
		last = kind;
	}
	return OK;
}

static enum err
is_mark(const struct field *f, const struct sync_mark *mark)
{
	if ((mark->seq == 0) != wire_is_zero(mark->head, WIRE_HASH_BYTES))
		return bad(f, "a head goes with every number but 0");
	return OK;
}

/* ---- reading ---- */

static enum err
read_u32(const struct field *f)
{
	uint32_t number = 0;
	memcpy(&number, f->theirs, sizeof(number));
	enum err e = in_range(f, number);
	if (e)
		return e;
	if (f->row->type == ROW_U8)
		*(uint8_t *)f->ours = (uint8_t)number;
	else
		memcpy(f->ours, &number, sizeof(number));
	return OK;
}

static enum err
read_u64(const struct field *f)
{
	uint64_t number = 0;
	memcpy(&number, f->theirs, sizeof(number));
	memcpy(f->ours, &number, sizeof(number));
	return f->row->type == ROW_I64 ? OK : in_range(f, number);
}

static enum err
read_bool(const struct field *f)
{
	protobuf_c_boolean there = 0;
	memcpy(&there, f->theirs, sizeof(there));
	*(bool *)f->ours = there != 0;
	return OK;
}

static enum err
read_bytes(const struct field *f)
{
	struct wire_field named = {f->what, f->row->name};
	ProtobufCBinaryData b;
	memcpy(&b, f->theirs, sizeof(b));
	if (f->row->type == ROW_FIXED)
		return wire_copy(named, f->ours, f->row->most, view_pb(b));
	if (f->row->type == ROW_NULLED)
		return wire_copy_or_zero(named, f->ours, f->row->most, view_pb(b));
	struct view v = view_pb(b);
	memcpy(f->ours, &v, sizeof(v));
	return in_range(f, v.len);
}

static enum err
read_text(const struct field *f)
{
	char *text = NULL;
	memcpy(&text, f->theirs, sizeof(text));
	struct view v = view_text(text ? text : "");
	memcpy(f->ours, &v, sizeof(v));
	return is_text(f, v);
}

static enum err
read_marks(const struct field *f, size_t many)
{
	if (many != LANE_COUNT)
		return bad(f, "one for each lane is needed");
	Weir__SyncMark **marks = NULL;
	memcpy(&marks, f->theirs, sizeof(Weir__SyncMark **));
	struct sync_mark *ret = f->ours;
	struct wire_field named = {f->what, f->row->name};
	enum err e = OK;
	for (size_t i = 0; !e && i < LANE_COUNT; i++) {
		ret[i].seq = marks[i]->seq;
		e = wire_copy_or_zero(
			named, ret[i].head, WIRE_HASH_BYTES, view_pb(marks[i]->head));
		if (!e)
			e = is_mark(f, &ret[i]);
	}
	return e;
}

static enum err
read_u64s(const struct field *f, size_t many)
{
	if (many != LANE_COUNT)
		return bad(f, "one for each lane is needed");
	uint64_t *numbers = NULL;
	memcpy(&numbers, f->theirs, sizeof(uint64_t *));
	memcpy(f->ours, numbers, LANE_COUNT * sizeof(uint64_t));
	return OK;
}

static enum err
read_entry(const struct field *f, struct sync_entry *ret, const Weir__SyncEntry *m)
{
	if (m->n_parts > WIRE_PARTS_MAX)
		return bad(f, "too many parts");
	ret->header = view_pb(m->header);
	ret->part_count = m->n_parts;
	for (size_t i = 0; i < m->n_parts; i++) {
		if (m->parts[i]->kind > PART_ACT)
			return bad(f, "a part is of no known kind");
		ret->parts[i] = (struct sync_part){
			(uint8_t)m->parts[i]->kind, view_pb(m->parts[i]->bytes)};
	}
	return is_entry(f, ret);
}

static enum err
read_entries(const struct field *f, size_t many, size_t *ret_count)
{
	if (many == 0 || many > SYNC_BATCH_MAX_COUNT)
		return bad(f, "1 to 256 are allowed");
	Weir__SyncEntry **theirs = NULL;
	memcpy(&theirs, f->theirs, sizeof(Weir__SyncEntry **));
	struct sync_entry *entries = wire_arena_take(f->arena, many * sizeof(*entries));
	if (!entries)
		return full(f);
	enum err e = OK;
	for (size_t i = 0; !e && i < many; i++)
		e = read_entry(f, &entries[i], theirs[i]);
	memcpy(f->ours, &entries, sizeof(struct sync_entry *));
	*ret_count = many;
	return e;
}

/* A message in a message. Tables never name themselves (no proto message does), so the depth is
 * the schema's. */
static enum err
read_sub(const struct field *f, bool *ret_there)
{
	const void *sub = NULL;
	memcpy(&sub, f->theirs, sizeof(void *));
	memset(f->ours, 0, f->row->sub->our_bytes);
	if (ret_there)
		*ret_there = sub != NULL;
	return sub ? wire_table_read(f->row->sub, f->ours, sub, f->arena) : OK;
}

static enum err
read_row(const struct field *f, size_t many, void *our_count)
{
	switch (f->row->type) {
	case ROW_U8:
	case ROW_U32:
		return read_u32(f);
	case ROW_U64:
	case ROW_I64:
		return read_u64(f);
	case ROW_BOOL:
		return read_bool(f);
	case ROW_FIXED:
	case ROW_NULLED:
	case ROW_VIEW:
		return read_bytes(f);
	case ROW_TEXT:
		return read_text(f);
	case ROW_U64S:
		return read_u64s(f, many);
	case ROW_MARKS:
		return read_marks(f, many);
	case ROW_SUB:
		return read_sub(f, NULL);
	case ROW_OPTION:
		return read_sub(f, our_count);
	case ROW_ENTRIES:
		return read_entries(f, many, our_count);
	}
	return bad(f, "no such row");
}

enum err
wire_table_read(
	const struct wire_table *t, void *ours, const void *theirs, struct wire_arena *a)
{
	enum err e = OK;
	for (size_t i = 0; !e && i < t->count; i++) {
		const struct wire_row *r = &t->rows[i];
		size_t many = 0;
		memcpy(&many, (const uint8_t *)theirs + r->many, sizeof(many));
		struct field f = {r, t->what, (uint8_t *)ours + r->ours,
			(uint8_t *)wire_lend(theirs) + r->theirs, a};
		e = read_row(&f, many, (uint8_t *)ours + r->count);
	}
	return e;
}

/* ---- writing ---- */

static enum err
write_u32(const struct field *f)
{
	uint32_t number = 0;
	if (f->row->type == ROW_U8)
		number = *(const uint8_t *)f->ours;
	else
		memcpy(&number, f->ours, sizeof(number));
	memcpy(f->theirs, &number, sizeof(number));
	return in_range(f, number);
}

static enum err
write_u64(const struct field *f)
{
	uint64_t number = 0;
	memcpy(&number, f->ours, sizeof(number));
	memcpy(f->theirs, &number, sizeof(number));
	return f->row->type == ROW_I64 ? OK : in_range(f, number);
}

static enum err
write_bool(const struct field *f)
{
	protobuf_c_boolean there = *(const bool *)f->ours;
	memcpy(f->theirs, &there, sizeof(there));
	return OK;
}

static enum err
write_bytes(const struct field *f)
{
	struct view v = view_of(f->ours, f->row->most);
	if (f->row->type == ROW_VIEW) {
		memcpy(&v, f->ours, sizeof(v));
		enum err e = in_range(f, v.len);
		if (e)
			return e;
	}
	ProtobufCBinaryData b = pb_bytes(v.at, v.len);
	if (f->row->type == ROW_NULLED)
		b = pb_bytes_or_none(v.at, v.len);
	memcpy(f->theirs, &b, sizeof(b));
	return OK;
}

static enum err
write_text(const struct field *f)
{
	struct view v;
	memcpy(&v, f->ours, sizeof(v));
	enum err e = is_text(f, v);
	if (e)
		return e;
	char *text = wire_arena_take(f->arena, v.len + 1);
	if (!text)
		return full(f);
	if (v.len)
		memcpy(text, v.at, v.len);
	memcpy(f->theirs, &text, sizeof(char *));
	return OK;
}

static enum err
write_marks(const struct field *f, size_t *ret_many)
{
	Weir__SyncMark *made = wire_arena_take(f->arena, LANE_COUNT * sizeof(*made));
	Weir__SyncMark **lent =
		wire_arena_take(f->arena, LANE_COUNT * sizeof(Weir__SyncMark *));
	if (!made || !lent)
		return full(f);
	const struct sync_mark *marks = f->ours;
	enum err e = OK;
	for (size_t i = 0; !e && i < LANE_COUNT; i++) {
		e = is_mark(f, &marks[i]);
		weir__sync_mark__init(&made[i]);
		made[i].seq = marks[i].seq;
		made[i].head = pb_bytes_or_none(marks[i].head, WIRE_HASH_BYTES);
		lent[i] = &made[i];
	}
	*ret_many = LANE_COUNT;
	memcpy(f->theirs, &lent, sizeof(Weir__SyncMark **));
	return e;
}

static enum err
write_u64s(const struct field *f, size_t *ret_many)
{
	const void *numbers = f->ours;
	memcpy(f->theirs, &numbers, sizeof(void *));
	*ret_many = LANE_COUNT;
	return OK;
}

static enum err
write_entry(const struct field *f, Weir__SyncEntry *ret, const struct sync_entry *entry)
{
	weir__sync_entry__init(ret);
	ret->header = pb_bytes(entry->header.at, entry->header.len);
	enum err e = is_entry(f, entry);
	if (e || entry->part_count == 0)
		return e;
	size_t count = entry->part_count;
	Weir__SyncPart *made = wire_arena_take(f->arena, count * sizeof(*made));
	Weir__SyncPart **lent = wire_arena_take(f->arena, count * sizeof(Weir__SyncPart *));
	if (!made || !lent)
		return full(f);
	for (size_t i = 0; i < count; i++) {
		weir__sync_part__init(&made[i]);
		made[i].kind = entry->parts[i].kind;
		made[i].bytes = pb_bytes(entry->parts[i].bytes.at, entry->parts[i].bytes.len);
		lent[i] = &made[i];
	}
	ret->n_parts = count;
	ret->parts = lent;
	return OK;
}

static enum err
write_entries(const struct field *f, size_t count, size_t *ret_many)
{
	if (count == 0 || count > SYNC_BATCH_MAX_COUNT)
		return bad(f, "1 to 256 are allowed");
	const struct sync_entry *entries = NULL;
	memcpy(&entries, f->ours, sizeof(struct sync_entry *));
	Weir__SyncEntry *made = wire_arena_take(f->arena, count * sizeof(*made));
	Weir__SyncEntry **lent = wire_arena_take(f->arena, count * sizeof(Weir__SyncEntry *));
	if (!made || !lent)
		return full(f);
	enum err e = OK;
	for (size_t i = 0; !e && i < count; i++) {
		e = write_entry(f, &made[i], &entries[i]);
		lent[i] = &made[i];
	}
	*ret_many = count;
	memcpy(f->theirs, &lent, sizeof(Weir__SyncEntry **));
	return e;
}

static enum err
write_sub(const struct field *f, bool there)
{
	void *made = NULL;
	enum err e = there ? wire_table_write(f->row->sub, &made, f->ours, f->arena) : OK;
	memcpy(f->theirs, &made, sizeof(void *));
	return e;
}

static enum err
write_row(const struct field *f, size_t *many, const void *our_count)
{
	size_t count = 0;
	switch (f->row->type) {
	case ROW_U8:
	case ROW_U32:
		return write_u32(f);
	case ROW_U64:
	case ROW_I64:
		return write_u64(f);
	case ROW_BOOL:
		return write_bool(f);
	case ROW_FIXED:
	case ROW_NULLED:
	case ROW_VIEW:
		return write_bytes(f);
	case ROW_TEXT:
		return write_text(f);
	case ROW_U64S:
		return write_u64s(f, many);
	case ROW_MARKS:
		return write_marks(f, many);
	case ROW_SUB:
		return write_sub(f, !wire_is_zero(f->ours, f->row->sub->our_bytes));
	case ROW_OPTION:
		return write_sub(f, *(const bool *)our_count);
	case ROW_ENTRIES:
		memcpy(&count, our_count, sizeof(count));
		return write_entries(f, count, many);
	}
	return bad(f, "no such row");
}

enum err
wire_table_write(const struct wire_table *t, void **ret, const void *ours, struct wire_arena *a)
{
	*ret = NULL;
	void *theirs = wire_arena_take(a, t->descriptor->sizeof_message);
	if (!theirs)
		return fail(E_FULL, "%s: too much for one frame", t->what);
	protobuf_c_message_init(t->descriptor, theirs);
	enum err e = OK;
	for (size_t i = 0; !e && i < t->count; i++) {
		const struct wire_row *r = &t->rows[i];
		struct field f = {r, t->what, (uint8_t *)wire_lend(ours) + r->ours,
			(uint8_t *)theirs + r->theirs, a};
		e = write_row(&f, (size_t *)(void *)((uint8_t *)theirs + r->many),
			(const uint8_t *)ours + r->count);
	}
	if (!e)
		*ret = theirs;
	return e;
}
