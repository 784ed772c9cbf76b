#include "tests/unit/own_dir.h"
#include "tests/unit/suite.h"

#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/mem.h"
#include "common/codec/text.h"
#include "common/trust/tlog.h"
#include "common/trust/tlogcheck.h"

#define FILE_MOST_BYTES 20000000
#define MANY_LEAVES     700
/* One whole tile of level 1, and one whole tile and some leaves behind it. */
#define THREE_LEVELS (65536 + 256 + 3)

/* A log in a directory of its own, with a key made for it. Leaf i is "SALT leaf i". */
struct fixture {
	char dir[32];
	const char *salt;
	char entry[64];
	struct note_key key;
	struct secret *secret;
	struct buf findings;
	uint64_t entries;
};

static enum err
lend_entry(void *arg, uint64_t index, struct view *ret)
{
	struct fixture *x = arg;
	(void)snprintf(x->entry, sizeof(x->entry), "%s leaf %d", x->salt, (int)index);
	*ret = view_text(x->entry);
	return OK;
}

static struct tlog_source
source_of(struct fixture *x)
{
	return (struct tlog_source){lend_entry, NULL, x};
}

static int
set_up(void **state)
{
	struct fixture *x = xcalloc(1, sizeof(*x));
	const uint8_t seed[SIGN_SEED_BYTES] = {7};
	uint8_t public[SIGN_PUBLIC_BYTES];
	x->salt = "first";
	buf_init(&x->findings, 1 << 20);
	sign_from_seed(public, &x->secret, seed);
	*state = x;
	return !own_dir_make(x->dir, sizeof(x->dir), "tlog") ||
	       note_key_make(&x->key, "log.example/study", NOTE_ED25519, public) != OK;
}

static int
remove_one(const char *path, const struct stat *st, int kind, struct FTW *where)
{
	(void)st;
	(void)kind;
	(void)where;
	return remove(path);
}

static int
tear_down(void **state)
{
	struct fixture *x = *state;
	(void)nftw(x->dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	secret_free(x->secret);
	buf_done(&x->findings);
	free(x);
	return 0;
}

/* Sign what the log stands at and publish it. */
static enum err
publish(struct fixture *x, struct tlog *t)
{
	struct note_checkpoint cp = {.size = tlog_size(t)};
	(void)snprintf(cp.origin, sizeof(cp.origin), "%s", x->key.name);
	tlog_root(cp.root, t);
	OWNED_BUF struct buf text, note;
	buf_init(&text, NOTE_MOST_BYTES);
	buf_init(&note, NOTE_MOST_BYTES);
	assert_ok(note_checkpoint_text(&text, &cp));
	assert_ok(note_begin(&note, buf_view(&text)));
	assert_ok(note_sign(&note, buf_view(&text), &x->key, x->secret, 0));
	return tlog_publish(t, buf_view(&note));
}

/* A log of `size` leaves, published in one go. */
static void
make_log(struct fixture *x, uint64_t size)
{
	OWNED(tlog) struct tlog *t = NULL;
	struct tlog_source from = source_of(x);
	assert_ok(tlog_open(&t, x->dir, &from, size));
	assert_ok(publish(x, t));
}

static struct note_checkpoint
read_checkpoint(const struct fixture *x)
{
	OWNED_MEM uint8_t *bytes = NULL;
	size_t len = 0;
	struct note n;
	struct note_checkpoint cp;
	assert_ok(tile_read_checkpoint(&bytes, &len, x->dir));
	assert_ok(note_checkpoint_open(&cp, &n, view_of(bytes, len), &x->key));
	return cp;
}

static void
keep_finding(void *arg, const char *sentence)
{
	struct fixture *x = arg;
	buf_format(&x->findings, "%s\n", sentence);
}

static void
count_entry(void *arg, uint64_t index, struct view entry)
{
	struct fixture *x = arg;
	assert_int_equal(index, x->entries);
	assert_true(entry.len > 0 || x->findings.len > 0);
	x->entries++;
}

static enum err
verify(struct fixture *x)
{
	struct note_checkpoint cp = read_checkpoint(x);
	struct tlogcheck to = {keep_finding, NULL, x};
	buf_reset(&x->findings);
	enum err e = tlogcheck_run(x->dir, &cp, &to);
	buf_u8(&x->findings, 0);
	return e;
}

static void
sizes_and_names_follow_the_format(void **state)
{
	(void)state;
	static const struct {
		int level;
		uint64_t n;
		unsigned width;
		const char *name;
	} rows[] = {{0, 0, 256, "tile/0/000"}, {0, 1234067, 256, "tile/0/x001/x234/067"},
		{2, 999, 1, "tile/2/999.p/1"},
		{TILE_ENTRIES, 1000, 255, "tile/entries/x001/000.p/255"},
		{0, UINT64_MAX, 256, "tile/0/x018/x446/x744/x073/x709/x551/615"}};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		OWNED_MEM char *name = tile_name(rows[i].level, rows[i].n, rows[i].width);
		assert_string_equal(name, rows[i].name);
	}
	/* The example of tlog-tiles: 70,000 leaves. */
	assert_int_equal(tile_count(70000, 0), 273);
	assert_int_equal(tile_width(70000, 0), 112);
	assert_int_equal(tile_count(70000, 1), 1);
	assert_int_equal(tile_width(70000, 1), 17);
	assert_int_equal(tile_width(70000, 2), 1);
	assert_int_equal(tile_width(70000, 3), 0);
	assert_int_equal(tile_width(256, 0), 0);
	assert_int_equal(tile_width(256, 1), 1);
}

static void
a_growing_log_verifies_at_every_step(void **state)
{
	struct fixture *x = *state;
	struct tlog_source from = source_of(x);
	OWNED(tlog) struct tlog *t = NULL;
	assert_ok(tlog_open(&t, x->dir, &from, 0));
	assert_ok(publish(x, t));
	assert_ok(verify(x));
	struct note_checkpoint old = read_checkpoint(x);
	static const uint64_t sizes[] = {
		1, 2, 3, 7, 100, 255, 256, 257, 258, 300, 511, 512, 513, 514, 599, 600};
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		assert_ok(tlog_grow(t, &from, sizes[i]));
		assert_ok(publish(x, t));
		assert_ok(verify(x));
		struct note_checkpoint cp = read_checkpoint(x);
		assert_int_equal(cp.size, sizes[i]);
		assert_ok(tlogcheck_grew(x->dir, &old, &cp));
		old = cp;
	}
	assert_err(tlog_grow(t, &from, 599), E_CONFLICT);
}

static size_t part_count;

static int
count_part(const char *path, const struct stat *st, int kind, struct FTW *where)
{
	(void)st;
	(void)where;
	part_count += kind == FTW_F && strstr(path, ".p/") != NULL;
	return 0;
}

static size_t
count_parts(struct fixture *x)
{
	part_count = 0;
	assert_int_equal(nftw(x->dir, count_part, 8, FTW_PHYS), 0);
	return part_count;
}

static void
parts_that_two_checkpoints_replaced_are_removed(void **state)
{
	struct fixture *x = *state;
	struct tlog_source from = source_of(x);
	OWNED(tlog) struct tlog *t = NULL;
	assert_ok(tlog_open(&t, x->dir, &from, 10));
	assert_ok(publish(x, t));
	assert_ok(tlog_grow(t, &from, 20)); /* grown, never published */
	assert_ok(tlog_grow(t, &from, 300));
	assert_ok(tlog_grow(t, &from, 600));
	assert_ok(publish(x, t));
	/* Bundle and levels 0 and 1 of the edge; bundle and level 0 of the one before. */
	assert_int_equal(count_parts(x), 5);
	assert_ok(tlog_grow(t, &from, 601));
	assert_ok(publish(x, t));
	/* The edge at 601 and at 600; level 1 is as wide in both. */
	assert_int_equal(count_parts(x), 5);
	assert_ok(verify(x));
}

static void
a_reader_who_began_with_the_checkpoint_before_can_finish(void **state)
{
	struct fixture *x = *state;
	struct tlog_source from = source_of(x);
	OWNED(tlog) struct tlog *t = NULL;
	OWNED_MEM uint8_t *before = NULL;
	OWNED_MEM char *path = xasprintf("%s/checkpoint", x->dir);
	size_t len = 0;
	assert_ok(tlog_open(&t, x->dir, &from, 300));
	assert_ok(publish(x, t));
	assert_ok(text_read_file(&before, &len, path, FILE_MOST_BYTES));
	assert_ok(tlog_grow(t, &from, 310));
	assert_ok(publish(x, t));
	assert_ok(text_write_file(path, view_of(before, len), 0644));
	assert_ok(verify(x));
}

/* Do something to each file of a log in turn. */
static void
spoil_file(const char *path, int how)
{
	OWNED_MEM uint8_t *bytes = NULL;
	size_t len = 0;
	if (how == 0) {
		assert_int_equal(unlink(path), 0);
		return;
	}
	assert_ok(text_read_file(&bytes, &len, path, FILE_MOST_BYTES));
	if (how == 1)
		bytes[len - 1] ^= 1;
	else if (how == 2)
		len--;
	else
		bytes[len / 2] ^= 0x80;
	assert_ok(text_write_file(path, view_of(bytes, len), 0644));
}

static void
every_file_that_is_spoilt_is_named(void **state)
{
	struct fixture *x = *state;
	make_log(x, MANY_LEAVES);
	static const char *const names[] = {"tile/0/000", "tile/0/001", "tile/0/002.p/188",
		"tile/1/000.p/2", "tile/entries/000", "tile/entries/001",
		"tile/entries/002.p/188"};
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		OWNED_MEM char *path = xasprintf("%s/%s", x->dir, names[i]);
		OWNED_MEM uint8_t *good = NULL;
		size_t len = 0;
		assert_ok(text_read_file(&good, &len, path, FILE_MOST_BYTES));
		for (int how = 0; how < 4; how++) {
			spoil_file(path, how);
			assert_err(verify(x), E_AUTH);
			if (!strstr((char *)x->findings.at, names[i]))
				fail_msg("%s spoilt in way %d is not named", names[i], how);
			assert_ok(text_write_file(path, view_of(good, len), 0644));
		}
		assert_ok(verify(x));
	}
}

static void
a_changed_entry_is_named_by_its_index(void **state)
{
	struct fixture *x = *state;
	make_log(x, 300);
	OWNED_MEM char *path = xasprintf("%s/tile/entries/001.p/44", x->dir);
	OWNED_MEM uint8_t *bytes = NULL;
	size_t len = 0;
	assert_ok(text_read_file(&bytes, &len, path, FILE_MOST_BYTES));
	bytes[2] = 'F'; /* first byte of leaf 256 */
	assert_ok(text_write_file(path, view_of(bytes, len), 0644));
	assert_err(verify(x), E_AUTH);
	assert_string_equal((char *)x->findings.at,
		"tile/entries/001.p/44 leaf 256 does not fit its hash in tile/0/001.p/44\n");
}

static void
files_that_agree_with_each_other_only_are_refused(void **state)
{
	struct fixture *x = *state;
	make_log(x, 300);
	struct note_checkpoint cp = read_checkpoint(x);
	struct tlogcheck to = {keep_finding, NULL, x};
	(void)nftw(x->dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	x->salt = "other";
	make_log(x, 300);
	assert_err(tlogcheck_run(x->dir, &cp, &to), E_AUTH);
	buf_u8(&x->findings, 0);
	assert_string_equal(
		(char *)x->findings.at, "checkpoint root is not that of the tiles\n");
}

static void
bytes_behind_the_last_entry_are_refused(void **state)
{
	struct fixture *x = *state;
	make_log(x, 300);
	static const char *const names[] = {
		"tile/entries/000", "tile/entries/001.p/44", "tile/0/001.p/44"};
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		OWNED_MEM char *path = xasprintf("%s/%s", x->dir, names[i]);
		OWNED_MEM uint8_t *bytes = NULL;
		size_t len = 0;
		assert_ok(text_read_file(&bytes, &len, path, FILE_MOST_BYTES));
		/* The byte behind them is the zero that text_read_file() put there. */
		assert_ok(text_write_file(path, view_of(bytes, len + 1), 0644));
		assert_err(verify(x), E_AUTH);
		assert_non_null(strstr((char *)x->findings.at, names[i]));
		assert_ok(text_write_file(path, view_of(bytes, len), 0644));
	}
	assert_ok(verify(x));
}

static void
a_log_of_three_levels_verifies_and_names_its_upper_tiles(void **state)
{
	struct fixture *x = *state;
	make_log(x, THREE_LEVELS);
	assert_ok(verify(x));
	static const char *const names[] = {"tile/1/000", "tile/1/001.p/1", "tile/2/000.p/1"};
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		OWNED_MEM char *path = xasprintf("%s/%s", x->dir, names[i]);
		OWNED_MEM uint8_t *good = NULL;
		size_t len = 0;
		assert_ok(text_read_file(&good, &len, path, FILE_MOST_BYTES));
		spoil_file(path, 1);
		assert_err(verify(x), E_AUTH);
		assert_non_null(strstr((char *)x->findings.at, names[i]));
		assert_ok(text_write_file(path, view_of(good, len), 0644));
	}
}

static void
every_entry_is_shown_once_in_order(void **state)
{
	struct fixture *x = *state;
	make_log(x, 520);
	struct note_checkpoint cp = read_checkpoint(x);
	struct tlogcheck to = {keep_finding, count_entry, x};
	assert_ok(tlogcheck_run(x->dir, &cp, &to));
	assert_int_equal(x->entries, 520);
}

static void
opening_writes_again_what_is_missing_or_wrong(void **state)
{
	struct fixture *x = *state;
	make_log(x, MANY_LEAVES);
	static const char *const names[] = {"tile/0/001", "tile/1/000.p/2", "tile/entries/000"};
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		for (int how = 0; how < (i < 2 ? 3 : 1); how++) {
			OWNED_MEM char *path = xasprintf("%s/%s", x->dir, names[i]);
			spoil_file(path, how);
			assert_err(verify(x), E_AUTH);
			make_log(x, MANY_LEAVES);
			assert_ok(verify(x));
		}
	}
}

static void
an_older_or_other_vault_is_refused_and_changes_nothing(void **state)
{
	struct fixture *x = *state;
	make_log(x, 300);
	struct tlog *t = NULL;
	struct tlog_source from = source_of(x);
	assert_err(tlog_open(&t, x->dir, &from, 299), E_CONFLICT);
	x->salt = "other";
	assert_err(tlog_open(&t, x->dir, &from, 300), E_CONFLICT);
	assert_err(tlog_open(&t, x->dir, &from, 400), E_CONFLICT);
	assert_null(t);
	assert_ok(verify(x));
}

static void
a_fork_is_refused_against_an_earlier_checkpoint(void **state)
{
	struct fixture *x = *state;
	make_log(x, 300);
	struct note_checkpoint first = read_checkpoint(x);
	(void)nftw(x->dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	x->salt = "other";
	make_log(x, 300);
	struct note_checkpoint same_size = read_checkpoint(x);
	assert_ok(verify(x));
	assert_err(tlogcheck_grew(x->dir, &first, &same_size), E_AUTH);
	make_log(x, 400);
	struct note_checkpoint larger = read_checkpoint(x);
	assert_err(tlogcheck_grew(x->dir, &first, &larger), E_AUTH);
	assert_ok(tlogcheck_grew(x->dir, &same_size, &larger));
	assert_err(tlogcheck_grew(x->dir, &larger, &same_size), E_AUTH);
}

static void
a_checkpoint_of_something_else_is_not_published(void **state)
{
	struct fixture *x = *state;
	make_log(x, 10);
	OWNED_MEM uint8_t *bytes = NULL;
	size_t len = 0;
	assert_ok(tile_read_checkpoint(&bytes, &len, x->dir));
	OWNED(tlog) struct tlog *t = NULL;
	struct tlog_source from = source_of(x);
	assert_ok(tlog_open(&t, x->dir, &from, 11));
	assert_err(tlog_publish(t, view_of(bytes, len)), E_CONFLICT);
	assert_int_equal(read_checkpoint(x).size, 10);
}

static enum err
lend_longest(void *arg, uint64_t index, struct view *ret)
{
	static uint8_t bytes[TILE_ENTRY_MOST_BYTES + 1];
	const size_t *len = arg;
	bytes[0] = (uint8_t)index;
	*ret = view_of(bytes, *len);
	return OK;
}

static void
entries_are_as_long_as_the_format_lets_them_be(void **state)
{
	struct fixture *x = *state;
	size_t len = TILE_ENTRY_MOST_BYTES;
	struct tlog_source from = {lend_longest, NULL, &len};
	OWNED(tlog) struct tlog *t = NULL;
	assert_ok(tlog_open(&t, x->dir, &from, 3));
	assert_ok(publish(x, t));
	assert_ok(verify(x));
	len++;
	assert_err(tlog_grow(t, &from, 4), E_FORMAT);
	assert_int_equal(tlog_size(t), 3);
	len--;
	assert_ok(tlog_grow(t, &from, 4));
	assert_ok(publish(x, t));
	assert_ok(verify(x));
}

static void
leaves_are_proved_from_the_files(void **state)
{
	struct fixture *x = *state;
	make_log(x, MANY_LEAVES);
	struct note_checkpoint cp = read_checkpoint(x);
	OWNED(tile_tree) struct tile_tree *tree = tile_tree_new(x->dir, cp.size);
	struct merkle_source from = tile_tree_source(tree);
	static const uint64_t indexes[] = {0, 255, 256, 511, 512, 699};
	for (size_t i = 0; i < ARRAY_LEN(indexes); i++) {
		struct merkle_proof proof;
		uint8_t leaf[HASH_BYTES];
		struct view entry;
		assert_ok(lend_entry(x, indexes[i], &entry));
		merkle_leaf(leaf, entry);
		assert_ok(merkle_prove_inclusion(&proof, &from, indexes[i], cp.size));
		assert_ok(merkle_check_inclusion(&proof, indexes[i], cp.size, leaf, cp.root));
	}
}

#define WITH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	if (crypto_init())
		return 1;
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sizes_and_names_follow_the_format),
		WITH(a_growing_log_verifies_at_every_step),
		WITH(parts_that_two_checkpoints_replaced_are_removed),
		WITH(a_reader_who_began_with_the_checkpoint_before_can_finish),
		WITH(every_file_that_is_spoilt_is_named),
		WITH(a_changed_entry_is_named_by_its_index),
		WITH(files_that_agree_with_each_other_only_are_refused),
		WITH(bytes_behind_the_last_entry_are_refused),
		WITH(a_log_of_three_levels_verifies_and_names_its_upper_tiles),
		WITH(every_entry_is_shown_once_in_order),
		WITH(opening_writes_again_what_is_missing_or_wrong),
		WITH(an_older_or_other_vault_is_refused_and_changes_nothing),
		WITH(a_fork_is_refused_against_an_earlier_checkpoint),
		WITH(a_checkpoint_of_something_else_is_not_published),
		WITH(entries_are_as_long_as_the_format_lets_them_be),
		WITH(leaves_are_proved_from_the_files),
	};
	return cmocka_run_group_tests_name("tlog", tests, NULL, NULL);
}
