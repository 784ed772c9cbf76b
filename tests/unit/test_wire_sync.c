#include "tests/unit/suite.h"

#include "common/base/mem.h"
#include "common/codec/wire_sync.h"

#define KINDS_COUNT SYNC_NOTICED

/* What the sample messages lend. */
struct sample {
	struct sync_entry entries[3];
	struct sync_msg m;
	uint8_t body[SYNC_WELCOME_MAX_BYTES];
};

static const uint8_t part_bytes[] = "part of an entry, as it is stored";
static const uint8_t header_bytes[] = "header";

static void
fill_marks(struct sync_mark marks[static LANE_COUNT])
{
	memset(marks, 0, LANE_COUNT * sizeof(marks[0]));
	for (size_t i = 1; i < LANE_COUNT; i++) {
		marks[i].seq = i * 1000;
		memset(marks[i].head, (int)i, sizeof(marks[i].head));
	}
}

static void
fill_receipt(struct sync_receipt *r)
{
	memset(r, 0, sizeof(*r));
	r->epoch = 3;
	memset(r->writer, 4, sizeof(r->writer));
	r->incarnation = 1;
	r->lane = LANE_R;
	r->mark.seq = 77;
	memset(r->mark.head, 5, sizeof(r->mark.head));
	r->wall_ms = -5;
	memset(r->signature, 6, sizeof(r->signature));
}

static void
fill_hello(struct sync_hello *h)
{
	h->proto_min = 1;
	h->proto_max = 2;
	h->features = UINT64_MAX;
	memset(h->writer, 7, sizeof(h->writer));
	h->incarnation = 1;
	memset(h->nonce, 8, sizeof(h->nonce));
	fill_marks(h->last);
	h->acked[1] = 9;
	h->receipts = view_of(part_bytes, sizeof(part_bytes));
	h->wall_ms = 1795305600000;
	h->build = view_text("weir 0.1");
	h->survivor = true;
	h->base_incarnation = 4;
	fill_marks(h->base_last);
}

static void
fill_welcome(struct sample *s)
{
	struct sync_welcome *w = &s->m.welcome;
	w->proto = 1;
	memset(w->nonce, 1, sizeof(w->nonce));
	memset(w->session, 2, sizeof(w->session));
	memset(w->next_token, 3, sizeof(w->next_token));
	w->epoch = 1;
	w->mode = SYNC_NORMAL;
	w->verdict = SYNC_OK;
	fill_marks(w->durable);
	w->retained[2] = 5;
	w->config = (struct sync_offer){.number = 4, .hash = {1}, .length_bytes = 300};
	w->credit_bytes = SYNC_CREDIT_MAX_BYTES;
	w->incarnation = 2;
	w->opens = 3;
	w->wall_ms = 12;
	OWNED_BUF struct buf b;
	buf_init(&b, sizeof(s->body));
	assert_ok(sync_pack_welcome_body(&b, w));
	memcpy(s->body, b.at, b.len);
	w->body = view_of(s->body, b.len);
	memset(w->signature, 9, sizeof(w->signature));
}

static void
fill_batch(struct sample *s)
{
	struct sync_batch *b = &s->m.batch;
	for (size_t i = 0; i < ARRAY_LEN(s->entries); i++) {
		s->entries[i].header = view_of(header_bytes, sizeof(header_bytes));
		s->entries[i].part_count = i;
		for (size_t k = 0; k < i; k++)
			s->entries[i].parts[k] = (struct sync_part){
				(uint8_t)(PART_RULES + k), view_of(part_bytes, 20 + k)};
	}
	b->lane = LANE_A;
	b->first = 12;
	b->control_floor = 3;
	b->entries = s->entries;
	b->count = ARRAY_LEN(s->entries);
	memset(b->head, 1, sizeof(b->head));
	memset(b->signature, 2, sizeof(b->signature));
}

static void
fill_enrolment(struct sync_msg *m)
{
	if (m->kind == SYNC_ENROL_REQ) {
		memset(&m->enrol_req.invite, 1, offsetof(struct sync_enrol_req, name));
		m->enrol_req.name = view_text("Box in the reading room");
		return;
	}
	m->enrol_ok.status = SYNC_ENROL_ADMITTED;
	m->enrol_ok.site = view_text("north");
	memset(m->enrol_ok.root, 3, sizeof(m->enrol_ok.root));
	m->enrol_ok.manifest = (struct sync_offer){.number = 1, .length_bytes = 10};
	m->enrol_ok.words = view_text("1234 5678 9012 3456 7890 1234");
}

static void
fill_answer(struct sync_msg *m)
{
	if (m->kind == SYNC_ACK) {
		fill_marks(m->ack.durable);
		m->ack.credit_bytes = 5;
		m->ack.has_receipt = true;
		fill_receipt(&m->ack.receipt);
	} else if (m->kind == SYNC_NACK) {
		m->nack.lane = LANE_C;
		m->nack.code = SYNC_NACK_GAP;
		m->nack.expect_seq = 1;
	} else if (m->kind == SYNC_CFG_GET) {
		m->cfg_get.length_bytes = SYNC_CFG_PART_BYTES;
		m->cfg_get.offset_bytes = 65536;
	} else if (m->kind == SYNC_CFG_PART) {
		m->cfg_part.total_bytes = 1000;
		m->cfg_part.bytes = view_of(part_bytes, sizeof(part_bytes));
	} else if (m->kind == SYNC_CFG_ACK) {
		m->cfg_ack.number = 2;
		m->cfg_ack.applied = true;
	} else if (m->kind == SYNC_CLOSE) {
		m->close.code = SYNC_CLOSE_FULL;
		m->close.retry_after_ms = 1000;
	} else if (m->kind == SYNC_PROBE) {
		m->probe = (struct sync_probe){.incarnation = 1, .lane = LANE_R, .seq = 5};
	} else if (m->kind == SYNC_PROBED) {
		m->probed = (struct sync_probed){.incarnation = 2,
			.lane = LANE_A,
			.mark = {.seq = 3, .head = {4}},
			.base_incarnation = 1};
	} else if (m->kind == SYNC_PULL) {
		m->pull = (struct sync_pull){
			.incarnation = 1, .lane = LANE_C, .first = 2, .last = 9};
	} else if (m->kind == SYNC_PING || m->kind == SYNC_PONG) {
		m->ping.t1_ms = 44;
	}
}

static void
fill_files(struct sync_msg *m)
{
	if (m->kind == SYNC_CHUNK) {
		m->chunk = (struct sync_chunk){.root = {7},
			.index = SYNC_CHUNKS_MAX_COUNT - 1,
			.bytes = view_of(part_bytes, 20),
			.proof = view_of(part_bytes, WIRE_HASH_BYTES)};
	} else if (m->kind == SYNC_WANT) {
		m->want = (struct sync_want){.root = {7}, .next = 2, .count = 3};
	} else if (m->kind == SYNC_WITNESS) {
		m->witness = (struct sync_witness){
			.checkpoint = {9, {8}}, .time_s = 1795305660, .signature = {6}};
	} else if (m->kind == SYNC_LOG_GET) {
		m->log_get.size = 8;
	} else if (m->kind == SYNC_NOTICED) {
		m->noticed = (struct sync_noticed){.mark = {7, {3}}};
	} else {
		m->log = (struct sync_log){.size = 8,
			.note = view_of(part_bytes, 30),
			.proof = view_of(part_bytes, WIRE_HASH_BYTES)};
	}
}

static void
make_sample(struct sample *s, unsigned kind)
{
	memset(s, 0, sizeof(*s));
	s->m.kind = (enum sync_kind)kind;
	if (kind == SYNC_HELLO)
		fill_hello(&s->m.hello);
	else if (kind == SYNC_WELCOME)
		fill_welcome(s);
	else if (kind == SYNC_BATCH)
		fill_batch(s);
	else if (kind == SYNC_NOTICE)
		fill_batch(s), s->m.batch.count = 1;
	else if (kind == SYNC_ENROL_REQ || kind == SYNC_ENROL_OK)
		fill_enrolment(&s->m);
	else if (kind >= SYNC_CHUNK)
		fill_files(&s->m);
	else
		fill_answer(&s->m);
}

/* Unpacks into memory of its own, which the caller frees. */
static enum err
unpack(struct sync_msg *ret, uint8_t **ret_piece, struct view frame)
{
	size_t room = sync_arena_bytes(frame.len);
	*ret_piece = xrealloc(NULL, room, 1);
	struct wire_arena arena = {*ret_piece, room, 0};
	return sync_unpack(ret, &arena, frame);
}

static void
every_message_comes_back_as_it_went(void **state)
{
	(void)state;
	for (unsigned kind = SYNC_HELLO; kind <= KINDS_COUNT; kind++) {
		struct sample s;
		make_sample(&s, kind);
		OWNED_BUF struct buf frame, again;
		buf_init(&frame, SYNC_FRAME_MAX_BYTES);
		buf_init(&again, SYNC_FRAME_MAX_BYTES);
		assert_ok(sync_pack(&frame, &s.m));
		OWNED_MEM uint8_t *piece = NULL;
		struct sync_msg back;
		assert_ok(unpack(&back, &piece, buf_view(&frame)));
		assert_int_equal(back.kind, kind);
		assert_ok(sync_pack(&again, &back));
		assert_true(view_same(buf_view(&frame), buf_view(&again)));
	}
}

static void
fields_come_back_by_value(void **state)
{
	(void)state;
	struct sample s;
	OWNED_BUF struct buf frame;
	buf_init(&frame, SYNC_FRAME_MAX_BYTES);
	make_sample(&s, SYNC_BATCH);
	assert_ok(sync_pack(&frame, &s.m));
	OWNED_MEM uint8_t *piece = NULL;
	struct sync_msg m;
	assert_ok(unpack(&m, &piece, buf_view(&frame)));
	assert_int_equal(m.batch.count, 3);
	assert_int_equal(m.batch.first, 12);
	assert_int_equal(m.batch.lane, LANE_A);
	assert_int_equal(m.batch.control_floor, 3);
	assert_int_equal(m.batch.entries[2].part_count, 2);
	assert_int_equal(m.batch.entries[2].parts[1].kind, PART_ANSWERS);
	assert_true(view_same(m.batch.entries[2].parts[1].bytes, view_of(part_bytes, 21)));
	make_sample(&s, SYNC_WELCOME);
	buf_reset(&frame);
	assert_ok(sync_pack(&frame, &s.m));
	OWNED_MEM uint8_t *second = NULL;
	assert_ok(unpack(&m, &second, buf_view(&frame)));
	assert_int_equal(m.welcome.durable[2].seq, 2000);
	assert_int_equal(m.welcome.credit_bytes, SYNC_CREDIT_MAX_BYTES);
	assert_int_equal(m.welcome.config.length_bytes, 300);
	assert_true(view_same(m.welcome.body, s.m.welcome.body));
}

static void
a_receipt_alone_comes_back(void **state)
{
	(void)state;
	struct sync_receipt r, back;
	fill_receipt(&r);
	OWNED_BUF struct buf packed;
	buf_init(&packed, SYNC_RECEIPT_MAX_BYTES);
	assert_ok(sync_pack_receipt(&packed, &r));
	assert_ok(sync_unpack_receipt(&back, buf_view(&packed)));
	assert_int_equal(back.mark.seq, r.mark.seq);
	assert_int_equal(back.wall_ms, r.wall_ms);
	assert_memory_equal(back.signature, r.signature, sizeof(r.signature));
	assert_err(sync_unpack_receipt(&back, view_of(packed.at, packed.len - 1)), E_FORMAT);
}

/* Whatever comes out of a changed frame keeps the caps, so it can be packed again. */
static void
try_bytes(const uint8_t *at, size_t len)
{
	OWNED_MEM uint8_t *piece = NULL;
	struct sync_msg m;
	/* A copy of just this length, so that a read behind its end is found. */
	OWNED_MEM uint8_t *tight = xrealloc(NULL, MAX(len, (size_t)1), 1);
	memcpy(tight, at, len);
	if (unpack(&m, &piece, view_of(tight, len)) != OK)
		return;
	OWNED_BUF struct buf again;
	buf_init(&again, SYNC_FRAME_MAX_BYTES);
	assert_ok(sync_pack(&again, &m));
}

static void
no_truncation_and_no_changed_byte_does_harm(void **state)
{
	(void)state;
	static const uint8_t flips[] = {0x01, 0x08, 0x80, 0xff};
	for (unsigned kind = SYNC_HELLO; kind <= KINDS_COUNT; kind++) {
		struct sample s;
		make_sample(&s, kind);
		OWNED_BUF struct buf frame;
		buf_init(&frame, SYNC_FRAME_MAX_BYTES);
		assert_ok(sync_pack(&frame, &s.m));
		for (size_t i = 0; i < frame.len; i++) {
			OWNED_MEM uint8_t *piece = NULL;
			struct sync_msg m;
			assert_err(unpack(&m, &piece, view_of(frame.at, i)), E_FORMAT);
			for (size_t f = 0; f < ARRAY_LEN(flips); f++) {
				frame.at[i] ^= flips[f];
				try_bytes(frame.at, frame.len);
				frame.at[i] ^= flips[f];
			}
		}
	}
}

static void
a_field_of_a_later_version_is_passed_over(void **state)
{
	(void)state;
	struct sample s;
	make_sample(&s, SYNC_PING);
	OWNED_BUF struct buf frame;
	buf_init(&frame, SYNC_FRAME_MAX_BYTES);
	assert_ok(sync_pack(&frame, &s.m));
	/* Field 30 of SyncPing: a number; the length of the message stands in its second
	 * byte. */
	static const uint8_t later[] = {0xf0, 0x01, 0x05};
	buf_add(&frame, later, sizeof(later));
	frame.at[1] = (uint8_t)(frame.at[1] + sizeof(later));
	OWNED_MEM uint8_t *piece = NULL;
	struct sync_msg m;
	assert_ok(unpack(&m, &piece, buf_view(&frame)));
	assert_int_equal(m.ping.t1_ms, 44);
}

/* ---- caps ---- */

static void
expect_unpackable(const struct sample *s)
{
	OWNED_BUF struct buf frame;
	buf_init(&frame, 2 * SYNC_FRAME_MAX_BYTES);
	assert_err(sync_pack(&frame, &s->m), E_FORMAT);
	assert_int_equal(frame.len, 0);
}

static void
what_is_over_a_cap_is_not_packed(void **state)
{
	(void)state;
	struct sample s;
	make_sample(&s, SYNC_HELLO);
	s.m.hello.incarnation = 0;
	expect_unpackable(&s);
	make_sample(&s, SYNC_HELLO);
	s.m.hello.build = view_of("\xff", 1);
	expect_unpackable(&s);
	make_sample(&s, SYNC_HELLO);
	s.m.hello.last[0].seq = 1;
	expect_unpackable(&s);
	make_sample(&s, SYNC_BATCH);
	s.m.batch.count = 0;
	expect_unpackable(&s);
	make_sample(&s, SYNC_BATCH);
	s.m.batch.lane = 4;
	expect_unpackable(&s);
	make_sample(&s, SYNC_BATCH);
	s.m.batch.first = 0;
	expect_unpackable(&s);
	make_sample(&s, SYNC_BATCH);
	s.entries[1].header.len = 0;
	expect_unpackable(&s);
	make_sample(&s, SYNC_BATCH);
	s.entries[2].parts[1].kind = PART_RULES;
	expect_unpackable(&s);
	make_sample(&s, SYNC_CFG_GET);
	s.m.cfg_get.length_bytes = SYNC_CFG_PART_BYTES + 1;
	expect_unpackable(&s);
	make_sample(&s, SYNC_CLOSE);
	s.m.close.code = (enum sync_close_code)99;
	expect_unpackable(&s);
	make_sample(&s, SYNC_ACK);
	s.m.ack.credit_bytes = SYNC_CREDIT_MAX_BYTES + 1;
	expect_unpackable(&s);
}

static void
a_batch_over_the_frame_cap_is_refused_on_both_ways(void **state)
{
	(void)state;
	struct sample s;
	make_sample(&s, SYNC_BATCH);
	OWNED_MEM uint8_t *large = xcalloc(1, SYNC_FRAME_MAX_BYTES + 1);
	s.entries[1].parts[0].bytes = view_of(large, SYNC_FRAME_MAX_BYTES - 100);
	expect_unpackable(&s);
	OWNED_MEM uint8_t *piece = NULL;
	struct sync_msg m;
	assert_err(unpack(&m, &piece, view_of(large, SYNC_FRAME_MAX_BYTES + 1)), E_FORMAT);
	s.entries[1].parts[0].bytes = view_of(large, SYNC_FRAME_MAX_BYTES - 1024);
	assert_true(sync_batch_bytes(&s.m.batch) <= SYNC_FRAME_MAX_BYTES);
	OWNED_BUF struct buf frame;
	buf_init(&frame, SYNC_FRAME_MAX_BYTES);
	assert_ok(sync_pack(&frame, &s.m));
	assert_true(frame.len <= sync_batch_bytes(&s.m.batch));
	OWNED_MEM uint8_t *second = NULL;
	assert_ok(unpack(&m, &second, buf_view(&frame)));
}

static void
a_full_batch_of_small_entries_goes_there_and_back(void **state)
{
	(void)state;
	struct sample s;
	make_sample(&s, SYNC_BATCH);
	OWNED_MEM struct sync_entry *many = xcalloc(SYNC_BATCH_MAX_COUNT + 1, sizeof(*many));
	for (size_t i = 0; i <= SYNC_BATCH_MAX_COUNT; i++) {
		many[i] = s.entries[2];
		many[i].part_count = WIRE_PARTS_MAX;
		for (size_t k = 0; k < WIRE_PARTS_MAX; k++)
			many[i].parts[k] = (struct sync_part){
				(uint8_t)(PART_RULES + k), view_of(part_bytes, 30)};
	}
	s.m.batch.entries = many;
	s.m.batch.count = SYNC_BATCH_MAX_COUNT;
	OWNED_BUF struct buf frame;
	buf_init(&frame, SYNC_FRAME_MAX_BYTES);
	assert_ok(sync_pack(&frame, &s.m));
	OWNED_MEM uint8_t *piece = NULL;
	struct sync_msg m;
	assert_ok(unpack(&m, &piece, buf_view(&frame)));
	assert_int_equal(m.batch.count, SYNC_BATCH_MAX_COUNT);
	s.m.batch.count++;
	expect_unpackable(&s);
}

static void
a_frame_of_endless_empty_entries_stays_in_its_memory(void **state)
{
	(void)state;
	/* SyncMessage.batch (field 4) that holds SyncBatch.entries (field 5) of no bytes
	 * each. */
	const size_t inner = SYNC_FRAME_MAX_BYTES - 8;
	OWNED_MEM uint8_t *frame = xcalloc(1, SYNC_FRAME_MAX_BYTES);
	frame[0] = 0x22;
	frame[1] = (uint8_t)(0x80 | (inner & 0x7f));
	frame[2] = (uint8_t)(0x80 | ((inner >> 7) & 0x7f));
	frame[3] = (uint8_t)(inner >> 14);
	for (size_t i = 0; i < inner; i += 2)
		frame[4 + i] = 0x2a;
	OWNED_MEM uint8_t *piece = NULL;
	struct sync_msg m;
	assert_err(unpack(&m, &piece, view_of(frame, inner + 4)), E_FORMAT);
}

static void
a_frame_without_a_message_is_refused(void **state)
{
	(void)state;
	OWNED_MEM uint8_t *piece = NULL;
	struct sync_msg m;
	assert_err(unpack(&m, &piece, view_of(part_bytes, 0)), E_FORMAT);
	/* Field 15 is kept for what follows. */
	static const uint8_t later[] = {0x7a, 0x00};
	OWNED_MEM uint8_t *second = NULL;
	assert_err(unpack(&m, &second, view_of(later, sizeof(later))), E_FORMAT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_message_comes_back_as_it_went),
		cmocka_unit_test(fields_come_back_by_value),
		cmocka_unit_test(a_receipt_alone_comes_back),
		cmocka_unit_test(no_truncation_and_no_changed_byte_does_harm),
		cmocka_unit_test(a_field_of_a_later_version_is_passed_over),
		cmocka_unit_test(what_is_over_a_cap_is_not_packed),
		cmocka_unit_test(a_batch_over_the_frame_cap_is_refused_on_both_ways),
		cmocka_unit_test(a_full_batch_of_small_entries_goes_there_and_back),
		cmocka_unit_test(a_frame_of_endless_empty_entries_stays_in_its_memory),
		cmocka_unit_test(a_frame_without_a_message_is_refused),
	};
	return cmocka_run_group_tests_name("wire_sync", tests, NULL, NULL);
}
