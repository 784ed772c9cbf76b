#include "tests/unit/suite.h"

#include "common/base/mem.h"
#include "common/codec/xml.h"

static struct xml *
parsed(const char *text)
{
	struct xml *x = NULL;
	assert_ok(xml_parse(&x, view_text(text)));
	return x;
}

static void
reads_a_tree_with_namespaces_and_attributes(void **state)
{
	(void)state;
	OWNED(xml)
	struct xml *x =
		parsed("<?xml version=\"1.0\"?><!-- note --><a xmlns='urn:a' "
		       "xmlns:b='urn:b'>\n<b:c b:d='1' d='2'>t&lt;<x>u</x></b:c><e/></a>");
	const struct xml_node *a = xml_root(x);
	assert_true(xml_is(a, "urn:a", "a"));
	const struct xml_node *c = xml_child(a);
	assert_true(xml_is(c, "urn:b", "c"));
	assert_string_equal(xml_attr(c, "urn:b", "d"), "1");
	assert_string_equal(xml_attr(c, "", "d"), "2");
	assert_string_equal(xml_attr(c, NULL, "d"), "1");
	assert_null(xml_attr(c, "", "e"));
	OWNED_MEM char *text = xml_text(c);
	assert_string_equal(text, "t<u");
	assert_int_equal(xml_line(c), 2);
	assert_ptr_equal(xml_next(c), xml_find(a, "e"));
	assert_ptr_equal(xml_parent(c), a);
	assert_null(xml_parent(a));
}

static void
walks_every_element_once(void **state)
{
	(void)state;
	OWNED(xml) struct xml *x = parsed("<a><b><c/></b>t<d/><e><f/><g/></e></a>");
	char seen[16] = "";
	for (const struct xml_node *n = xml_root(x); n; n = xml_walk(xml_root(x), n))
		seen[strlen(seen)] = *xml_name(n);
	assert_string_equal(seen, "abcdefg");
	const struct xml_node *e = xml_find(xml_root(x), "e");
	assert_string_equal(xml_name(xml_walk(e, e)), "f");
	const struct xml_node *g = xml_find(e, "g");
	assert_null(xml_walk(e, g));
}

static void
says_what_is_wrong_without_the_text(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		const char *words;
	} rows[] = {
		{"", "empty"},
		{"secret", "XML"},
		{"<a>secret", "line 1"},
		{"<a>\n<b>secret</a>", "line 2: an element is not closed"},
		{"<a>secret & more</a>", "&amp;"},
		{"<a>&secret;</a>", "&amp;"},
		{"<a x='secret' x='2'/>", "twice"},
		{"<secret:a/>", "prefix"},
		{"<a>secret\001</a>", "character"},
		{"<a/><b>secret</b>", "one whole"},
		{"<a>\377</a>", "UTF-8"},
		{"<!DOCTYPE a><a/>", "document type"},
		{"<!DOCTYPE a [<!ENTITY b 'secret'>]><a>&b;</a>", "document type"},
		{"<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>", "document type"},
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct xml *x = NULL;
		assert_err(xml_parse(&x, view_text(rows[i].text)), E_FORMAT);
		assert_null(x);
		if (!strstr(err_text(), rows[i].words) || strstr(err_text(), "secret"))
			fail_msg("row %zu: %s", i, err_text());
	}
	struct xml *x = NULL;
	assert_err(xml_parse(&x, view_of("<a>\0</a>", 8)), E_FORMAT);
}

static void
repeat(struct buf *to, const char *text, size_t count)
{
	for (size_t i = 0; i < count; i++)
		buf_add(to, text, strlen(text));
}

static void
takes_a_hundred_levels_and_no_more(void **state)
{
	(void)state;
	for (size_t depth = 100; depth <= 101; depth++) {
		OWNED_BUF struct buf text;
		buf_init(&text, XML_MAX_BYTES);
		repeat(&text, "<a>", depth);
		repeat(&text, "</a>", depth);
		OWNED(xml) struct xml *x = NULL;
		assert_err(xml_parse(&x, buf_view(&text)), depth == 100 ? OK : E_FULL);
	}
	OWNED_BUF struct buf text;
	buf_init(&text, XML_MAX_BYTES);
	repeat(&text, "<a>", 200000);
	struct xml *x = NULL;
	assert_err(xml_parse(&x, buf_view(&text)), E_FULL);
	assert_non_null(strstr(err_text(), "nested"));
}

static void
bounds_elements_and_bytes(void **state)
{
	(void)state;
	OWNED_BUF struct buf text;
	buf_init(&text, XML_MAX_BYTES + 16);
	repeat(&text, "<a>", 1);
	repeat(&text, "<b/>", XML_MAX_NODES);
	repeat(&text, "</a>", 1);
	struct xml *x = NULL;
	assert_err(xml_parse(&x, buf_view(&text)), E_FULL);
	assert_non_null(strstr(err_text(), "500,000"));
	repeat(&text, "          ", XML_MAX_BYTES / 10);
	assert_false(text.len <= XML_MAX_BYTES);
	assert_err(xml_parse(&x, buf_view(&text)), E_FULL);
}

static void
keeps_a_long_text_whole(void **state)
{
	(void)state;
	OWNED_BUF struct buf text;
	buf_init(&text, XML_MAX_BYTES);
	repeat(&text, "<a>", 1);
	repeat(&text, "0123456789", 100000);
	repeat(&text, "<![CDATA[<x>]]></a>", 1);
	OWNED(xml) struct xml *x = NULL;
	assert_ok(xml_parse(&x, buf_view(&text)));
	OWNED_MEM char *whole = xml_text(xml_root(x));
	assert_int_equal(strlen(whole), 1000003);
	assert_string_equal(whole + 999999, "9<x>");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_a_tree_with_namespaces_and_attributes),
		cmocka_unit_test(walks_every_element_once),
		cmocka_unit_test(says_what_is_wrong_without_the_text),
		cmocka_unit_test(takes_a_hundred_levels_and_no_more),
		cmocka_unit_test(bounds_elements_and_bytes),
		cmocka_unit_test(keeps_a_long_text_whole),
	};
	return cmocka_run_group_tests_name("xml", tests, NULL, NULL);
}
