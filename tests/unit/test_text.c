#include "tests/unit/suite.h"

#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/mem.h"
#include "common/codec/text.h"

static void
hex_goes_there_and_back_and_refuses_other_lengths(void **state)
{
	(void)state;
	const uint8_t in[] = {0x00, 0xff, 0x1a};
	char hex[7];
	uint8_t out[3];
	text_hex(hex, in, 3);
	assert_string_equal(hex, "00ff1a");
	assert_true(text_unhex(out, 3, hex));
	assert_memory_equal(in, out, 3);
	assert_false(text_unhex(out, 3, "00ff1"));
	assert_false(text_unhex(out, 3, "00ff1g"));
}

static void
base64_matches_the_rfc_4648_examples(void **state)
{
	(void)state;
	static const char *const rows[][2] = {{"", ""}, {"f", "Zg=="}, {"fo", "Zm8="},
		{"foo", "Zm9v"}, {"foob", "Zm9vYg=="}, {"foobar", "Zm9vYmFy"}};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		OWNED_MEM char *made = text_base64(view_text(rows[i][0]));
		assert_string_equal(made, rows[i][1]);
		OWNED_MEM uint8_t *back = NULL;
		size_t len = 0;
		assert_ok(text_unbase64(&back, &len, view_text(rows[i][1]), 100));
		assert_string_equal((char *)back, rows[i][0]);
	}
}

static void
base64_refuses_a_second_spelling(void **state)
{
	(void)state;
	static const char *const bad[] = {
		"Zh==", "Zg=", "Z===", "Zm9v=", "Zm 9", "====", "Zg==Zg=="};
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		OWNED_MEM uint8_t *back = NULL;
		size_t len = 0;
		assert_err(text_unbase64(&back, &len, view_text(bad[i]), 100), E_FORMAT);
	}
}

static void
utf8_refuses_overlong_surrogate_and_zero(void **state)
{
	(void)state;
	assert_true(text_is_utf8(view_text("Gr\xc3\xbc\xc3\x9f Gott \xf0\x9f\x8c\x8a")));
	assert_false(text_is_utf8(view_text("\xc0\xaf")));
	assert_false(text_is_utf8(view_text("\xed\xa0\x80")));
	assert_false(text_is_utf8(view_text("\xf5\x80\x80\x80")));
	assert_false(text_is_utf8(view_text("\xe2\x82")));
	assert_false(text_is_utf8(view_of("a\0b", 3)));
}

static void
numbers_are_read_strictly(void **state)
{
	(void)state;
	int64_t n;
	double d;
	assert_true(text_int(view_text("-9223372036854775808"), &n));
	assert_true(n == INT64_MIN);
	static const char *const bad_int[] = {
		"", "-", "-0", "01", "1 ", "+1", "9223372036854775808", "1e3"};
	for (size_t i = 0; i < ARRAY_LEN(bad_int); i++)
		assert_false(text_int(view_text(bad_int[i]), &n));
	assert_true(text_decimal(view_text("-3.25"), &d));
	assert_true(d == -3.25);
	static const char *const bad_decimal[] = {"", ".", "1e9", "nan", "1.2.3", "--1", "1,5"};
	for (size_t i = 0; i < ARRAY_LEN(bad_decimal); i++)
		assert_false(text_decimal(view_text(bad_decimal[i]), &d));
}

static void
numbers_may_come_as_java_prints_them(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		double number;
	} good[] = {{"26.0", 26}, {"3.458322652E7", 34583226.52}, {"1.0E-4", 0.0001},
		{"-1.25E10", -1.25e10}, {"7", 7}};
	double d;
	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		assert_true(text_number(view_text(good[i].text), &d));
		assert_true(d == good[i].number);
	}
	static const char *const bad[] = {"", "E", "E7", "1E", "1e7", "1E+7", "1E07", "1E7E7",
		"1E1.5", "1.0E999", "Infinity", "NaN", "0x1p3"};
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_false(text_number(view_text(bad[i]), &d));
}

static void
a_span_is_said_in_the_unit_that_fits(void **state)
{
	static const struct {
		int64_t ms;
		const char *words;
	} cases[] = {
		{0, "0 seconds"},
		{1999, "1 second"},
		{-119000, "119 seconds"},
		{120000, "2 minutes"},
		{-7200 * INT64_C(1000), "2 hours"},
		{2 * 86400 * INT64_C(1000), "2 days"},
		{-3653 * 86400 * INT64_C(1000), "3,653 days"},
		{INT64_C(1000005) * 86400 * 1000, "over 999,999 days"},
		{INT64_MIN, "over 999,999 days"},
	};
	char span[CLOCK_SPAN_BYTES];
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		clock_span(span, cases[i].ms);
		assert_string_equal(span, cases[i].words);
	}
}

static void
dates_are_read_strictly(void **state)
{
	(void)state;
	int64_t ms;
	assert_true(clock_parse("2026-11-22", &ms));
	assert_true(ms == 1795305600000);
	assert_true(clock_parse("2026-11-22T00:00:01Z", &ms));
	assert_true(ms == 1795305601000);
	assert_false(clock_parse("2026-02-30", &ms));
	assert_false(clock_parse("22/11/2026", &ms));
	char text[CLOCK_TEXT_BYTES];
	clock_text(text, 1795305601000);
	assert_string_equal(text, "2026-11-22T00:00:01Z");
}

/* Times that a node or a hub claims may be any number. */
static void
a_gap_of_times_is_held_to_its_range(void **state)
{
	(void)state;
	assert_int_equal(int64_gap(5, 7), -2);
	assert_int_equal(int64_gap(INT64_MIN, 1), -INT64_MAX);
	assert_int_equal(int64_gap(INT64_MAX, -1), INT64_MAX);
}

static void
a_file_is_replaced_whole_and_read_up_to_its_limit(void **state)
{
	(void)state;
	char dir[] = "/tmp/weir-text-XXXXXX";
	assert_non_null(mkdtemp(dir));
	OWNED_MEM char *path = xasprintf("%s/file", dir);
	assert_ok(text_write_file(path, view_text("first"), 0600));
	assert_ok(text_write_file(path, view_text("second"), 0600));
	OWNED_MEM uint8_t *back = NULL;
	size_t len = 0;
	assert_err(text_read_file(&back, &len, path, 5), E_FULL);
	assert_ok(text_read_file(&back, &len, path, 6));
	assert_string_equal((char *)back, "second");
	OWNED_MEM uint8_t *none = NULL;
	assert_err(text_read_file(&none, &len, "/nonexistent/x", 6), E_NOTFOUND);
	(void)unlink(path);
	(void)rmdir(dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hex_goes_there_and_back_and_refuses_other_lengths),
		cmocka_unit_test(base64_matches_the_rfc_4648_examples),
		cmocka_unit_test(base64_refuses_a_second_spelling),
		cmocka_unit_test(utf8_refuses_overlong_surrogate_and_zero),
		cmocka_unit_test(numbers_are_read_strictly),
		cmocka_unit_test(numbers_may_come_as_java_prints_them),
		cmocka_unit_test(dates_are_read_strictly),
		cmocka_unit_test(a_span_is_said_in_the_unit_that_fits),
		cmocka_unit_test(a_gap_of_times_is_held_to_its_range),
		cmocka_unit_test(a_file_is_replaced_whole_and_read_up_to_its_limit),
	};
	return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
