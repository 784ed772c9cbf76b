#include "tests/unit/suite.h"

#include "common/base/mem.h"
#include "common/study/form.h"
#include "common/sync/lane_batch.h"
#include "common/sync/lane_carry.h"
#include "node/ipc.h"
#include "node/sync_chunks.h"
#include "node/sync_files.h"
#include "tests/unit/node_away.h"

#define STUDY "wvs-poverty"
#define PEER  "\x01\x02"

#define SEALED_BYTES (ATTACH_CHUNK_BYTES + AEAD_EXTRA_BYTES)

static enum err
ask(struct away *a, enum node_verb verb, struct view fields, struct buf *out)
{
	struct cursor c = cursor_of(fields);
	enum err e = bundles_serve(a->bundles, (uint16_t)verb, view_text(PEER), &c, out);
	away_end_turn(a);
	return e;
}

/* out */

/* What a bundle of the node holds. */
struct content {
	struct buf bytes;
	size_t at, batch_count;
	struct bundle_node_state state;
	uint8_t order[8]; /* lanes as they come */
	uint64_t first[LANE_COUNT], last[LANE_COUNT], floor[LANE_COUNT];
	uint64_t number;
	uint32_t pieces[16]; /* in their order */
	size_t piece_count;
};

static enum err
read_bytes(void *arg, uint8_t *to, size_t len, size_t *ret_len)
{
	struct content *c = arg;
	*ret_len = MIN(len, c->bytes.len - c->at);
	memcpy(to, c->bytes.at + c->at, *ret_len);
	c->at += *ret_len;
	return OK;
}

static void
look_at(struct away *a, struct content *c, enum bundle_kind kind, struct view box)
{
	struct wire_arena arena = {.room = sync_arena_bytes(SYNC_FRAME_MAX_BYTES)};
	OWNED_MEM uint8_t *room = xcalloc(1, arena.room);
	OWNED_BUF struct buf plain;
	uint8_t prev[HASH_BYTES], hash[HASH_BYTES];
	struct sync_msg m;
	arena.at = room;
	buf_init(&plain, SYNC_FRAME_MAX_BYTES);
	assert_ok(box_open(&plain, box, a->ledger));
	if (kind == BUNDLE_STATE) {
		assert_ok(bundle_node_state_read(&c->state, buf_view(&plain)));
		return;
	}
	assert_ok(sync_unpack(&m, &arena, buf_view(&plain)));
	if (kind == BUNDLE_CHUNK) {
		assert_int_equal(m.kind, SYNC_CHUNK);
		assert_true(c->piece_count < ARRAY_LEN(c->pieces));
		c->pieces[c->piece_count++] = m.chunk.index;
		return;
	}
	assert_int_equal(m.kind, SYNC_BATCH);
	const struct sync_batch *b = &m.batch;
	const struct lane_origin origin = {STUDY, a->keys->writer_public, b->incarnation};
	assert_int_equal(b->incarnation, 1);
	assert_true(lane_batch_signed(&origin, b));
	assert_ok(lane_batch_check(&origin, b, b->first, prev, hash));
	size_t i = b->lane - 1u;
	if (!c->first[i])
		c->first[i] = b->first;
	else
		assert_int_equal(b->first, c->last[i] + 1);
	c->last[i] = b->first + b->count - 1;
	c->floor[i] = b->control_floor;
	c->order[c->batch_count++] = b->lane;
}

static void
write_some(struct away *a, bool all, uint8_t file_chunks, struct content *c)
{
	/* So many times 128 KiB, which is room for as many chunks and not for twice as many. */
	const uint8_t begin[10] = {1, all, [7] = (uint8_t)(2 * file_chunks)}, go_on[] = {0};
	struct view fields = view_of(begin, sizeof(begin));
	uint8_t more = 1;
	*c = (struct content){.at = 0};
	buf_init(&c->bytes, (size_t)8 << 20);
	while (more) {
		OWNED_BUF struct buf out;
		buf_init(&out, 2 * BUNDLE_PIECE_MAX_BYTES);
		assert_ok(ask(a, SYNC_BUNDLE_TAKE, fields, &out));
		struct cursor left = cursor_of(buf_view(&out));
		more = cursor_u8(&left);
		buf_add_view(&c->bytes, cursor_blob(&left));
		(void)cursor_blob(&left);
		assert_ok(cursor_end(&left, "piece"));
		fields = view_of(go_on, sizeof(go_on));
	}
	OWNED_BUNDLE struct bundle_reader r;
	enum bundle_kind kind = BUNDLE_STATE;
	struct view box;
	assert_ok(bundle_open(&r, read_bytes, c));
	while (kind != BUNDLE_END) {
		assert_ok(bundle_next(&r, &kind, &box));
		if (kind != BUNDLE_END)
			look_at(a, c, kind, box);
	}
	assert_memory_equal(r.claim.head.from, a->keys->writer_public, SIGN_PUBLIC_BYTES);
	assert_memory_equal(r.claim.head.to, a->card.ledger_public, BOX_PUBLIC_BYTES);
	c->number = r.claim.head.number;
	buf_done(&c->bytes);
}

static void
write_bundle(struct away *a, bool all, struct content *c)
{
	write_some(a, all, 4, c);
}

/* in */

/* A bundle of the hub: receipts up to these marks, where `durable` says so. */
struct answer {
	uint64_t durable[LANE_COUNT];
	uint64_t epoch;
	enum sync_verdict verdict;
	bool is_foreign;       /* a receipt for entries that are not the node's */
	bool is_unsigned;      /* by the receipt key */
	struct sync_want want; /* count 0: none */
};

static void
put_box(struct away *a, struct bundle_sum *sum, enum bundle_kind kind, struct view plain,
	struct buf *boxes)
{
	OWNED_BUF struct buf box;
	buf_init(&box, BUNDLE_BOX_MAX_BYTES);
	box_seal(&box, plain, a->keys->box_public);
	bundle_sum_add(sum, kind, buf_view(&box));
	buf_u8(boxes, (uint8_t)kind);
	buf_blob(boxes, buf_view(&box));
}

static void
put_ack(struct away *a, const struct answer *w, uint8_t lane, struct bundle_sum *sum,
	struct buf *boxes)
{
	OWNED_BUF struct buf plain;
	struct lane_action act = {.kind = LANE_SEND, .sign = true, .msg.kind = SYNC_ACK};
	struct sync_ack *ack = &act.msg.ack;
	struct sync_receipt *r = &ack->receipt;
	for (size_t i = 0; i < LANE_COUNT; i++) {
		ack->durable[i].seq = w->durable[i];
		if (w->durable[i])
			memset(ack->durable[i].head, 0x5a, HASH_BYTES);
	}
	*r = (struct sync_receipt){.epoch = w->epoch,
		.incarnation = 1,
		.lane = lane,
		.mark.seq = w->durable[lane - 1],
		.checkpoint.seq = 9,
		.wall_ms = 1000 + (int64_t)a->number};
	memset(r->checkpoint.head, 1, HASH_BYTES);
	memcpy(r->writer, a->keys->writer_public, sizeof(r->writer));
	memset(r->mark.head, 0x5a, HASH_BYTES);
	const struct vault_at at = vault_here(a->vault, (enum lane)lane, r->mark.seq);
	if (!w->is_foreign)
		assert_ok(vault_hash(a->vault, &at, r->mark.head));
	ack->has_receipt = true;
	lane_sign(&act, w->is_unsigned ? a->keys->writer : a->receipt);
	buf_init(&plain, SYNC_FRAME_MAX_BYTES);
	assert_ok(sync_pack(&plain, &act.msg));
	put_box(a, sum, BUNDLE_MESSAGE, buf_view(&plain), boxes);
}

static void
put_want(struct away *a, const struct answer *w, struct bundle_sum *sum, struct buf *boxes)
{
	OWNED_BUF struct buf plain;
	const struct sync_msg m = {.kind = SYNC_WANT, .want = w->want};
	buf_init(&plain, SYNC_FRAME_MAX_BYTES);
	assert_ok(sync_pack(&plain, &m));
	put_box(a, sum, BUNDLE_WANT, buf_view(&plain), boxes);
}

static void
put_answer(struct away *a, const struct answer *w, struct bundle_claim *c, struct buf *boxes)
{
	OWNED_BUF struct buf plain, end;
	const struct bundle_hub_state s = {.verdict = w->verdict ? w->verdict : SYNC_OK};
	*c = (struct bundle_claim){.head = {.way = BUNDLE_TO_NODE,
					   .number = ++a->number,
					   .epoch = w->epoch,
					   .wall_ms = 1000 + (int64_t)a->number}};
	memcpy(c->head.study, STUDY, sizeof(STUDY));
	memcpy(c->head.from, a->card.receipt_public, sizeof(c->head.from));
	memcpy(c->head.to, a->keys->writer_public, sizeof(c->head.to));
	bundle_sum_begin(&c->sum, &c->head);
	buf_init(&plain, BUNDLE_STATE_MAX_BYTES);
	bundle_hub_state_write(&plain, &s);
	put_box(a, &c->sum, BUNDLE_STATE, buf_view(&plain), boxes);
	for (uint8_t lane = LANE_C; lane <= LANE_A; lane++)
		if (w->durable[lane - 1])
			put_ack(a, w, lane, &c->sum, boxes);
	if (w->want.count)
		put_want(a, w, &c->sum, boxes);
	buf_init(&end, BUNDLE_HEAD_MAX_BYTES);
	bundle_end(&end, &c->sum, a->receipt);
	memcpy(c->signature, end.at + end.len - SIGNATURE_BYTES, SIGNATURE_BYTES);
}

static enum err
open_claim(struct away *a, const struct bundle_claim *c)
{
	OWNED_BUF struct buf claim, fields, out;
	buf_init(&claim, BUNDLE_PIECE_MAX_BYTES);
	buf_init(&fields, BUNDLE_PIECE_MAX_BYTES);
	buf_init(&out, BUNDLE_PIECE_MAX_BYTES);
	bundle_claim_write(&claim, c);
	buf_blob(&fields, buf_view(&claim));
	return ask(a, SYNC_BUNDLE_OPEN, buf_view(&fields), &out);
}

static enum err
hand_in(struct away *a, const struct bundle_claim *c, struct view boxes)
{
	OWNED_BUF struct buf out;
	struct cursor left = cursor_of(boxes);
	buf_init(&out, BUNDLE_PIECE_MAX_BYTES);
	enum err e = open_claim(a, c);
	while (!e && left.left) {
		OWNED_BUF struct buf fields;
		buf_init(&fields, 2 * BUNDLE_PIECE_MAX_BYTES);
		buf_u8(&fields, cursor_u8(&left));
		buf_blob(&fields, cursor_blob(&left));
		e = ask(a, SYNC_BUNDLE_GIVE, buf_view(&fields), &out);
	}
	return e ? e : ask(a, SYNC_BUNDLE_CLOSE, view_of(NULL, 0), &out);
}

static enum err
read_answer(struct away *a, const struct answer *w)
{
	OWNED_BUF struct buf boxes;
	struct bundle_claim c;
	buf_init(&boxes, (size_t)4 << 20);
	put_answer(a, w, &c, &boxes);
	return hand_in(a, &c, buf_view(&boxes));
}

static uint64_t
at_hub(struct away *a, enum lane lane)
{
	struct vault_mark m;
	assert_ok(vault_mark_get(a->vault, lane, &m));
	vault_abort(a->vault);
	return m.at_hub;
}

/* tests */

static void
a_bundle_has_all_without_a_receipt_control_first(void **state)
{
	struct away *a = *state;
	struct content c;
	away_write(a, LANE_R, 300);
	away_write(a, LANE_C, 3);
	away_write(a, LANE_A, 2);
	write_bundle(a, false, &c);
	assert_int_equal(c.number, 1);
	assert_int_equal(c.order[0], LANE_C);
	assert_int_equal(c.order[1], LANE_A);
	assert_int_equal(c.order[2], LANE_R);
	for (size_t i = 0; i < LANE_COUNT; i++) {
		assert_int_equal(c.first[i], 1);
		assert_int_equal(c.last[i], c.state.last[i].seq);
	}
	assert_int_equal(c.last[LANE_R - 1], 300);
	assert_int_equal(c.floor[LANE_C - 1], 0);
	assert_int_equal(c.floor[LANE_R - 1], 3);
	/* Nothing was heard: the next one has all of it again. */
	write_bundle(a, false, &c);
	assert_int_equal(c.number, 2);
	assert_int_equal(c.first[LANE_R - 1], 1);
	assert_int_equal(at_hub(a, LANE_R), 0);
}

static void
a_receipt_that_came_in_a_bundle_is_where_the_next_one_begins(void **state)
{
	struct away *a = *state;
	struct content c;
	away_write(a, LANE_C, 2);
	away_write(a, LANE_R, 5);
	assert_ok(read_answer(a, &(struct answer){.durable = {2, 5}, .epoch = 1}));
	assert_int_equal(at_hub(a, LANE_C), 2);
	assert_int_equal(at_hub(a, LANE_R), 5);
	away_write(a, LANE_R, 4);
	write_bundle(a, false, &c);
	assert_int_equal(c.batch_count, 1);
	assert_int_equal(c.first[LANE_R - 1], 6);
	assert_int_equal(c.last[LANE_R - 1], 9);
	write_bundle(a, true, &c);
	assert_int_equal(c.first[LANE_R - 1], 1);
	assert_int_equal(c.first[LANE_C - 1], 1);
}

/* Row 38 with bundles: a hub that was restored says less; what it lacks comes again. */
static void
a_restored_hub_is_given_again_what_it_lacks(void **state)
{
	struct away *a = *state;
	struct content c;
	away_write(a, LANE_R, 8);
	assert_ok(read_answer(a, &(struct answer){.durable = {0, 8}, .epoch = 1}));
	assert_ok(read_answer(a, &(struct answer){.durable = {0, 3}, .epoch = 2}));
	assert_int_equal(at_hub(a, LANE_R), 8);
	write_bundle(a, false, &c);
	assert_int_equal(c.first[LANE_R - 1], 4);
	/* One of before the restore that is read late says nothing any more. */
	a->number = 0;
	assert_ok(read_answer(a, &(struct answer){.durable = {0, 8}, .epoch = 1}));
	write_bundle(a, false, &c);
	assert_int_equal(c.first[LANE_R - 1], 4);
}

/* Row 72: twice, and of somebody else. */
static void
an_answer_counts_once_and_only_from_the_own_hub(void **state)
{
	struct away *a = *state;
	OWNED_BUF struct buf boxes;
	struct bundle_claim good, c;
	buf_init(&boxes, (size_t)4 << 20);
	away_write(a, LANE_R, 5);
	put_answer(a, &(struct answer){.durable = {0, 5}, .epoch = 1}, &good, &boxes);
	c = good;
	c.head.way = BUNDLE_TO_HUB;
	assert_err(open_claim(a, &c), E_DENIED);
	c = good;
	memcpy(c.head.study, "another", sizeof("another"));
	assert_err(open_claim(a, &c), E_DENIED);
	c = good;
	c.head.to[5] ^= 1;
	assert_err(open_claim(a, &c), E_DENIED);
	c = good;
	c.head.from[5] ^= 1;
	assert_err(open_claim(a, &c), E_DENIED);
	c = good;
	c.signature[5] ^= 1;
	assert_err(open_claim(a, &c), E_AUTH);
	assert_int_equal(at_hub(a, LANE_R), 0);
	assert_ok(hand_in(a, &good, buf_view(&boxes)));
	assert_ok(hand_in(a, &good, buf_view(&boxes)));
	assert_int_equal(at_hub(a, LANE_R), 5);
	const struct answer forged = {.durable = {0, 4}, .epoch = 1, .is_unsigned = true};
	assert_err(read_answer(a, &forged), E_AUTH);
}

static void
frames_that_are_not_those_of_the_claim_are_found(void **state)
{
	struct away *a = *state;
	OWNED_BUF struct buf boxes, out;
	struct bundle_claim c;
	buf_init(&boxes, (size_t)4 << 20);
	buf_init(&out, BUNDLE_PIECE_MAX_BYTES);
	away_write(a, LANE_R, 5);
	put_answer(a, &(struct answer){.durable = {0, 5}, .epoch = 1}, &c, &boxes);
	assert_ok(open_claim(a, &c));
	assert_err(ask(a, SYNC_BUNDLE_CLOSE, view_of(NULL, 0), &out), E_AUTH);
	assert_err(ask(a, SYNC_BUNDLE_CLOSE, view_of(NULL, 0), &out), E_NOTFOUND);
	boxes.at[20] ^= 1;
	assert_err(hand_in(a, &c, buf_view(&boxes)), E_AUTH);
	assert_int_equal(at_hub(a, LANE_R), 0);
}

/* Rows 44 and 47: a copy, or a node that was restored, hears of it by a receipt. */
static void
a_receipt_for_what_is_not_here_stops_the_node_in_words(void **state)
{
	struct away *a = *state;
	away_write(a, LANE_R, 5);
	const struct answer w = {.durable = {0, 9}, .epoch = 1, .is_foreign = true};
	assert_err(read_answer(a, &w), E_CONFLICT);
	assert_int_equal(sync_link_node(a->link)->state, LANE_STOPPED);
	assert_int_equal(sync_link_node(a->link)->verdict, SYNC_BEHIND);
	away_write(a, LANE_R, 1); /* collecting goes on */
}

static void
a_verdict_against_the_node_counts_from_the_newest_bundle_only(void **state)
{
	struct away *a = *state;
	OWNED_BUF struct buf boxes;
	struct bundle_claim old;
	const struct answer apart = {.epoch = 1, .verdict = SYNC_FORK};
	buf_init(&boxes, (size_t)4 << 20);
	put_answer(a, &apart, &old, &boxes);
	assert_ok(read_answer(a, &(struct answer){.epoch = 1}));
	assert_ok(hand_in(a, &old, buf_view(&boxes)));
	assert_int_equal(sync_link_node(a->link)->state, LANE_OFFLINE);
	assert_err(read_answer(a, &apart), E_DENIED);
	assert_int_equal(sync_link_node(a->link)->state, LANE_STOPPED);
}

static void
one_bundle_each_way_at_a_time(void **state)
{
	struct away *a = *state;
	OWNED_BUF struct buf out;
	const uint8_t begin[10] = {1}, go_on[] = {0};
	struct cursor c = cursor_of(view_of(begin, sizeof(begin)));
	buf_init(&out, 2 * BUNDLE_PIECE_MAX_BYTES);
	assert_err(ask(a, SYNC_BUNDLE_TAKE, view_of(go_on, 1), &out), E_NOTFOUND);
	assert_ok(ask(a, SYNC_BUNDLE_TAKE, view_of(begin, sizeof(begin)), &out));
	assert_err(bundles_serve(a->bundles, SYNC_BUNDLE_TAKE, view_text("other"), &c, &out),
		E_BUSY);
	/* Who began it may begin anew. */
	assert_ok(ask(a, SYNC_BUNDLE_TAKE, view_of(begin, sizeof(begin)), &out));
}

/* files */

/* A submission in this state with one file of so many chunks; gives its root. */
static void
put_file(struct away *a, enum sync_state state, uint8_t goes, uint32_t chunks, uint8_t *root)
{
	OWNED_BUF struct buf sealed;
	struct sync_submission s = {.state = state};
	struct sync_file_of of = {.now_s = 1};
	struct sync_file_in in = {
		.name = view_text("example.m4a"), .goes = goes, .plain_bytes = 9};
	size_t box = goes == FORM_SITE ? ATTACH_BOX_BYTES : 0,
	       len = box + (chunks - 1) * SEALED_BYTES + 1000;
	buf_init(&sealed, len);
	buf_reserve(&sealed, len);
	sealed.len = len;
	crypto_random(sealed.at, len);
	crypto_random(of.id, sizeof(of.id));
	in.sealed = buf_view(&sealed);
	assert_ok(attach_root(root, view_of(sealed.at + box, len - box)));
	assert_ok(sync_submission_put(a->vault, of.id, &s));
	assert_ok(sync_file_put(a->vault, &of, &in));
	away_end_turn(a);
}

static uint64_t
files_at_hub(struct away *a)
{
	struct sync_chunks_count n;
	assert_ok(sync_chunks_counts(a->vault, &n));
	vault_abort(a->vault);
	return n.sent;
}

/* Rows 56 and 57 by stick: so many pieces a bundle, and on from where the answer says. */
static void
files_go_in_pieces_from_where_the_hub_says(void **state)
{
	struct away *a = *state;
	struct content c;
	struct answer w = {.epoch = 1, .want = {.count = 5}};
	put_file(a, SUBMISSION_KEPT, FORM_HUB, 5, w.want.root);
	const struct {
		uint32_t says; /* next; UINT32_MAX: no answer was read */
		uint8_t room;
		size_t count;
		uint32_t first;
	} rows[] = {
		{UINT32_MAX, 0, 0, 0},
		{UINT32_MAX, 1, 1, 0},
		{UINT32_MAX, 1, 1, 0},
		{1, 1, 1, 1},
		{3, 4, 2, 3},
		{5, 4, 0, 0},
		{2, 4, 3, 2}, /* the hub was restored */
		{5, 4, 0, 0},
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		w.want.next = rows[i].says;
		if (rows[i].says != UINT32_MAX)
			assert_ok(read_answer(a, &w));
		write_some(a, false, rows[i].room, &c);
		assert_int_equal(c.piece_count, rows[i].count);
		for (size_t n = 0; n < c.piece_count; n++)
			assert_int_equal(c.pieces[n], rows[i].first + n);
		assert_int_equal(files_at_hub(a), i >= 5);
	}
	/* One of before that is read late says nothing any more. */
	a->number = 1;
	w.want.next = 0;
	assert_ok(read_answer(a, &w));
	write_bundle(a, false, &c);
	assert_int_equal(c.piece_count, 0);
}

static void
what_is_held_or_stays_at_the_site_is_in_no_bundle(void **state)
{
	static const struct {
		enum sync_state state;
		uint8_t goes;
		size_t pieces;
	} rows[] = {{SUBMISSION_HELD, FORM_HUB, 0}, {SUBMISSION_WAITING, FORM_HUB, 0},
		{SUBMISSION_KEPT, FORM_SITE, 0}, {SUBMISSION_KEPT, FORM_HUB, 2}};
	struct away *a = *state;
	uint8_t root[HASH_BYTES];
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct content c;
		put_file(a, rows[i].state, rows[i].goes, 2, root);
		write_bundle(a, false, &c);
		assert_int_equal(c.piece_count, rows[i].pieces);
	}
}

int
main(void)
{
#define EACH(test) cmocka_unit_test_setup_teardown(test, away_make, away_drop)
	const struct CMUnitTest tests[] = {
		EACH(a_bundle_has_all_without_a_receipt_control_first),
		EACH(a_receipt_that_came_in_a_bundle_is_where_the_next_one_begins),
		EACH(a_restored_hub_is_given_again_what_it_lacks),
		EACH(an_answer_counts_once_and_only_from_the_own_hub),
		EACH(frames_that_are_not_those_of_the_claim_are_found),
		EACH(a_receipt_for_what_is_not_here_stops_the_node_in_words),
		EACH(a_verdict_against_the_node_counts_from_the_newest_bundle_only),
		EACH(one_bundle_each_way_at_a_time),
		EACH(files_go_in_pieces_from_where_the_hub_says),
		EACH(what_is_held_or_stays_at_the_site_is_in_no_bundle),
	};
	if (crypto_init())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
