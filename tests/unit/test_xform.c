#include "tests/unit/suite.h"

#include "common/base/mem.h"
#include "common/study/form.h"

#define HEAD                                                                                   \
	"<h:html xmlns='http://www.w3.org/2002/xforms' "                                       \
	"xmlns:h='http://www.w3.org/1999/xhtml' xmlns:jr='http://openrosa.org/javarosa' "      \
	"xmlns:e='http://www.opendatakit.org/xforms/entities' "                                \
	"xmlns:w='https://weir.example/xforms'><h:head><h:title>T</h:title>"
#define TAIL "</h:body></h:html>"

/* Parts of a small form; each row of the faults changes one. */
struct parts {
	const char *model;    /* attributes of <model> */
	const char *instance; /* what is below the root */
	const char *rest;     /* binds, lists, itext */
	const char *body;
};

static char *
xml_of(const struct parts *p)
{
	return xasprintf(HEAD
		"<model%s><instance><data id='f' version='1'>%s<meta><instanceID/>"
		"</meta></data></instance>%s</model></h:head><h:body>%s" TAIL,
		p->model ? p->model : "", p->instance ? p->instance : "<a/><b/>",
		p->rest ? p->rest : "", p->body ? p->body : "<input ref='/data/a'/>");
}

static enum err
read_form(struct form **ret, const char *xml, struct faults *faults)
{
	const struct xform_source source = {.xml = view_text(xml), .name = "f.xml"};
	return form_read(ret, &source, faults);
}

static const struct {
	struct parts parts;
	const char *says; /* NULL: it is a form */
} faulty[] = {
	{{0}, NULL},
	{{.rest = "<bind nodeset='/data/zz'/>"}, NULL},
	{{.rest = "<bind/>"}, "no nodeset"},
	{{.rest = "<bind nodeset='/data/a'/><bind nodeset='/data/a'/>"}, "two binds"},
	{{.rest = "<bind nodeset='/data/a' relevant='/data/zz = 1'/>"}, "no 'zz'"},
	{{.rest = "<bind nodeset='/data/a' calculate='nope()'/>"}, "nope() is no function"},
	{{.rest = "<bind nodeset='/data/a' constraint='. &gt;'/>"}, "not complete"},
	{{.rest = "<bind nodeset='/data/a' calculate='../a + 1'/>"}, "hangs on itself"},
	{{.rest = "<bind nodeset='/data/a' calculate='coalesce(/data/a, 1)'/>"}, NULL},
	{{.rest = "<bind nodeset='/data/a' calculate='../b'/><bind nodeset='/data/b' "
		  "relevant='../a = 1'/>"},
		"hangs on itself"},
	{{.instance = "<g><a/></g>",
		 .rest = "<bind nodeset='/data/g' relevant='/data/g/a = 1'/>",
		 .body = ""},
		"hangs on itself"},
	{{.rest = "<instance/>"}, "has no id"},
	{{.rest = "<bind nodeset='/data/a' calculate=\"instance('x')/root/item\"/>"},
		"no such instance"},
	{{.body = "<input ref='/data/zz'/>"}, "a control is for"},
	{{.body = "<input/>"}, "has no ref"},
	{{.body = "<range ref='/data/a' start='1' end='x' step='1'/>"}, "a range wants"},
	{{.body = "<range ref='/data/a' start='1' end='2' step='0'/>"}, "a range wants"},
	{{.body = "<range ref='/data/a' start='1' end='2' step='1'/>"}, "type int or"},
	{{.body = "<select1 ref='/data/a'><item><label>x</label></item></select1>"},
		"no value"},
	{{.rest = "<bind nodeset='/data/a' type='int'/>",
		 .body = "<select1 ref='/data/a'><item><label>x</label>"
			 "<value>1</value></item></select1>"},
		"a choice is of type string"},
	{{.body = "<select1 ref='/data/a'><itemset/></select1>"}, "an itemset wants"},
	{{.body = "<repeat nodeset='/data'/>"}, "cannot be a repeat"},
	{{.body = "<input ref='/data/a'><label><output "
		  "value='nope()'/></label></input>"},
		"nope() is no function"},
	{{.rest = "<setvalue event='odk-instance-first-load' value='1'/>"}, "no ref"},
	{{.rest = "<setvalue ref='/data/a' event='x' value='nope()'/>"}, "no function"},
	{{.model = " e:entities-version='2024.1.0'"}, NULL},
	{{.model = " e:entities-version='2025.1.0'"}, NULL},
	{{.model = " e:entities-version='2026.1.0'"}, "entities-version"},
	{{.rest = "<bind nodeset='/data/a' w:goes='moon'/>"}, "weir:goes"},
	{{.rest = "<bind nodeset='/data/a' w:list='none'/>"}, "no list 'none'"},
};

static void
each_fault_of_a_form_is_named(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(faulty); i++) {
		OWNED(faults) struct faults *faults = faults_new();
		OWNED(form) struct form *f = NULL;
		OWNED_MEM char *xml = xml_of(&faulty[i].parts);
		enum err e = read_form(&f, xml, faults);
		const char *first = faults->errors ? faults->items[0].reason : "";
		if ((e == OK) != (faulty[i].says == NULL) || (e != OK && f))
			fail_msg("row %zu: %s %s", i, err_word(e), first);
		if (faulty[i].says && !strstr(first, faulty[i].says))
			fail_msg("row %zu: '%s' lacks '%s'", i, first, faulty[i].says);
	}
}

static void
what_is_no_form_is_refused_in_a_sentence(void **state)
{
	(void)state;
	static const struct {
		const char *xml;
		const char *says;
	} rows[] = {
		{"", "empty"},
		{"<a/>", "its root is no html"},
		{"<html><head><model/></head><body/></html>", "its root is no html"},
		{HEAD "</h:head><h:body/></h:html>", "no head with a model"},
		{HEAD "<model/></h:head></h:html>", "no body"},
		{HEAD "<model xmlns=''/></h:head><h:body/></h:html>", "its model is not of"},
		{HEAD "<model/></h:head><h:body/></h:html>", "no primary instance"},
		{HEAD "<model><instance><data/></instance></model></h:head><h:body/></h:html>",
			"has no id"},
		{"<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>", "document type"},
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		OWNED(faults) struct faults *faults = faults_new();
		struct form *f = NULL;
		assert_err(read_form(&f, rows[i].xml, faults), E_FORMAT);
		assert_null(f);
		assert_int_equal(faults->errors, 1);
		if (!strstr(faults->items[0].reason, rows[i].says))
			fail_msg("row %zu: '%s'", i, faults->items[0].reason);
	}
}

static void
repeat(struct buf *to, const char *text, size_t count)
{
	for (size_t i = 0; i < count; i++)
		buf_add(to, text, strlen(text));
}

static void
nesting_nodes_and_questions_are_bounded(void **state)
{
	(void)state;
	static const struct {
		const char *open, *close;
		size_t count;
		const char *says;
	} rows[] = {
		{"<g>", "</g>", 60, NULL},
		{"<g>", "</g>", 70, "deeper than 64"},
		{"<g>", "</g>", 1000, "deeper than 100"},
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		OWNED(faults) struct faults *faults = faults_new();
		OWNED(form) struct form *f = NULL;
		OWNED_BUF struct buf deep;
		buf_init(&deep, (size_t)1 << 20);
		repeat(&deep, rows[i].open, rows[i].count);
		repeat(&deep, rows[i].close, rows[i].count);
		buf_u8(&deep, 0);
		OWNED_MEM char *xml =
			xml_of(&(struct parts){.instance = (const char *)deep.at, .body = ""});
		assert_err(read_form(&f, xml, faults), rows[i].says ? E_FULL : OK);
		assert_int_equal(faults->errors, rows[i].says ? 1 : 0);
		if (rows[i].says)
			assert_non_null(strstr(faults->items[0].reason, rows[i].says));
	}
	OWNED(faults) struct faults *faults = faults_new();
	OWNED_BUF struct buf wide;
	buf_init(&wide, (size_t)1 << 20);
	for (size_t i = 0; i < 11000; i++)
		buf_format(&wide, "<n%zu/>", i);
	buf_u8(&wide, 0);
	OWNED_MEM char *xml = xml_of(&(struct parts){.instance = (const char *)wide.at});
	struct form *f = NULL;
	assert_err(read_form(&f, xml, faults), E_FULL);
}

static const char model_of_form[] =
	"<itext><translation lang='de'><text id='b'><value>Be</value></text></translation>"
	"<translation lang='en' default='true()'><text id='b'><value>Bee</value>"
	"<value form='image'>jr://images/bee.png</value></text>"
	"<text id='msg'><value>Too much</value></text></translation></itext>"
	"<instance id='five'><root><item><name>1</name><itextId>b</itextId><weir_frame>x"
	"</weir_frame></item><item><name>2</name><label>Two</label></item></root></instance>"
	"<instance id='out' src='jr://file-csv/out.csv'/>"
	"<bind nodeset='/data/a' type='string' w:goes='open' w:scale='s' w:reverse='yes' "
	"constraint='. &lt; 5' jr:constraintMsg=\"jr:itext('msg')\" required='true()'/>"
	"<bind nodeset='/data/g/b' w:disclosure='free_text' w:asks='staff' w:permission='p'/>"
	"<bind nodeset='/data/r/c' type='string' calculate='position(..)' w:list='five'/>"
	"<bind nodeset='/data/n' type='string' readonly='true()'/>"
	"<bind nodeset='/data/d' constraint='. &gt; /data/a'/>"
	"<submission base64RsaPublicKey='KEY'/>";

static const struct parts whole_form = {
	.instance = "<a/><g><b/></g><r "
		    "jr:template=''><c/><s><t/></s></r><r><c/></r><n/><d/>",
	.rest = model_of_form,
	.body = "<select1 ref='/data/a'><label>Ask</label><itemset nodeset=\""
		"instance('five')/root/item\"><value ref='name'/><label ref='label'/>"
		"</itemset></select1><group ref='/data/g'><upload ref='/data/g/b'>"
		"<label ref=\"jr:itext('b')\"/><hint>H</hint></upload></group>"
		"<repeat nodeset='/data/r'><repeat nodeset='/data/r/s'>"
		"<select "
		"ref='/data/r/s/t'><item><value>u</value><label>U</label></item>"
		"</select></repeat></repeat><input ref='/data/n'/>"
		"<select1 ref='/data/d'><itemset nodeset=\"instance('out')/root/item\">"
		"<value ref='name'/><label ref='label'/></itemset></select1>"};

static void
check_fields(const struct form *f)
{
	const struct form_field *a = &f->fields[0], *b = &f->fields[1];
	assert_true(a->goes == FORM_OPEN && a->reverse && a->required && a->check);
	assert_string_equal(a->scale, "s");
	assert_string_equal(a->constraint_message, "Too much");
	assert_true(b->disclosure == FORM_FREE_TEXT && b->asks_staff && b->goes == 0);
	assert_string_equal(b->label, "Bee");
	assert_string_equal(b->hint, "H");
	assert_string_equal(b->permission, "p");
	assert_ptr_equal(f->fields[2].list, a->list);
	assert_null(f->fields[4].check);
	assert_true(a->list->numeric && !a->list->external);
	assert_string_equal(a->list->choices[0].label, "Bee");
	assert_string_equal(a->list->columns[0], "weir_frame");
	assert_string_equal(a->list->choices[0].more[0], "x");
	assert_string_equal(a->list->choices[1].more[0], "");
}

static void
a_form_is_what_its_xform_says(void **state)
{
	(void)state;
	static char name[] = "out.csv";
	const struct form_file files[] = {
		{name, view_text("name,label,size\nk,Key,3\nl,\"L & <M>\",4\n")}};
	OWNED_MEM char *xml = xml_of(&whole_form);
	const struct xform_source source = {
		.xml = view_text(xml), .name = "f.xml", .files = files, .file_count = 1};
	OWNED(faults) struct faults *faults = faults_new();
	OWNED(form) struct form *f = NULL;
	assert_ok(form_read(&f, &source, faults));
	assert_string_equal(f->id, "f");
	assert_string_equal(f->title, "T");
	assert_string_equal(f->language, "en");
	assert_string_equal(xform_rsa_key(f->model), "KEY");
	static const struct {
		const char *path;
		enum form_type type;
		int repeat;
		bool calculated;
	} fields[] = {{"a", FORM_SELECT_ONE, -1, false}, {"g/b", FORM_BINARY, -1, false},
		{"r/c", FORM_SELECT_ONE, 0, true}, {"r/s/t", FORM_SELECT_MULTIPLE, 1, false},
		{"d", FORM_SELECT_ONE, -1, false}};
	assert_int_equal(f->field_count, ARRAY_LEN(fields));
	for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
		assert_string_equal(f->fields[i].path, fields[i].path);
		assert_int_equal(f->fields[i].type, fields[i].type);
		assert_int_equal(f->fields[i].repeat, fields[i].repeat);
		assert_int_equal(f->fields[i].calculated, fields[i].calculated);
	}
	check_fields(f);
	const struct form_list *out = f->fields[4].list;
	assert_true(out->external && out->count == 2);
	assert_string_equal(out->choices[1].label, "L & <M>");
	assert_string_equal(out->choices[1].more[0], "4");
	assert_int_equal(f->repeat_count, 2);
	assert_string_equal(f->repeats[1].path, "r/s");
	assert_int_equal(f->repeats[1].outer, 0);
	assert_int_equal(f->file_count, 2);
	assert_string_equal(f->files[0].name, "bee.png");
	assert_null(f->files[0].bytes.at);
	assert_non_null(f->files[1].bytes.at);
}

/* What a file may be: sound unless its control says that it is none. */
static void
a_file_may_be_sound_unless_its_control_says_otherwise(void **state)
{
	static const struct {
		const char *body;
		bool sound;
	} rows[] = {
		{"<upload ref='/data/a' mediatype='audio/*'/>", true},
		{"<upload ref='/data/a' mediatype='video/*'/>", true},
		{"<upload ref='/data/a' mediatype='image/*'/>", false},
		{"<upload ref='/data/a' mediatype='image/png'/>", false},
		{"<upload ref='/data/a' mediatype='application/*'/>", false},
		{"<upload ref='/data/a' mediatype='text/plain'/>", false},
		{"<upload ref='/data/a' mediatype='*/*'/>", true},
		{"<upload ref='/data/a'/>", true},
		{"<input ref='/data/b'/>", true}, /* recorded while the form is open */
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		OWNED(faults) struct faults *faults = faults_new();
		OWNED(form) struct form *f = NULL;
		OWNED_MEM char *xml = xml_of(
			&(struct parts){.rest = "<bind nodeset='/data/a' type='binary'/>",
				.body = rows[i].body});
		assert_ok(read_form(&f, xml, faults));
		assert_int_equal(f->fields[0].type, FORM_BINARY);
		if (f->fields[0].sound != rows[i].sound)
			fail_msg("%s", rows[i].body);
		assert_false(f->fields[1].sound);
	}
}

static bool
place_by_path(const void *context, const char *path, const char *what, struct fault_place *ret)
{
	if (strcmp(path, "a") != 0)
		return false;
	*ret = (struct fault_place){context, 7, what};
	return true;
}

static void
faults_stand_where_the_author_wrote(void **state)
{
	(void)state;
	OWNED_MEM char *xml =
		xml_of(&(struct parts){.rest = "<bind nodeset='/data/a' relevant='nope()'/>\n"
					       "<bind nodeset='/data/b' relevant='nope()'/>"});
	const struct xform_source source = {.xml = view_text(xml),
		.name = "f.xml",
		.place = place_by_path,
		.context = "survey.csv"};
	OWNED(faults) struct faults *faults = faults_new();
	struct form *f = NULL;
	assert_err(form_read(&f, &source, faults), E_FORMAT);
	assert_int_equal(faults->errors, 2);
	assert_string_equal(faults->items[0].file, "survey.csv");
	assert_int_equal(faults->items[0].row, 7);
	assert_string_equal(faults->items[0].column, "relevant");
	assert_string_equal(faults->items[1].file, "f.xml");
	assert_int_equal(faults->items[1].row, 2);
	assert_non_null(strstr(faults->items[1].reason, "'b'"));
}

static void
lists_come_from_files_of_three_kinds(void **state)
{
	(void)state;
	static char xml_name[] = "l.xml", json_name[] = "l.geojson", none[] = "none.csv";
	const struct form_file files[] = {
		{xml_name, view_text("<root><item><name>x</name></item></root>")},
		{json_name, view_text("{\"type\":\"FeatureCollection\",\"features\":[{\"type\":"
				      "\"Feature\",\"id\":\"g1\",\"properties\":{\"title\":"
				      "\"Gee\"}},{\"properties\":{\"id\":5}}]}")},
		{none, {0}}};
	OWNED_MEM char *xml = xml_of(&(struct parts){
		.rest = "<instance id='l' src='jr://file/l.xml'/>"
			"<instance id='g' src='jr://file/l.geojson'/>"
			"<instance id='n' src='jr://file-csv/none.csv'/>"
			"<instance id='s' src='jr://instance/last-saved'/>",
		.body = "<select1 ref='/data/a'><itemset nodeset=\"instance('g')/root/item\">"
			"<value ref='id'/><label ref='title'/></itemset></select1>"});
	const struct xform_source source = {
		.xml = view_text(xml), .name = "f.xml", .files = files, .file_count = 3};
	OWNED(faults) struct faults *faults = faults_new();
	OWNED(form) struct form *f = NULL;
	if (form_read(&f, &source, faults) != OK)
		fail_msg("%s", faults->items[0].reason);
	assert_int_equal(f->lists[0].count, 1);
	assert_int_equal(f->lists[1].count, 2);
	assert_string_equal(f->lists[1].choices[1].code, "5");
	assert_int_equal(f->lists[2].count, 0);
	assert_int_equal(f->file_count, 3);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_fault_of_a_form_is_named),
		cmocka_unit_test(what_is_no_form_is_refused_in_a_sentence),
		cmocka_unit_test(nesting_nodes_and_questions_are_bounded),
		cmocka_unit_test(a_form_is_what_its_xform_says),
		cmocka_unit_test(a_file_may_be_sound_unless_its_control_says_otherwise),
		cmocka_unit_test(faults_stand_where_the_author_wrote),
		cmocka_unit_test(lists_come_from_files_of_three_kinds),
	};
	return cmocka_run_group_tests_name("xform", tests, NULL, NULL);
}
