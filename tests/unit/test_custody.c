#include "tests/unit/own_dir.h"
#include "tests/unit/suite.h"

#include <unistd.h>

#include "common/base/mem.h"
#include "common/codec/text.h"
#include "node/custody.h"
#include "node/rescue.h"

struct place {
	char dir[32];
	struct secret *first, *second; /* passphrases */
};

static int
make_place(void **state)
{
	struct place *p = xcalloc(1, sizeof(*p));
	p->first = secret_copy("example of the first", 20);
	p->second = secret_copy("example of the second", 21);
	*state = p;
	return own_dir_make(p->dir, sizeof(p->dir), "custody") ? 0 : -1;
}

static int
drop_place(void **state)
{
	struct place *p = *state;
	secret_free(p->first);
	secret_free(p->second);
	int rc = own_dir_drop(p->dir);
	free(p);
	return rc;
}

static struct custody *
make(const struct place *p)
{
	struct custody *k = NULL;
	struct custody_who who;
	assert_ok(custody_coordinator(&who, "first", p->first, KDF_INTERACTIVE));
	assert_ok(custody_make(&k, p->dir, &who));
	return k;
}

static void
assert_same(const struct custody *a, const struct custody *b)
{
	assert_int_equal(a->count, b->count);
	assert_true(view_same(secret_view(a->names), secret_view(b->names)));
	for (size_t i = 0; i < a->count; i++) {
		assert_int_equal(a->number[i], b->number[i]);
		assert_true(view_same(secret_view(a->review[i]), secret_view(b->review[i])));
	}
}

static void
the_passphrase_opens_it_and_another_does_not(void **state)
{
	const struct place *p = *state;
	char id[CUSTODY_ID_BYTES];
	OWNED(custody) struct custody *made = make(p), *opened = NULL, *none = NULL;
	assert_ok(custody_open(&opened, id, p->dir, NULL, p->first));
	assert_string_equal(id, "first");
	assert_same(made, opened);
	assert_err(custody_open(&none, id, p->dir, NULL, p->second), E_AUTH);
	assert_err(custody_open(&none, id, p->dir, "second", p->first), E_NOTFOUND);
}

static void
after_a_hand_over_the_old_passphrase_opens_nothing(void **state)
{
	const struct place *p = *state;
	char id[CUSTODY_ID_BYTES];
	OWNED(custody) struct custody *k = make(p), *opened = NULL, *none = NULL;
	struct custody_list to = {.count = 1};
	assert_ok(custody_coordinator(&to.who[0], "second", p->second, KDF_INTERACTIVE));
	assert_ok(custody_change(k, p->dir, &to));
	assert_err(custody_open(&none, id, p->dir, NULL, p->first), E_AUTH);
	assert_ok(custody_open(&opened, id, p->dir, NULL, p->second));
	assert_string_equal(id, "second");
	assert_same(k, opened);
}

static void
the_sheet_opens_until_another_is_printed(void **state)
{
	const struct place *p = *state;
	char code[RESCUE_TEXT_BYTES], next[RESCUE_TEXT_BYTES];
	OWNED(custody) struct custody *k = make(p), *opened = NULL, *none = NULL;
	struct custody_list to;
	rescue_make(code);
	rescue_make(next);
	assert_ok(custody_read_list(&to, p->dir));
	assert_ok(custody_sheet(&to.who[1], code));
	to.count = 2;
	assert_ok(custody_change(k, p->dir, &to));
	assert_ok(custody_open_sheet(&opened, p->dir, code));
	assert_same(k, opened);
	assert_err(custody_open_sheet(&none, p->dir, next), E_AUTH);
	assert_ok(custody_sheet(&to.who[1], next));
	assert_ok(custody_change(k, p->dir, &to));
	assert_err(custody_open_sheet(&none, p->dir, code), E_AUTH);
}

static void
a_new_number_reaches_everybody_without_a_passphrase(void **state)
{
	const struct place *p = *state;
	char id[CUSTODY_ID_BYTES];
	OWNED(custody) struct custody *k = make(p), *opened = NULL;
	assert_ok(custody_renew(k, true, 0));
	assert_ok(custody_rewrite(k, p->dir));
	assert_ok(custody_open(&opened, id, p->dir, NULL, p->first));
	assert_int_equal(opened->count, 2);
	assert_int_equal(opened->number[1], 2);
	assert_ok(custody_renew(opened, false, 2)); /* never the newest */
	assert_int_equal(opened->count, 1);
	assert_int_equal(opened->number[0], 2);
}

static void
flip(const struct place *p, const char *name, const char *at)
{
	OWNED_MEM char *path = xasprintf("%s/%s", p->dir, name);
	OWNED_MEM uint8_t *bytes = NULL;
	size_t len = 0;
	assert_ok(text_read_file(&bytes, &len, path, 65536));
	uint8_t *found = memmem(bytes, len, at, strlen(at));
	assert_non_null(found);
	found[strlen(at)] ^= 1; /* the first byte of the public key */
	assert_ok(text_write_file(path, view_of(bytes, len), 0600));
}

static void
a_changed_list_is_noticed_before_anything_is_sealed_to_it(void **state)
{
	const struct place *p = *state;
	char id[CUSTODY_ID_BYTES];
	OWNED(custody) struct custody *k = make(p), *none = NULL;
	flip(p, "desk/review.key", "first");
	assert_err(custody_rewrite(k, p->dir), E_AUTH);
	assert_err(custody_open(&none, id, p->dir, NULL, p->first), E_AUTH);
}

static void
somebody_is_always_left_and_nobody_stands_twice(void **state)
{
	const struct place *p = *state;
	char code[RESCUE_TEXT_BYTES];
	OWNED(custody) struct custody *k = make(p);
	struct custody_list to = {.count = 1};
	rescue_make(code);
	assert_ok(custody_sheet(&to.who[0], code));
	assert_err(custody_change(k, p->dir, &to), E_DENIED);
	assert_ok(custody_read_list(&to, p->dir));
	to.who[1] = to.who[0];
	to.count = 2;
	assert_err(custody_change(k, p->dir, &to), E_CONFLICT);
	assert_err(
		custody_coordinator(&to.who[0], "sheet", p->first, KDF_INTERACTIVE), E_FORMAT);
}

static void
a_code_is_read_as_people_type_it_and_a_slip_is_noticed(void **state)
{
	char code[RESCUE_TEXT_BYTES], typed[RESCUE_TEXT_BYTES];
	OWNED_SECRET struct secret *seed = NULL, *again = NULL, *none = NULL;
	size_t at = 0;
	(void)state;
	rescue_make(code);
	assert_int_equal(strlen(code), 34);
	assert_ok(rescue_seed(&seed, code));
	for (const char *c = code; *c; c++)
		if (*c != '-')
			typed[at++] = (char)(*c >= 'A' && *c <= 'Z' ? *c - 'A' + 'a' : *c);
	typed[at] = '\0';
	assert_ok(rescue_seed(&again, typed));
	assert_true(view_same(secret_view(seed), secret_view(again)));
	code[0] = code[0] == '7' ? '8' : '7';
	assert_err(rescue_seed(&none, code), E_AUTH);
	assert_err(rescue_seed(&none, "7777"), E_AUTH);
	assert_err(rescue_seed(&none, ""), E_AUTH);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_place, drop_place)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_passphrase_opens_it_and_another_does_not),
		TEST(after_a_hand_over_the_old_passphrase_opens_nothing),
		TEST(the_sheet_opens_until_another_is_printed),
		TEST(a_new_number_reaches_everybody_without_a_passphrase),
		TEST(a_changed_list_is_noticed_before_anything_is_sealed_to_it),
		TEST(somebody_is_always_left_and_nobody_stands_twice),
		cmocka_unit_test(a_code_is_read_as_people_type_it_and_a_slip_is_noticed),
	};
	assert_int_equal(crypto_init(), OK);
	return cmocka_run_group_tests_name("custody", tests, NULL, NULL);
}
