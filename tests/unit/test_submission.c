#include "tests/unit/suite.h"

#include "common/base/mem.h"
#include "common/study/submission.h"

#define NOW_MS 1795341600000 /* 2026-11-22T10:00:00Z */

/* An example form: every kind of rule once. */
static const char form_xml[] =
	"<h:html xmlns='http://www.w3.org/2002/xforms' xmlns:h='http://www.w3.org/1999/xhtml' "
	"xmlns:jr='http://openrosa.org/javarosa' xmlns:orx='http://openrosa.org/xforms' "
	"xmlns:w='https://weir.example/xforms'><h:head><h:title>Example</h:title><model>"
	"<instance><data id='ex' version='2'><age/><adult/><sex/><langs/><day/><hour/><moment/>"
	"<weight/><spot/><way/><field/><photo/><level/><ok/><note/>"
	"<job><has/><title/></job><region/><town/><turns/>"
	"<kid><name/><old/><toy><what/></toy></kid><free/><code/>"
	"<orx:meta><orx:instanceID/><orx:audit/></orx:meta></data></instance>"
	"<instance id='region'><root><item><name>n</name><label>North</label></item>"
	"<item><name>s</name><label>South</label></item></root></instance>"
	"<instance id='town' src='jr://file-csv/town.csv'/>"
	"<bind nodeset='/data/age' type='int' constraint='. &gt;= 0 and . &lt; 150' "
	"required='true()'/>"
	"<bind nodeset='/data/adult' type='string' calculate=\"if(/data/age &gt; 17, 'y', "
	"'n')\"/>"
	"<bind nodeset='/data/sex' type='string' relevant='/data/age &gt; 17'/>"
	"<bind nodeset='/data/langs' type='string'/>"
	"<bind nodeset='/data/day' type='date' constraint='. &lt;= today()'/>"
	"<bind nodeset='/data/hour' type='time'/><bind nodeset='/data/moment' type='dateTime'/>"
	"<bind nodeset='/data/weight' type='decimal'/><bind nodeset='/data/spot' "
	"type='geopoint'/>"
	"<bind nodeset='/data/way' type='geotrace'/><bind nodeset='/data/field' "
	"type='geoshape'/>"
	"<bind nodeset='/data/photo' type='binary'/><bind nodeset='/data/level' type='int'/>"
	"<bind nodeset='/data/note' readonly='true()'/>"
	"<bind nodeset='/data/job' relevant='/data/age &gt; 17'/>"
	"<bind nodeset='/data/job/title' required=\"/data/job/has = 'yes'\"/>"
	"<bind nodeset='/data/kid/old' type='int' "
	"constraint='. &lt; /data/age and /data/kid/old != 7'/>"
	"<bind nodeset='/data/kid/toy/what' relevant='../../old &lt; 10'/>"
	"<bind nodeset='/data/code' calculate='1' w:list='region'/>"
	"</model></h:head><h:body>"
	"<input ref='/data/age'/><select1 "
	"ref='/data/sex'><item><label>F</label><value>f</value>"
	"</item><item><label>M</label><value>m</value></item></select1>"
	"<select ref='/data/langs'><item><label>A</label><value>a</value></item><item>"
	"<label>B</label><value>b</value></item></select>"
	"<input ref='/data/day'/><input ref='/data/hour'/><input ref='/data/moment'/>"
	"<input ref='/data/weight'/><input ref='/data/spot'/><input ref='/data/way'/>"
	"<input ref='/data/field'/><upload ref='/data/photo' mediatype='image/*'/>"
	"<range ref='/data/level' start='1' end='5' step='1'/><trigger ref='/data/ok'/>"
	"<input ref='/data/note'/><group ref='/data/job'><input ref='/data/job/has'/>"
	"<input ref='/data/job/title'/></group>"
	"<select1 ref='/data/region'><itemset nodeset=\"instance('region')/root/item\">"
	"<value ref='name'/><label ref='label'/></itemset></select1>"
	"<select1 ref='/data/town'><itemset nodeset=\"instance('town')/root/item"
	"[region = /data/region]\"><value ref='name'/><label ref='label'/></itemset></select1>"
	"<input ref='/data/turns'/><group ref='/data/kid'><repeat nodeset='/data/kid' "
	"jr:count='/data/turns'><input ref='/data/kid/name'/><input ref='/data/kid/old'/>"
	"<group ref='/data/kid/toy'><repeat nodeset='/data/kid/toy'>"
	"<input ref='/data/kid/toy/what'/></repeat></group></repeat></group>"
	"<input ref='/data/free'/></h:body></h:html>";

static const char town_csv[] = "name,label,region\nx1,Exton,n\ny1,Yton,s\n";

static int
setup(void **state)
{
	static char name[] = "town.csv";
	const struct form_file files[] = {{name, view_text(town_csv)}};
	const struct xform_source source = {
		.xml = view_text(form_xml), .name = "ex.xml", .files = files, .file_count = 1};
	OWNED(faults) struct faults *faults = faults_new();
	struct form *f = NULL;
	if (form_read(&f, &source, faults) != OK)
		fail_msg("%s: %s", err_text(), faults->count ? faults->items[0].reason : "");
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	form_free(*state);
	return 0;
}

/* `middle` stands between root and meta. */
static struct submission *
submission_of(const char *middle)
{
	struct submission *s = NULL;
	OWNED_MEM char *xml = xasprintf(
		"<data xmlns='urn:some' xmlns:o='http://openrosa.org/xforms' id='ex' "
		"version='2'>"
		"%s<o:meta><o:instanceID> uuid:1 </o:instanceID><o:deprecatedID>uuid:0"
		"</o:deprecatedID><o:audit>audit.csv</o:audit></o:meta></data>",
		middle);
	assert_ok(submission_parse(&s, view_text(xml)));
	return s;
}

static const struct submission_context context = {.now_ms = NOW_MS};

static const struct {
	const char *middle;
	const char *says; /* NULL: nothing is wrong */
} fault_rows[] = {
	{"<age>5</age><turns>0</turns>", NULL},
	{"<age>30</age><sex>f</sex><langs>b a</langs><day>2026-11-22</day>"
	 "<hour>10:00:00.000+01:00</hour><moment>2026-11-22T10:00:00.000Z</moment>"
	 "<weight>-1.5</weight><spot>1 2 3 4</spot><way>1 2;3 4</way>"
	 "<field>1 2; 3 4; 5 6; 1 "
	 "2</field><photo>a.jpg</photo><level>5</level><ok>OK</ok>"
	 "<note/><job><has>no</has><title/></job><region>n</region><town>x1</town>"
	 "<turns>0</turns><free>&#xfc;</free><code>s</code>",
		NULL},
	{"<turns/>", "age: has to be answered"},
	{"<age> </age><turns/>", "age: has to be answered"},
	{"<age>x</age><turns/>", "age: is not a whole number"},
	{"<age>1.0</age><turns/>", "age: is not a whole number"},
	{"<age>150</age><turns/>", "age: does not meet its condition"},
	{"<age>5</age><age>5</age><turns/>", "age: stands there twice"},
	{"<age>5</age><turns/><other>1</other>", "has a node 'other'"},
	{"<age>5<x/></age><turns/>", "age: has a node 'x'"},
	{"<age>5</age><turns/><sex>f</sex>", "sex: is answered, and was not to be asked"},
	{"<age>5</age><turns/><sex/>", NULL},
	{"<age>5</age><turns/><job><has>yes</has></job>",
		"job/has: is answered, and was not to be asked"},
	{"<age>20</age><turns/><sex>x</sex>", "sex: holds a code"},
	{"<age>20</age><turns/><job><has>yes</has><title/></job>",
		"job/title: has to be answered"},
	{"<age>5</age><turns/><langs>a c</langs>", "langs: holds a code"},
	{"<age>5</age><turns/><langs>a a</langs>", "langs: holds a choice twice"},
	{"<age>5</age><turns/><day>2026-11-23</day>", "day: does not meet"},
	{"<age>5</age><turns/><day>2026-02-30</day>", "day: is not a date"},
	{"<age>5</age><turns/><hour>25:00</hour>", "hour: is not a time"},
	{"<age>5</age><turns/><moment>2026-11-22</moment>", "moment: is not a date and"},
	{"<age>5</age><turns/><weight>1e5</weight>", "weight: is not a number"},
	{"<age>5</age><turns/><weight>nan</weight>", "weight: is not a number"},
	{"<age>5</age><turns/><spot>91 0</spot>", "spot: is not a place"},
	{"<age>5</age><turns/><spot>1</spot>", "spot: is not a place"},
	{"<age>5</age><turns/><way>1 2</way>", "way: is not a line"},
	{"<age>5</age><turns/><field>1 2;3 4</field>", "field: is not a shape"},
	{"<age>5</age><turns/><photo>../a.jpg</photo>", "photo: is not the name"},
	{"<age>5</age><turns/><level>6</level>", "level: is outside the range from 1 to 5"},
	{"<age>5</age><turns/><region>w</region>", "region: holds a code"},
	{"<age>5</age><turns/><region>s</region><town>x1</town>",
		"town: holds a choice that the answers before it do not offer"},
	{"<age>5</age><turns/><town>z9</town>", "town: holds a code"},
	{"<age>5</age><turns/><code>w</code>", "code: holds a code"},
	{"<age>5</age><turns>1</turns>", "'kid' is there 0 times, and the form wants it 1"},
	{"<age>5</age><turns>1</turns><kid><old>2</old></kid><kid/>", "is there 2 times"},
	{"<age>5</age><turns>2</turns><kid><old>2</old></kid><kid><old>6</old></kid>",
		"kid[2]/old: does not meet"},
	{"<age>9</age><turns>2</turns><kid><old>7</old></kid><kid><old>6</old></kid>",
		"kid[1]/old: does not meet"},
	{"<age>40</age><turns>2</turns><kid><old>20</old><toy><what/></toy></"
	 "kid><kid><old>2"
	 "</old><toy><what>a</what></toy><toy><what>b</what></toy></kid>",
		NULL},
	{"<age>40</age><turns>2</turns><kid><old>2</old><toy><what>c</what></toy></"
	 "kid><kid>"
	 "<old>20</old><toy><what/></toy><toy><what>b</what></toy></kid>",
		"kid[2]/toy[2]/what: is answered, and was not to be asked"},
};

static void
each_fault_is_named_by_its_path(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(fault_rows); i++) {
		OWNED(submission) struct submission *s = submission_of(fault_rows[i].middle);
		struct submission_report r;
		assert_ok(submission_check(s, *state, &context, &r));
		size_t wanted = fault_rows[i].says ? 1 : 0;
		if (r.count != wanted)
			fail_msg("%s: %zu lines, first '%s'", fault_rows[i].middle, r.count,
				r.count ? r.lines[0].reason : "");
		OWNED_MEM char *line =
			wanted ? xasprintf("%s: %s", r.lines[0].path, r.lines[0].reason) : NULL;
		if (wanted && !strstr(line, fault_rows[i].says))
			fail_msg("%s: '%s'", fault_rows[i].middle, line);
		submission_report_done(&r);
	}
}

static void
answers_stand_in_order_with_their_turns(void **state)
{
	OWNED(submission)
	struct submission *s = submission_of(
		"<age>40</age><note>Read this</note><photo>p.jpg</photo><turns>3</turns>"
		"<kid><name>A</name><old/></kid><kid/><kid><old>x</old><toy/></kid>");
	static const struct {
		const char *path, *value;
		bool field, problem;
	} wanted[] = {{"age", "40", true, false}, {"photo", "p.jpg", true, false},
		{"turns", "3", true, false}, {"kid[1]/name", "A", true, false},
		{"kid[1]/old", "", true, false}, {"kid[2]", "", false, false},
		{"kid[3]/old", "x", true, true}, {"kid[3]/toy[1]", "", false, false}};
	struct submission_report r;
	size_t count;
	assert_ok(submission_check(s, *state, &context, &r));
	assert_int_equal(r.count, 1);
	assert_string_equal(r.lines[0].path, "kid[3]/old");
	assert_null(strstr(r.lines[0].reason, "'x'"));
	submission_report_done(&r);
	const struct submission_answer *a = submission_answers(s, &count);
	assert_int_equal(count, ARRAY_LEN(wanted));
	for (size_t i = 0; i < count; i++) {
		assert_string_equal(a[i].path, wanted[i].path);
		assert_string_equal(a[i].value, wanted[i].value);
		assert_int_equal(a[i].field >= 0, wanted[i].field);
		assert_int_equal(a[i].problem, wanted[i].problem);
	}
	const char *const *files = submission_attachments(s, &count);
	assert_int_equal(count, 2);
	assert_string_equal(files[0], "p.jpg");
	assert_string_equal(files[1], "audit.csv");
	/* A second check begins anew. */
	assert_ok(submission_check(s, *state, &context, &r));
	assert_int_equal(r.count, 1);
	(void)submission_answers(s, &count);
	assert_int_equal(count, ARRAY_LEN(wanted));
	submission_report_done(&r);
}

static void
meta_is_read_in_any_namespace(void **state)
{
	(void)state;
	OWNED(submission) struct submission *s = submission_of("");
	assert_string_equal(submission_form_id(s), "ex");
	assert_string_equal(submission_version(s), "2");
	assert_string_equal(submission_instance_id(s), "uuid:1");
	assert_string_equal(submission_deprecated_id(s), "uuid:0");
	assert_false(submission_is_encrypted(s));
	OWNED(submission) struct submission *bare = NULL;
	assert_ok(submission_parse(&bare, view_text("<d id='x'><meta/></d>")));
	assert_string_equal(submission_instance_id(bare), "");
	assert_string_equal(submission_version(bare), "");
	struct submission *none = NULL;
	assert_err(submission_parse(&none, view_text("<d/>")), E_FORMAT);
	assert_err(submission_parse(&none, view_text("<d id='x'>")), E_FORMAT);
	assert_null(none);
}

static void
an_encrypted_one_names_its_files(void **state)
{
	OWNED(submission) struct submission *s = NULL;
	assert_ok(submission_parse(&s,
		view_text("<data xmlns='http://www.opendatakit.org/xforms/encrypted' id='ex' "
			  "encrypted='yes'><media><file>a.jpg.enc</file></media>"
			  "<encryptedXmlFile>submission.xml.enc</encryptedXmlFile></data>")));
	size_t count;
	const char *const *files = submission_attachments(s, &count);
	assert_true(submission_is_encrypted(s));
	assert_int_equal(count, 2);
	assert_string_equal(files[1], "submission.xml.enc");
	struct submission_report r;
	assert_err(submission_check(s, *state, &context, &r), E_FORMAT);
}

static void
answers_stay_when_the_tree_of_the_xml_goes(void **state)
{
	OWNED(submission) struct submission *s = submission_of("<age>5</age><turns>0</turns>");
	struct submission_report r;
	size_t count = 0;
	assert_ok(submission_check(s, *state, &context, &r));
	submission_report_done(&r);
	submission_shed(s);
	const struct submission_answer *a = submission_answers(s, &count);
	assert_true(count > 1);
	assert_string_equal(a[0].path, "age");
	assert_string_equal(a[0].value, "5");
	assert_string_equal(submission_instance_id(s), "uuid:1");
	assert_err(submission_check(s, *state, &context, &r), E_FORMAT);
	submission_shed(s);
}

static void
another_form_is_refused_and_a_flood_is_bounded(void **state)
{
	OWNED(submission) struct submission *s = NULL;
	struct submission_report r;
	assert_ok(submission_parse(&s, view_text("<data id='other'/>")));
	assert_err(submission_check(s, *state, &context, &r), E_FORMAT);
	OWNED_BUF struct buf flood;
	buf_init(&flood, (size_t)4 << 20);
	for (size_t i = 0; i < 20000; i++)
		buf_format(&flood, "<no%zu/>", i);
	buf_u8(&flood, 0);
	OWNED(submission) struct submission *many = submission_of((const char *)flood.at);
	assert_err(submission_check(many, *state, &context, &r), E_FULL);
	assert_int_equal(r.count, SUBMISSION_MAX_LINES);
	assert_true(r.more > 0);
	submission_report_done(&r);
}

static void
days_begin_where_the_study_is(void **state)
{
	OWNED(submission)
	struct submission *s = submission_of("<age>5</age><turns/><day>2026-11-23</day>");
	const struct submission_context east = {.now_ms = NOW_MS, .zone_minutes = 14 * 60};
	struct submission_report r;
	assert_ok(submission_check(s, *state, &east, &r));
	assert_int_equal(r.count, 0);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_fault_is_named_by_its_path),
		cmocka_unit_test(answers_stand_in_order_with_their_turns),
		cmocka_unit_test(meta_is_read_in_any_namespace),
		cmocka_unit_test(an_encrypted_one_names_its_files),
		cmocka_unit_test(answers_stay_when_the_tree_of_the_xml_goes),
		cmocka_unit_test(another_form_is_refused_and_a_flood_is_bounded),
		cmocka_unit_test(days_begin_where_the_study_is),
	};
	return cmocka_run_group_tests_name("submission", tests, setup, teardown);
}
