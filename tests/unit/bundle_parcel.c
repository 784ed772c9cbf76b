#include "tests/unit/suite.h"

#include "tests/unit/bundle_parcel.h"

#include "hub/ipc.h"

#define PEER "\x07\x08"

void
parcel_drop(struct parcel *p)
{
	for (size_t i = 0; i < p->count; i++)
		buf_done(&p->boxes[i]);
}

void
parcel_add_box(struct parcel *p, struct line *l, enum bundle_kind kind, struct view plain)
{
	struct buf *box = &p->boxes[p->count];
	assert_true(p->count < FRAMES_MAX_COUNT);
	p->kinds[p->count++] = kind;
	buf_init(box, BUNDLE_BOX_MAX_BYTES);
	box_seal(box, plain, l->place->hub.box_public);
	bundle_sum_add(&p->claim.sum, kind, buf_view(box));
}

void
parcel_begin_at(struct parcel *p, struct line *l, uint64_t config)
{
	OWNED_BUF struct buf plain;
	const struct bundle_node_state s = {
		.incarnation = l->node->incarnation ? l->node->incarnation : 1,
		.config = config};
	struct bundle_head *h = &p->claim.head;
	*p = (struct parcel){
		.claim.head = {.way = BUNDLE_TO_HUB, .number = 1, .wall_ms = 1000}};
	memcpy(h->study, PLACE_STUDY, sizeof(PLACE_STUDY));
	memcpy(h->from, l->node->writer.public, sizeof(h->from));
	memcpy(h->to, l->place->hub.box_public, sizeof(h->to));
	bundle_sum_begin(&p->claim.sum, h);
	buf_init(&plain, BUNDLE_STATE_MAX_BYTES);
	bundle_node_state_write(&plain, &s);
	parcel_add_box(p, l, BUNDLE_STATE, buf_view(&plain));
}

void
parcel_begin(struct parcel *p, struct line *l)
{
	parcel_begin_at(p, l, 0);
}

/* Entries first..last of a lane as one BATCH. */
void
parcel_add_run(struct parcel *p, struct line *l, uint8_t lane, uint64_t first, uint64_t last)
{
	OWNED_BUF struct buf plain;
	struct sync_msg m = {.kind = SYNC_BATCH,
		.batch = {.lane = lane,
			.first = first,
			.entries = l->entries,
			.count = last + 1 - first,
			.incarnation = l->node->incarnation ? l->node->incarnation : 1}};
	for (uint64_t seq = first; seq <= last; seq++)
		l->entries[seq - first] = node_entry(l->node, lane, seq);
	m.batch.control_floor = lane == LANE_C ? 0 : l->node->count[LANE_C - 1];
	memcpy(m.batch.head, l->node->lanes[lane - 1][last - 1].hash, sizeof(m.batch.head));
	node_sign_head(l->node, lane, last, m.batch.signature);
	buf_init(&plain, SYNC_FRAME_MAX_BYTES);
	assert_ok(sync_pack(&plain, &m));
	parcel_add_box(p, l, BUNDLE_MESSAGE, buf_view(&plain));
}

void
parcel_sign(struct parcel *p, struct line *l)
{
	OWNED_BUF struct buf end;
	buf_init(&end, BUNDLE_HEAD_MAX_BYTES);
	bundle_end(&end, &p->claim.sum, l->node->sign);
	memcpy(p->claim.signature, end.at + end.len - SIGNATURE_BYTES, SIGNATURE_BYTES);
}

void
parcel_add_batch(struct parcel *p, struct line *l, uint8_t lane, uint64_t first)
{
	parcel_add_run(p, l, lane, first, l->node->count[lane - 1]);
}

void
parcel_pack_all(struct parcel *p, struct line *l)
{
	parcel_begin(p, l);
	for (uint8_t lane = LANE_C; lane <= LANE_R; lane++)
		if (l->node->count[lane - 1])
			parcel_add_batch(p, l, lane, 1);
	parcel_sign(p, l);
}

/* One request of the example peer, in a turn of its own. */
enum err
parcel_ask(struct line *l, struct bundles *b, enum hub_verb verb, struct view fields,
	struct buf *out)
{
	struct cursor c = cursor_of(fields);
	const struct bundles_ask a = {(uint16_t)verb, false, view_text(PEER), &c};
	bool spoils = false;
	enum err e = bundles_serve(b, &a, out, &spoils);
	assert_false(spoils);
	line_end_turn(l);
	return e;
}

enum err
parcel_open(struct line *l, struct bundles *b, const struct parcel *p)
{
	OWNED_BUF struct buf claim, fields, out;
	buf_init(&claim, BUNDLE_PIECE_MAX_BYTES);
	buf_init(&fields, BUNDLE_PIECE_MAX_BYTES);
	buf_init(&out, BUNDLE_PIECE_MAX_BYTES);
	bundle_claim_write(&claim, &p->claim);
	buf_blob(&fields, buf_view(&claim));
	return parcel_ask(l, b, LEDGER_BUNDLE_OPEN, buf_view(&fields), &out);
}

enum err
parcel_give(struct line *l, struct bundles *b, const struct parcel *p, size_t i)
{
	OWNED_BUF struct buf fields, out;
	buf_init(&fields, 2 * BUNDLE_PIECE_MAX_BYTES);
	buf_init(&out, BUNDLE_PIECE_MAX_BYTES);
	buf_u8(&fields, (uint8_t)p->kinds[i]);
	buf_blob(&fields, buf_view(&p->boxes[i]));
	return parcel_ask(l, b, LEDGER_BUNDLE_GIVE, buf_view(&fields), &out);
}

/* All of it, until something is refused; adds the JSON of what became of it. */
enum err
parcel_import(struct line *l, struct bundles *b, const struct parcel *p, struct buf *out)
{
	enum err e = parcel_open(l, b, p);
	for (size_t i = 0; !e && i < p->count; i++)
		e = parcel_give(l, b, p, i);
	return e ? e : parcel_ask(l, b, LEDGER_BUNDLE_CLOSE, view_of(NULL, 0), out);
}

enum err
parcel_import_all(struct line *l)
{
	OWNED_PARCEL struct parcel p;
	OWNED_BUF struct buf out;
	OWNED(bundles) struct bundles *b = bundles_new(&l->place->hub, l->ingest);
	buf_init(&out, BUNDLE_PIECE_MAX_BYTES);
	parcel_pack_all(&p, l);
	return parcel_import(l, b, &p, &out);
}
