#include "tests/unit/suite.h"

#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/base/mem.h"
#include "common/store/datafile.h"
#include "common/store/store.h"

#define MAP_BYTES   ((size_t)64 << 20)
#define LIMIT_BYTES ((size_t)1 << 20)

enum table { FISH, STONES, TABLE_COUNT };
static const char *const tables[] = {"fish", "stones"};

/* A directory of its own for each test; `dir` inside it does not exist yet. */
struct place {
	char root[32];
	char dir[48];
};

static int
make_place(void **state)
{
	struct place *p = xcalloc(1, sizeof(*p));
	(void)snprintf(p->root, sizeof(p->root), "/tmp/weir-store-XXXXXX");
	if (!mkdtemp(p->root))
		return -1;
	(void)snprintf(p->dir, sizeof(p->dir), "%s/s", p->root);
	*state = p;
	return 0;
}

static int
drop_place(void **state)
{
	struct place *p = *state;
	OWNED_MEM char *command = xasprintf("rm -rf '%s'", p->root);
	int rc = system(command);
	free(p);
	return rc;
}

static struct store_config
config_of(const char *dir)
{
	return (struct store_config){.dir = dir,
		.map_bytes = MAP_BYTES,
		.tables = tables,
		.table_count = TABLE_COUNT};
}

static struct store *
open_at(const char *dir)
{
	struct store *s = NULL;
	struct store_config c = config_of(dir);
	assert_ok(store_open(&s, &c));
	return s;
}

static void
keep(struct store *s, enum table table, const char *key, const char *value)
{
	struct store_txn *t = NULL;
	assert_ok(store_write(&t, s));
	assert_ok(store_put(t, table, view_text(key), view_text(value)));
	assert_ok(store_commit(t));
}

static void
assert_value(struct store_txn *t, enum table table, const char *key, const char *value)
{
	struct view got;
	assert_ok(store_get(t, table, view_text(key), &got));
	assert_true(view_same(got, view_text(value)));
}

static void
assert_kept(struct store *s, enum table table, const char *key, const char *value)
{
	OWNED(store_txn) struct store_txn *t = NULL;
	assert_ok(store_read(&t, s));
	assert_value(t, table, key, value);
}

/* ---- rows ---- */

static void
what_was_committed_is_there_after_opening_again(void **state)
{
	const struct place *p = *state;
	struct store *s = open_at(p->dir);
	keep(s, FISH, "eel", "long");
	keep(s, STONES, "eel", "not this one");
	store_free(s);
	OWNED(store) struct store *again = open_at(p->dir);
	assert_kept(again, FISH, "eel", "long");
	assert_kept(again, STONES, "eel", "not this one");
	struct stat st;
	assert_int_equal(stat(p->dir, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
}

static void
what_was_not_committed_changes_nothing(void **state)
{
	const struct place *p = *state;
	OWNED(store) struct store *s = open_at(p->dir);
	keep(s, FISH, "eel", "long");
	struct store_txn *t = NULL;
	assert_ok(store_write(&t, s));
	assert_ok(store_put(t, FISH, view_text("eel"), view_text("short")));
	assert_ok(store_put(t, FISH, view_text("pike"), view_text("sharp")));
	assert_value(t, FISH, "eel", "short");
	store_txn_free(t);
	assert_ok(store_read(&t, s));
	assert_value(t, FISH, "eel", "long");
	struct view got;
	assert_err(store_get(t, FISH, view_text("pike"), &got), E_NOTFOUND);
	store_txn_free(t);
}

static void
rows_are_put_new_deleted_and_counted(void **state)
{
	const struct place *p = *state;
	OWNED(store) struct store *s = open_at(p->dir);
	OWNED(store_txn) struct store_txn *t = NULL;
	uint64_t n = 9;
	assert_ok(store_write(&t, s));
	assert_ok(store_put_new(t, FISH, view_text("eel"), view_text("long")));
	assert_err(store_put_new(t, FISH, view_text("eel"), view_text("other")), E_CONFLICT);
	assert_value(t, FISH, "eel", "long");
	assert_ok(store_put_new(t, FISH, view_text("pike"), view_of(NULL, 0)));
	assert_ok(store_count(t, FISH, &n));
	assert_int_equal(n, 2);
	assert_ok(store_delete(t, FISH, view_text("eel")));
	assert_err(store_delete(t, FISH, view_text("eel")), E_NOTFOUND);
	assert_ok(store_count(t, FISH, &n));
	assert_int_equal(n, 1);
	assert_ok(store_commit(take(t)));
}

static void
keys_and_values_out_of_bounds_are_refused(void **state)
{
	const struct place *p = *state;
	OWNED(store) struct store *s = open_at(p->dir);
	OWNED(store_txn) struct store_txn *t = NULL;
	uint8_t key[STORE_KEY_MAX_BYTES + 1] = {1};
	struct view v = view_text("v");
	assert_ok(store_write(&t, s));
	assert_err(store_put(t, FISH, view_of(key, 0), v), E_FORMAT);
	assert_err(store_put(t, FISH, view_of(key, sizeof(key)), v), E_FORMAT);
	assert_err(store_put(t, FISH, view_of(key, 1), view_of(key, STORE_VALUE_MAX_BYTES + 1)),
		E_FORMAT);
	assert_ok(store_put(t, FISH, view_of(key, STORE_KEY_MAX_BYTES), v));
	assert_err(store_get(t, FISH, view_of(key, sizeof(key)), &v), E_NOTFOUND);
	assert_err(store_get(t, FISH, view_of(key, 0), &v), E_NOTFOUND);
	assert_ok(store_commit(take(t)));
}

static void
a_second_writer_and_a_written_snapshot_are_refused(void **state)
{
	const struct place *p = *state;
	OWNED(store) struct store *s = open_at(p->dir);
	struct store_txn *first = NULL, *second = NULL, *snapshot = NULL;
	assert_ok(store_write(&first, s));
	assert_err(store_write(&second, s), E_BUSY);
	assert_err(store_write_reserve(&second, s), E_BUSY);
	assert_null(second);
	store_txn_free(first);
	assert_ok(store_read(&snapshot, s));
	assert_err(store_put(snapshot, FISH, view_text("k"), view_text("v")), E_DENIED);
	assert_err(store_delete(snapshot, FISH, view_text("k")), E_DENIED);
	assert_ok(store_commit(snapshot));
	assert_ok(store_write(&second, s));
	store_txn_free(second);
}

static void
a_snapshot_stands_still_until_it_is_renewed(void **state)
{
	const struct place *p = *state;
	OWNED(store) struct store *s = open_at(p->dir);
	keep(s, FISH, "eel", "one");
	OWNED(store_txn) struct store_txn *old = NULL, *fresh = NULL;
	assert_ok(store_read(&old, s));
	keep(s, FISH, "eel", "two");
	assert_ok(store_read(&fresh, s));
	assert_value(old, FISH, "eel", "one");
	assert_value(fresh, FISH, "eel", "two");
	assert_ok(store_renew(old));
	assert_value(old, FISH, "eel", "two");
}

/* ---- walks ---- */

static void
put_keys(struct store *s, const char *const *keys, size_t count)
{
	for (size_t i = 0; i < count; i++)
		keep(s, FISH, keys[i], "v");
}

struct heard {
	char text[64];
	size_t stop_after;
	size_t count;
	struct store_txn *write_to;
	bool fails;
};

static enum err
hear(void *arg, struct view key, struct view value, bool *ret_stop)
{
	struct heard *h = arg;
	assert_true(value.len == 1);
	size_t n = strlen(h->text);
	(void)snprintf(
		h->text + n, sizeof(h->text) - n, "%.*s ", (int)key.len, (const char *)key.at);
	*ret_stop = ++h->count == h->stop_after;
	return h->fails ? fail(E_AUTH, "heard enough") : OK;
}

static const char *const walk_keys[] = {"a", "ab", "ab\xff", "ac", "b", "\xff", "\xff\xff"};

static void
a_walk_hands_out_a_prefix_in_order_from_a_key(void **state)
{
	static const struct {
		const char *prefix, *from, *heard;
	} rows[] = {{"", "", "a ab ab\xff ac b \xff \xff\xff "}, {"a", "", "a ab ab\xff ac "},
		{"ab", "", "ab ab\xff "}, {"a", "ab\x01", "ab\xff ac "},
		{"", "ac", "ac b \xff \xff\xff "}, {"a", "b", ""}, {"b", "a", "b "},
		{"c", "", ""}, {"\xff", "", "\xff \xff\xff "}};
	const struct place *p = *state;
	OWNED(store) struct store *s = open_at(p->dir);
	put_keys(s, walk_keys, ARRAY_LEN(walk_keys));
	OWNED(store_txn) struct store_txn *t = NULL;
	assert_ok(store_read(&t, s));
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct heard h = {0};
		struct store_range r = {
			FISH, view_text(rows[i].prefix), view_text(rows[i].from)};
		assert_ok(store_each(t, &r, hear, &h));
		assert_string_equal(h.text, rows[i].heard);
	}
}

static void
a_walk_ends_where_its_callback_says(void **state)
{
	const struct place *p = *state;
	OWNED(store) struct store *s = open_at(p->dir);
	put_keys(s, walk_keys, ARRAY_LEN(walk_keys));
	OWNED(store_txn) struct store_txn *t = NULL;
	assert_ok(store_read(&t, s));
	struct heard h = {.stop_after = 2};
	assert_ok(store_each(t, &(struct store_range){.table = FISH}, hear, &h));
	assert_string_equal(h.text, "a ab ");
	struct heard failing = {.fails = true};
	assert_err(store_each(t, &(struct store_range){.table = FISH}, hear, &failing), E_AUTH);
	assert_int_equal(failing.count, 1);
}

static enum err
move_row(void *arg, struct view key, struct view value, bool *ret_stop)
{
	(void)ret_stop;
	struct heard *h = arg;
	uint8_t copy[8];
	h->count++;
	memcpy(copy, key.at, key.len);
	enum err e = store_put(h->write_to, STONES, key, value);
	return e ? e : store_delete(h->write_to, FISH, view_of(copy, key.len));
}

static void
a_walk_that_deletes_and_puts_meets_every_row_once(void **state)
{
	const struct place *p = *state;
	OWNED(store) struct store *s = open_at(p->dir);
	OWNED(store_txn) struct store_txn *t = NULL;
	const uint32_t rows_count = 3000;
	assert_ok(store_write(&t, s));
	for (uint32_t i = 0; i < rows_count; i++) {
		uint8_t key[4] = {
			(uint8_t)(i >> 24), (uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i};
		assert_ok(store_put(t, FISH, view_of(key, 4), view_of(key, 4)));
	}
	struct heard h = {.write_to = t};
	assert_ok(store_each(t, &(struct store_range){.table = FISH}, move_row, &h));
	assert_int_equal(h.count, rows_count);
	uint64_t fish = 1, stones = 0;
	assert_ok(store_count(t, FISH, &fish));
	assert_ok(store_count(t, STONES, &stones));
	assert_int_equal(fish, 0);
	assert_int_equal(stones, rows_count);
	assert_ok(store_commit(take(t)));
}

static void
the_last_row_of_a_prefix_is_found(void **state)
{
	static const struct {
		const char *prefix, *last;
	} rows[] = {{"", "\xff\xff"}, {"a", "ac"}, {"ab", "ab\xff"}, {"b", "b"},
		{"\xff", "\xff\xff"}, {"ab\xff", "ab\xff"}, {"aa", NULL}, {"c", NULL},
		{"\x01", NULL}};
	const struct place *p = *state;
	OWNED(store) struct store *s = open_at(p->dir);
	put_keys(s, walk_keys, ARRAY_LEN(walk_keys));
	OWNED(store_txn) struct store_txn *t = NULL;
	assert_ok(store_read(&t, s));
	struct view key, value;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct view prefix = view_text(rows[i].prefix);
		if (!rows[i].last) {
			assert_err(store_last(t, FISH, prefix, &key, &value), E_NOTFOUND);
			continue;
		}
		assert_ok(store_last(t, FISH, prefix, &key, &value));
		assert_true(view_same(key, view_text(rows[i].last)));
		assert_true(view_same(value, view_text("v")));
	}
	assert_err(store_last(t, STONES, view_of(NULL, 0), &key, &value), E_NOTFOUND);
}

/* ---- fullness ---- */

static enum err
put_many(struct store_txn *t, uint8_t first, size_t count, size_t value_bytes)
{
	OWNED_MEM uint8_t *value = xcalloc(1, value_bytes);
	enum err e = OK;
	for (size_t i = 0; !e && i < count; i++) {
		uint8_t key[2] = {first, (uint8_t)i};
		e = store_put(t, FISH, view_of(key, 2), view_of(value, value_bytes));
	}
	return e;
}

static struct store *
open_limited(const char *dir)
{
	struct store *s = NULL;
	struct store_config c = config_of(dir);
	c.limit_bytes = LIMIT_BYTES;
	assert_ok(store_open(&s, &c));
	return s;
}

static void
a_full_store_keeps_what_it_has_and_works_again_after_deletes(void **state)
{
	const struct place *p = *state;
	OWNED(store) struct store *s = open_limited(p->dir);
	struct store_txn *t = NULL;
	assert_ok(store_write(&t, s));
	assert_ok(put_many(t, 'a', 100, 8000));
	assert_ok(store_commit(t));
	keep(s, FISH, "eel", "long");
	assert_ok(store_write(&t, s));
	assert_ok(put_many(t, 'b', 40, 8000));
	assert_err(store_commit(t), E_FULL);
	assert_non_null(strstr(err_text(), p->dir));
	assert_non_null(strstr(err_text(), "make room"));
	assert_kept(s, FISH, "eel", "long");
	assert_ok(store_write(&t, s));
	for (uint8_t i = 0; i < 60; i++)
		assert_ok(store_delete(t, FISH, view_of((uint8_t[]){'a', i}, 2)));
	assert_ok(store_commit(t));
	assert_ok(store_write(&t, s));
	assert_ok(put_many(t, 'b', 40, 8000));
	assert_ok(store_commit(t));
	assert_kept(s, FISH, "eel", "long");
}

static void
past_the_limit_only_the_reserve_writes(void **state)
{
	const struct place *p = *state;
	OWNED(store) struct store *s = open_limited(p->dir);
	struct store_txn *t = NULL;
	assert_ok(store_write_reserve(&t, s));
	assert_ok(put_many(t, 'a', 200, 8000));
	assert_ok(store_commit(t));
	struct store_usage u;
	assert_ok(store_usage(s, &u));
	assert_true(u.used_bytes > LIMIT_BYTES && u.limit_bytes == LIMIT_BYTES);
	assert_true(u.disk_free_bytes > 0);
	assert_err(store_write(&t, s), E_FULL);
	assert_ok(store_write_reserve(&t, s));
	for (uint8_t i = 0; i < 150; i++)
		assert_ok(store_delete(t, FISH, view_of((uint8_t[]){'a', i}, 2)));
	assert_ok(store_commit(t));
	keep(s, FISH, "eel", "long");
	assert_kept(s, FISH, "eel", "long");
}

static void
one_long_transaction_is_stopped_before_it_fills_the_map(void **state)
{
	const struct place *p = *state;
	OWNED(store) struct store *s = open_limited(p->dir);
	struct store_txn *t = NULL;
	assert_ok(store_write(&t, s));
	assert_err(put_many(t, 'a', 255, 65536), E_FULL);
	assert_err(store_put(t, FISH, view_text("k"), view_text("v")), E_FULL);
	assert_err(store_commit(t), E_FULL);
	keep(s, FISH, "eel", "long");
	assert_kept(s, FISH, "eel", "long");
}

static void
a_full_map_is_told_and_survived(void **state)
{
	const struct place *p = *state;
	struct store_config c = config_of(p->dir);
	c.map_bytes = LIMIT_BYTES;
	c.limit_bytes = SIZE_MAX;
	OWNED(store) struct store *s = NULL;
	struct store_txn *t = NULL;
	assert_ok(store_open(&s, &c));
	keep(s, FISH, "eel", "long");
	assert_ok(store_write(&t, s));
	assert_err(put_many(t, 'a', 255, 8000), E_FULL);
	assert_err(store_commit(t), E_FULL);
	assert_kept(s, FISH, "eel", "long");
	keep(s, FISH, "eel", "longer");
}

static void
under_the_disk_floor_only_the_reserve_writes(void **state)
{
	const struct place *p = *state;
	struct store_config c = config_of(p->dir);
	c.floor_bytes = SIZE_MAX;
	OWNED(store) struct store *s = NULL;
	struct store_txn *t = NULL;
	assert_ok(store_open(&s, &c));
	assert_err(store_write(&t, s), E_FULL);
	assert_non_null(strstr(err_text(), "make room"));
	assert_ok(store_write_reserve(&t, s));
	assert_ok(store_put(t, FISH, view_text("eel"), view_text("long")));
	assert_ok(store_commit(t));
	assert_kept(s, FISH, "eel", "long");
}

/* ---- files ---- */

static uint64_t
counted_bytes(const char *data)
{
	uint64_t last[2], txn[2];
	FILE *f = fopen(data, "rb");
	assert_non_null(f);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(fseek(f, i * 4096L + 136, SEEK_SET), 0);
		assert_int_equal(fread(&last[i], 8, 1, f), 1);
		assert_int_equal(fread(&txn[i], 8, 1, f), 1);
	}
	(void)fclose(f);
	return (last[txn[1] > txn[0]] + 1) * 4096;
}

static void
assert_refused(const char *dir)
{
	struct store *s = NULL;
	struct store_config c = config_of(dir);
	assert_err(store_open(&s, &c), E_FORMAT);
	assert_non_null(strstr(err_text(), "is damaged"));
	assert_null(s);
}

static void
a_truncated_file_is_refused(void **state)
{
	const struct place *p = *state;
	OWNED_MEM char *data = xasprintf("%s/data.mdb", p->dir);
	struct store *s = open_at(p->dir);
	struct store_txn *t = NULL;
	assert_ok(store_write(&t, s));
	assert_ok(put_many(t, 'a', 200, 2000));
	assert_ok(store_commit(t));
	store_free(s);
	uint64_t counted = counted_bytes(data);
	assert_int_equal(truncate(data, (off_t)counted), 0);
	store_free(open_at(p->dir));
	const uint64_t cuts[] = {counted - 1, counted - 4096, counted / 2, 3 * 4096, 2 * 4096,
		2 * 4096 - 1, 4096, 100, 0};
	for (size_t i = 0; i < ARRAY_LEN(cuts); i++) {
		assert_int_equal(truncate(data, (off_t)cuts[i]), 0);
		assert_refused(p->dir);
	}
}

/* LMDB does not write a page that a transaction took and gave back; when such pages are the last
 * ones the file legally ends before them. */
static void
a_file_whose_missing_end_is_free_is_accepted(void **state)
{
	const struct place *p = *state;
	OWNED_MEM char *data = xasprintf("%s/data.mdb", p->dir);
	struct store *s = open_at(p->dir);
	struct store_txn *t = NULL;
	assert_ok(store_write(&t, s));
	assert_ok(put_many(t, 'a', 200, 40000));
	assert_ok(store_commit(t));
	assert_ok(store_write(&t, s));
	for (uint8_t i = 0; i < 200; i++)
		assert_ok(store_delete(t, FISH, view_of((uint8_t[]){'a', i}, 2)));
	assert_ok(store_commit(t));
	for (size_t i = 0; i < 12; i++)
		keep(s, FISH, "eel", i % 2 ? "long" : "longer");
	store_free(s);
	uint64_t counted = counted_bytes(data);
	assert_int_equal(truncate(data, (off_t)(counted - 3 * 4096)), 0);
	assert_ok(datafile_check(data));
	OWNED(store) struct store *again = open_at(p->dir);
	assert_kept(again, FISH, "eel", "long");
}

static void
a_file_that_is_no_store_is_refused(void **state)
{
	const struct place *p = *state;
	OWNED_MEM char *data = xasprintf("%s/data.mdb", p->dir);
	store_free(open_at(p->dir));
	for (size_t i = 0; i < 2; i++) {
		FILE *f = fopen(data, "r+b");
		assert_non_null(f);
		assert_int_equal(fseek(f, (long)(1 - i) * 4096, SEEK_SET), 0);
		for (size_t k = 0; k < 4096; k++)
			assert_true(fputc((int)(k * 37 + 11) % 256, f) != EOF);
		assert_int_equal(fclose(f), 0);
		assert_refused(p->dir);
	}
	assert_int_equal(unlink(data), 0);
	assert_refused(p->dir);
}

/* Any byte of the meta pages may be anything: the store opens or is refused, the process lives. */
static void
a_damaged_meta_page_never_ends_the_process(void **state)
{
	const struct place *p = *state;
	OWNED_MEM char *data = xasprintf("%s/data.mdb", p->dir);
	struct store *s = open_at(p->dir);
	keep(s, FISH, "eel", "long");
	store_free(s);
	size_t refused = 0;
	for (long at = 0; at < 2 * 152; at++) {
		long offset = at < 152 ? at : 4096 + at - 152;
		FILE *f = fopen(data, "r+b");
		assert_non_null(f);
		assert_int_equal(fseek(f, offset, SEEK_SET), 0);
		int old = fgetc(f);
		assert_int_equal(fseek(f, offset, SEEK_SET), 0);
		assert_true(fputc(old ^ 0xff, f) != EOF);
		assert_int_equal(fflush(f), 0);
		enum err e = datafile_check(data);
		assert_true(e == OK || e == E_FORMAT);
		refused += e == E_FORMAT;
		assert_int_equal(fseek(f, offset, SEEK_SET), 0);
		assert_true(fputc(old, f) != EOF);
		assert_int_equal(fclose(f), 0);
	}
	assert_true(refused > 30);
	assert_ok(datafile_check(data));
}

static void
a_making_that_was_interrupted_is_begun_anew(void **state)
{
	const struct place *p = *state;
	OWNED_MEM char *aside = xasprintf("%s.new", p->dir);
	OWNED_MEM char *half = xasprintf("%s/data.mdb", aside);
	assert_int_equal(mkdir(aside, 0700), 0);
	FILE *f = fopen(half, "wb");
	assert_non_null(f);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(mkdir(p->dir, 0755), 0);
	OWNED(store) struct store *s = open_at(p->dir);
	keep(s, FISH, "eel", "long");
	struct stat st;
	assert_int_equal(stat(aside, &st), -1);
	OWNED_MEM char *lock = xasprintf("%s/lock.mdb", p->dir);
	assert_int_equal(stat(lock, &st), 0);
	assert_true(st.st_size >= 16384 && st.st_blocks * 512 >= 16384);
}

static void
a_reader_needs_the_store_and_its_tables(void **state)
{
	static const char *const more[] = {"fish", "stones", "reeds"};
	const struct place *p = *state;
	struct store_config c = config_of(p->dir);
	struct store *s = NULL;
	c.read_only = true;
	assert_err(store_open(&s, &c), E_NOTFOUND);
	assert_non_null(strstr(err_text(), p->dir));
	store_free(open_at(p->dir));
	c.tables = more;
	c.table_count = 3;
	assert_err(store_open(&s, &c), E_NOTFOUND);
	assert_non_null(strstr(err_text(), p->dir));
	c.read_only = false;
	assert_ok(store_open(&s, &c));
	store_free(s);
	c.read_only = true;
	assert_ok(store_open(&s, &c));
	struct store_txn *t = NULL;
	assert_err(store_write(&t, s), E_DENIED);
	assert_ok(store_tick(s, 1));
	assert_ok(store_tick(s, 70000));
	store_free(s);
}

/* ---- other processes ---- */

/* Puts, and dies before the commit, as under kill -9. */
static int
child_dies(const char *dir)
{
	struct store *s = NULL;
	struct store_config c = config_of(dir);
	struct store_txn *t = NULL;
	enum err e = store_open(&s, &c);
	if (!e)
		e = store_write(&t, s);
	if (!e)
		e = put_many(t, 'a', 200, 8000);
	if (!e)
		e = store_put(t, FISH, view_text("eel"), view_text("short"));
	if (!e)
		(void)raise(SIGKILL);
	return 1;
}

/* Answers each line of input with the value of "eel" as it is committed at that moment. */
static int
child_reads(const char *dir)
{
	struct store *s = NULL;
	struct store_config c = config_of(dir);
	c.read_only = true;
	struct store_txn *t = NULL;
	char line[8];
	while (read(STDIN_FILENO, line, 1) == 1) {
		struct view v;
		enum err e = s ? OK : store_open(&s, &c);
		if (!e)
			e = t ? store_renew(t) : store_read(&t, s);
		if (!e)
			e = store_get(t, FISH, view_text("eel"), &v);
		if (e || write(STDOUT_FILENO, v.at, v.len) != (ssize_t)v.len)
			return 1;
	}
	store_txn_free(t);
	store_free(s);
	return 0;
}

struct child {
	pid_t pid;
	int to;
	int from;
};

/* Forks only to exec; called before the test opens its store. */
static struct child
start_child(const char *role, const char *dir)
{
	int in[2], out[2];
	assert_int_equal(pipe(in), 0);
	assert_int_equal(pipe(out), 0);
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		(void)dup2(in[0], STDIN_FILENO);
		(void)dup2(out[1], STDOUT_FILENO);
		(void)close(in[1]);
		(void)close(out[0]);
		(void)execl("/proc/self/exe", "test_store", role, dir, (char *)NULL);
		_exit(127);
	}
	(void)close(in[0]);
	(void)close(out[1]);
	return (struct child){pid, in[1], out[0]};
}

static int
end_child(struct child c)
{
	(void)close(c.to);
	int status = -1;
	assert_int_equal(waitpid(c.pid, &status, 0), c.pid);
	(void)close(c.from);
	return status;
}

static void
a_writer_killed_before_its_commit_leaves_nothing(void **state)
{
	const struct place *p = *state;
	struct store *s = open_at(p->dir);
	keep(s, FISH, "eel", "long");
	store_free(s);
	int status = end_child(start_child("dies", p->dir));
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	OWNED(store) struct store *again = open_at(p->dir);
	assert_kept(again, FISH, "eel", "long");
	OWNED(store_txn) struct store_txn *t = NULL;
	uint64_t n = 0;
	assert_ok(store_read(&t, again));
	assert_ok(store_count(t, FISH, &n));
	assert_int_equal(n, 1);
	keep(again, FISH, "eel", "longer");
}

static void
assert_child_says(struct child c, const char *text)
{
	char got[16] = {0};
	assert_int_equal(write(c.to, "?", 1), 1);
	assert_int_equal(read(c.from, got, sizeof(got) - 1), (int)strlen(text));
	assert_string_equal(got, text);
}

static void
a_reading_process_sees_what_was_committed(void **state)
{
	const struct place *p = *state;
	struct child c = start_child("reads", p->dir);
	OWNED(store) struct store *s = open_at(p->dir);
	keep(s, FISH, "eel", "one");
	assert_child_says(c, "one");
	struct store_txn *t = NULL;
	assert_ok(store_write(&t, s));
	assert_ok(store_put(t, FISH, view_text("eel"), view_text("two")));
	assert_child_says(c, "one");
	assert_ok(store_commit(t));
	assert_child_says(c, "two");
	assert_int_equal(end_child(c), 0);
	assert_ok(store_tick(s, 100));
}

#define at_a_place(test) cmocka_unit_test_setup_teardown(test, make_place, drop_place)

int
main(int argc, char **argv)
{
	if (argc == 3)
		return strcmp(argv[1], "dies") == 0 ? child_dies(argv[2])
						    : child_reads(argv[2]);
	const struct CMUnitTest tests[] = {
		at_a_place(what_was_committed_is_there_after_opening_again),
		at_a_place(what_was_not_committed_changes_nothing),
		at_a_place(rows_are_put_new_deleted_and_counted),
		at_a_place(keys_and_values_out_of_bounds_are_refused),
		at_a_place(a_second_writer_and_a_written_snapshot_are_refused),
		at_a_place(a_snapshot_stands_still_until_it_is_renewed),
		at_a_place(a_walk_hands_out_a_prefix_in_order_from_a_key),
		at_a_place(a_walk_ends_where_its_callback_says),
		at_a_place(a_walk_that_deletes_and_puts_meets_every_row_once),
		at_a_place(the_last_row_of_a_prefix_is_found),
		at_a_place(a_full_store_keeps_what_it_has_and_works_again_after_deletes),
		at_a_place(past_the_limit_only_the_reserve_writes),
		at_a_place(one_long_transaction_is_stopped_before_it_fills_the_map),
		at_a_place(a_full_map_is_told_and_survived),
		at_a_place(under_the_disk_floor_only_the_reserve_writes),
		at_a_place(a_truncated_file_is_refused),
		at_a_place(a_file_whose_missing_end_is_free_is_accepted),
		at_a_place(a_file_that_is_no_store_is_refused),
		at_a_place(a_damaged_meta_page_never_ends_the_process),
		at_a_place(a_making_that_was_interrupted_is_begun_anew),
		at_a_place(a_reader_needs_the_store_and_its_tables),
		at_a_place(a_writer_killed_before_its_commit_leaves_nothing),
		at_a_place(a_reading_process_sees_what_was_committed),
	};
	return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
