#include "tests/unit/suite.h"

#include "common/net/call.h"

static void
a_request_gives_back_its_verb_and_fields(void **state)
{
	(void)state;
	OWNED_BUF struct buf b;
	buf_init(&b, 100);
	call_begin(&b, 7);
	buf_blob_text(&b, "field");
	uint16_t verb;
	struct cursor c;
	assert_ok(call_read(buf_view(&b), &verb, &c));
	assert_int_equal(verb, 7);
	assert_int_equal(cursor_blob(&c).len, 5);
	assert_ok(cursor_end(&c, "request"));
}

static void
a_refusal_arrives_with_its_code_and_sentence(void **state)
{
	(void)state;
	OWNED_BUF struct buf b;
	buf_init(&b, 200);
	call_answer(&b, fail(E_CONFLICT, "the form is closed"));
	enum err e UNUSED = fail(E_IO, "something else in between");
	struct cursor c;
	assert_err(call_read_answer(buf_view(&b), &c), E_CONFLICT);
	assert_string_equal(err_text(), "the form is closed");
}

static void
cut_foreign_and_unknown_frames_are_refused(void **state)
{
	(void)state;
	static const struct {
		uint8_t bytes[10];
		size_t len;
	} rows[] = {
		{{0}, 0},
		{{1, 0xff}, 2},
		{{2, 0xff, 0xff, 0, 0, 0, 0, 0}, 8},
		{{1, 0, 7, 0, 0, 0, 0, 0}, 8},
		{{1, 0xff, 0xff, 99, 0, 0, 0, 0}, 8},
		{{1, 0xff, 0xff, 0, 0, 0, 0, 9}, 8},
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct cursor c;
		assert_err(call_read_answer(view_of(rows[i].bytes, rows[i].len), &c), E_FORMAT);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_gives_back_its_verb_and_fields),
		cmocka_unit_test(a_refusal_arrives_with_its_code_and_sentence),
		cmocka_unit_test(cut_foreign_and_unknown_frames_are_refused),
	};
	return cmocka_run_group_tests_name("call", tests, NULL, NULL);
}
