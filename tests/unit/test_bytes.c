#include "tests/unit/suite.h"

#include "common/base/mem.h"
#include "common/codec/bytes.h"

static void
reads_back_what_was_written(void **state)
{
	(void)state;
	OWNED_BUF struct buf b;
	buf_init(&b, 1000);
	buf_u8(&b, 7);
	buf_u16(&b, 0x1234);
	buf_u32(&b, 0xdeadbeef);
	buf_u64(&b, 0x0102030405060708);
	buf_blob_text(&b, "weir");
	assert_ok(buf_check(&b, "buffer"));
	struct cursor c = cursor_of(buf_view(&b));
	assert_int_equal(cursor_u8(&c), 7);
	assert_int_equal(cursor_u16(&c), 0x1234);
	assert_int_equal(cursor_u32(&c), 0xdeadbeef);
	assert_int_equal(cursor_u64(&c), 0x0102030405060708);
	OWNED_MEM char *text = cursor_text(&c, 10);
	assert_string_equal(text, "weir");
	assert_ok(cursor_end(&c, "buffer"));
}

static void
a_buffer_stays_broken_once_its_maximum_is_passed(void **state)
{
	(void)state;
	OWNED_BUF struct buf b;
	buf_init(&b, 4);
	buf_u32(&b, 1);
	buf_u8(&b, 1);
	assert_int_equal(b.len, 4);
	assert_err(buf_check(&b, "buffer"), E_FULL);
	buf_reset(&b);
	assert_ok(buf_check(&b, "buffer"));
}

static void
a_cursor_never_reads_past_its_end(void **state)
{
	(void)state;
	const uint8_t cut[] = {0, 0, 0, 9, 'a'};
	struct cursor c = cursor_of(view_of(cut, sizeof(cut)));
	struct view v = cursor_blob(&c);
	assert_int_equal(v.len, 0);
	assert_int_equal(cursor_u64(&c), 0);
	assert_err(cursor_end(&c, "frame"), E_FORMAT);
}

static void
bytes_left_over_are_refused(void **state)
{
	(void)state;
	const uint8_t two[] = {1, 2};
	struct cursor c = cursor_of(view_of(two, sizeof(two)));
	(void)cursor_u8(&c);
	assert_err(cursor_end(&c, "frame"), E_FORMAT);
}

static void
text_with_a_zero_byte_is_refused(void **state)
{
	(void)state;
	const uint8_t zero[] = {0, 0, 0, 2, 'a', 0};
	struct cursor c = cursor_of(view_of(zero, sizeof(zero)));
	OWNED_MEM char *text = cursor_text(&c, 10);
	assert_string_equal(text, "");
	assert_err(cursor_end(&c, "frame"), E_FORMAT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_back_what_was_written),
		cmocka_unit_test(a_buffer_stays_broken_once_its_maximum_is_passed),
		cmocka_unit_test(a_cursor_never_reads_past_its_end),
		cmocka_unit_test(bytes_left_over_are_refused),
		cmocka_unit_test(text_with_a_zero_byte_is_refused),
	};
	return cmocka_run_group_tests_name("bytes", tests, NULL, NULL);
}
