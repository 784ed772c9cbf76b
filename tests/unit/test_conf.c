#include "tests/unit/suite.h"

#include "common/base/mem.h"
#include "common/codec/conf.h"
#include "common/codec/ini.h"

static const struct conf_option options[] = {
	{"store", "dir", CONF_TEXT, "/var/lib/weir", 0, 0, "", "where the vault lies"},
	{"store", "map", CONF_NUMBER, "16", 1, 1024, "GiB", "largest size of the map"},
	{"web", "open", CONF_FLAG, "no", 0, 0, "", "serve pages"},
};

static void
sections_keep_their_order_and_lines(void **state)
{
	(void)state;
	OWNED(ini) struct ini *i = NULL;
	assert_ok(ini_load(&i,
		view_text(
			"\xef\xbb\xbf# head\n[b]\r\nx = 1  \r\n\n; c\n[a]\ny=\nz = p = q:r#\n"),
		"f.ini"));
	assert_int_equal(i->count, 5);
	assert_string_equal(i->items[0].section, "b");
	assert_string_equal(i->items[0].key, "");
	assert_string_equal(i->items[1].value, "1");
	assert_int_equal(i->items[1].line, 3);
	assert_string_equal(ini_value(i, "a", "y", "none"), "");
	assert_string_equal(ini_value(i, "a", "z", "none"), "p = q:r#");
	assert_string_equal(ini_value(i, "b", "y", "none"), "none");
	assert_non_null(ini_find(i, "a", ""));
}

static void
what_the_library_would_bend_is_refused_with_its_line(void **state)
{
	(void)state;
	char long_line[300], tight_line[200] = "[a]\nk=";
	memset(long_line, 'x', sizeof(long_line));
	memcpy(long_line, "[a]\nk = ", 8);
	long_line[sizeof(long_line) - 1] = '\0';
	/* 189 bytes, and 191 as `k = value`. */
	memset(tight_line + 6, 'x', 187);
	const struct {
		const char *text, *says;
	} rows[] = {
		{"x = 1\n", "line 1: a key before"},
		{"[a]\nx = 1\n  more\n", "line 3: begins with a blank"},
		{"[a]\nx: 1\n", "line 2: neither"},
		{"[a]\nx:y = 1\n", "line 2: a key without ':'"},
		{"[a]\nx = 1 ; 2\n", "line 2: a ';'"},
		{"[a]\nx =;1\n", "line 2: a ';'"},
		{"[a]\nx = 1\n\n[b]\nx = 1\n[a]\n", "line 6: the section 'a' stands twice"},
		{"[a]\nx = 1\nx = 2\n", "line 3: the key 'x' stands twice"},
		{"[a]\n= 2\n", "line 2: the name of a key"},
		{"[a\nx = 2\n", "line 1: a section is written"},
		{"[]\n", "line 1: the name of a section"},
		{"[a] b\n", "line 1: a section is written"},
		{long_line, "line 2: longer than 190 bytes"},
		{tight_line, "line 2: longer than 190 bytes"},
		{"[a]\nx = \xff\n", "not UTF-8"},
	};
	for (size_t n = 0; n < ARRAY_LEN(rows); n++) {
		struct ini *i = NULL;
		assert_err(ini_load(&i, view_text(rows[n].text), "f.ini"), E_FORMAT);
		assert_null(i);
		if (!strstr(err_text(), rows[n].says))
			fail_msg("row %zu: '%s' lacks '%s'", n, err_text(), rows[n].says);
	}
}

static void
options_have_defaults_and_a_file_changes_them(void **state)
{
	(void)state;
	OWNED(conf) struct conf *plain = NULL;
	assert_ok(conf_load(&plain, view_text(""), "none", options, ARRAY_LEN(options)));
	assert_string_equal(conf_text(plain, "store", "dir"), "/var/lib/weir");
	assert_int_equal(conf_number(plain, "store", "map"), 16);
	assert_false(conf_flag(plain, "web", "open"));
	OWNED(conf) struct conf *c = NULL;
	assert_ok(conf_load(&c, view_text("[web]\nopen = yes\n[store]\nmap = 1024\n"),
		"weir.ini", options, ARRAY_LEN(options)));
	assert_int_equal(conf_number(c, "store", "map"), 1024);
	assert_true(conf_flag(c, "web", "open"));
	assert_int_equal(conf_number(c, "store", "dir"), 0);
	assert_ok(conf_set(c, "store", "map", "1"));
	assert_int_equal(conf_number(c, "store", "map"), 1);
}

static void
an_option_that_does_not_fit_is_refused_with_its_line(void **state)
{
	(void)state;
	static const struct {
		const char *text, *says;
	} rows[] = {
		{"[store]\nmap = 0\n",
			"weir.ini line 2: store.map is a whole number from 1 to 1024 GiB"},
		{"[store]\nmap = 1025\n", "line 2"},
		{"[store]\nmap = many\n", "line 2"},
		{"[web]\n\nopen = true\n", "line 3: web.open is yes or no"},
		{"[web]\nopne = yes\n", "line 2: there is no option web.opne"},
		{"[wbe]\n", "line 1: there is no section [wbe]"},
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct conf *c = NULL;
		assert_err(conf_load(&c, view_text(rows[i].text), "weir.ini", options,
				   ARRAY_LEN(options)),
			E_FORMAT);
		assert_null(c);
		if (!strstr(err_text(), rows[i].says))
			fail_msg("row %zu: '%s' lacks '%s'", i, err_text(), rows[i].says);
	}
}

static void
what_is_printed_reads_back(void **state)
{
	(void)state;
	OWNED(conf) struct conf *c = NULL;
	assert_ok(conf_load(&c, view_text("[store]\ndir =\nmap = 7\n"), "weir.ini", options,
		ARRAY_LEN(options)));
	OWNED_BUF struct buf out;
	buf_init(&out, 4096);
	conf_print(c, &out);
	OWNED(conf) struct conf *back = NULL;
	assert_ok(conf_load(&back, buf_view(&out), "printed", options, ARRAY_LEN(options)));
	assert_string_equal(conf_text(back, "store", "dir"), "");
	assert_int_equal(conf_number(back, "store", "map"), 7);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sections_keep_their_order_and_lines),
		cmocka_unit_test(what_the_library_would_bend_is_refused_with_its_line),
		cmocka_unit_test(options_have_defaults_and_a_file_changes_them),
		cmocka_unit_test(an_option_that_does_not_fit_is_refused_with_its_line),
		cmocka_unit_test(what_is_printed_reads_back),
	};
	return cmocka_run_group_tests_name("conf", tests, NULL, NULL);
}
