/* wire_fields - plain structs <-> protobuf-c structs by one table, read in both directions.
 *
 * Always true: a row says where a field lies on both sides and what it may be; what a row
 *              refuses on the way in is refused on the way out too.
 *              what a message struct of ours holds after reading is set by its rows, all of
 *              them.
 * Only wire_sync*.c files include this.
 */
#ifndef WEIR_WIRE_FIELDS_H
#define WEIR_WIRE_FIELDS_H

#include "common/codec/sync_data.h"
#include "common/codec/wire_pb.h"

enum wire_row_type {
	ROW_U8,      /* uint32 <-> uint8_t, least..most */
	ROW_U32,     /* uint32 <-> uint32_t or an enum, least..most */
	ROW_U64,     /* least..most */
	ROW_I64,     /* any */
	ROW_BOOL,    /* any */
	ROW_FIXED,   /* bytes <-> uint8_t[most] */
	ROW_NULLED,  /* the same; nothing there stands for zeros */
	ROW_VIEW,    /* bytes <-> view of least..most bytes */
	ROW_TEXT,    /* string <-> view of least..most bytes, UTF-8 */
	ROW_U64S,    /* repeated uint64 <-> uint64_t[LANE_COUNT] */
	ROW_MARKS,   /* repeated SyncMark <-> struct sync_mark[LANE_COUNT] */
	ROW_SUB,     /* message <-> struct by `sub`; nothing there stands for zeros */
	ROW_OPTION,  /* the same; the bool at `count` says whether it is there */
	ROW_ENTRIES, /* repeated SyncEntry <-> const struct sync_entry *, size_t at `count` */
};

struct wire_table;

struct wire_row {
	const char *name;
	enum wire_row_type type;
	size_t theirs, ours; /* offsets */
	size_t many, count;  /* offsets: theirs of a repeated field; ours where a row says so */
	uint64_t least, most;
	const struct wire_table *sub;
};

struct wire_table {
	const char *what;
	const ProtobufCMessageDescriptor *descriptor;
	size_t our_bytes;
	const struct wire_row *rows;
	size_t count;
};

/* Fills `ours` (our_bytes long); what it lends lies in `theirs` or the arena. */
CHECKED enum err wire_table_read(
	const struct wire_table *t, void *ours, const void *theirs, struct wire_arena *a);

/* gives in *ret a protobuf-c struct in the arena that lends from `ours`; E_FULL when the arena
 * is. */
CHECKED enum err wire_table_write(
	const struct wire_table *t, void **ret, const void *ours, struct wire_arena *a);

#endif
