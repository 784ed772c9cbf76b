#include "tests/unit/store_place.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/store/datafile.h"

#define LIMIT_BYTES ((size_t)1 << 20)

/* ---- fullness ---- */

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

/* A file size limit stands for a disk that fails while the commit writes. */
static void
after_a_failed_commit_the_store_answers_nothing_more(void **state)
{
	const struct place *p = *state;
	struct store *s = open_at(p->dir);
	keep(s, FISH, "eel", "long");
	struct store_txn *t = NULL;
	assert_ok(store_write(&t, s));
	assert_ok(put_many(t, 'a', 200, 2000));
	struct rlimit usual, small;
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &usual), 0);
	small = (struct rlimit){.rlim_cur = 64 << 10, .rlim_max = usual.rlim_max};
	assert_true(signal(SIGXFSZ, SIG_IGN) != SIG_ERR);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	enum err e = store_commit(t);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &usual), 0);
	assert_err(e, E_IO);
	assert_err(store_write(&t, s), E_IO);
	assert_err(store_write_reserve(&t, s), E_IO);
	assert_err(store_read(&t, s), E_IO);
	store_free(s);
	OWNED(store) struct store *again = open_at(p->dir);
	assert_kept(again, FISH, "eel", "long");
	keep(again, FISH, "eel", "longer");
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

/* LMDB does not write a page that a transaction took and gave back; when such pages are the
 * last ones the file legally ends before them. */
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

/* The free list can be read and does not name the pages that are gone: they hold rows. */
static void
a_file_whose_missing_end_is_in_use_is_refused(void **state)
{
	const struct place *p = *state;
	OWNED_MEM char *data = xasprintf("%s/data.mdb", p->dir);
	struct store *s = open_at(p->dir);
	struct store_txn *t = NULL;
	assert_ok(store_write(&t, s));
	assert_ok(put_many(t, 'a', 100, 8000));
	assert_ok(store_commit(t));
	assert_ok(store_write(&t, s));
	for (uint8_t i = 0; i < 50; i++)
		assert_ok(store_delete(t, FISH, view_of((uint8_t[]){'a', i}, 2)));
	assert_ok(store_commit(t));
	for (size_t i = 0; i < 12; i++)
		keep(s, FISH, "eel", i % 2 ? "long" : "longer");
	store_free(s);
	uint64_t counted = counted_bytes(data);
	const uint64_t cut_pages = 20;
	assert_int_equal(truncate(data, (off_t)counted), 0);
	assert_ok(datafile_check(data));
	assert_int_equal(truncate(data, (off_t)(counted - cut_pages * 4096)), 0);
	assert_refused(p->dir);
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

/* Any byte of the meta pages may be anything: the store opens or is refused, the process
 * lives. */
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		at_a_place(a_full_store_keeps_what_it_has_and_works_again_after_deletes),
		at_a_place(past_the_limit_only_the_reserve_writes),
		at_a_place(one_long_transaction_is_stopped_before_it_fills_the_map),
		at_a_place(a_full_map_is_told_and_survived),
		at_a_place(under_the_disk_floor_only_the_reserve_writes),
		at_a_place(after_a_failed_commit_the_store_answers_nothing_more),
		at_a_place(a_truncated_file_is_refused),
		at_a_place(a_file_whose_missing_end_is_free_is_accepted),
		at_a_place(a_file_whose_missing_end_is_in_use_is_refused),
		at_a_place(a_file_that_is_no_store_is_refused),
		at_a_place(a_damaged_meta_page_never_ends_the_process),
		at_a_place(a_making_that_was_interrupted_is_begun_anew),
		at_a_place(a_reader_needs_the_store_and_its_tables),
	};
	return cmocka_run_group_tests_name("storeroom", tests, NULL, NULL);
}
