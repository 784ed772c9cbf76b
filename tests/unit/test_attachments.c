#include "tests/unit/suite.h"

#include "common/trust/roots.h"
#include "hub/attachments.h"
#include "tests/unit/judge_bench.h"

/* A file by its number; its root stands for it, nothing here checks proofs. */
static struct roots_file
file(uint8_t number, uint32_t chunk_count)
{
	struct roots_file f = {.chunk_count = chunk_count, .plain_bytes = 1000};
	memset(f.root, number, sizeof(f.root));
	memset(f.id, number, sizeof(f.id));
	return f;
}

static struct place
place_of(const struct bench *b, uint64_t seq)
{
	struct place p = {.incarnation = 1, .lane = LANE_R, .seq = seq};
	memcpy(p.writer, b->norway->writer.public, sizeof(p.writer));
	return p;
}

static struct vault_txn *
turn(struct bench *b)
{
	struct vault_txn *t = NULL;
	assert_ok(hub_txn(&b->place->hub, &t));
	return t;
}

/* The record's roots part, and what the ledger makes of it. */
static void
name_files(struct bench *b, uint64_t seq, struct roots_file *list, size_t count)
{
	OWNED_BUF struct buf part;
	uint8_t key[PLACE_PART_KEY_BYTES];
	struct place p = place_of(b, seq);
	buf_init(&part, ROOTS_PART_MAX_BYTES);
	assert_ok(roots_pack(&part, list, count));
	place_part_key(key, &p, PART_ROOTS);
	assert_ok(vault_put(turn(b), VAULT_PARTS, view_of(key, sizeof(key)), buf_view(&part)));
	assert_ok(attachments_named(turn(b), &p, buf_view(&part)));
}

static struct lane_file
next_behind(struct bench *b, uint64_t cursor)
{
	struct lane_file f;
	assert_ok(attachments_next(turn(b), b->norway->writer.public, cursor, &f));
	return f;
}

static void
bring_chunks(struct bench *b, struct lane_file f)
{
	for (; f.next < f.count; f.next++)
		assert_ok(attachments_keep(
			turn(b), b->norway->writer.public, &f, view_text("sealed chunk")));
}

static void
commit(struct bench *b)
{
	assert_ok(hub_commit(&b->place->hub));
}

static bool
lacks(struct bench *b, uint64_t seq)
{
	struct place p = place_of(b, seq);
	bool ret = false;
	assert_ok(attachments_lacks(turn(b), &p, &ret));
	return ret;
}

/* Row 57. */
static void
a_record_is_held_until_all_its_files_have_come(void **state)
{
	struct bench *b = *state;
	struct wire_rules consent = node_consent(1, 1), record = node_record(1, 2);
	struct roots_file files[] = {file(9, 2), file(4, 1)};
	bench_open_sites(b);
	(void)bench_bring(b, b->norway, &consent);
	(void)bench_bring(b, b->norway, &record);
	assert_int_equal(
		bench_judge(b, b->norway, 1, RULES_USE_POOLED).verdict.outcome, RULES_PERMIT);
	name_files(b, 1, files, ARRAY_LEN(files));
	commit(b);
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		struct judged j = bench_judge(b, b->norway, 1, RULES_USE_POOLED);
		assert_int_equal(j.verdict.outcome, RULES_HOLD);
		assert_string_equal(j.reason, JUDGE_INCOMPLETE);
		struct lane_file f = next_behind(b, 0);
		assert_true(f.count > 0);
		bring_chunks(b, f);
		commit(b);
	}
	assert_int_equal(
		bench_judge(b, b->norway, 1, RULES_USE_POOLED).verdict.outcome, RULES_PERMIT);
	assert_int_equal(next_behind(b, 0).count, 0);
}

static uint64_t
lacking(struct bench *b)
{
	struct attachments_count count;
	assert_ok(attachments_counts(turn(b), b->norway->writer.public, &count));
	return count.records;
}

/* However many records name a file, a turn does not look at all of them. */
static void
a_file_that_many_records_name_is_finished_turn_by_turn(void **state)
{
	struct bench *b = *state;
	struct roots_file one = file(9, 1);
	const uint64_t all = 2 * ATTACHMENTS_TURN_COUNT + 10;
	for (uint64_t seq = 1; seq <= all; seq++)
		name_files(b, seq, &one, 1);
	commit(b);
	assert_int_equal(lacking(b), all);
	bring_chunks(b, next_behind(b, 0));
	assert_int_equal(lacking(b), all - ATTACHMENTS_TURN_COUNT);
	/* Nobody is asked for it any more. */
	while (next_behind(b, 0).count)
		assert_ok(attachments_sweep(turn(b), b->norway->writer.public));
	for (uint64_t left = all - ATTACHMENTS_TURN_COUNT; left;) {
		assert_ok(attachments_settle(turn(b)));
		commit(b);
		left -= MIN(left, (uint64_t)ATTACHMENTS_TURN_COUNT);
		assert_int_equal(lacking(b), left);
	}
	assert_ok(attachments_settle(turn(b)));
	assert_ok(attachments_settle(turn(b)));
}

static void
files_are_asked_for_in_the_order_in_which_records_named_them(void **state)
{
	struct bench *b = *state;
	struct roots_file first = file(9, 2), second = file(4, 3);
	struct attachments_count count;
	name_files(b, 1, &first, 1);
	name_files(b, 2, &second, 1);
	struct lane_file f = next_behind(b, 0);
	assert_memory_equal(f.root, first.root, HASH_BYTES);
	assert_int_equal(f.next, 0);
	assert_int_equal(f.count, 2);
	assert_memory_equal(next_behind(b, f.cursor).root, second.root, HASH_BYTES);
	assert_int_equal(next_behind(b, f.cursor + 1).count, 0);
	assert_ok(attachments_counts(turn(b), b->norway->writer.public, &count));
	assert_int_equal(count.files, 2);
	assert_int_equal(count.records, 2);
	/* Row 56: it goes on behind what is there. */
	assert_ok(attachments_keep(turn(b), b->norway->writer.public, &f, view_text("chunk")));
	assert_int_equal(next_behind(b, 0).next, 1);
	assert_int_equal(next_behind(b, 0).cursor, f.cursor);
	bring_chunks(b, next_behind(b, 0));
	/* One that is named later stands behind, whatever was finished meanwhile. */
	struct roots_file third = file(1, 1);
	name_files(b, 3, &third, 1);
	assert_true(next_behind(b, f.cursor + 1).count == 1);
	assert_ok(attachments_counts(turn(b), b->norway->writer.public, &count));
	assert_int_equal(count.files, 2);
	assert_int_equal(count.records, 2);
}

static void
only_the_next_chunk_is_kept(void **state)
{
	struct bench *b = *state;
	struct roots_file r = file(7, 2);
	const uint8_t *writer = b->norway->writer.public;
	name_files(b, 1, &r, 1);
	struct lane_file f = next_behind(b, 0);
	f.next = 1;
	assert_err(attachments_keep(turn(b), writer, &f, view_text("c")), E_CONFLICT);
	f.next = 0;
	assert_ok(attachments_keep(turn(b), writer, &f, view_text("c")));
	/* It came by a bundle and by a session: once more changes nothing. */
	assert_ok(attachments_keep(turn(b), writer, &f, view_text("d")));
	assert_int_equal(next_behind(b, 0).next, 1);
	f.next = 1;
	assert_ok(attachments_keep(turn(b), writer, &f, view_text("c")));
	f.next = 2;
	assert_err(attachments_keep(turn(b), writer, &f, view_text("c")), E_CONFLICT);
	memset(f.root, 8, sizeof(f.root));
	assert_err(attachments_keep(turn(b), writer, &f, view_text("c")), E_NOTFOUND);
}

static void
a_file_that_two_records_name_comes_once(void **state)
{
	struct bench *b = *state;
	struct roots_file r = file(7, 2), other = file(8, 1), both[] = {r, other};
	name_files(b, 1, &r, 1);
	name_files(b, 2, both, 2);
	bring_chunks(b, next_behind(b, 0));
	assert_false(lacks(b, 1));
	assert_true(lacks(b, 2));
	assert_memory_equal(next_behind(b, 0).root, other.root, HASH_BYTES);
	bring_chunks(b, next_behind(b, 0));
	assert_false(lacks(b, 2));
	name_files(b, 3, &r, 1);
	assert_false(lacks(b, 3));
}

static void
a_part_that_is_not_of_its_form_leaves_its_record_incomplete(void **state)
{
	struct bench *b = *state;
	struct place p = place_of(b, 1);
	struct roots_file r = file(7, 2), larger = file(7, 3);
	assert_ok(attachments_named(turn(b), &p, view_text("no roots")));
	assert_true(lacks(b, 1));
	assert_int_equal(next_behind(b, 0).count, 0);
	/* Nor can a root stand for files of two sizes. */
	name_files(b, 2, &r, 1);
	bring_chunks(b, next_behind(b, 0));
	name_files(b, 3, &larger, 1);
	assert_false(lacks(b, 2));
	assert_true(lacks(b, 3));
}

/* Bundles say the root only. */
/* It would spoil the turn of everybody, each time that somebody looks at it. */
static void
a_record_that_is_damaged_keeps_no_other_from_its_file(void **state)
{
	struct bench *b = *state;
	struct roots_file one = file(9, 1);
	struct place p = place_of(b, 1);
	uint8_t key[PLACE_PART_KEY_BYTES];
	name_files(b, 1, &one, 1);
	name_files(b, 2, &one, 1);
	place_part_key(key, &p, PART_ROOTS);
	assert_ok(vault_put(
		turn(b), VAULT_PARTS, view_of(key, sizeof(key)), view_text("damaged")));
	commit(b);
	bring_chunks(b, next_behind(b, 0));
	assert_ok(attachments_settle(turn(b)));
	assert_false(lacks(b, 2));
	assert_true(lacks(b, 1));
	/* Its node sends it again. */
	assert_ok(attachments_mended(turn(b), &p));
	assert_true(lacks(b, 1));
	OWNED_BUF struct buf part;
	buf_init(&part, ROOTS_PART_MAX_BYTES);
	assert_ok(roots_pack(&part, &one, 1));
	assert_ok(vault_put(turn(b), VAULT_PARTS, view_of(key, sizeof(key)), buf_view(&part)));
	assert_ok(attachments_mended(turn(b), &p));
	assert_false(lacks(b, 1));
}

static void
a_file_that_came_by_another_way_is_waited_for_no_more(void **state)
{
	struct bench *b = *state;
	struct roots_file r = file(7, 2), other = file(8, 1);
	struct attachments_count count;
	struct lane_file f;
	name_files(b, 1, &r, 1);
	name_files(b, 2, &other, 1);
	uint64_t cursor = next_behind(b, 0).cursor;
	assert_ok(attachments_of(turn(b), r.root, &f));
	assert_int_equal(f.count, 2);
	assert_int_equal(f.cursor, 0);
	bring_chunks(b, f);
	assert_false(lacks(b, 1));
	assert_int_equal(next_behind(b, 0).cursor, cursor + 1);
	assert_ok(attachments_sweep(turn(b), b->norway->writer.public));
	assert_int_equal(next_behind(b, 0).cursor, cursor + 1);
	assert_ok(attachments_counts(turn(b), b->norway->writer.public, &count));
	assert_int_equal(count.files, 1);
	assert_int_equal(count.records, 1);
	memset(f.root, 1, sizeof(f.root));
	assert_err(attachments_of(turn(b), f.root, &f), E_NOTFOUND);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		at_a_bench(a_record_is_held_until_all_its_files_have_come),
		at_a_bench(a_file_that_many_records_name_is_finished_turn_by_turn),
		at_a_bench(files_are_asked_for_in_the_order_in_which_records_named_them),
		at_a_bench(only_the_next_chunk_is_kept),
		at_a_bench(a_file_that_two_records_name_comes_once),
		at_a_bench(a_record_that_is_damaged_keeps_no_other_from_its_file),
		at_a_bench(a_file_that_came_by_another_way_is_waited_for_no_more),
		at_a_bench(a_part_that_is_not_of_its_form_leaves_its_record_incomplete),
	};
	if (crypto_init())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
