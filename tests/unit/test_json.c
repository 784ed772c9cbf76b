#include "tests/unit/suite.h"

#include <math.h>
#include <time.h>

#include "common/base/mem.h"
#include "common/codec/json.h"

#define MOST_BYTES 4096

/* Parse text that has to be a document. */
static struct json *
parsed(const char *text)
{
	struct json *j = NULL;
	assert_ok(json_parse(&j, view_text(text), MOST_BYTES));
	return j;
}

static void
a_document_has_one_spelling(void **state)
{
	(void)state;
	OWNED_BUF struct buf b;
	struct json_out w;
	buf_init(&b, MOST_BYTES);
	json_begin(&w, &b);
	json_put_object(&w, NULL);
	json_put_text(&w, "z", "a\"b\\c\n\t\r\b\f\x01\x1f/\x7f\xc3\xbc");
	json_put_int(&w, "a", INT64_MIN);
	json_put_array(&w, "list");
	json_put_int(&w, NULL, 0);
	json_put_object(&w, NULL);
	json_put_close(&w);
	json_put_array(&w, NULL);
	json_put_close(&w);
	json_put_text(&w, NULL, NULL);
	json_put_close(&w);
	json_put_hex(&w, "h", view_of("\x00\xff", 2));
	json_put_close(&w);
	assert_ok(json_end(&w, "test"));
	buf_u8(&b, 0);
	assert_string_equal((char *)b.at,
		"{\"z\":\"a\\\"b\\\\c\\n\\t\\r\\b\\f\\u0001\\u001f/\x7f\xc3\xbc\","
		"\"a\":-9223372036854775808,\"list\":[0,{},[],\"\"],\"h\":\"00ff\"}");
}

static void
output_for_programs_has_truth_and_decimals(void **state)
{
	(void)state;
	OWNED_BUF struct buf b;
	struct json_out w;
	buf_init(&b, MOST_BYTES);
	json_begin(&w, &b);
	json_put_array(&w, NULL);
	json_put_bool(&w, NULL, true);
	json_put_bool(&w, NULL, false);
	json_put_decimal(&w, NULL, 2.5, 2);
	json_put_decimal(&w, NULL, NAN, 2);
	json_put_close(&w);
	assert_ok(json_end(&w, "test"));
	assert_true(view_same(buf_view(&b), view_text("[true,false,2.50,null]")));
}

static void
wrong_nesting_breaks(struct json_out *w, int row)
{
	switch (row) {
	case 0: /* never closed */
		json_put_object(w, NULL);
		break;
	case 1: /* closed twice */
		json_put_array(w, NULL);
		json_put_close(w);
		json_put_close(w);
		break;
	case 2: /* a member without a key */
		json_put_object(w, NULL);
		json_put_int(w, NULL, 1);
		json_put_close(w);
		break;
	case 3: /* a key in an array */
		json_put_array(w, NULL);
		json_put_int(w, "k", 1);
		json_put_close(w);
		break;
	case 4: /* two documents */
		json_put_int(w, NULL, 1);
		json_put_int(w, NULL, 1);
		break;
	case 5: /* text that is not UTF-8 */
		json_put_text(w, NULL, "\xff");
		break;
	case 6: /* too deep */
		for (int i = 0; i <= JSON_DEPTH_MOST; i++)
			json_put_array(w, NULL);
		for (int i = 0; i <= JSON_DEPTH_MOST; i++)
			json_put_close(w);
		break;
	default: /* nothing at all */
		break;
	}
}

static void
a_writer_that_broke_stays_broken(void **state)
{
	(void)state;
	for (int row = 0; row < 8; row++) {
		OWNED_BUF struct buf b;
		struct json_out w;
		buf_init(&b, MOST_BYTES);
		json_begin(&w, &b);
		wrong_nesting_breaks(&w, row);
		assert_err(json_end(&w, "test"), E_FORMAT);
	}
}

static void
a_full_buffer_is_told_once_at_the_end(void **state)
{
	(void)state;
	OWNED_BUF struct buf b;
	struct json_out w;
	buf_init(&b, 8);
	json_begin(&w, &b);
	json_put_text(&w, NULL, "longer than eight");
	assert_err(json_end(&w, "test"), E_FULL);
}

static void
a_stream_is_not_bounded_by_its_scratch(void **state)
{
	(void)state;
	char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);
	OWNED_BUF struct buf scratch;
	struct json_out w;
	buf_init(&scratch, JSON_STREAM_PIECE_BYTES + 1000);
	json_begin_stream(&w, &scratch, f);
	json_put_array(&w, NULL);
	for (int i = 0; i < 100000; i++)
		json_put_int(&w, NULL, 7);
	json_put_close(&w);
	assert_ok(json_end(&w, "test"));
	(void)fclose(f);
	assert_int_equal(len, 2 * 100000 + 2);
	assert_memory_equal(text, "[7,7,7", 6);
	assert_memory_equal(text + len - 4, ",7]\n", 4);
	free(text);
}

static void
members_are_read_by_key_and_type(void **state)
{
	(void)state;
	OWNED(json)
	struct json *j = parsed(
		"{\"t\":\"x\",\"n\":5,\"b\":true,\"o\":{\"k\":\"v\"},\"a\":[\"p\",{\"q\":1}]}");
	const char *text;
	int64_t n;
	bool b;
	const struct json *part;
	assert_ok(json_get_text(j, "t", 1, &text));
	assert_string_equal(text, "x");
	assert_ok(json_get_int(j, "n", 0, 5, &n));
	assert_int_equal(n, 5);
	assert_ok(json_get_bool(j, "b", &b));
	assert_true(b);
	assert_ok(json_get_object(j, "o", &part));
	assert_ok(json_get_text(part, "k", 10, &text));
	assert_string_equal(text, "v");
	assert_ok(json_get_array(j, "a", 2, &part));
	assert_int_equal(json_count(part), 2);
	assert_ok(json_item_text(part, 0, "a", 5, &text));
	assert_string_equal(text, "p");
	assert_ok(json_item_object(part, 1, "a", &part));
	assert_true(json_has(part, "q"));
	assert_false(json_has(part, "r"));
}

static void
members_out_of_bounds_are_named(void **state)
{
	(void)state;
	OWNED(json)
	struct json *j = parsed("{\"text\":\"xyz\",\"number\":5,\"real\":5.5,\"list\":[1,2]}");
	const char *text;
	int64_t n;
	bool b;
	const struct json *part;
	assert_err(json_get_text(j, "text", 2, &text), E_FORMAT);
	assert_string_equal(err_text(), "json: text is longer than 2 bytes");
	assert_string_equal(text, "");
	assert_err(json_get_text(j, "number", 9, &text), E_FORMAT);
	assert_err(json_get_text(j, "missing", 9, &text), E_FORMAT);
	assert_string_equal(err_text(), "json: missing is missing");
	assert_err(json_get_int(j, "number", 6, 9, &n), E_FORMAT);
	assert_err(json_get_int(j, "number", 0, 4, &n), E_FORMAT);
	assert_err(json_get_int(j, "real", 0, 9, &n), E_FORMAT);
	assert_int_equal(n, 0);
	assert_int_equal(json_int_or_0(j, "number"), 5);
	assert_int_equal(json_int_or_0(j, "real"), 0);
	assert_int_equal(json_int_or_0(j, "absent"), 0);
	assert_err(json_get_bool(j, "number", &b), E_FORMAT);
	assert_err(json_get_object(j, "list", &part), E_FORMAT);
	assert_err(json_get_array(j, "list", 1, &part), E_FORMAT);
	assert_err(json_get_array(j, "text", 1, &part), E_FORMAT);
	assert_ok(json_get_array(j, "list", 2, &part));
	assert_err(json_item_text(part, 0, "list", 9, &text), E_FORMAT);
	assert_err(json_item_object(part, 2, "list", &part), E_FORMAT);
	static const char *const known[] = {"text", "number", "real"};
	assert_err(json_only(j, known, ARRAY_LEN(known)), E_FORMAT);
	static const char *const all[] = {"list", "text", "number", "real", "other"};
	assert_ok(json_only(j, all, ARRAY_LEN(all)));
}

static void
malformed_documents_are_refused(void **state)
{
	(void)state;
	static const char *const bad[] = {"", "{", "1", "\"text\"", "{\"a\":1,\"a\":1}",
		"{} {}", "{\"a\":\"\\u0000\"}", "{\"a\":'x'}", "[1,]", "[NaN]",
		"{\"a\":\"\xff\"}", "[99999999999999999999]", "{\"a\":\"\\ud800\"}"};
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct json *j = NULL;
		if (json_parse(&j, view_text(bad[i]), MOST_BYTES) != E_FORMAT)
			fail_msg("was not refused: %s", bad[i]);
		assert_null(j);
	}
}

static void
depth_and_length_are_bounded(void **state)
{
	(void)state;
	char deep[2 * (JSON_DEPTH_MOST + 1) + 1] = "";
	for (size_t most = JSON_DEPTH_MOST; most <= JSON_DEPTH_MOST + 1; most++) {
		memset(deep, '[', most);
		memset(deep + most, ']', most);
		deep[2 * most] = '\0';
		OWNED(json) struct json *j = NULL;
		enum err e = json_parse(&j, view_text(deep), MOST_BYTES);
		assert_int_equal(e, most > JSON_DEPTH_MOST ? E_FORMAT : OK);
	}
	OWNED(json)
	struct json *quoted = parsed("[\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\\\"[\"]");
	struct json *j = NULL;
	assert_err(json_parse(&j, view_text("[1]"), 2), E_FULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_document_has_one_spelling),
		cmocka_unit_test(output_for_programs_has_truth_and_decimals),
		cmocka_unit_test(a_writer_that_broke_stays_broken),
		cmocka_unit_test(a_full_buffer_is_told_once_at_the_end),
		cmocka_unit_test(a_stream_is_not_bounded_by_its_scratch),
		cmocka_unit_test(members_are_read_by_key_and_type),
		cmocka_unit_test(members_out_of_bounds_are_named),
		cmocka_unit_test(malformed_documents_are_refused),
		cmocka_unit_test(depth_and_length_are_bounded),
	};
	return cmocka_run_group_tests_name("json", tests, NULL, NULL);
}
