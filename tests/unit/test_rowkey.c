#include "tests/unit/suite.h"

#include "common/trust/rowkey.h"

#define OUT_MAX_BYTES 1000

/* A value sealed in a series and one sealed alone are told apart by nobody. */
static void
a_series_seals_and_opens_as_single_values_do(void **state)
{
	(void)state;
	uint8_t key[AEAD_KEY_BYTES] = {1};
	const size_t len = 5 + AEAD_EXTRA_BYTES;
	OWNED(rowkey) struct rowkey *k = rowkey_new(key);
	OWNED_BUF struct buf all, alone, out;
	buf_init(&all, OUT_MAX_BYTES);
	buf_init(&alone, OUT_MAX_BYTES);
	buf_init(&out, OUT_MAX_BYTES);
	for (size_t i = 0; i < 4; i++) {
		if (i == 2)
			rowkey_draw(k);
		rowkey_seal(&all, view_text("plain"), view_text("context"), k);
	}
	assert_int_equal(all.len, 4 * len);
	assert_memory_equal(all.at, all.at + len, 16);
	assert_memory_not_equal(all.at, all.at + len, 24);
	assert_memory_not_equal(all.at, all.at + 2 * len, 16);
	for (size_t i = 0; i < 4; i++) {
		struct view one = view_of(all.at + i * len, len);
		buf_reset(&out);
		assert_ok(aead_open(&out, one, view_text("context"), key));
		assert_ok(rowkey_open(&out, one, view_text("context"), k));
		assert_true(view_same(buf_view(&out), view_text("plainplain")));
		assert_err(rowkey_open(&out, one, view_text("contexT"), k), E_AUTH);
		for (size_t at = 0; at < len; at++) {
			all.at[i * len + at] ^= 1;
			assert_err(rowkey_open(&out, one, view_text("context"), k), E_AUTH);
			all.at[i * len + at] ^= 1;
			assert_err(
				rowkey_open(&out, view_of(one.at, at), view_text("context"), k),
				E_AUTH);
		}
		assert_int_equal(out.len, 10);
	}
	aead_seal(&alone, view_of(NULL, 0), view_text("context"), key);
	buf_done(&out);
	assert_ok(rowkey_open(&out, buf_view(&alone), view_text("context"), k));
	assert_int_equal(out.len, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_series_seals_and_opens_as_single_values_do),
	};
	if (crypto_init())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
