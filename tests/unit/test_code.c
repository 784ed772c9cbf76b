#include "tests/unit/attach_open.h"
#include "tests/unit/suite.h"

#include "common/base/mem.h"
#include "common/codec/text.h"
#include "node/attach.h"
#include "node/code.h"
#include "node/collector.h"

static void
a_code_is_read_as_people_type_it(void **state)
{
	static const uint8_t random[8] = {7, 19, 22, 15, 2, 20, 9, 0};
	char code[CODE_BYTES], shown[CODE_SHOWN_BYTES], back[CODE_BYTES], typed[32];
	(void)state;
	code_make(code, random);
	code_show(shown, code);
	assert_true(code_normal(back, shown));
	assert_string_equal(back, code);
	(void)snprintf(typed, sizeof(typed), "%c %c%c%c  %s", shown[0] | 0x20, shown[1],
		shown[2], shown[3], shown + 5);
	assert_true(code_normal(back, typed));
	assert_string_equal(back, code);
}

static void
a_wrong_character_is_noticed(void **state)
{
	static const char letters[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
	char code[CODE_BYTES], back[CODE_BYTES];
	uint8_t random[8];
	(void)state;
	for (int round = 0; round < 50; round++) {
		crypto_random(random, sizeof(random));
		code_make(code, random);
		for (size_t at = 0; at < CODE_CHARACTERS_COUNT; at++)
			for (const char *c = letters; *c; c++) {
				char wrong[CODE_BYTES];
				memcpy(wrong, code, sizeof(wrong));
				wrong[at] = *c;
				bool twin = (code[at] == '0' && *c == 'Z') ||
					    (code[at] == 'Z' && *c == '0');
				if (*c == code[at] || twin)
					continue;
				assert_false(code_normal(back, wrong));
			}
	}
}

static void
what_is_no_code_is_refused(void **state)
{
	static const char *const wrong[] = {"", "7KQF", "7KQF2M9T0", "7KQF_2M9", "U0000000",
		"\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9", "--------"};
	char back[CODE_BYTES];
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		assert_false(code_normal(back, wrong[i]));
}

static void
a_token_is_of_letters_and_digits_and_never_twice(void **state)
{
	char one[COLLECTOR_TOKEN_BYTES], two[COLLECTOR_TOKEN_BYTES];
	(void)state;
	collector_token_make(one);
	collector_token_make(two);
	assert_int_equal(strlen(one), COLLECTOR_TOKEN_LEN);
	assert_int_equal(strspn(one, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz01234"
				     "56789"),
		COLLECTOR_TOKEN_LEN);
	assert_string_not_equal(one, two);
}

static void
the_settings_of_collect_are_a_zlib_stream(void **state)
{
	OWNED_MEM char *code = NULL;
	OWNED_MEM uint8_t *bytes = NULL;
	size_t len;
	(void)state;
	assert_ok(collector_code(&code, view_text("Wikipedia")));
	assert_ok(text_unbase64(&bytes, &len, view_text(code), 4096));
	static const uint8_t wanted[] = {0x78, 0x01, 0x01, 9, 0, 0xf6, 0xff, 'W', 'i', 'k', 'i',
		'p', 'e', 'd', 'i', 'a', 0x11, 0xe6, 0x03, 0x98};
	assert_int_equal(len, sizeof(wanted));
	assert_memory_equal(bytes, wanted, sizeof(wanted));
}

/* files */

static void
a_file_opens_under_its_own_key_and_name_only(void **state)
{
	static const size_t sizes[] = {0, 1, ATTACH_CHUNK_BYTES - 1, ATTACH_CHUNK_BYTES,
		ATTACH_CHUNK_BYTES + 1, 3 * ATTACH_CHUNK_BYTES};
	OWNED_SECRET struct secret *key = secret_new(AEAD_KEY_BYTES);
	(void)state;
	crypto_random(secret_bytes(key), AEAD_KEY_BYTES);
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		OWNED_BUF struct buf sealed, opened;
		OWNED_MEM uint8_t *plain = xcalloc(sizes[i] + 1, 1);
		struct attach_context c = {.study = "example", .name = "a.jpg"};
		uint8_t root[HASH_BYTES], other[HASH_BYTES];
		buf_init(&sealed, (size_t)1 << 20);
		buf_init(&opened, (size_t)1 << 20);
		crypto_random(plain, sizes[i] + 1);
		assert_ok(attach_seal(&sealed, view_of(plain, sizes[i]), &c, key));
		assert_ok(attach_open(&opened, buf_view(&sealed), &c, key));
		assert_int_equal(opened.len, sizes[i]);
		assert_memory_equal(opened.at, plain, sizes[i]);
		assert_ok(attach_root(root, buf_view(&sealed)));
		c.name = "b.jpg";
		assert_err(attach_open(&opened, buf_view(&sealed), &c, key), E_AUTH);
		c.name = "a.jpg";
		sealed.at[sealed.len / 2] ^= 1;
		assert_err(attach_open(&opened, buf_view(&sealed), &c, key), E_AUTH);
		assert_ok(attach_root(other, buf_view(&sealed)));
		assert_memory_not_equal(root, other, HASH_BYTES);
	}
}

static void
a_file_that_lost_its_end_does_not_open(void **state)
{
	OWNED_SECRET struct secret *key = secret_new(AEAD_KEY_BYTES);
	OWNED_BUF struct buf sealed, opened;
	OWNED_MEM uint8_t *plain = xcalloc(3 * ATTACH_CHUNK_BYTES, 1);
	struct attach_context c = {.study = "example", .name = "a.jpg"};
	(void)state;
	buf_init(&sealed, (size_t)1 << 20);
	buf_init(&opened, (size_t)1 << 20);
	assert_ok(attach_seal(&sealed, view_of(plain, 3 * ATTACH_CHUNK_BYTES), &c, key));
	size_t chunk = ATTACH_CHUNK_BYTES + AEAD_EXTRA_BYTES;
	assert_err(attach_open(&opened, view_of(sealed.at, 2 * chunk), &c, key), E_AUTH);
	assert_err(attach_open(&opened, view_of(sealed.at, 0), &c, key), E_FORMAT);
}

static void
a_file_of_the_site_opens_for_the_review_key_alone(void **state)
{
	OWNED_SECRET struct secret *review = NULL;
	OWNED_SECRET struct secret *other = NULL;
	OWNED_BUF struct buf sealed, opened;
	uint8_t public[BOX_PUBLIC_BYTES], stranger[BOX_PUBLIC_BYTES];
	struct attach_context c = {.study = "example", .name = "a.jpg"};
	(void)state;
	box_keypair(public, &review);
	box_keypair(stranger, &other);
	buf_init(&sealed, 4096);
	buf_init(&opened, 4096);
	assert_ok(attach_seal_site(&sealed, view_text("a picture"), &c, 1, public));
	assert_err(attach_open_site(&opened, buf_view(&sealed), &c, other), E_AUTH);
	assert_ok(attach_open_site(&opened, buf_view(&sealed), &c, review));
	assert_true(view_same(buf_view(&opened), view_text("a picture")));
}

static void
roots_read_back_in_order(void **state)
{
	OWNED_BUF struct buf part;
	struct roots_file list[3], back[ROOTS_MAX_COUNT];
	size_t count;
	(void)state;
	crypto_random(list, sizeof(list));
	for (size_t i = 0; i < ARRAY_LEN(list); i++)
		list[i].chunk_count = (uint32_t)i + 1;
	buf_init(&part, ROOTS_PART_MAX_BYTES);
	assert_ok(roots_pack(&part, list, ARRAY_LEN(list)));
	assert_ok(roots_unpack(back, &count, buf_view(&part)));
	assert_int_equal(count, ARRAY_LEN(list));
	for (size_t i = 0; i < count; i++)
		assert_memory_equal(back[i].root, list[i].root, HASH_BYTES);
	for (size_t len = 0; len < part.len; len++)
		assert_err(roots_unpack(back, &count, view_of(part.at, len)), E_FORMAT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_code_is_read_as_people_type_it),
		cmocka_unit_test(a_wrong_character_is_noticed),
		cmocka_unit_test(what_is_no_code_is_refused),
		cmocka_unit_test(a_token_is_of_letters_and_digits_and_never_twice),
		cmocka_unit_test(the_settings_of_collect_are_a_zlib_stream),
		cmocka_unit_test(a_file_opens_under_its_own_key_and_name_only),
		cmocka_unit_test(a_file_that_lost_its_end_does_not_open),
		cmocka_unit_test(a_file_of_the_site_opens_for_the_review_key_alone),
		cmocka_unit_test(roots_read_back_in_order),
	};
	if (crypto_init())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
