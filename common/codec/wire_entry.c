#include "common/codec/wire_entry.h"

#include <string.h>

#include "common/codec/text.h"
#include "common/codec/wire_pb.h"
#include "entry.pb-c.h"

#define ENTRY_VERSION 1
/* Six parts, their hashes and what protobuf-c keeps while it reads need under 4 KiB. */
#define HEADER_ARENA_BYTES 16384
#define ACT_FRAME_BYTES    8 /* version, and the tag and length of the JSON */

#define FIELD(what, name) ((struct wire_field){what, name})
#define HEADER(name)      FIELD("entry header", name)

/* The numbers are there, and such that a hash, a lane and a place follow from them. */
static enum err
check_header(const struct wire_header *h)
{
	if (h->lane != LANE_C && h->lane != LANE_R && h->lane != LANE_A)
		return fail(E_FORMAT, "entry header: lane: unknown");
	if (h->incarnation == 0 || h->seq == 0)
		return fail(E_FORMAT, "entry header: incarnation and seq count from 1");
	if (wire_is_zero(h->writer, sizeof(h->writer)))
		return fail(E_FORMAT, "entry header: writer: missing");
	if ((h->seq == 1 && h->incarnation == 1) != wire_is_zero(h->prev, sizeof(h->prev)))
		return fail(
			E_FORMAT, "entry header: prev: there is one but for the first entry");
	if (h->incarnation == 1 && !wire_is_zero(h->repeats, sizeof(h->repeats)))
		return fail(
			E_FORMAT, "entry header: repeats: nothing was before incarnation 1");
	if (h->part_count == 0 || h->part_count > WIRE_PARTS_MAX)
		return fail(E_FORMAT, "entry header: parts: 1 to 6 are allowed");
	unsigned last = 0;
	for (size_t i = 0; i < h->part_count; i++) {
		unsigned kind = h->parts[i].kind;
		if (kind < PART_RULES || kind > PART_ACT)
			return fail(E_FORMAT, "entry header: parts: unknown kind");
		if (kind <= last)
			return fail(E_FORMAT, "entry header: parts: kinds have to rise");
		last = kind;
	}
	return OK;
}

enum err
wire_header_pack(struct buf *out, const struct wire_header *h)
{
	enum err e = wire_is_text(HEADER("study"), h->study, 1, sizeof(h->study));
	if (!e)
		e = check_header(h);
	if (e)
		return e;
	Weir__Part parts[WIRE_PARTS_MAX];
	Weir__Part *lent[WIRE_PARTS_MAX];
	for (size_t i = 0; i < h->part_count; i++) {
		parts[i] = (Weir__Part)WEIR__PART__INIT;
		parts[i].kind = h->parts[i].kind;
		parts[i].length = h->parts[i].length;
		parts[i].hash = pb_bytes(h->parts[i].hash, WIRE_HASH_BYTES);
		lent[i] = &parts[i];
	}
	Weir__EntryHeader m = WEIR__ENTRY_HEADER__INIT;
	m.version = ENTRY_VERSION;
	m.study = pb_text(h->study);
	m.writer = pb_bytes(h->writer, sizeof(h->writer));
	m.incarnation = h->incarnation;
	m.lane = h->lane;
	m.seq = h->seq;
	m.prev = pb_bytes_or_none(h->prev, sizeof(h->prev));
	m.repeats = pb_bytes_or_none(h->repeats, sizeof(h->repeats));
	m.n_parts = h->part_count;
	m.parts = lent;
	wire_pack(out, &m);
	return buf_check(out, "entry header");
}

static enum err
read_header(struct wire_header *h, const Weir__EntryHeader *m)
{
	enum err e = wire_is_version(HEADER("version"), m->version, ENTRY_VERSION);
	if (!e)
		e = wire_copy_text(HEADER("study"), h->study, sizeof(h->study), 1, m->study);
	if (!e)
		e = wire_copy(HEADER("writer"), h->writer, WIRE_KEY_BYTES, view_pb(m->writer));
	if (!e)
		e = wire_copy_or_zero(
			HEADER("prev"), h->prev, WIRE_HASH_BYTES, view_pb(m->prev));
	if (!e)
		e = wire_copy_or_zero(
			HEADER("repeats"), h->repeats, WIRE_HASH_BYTES, view_pb(m->repeats));
	if (!e)
		e = wire_is_count(HEADER("parts"), m->n_parts, WIRE_PARTS_MAX);
	if (e)
		return e;
	h->incarnation = m->incarnation;
	h->lane = (enum lane)m->lane;
	h->seq = m->seq;
	h->part_count = m->n_parts;
	for (size_t i = 0; !e && i < m->n_parts; i++) {
		h->parts[i].kind = (enum part_kind)m->parts[i]->kind;
		h->parts[i].length = m->parts[i]->length;
		e = wire_copy(HEADER("parts"), h->parts[i].hash, WIRE_HASH_BYTES,
			view_pb(m->parts[i]->hash));
	}
	return e ? e : check_header(h);
}

enum err
wire_header_unpack(struct wire_header *ret, struct view bytes)
{
	memset(ret, 0, sizeof(*ret));
	enum err e = wire_is_capped("entry header", bytes.len, WIRE_HEADER_MAX_BYTES);
	if (e)
		return e;
	/* Filled as it is taken: clearing it costs more than reading a header does. */
	__attribute__((uninitialized)) _Alignas(max_align_t) uint8_t room[HEADER_ARENA_BYTES];
	struct wire_arena arena = {room, sizeof(room), 0};
	void *m = NULL;
	struct wire_header h = {.part_count = 0};
	e = wire_unpack(&m, &weir__entry_header__descriptor, &arena, bytes, "entry header");
	if (!e)
		e = read_header(&h, m);
	if (!e)
		*ret = h;
	return e;
}

const struct wire_part *
wire_header_part(const struct wire_header *h, enum part_kind kind)
{
	for (size_t i = 0; i < h->part_count; i++)
		if (h->parts[i].kind == kind)
			return &h->parts[i];
	return NULL;
}

static enum err
check_json(struct view json)
{
	if (json.len == 0 || json.len > WIRE_ACT_MAX_BYTES - ACT_FRAME_BYTES)
		return fail(E_FORMAT, "act: empty, or more than 64 KiB");
	return text_is_utf8(json) ? OK : fail(E_FORMAT, "act: not UTF-8");
}

enum err
wire_act_pack_report(struct buf *out, struct view json, struct view report)
{
	Weir__Act m = WEIR__ACT__INIT;
	enum err e = check_json(json);
	if (!e)
		e = wire_is_capped("report of an act", report.len, WIRE_REPORT_MAX_BYTES);
	if (e)
		return e;
	m.version = ENTRY_VERSION;
	m.json = pb_bytes(json.at, json.len);
	m.report = pb_bytes(report.at, report.len);
	wire_pack(out, &m);
	return buf_check(out, "act");
}

enum err
wire_act_pack(struct buf *out, struct view json)
{
	return wire_act_pack_report(out, json, view_of(NULL, 0));
}

/* Bytes of the last field, with its tag and its length in groups of seven bits. */
static size_t
tail_bytes(size_t len)
{
	size_t head = 2;
	for (size_t rest = len; rest >= 0x80; rest >>= 7)
		head++;
	return len ? head + len : 0;
}

enum err
wire_act_unpack_report(struct view *ret_json, struct view *ret_report, struct view bytes)
{
	*ret_json = *ret_report = view_of(NULL, 0);
	enum err e = wire_is_capped("act", bytes.len, WIRE_ACT_MAX_BYTES);
	if (e)
		return e;
	struct wire_arena arena = arena_for(bytes.len, 0);
	OWNED_MEM void *memory = arena.at;
	void *made = NULL;
	e = wire_unpack(&made, &weir__act__descriptor, &arena, bytes, "act");
	const Weir__Act *m = made;
	if (!e)
		e = wire_is_version(FIELD("act", "version"), m->version, ENTRY_VERSION);
	if (!e)
		e = check_json(view_pb(m->json));
	if (!e)
		e = wire_is_capped("report of an act", m->report.len, WIRE_REPORT_MAX_BYTES);
	if (e)
		return e;
	/* The one spelling puts the report last, and the JSON before it. */
	const size_t end = bytes.len - tail_bytes(m->report.len);
	*ret_json = view_of(bytes.at + end - m->json.len, m->json.len);
	if (m->report.len)
		*ret_report = view_of(bytes.at + bytes.len - m->report.len, m->report.len);
	return OK;
}

enum err
wire_act_unpack(struct view *ret_json, struct view bytes)
{
	struct view report;
	return wire_act_unpack_report(ret_json, &report, bytes);
}
