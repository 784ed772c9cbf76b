#include "tests/unit/names_damaged.h"
#include "tests/unit/own_dir.h"
#include "tests/unit/suite.h"

#include <unistd.h>

#include "common/base/mem.h"
#include "common/codec/text.h"

#include "node/namebook_inside.h"

#define FILE_MAX_BYTES ((size_t)64 << 20)

struct place {
	char dir[64];
	struct secret *key;
	struct secret *next;
};

static struct secret *
new_key(void)
{
	struct secret *s = secret_new(AEAD_KEY_BYTES);
	crypto_random(secret_bytes(s), AEAD_KEY_BYTES);
	return s;
}

static int
make_place(void **state)
{
	struct place *p = xcalloc(1, sizeof(*p));
	if (crypto_init())
		return 1;
	p->key = new_key();
	p->next = new_key();
	*state = p;
	return own_dir_make(p->dir, sizeof(p->dir), "names") ? 0 : 1;
}

static int
drop_place(void **state)
{
	struct place *p = *state;
	secret_free(p->key);
	secret_free(p->next);
	int rc = own_dir_drop(p->dir);
	free(p);
	return rc;
}

static struct name
person(const char *code, const char *called)
{
	return (struct name){.code = view_text(code),
		.name = view_text(called),
		.contact = view_text("01632 960001"),
		.way = view_text("by telephone, in the morning"),
		.changed_s = 1700000000};
}

static void
keep(struct namebook *n, const char *code, const char *called)
{
	struct name p = person(code, called);
	assert_ok(namebook_put(n, &p));
}

static void
assert_called(struct namebook *n, const char *code, const char *called)
{
	struct name p;
	assert_ok(namebook_get(n, view_text(code), &p));
	assert_true(view_same(p.name, view_text(called)));
	assert_true(view_same(p.contact, view_text("01632 960001")));
	assert_true(view_same(p.way, view_text("by telephone, in the morning")));
	assert_int_equal(p.changed_s, 1700000000);
}

static bool
holds(const struct place *p, struct view needle)
{
	OWNED_MEM char *path = xasprintf("%s/desk/names/data.mdb", p->dir);
	OWNED_MEM uint8_t *bytes = NULL;
	size_t len = 0;
	assert_ok(text_read_file(&bytes, &len, path, FILE_MAX_BYTES));
	return memmem(bytes, len, needle.at, needle.len) != NULL;
}

/* The bytes of a file that another one must not hold, in pieces of so many. */
#define PIECE_BYTES 24

/* Sealed bytes are of many values; heads and places in a page repeat a few, and two stores of
 * as many rows have some of those alike. */
static bool
looks_sealed(const uint8_t piece[static PIECE_BYTES])
{
	size_t values = 0;
	for (size_t i = 0; i < PIECE_BYTES; i++)
		values += !memchr(piece, piece[i], i);
	return values >= PIECE_BYTES * 3 / 4;
}

static size_t
pieces_in_common(struct view old, const struct place *p)
{
	OWNED_MEM char *path = xasprintf("%s/desk/names/data.mdb", p->dir);
	OWNED_MEM uint8_t *bytes = NULL;
	size_t len = 0, count = 0;
	assert_ok(text_read_file(&bytes, &len, path, FILE_MAX_BYTES));
	for (size_t i = 0; i + PIECE_BYTES <= old.len; i += PIECE_BYTES)
		if (looks_sealed(old.at + i) && memmem(bytes, len, old.at + i, PIECE_BYTES))
			count++;
	return count;
}

static void
keeps_people_over_a_restart_and_finds_them_by_their_code(void **state)
{
	struct place *p = *state;
	struct namebook *n = NULL;
	struct name found;
	uint64_t count = 0;
	assert_ok(namebook_open(&n, p->dir, p->key));
	keep(n, "AAAA-AAAA", "Example One");
	keep(n, "BBBB-BBBB", "Example Two");
	keep(n, "BBBB-BBBB", "Example Two Again");
	namebook_free(n);
	assert_ok(namebook_open(&n, p->dir, p->key));
	assert_called(n, "AAAA-AAAA", "Example One");
	assert_called(n, "BBBB-BBBB", "Example Two Again");
	assert_ok(namebook_count(n, &count));
	assert_int_equal(count, 2);
	assert_err(namebook_get(n, view_text("CCCC-CCCC"), &found), E_NOTFOUND);
	assert_int_equal(found.name.len, 0);
	namebook_free(n);
}

static void
opens_with_its_own_key_alone(void **state)
{
	struct place *p = *state;
	struct namebook *n = NULL;
	assert_ok(namebook_open(&n, p->dir, p->key));
	keep(n, "AAAA-AAAA", "Example One");
	namebook_free(n);
	assert_err(namebook_open(&n, p->dir, p->next), E_AUTH);
	assert_null(n);
	assert_ok(namebook_open(&n, p->dir, p->key));
	namebook_free(n);
}

static void
nothing_of_a_person_stands_in_clear(void **state)
{
	struct place *p = *state;
	OWNED(namebook) struct namebook *n = NULL;
	assert_ok(namebook_open(&n, p->dir, p->key));
	keep(n, "AAAA-AAAA", "Example One");
	assert_false(holds(p, view_text("AAAA-AAAA")));
	assert_false(holds(p, view_text("Example One")));
	assert_false(holds(p, view_text("960001")));
	assert_true(holds(p, view_text("people"))); /* the search can find */
}

static size_t
sealed_bytes(const struct place *p, const struct name *x)
{
	static const uint8_t id[ID_BYTES] = {1};
	OWNED_BUF struct buf out;
	buf_init(&out, NAMEBOOK_VALUE_MAX_BYTES);
	assert_ok(namebook_seal(&out, id, x, p->key));
	return out.len;
}

static void
long_and_short_names_take_the_same_room(void **state)
{
	struct place *p = *state;
	char longest[NAMEBOOK_TEXT_MAX_BYTES + 2];
	memset(longest, 'x', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = 0;
	OWNED(namebook) struct namebook *n = NULL;
	assert_ok(namebook_open(&n, p->dir, p->key));
	struct name too_long = person("AAAA-AAAA", longest);
	assert_err(namebook_put(n, &too_long), E_FORMAT);
	longest[NAMEBOOK_TEXT_MAX_BYTES] = 0;
	struct name long_one = person("AAAA-AAAA", longest);
	long_one.contact = long_one.way = long_one.name;
	assert_ok(namebook_put(n, &long_one));
	struct name found;
	assert_ok(namebook_get(n, view_text("AAAA-AAAA"), &found));
	assert_int_equal(found.way.len, NAMEBOOK_TEXT_MAX_BYTES);
	struct name short_one = person("A", "x");
	assert_int_equal(sealed_bytes(p, &long_one), sealed_bytes(p, &short_one));
}

static void
texts_that_are_none_are_refused(void **state)
{
	struct place *p = *state;
	static const char *const bad[] = {"", "two\nlines", "\xff\xfe", "bell\x07"};
	OWNED(namebook) struct namebook *n = NULL;
	uint64_t count = 0;
	assert_ok(namebook_open(&n, p->dir, p->key));
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct name x = person("AAAA-AAAA", bad[i]);
		assert_err(namebook_put(n, &x), E_FORMAT);
		x = person(bad[i], "Example One");
		assert_err(namebook_put(n, &x), E_FORMAT);
	}
	assert_ok(namebook_count(n, &count));
	assert_int_equal(count, 0);
}

static void
read_whole(const struct place *p, uint8_t **ret, size_t *ret_len)
{
	OWNED_MEM char *path = xasprintf("%s/desk/names/data.mdb", p->dir);
	assert_ok(text_read_file(ret, ret_len, path, FILE_MAX_BYTES));
}

static void
who_is_removed_is_in_no_file_of_the_store(void **state)
{
	struct place *p = *state;
	OWNED(namebook) struct namebook *n = NULL;
	OWNED_MEM uint8_t *one = NULL;
	size_t len = 0;
	assert_ok(namebook_open(&n, p->dir, p->key));
	keep(n, "AAAA-AAAA", "Example One");
	read_whole(p, &one, &len);
	/* The lock is there before and after: what is left is the person's row. */
	size_t before = pieces_in_common(view_of(one, len), p);
	assert_err(namebook_remove(n, view_text("BBBB-BBBB")), E_NOTFOUND);
	assert_ok(namebook_remove(n, view_text("AAAA-AAAA")));
	size_t after = pieces_in_common(view_of(one, len), p);
	assert_true(before > after + NAMEBOOK_PAD_BYTES / PIECE_BYTES - 4);
	assert_err(namebook_remove(n, view_text("AAAA-AAAA")), E_NOTFOUND);
}

static void
a_renewed_store_opens_with_the_next_key_and_an_old_copy_with_none(void **state)
{
	struct place *p = *state;
	struct namebook *n = NULL;
	OWNED_MEM char *copy = xasprintf("cp -r '%s/desk' '%s/before'", p->dir, p->dir);
	OWNED_MEM char *back = xasprintf(
		"rm -r '%s/desk' && mv '%s/before' '%s/desk'", p->dir, p->dir, p->dir);
	assert_ok(namebook_open(&n, p->dir, p->key));
	keep(n, "AAAA-AAAA", "Example One");
	keep(n, "BBBB-BBBB", "Example Two");
	assert_int_equal(system(copy), 0);
	assert_ok(namebook_renew(n, p->next, NULL, NULL));
	assert_called(n, "AAAA-AAAA", "Example One");
	assert_ok(namebook_settle(n, p->next));
	namebook_free(n);
	assert_err(namebook_open(&n, p->dir, p->key), E_AUTH);
	assert_ok(namebook_open(&n, p->dir, p->next));
	assert_called(n, "BBBB-BBBB", "Example Two");
	namebook_free(n);
	assert_int_equal(system(back), 0);
	assert_err(namebook_open(&n, p->dir, p->next), E_AUTH);
	assert_ok(namebook_open(
		&n, p->dir, p->key)); /* with its own secrets the attack succeeds */
	namebook_free(n);
}

static bool
is_one(const void *arg, struct view code)
{
	(void)arg;
	return view_same(code, view_text("AAAA-AAAA"));
}

/* Between the renewal and its end a copy is made: the next key opens it, and has no name of
 * whoever was left out. */
static void
who_is_left_out_never_stands_under_the_next_key(void **state)
{
	struct place *p = *state;
	struct namebook *n = NULL;
	struct name found;
	assert_ok(namebook_open(&n, p->dir, p->key));
	keep(n, "AAAA-AAAA", "Example One");
	keep(n, "BBBB-BBBB", "Example Two");
	assert_ok(namebook_renew(n, p->next, is_one, NULL));
	namebook_free(n);
	assert_ok(namebook_open(&n, p->dir, p->next));
	assert_err(namebook_get(n, view_text("AAAA-AAAA"), &found), E_NOTFOUND);
	assert_called(n, "BBBB-BBBB", "Example Two");
	namebook_free(n);
}

static void
a_renewal_that_was_cut_short_opens_with_whichever_key_was_kept(void **state)
{
	struct place *p = *state;
	struct namebook *n = NULL;
	struct secret *const kept[] = {p->key, p->next};
	for (size_t i = 0; i < ARRAY_LEN(kept); i++) {
		OWNED_MEM char *fresh = xasprintf("rm -rf '%s/desk'", p->dir);
		assert_int_equal(system(fresh), 0);
		assert_ok(namebook_open(&n, p->dir, p->key));
		keep(n, "AAAA-AAAA", "Example One");
		assert_ok(namebook_renew(n, p->next, NULL, NULL));
		namebook_free(n);
		assert_ok(namebook_open(&n, p->dir, kept[i]));
		assert_called(n, "AAAA-AAAA", "Example One");
		namebook_free(n);
		/* Opening settles it. */
		assert_err(namebook_open(&n, p->dir, kept[1 - i]), E_AUTH);
		assert_ok(namebook_open(&n, p->dir, kept[i]));
		namebook_free(n);
	}
}

static void
settling_on_a_key_that_no_lock_is_for_changes_nothing(void **state)
{
	struct place *p = *state;
	struct namebook *n = NULL;
	assert_ok(namebook_open(&n, p->dir, p->key));
	keep(n, "AAAA-AAAA", "Example One");
	assert_err(namebook_settle(n, p->next), E_AUTH);
	namebook_free(n);
	assert_ok(namebook_open(&n, p->dir, p->key));
	assert_called(n, "AAAA-AAAA", "Example One");
	namebook_free(n);
}

static void
nothing_of_the_rows_before_a_renewal_is_left(void **state)
{
	struct place *p = *state;
	OWNED(namebook) struct namebook *n = NULL;
	OWNED_MEM uint8_t *old = NULL;
	size_t len = 0;
	assert_ok(namebook_open(&n, p->dir, p->key));
	for (int i = 0; i < 40; i++) {
		OWNED_MEM char *code = xasprintf("CODE-%d", i);
		keep(n, code, "Example");
	}
	read_whole(p, &old, &len);
	assert_true(pieces_in_common(view_of(old, len), p) > 40);
	assert_ok(namebook_renew(n, p->next, NULL, NULL));
	assert_ok(namebook_settle(n, p->next));
	assert_int_equal(pieces_in_common(view_of(old, len), p), 0);
	uint64_t count = 0;
	assert_ok(namebook_count(n, &count));
	assert_int_equal(count, 40);
}

static enum err
count_one(void *arg, const struct name *p)
{
	size_t *count = arg;
	assert_true(p->code.len > 0);
	(*count)++;
	return OK;
}

static void
everybody_is_walked_once(void **state)
{
	struct place *p = *state;
	OWNED(namebook) struct namebook *n = NULL;
	size_t count = 0;
	assert_ok(namebook_open(&n, p->dir, p->key));
	keep(n, "AAAA-AAAA", "Example One");
	keep(n, "BBBB-BBBB", "Example Two");
	keep(n, "CCCC-CCCC", "Example Three");
	assert_ok(namebook_remove(n, view_text("BBBB-BBBB")));
	assert_ok(namebook_each(n, count_one, &count));
	assert_int_equal(count, 2);
}

static void
assert_damage(const struct namebook *n, uint32_t count, const char *row)
{
	const struct namebook_damage found = namebook_damage(n);
	assert_int_equal(found.count, count);
	assert_string_equal(found.row, row);
}

static void
one_damaged_name_keeps_nobody_from_a_renewal(void **state)
{
	struct place *p = *state;
	OWNED(namebook) struct namebook *n = NULL;
	struct name found;
	char row[2 * NAMEBOOK_ROW_SHOWN_BYTES + 1];
	assert_ok(namebook_open(&n, p->dir, p->key));
	keep(n, "AAAA-AAAA", "Example One");
	keep(n, "BBBB-BBBB", "Example Two");
	keep(n, "CCCC-CCCC", "Example Three");
	names_damage(n, "BBBB-BBBB", row);
	assert_ok(namebook_renew(n, p->next, is_one, NULL));
	assert_damage(n, 1, row);
	assert_ok(namebook_settle(n, p->next));
	assert_err(namebook_get(n, view_text("AAAA-AAAA"), &found), E_NOTFOUND);
	assert_err(namebook_get(n, view_text("BBBB-BBBB"), &found), E_NOTFOUND);
	assert_called(n, "CCCC-CCCC", "Example Three");
	/* What no key opens any more does not stay behind. */
	assert_ok(namebook_renew(n, p->key, NULL, NULL));
	assert_damage(n, 0, "");
}

static bool
goes_who_is_one(const void *arg, const struct name *p)
{
	return is_one(arg, p->code);
}

static void
walks_pass_over_a_damaged_name_and_name_its_row(void **state)
{
	struct place *p = *state;
	OWNED(namebook) struct namebook *n = NULL;
	struct name found;
	char row[2 * NAMEBOOK_ROW_SHOWN_BYTES + 1];
	size_t seen = 0;
	uint32_t removed = 0;
	uint64_t count = 0;
	assert_ok(namebook_open(&n, p->dir, p->key));
	keep(n, "AAAA-AAAA", "Example One");
	keep(n, "BBBB-BBBB", "Example Two");
	keep(n, "CCCC-CCCC", "Example Three");
	names_damage(n, "BBBB-BBBB", row);
	assert_ok(namebook_each(n, count_one, &seen));
	assert_int_equal(seen, 2);
	assert_damage(n, 1, row);
	assert_ok(namebook_count(n, &count));
	assert_int_equal(count, 2);
	assert_damage(n, 1, row);
	assert_ok(namebook_remove_those(n, goes_who_is_one, NULL, &removed));
	assert_int_equal(removed, 1);
	assert_damage(n, 1, row);
	assert_called(n, "CCCC-CCCC", "Example Three");
	/* Asked for by its code it is an error; what is typed again takes its place. */
	assert_err(namebook_get(n, view_text("BBBB-BBBB"), &found), E_FORMAT);
	keep(n, "BBBB-BBBB", "Example Two");
	assert_called(n, "BBBB-BBBB", "Example Two");
	assert_ok(namebook_count(n, &count));
	assert_int_equal(count, 2);
	assert_damage(n, 0, "");
}

static void
a_row_whose_key_is_no_id_is_damage_like_any(void **state)
{
	struct place *p = *state;
	OWNED(namebook) struct namebook *n = NULL;
	OWNED(store_txn) struct store_txn *t = NULL;
	size_t seen = 0;
	assert_ok(namebook_open(&n, p->dir, p->key));
	keep(n, "AAAA-AAAA", "Example One");
	assert_ok(store_write(&t, n->store));
	assert_ok(store_put(t, NAMEBOOK_PEOPLE, view_text("ab"), view_text("no row")));
	assert_ok(store_commit(take(t)));
	assert_ok(namebook_each(n, count_one, &seen));
	assert_int_equal(seen, 1);
	assert_string_equal(namebook_damage(n).row, "6162");
	assert_ok(namebook_renew(n, p->next, NULL, NULL));
	assert_int_equal(namebook_damage(n).count, 1);
	assert_ok(namebook_settle(n, p->next));
	assert_called(n, "AAAA-AAAA", "Example One");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, make_place, drop_place)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(keeps_people_over_a_restart_and_finds_them_by_their_code),
		CASE(opens_with_its_own_key_alone),
		CASE(nothing_of_a_person_stands_in_clear),
		CASE(long_and_short_names_take_the_same_room),
		CASE(texts_that_are_none_are_refused),
		CASE(who_is_removed_is_in_no_file_of_the_store),
		CASE(a_renewed_store_opens_with_the_next_key_and_an_old_copy_with_none),
		CASE(who_is_left_out_never_stands_under_the_next_key),
		CASE(a_renewal_that_was_cut_short_opens_with_whichever_key_was_kept),
		CASE(settling_on_a_key_that_no_lock_is_for_changes_nothing),
		CASE(nothing_of_the_rows_before_a_renewal_is_left),
		CASE(everybody_is_walked_once),
		CASE(one_damaged_name_keeps_nobody_from_a_renewal),
		CASE(walks_pass_over_a_damaged_name_and_name_its_row),
		CASE(a_row_whose_key_is_no_id_is_damage_like_any),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
