#include "tests/unit/own_dir.h"
#include "tests/unit/suite.h"

#include <sys/stat.h>
#include <unistd.h>

#include "common/base/mem.h"
#include "common/codec/text.h"
#include "common/trust/keys.h"

#define FILE_MAX_BYTES 4096

struct place {
	char dir[32];
	char *path;
	struct secret *words;
};

static int
set_up(void **state)
{
	struct place *p = xcalloc(1, sizeof(*p));
	assert_ok(crypto_init());
	assert_true(own_dir_make(p->dir, sizeof(p->dir), "keys"));
	p->path = xasprintf("%s/example.key", p->dir);
	p->words = secret_copy("example words", 13);
	*state = p;
	return 0;
}

static int
tear_down(void **state)
{
	struct place *p = *state;
	(void)unlink(p->path);
	(void)rmdir(p->dir);
	secret_free(p->words);
	free(p->path);
	free(p);
	return 0;
}

static void
write_one(struct place *p)
{
	assert_ok(keys_write(
		p->path, "person", view_text("the secret"), p->words, KDF_INTERACTIVE));
}

static void
a_key_comes_back_under_its_passphrase(void **state)
{
	struct place *p = *state;
	write_one(p);
	OWNED_SECRET struct secret *back = NULL;
	assert_ok(keys_read(&back, p->path, "person", p->words));
	assert_true(view_same(secret_view(back), view_text("the secret")));
	struct stat st;
	assert_int_equal(stat(p->path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
}

static void
a_wrong_passphrase_and_another_kind_are_told_apart(void **state)
{
	struct place *p = *state;
	write_one(p);
	OWNED_SECRET struct secret *wrong = secret_copy("example word", 12);
	OWNED_SECRET struct secret *none = NULL;
	assert_err(keys_read(&none, p->path, "person", wrong), E_AUTH);
	assert_non_null(strstr(err_text(), "wrong passphrase for"));
	assert_non_null(strstr(err_text(), p->path));
	assert_err(keys_read(&none, p->path, "root", p->words), E_FORMAT);
	assert_err(keys_read(&none, "/nonexistent/key", "root", p->words), E_NOTFOUND);
	assert_null(none);
}

static void
a_file_that_is_there_is_kept_unless_it_is_to_be_replaced(void **state)
{
	struct place *p = *state;
	write_one(p);
	assert_err(
		keys_write(p->path, "person", view_text("another"), p->words, KDF_INTERACTIVE),
		E_CONFLICT);
	OWNED_SECRET struct secret *first = NULL, *second = NULL;
	assert_ok(keys_read(&first, p->path, "person", p->words));
	assert_true(view_same(secret_view(first), view_text("the secret")));
	assert_ok(keys_rewrite(
		p->path, "person", view_text("another"), p->words, KDF_INTERACTIVE));
	assert_ok(keys_read(&second, p->path, "person", p->words));
	assert_true(view_same(secret_view(second), view_text("another")));
}

static void
damage_at_each_byte_is_called_damage(void **state)
{
	struct place *p = *state;
	write_one(p);
	OWNED_MEM uint8_t *bytes = NULL;
	size_t len = 0;
	assert_ok(text_read_file(&bytes, &len, p->path, FILE_MAX_BYTES));
	OWNED_MEM char *copy = xasprintf("%s/copy", p->dir);
	OWNED_SECRET struct secret *none = NULL;
	for (size_t i = 0; i < len; i++) {
		bytes[i] ^= 0x10;
		FILE *f = fopen(copy, "we");
		assert_non_null(f);
		assert_int_equal(fwrite(bytes, 1, len, f), len);
		assert_int_equal(fclose(f), 0);
		assert_err(keys_read(&none, copy, "person", p->words), E_FORMAT);
		bytes[i] ^= 0x10;
		assert_int_equal(truncate(copy, (off_t)i), 0);
		assert_err(keys_read(&none, copy, "person", p->words), E_FORMAT);
	}
	(void)unlink(copy);
}

/* A forger can make the check fit; the tag over everything in front still refuses. */
static void
a_changed_front_with_a_check_that_fits_is_refused(void **state)
{
	struct place *p = *state;
	write_one(p);
	OWNED_MEM uint8_t *bytes = NULL;
	size_t len = 0;
	assert_ok(text_read_file(&bytes, &len, p->path, FILE_MAX_BYTES));
	memcpy(bytes + 12, "Person", 6);
	uint8_t hash[HASH_BYTES];
	crypto_hash_one(hash, "weir-keyfile-v1", view_of(bytes, len - 8));
	memcpy(bytes + len - 8, hash, 8);
	assert_ok(text_write_file(p->path, view_of(bytes, len), 0600));
	OWNED_SECRET struct secret *none = NULL;
	assert_err(keys_read(&none, p->path, "Person", p->words), E_AUTH);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_key_comes_back_under_its_passphrase, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			a_wrong_passphrase_and_another_kind_are_told_apart, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			a_file_that_is_there_is_kept_unless_it_is_to_be_replaced, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(
			damage_at_each_byte_is_called_damage, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			a_changed_front_with_a_check_that_fits_is_refused, set_up, tear_down),
	};
	return cmocka_run_group_tests_name("keys", tests, NULL, NULL);
}
