#include "tests/unit/own_dir.h"
#include "tests/unit/suite.h"

#include <fcntl.h>
#include <unistd.h>

#include "common/base/mem.h"
#include "common/codec/text.h"
#include "hub/journal.h"

struct place {
	char dir[32];
	char file[48];
};

/* What an opening handed out. */
struct seen {
	char text[256];
	size_t count;
};

static enum err
look(void *arg, uint8_t kind, struct view content)
{
	struct seen *s = arg;
	assert_int_equal(kind, JOURNAL_CHECKPOINT);
	(void)snprintf(s->text + strlen(s->text), sizeof(s->text) - strlen(s->text), "%.*s,",
		(int)content.len, (const char *)content.at);
	s->count++;
	return OK;
}

static int
make_place(void **state)
{
	struct place *p = xcalloc(1, sizeof(*p));
	if (!own_dir_make(p->dir, sizeof(p->dir), "journal"))
		return -1;
	(void)snprintf(p->file, sizeof(p->file), "%s/journal", p->dir);
	*state = p;
	return 0;
}

static int
drop_place(void **state)
{
	struct place *p = *state;
	int rc = own_dir_drop(p->dir);
	free(p);
	return rc;
}

static void
write_items(struct place *p, const char *const *items, size_t count)
{
	OWNED(journal) struct journal *j = NULL;
	assert_ok(journal_open(&j, p->dir, NULL, NULL, NULL));
	for (size_t i = 0; i < count; i++)
		assert_ok(journal_append(j, JOURNAL_CHECKPOINT, view_text(items[i])));
}

static void
assert_items(struct place *p, const char *expected)
{
	OWNED(journal) struct journal *j = NULL;
	struct seen s = {0};
	assert_ok(journal_open(&j, p->dir, NULL, look, &s));
	assert_string_equal(s.text, expected);
}

static const char *const three[] = {"one", "two", "three"};

static void
what_was_appended_comes_back_in_order(void **state)
{
	struct place *p = *state;
	write_items(p, three, 2);
	assert_items(p, "one,two,");
	write_items(p, three + 2, 1);
	assert_items(p, "one,two,three,");
}

/* What its notes hold differs: read as those of today they would say something else. */
static void
refuses_a_journal_of_another_version_by_name(void **state)
{
	static const struct {
		const char *first_line, *why;
	} rows[] = {
		{"weir-journal-v1\n", "of version 1, and this program reads version 3"},
		{"weir-journal-v2\n", "of version 2, and this program reads version 3"},
		{"weir-journal-v4\n", "an officer has to sign"},
		{"weir-journal-vX\n", "is no journal"},
		{"weir-journal-v10", "is no journal"},
	};
	struct place *p = *state;
	struct journal *j = NULL;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		assert_ok(text_write_file(p->file, view_text(rows[i].first_line), 0600));
		assert_err(journal_open(&j, p->dir, NULL, NULL, NULL), E_FORMAT);
		assert_non_null(strstr(err_text(), p->file));
		assert_non_null(strstr(err_text(), rows[i].why));
		assert_err(journal_read(p->dir, NULL, NULL), E_FORMAT);
		assert_non_null(strstr(err_text(), rows[i].why));
	}
}

static void
an_item_cut_short_at_the_end_is_taken_away_and_the_journal_goes_on(void **state)
{
	struct place *p = *state;
	write_items(p, three, 3);
	for (long cut = 1; cut < 20; cut += 6) {
		write_items(p, three, 1);
		int fd = open(p->file, O_RDWR);
		off_t end = lseek(fd, 0, SEEK_END);
		assert_int_equal(ftruncate(fd, end - cut), 0);
		(void)close(fd);
		assert_items(p, "one,two,three,");
	}
	write_items(p, three, 1);
	assert_items(p, "one,two,three,one,");
}

static void
change_byte(const char *file, off_t at)
{
	uint8_t b = 0;
	int fd = open(file, O_RDWR);
	assert_int_equal(pread(fd, &b, 1, at), 1);
	b ^= 1;
	assert_int_equal(pwrite(fd, &b, 1, at), 1);
	(void)close(fd);
}

static void
refuses_a_journal_in_which_any_byte_was_changed(void **state)
{
	struct place *p = *state;
	struct journal *j = NULL;
	write_items(p, three, 3);
	/* Magic, length, kind, content, zeros and check of the first item; length and content
	 * of the second; length, content and zeros of the last. */
	static const off_t bytes[] = {
		0, 15, 16, 18, 19, 20, 21, 24, 31, 32, 47, 50, 54, 82, 87, 95};
	for (size_t i = 0; i < ARRAY_LEN(bytes); i++) {
		change_byte(p->file, bytes[i]);
		assert_err(journal_open(&j, p->dir, NULL, NULL, NULL), E_FORMAT);
		assert_null(j);
		change_byte(p->file, bytes[i]);
	}
	assert_items(p, "one,two,three,");
}

#define SECTOR_BYTES    512
#define LONG_BYTES      1400
#define MANY_PIECES     8
#define FILE_MOST_BYTES ((size_t)1 << 16)

/* Zeros up to the end of a sector, as a disk leaves what it had not written. */
static void
leave_out_sector(const char *file, off_t from)
{
	uint8_t zeros[SECTOR_BYTES] = {0};
	size_t len = SECTOR_BYTES - (size_t)from % SECTOR_BYTES;
	int fd = open(file, O_RDWR);
	assert_int_equal(pwrite(fd, zeros, len, from), len);
	(void)close(fd);
}

static off_t
end_of(const char *file)
{
	int fd = open(file, O_RDONLY);
	off_t end = lseek(fd, 0, SEEK_END);
	(void)close(fd);
	return end;
}

static void
an_item_at_the_end_that_lacks_a_sector_is_taken_away(void **state)
{
	struct place *p = *state;
	char text[LONG_BYTES + 1] = "";
	const char *const one_long[] = {text};
	memset(text, 'x', LONG_BYTES);
	write_items(p, three, 3);
	off_t begin = end_of(p->file);
	const off_t holes[] = {begin, SECTOR_BYTES, (off_t)2 * SECTOR_BYTES};
	for (size_t i = 0; i < ARRAY_LEN(holes); i++) {
		write_items(p, one_long, 1);
		leave_out_sector(p->file, holes[i]);
		assert_items(p, "one,two,three,");
		assert_int_equal(end_of(p->file), begin);
	}
}

/* A cut while the last of two items is written leaves any of its sectors, in any order. */
struct torn {
	struct place *p;
	uint8_t *bytes; /* the whole file */
	size_t begin, len;
};

static size_t
piece_end(const struct torn *t, size_t at)
{
	return MIN(t->len, at - at % SECTOR_BYTES + SECTOR_BYTES);
}

/* Bit i of `kept`: piece i of the last item came to the disk. The file ends behind the last one
 * that did, or, as some file systems do it, where it would have ended. */
static void
write_torn(const struct torn *t, unsigned kept, bool whole_size)
{
	OWNED_MEM uint8_t *left = xcalloc(1, t->len);
	size_t end = t->begin;
	memcpy(left, t->bytes, t->begin);
	for (size_t at = t->begin; at < t->len; at = piece_end(t, at), kept >>= 1)
		if (kept & 1) {
			end = piece_end(t, at);
			memcpy(left + at, t->bytes + at, end - at);
		}
	end = whole_size ? t->len : end;
	int fd = open(t->p->file, O_WRONLY | O_TRUNC);
	assert_int_equal(write(fd, left, end), end);
	(void)close(fd);
}

static void
check_torn(const struct torn *t, unsigned kept, bool whole_size)
{
	OWNED(journal) struct journal *j = NULL;
	write_torn(t, kept, whole_size);
	if (journal_open(&j, t->p->dir, NULL, NULL, NULL))
		fail_msg("begun at %zu, %zu bytes, kept %x: %s", t->begin, t->len - t->begin,
			kept, err_text());
	assert_in_range(journal_mark_of(j).items, 1, 2);
	assert_true(journal_bytes(j) == (journal_mark_of(j).items == 1 ? t->begin : t->len));
}

/* Two items, the second of so many bytes; the first so long that it may begin anywhere. */
static void
tear(struct place *p, size_t first, size_t second)
{
	OWNED_MEM char *text = xcalloc(1, MAX(first, second) + 1);
	OWNED_MEM uint8_t *bytes = NULL;
	struct torn t = {.p = p};
	const char *items[] = {text};
	(void)unlink(p->file);
	memset(text, 'x', first);
	write_items(p, items, 1);
	t.begin = (size_t)end_of(p->file);
	memset(text, 'y', second);
	text[second] = 0;
	write_items(p, items, 1);
	assert_ok(text_read_file(&bytes, &t.len, p->file, FILE_MOST_BYTES));
	t.bytes = bytes;
	unsigned pieces = 0;
	for (size_t at = t.begin; at < t.len; at = piece_end(&t, at))
		pieces++;
	/* Of one of many pieces the first comes to the disk before the others are written. */
	const unsigned first_piece = pieces > MANY_PIECES ? 1 : 0, all = (1U << pieces) - 1;
	for (unsigned kept = 0; kept < all; kept += first_piece ? all / 13 : 1) {
		check_torn(&t, kept ? kept | first_piece : 0, false);
		check_torn(&t, kept ? kept | first_piece : 0, !first_piece);
	}
}

static void
opens_whatever_a_cut_leaves_of_the_last_item_wherever_it_begins(void **state)
{
	static const size_t seconds[] = {3, 40, 600, 9000};
	/* The second begins before, at and behind the end of a sector. */
	for (size_t first = 424; first < 480; first += 8)
		for (size_t i = 0; i < ARRAY_LEN(seconds); i++)
			tear(*state, first, seconds[i]);
}

static void
refuses_a_journal_that_lacks_a_sector_with_more_behind_it(void **state)
{
	struct place *p = *state;
	struct journal *j = NULL;
	char text[LONG_BYTES + 1] = "";
	const char *const long_ones[] = {text, text, text, text};
	memset(text, 'x', LONG_BYTES);
	write_items(p, long_ones, ARRAY_LEN(long_ones));
	leave_out_sector(p->file, SECTOR_BYTES);
	assert_err(journal_open(&j, p->dir, NULL, NULL, NULL), E_FORMAT);
	assert_null(j);
}

static struct journal_mark
mark_of(struct place *p)
{
	OWNED(journal) struct journal *j = NULL;
	assert_ok(journal_open(&j, p->dir, NULL, NULL, NULL));
	return journal_mark_of(j);
}

static enum err
open_with(struct place *p, const struct journal_mark *least)
{
	OWNED(journal) struct journal *j = NULL;
	return journal_open(&j, p->dir, least, NULL, NULL);
}

/* Row 43. What somebody knows to have been durable is lost when it is not there: neither torn
 * nor new; and what is left of it stays as it is, for a person to look at. */
static void
refuses_a_journal_that_lacks_what_was_durable_and_leaves_it_as_it_is(void **state)
{
	struct place *p = *state;
	char text[LONG_BYTES + 1] = "";
	const char *const one_long[] = {text};
	memset(text, 'x', LONG_BYTES);
	write_items(p, three, 3);
	const struct journal_mark before = mark_of(p);
	off_t begin = end_of(p->file);
	write_items(p, one_long, 1);
	const struct journal_mark durable = mark_of(p);
	off_t end = end_of(p->file);
	assert_int_equal(durable.items, 4);
	assert_ok(open_with(p, &durable));
	assert_ok(open_with(p, &before));
	leave_out_sector(p->file, begin);
	assert_err(open_with(p, &durable), E_NOTFOUND);
	assert_int_equal(end_of(p->file), end);
	assert_ok(open_with(p, &before));
	assert_int_equal(end_of(p->file), begin);
	assert_err(open_with(p, &durable), E_NOTFOUND);
	assert_int_equal(truncate(p->file, 0), 0);
	assert_err(open_with(p, &before), E_NOTFOUND);
	assert_int_equal(end_of(p->file), 0);
	assert_int_equal(unlink(p->file), 0);
	assert_err(open_with(p, &before), E_NOTFOUND);
	assert_int_equal(access(p->file, F_OK), -1);
}

static void
refuses_another_journal_that_is_as_long(void **state)
{
	static const char *const others[] = {"one", "two", "other"};
	struct place *p = *state;
	write_items(p, three, 3);
	const struct journal_mark durable = mark_of(p);
	assert_ok(journal_put_aside(p->dir));
	assert_ok(journal_put_aside(p->dir)); /* there is none */
	write_items(p, others, 3);
	assert_err(open_with(p, &durable), E_NOTFOUND);
}

static void
refuses_a_second_writer(void **state)
{
	struct place *p = *state;
	OWNED(journal) struct journal *first = NULL;
	struct journal *second = NULL;
	assert_ok(journal_open(&first, p->dir, NULL, NULL, NULL));
	assert_err(journal_open(&second, p->dir, NULL, NULL, NULL), E_CONFLICT);
}

#define at_a_place(test) cmocka_unit_test_setup_teardown(test, make_place, drop_place)

static void
the_last_item_is_taken_back_once_and_the_journal_goes_on(void **state)
{
	struct place *p = *state;
	OWNED(journal) struct journal *j = NULL;
	assert_ok(journal_open(&j, p->dir, NULL, NULL, NULL));
	assert_err(journal_take_back(j), E_IO); /* nothing was appended */
	assert_ok(journal_append(j, JOURNAL_CHECKPOINT, view_text("one")));
	const struct journal_mark before = journal_mark_of(j);
	assert_ok(journal_append(j, JOURNAL_CHECKPOINT, view_text("two")));
	assert_ok(journal_take_back(j));
	const struct journal_mark after = journal_mark_of(j);
	assert_int_equal(after.items, before.items);
	assert_memory_equal(after.check, before.check, sizeof(before.check));
	assert_err(journal_take_back(j), E_IO); /* "one" may have been heard of */
	assert_ok(journal_append(j, JOURNAL_CHECKPOINT, view_text("three")));
	journal_free(take(j));
	assert_items(p, "one,three,");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		at_a_place(what_was_appended_comes_back_in_order),
		at_a_place(refuses_a_journal_of_another_version_by_name),
		at_a_place(an_item_cut_short_at_the_end_is_taken_away_and_the_journal_goes_on),
		at_a_place(an_item_at_the_end_that_lacks_a_sector_is_taken_away),
		at_a_place(opens_whatever_a_cut_leaves_of_the_last_item_wherever_it_begins),
		at_a_place(refuses_a_journal_that_lacks_a_sector_with_more_behind_it),
		at_a_place(refuses_a_journal_in_which_any_byte_was_changed),
		at_a_place(
			refuses_a_journal_that_lacks_what_was_durable_and_leaves_it_as_it_is),
		at_a_place(refuses_another_journal_that_is_as_long),
		at_a_place(the_last_item_is_taken_back_once_and_the_journal_goes_on),
		at_a_place(refuses_a_second_writer),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
