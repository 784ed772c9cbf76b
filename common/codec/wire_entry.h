/* wire_entry - entry headers and acts (proto/entry.proto).
 *
 * Always true: what was unpacked has a known lane, numbers from 1, a `prev` but for seq 1 of
 *              incarnation 1, and one to six parts whose known kinds rise. `repeats` is there
 *              from incarnation 2 on only.
 *              what cannot be unpacked is not packed either: packing checks the same.
 * Caps:        header 2 KiB, act 64 KiB.
 * Errors:      E_FORMAT: bytes or fields are not of their form; the version is unknown.
 * It can hurt: hash and carry the bytes that came, never a header packed again.
 */
#ifndef WEIR_WIRE_ENTRY_H
#define WEIR_WIRE_ENTRY_H

#include "common/codec/wire.h"

#define WIRE_HEADER_MAX_BYTES 2048
#define WIRE_ACT_MAX_BYTES    65536
#define WIRE_REPORT_MAX_BYTES 8192
#define WIRE_PARTS_MAX        6

enum part_kind {
	PART_RULES = 1,
	PART_ANSWERS = 2,
	PART_DETAIL = 3,
	PART_WRAP_STUDY = 4,
	PART_WRAP_SITE = 5,
	PART_ROOTS = 6,
	PART_ACT = 7,
};

/* Plain data without memory of its own: copied freely. Kinds of parts differ and rise. */
struct wire_header {
	char study[WIRE_NAME_BYTES];
	uint8_t writer[WIRE_KEY_BYTES];
	uint32_t incarnation;
	enum lane lane;
	uint64_t seq;
	uint8_t prev
		[WIRE_HASH_BYTES]; /* at seq 1 zeros, or the link to the incarnation before */
	uint8_t repeats[WIRE_HASH_BYTES]; /* zeros: the entry says something new */
	size_t part_count;
	struct wire_part {
		enum part_kind kind;
		uint32_t length; /* bytes */
		uint8_t hash[WIRE_HASH_BYTES];
	} parts[WIRE_PARTS_MAX];
};

CHECKED enum err wire_header_pack(struct buf *out, const struct wire_header *h);
CHECKED enum err wire_header_unpack(struct wire_header *ret, struct view bytes);
/* lends the part of this kind; NULL if there is none. */
const struct wire_part *wire_header_part(const struct wire_header *h, enum part_kind kind);

/* An act is canonical JSON in an envelope with a version; here it is UTF-8 and not empty.
 * ret_json is lent as long as `bytes`. */
CHECKED enum err wire_act_pack(struct buf *out, struct view json);
CHECKED enum err wire_act_unpack(struct view *ret_json, struct view bytes);
/* The same with a report, which is for the hub's rooms and in no leaf; empty: none. */
CHECKED enum err wire_act_pack_report(struct buf *out, struct view json, struct view report);
CHECKED enum err wire_act_unpack_report(
	struct view *ret_json, struct view *ret_report, struct view bytes);

#endif
