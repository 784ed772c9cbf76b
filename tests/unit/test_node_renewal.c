#include "tests/unit/own_dir.h"
#include "tests/unit/suite.h"

#include <stdio.h>
#include <unistd.h>

#include "node/renewal.h"

#define PATH_BYTES 64

/* The vault stands at number 1, and what it erased waits for number 2. */
static void
answer_that_one_is_wanted(struct buf *answer)
{
	const uint8_t public[BOX_PUBLIC_BYTES] = {0};
	buf_u32(answer, 1);
	buf_add(answer, public, sizeof(public));
	buf_u32(answer, 1);
	buf_u32(answer, 1);
	buf_u32(answer, 2);
	buf_blob(answer, (struct view){0});
	buf_u8(answer, 0);
	buf_u8(answer, 0);
}

static struct custody *
make_keys(const char *dir)
{
	struct custody *keys = NULL;
	struct custody_who who;
	OWNED_SECRET struct secret *passphrase = secret_copy("example of a phrase", 19);
	assert_ok(custody_coordinator(&who, "first", passphrase, KDF_INTERACTIVE));
	assert_ok(custody_make(&keys, dir, &who));
	return keys;
}

static enum err
hear_that_one_is_wanted(const char *dir, struct custody *keys)
{
	const struct renewal_with with = {.dir = dir, .keys = keys, .by = "first"};
	OWNED(renewal) struct renewal *r = renewal_new(&with);
	OWNED_BUF struct buf answer;
	buf_init(&answer, 256);
	answer_that_one_is_wanted(&answer);
	struct cursor fields = cursor_of(buf_view(&answer));
	return renewal_answer(r, OK, &fields);
}

static void
a_number_is_made_when_one_is_wanted(void **state)
{
	OWNED(custody) struct custody *keys = make_keys(*state);
	assert_ok(hear_that_one_is_wanted(*state, keys));
	assert_int_equal(keys->count, 2);
	assert_int_equal(keys->number[1], 2);
}

static void
a_number_that_could_not_be_written_is_forgotten_and_the_one_before_stays(void **state)
{
	char path[PATH_BYTES];
	OWNED(custody) struct custody *keys = make_keys(*state);
	const struct secret *before = keys->review[0];
	(void)snprintf(path, sizeof(path), "%s/desk/review.key", (const char *)*state);
	assert_int_equal(unlink(path), 0);
	assert_err(hear_that_one_is_wanted(*state, keys), E_NOTFOUND);
	assert_int_equal(keys->count, 1);
	assert_int_equal(keys->number[0], 1);
	assert_ptr_equal(keys->review[0], before);
	assert_null(keys->review[1]);
}

static int
make_place(void **state)
{
	static char dir[PATH_BYTES / 2];
	*state = dir;
	return own_dir_make(dir, sizeof(dir), "renewal") ? 0 : -1;
}

static int
drop_place(void **state)
{
	return own_dir_drop(*state);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_place, drop_place)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_number_is_made_when_one_is_wanted),
		TEST(a_number_that_could_not_be_written_is_forgotten_and_the_one_before_stays),
	};
	assert_int_equal(crypto_init(), OK);
	return cmocka_run_group_tests_name("node_renewal", tests, NULL, NULL);
}
