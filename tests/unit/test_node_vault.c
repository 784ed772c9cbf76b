#include "tests/unit/node_place.h"

#include <fcntl.h>
#include <unistd.h>

#include "common/store/store.h"
#include "node/sync_batch.h"
#include "node/vault_check.h"
#include "node/vault_inside.h"
#include "node/vault_prune.h"

#define ANSWER "sealed bytes of an example"

static struct sync_mark
append(struct place *p, enum lane lane, const char *rules, const char *answers)
{
	struct sync_mark at = {0};
	const struct entry_part parts[] = {
		{PART_RULES, view_text(rules)}, {PART_ANSWERS, view_text(answers)}};
	assert_ok(vault_append(p->vault, lane, parts, ARRAY_LEN(parts), &at));
	return at;
}

static void
begins_empty_and_keeps_what_was_committed(void **state)
{
	struct place *p = *state;
	uint8_t key[HASH_BYTES];
	assert_int_equal(vault_committed(p->vault, LANE_R).seq, 0);
	memcpy(key, vault_row_key(p->vault), sizeof(key));
	struct sync_mark at = append(p, LANE_R, "one", ANSWER);
	assert_int_equal(at.seq, 1);
	assert_int_equal(vault_committed(p->vault, LANE_R).seq, 0);
	assert_ok(vault_commit(p->vault));
	close_vault(p);
	open_vault(p);
	assert_int_equal(vault_committed(p->vault, LANE_R).seq, 1);
	assert_memory_equal(vault_committed(p->vault, LANE_R).head, at.head, HASH_BYTES);
	assert_memory_equal(vault_row_key(p->vault), key, sizeof(key));
	assert_int_equal(vault_incarnation(p->vault), 1);
}

static void
forgets_what_was_not_committed(void **state)
{
	struct place *p = *state;
	(void)append(p, LANE_C, "one", ANSWER);
	assert_ok(vault_commit(p->vault));
	(void)append(p, LANE_C, "two", ANSWER);
	vault_abort(p->vault);
	assert_int_equal(vault_head(p->vault, LANE_C).seq, 1);
	assert_int_equal(append(p, LANE_C, "another two", ANSWER).seq, 2);
	assert_ok(vault_commit(p->vault));
	(void)append(p, LANE_C, "three", ANSWER);
	close_vault(p);
	open_vault(p);
	assert_int_equal(vault_head(p->vault, LANE_C).seq, 2);
}

static void
chains_each_lane_by_itself(void **state)
{
	struct place *p = *state;
	struct wire_header first, second;
	OWNED_BUF struct buf a, b, part;
	buf_init(&a, WIRE_HEADER_MAX_BYTES);
	buf_init(&b, WIRE_HEADER_MAX_BYTES);
	buf_init(&part, 256);
	struct sync_mark one = append(p, LANE_R, "one", ANSWER);
	(void)append(p, LANE_C, "beside", ANSWER);
	(void)append(p, LANE_R, "two", ANSWER);
	assert_ok(vault_commit(p->vault));
	assert_ok(vault_header(p->vault, &AT(p->vault, LANE_R, 1), &a));
	assert_ok(vault_header(p->vault, &AT(p->vault, LANE_R, 2), &b));
	assert_ok(wire_header_unpack(&first, buf_view(&a)));
	assert_ok(wire_header_unpack(&second, buf_view(&b)));
	assert_ok(entry_chain_check(1, one.head, &second));
	assert_string_equal(second.study, STUDY);
	assert_memory_equal(second.writer, p->config.writer, SIGN_PUBLIC_BYTES);
	assert_ok(vault_part(p->vault, &AT(p->vault, LANE_R, 2), PART_ANSWERS, &part));
	assert_true(view_same(buf_view(&part), view_text(ANSWER)));
	assert_err(vault_part(p->vault, &AT(p->vault, LANE_R, 3), PART_ANSWERS, &part),
		E_NOTFOUND);
	assert_int_equal(first.seq, 1);
}

static void
names_entries_as_people_read_them(void **state)
{
	struct place *p = *state;
	char name[VAULT_NAME_BYTES], want[VAULT_NAME_BYTES];
	(void)snprintf(want, sizeof(want), "%02x%02x%02x%02x.1.R.17", p->config.writer[0],
		p->config.writer[1], p->config.writer[2], p->config.writer[3]);
	vault_name(p->vault, &AT(p->vault, LANE_R, 17), name);
	assert_string_equal(name, want);
}

static void
keeps_marks_and_receipts(void **state)
{
	struct place *p = *state;
	struct vault_mark m = {.durable = 9, .at_hub = 7}, got;
	m.receipt = (struct sync_receipt){
		.epoch = 3, .incarnation = 1, .lane = LANE_R, .mark.seq = 7, .wall_ms = 1000};
	memset(m.receipt.writer, 1, sizeof(m.receipt.writer));
	memset(m.receipt.mark.head, 2, sizeof(m.receipt.mark.head));
	memset(m.receipt.transcript, 3, sizeof(m.receipt.transcript));
	memset(m.receipt.signature, 4, sizeof(m.receipt.signature));
	assert_ok(vault_mark_get(p->vault, LANE_R, &got));
	assert_int_equal(got.durable, 0);
	assert_ok(vault_mark_put(p->vault, LANE_R, &m));
	assert_ok(vault_commit(p->vault));
	close_vault(p);
	open_vault(p);
	assert_ok(vault_mark_get(p->vault, LANE_R, &got));
	assert_int_equal(got.durable, 9);
	assert_int_equal(got.at_hub, 7);
	assert_int_equal(got.receipt.epoch, 3);
	assert_ok(vault_mark_get(p->vault, LANE_C, &got));
	assert_int_equal(got.at_hub, 0);
}

static void
belongs_to_one_installation(void **state)
{
	struct place *p = *state;
	struct vault_config other = p->config;
	struct vault *v = NULL;
	close_vault(p);
	other.writer[0] ^= 1;
	assert_err(vault_open(&v, &other), E_CONFLICT);
	other = p->config;
	other.study = "another-study";
	assert_err(vault_open(&v, &other), E_CONFLICT);
	assert_null(v);
	open_vault(p);
}

/* damage: rows changed behind the vault's back */

static const char *const all_tables[] = {"entries", "parts", "heads", "marks", "people",
	"persons", "instances", "consents", "documents", "meta"};

static void
change_store(struct place *p, void (*change)(struct store_txn *t))
{
	OWNED(store) struct store *s = NULL;
	struct store_txn *t = NULL;
	OWNED_MEM char *path = xasprintf("%s/vault", p->dir);
	struct store_config c = {.dir = path,
		.map_bytes = MAP_BYTES,
		.tables = all_tables,
		.table_count = ARRAY_LEN(all_tables)};
	assert_ok(store_open(&s, &c));
	assert_ok(store_write(&t, s));
	change(t);
	assert_ok(store_commit(t));
}

static void
lose_last_entry(struct store_txn *t)
{
	uint8_t place[PLACE_BYTES];
	vault_place(place, &(struct vault_at){1, LANE_R, 3});
	assert_ok(store_delete(t, TABLE_ENTRIES, view_of(place, sizeof(place))));
}

static void
lose_middle_entry(struct store_txn *t)
{
	uint8_t place[PLACE_BYTES];
	vault_place(place, &(struct vault_at){1, LANE_R, 2});
	assert_ok(store_delete(t, TABLE_ENTRIES, view_of(place, sizeof(place))));
}

static void
lose_head(struct store_txn *t)
{
	uint8_t place[PLACE_BYTES];
	vault_place(place, &(struct vault_at){1, LANE_R, 0});
	assert_ok(store_delete(t, TABLE_HEADS, view_of(place, PLACE_LANE_BYTES)));
}

static void
lose_owner(struct store_txn *t)
{
	assert_ok(store_delete(t, TABLE_META, view_text("who")));
}

/* One entry's row under the number of another: right in itself, wrong in its place. */
static void
move_entry(struct store_txn *t)
{
	uint8_t from[PLACE_BYTES], to[PLACE_BYTES];
	struct view row;
	vault_place(from, &(struct vault_at){1, LANE_R, 2});
	vault_place(to, &(struct vault_at){1, LANE_R, 3});
	assert_ok(store_get(t, TABLE_ENTRIES, view_of(from, sizeof(from)), &row));
	OWNED_MEM uint8_t *copy = xmemdup(row.at, row.len);
	assert_ok(store_put(t, TABLE_ENTRIES, view_of(to, sizeof(to)), view_of(copy, row.len)));
}

static void
change_byte(struct store_txn *t, enum table table, struct view key)
{
	struct view row;
	assert_ok(store_get(t, table, key, &row));
	OWNED_MEM uint8_t *copy = xmemdup(row.at, row.len);
	copy[row.len / 2] ^= 1;
	assert_ok(store_put(t, table, key, view_of(copy, row.len)));
}

static void
change_head(struct store_txn *t)
{
	uint8_t place[PLACE_BYTES];
	vault_place(place, &(struct vault_at){1, LANE_R, 0});
	change_byte(t, TABLE_HEADS, view_of(place, PLACE_LANE_BYTES));
}

static void
change_part(struct store_txn *t)
{
	uint8_t key[PLACE_PART_BYTES];
	vault_place(key, &(struct vault_at){1, LANE_R, 2});
	key[PLACE_BYTES] = PART_ANSWERS;
	change_byte(t, TABLE_PARTS, view_of(key, sizeof(key)));
}

static void
change_last_entry(struct store_txn *t)
{
	uint8_t place[PLACE_BYTES];
	vault_place(place, &(struct vault_at){1, LANE_R, 3});
	change_byte(t, TABLE_ENTRIES, view_of(place, sizeof(place)));
}

/* The head says what stood there: the site goes on, and the entry is asked for at the hub. */
static void
opens_with_a_last_entry_that_is_damaged_and_goes_on_behind_it(void **state)
{
	static void (*const changes[])(struct store_txn * t) = {change_last_entry, move_entry};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(changes); i++) {
		void *one = NULL;
		OWNED_BUF struct buf row;
		struct wire_header header;
		struct sync_mark last;
		assert_int_equal(make_place(&one), 0);
		struct place *p = one;
		for (int k = 0; k < 3; k++)
			last = append(p, LANE_R, "rules", ANSWER);
		assert_ok(vault_commit(p->vault));
		close_vault(p);
		change_store(p, changes[i]);
		assert_ok(vault_open(&p->vault, &p->config));
		buf_init(&row, WIRE_HEADER_MAX_BYTES);
		assert_err(vault_header(p->vault, &AT(p->vault, LANE_R, 3), &row), E_FORMAT);
		(void)append(p, LANE_R, "rules", ANSWER);
		buf_reset(&row);
		assert_ok(vault_header(p->vault, &AT(p->vault, LANE_R, 4), &row));
		assert_ok(wire_header_unpack(&header, buf_view(&row)));
		assert_memory_equal(header.prev, last.head, HASH_BYTES);
		assert_int_equal(drop_place(&one), 0);
	}
}

static void
finds_damage_when_it_is_opened(void **state)
{
	static const struct {
		const char *what;
		void (*change)(struct store_txn *t);
	} rows[] = {
		{"the last entry is gone", lose_last_entry},
		{"an entry in the middle is gone", lose_middle_entry},
		{"the head is gone", lose_head},
		{"the head is another", change_head},
		{"nobody knows whose it is", lose_owner},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		void *one = NULL;
		assert_int_equal(make_place(&one), 0);
		struct place *p = one;
		for (int k = 0; k < 3; k++)
			(void)append(p, LANE_R, "rules", ANSWER);
		assert_ok(vault_commit(p->vault));
		close_vault(p);
		change_store(p, rows[i].change);
		enum err e = vault_open(&p->vault, &p->config);
		if (e != E_FORMAT || !strstr(err_text(), "damaged"))
			fail_msg("%s: %s: %s", rows[i].what, err_word(e), err_text());
		assert_int_equal(drop_place(&one), 0);
	}
}

static void
finds_a_changed_part_when_it_is_read(void **state)
{
	struct place *p = *state;
	OWNED_BUF struct buf part;
	buf_init(&part, 256);
	for (int k = 0; k < 3; k++)
		(void)append(p, LANE_R, "rules", ANSWER);
	assert_ok(vault_commit(p->vault));
	close_vault(p);
	change_store(p, change_part);
	open_vault(p);
	assert_ok(vault_part(p->vault, &AT(p->vault, LANE_R, 1), PART_ANSWERS, &part));
	assert_err(
		vault_part(p->vault, &AT(p->vault, LANE_R, 2), PART_ANSWERS, &part), E_FORMAT);
}

/* batches */

static struct sync_reader_ask
ask_of(const struct place *p, uint64_t first, size_t max_bytes)
{
	return (struct sync_reader_ask){.incarnation = 1,
		.lane = LANE_R,
		.first = first,
		.max_bytes = max_bytes,
		.limit_bytes = max_bytes,
		.max_count = 256,
		.study = STUDY,
		.writer = p->config.writer,
		.key = p->writer};
}

static void
sends_committed_entries_only(void **state)
{
	struct place *p = *state;
	OWNED(sync_reader) struct sync_reader *r = sync_reader_new();
	const struct sync_batch *b = NULL;
	(void)append(p, LANE_R, "one", ANSWER);
	(void)append(p, LANE_R, "two", ANSWER);
	assert_ok(vault_commit(p->vault));
	(void)append(p, LANE_R, "three", ANSWER);
	struct sync_reader_ask ask = ask_of(p, 1, 100000);
	assert_ok(sync_reader_read(r, p->vault, &ask, &b));
	assert_int_equal(b->count, 2);
	assert_int_equal(b->entries[1].part_count, 2);
	assert_memory_equal(b->head, vault_committed(p->vault, LANE_R).head, HASH_BYTES);
	struct entry_head head = {.study = STUDY, .incarnation = 1, .lane = LANE_R, .seq = 2};
	memcpy(head.writer, p->config.writer, sizeof(head.writer));
	memcpy(head.hash, b->head, sizeof(head.hash));
	assert_ok(entry_head_verify(b->signature, &head));
}

static void
fills_a_batch_up_to_what_may_go(void **state)
{
	struct place *p = *state;
	OWNED(sync_reader) struct sync_reader *r = sync_reader_new();
	const struct sync_batch *b = NULL;
	for (int k = 0; k < 9; k++)
		(void)append(p, LANE_R, "rules", ANSWER);
	assert_ok(vault_commit(p->vault));
	struct sync_reader_ask ask = ask_of(p, 2, 100000);
	assert_ok(sync_reader_read(r, p->vault, &ask, &b));
	assert_int_equal(b->count, 8);
	ask = ask_of(p, 2, 1500);
	assert_ok(sync_reader_read(r, p->vault, &ask, &b));
	assert_in_range(b->count, 1, 7);
	ask = ask_of(p, 2, 100);
	assert_ok(sync_reader_read(r, p->vault, &ask, &b));
	assert_int_equal(b->count, 0);
}

/* N5: what is pruned is gone from the parts of records only, and nothing misses it. */
static void
prunes_sealed_parts_up_to_a_mark_and_is_whole_after_it(void **state)
{
	struct place *p = *state;
	OWNED_BY(findings_done) struct findings f = {.count = 0};
	OWNED_BUF struct buf part;
	uint64_t count = 0;
	buf_init(&part, 100000);
	for (int i = 0; i < 4; i++)
		(void)append(p, LANE_R, "rules", ANSWER);
	assert_ok(vault_commit(p->vault));
	assert_ok(vault_prune(p->vault, 3, 2, &count));
	assert_int_equal(count, 2);
	assert_ok(vault_prune(p->vault, 3, 2, &count));
	assert_int_equal(count, 1);
	assert_ok(vault_prune(p->vault, 3, 2, &count));
	assert_int_equal(count, 0);
	assert_ok(vault_commit(p->vault));
	assert_err(vault_part(p->vault, &AT(p->vault, LANE_R, 3), PART_ANSWERS, &part),
		E_NOTFOUND);
	assert_ok(vault_part(p->vault, &AT(p->vault, LANE_R, 3), PART_RULES, &part));
	assert_ok(vault_part(p->vault, &AT(p->vault, LANE_R, 4), PART_ANSWERS, &part));
	close_vault(p);
	open_vault(p);
	for (int deep = 0; deep < 2; deep++)
		assert_ok(vault_check(p->vault, deep, &f, NULL));
	assert_int_equal(f.count, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		at_a_node(begins_empty_and_keeps_what_was_committed),
		at_a_node(forgets_what_was_not_committed),
		at_a_node(chains_each_lane_by_itself),
		at_a_node(names_entries_as_people_read_them),
		at_a_node(keeps_marks_and_receipts),
		at_a_node(belongs_to_one_installation),
		cmocka_unit_test(finds_damage_when_it_is_opened),
		cmocka_unit_test(opens_with_a_last_entry_that_is_damaged_and_goes_on_behind_it),
		at_a_node(finds_a_changed_part_when_it_is_read),
		at_a_node(sends_committed_entries_only),
		at_a_node(fills_a_batch_up_to_what_may_go),
		at_a_node(prunes_sealed_parts_up_to_a_mark_and_is_whole_after_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
