#include "tests/unit/suite.h"

#include "common/base/mem.h"
#include "common/codec/xml.h"

#include "node/openrosa.h"

#define OUT_MAX_BYTES ((size_t)1 << 16)

static const struct openrosa_base base = {"http", "10.0.0.7:8080", "/key/abc"};
static const struct openrosa_file files[] = {
	{"outcomes.csv", "0123456789abcdef0123456789abcdef"},
	{"un \xc3\xa9t\xc3\xa9.png", "0123456789abcdef0123456789abcdee"},
};
static const struct openrosa_form forms[] = {
	{"partner", "Partners <&> others", "3", "0123456789abcdef0123456789abcdea", files, 2},
	{"plain form", "", "", "0123456789abcdef0123456789abcdeb", NULL, 0},
};

static struct xml *
parsed(const struct buf *out)
{
	struct xml *x = NULL;
	assert_ok(buf_check(out, "document"));
	assert_ok(xml_parse(&x, buf_view(out)));
	return x;
}

static void
assert_text(const struct xml_node *n, const char *name, const char *wanted)
{
	const struct xml_node *child = xml_find(n, name);
	if (!wanted) {
		assert_null(child);
		return;
	}
	assert_non_null(child);
	OWNED_MEM char *text = xml_text(child);
	assert_string_equal(text, wanted);
}

static void
lists_every_form_as_collect_reads_it(void **state)
{
	OWNED_BUF struct buf out;
	(void)state;
	buf_init(&out, OUT_MAX_BYTES);
	openrosa_list(&out, &base, forms, ARRAY_LEN(forms), NULL);
	OWNED(xml) struct xml *x = parsed(&out);
	assert_true(xml_is(xml_root(x), "http://openrosa.org/xforms/xformsList", "xforms"));
	const struct xml_node *form = xml_child(xml_root(x));
	assert_text(form, "formID", "partner");
	assert_text(form, "name", "Partners <&> others");
	assert_text(form, "version", "3");
	assert_text(form, "hash", "md5:0123456789abcdef0123456789abcdea");
	assert_text(form, "downloadUrl", "http://10.0.0.7:8080/key/abc/form/partner/3/xml");
	assert_text(
		form, "manifestUrl", "http://10.0.0.7:8080/key/abc/form/partner/3/manifest");
	form = xml_next(form);
	assert_text(form, "name", "plain form");
	assert_text(
		form, "downloadUrl", "http://10.0.0.7:8080/key/abc/form/plain%20form/-/xml");
	assert_text(form, "manifestUrl", NULL);
	assert_null(xml_next(form));
}

static void
lists_one_form_when_one_is_asked_for(void **state)
{
	OWNED_BUF struct buf out;
	(void)state;
	buf_init(&out, OUT_MAX_BYTES);
	openrosa_list(&out, &base, forms, ARRAY_LEN(forms), "plain form");
	OWNED(xml) struct xml *x = parsed(&out);
	assert_text(xml_child(xml_root(x)), "formID", "plain form");
	assert_null(xml_next(xml_child(xml_root(x))));
}

static void
names_every_file_of_a_form_with_its_hash(void **state)
{
	OWNED_BUF struct buf out;
	(void)state;
	buf_init(&out, OUT_MAX_BYTES);
	openrosa_manifest(&out, &base, &forms[0]);
	OWNED(xml) struct xml *x = parsed(&out);
	assert_true(
		xml_is(xml_root(x), "http://openrosa.org/xforms/xformsManifest", "manifest"));
	const struct xml_node *file = xml_next(xml_child(xml_root(x)));
	assert_text(file, "filename", "un \xc3\xa9t\xc3\xa9.png");
	assert_text(file, "hash", "md5:0123456789abcdef0123456789abcdee");
	assert_text(file, "downloadUrl",
		"http://10.0.0.7:8080/key/abc/form/partner/3/media/un%20%C3%A9t%C3%A9.png");
}

static void
says_of_no_entity_that_it_was_deleted(void **state)
{
	OWNED_BUF struct buf out, many;
	(void)state;
	buf_init(&out, OUT_MAX_BYTES);
	buf_init(&many, OUT_MAX_BYTES);
	assert_ok(openrosa_integrity(&out, "a,,\"b<"));
	OWNED(xml) struct xml *x = parsed(&out);
	const struct xml_node *entity = xml_child(xml_child(xml_root(x)));
	assert_string_equal(xml_attr(entity, NULL, "id"), "a");
	assert_text(entity, "deleted", "false");
	assert_string_equal(xml_attr(xml_next(entity), NULL, "id"), "\"b<");
	for (int i = 0; i <= OPENROSA_IDS_MAX_COUNT; i++)
		buf_format(&many, "a,");
	buf_u8(&many, 0);
	assert_err(openrosa_integrity(&out, (const char *)many.at), E_FORMAT);
}

struct row {
	const char *name;
	enum openrosa_outcome outcome;
	unsigned status;
};

/* The outcome table of the reference; where the node differs, the second half of the name says
 * so. */
static const struct row rows[] = {
	{"new_instance", OPENROSA_NEW, 201},
	{"same_again", OPENROSA_SAME, 201},
	{"same_with_further_files", OPENROSA_FILES_ADDED, 201},
	{"files_still_to_come", OPENROSA_WAITING_FILES, 201},
	{"other_content_is_kept_aside", OPENROSA_HELD, 202},
	{"deleted_or_withdrawn", OPENROSA_DELETED, 409},
	{"edit", OPENROSA_EDITED, 201},
	{"edit_of_an_old_version_is_kept_beside", OPENROSA_BRANCH, 202},
	{"edit_of_nothing", OPENROSA_UNKNOWN_DEPRECATED, 404},
	{"unknown_form", OPENROSA_UNKNOWN_FORM, 404},
	{"not_this_form", OPENROSA_NOT_THIS_FORM, 401},
	{"closed_form", OPENROSA_CLOSED, 409},
	{"no_xml", OPENROSA_NO_XML, 400},
	{"bad_multipart", OPENROSA_BAD_MULTIPART, 400},
	{"bad_xml", OPENROSA_BAD_XML, 400},
	{"bad_version_header", OPENROSA_BAD_VERSION, 400},
	{"bad_token", OPENROSA_BAD_TOKEN, 403},
	{"too_large", OPENROSA_TOO_LARGE, 413},
	{"quota", OPENROSA_TOO_OFTEN, 429},
	{"sync_is_down", OPENROSA_BUSY, 503},
	{"disk_is_full", OPENROSA_FULL, 507},
	{"broken", OPENROSA_BROKEN, 500},
};

/* Collect takes 201 and 202 only for success, and shows the message to the person. */
static void
answers_as_the_table_says(void **state)
{
	const struct row *row = *state;
	const struct openrosa_verdict *v = openrosa_verdict(row->outcome);
	OWNED_BUF struct buf out, other;
	buf_init(&out, OUT_MAX_BYTES);
	buf_init(&other, OUT_MAX_BYTES);
	assert_int_equal(v->status, row->status);
	assert_true(v->status != 200 && v->status != 204);
	assert_int_equal(v->status < 300, strcmp(v->nature, "submit_success") == 0);
	openrosa_response(&out, row->outcome, NULL);
	OWNED(xml) struct xml *x = parsed(&out);
	assert_true(
		xml_is(xml_root(x), "http://openrosa.org/http/response", "OpenRosaResponse"));
	assert_text(xml_root(x), "message", v->words);
	openrosa_response(&other, row->outcome, "item a/b <is> wrong");
	OWNED(xml) struct xml *y = parsed(&other);
	assert_text(xml_root(y), "message", "item a/b <is> wrong");
	assert_string_equal(xml_attr(xml_child(xml_root(y)), NULL, "nature"), v->nature);
}

int
main(void)
{
	_Static_assert(ARRAY_LEN(rows) == OPENROSA_OUTCOME_COUNT, "every outcome has a row");
	struct CMUnitTest tests[ARRAY_LEN(rows) + 4] = {
		cmocka_unit_test(lists_every_form_as_collect_reads_it),
		cmocka_unit_test(lists_one_form_when_one_is_asked_for),
		cmocka_unit_test(names_every_file_of_a_form_with_its_hash),
		cmocka_unit_test(says_of_no_entity_that_it_was_deleted),
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		tests[i + 4] = (struct CMUnitTest){.name = rows[i].name,
			.test_func = answers_as_the_table_says,
			.initial_state = (void *)(uintptr_t)&rows[i]};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
