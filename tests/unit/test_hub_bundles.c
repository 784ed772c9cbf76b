#include "tests/unit/suite.h"

#include "common/sync/lane_carry.h"
#include "common/trust/merkle.h"
#include "common/trust/roots.h"
#include "hub/attachments.h"
#include "hub/bundles.h"
#include "hub/forward.h"
#include "hub/ipc.h"
#include "tests/unit/bundle_parcel.h"

#define CONFIG_NUMBER 1

struct two { /* a file of two pieces */
	const char *text[2];
	uint8_t leaves[2][HASH_BYTES], root[HASH_BYTES];
};

static struct two
two_of(const char *first, const char *second)
{
	struct two f = {.text = {first, second}};
	for (size_t i = 0; i < 2; i++)
		merkle_leaf(f.leaves[i], view_text(f.text[i]));
	merkle_join(f.root, (const uint8_t(*)[HASH_BYTES])f.leaves, 2);
	return f;
}

static void
add_chunk(struct parcel *p, struct line *l, const struct two *f, uint32_t index)
{
	OWNED_BUF struct buf plain;
	struct sync_msg m = {.kind = SYNC_CHUNK};
	memcpy(m.chunk.root, f->root, HASH_BYTES);
	m.chunk.index = index;
	m.chunk.bytes = view_text(f->text[index]);
	m.chunk.proof = view_of(f->leaves[1 - index], HASH_BYTES);
	buf_init(&plain, SYNC_FRAME_MAX_BYTES);
	assert_ok(sync_pack(&plain, &m));
	parcel_add_box(p, l, BUNDLE_CHUNK, buf_view(&plain));
}

/* As if a record of the node had named it. */
static void
name_file(struct line *l, uint64_t seq, const struct two *f)
{
	OWNED_BUF struct buf part;
	struct vault_txn *t;
	struct place at = {.incarnation = 1, .lane = LANE_R, .seq = seq};
	struct roots_file r = {.chunk_count = 2, .plain_bytes = 10};
	uint8_t key[PLACE_PART_KEY_BYTES];
	memcpy(r.root, f->root, HASH_BYTES);
	memcpy(at.writer, l->node->writer.public, sizeof(at.writer));
	buf_init(&part, ROOTS_PART_MAX_BYTES);
	assert_ok(roots_pack(&part, &r, 1));
	place_part_key(key, &at, PART_ROOTS);
	assert_ok(hub_txn(&l->place->hub, &t));
	assert_ok(vault_put(t, VAULT_PARTS, view_of(key, sizeof(key)), buf_view(&part)));
	assert_ok(attachments_named(t, &at, buf_view(&part)));
	line_end_turn(l);
}

/* tests */

/* Row 72: twice. */
static void
a_bundle_is_taken_once_however_often_it_comes(void **state)
{
	struct line *l = *state;
	line_add_one_person(l, 1);
	line_add_one_person(l, 2);
	uint64_t leaves = audit_size(l->place->hub.audit);
	assert_ok(parcel_import_all(l));
	assert_int_equal(line_rows(l, VAULT_ENTRIES), 4);
	assert_int_equal(line_rows(l, VAULT_RECORDS), 2);
	assert_int_equal(audit_size(l->place->hub.audit), leaves + 4);
	assert_ok(parcel_import_all(l));
	line_restart_ingest(l);
	assert_ok(parcel_import_all(l));
	assert_int_equal(line_rows(l, VAULT_ENTRIES), 4);
	assert_int_equal(audit_size(l->place->hub.audit), leaves + 4);
	/* No session, no token: the node was not heard. */
	static const uint8_t none[WIRE_ID_BYTES];
	struct standing s = line_standing_of(l);
	assert_memory_equal(s.token, none, sizeof(none));
	assert_memory_equal(s.pending, none, sizeof(none));
	/* The contact is as old as the bundle. */
	assert_int_equal(s.contact_s, 1);
}

/* The journal says that three control entries were there; the vault is an older one. */
static void
lose_three(struct line *l)
{
	struct sync_mark end = {.seq = 3};
	struct vault_txn *t;
	memcpy(end.head, l->node->lanes[LANE_C - 1][2].hash, sizeof(end.head));
	assert_ok(hub_txn(&l->place->hub, &t));
	forward_note_end(
		audit_forward(l->place->hub.audit), l->node->writer.public, 1, LANE_C, &end);
	line_end_turn(l);
	line_restart_ingest(l);
}

/* Row 38 by stick, where more is lost than a batch holds. */
static void
a_restored_hub_takes_batches_that_reach_the_place_it_had_and_no_others(void **state)
{
	struct line *l = *state;
	for (uint8_t i = 1; i <= 4; i++)
		line_add_one_person(l, i);
	lose_three(l);
	for (unsigned reaches = 0; reaches < 2; reaches++) {
		OWNED_PARCEL struct parcel p;
		OWNED_BUF struct buf out;
		OWNED(bundles) struct bundles *b = bundles_new(&l->place->hub, l->ingest);
		buf_init(&out, BUNDLE_PIECE_MAX_BYTES);
		parcel_begin(&p, l);
		parcel_add_run(&p, l, LANE_C, 1, 1);
		parcel_add_run(&p, l, LANE_C, 2, 2);
		if (reaches)
			parcel_add_run(&p, l, LANE_C, 3, 4);
		parcel_sign(&p, l);
		assert_int_equal(parcel_import(l, b, &p, &out), reaches ? OK : E_CONFLICT);
		assert_int_equal(line_rows(l, VAULT_ENTRIES), reaches ? 4 : 0);
	}
}

/* The state stands first, and the sum that was signed covers it only at the end. */
static void
what_a_bundle_says_of_the_node_counts_when_its_sum_is_checked(void **state)
{
	struct line *l = *state;
	for (unsigned whole = 0; whole < 2; whole++) {
		OWNED_PARCEL struct parcel p;
		OWNED_BUF struct buf out;
		OWNED(bundles) struct bundles *b = bundles_new(&l->place->hub, l->ingest);
		buf_init(&out, BUNDLE_PIECE_MAX_BYTES);
		parcel_begin_at(&p, l, CONFIG_NUMBER);
		parcel_sign(&p, l);
		assert_ok(parcel_open(l, b, &p));
		assert_ok(parcel_give(l, b, &p, 0));
		assert_int_equal(line_standing_of(l).manifest, 0);
		if (whole)
			assert_ok(
				parcel_ask(l, b, LEDGER_BUNDLE_CLOSE, view_of(NULL, 0), &out));
		assert_int_equal(line_standing_of(l).manifest, whole ? CONFIG_NUMBER : 0);
	}
}

static void
a_session_goes_on_where_the_bundle_ended(void **state)
{
	struct line *l = *state;
	line_add_one_person(l, 1);
	assert_ok(parcel_import_all(l));
	line_add_one_person(l, 2);
	line_start_node(l);
	line_connect(l);
	line_pump(l);
	assert_int_equal(l->lane.state, LANE_UP);
	assert_int_equal(line_rows(l, VAULT_ENTRIES), 4);
	/* And a bundle beside a session that is up changes nothing of it: the control entry
	 * comes by the session first, the record by the bundle. */
	line_add_one_person(l, 3);
	for (uint8_t lane = LANE_C; lane <= LANE_R; lane++) {
		const struct lane_event more = {
			.kind = LANE_APPENDED, .lane = lane, .mark = node_mark(l->node, lane)};
		line_step(l, &more);
	}
	assert_ok(parcel_import_all(l));
	line_pump(l);
	assert_int_equal(l->lane.state, LANE_UP);
	assert_int_equal(l->close_count, 0);
	assert_int_equal(line_rows(l, VAULT_ENTRIES), 6);
}

/* Who may write one, for whom: everything else is refused before a frame is opened. */
static void
only_what_an_admitted_node_wrote_for_this_hub_is_opened(void **state)
{
	struct line *l = *state;
	OWNED(bundles) struct bundles *b = bundles_new(&l->place->hub, l->ingest);
	OWNED_PARCEL struct parcel p;
	line_add_one_person(l, 1);
	parcel_pack_all(&p, l);
	const struct bundle_claim good = p.claim;
	struct fake_node *other = node_new(l->place, "sweden");
	p.claim.head.way = BUNDLE_TO_NODE;
	assert_err(parcel_open(l, b, &p), E_DENIED);
	p.claim = good;
	memcpy(p.claim.head.study, "another", sizeof("another"));
	assert_err(parcel_open(l, b, &p), E_DENIED);
	assert_non_null(strstr(err_text(), "another"));
	p.claim = good;
	p.claim.head.to[0] ^= 1;
	assert_err(parcel_open(l, b, &p), E_DENIED);
	p.claim = good;
	memcpy(p.claim.head.from, other->writer.public, sizeof(p.claim.head.from));
	assert_err(parcel_open(l, b, &p), E_AUTH);
	p.claim = good;
	p.claim.sum.hash[3] ^= 1;
	assert_err(parcel_open(l, b, &p), E_AUTH);
	p.claim = good;
	assert_ok(parcel_open(l, b, &p));
	node_free(other);
	assert_int_equal(line_rows(l, VAULT_ENTRIES), 0);
}

/* Row 72: a stranger, and a node that was revoked before it or while it was read. */
static void
nothing_of_a_stranger_or_a_revoked_node_is_taken(void **state)
{
	struct line *l = *state;
	OWNED(bundles) struct bundles *b = bundles_new(&l->place->hub, l->ingest);
	OWNED_PARCEL struct parcel p;
	struct vault_txn *t;
	line_add_one_person(l, 1);
	parcel_pack_all(&p, l);
	assert_ok(parcel_open(l, b, &p));
	assert_ok(parcel_give(l, b, &p, 0));
	l->node->writer.revoked_s = PLACE_NOW_S;
	assert_ok(hub_txn(&l->place->hub, &t));
	assert_ok(writer_put(t, &l->node->writer));
	line_end_turn(l);
	assert_err(parcel_give(l, b, &p, 1), E_DENIED);
	assert_err(parcel_open(l, b, &p), E_DENIED);
	assert_non_null(strstr(err_text(), "revoked"));
	assert_int_equal(line_rows(l, VAULT_ENTRIES), 0);
	uint8_t public[SIGN_PUBLIC_BYTES];
	OWNED_SECRET struct secret *key = NULL;
	OWNED_BUF struct buf end;
	sign_keypair(public, &key);
	memcpy(p.claim.head.from, public, sizeof(public));
	buf_init(&end, BUNDLE_HEAD_MAX_BYTES);
	bundle_end(&end, &p.claim.sum, key);
	memcpy(p.claim.signature, end.at + end.len - SIGNATURE_BYTES, SIGNATURE_BYTES);
	assert_err(parcel_open(l, b, &p), E_NOTFOUND);
}

/* Row 28: the second copy of a node writes bundles, too. */
static void
a_bundle_that_contradicts_sets_the_node_apart(void **state)
{
	struct line *l = *state;
	line_add_one_person(l, 1);
	assert_ok(parcel_import_all(l));
	node_wipe(l->node);
	line_add_one_person(l, 2);
	assert_err(parcel_import_all(l), E_DENIED);
	assert_int_equal(line_standing_of(l).standing, SYNC_FORK);
	assert_int_equal(line_rows(l, VAULT_ENTRIES), 2);
	assert_err(parcel_import_all(l), E_DENIED);
	assert_non_null(strstr(err_text(), "looked at it"));
}

static void
a_gap_and_a_later_incarnation_are_refused_in_words(void **state)
{
	struct line *l = *state;
	OWNED(bundles) struct bundles *b = bundles_new(&l->place->hub, l->ingest);
	OWNED_BUF struct buf out;
	buf_init(&out, BUNDLE_PIECE_MAX_BYTES);
	line_add_one_person(l, 1);
	line_add_one_person(l, 2);
	{
		OWNED_PARCEL struct parcel p;
		parcel_begin(&p, l);
		parcel_add_batch(&p, l, LANE_C, 2);
		parcel_sign(&p, l);
		assert_err(parcel_import(l, b, &p, &out), E_CONFLICT);
		assert_non_null(strstr(err_text(), "--all"));
	}
	{
		OWNED_PARCEL struct parcel p;
		parcel_begin(&p, l);
		parcel_add_batch(&p, l, LANE_R, 1);
		parcel_sign(&p, l);
		assert_err(parcel_import(l, b, &p, &out), E_CONFLICT);
		assert_non_null(strstr(err_text(), "control"));
	}
	struct sync_mark ends[LANE_COUNT] = {{0}};
	node_rebase(l->node, 2, 1, ends);
	line_add_one_person(l, 3);
	assert_err(parcel_import_all(l), E_CONFLICT);
	assert_non_null(strstr(err_text(), "connect"));
	assert_int_equal(line_rows(l, VAULT_ENTRIES), 0);
	assert_int_equal(line_standing_of(l).standing, SYNC_OK);
}

/* Row 72: frames that are not those of the claim. */
static void
frames_that_changed_while_they_were_read_are_found_at_the_end(void **state)
{
	struct line *l = *state;
	OWNED(bundles) struct bundles *b = bundles_new(&l->place->hub, l->ingest);
	OWNED_PARCEL struct parcel p;
	OWNED_BUF struct buf out;
	buf_init(&out, BUNDLE_PIECE_MAX_BYTES);
	line_add_one_person(l, 1);
	parcel_pack_all(&p, l);
	assert_ok(parcel_open(l, b, &p));
	assert_ok(parcel_give(l, b, &p, 0));
	assert_err(parcel_ask(l, b, LEDGER_BUNDLE_CLOSE, view_of(NULL, 0), &out), E_AUTH);
	assert_err(parcel_give(l, b, &p, 1), E_NOTFOUND);
	assert_ok(parcel_open(l, b, &p));
	assert_err(parcel_give(l, b, &p, 1), E_FORMAT);
	assert_ok(parcel_open(l, b, &p));
	assert_ok(parcel_give(l, b, &p, 0));
	p.boxes[1].at[40] ^= 1;
	assert_err(parcel_give(l, b, &p, 1), E_AUTH);
	assert_int_equal(line_rows(l, VAULT_ENTRIES), 0);
}

/* writing */

/* Reads a bundle for the node out of the desk; counts its receipts and parts of the study. */
struct reading {
	struct buf bytes;
	size_t at, receipts, parts, logs, wants;
	struct sync_want want[2];
	struct bundle_hub_state state;
	struct sync_receipt receipt[LANE_COUNT];
};

static enum err
read_bytes(void *arg, uint8_t *to, size_t len, size_t *ret_len)
{
	struct reading *r = arg;
	*ret_len = MIN(len, r->bytes.len - r->at);
	memcpy(to, r->bytes.at + r->at, *ret_len);
	r->at += *ret_len;
	return OK;
}

static void
look_at(struct line *l, struct reading *r, enum bundle_kind kind, struct view box)
{
	OWNED_BUF struct buf plain;
	struct sync_msg m;
	buf_init(&plain, SYNC_FRAME_MAX_BYTES);
	assert_ok(box_open(&plain, box, l->node->box));
	if (kind == BUNDLE_STATE) {
		assert_ok(bundle_hub_state_read(&r->state, buf_view(&plain)));
		return;
	}
	if (kind == BUNDLE_TERMS)
		return;
	l->arena.used = 0;
	assert_ok(sync_unpack(&m, &l->arena, buf_view(&plain)));
	r->parts += m.kind == SYNC_CFG_PART;
	r->logs += m.kind == SYNC_LOG && m.log.note.len > 0;
	if (kind == BUNDLE_WANT && r->wants < ARRAY_LEN(r->want))
		r->want[r->wants++] = m.want;
	if (m.kind != SYNC_ACK || !m.ack.has_receipt)
		return;
	assert_true(lane_receipt_check(&m.ack.receipt, l->place->keys->receipt_public));
	r->receipt[m.ack.receipt.lane - 1] = m.ack.receipt;
	r->receipts++;
}

static void
take_all(struct line *l, struct bundles *b, struct view begin, struct reading *r)
{
	const uint8_t go_on = 0;
	struct view fields = begin;
	uint8_t more = 1;
	*r = (struct reading){.receipts = 0};
	buf_init(&r->bytes, (size_t)32 << 20);
	while (more) {
		OWNED_BUF struct buf out;
		buf_init(&out, 2 * BUNDLE_PIECE_MAX_BYTES);
		assert_ok(parcel_ask(l, b, LEDGER_BUNDLE_TAKE, fields, &out));
		struct cursor c = cursor_of(buf_view(&out));
		more = cursor_u8(&c);
		buf_add_view(&r->bytes, cursor_blob(&c));
		(void)cursor_blob(&c);
		assert_ok(cursor_end(&c, "piece"));
		fields = view_of(&go_on, sizeof(go_on));
	}
	OWNED_BUNDLE struct bundle_reader reader;
	enum bundle_kind kind = BUNDLE_STATE;
	struct view box;
	assert_ok(bundle_open(&reader, read_bytes, r));
	while (kind != BUNDLE_END) {
		assert_ok(bundle_next(&reader, &kind, &box));
		if (kind != BUNDLE_END)
			look_at(l, r, kind, box);
	}
	assert_memory_equal(
		reader.claim.head.from, l->place->keys->receipt_public, SIGN_PUBLIC_BYTES);
	assert_memory_equal(reader.claim.head.to, l->node->writer.public, SIGN_PUBLIC_BYTES);
	buf_done(&r->bytes);
}

static void
an_answer_brings_receipts_over_a_checkpoint_and_the_study(void **state)
{
	struct line *l = *state;
	OWNED(bundles) struct bundles *b = bundles_new(&l->place->hub, l->ingest);
	OWNED_PARCEL struct parcel p;
	OWNED_BUF struct buf out;
	const uint8_t answer[] = {1, 1};
	struct reading r;
	buf_init(&out, 2 * BUNDLE_PIECE_MAX_BYTES);
	line_add_one_person(l, 1);
	parcel_pack_all(&p, l);
	assert_err(parcel_ask(l, b, LEDGER_BUNDLE_TAKE, view_of(answer, 2), &out), E_NOTFOUND);
	assert_ok(parcel_import(l, b, &p, &out));
	/* No receipt before a checkpoint has the entries. */
	buf_reset(&out);
	assert_err(parcel_ask(l, b, LEDGER_BUNDLE_TAKE, view_of(answer, 2), &out), E_BUSY);
	line_publish(l);
	bundles_published(b);
	take_all(l, b, view_of(answer, 2), &r);
	assert_int_equal(r.receipts, 2);
	assert_int_equal(r.receipt[LANE_R - 1].mark.seq, 1);
	assert_int_equal(r.receipt[LANE_R - 1].checkpoint.seq,
		audit_published_size(l->place->hub.audit));
	assert_memory_equal(r.receipt[LANE_R - 1].transcript, p.claim.sum.hash, HASH_BYTES);
	assert_memory_equal(r.state.answers, p.claim.sum.hash, HASH_BYTES);
	assert_int_equal(r.state.verdict, SYNC_OK);
	assert_int_equal(r.state.config, 1);
	assert_true(r.parts > 1);
	assert_int_equal(r.logs, 1);
}

static void
a_bundle_is_written_for_a_node_by_name_site_or_digits(void **state)
{
	static const char *const wrong[] = {"iceland", "0000000", "00000000", ""};
	struct line *l = *state;
	OWNED(bundles) struct bundles *b = bundles_new(&l->place->hub, l->ingest);
	OWNED_BUF struct buf asks, out;
	struct reading r;
	buf_init(&asks, 256);
	buf_init(&out, 2 * BUNDLE_PIECE_MAX_BYTES);
	line_publish(l);
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		buf_reset(&asks);
		buf_add(&asks, "\x01\x02", 2);
		buf_blob_text(&asks, wrong[i]);
		assert_err(parcel_ask(l, b, LEDGER_BUNDLE_TAKE, buf_view(&asks), &out),
			E_NOTFOUND);
	}
	buf_reset(&asks);
	buf_add(&asks, "\x01\x02", 2);
	buf_blob_text(&asks, "norway");
	take_all(l, b, buf_view(&asks), &r);
	assert_int_equal(r.receipts, 0);
	assert_true(r.parts > 1);
}

/* Row 56 without a session; what comes again, or is of nothing here, changes nothing. */
static void
pieces_of_files_are_kept_and_the_answer_says_how_far(void **state)
{
	struct line *l = *state;
	OWNED(bundles) struct bundles *b = bundles_new(&l->place->hub, l->ingest);
	const struct two named = two_of("one", "two"), other = two_of("three", "four"),
			 unknown = two_of("five", "six");
	const uint8_t answer[] = {1, 1};
	static const struct {
		uint32_t first, last, next; /* what comes of `named`, and what is there then */
	} rows[] = {{1, 1, 0}, {0, 0, 1}, {0, 1, 2}, {0, 1, 2}};
	line_add_one_person(l, 1);
	assert_ok(parcel_import_all(l));
	name_file(l, 1, &named);
	name_file(l, 2, &other);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		OWNED_PARCEL struct parcel p;
		OWNED_BUF struct buf out;
		struct reading r;
		buf_init(&out, BUNDLE_PIECE_MAX_BYTES);
		parcel_begin(&p, l);
		for (uint32_t n = rows[i].first; n <= rows[i].last; n++)
			add_chunk(&p, l, &named, n);
		add_chunk(&p, l, &unknown, 0);
		parcel_sign(&p, l);
		assert_ok(parcel_import(l, b, &p, &out));
		line_publish(l);
		bundles_published(b);
		take_all(l, b, view_of(answer, 2), &r);
		assert_int_equal(r.wants, 2);
		assert_memory_equal(r.want[0].root, named.root, HASH_BYTES);
		assert_int_equal(r.want[0].next, rows[i].next);
		assert_memory_equal(r.want[1].root, other.root, HASH_BYTES);
		assert_int_equal(r.want[1].next, 0);
	}
	OWNED_PARCEL struct parcel p;
	struct two wrong = other;
	wrong.text[0] = "changed";
	parcel_begin(&p, l);
	add_chunk(&p, l, &wrong, 0);
	parcel_sign(&p, l);
	assert_ok(parcel_open(l, b, &p));
	assert_ok(parcel_give(l, b, &p, 0));
	assert_err(parcel_give(l, b, &p, 1), E_AUTH);
}

int
main(void)
{
#define EACH(test) cmocka_unit_test_setup_teardown(test, line_make, line_drop)
	const struct CMUnitTest tests[] = {
		EACH(a_bundle_is_taken_once_however_often_it_comes),
		EACH(a_restored_hub_takes_batches_that_reach_the_place_it_had_and_no_others),
		EACH(what_a_bundle_says_of_the_node_counts_when_its_sum_is_checked),
		EACH(a_session_goes_on_where_the_bundle_ended),
		EACH(only_what_an_admitted_node_wrote_for_this_hub_is_opened),
		EACH(nothing_of_a_stranger_or_a_revoked_node_is_taken),
		EACH(a_bundle_that_contradicts_sets_the_node_apart),
		EACH(a_gap_and_a_later_incarnation_are_refused_in_words),
		EACH(frames_that_changed_while_they_were_read_are_found_at_the_end),
		EACH(an_answer_brings_receipts_over_a_checkpoint_and_the_study),
		EACH(a_bundle_is_written_for_a_node_by_name_site_or_digits),
		EACH(pieces_of_files_are_kept_and_the_answer_says_how_far),
	};
	if (crypto_init())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
