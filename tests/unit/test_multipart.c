#include "tests/unit/suite.h"

#include "common/base/mem.h"
#include "common/net/multipart.h"

#define TYPE    "multipart/form-data; boundary=XX"
#define HEAD(n) "Content-Disposition: form-data; name=\"" n "\"\r\n\r\n"
#define FILE_HEAD(n)                                                                           \
	"Content-Disposition: form-data; name=\"f\"; filename=\"" n "\"\r\n"                   \
	"Content-Type: image/jpeg\r\n\r\n"
#define OUT_MAX_BYTES ((size_t)1 << 16)

/* What came out: "name|filename|type=data;" for every part. */
static enum err
saw_begin(void *arg, const struct multipart_part *p)
{
	buf_format(arg, "%s|%s|%s=", p->name, p->filename ? p->filename : "", p->type);
	return OK;
}

static enum err
saw_data(void *arg, struct view bytes)
{
	buf_add_view(arg, bytes);
	return OK;
}

static enum err
saw_end(void *arg)
{
	buf_u8(arg, ';');
	return OK;
}

static enum err
run(const char *type, struct view body, size_t step, struct buf *out)
{
	OWNED(multipart) struct multipart *m = NULL;
	struct multipart_sink sink = {saw_begin, saw_data, saw_end, out};
	enum err e = multipart_open(&m, type, &sink);
	for (size_t at = 0; !e && at < body.len; at += step)
		e = multipart_add(m, view_of(body.at + at, MIN(step, body.len - at)));
	return e ? e : multipart_end(m);
}

struct row {
	const char *name;
	const char *type;
	const char *body;
	const char *out; /* NULL: refused as E_FORMAT */
};

static const struct row rows[] = {
	{"one_part", TYPE, "--XX\r\n" HEAD("a") "hello\r\n--XX--\r\n", "a||=hello;"},
	{"without_a_last_line_end", TYPE, "--XX\r\n" HEAD("a") "hello\r\n--XX--", "a||=hello;"},
	{"an_empty_part", TYPE, "--XX\r\n" HEAD("a") "\r\n--XX--", "a||=;"},
	{"a_preamble_and_an_epilogue", TYPE,
		"see\r\n--XX\r\n" HEAD("a") "1\r\n--XX--\r\nmore --XX", "a||=1;"},
	{"blanks_behind_a_delimiter", TYPE, "--XX \t\r\n" HEAD("a") "1\r\n--XX--", "a||=1;"},
	{"a_quoted_boundary", "Multipart/Form-Data; charset=x; Boundary=\"X X\"",
		"--X X\r\n" HEAD("a") "1\r\n--X X--", "a||=1;"},
	{"a_file_of_collect", TYPE, "--XX\r\n" FILE_HEAD("1.jpg") "\xff\xd8\r\n--XX--",
		"f|1.jpg|image/jpeg=\xff\xd8;"},
	{"a_name_in_utf8", TYPE, "--XX\r\n" FILE_HEAD("\xc3\xa9t\xc3\xa9.jpg") "1\r\n--XX--",
		"f|\xc3\xa9t\xc3\xa9.jpg|image/jpeg=1;"},
	{"quotes_of_browsers_in_a_name", TYPE, "--XX\r\n" HEAD("a%22b") "1\r\n--XX--",
		"a\"b||=1;"},
	{"quotes_with_a_backslash", TYPE, "--XX\r\n" HEAD("a\\\"b") "1\r\n--XX--", "a\"b||=1;"},
	{"heads_in_other_letters", TYPE,
		"--XX\r\ncontent-type: text/xml\r\nCONTENT-DISPOSITION: FORM-DATA; "
		"NAME=a\r\n\r\n"
		"1\r\n--XX--",
		"a||text/xml=1;"},
	{"data_that_looks_like_a_delimiter", TYPE,
		"--XX\r\n" HEAD("a") "\r\r\n-\r\n--X\r\n\r\n--\r\n--XX--",
		"a||=\r\r\n-\r\n--X\r\n\r\n--;"},
	{"two_parts", TYPE, "--XX\r\n" HEAD("a") "1\r\n--XX\r\n" HEAD("b") "2\r\n--XX--",
		"a||=1;b||=2;"},
	{"a_name_that_says_filename", TYPE, "--XX\r\n" HEAD("x; filename=y") "1\r\n--XX--",
		"x; filename=y||=1;"},
	{"no_type_at_all", NULL, "--XX--", NULL},
	{"another_type", "text/xml", "<x/>", NULL},
	{"no_boundary", "multipart/form-data", "--XX--", NULL},
	{"an_empty_boundary", "multipart/form-data; boundary=\"\"", "----", NULL},
	{"two_boundaries", "multipart/form-data; boundary=a; boundary=b", "--a--", NULL},
	{"a_body_that_is_empty", TYPE, "", NULL},
	{"a_body_without_its_last_delimiter", TYPE, "--XX\r\n" HEAD("a") "hello", NULL},
	{"a_body_that_ends_in_a_head", TYPE, "--XX\r\nContent-Disp", NULL},
	{"a_delimiter_with_letters_behind_it", TYPE, "--XXY\r\n" HEAD("a") "1\r\n--XX--", NULL},
	{"a_part_without_a_name", TYPE, "--XX\r\nContent-Type: x\r\n\r\n1\r\n--XX--", NULL},
	{"a_part_with_two_names", TYPE,
		"--XX\r\nContent-Disposition: form-data; name=a; name=b\r\n\r\n1\r\n--XX--",
		NULL},
	{"an_attachment_of_mail", TYPE,
		"--XX\r\nContent-Disposition: attachment; name=a\r\n\r\n1\r\n--XX--", NULL},
	{"a_quote_that_never_ends", TYPE,
		"--XX\r\nContent-Disposition: form-data; name=\"a\r\n\r\n1\r\n--XX--", NULL},
	{"a_path_upwards", TYPE, "--XX\r\n" FILE_HEAD("../a") "1\r\n--XX--", NULL},
	{"a_path", TYPE, "--XX\r\n" FILE_HEAD("/etc/x") "1\r\n--XX--", NULL},
	{"a_path_of_windows", TYPE, "--XX\r\n" FILE_HEAD("..\\\\a") "1\r\n--XX--", NULL},
	{"two_dots_as_a_name", TYPE, "--XX\r\n" FILE_HEAD("..") "1\r\n--XX--", NULL},
	{"a_control_character", TYPE, "--XX\r\n" FILE_HEAD("a\x01") "1\r\n--XX--", NULL},
	{"an_escaped_line_end", TYPE, "--XX\r\n" HEAD("a%0Ab") "1\r\n--XX--", NULL},
	{"a_name_that_is_no_utf8", TYPE, "--XX\r\n" FILE_HEAD("\xff") "1\r\n--XX--", NULL},
};

/* Every row in pieces of every size up to 9 bytes, and whole. */
static void
reads_a_body_however_it_is_cut(void **state)
{
	const struct row *row = *state;
	struct view body = view_text(row->body);
	for (size_t step = 1; step <= 10; step++) {
		OWNED_BUF struct buf out;
		buf_init(&out, OUT_MAX_BYTES);
		enum err e = run(row->type, body, step == 10 ? body.len + 1 : step, &out);
		assert_err(e, row->out ? OK : E_FORMAT);
		if (!row->out)
			continue;
		assert_true(view_same(buf_view(&out), view_text(row->out)));
	}
}

static void
refuses_a_zero_byte_in_a_name(void **state)
{
	static const char body[] = "--XX\r\n" FILE_HEAD("a\0.jpg") "1\r\n--XX--";
	OWNED_BUF struct buf out;
	(void)state;
	buf_init(&out, OUT_MAX_BYTES);
	assert_err(run(TYPE, view_of(body, sizeof(body) - 1), 7, &out), E_FORMAT);
	assert_int_equal(out.len, 0);
}

static void
refuses_more_parts_than_it_takes(void **state)
{
	OWNED_BUF struct buf body, out;
	(void)state;
	buf_init(&body, OUT_MAX_BYTES);
	buf_init(&out, OUT_MAX_BYTES);
	for (int i = 0; i <= MULTIPART_PARTS_MAX_COUNT; i++)
		buf_format(&body, "--XX\r\n" HEAD("a") "\r\n");
	buf_format(&body, "--XX--");
	assert_err(run(TYPE, buf_view(&body), 1000, &out), E_FULL);
}

static void
refuses_a_head_without_end(void **state)
{
	OWNED_BUF struct buf body, out;
	(void)state;
	buf_init(&body, OUT_MAX_BYTES);
	buf_init(&out, OUT_MAX_BYTES);
	buf_format(&body, "--XX\r\nX: ");
	for (size_t i = 0; i < MULTIPART_HEAD_MAX_BYTES; i++)
		buf_u8(&body, 'a');
	assert_err(run(TYPE, buf_view(&body), 100, &out), E_FULL);
}

static enum err
no_room(void *arg, struct view bytes)
{
	(void)arg;
	(void)bytes;
	return fail(E_FULL, "no room for this");
}

static void
gives_the_error_of_the_sink_again(void **state)
{
	OWNED(multipart) struct multipart *m = NULL;
	OWNED_BUF struct buf out;
	(void)state;
	buf_init(&out, OUT_MAX_BYTES);
	struct multipart_sink sink = {saw_begin, no_room, saw_end, &out};
	assert_ok(multipart_open(&m, TYPE, &sink));
	assert_err(multipart_add(m, view_text("--XX\r\n" HEAD("a") "1")), E_FULL);
	assert_err(multipart_add(m, view_text("\r\n--XX--")), E_FULL);
	assert_err(multipart_end(m), E_FULL);
	assert_string_equal(err_text(), "no room for this");
}

int
main(void)
{
	struct CMUnitTest tests[ARRAY_LEN(rows) + 4] = {
		cmocka_unit_test(refuses_a_zero_byte_in_a_name),
		cmocka_unit_test(refuses_more_parts_than_it_takes),
		cmocka_unit_test(refuses_a_head_without_end),
		cmocka_unit_test(gives_the_error_of_the_sink_again),
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		tests[i + 4] = (struct CMUnitTest){.name = rows[i].name,
			.test_func = reads_a_body_however_it_is_cut,
			.initial_state = (void *)(uintptr_t)&rows[i]};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
