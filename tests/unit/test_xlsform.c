#include "tests/unit/suite.h"

#include "common/base/mem.h"
#include "common/study/xlsform.h"

/* The sheets of one form as CSV, in this order; NULL: the usual ones. */
enum { SURVEY, CHOICES, SETTINGS, ENTITIES, SHEETS };

static const char usual_settings[] =
	"form_title,form_id,version,default_language\nTest,test,1,English (en)\n";
static const char usual_choices[] = "list_name,name,label\nyn,yes,Yes\nyn,no,No\n";

/* A form with the sheets it was made of. */
struct made {
	struct sheet *survey, *choices, *settings, *entities;
	struct xlsform *form;
	struct faults *faults;
	char *xml;
};

static struct sheet *
sheet_of(const char *text, const char *name)
{
	struct sheet *s = NULL;
	if (text)
		assert_ok(sheet_from_csv(&s, view_text(text), name));
	return s;
}

static struct made
make(const char *const from[SHEETS], bool study)
{
	struct made m = {
		.survey = sheet_of(from[SURVEY], "survey.csv"),
		.choices =
			sheet_of(from[CHOICES] ? from[CHOICES] : usual_choices, "choices.csv"),
		.settings = sheet_of(
			from[SETTINGS] ? from[SETTINGS] : usual_settings, "settings.csv"),
		.entities = sheet_of(from[ENTITIES], "entities.csv"),
		.faults = faults_new(),
	};
	const struct xlsform_book book = {
		"test", study, m.survey, m.choices, m.settings, m.entities};
	m.form = xlsform_convert(&book, m.faults);
	struct view xml = xlsform_xml(m.form);
	m.xml = xmemdup(xml.at, xml.len);
	return m;
}

static void
made_done(struct made *m)
{
	xlsform_free(m->form);
	sheet_free(m->survey);
	sheet_free(m->choices);
	sheet_free(m->settings);
	sheet_free(m->entities);
	faults_free(m->faults);
	free(m->xml);
}
#define OWNED_MADE OWNED_BY(made_done)

static void
print_faults(const struct faults *f)
{
	for (size_t i = 0; i < f->count; i++) {
		OWNED_MEM char *line = faults_line(&f->items[i]);
		print_message("  %s\n", line);
	}
}

static bool
says(const struct faults *f, const char *what)
{
	for (size_t i = 0; i < f->count; i++) {
		OWNED_MEM char *line = faults_line(&f->items[i]);
		if (strcmp(line, what) == 0)
			return true;
	}
	return false;
}

/* ---- what comes out ---- */

#define NAMES "type,name,label,"

static const struct {
	const char *what;
	const char *sheets[SHEETS];
	const char *holds[6]; /* pieces of the XForm; one that begins with '!' is not in it */
} golden[] = {
	{"a question", {NAMES "hint\ntext,a,First?,Think & say\n"},
		{"<data id=\"test\" version=\"1\"><a/><meta><instanceID/></meta></data>",
			"<bind nodeset=\"/data/a\" type=\"string\"/>",
			"<input ref=\"/data/a\"><label>First?</label><hint>Think &amp; "
			"say</hint></input>",
			"<h:title>Test</h:title>", "jr:preload=\"uid\"", "!<itext>"}},
	{"types",
		{NAMES "parameters\ninteger,a,A,\nselect_multiple yn,b,B,\n"
		       "image,c,C,max-pixels=640\nrange,d,D,start=0 end=1 step=0.1\n"
		       "geopoint,e,E,capture-accuracy=5\nacknowledge,f,F,\n"},
		{"<bind nodeset=\"/data/a\" type=\"int\"/>",
			"<select ref=\"/data/b\"><label>B</label><itemset "
			"nodeset=\"instance('yn')/root/item\"><value ref=\"name\"/><label "
			"ref=\"label\"/></itemset></select>",
			"<bind nodeset=\"/data/c\" type=\"binary\" orx:max-pixels=\"640\"/>",
			"<upload ref=\"/data/c\" mediatype=\"image/*\">",
			"<range ref=\"/data/d\" start=\"0\" end=\"1\" step=\"0.1\">",
			"<trigger ref=\"/data/f\">"}},
	{"what a client fills in itself",
		{NAMES "parameters\nstart,s,,\ntoday,t,,\ndeviceid,d,,\naudit,audit,,"
		       "track-changes=true\nhidden,h,,\nbackground-audio,b,,quality=low\n"},
		{"<bind nodeset=\"/data/s\" type=\"dateTime\" jr:preload=\"timestamp\" "
		 "jr:preloadParams=\"start\"/>",
			"jr:preload=\"date\" jr:preloadParams=\"today\"",
			"jr:preload=\"property\" jr:preloadParams=\"deviceid\"",
			"<meta><instanceID/><audit/></meta>",
			"<bind nodeset=\"/data/meta/audit\" type=\"binary\" "
			"odk:track-changes=\"true\"/>",
			"<odk:recordaudio event=\"odk-instance-load\" ref=\"/data/b\" "
			"odk:quality=\"low\"/>"}},
	{"conditions",
		{NAMES "relevant,required,required_message,constraint,constraint_message\n"
		       "text,a,A,,yes,Needed,string-length(.) < 5,Too long\n"
		       "text,b,B,${a} = 'x' and ${a}-1,${a} != '',,,\n"},
		{"<bind nodeset=\"/data/a\" type=\"string\" required=\"true()\" "
		 "jr:requiredMsg=\"Needed\" constraint=\"string-length(.) &lt; 5\" "
		 "jr:constraintMsg=\"Too long\"/>",
			"relevant=\"/data/a = 'x' and /data/a -1\"",
			"required=\"/data/a != ''\""}},
	{"groups and repeats",
		{NAMES "relevant,appearance\nbegin group,g,Group,,field-list\ntext,a,A,,\n"
		       "begin repeat,r,Again,${a} = 'x',\ntext,b,B ${a} ${c},${c} = ${a},\n"
		       "text,c,C,,\nend repeat,,,,\nend group,,,,\n"},
		{"<g><a/><r jr:template=\"\"><b/><c/></r><r><b/><c/></r></g>",
			"<group ref=\"/data/g\" appearance=\"field-list\"><label>Group</label>",
			"<bind nodeset=\"/data/g/r\" relevant=\"/data/g/a = 'x'\"/>",
			"<bind nodeset=\"/data/g/r/b\" type=\"string\" relevant=\"../c = "
			"/data/g/a\"/>",
			"<group ref=\"/data/g/r\"><label>Again</label><repeat "
			"nodeset=\"/data/g/r\">",
			"<label>B <output value=\"/data/g/a\"/> <output "
			"value=\"../c\"/></label>"}},
	{"repeats inside repeats",
		{NAMES "calculation\nbegin repeat,o,O,\ntext,a,A,\nbegin group,g,G,\n"
		       "begin repeat,i,I,\ntext,b,B,\ncalculate,c,,${a} + ${b}\nend repeat,,,\n"
		       "end group,,,\ncalculate,d,,sum(${b})\nend repeat,,,\n"},
		{"<o jr:template=\"\"><a/><g><i jr:template=\"\"><b/><c/></i></g><d/></o>"
		 "<o><a/><g><i><b/><c/></i></g><d/></o>",
			"calculate=\"../../../a + ../b\"", "calculate=\"sum(../g/i/b)\""}},
	{"counts of repeats",
		{NAMES "repeat_count\ninteger,n,N,\nbegin repeat,r,R,${n}\ntext,a,A,\n"
		       "end repeat,,,\nbegin repeat,s,S,${n} * 2\ntext,b,B,\nend repeat,,,\n"},
		{"<repeat nodeset=\"/data/r\" jr:count=\"/data/n\" jr:noAddRemove=\"true()\">",
			"!r_count", "<s_count/><s jr:template=\"\">",
			"<bind nodeset=\"/data/s_count\" type=\"string\" readonly=\"true()\" "
			"calculate=\"/data/n * 2\"/>",
			"jr:count=\"/data/s_count\""}},
	{"paths in predicates, literals and indexed-repeat",
		{NAMES "calculation,choice_filter\ncsv-external,list,,,\nbegin repeat,r,R,,\n"
		       "text,a,A,,\ncalculate,b,,instance('list')/root/item[x = ${a}]/name,\n"
		       "select_one yn,c,C,,name != ${a}\n"
		       "calculate,d,,\"jr:choice-name(${c}, '${c}')\",\nend repeat,,,,\n"
		       "calculate,e,,\"indexed-repeat(${a}, ${r}, position(..))\",\n"},
		{"calculate=\"instance('list')/root/item[x = current()/../a]/name\"",
			"nodeset=\"instance('yn')/root/item[name != current()/../a]\"",
			"calculate=\"jr:choice-name(../c, '../c')\"",
			"calculate=\"indexed-repeat(/data/r/a, /data/r, position(..))\"",
			"<instance id=\"list\" src=\"jr://file-csv/list.csv\"/>"}},
	{"choices with further columns",
		{NAMES "choice_filter\nselect_one yn,a,A,f = 'x'\n",
			"list_name,name,label,f\nyn,1,One,x\nyn,2,Two,\nno,3,Three,\n"},
		{"<instance "
		 "id=\"yn\"><root><item><name>1</name><label>One</label><f>x</f></item>"
		 "<item><name>2</name><label>Two</label></item></root></instance>",
			"nodeset=\"instance('yn')/root/item[f = 'x']\"", "!Three"}},
	{"choices from files",
		{NAMES "parameters\nselect_one_from_file towns.csv,a,A,value=id label=town\n"
		       "select_multiple_from_file map.geojson,b,B,\n"
		       "calculate,c,,\n",
			NULL, NULL, NULL},
		{"<instance id=\"towns\" src=\"jr://file-csv/towns.csv\"/>",
			"<itemset nodeset=\"instance('towns')/root/item\"><value "
			"ref=\"id\"/><label ref=\"town\"/></itemset>",
			"<instance id=\"map\" src=\"jr://file/map.geojson\"/>",
			"<value ref=\"id\"/><label ref=\"title\"/>"}},
	{"random order",
		{NAMES "parameters\nselect_one yn,a,A,randomize=true seed=42\n"
		       "rank yn,b,B,randomize=true\n"},
		{"nodeset=\"randomize(instance('yn')/root/item, 42)\"",
			"<odk:rank ref=\"/data/b\">", "type=\"odk:rank\"",
			"nodeset=\"randomize(instance('yn')/root/item)\""}},
	{"another answer", {NAMES "weir_goes\nselect_one yn or_other,a,A,hub\n"},
		{"<a/><a_other/>", "<item><name>other</name><label>Other</label></item>",
			"<bind nodeset=\"/data/a_other\" type=\"string\" "
			"relevant=\"selected(../a, 'other')\" weir:goes=\"hub\"/>",
			"<input ref=\"/data/a_other\"><label>Please say which.</label>"}},
	{"answers as choices",
		{NAMES "choice_filter\nbegin repeat,r,R,\ntext,n,N,\ninteger,g,G,\n"
		       "select_one ${n},c,C,${g} > 3\nend repeat,,,\nselect_one ${n},a,A,${g} "
		       "> ${a}\n"},
		{"<itemset nodeset=\"/data/r[(./n != '') and (./g &gt; /data/a)]\"><value "
		 "ref=\"n\"/><label ref=\"n\"/>",
			"<itemset nodeset=\"../../r[(./n != '') and (./g &gt; 3)]\">"}},
	{"defaults",
		{NAMES "default\ntext,a,A,words (more)\ndate,b,B,today()\nbegin repeat,r,R,\n"
		       "text,c,C,concat(${a})\nend repeat,,,\nimage,d,D,a.png\n"},
		{"<a>words (more)</a><b/>",
			"<setvalue event=\"odk-instance-first-load\" ref=\"/data/b\" "
			"value=\"today()\"/>",
			"<repeat nodeset=\"/data/r\">\n<setvalue event=\"odk-new-repeat\" "
			"ref=\"/data/r/c\" value=\"concat(/data/a)\"/>",
			"<d>jr://images/a.png</d>"}},
	{"triggers", {NAMES "calculation,trigger\ntext,a,A,,\ncalculate,b,,now(),${a}\n"},
		{"<input ref=\"/data/a\"><label>A</label><setvalue "
		 "event=\"xforms-value-changed\" "
		 "ref=\"/data/b\" value=\"now()\"/></input>",
			"<bind nodeset=\"/data/b\" type=\"string\"/>"}},
	{"the record saved before", {NAMES "default\ntext,a,A,${last-saved#a}\n"},
		{"<instance id=\"__last-saved\" src=\"jr://instance/last-saved\"/>",
			"value=\"instance('__last-saved')/data/a\""}},
	{"languages",
		{"type,name,label::English (en),label::Cymraeg (cy),hint,guidance_hint,media::"
		 "image\n"
		 "text,a,Hello ${b},Helo,Plain,,\ntext,b,B,,,Ask twice,b.png\n"},
		{"<translation lang=\"English (en)\" default=\"true()\">",
			"<text id=\"/data/a:label\"><value>Hello <output "
			"value=\"/data/b\"/></value></text>",
			"<translation lang=\"Cymraeg (cy)\">\n<text id=\"/data/a:label\">"
			"<value>Helo</value></text>",
			"<label ref=\"jr:itext('/data/a:label')\"/><hint>Plain</hint>",
			"<value>B</value><value form=\"image\">jr://images/b.png</value>",
			"<value></value><value form=\"guidance\">Ask twice</value>"}},
	{"choices in languages",
		{NAMES "hint\nselect_one yn,a,A,\n", "list_name,name,label::English "
						     "(en),label::Cymraeg (cy)\nyn,y,Yes,Ie\n"},
		{"<item><itextId>yn-0</itextId><name>y</name></item>",
			"<text id=\"yn-0\"><value>Ie</value></text>",
			"<label ref=\"jr:itext(itextId)\"/>"}},
	{"settings",
		{NAMES "hint\ntext,a,A,\n", NULL,
			"form_title,form_id,version,default_language,name,style,instance_name,"
			"public_key,submission_url,namespaces\nT,test,2,en,root,pages,${a},KEY,"
			"https://x.example/s,\"e=\"\"https://e.example\"\"\"\n"},
		{"<root id=\"test\" version=\"2\">", "<h:body class=\"pages\">",
			"<bind nodeset=\"/root/meta/instanceName\" type=\"string\" "
			"calculate=\"/root/a\"/>",
			"<submission action=\"https://x.example/s\" method=\"post\" "
			"base64RsaPublicKey=\"KEY\"/>",
			"xmlns:e=\"https://e.example\""}},
	{"an entity that is made",
		{NAMES "save_to\ntext,a,A,height\n", NULL, NULL,
			"list_name,label\ntrees,${a}\n"},
		{"entities:entities-version=\"2022.1.0\"",
			"<entity dataset=\"trees\" id=\"\" create=\"1\"><label/></entity>",
			"<bind nodeset=\"/data/a\" type=\"string\" "
			"entities:saveto=\"height\"/>",
			"<setvalue event=\"odk-instance-first-load\" "
			"ref=\"/data/meta/entity/@id\" value=\"uuid()\"/>",
			"<bind nodeset=\"/data/meta/entity/label\" calculate=\"/data/a\""}},
	{"an entity that is changed",
		{NAMES "save_to\ntext,a,A,height\n", NULL, NULL,
			"list_name,entity_id\ntrees,${a}\n"},
		{"entities:entities-version=\"2023.1.0\"", "update=\"1\" baseVersion=\"\"",
			"calculate=\"instance('trees')/root/item[name = /data/a]/__version\"",
			"<instance id=\"trees\" src=\"jr://file-csv/trees.csv\"/>"}},
	{"attributes of the author's own",
		{NAMES "bind::odk:length,body::accept,instance::odk:tag,weir_goes,weir_scale\n"
		       "text,a,A,9,pdf,t,hub,aims\n"},
		{"<a odk:tag=\"t\"/>",
			"<bind nodeset=\"/data/a\" type=\"string\" odk:length=\"9\" "
			"weir:goes=\"hub\" weir:scale=\"aims\"/>",
			"<input ref=\"/data/a\" accept=\"pdf\">"}},
	{"a row that is switched off", {NAMES "disabled\ntext,a,A,\ntext,b,B,yes\n"},
		{"<data id=\"test\" "
		 "version=\"1\"><a/><meta>",
			"!<b/>"}},
	{"bent quotes and names beside a minus",
		{NAMES "relevant\ninteger,a,A,\ninteger,b,B,${a}-1 > 0 and "
		       "\xe2\x80\x98x\xe2\x80\x99 "
		       "= 'it\xe2\x80\x99s'\n"},
		{"relevant=\"/data/a -1 &gt; 0 and 'x' = 'it\xe2\x80\x99s'\""}},
};

static size_t
missing_pieces(const struct made *m, size_t row)
{
	size_t missing = 0;
	for (size_t i = 0; i < ARRAY_LEN(golden[row].holds) && golden[row].holds[i]; i++) {
		const char *piece = golden[row].holds[i];
		bool unwanted = *piece == '!';
		if ((strstr(m->xml, piece + unwanted) != NULL) != unwanted)
			continue;
		print_message("%s: %s\n", golden[row].what, piece);
		missing++;
	}
	return missing;
}

static void
sheets_become_what_odk_expects(void **state)
{
	(void)state;
	size_t missing = 0;
	for (size_t i = 0; i < ARRAY_LEN(golden); i++) {
		OWNED_MADE struct made m = make(golden[i].sheets, false);
		size_t here = missing_pieces(&m, i);
		if (here)
			print_message("%s\n", m.xml);
		if (m.faults->errors && strcmp(golden[i].what, "choices from files") != 0) {
			print_message("%s:\n", golden[i].what);
			print_faults(m.faults);
			here++;
		}
		missing += here;
	}
	assert_int_equal(missing, 0);
}

/* ---- what is refused ---- */

static const struct {
	const char *sheets[SHEETS];
	const char *says;
} refused[] = {
	{{NAMES "hint\nrange_,a,A,\n"},
		"survey.csv row 2, column type: there is no type 'range_'"},
	{{NAMES "hint\n,a,A,\n"}, "survey.csv row 2, column type: the row has no type"},
	{{NAMES "hint\ntext,,A,\n"}, "survey.csv row 2, column name: the row has no name"},
	{{NAMES "hint\ntext,1a,A,\n"},
		"survey.csv row 2, column name: a name is letters, digits, "
		"'_', '-', '.', a letter or '_' first"},
	{{NAMES "hint\ntext,a,A,\ntext,a,B,\n"},
		"survey.csv row 3, column name: the name 'a' stands twice in one group"},
	{{NAMES "hint\ntext,meta,A,\n"},
		"survey.csv row 2, column name: the name 'meta' stands twice in one group"},
	{{NAMES "hint\ntext,a,,\n"},
		"survey.csv row 2, column label: the question has no label"},
	{{NAMES "relevant\ntext,a,A,${b}\n"},
		"survey.csv row 2, column relevant: there is no question 'b'"},
	{{NAMES "relevant\ntext,a,A,${b\n"},
		"survey.csv row 2, column relevant: a ${ is not closed"},
	{{NAMES "relevant\ntext,a,A,(1\n"},
		"survey.csv row 2, column relevant: a '(' is not closed"},
	{{NAMES "relevant\ntext,a,A,1)\n"},
		"survey.csv row 2, column relevant: a ')' has no '(' before it"},
	{{NAMES "relevant\ntext,a,A,. = 'x\n"},
		"survey.csv row 2, column relevant: a quote is not closed"},
	{{NAMES "relevant\ntext,a,A,x]\n"},
		"survey.csv row 2, column relevant: a ']' has no '[' before it"},
	{{NAMES "relevant\nbegin group,g,G,\ntext,a,A,\nend group,,,\ntext,a,A,\n"
		"text,b,B,${a}\n"},
		"survey.csv row 6, column relevant: ${a} could be two questions: give them two "
		"names"},
	{{NAMES "hint\ntext,a,A ${x},\n"},
		"survey.csv row 2, column label: there is no question 'x'"},
	{{NAMES "hint\nselect_one no,a,A,\n"},
		"survey.csv row 2, column type: there is no choice list 'no'"},
	{{NAMES "hint\nselect_one,a,A,\n"},
		"survey.csv row 2, column type: the name of a choice "
		"list has to stand behind 'select_one'"},
	{{NAMES "hint\nselect_one yn more,a,A,\n"},
		"survey.csv row 2, column type: only or_other can stand behind the name of the "
		"list"},
	{{NAMES "hint\nselect_one_from_file x.txt,a,A,\n"},
		"survey.csv row 2, column type: a file of choices is NAME.csv, NAME.xml or "
		"NAME.geojson, NAME of letters, digits, '_', '-'"},
	{{NAMES "hint\nselect_one_external yn,a,A,\n"},
		"survey.csv row 2, column type: choices in an 'external_choices' sheet are not "
		"built: put them into a CSV file and use select_one_from_file"},
	{{NAMES "hint\nbegin loop over yn,a,A,\n"},
		"survey.csv row 2, column type: loops are not built: use begin repeat"},
	{{NAMES "appearance\nselect_one yn,a,A,search('x')\n"},
		"survey.csv row 2, column appearance: search() is not built: use "
		"select_one_from_file"},
	{{NAMES "hint\nselect_one ${b},a,A,\ntext,b,B,\n"},
		"survey.csv row 2, column type: 'b' is in no repeat: its one answer is no list "
		"of choices"},
	{{NAMES "choice_filter\ntext,a,A,x = 1\n"}, "survey.csv row 2, column choice_filter: "
						    "only a question with choices can filter "
						    "them"},
	{{NAMES "hint\nbegin group,g,G,\ntext,a,A,\n"},
		"survey.csv row 2, column type: the group 'g' is never closed"},
	{{NAMES "hint\ntext,a,A,\nend group,,,\n"},
		"survey.csv row 3, column type: no group is open here"},
	{{NAMES "hint\nbegin repeat,r,R,\ntext,a,A,\nend group,,,\n"},
		"survey.csv row 4, column type: the repeat 'r' of row 2 is open here, not a "
		"group"},
	{{NAMES "repeat_count\nbegin group,g,G,3\ntext,a,A,\nend group,,,\n"},
		"survey.csv row 2, column repeat_count: only a repeat has a repeat_count"},
	{{NAMES "constraint\nbegin group,g,G,. > 1\ntext,a,A,\nend group,,,\n"},
		"survey.csv row 2, column constraint: a group or repeat has nothing in this "
		"column"},
	{{NAMES "hint\ncalculate,a,,\n"},
		"survey.csv row 2, column calculation: a calculate needs a calculation"},
	{{NAMES "parameters\nimage,a,A,max-pixels\n"},
		"survey.csv row 2, column parameters: parameters are written key=value"},
	{{NAMES "parameters\nimage,a,A,pixels=3\n"},
		"survey.csv row 2, column parameters: 'pixels' is no parameter of 'image'"},
	{{NAMES "parameters\nimage,a,A,max-pixels=big\n"},
		"survey.csv row 2, column parameters: the value of 'max-pixels' has to be a "
		"number"},
	{{NAMES "parameters\nrange,a,A,start=5 end=1\n"},
		"survey.csv row 2, column parameters: a range leads in steps from start to "
		"end"},
	{{NAMES "trigger\ntext,a,A,b\n"},
		"survey.csv row 2, column trigger: a trigger is written ${name}"},
	{{NAMES "trigger,calculation\nhidden,a,,,\ncalculate,b,,${a},1\n"},
		"survey.csv row 3, column trigger: 'a' is not to be seen, so it can trigger "
		"nothing"},
	{{NAMES "disabled\ntext,a,A,perhaps\n"},
		"survey.csv row 2, column disabled: yes or no is wanted here"},
	{{NAMES "save_to\ntext,a,A,x\n"},
		"survey.csv row 2, column save_to: save_to needs an entities sheet"},
	{{NAMES "save_to\nbegin repeat,r,R,\ntext,a,A,x\nend repeat,,,\n", NULL, NULL,
		 "list_name,label\nt,1\n"},
		"survey.csv row 3, column save_to: entities made in a repeat are not built in "
		"this version"},
	{{NAMES "hint\ntext,a,A,\n", NULL, NULL, "list_name,label\nt,1\nu,2\n"},
		"entities.csv row 3: more than one entity list in a form is not built in this "
		"version"},
	{{NAMES "hint\ntext,a,A,\n", NULL, NULL, "list_name,label\nt,\n"},
		"entities.csv row 2, column label: an entity that is made needs a label"},
	{{NAMES "hint\ntext,a,A,\n", NULL, NULL, "list_name,update_if\nt,1\n"},
		"entities.csv row 2, column update_if: an entity that is changed needs an "
		"entity_id"},
	{{NAMES "bind::x:y\ntext,a,A,1\n"}, "survey.csv row 1, column bind::x:y: the prefix of "
					    "this name has to be declared "
					    "in the column namespaces of the settings sheet"},
	{{NAMES "bind::type\ntext,a,A,1\n"},
		"survey.csv row 1, column bind::type: this attribute is the converter's own"},
	{{NAMES "relevant,relevance\ntext,a,A,1,1\n"},
		"survey.csv row 1, column relevance: this column stands there twice, under two "
		"names"},
	{{NAMES "weir_gose\ntext,a,A,hub\n"},
		"survey.csv row 1, column weir_gose: this column is not known"},
	{{"type,label\ntext,A\n"}, "survey.csv row 1, column name: this column is missing"},
	{{NAMES "hint\ntext,a,A,\n", "list_name,name,label\nyn,1,One\nyn,1,Two\n"},
		"choices.csv row 3, column name: the list 'yn' has the code '1' twice"},
	{{NAMES "hint\ntext,a,A,\n", "list_name,name,label\nyn,1 2,One\n"},
		"choices.csv row 2, column name: a code has no blanks"},
	{{NAMES "hint\ntext,a,A,\n", "list_name,name,label\nyn,1,\n"},
		"choices.csv row 2, column label: the choice '1' of 'yn' has no label"},
	{{NAMES "hint\ntext,a,A,\n", "list_name,name,label\n,1,One\n"},
		"choices.csv row 2, column list_name: the choice belongs to no list"},
	{{NAMES "hint\ntext,a,A,\n", "list_name,name,label,two words\nyn,1,One,x\n"},
		"choices.csv row 1, column two words: this cannot be the name of a column of "
		"choices: letters, digits, '_', '-', '.', no blank, a letter first"},
	{{NAMES "hint\ncsv-external,yn,,\ntext,a,A,\n"},
		"survey.csv row 2, column name: 'yn' is a list of the choices sheet already: "
		"rename one of them"},
	{{NAMES "hint\ntext,a,A,\n", NULL, "form_title,form_id,version\nT,other,1\n"},
		"settings.csv row 2, column form_id: has to be 'test', the name of the folder "
		"or "
		"file"},
	{{NAMES "hint\ntext,a,A,\n", NULL, "form_title,form_id,default_language\nT,test,en\n"},
		"settings.csv row 2, column version: this cell is empty"},
	{{NAMES "hint\ntext,a,A,\n", NULL, "form_title,form_id,version,sms_x\nT,test,1,1\n"},
		"settings.csv row 1, column sms_x: this column is not known"},
	{{NAMES "hint\nend group,,,\n"}, "survey.csv: the form asks nothing"},
};

static void
each_fault_is_said_with_its_cell(void **state)
{
	(void)state;
	size_t unsaid = 0;
	for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
		OWNED_MADE struct made m = make(refused[i].sheets, true);
		assert_true(m.faults->errors > 0);
		if (says(m.faults, refused[i].says))
			continue;
		unsaid++;
		print_message("nothing says '%s'\n", refused[i].says);
		print_faults(m.faults);
	}
	assert_int_equal(unsaid, 0);
}

static void
a_form_made_by_others_may_have_columns_of_its_own(void **state)
{
	(void)state;
	OWNED_MADE struct made m =
		make((const char *const[SHEETS]){NAMES "my notes\ntext,a,A,x\n"}, false);
	assert_int_equal(m.faults->errors, 0);
	assert_true(says(m.faults,
		"survey.csv row 1, column my notes: warning: this column is not known and was "
		"left out"));
}

static void
nodes_are_found_again_in_their_sheet(void **state)
{
	(void)state;
	OWNED_MADE struct made m =
		make((const char *const[SHEETS]){NAMES
			     "relevant,weir_goes,repeat_count\nbegin repeat,r,R,,,2+1\n"
			     "text,a,A,1,hub,\nend repeat,,,,,\n"},
			true);
	static const struct {
		const char *path, *what;
		size_t row;
		const char *column;
	} rows[] = {{"r/a", "relevant", 3, "relevant"}, {"r/a", "weir:goes", 3, "weir_goes"},
		{"r/a", "", 3, NULL}, {"r", "relevant", 2, "relevant"},
		{"r_count", "calculate", 2, "repeat_count"}, {"r/a", "label", 3, "label"}};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct fault_place at = {0};
		assert_true(xlsform_place(m.form, rows[i].path, rows[i].what, &at));
		assert_string_equal(at.file, "survey.csv");
		assert_int_equal(at.row, rows[i].row);
		assert_string_equal(
			at.column ? at.column : "", rows[i].column ? rows[i].column : "");
	}
	struct fault_place at = {0};
	assert_false(xlsform_place(m.form, "meta/instanceID", "type", &at));
}

static void
deep_and_long_forms_are_bounded(void **state)
{
	(void)state;
	OWNED_BUF struct buf survey;
	buf_init(&survey, (size_t)1 << 20);
	buf_format(&survey, "type,name,label\n");
	for (int i = 0; i < 1000; i++)
		buf_format(&survey, "begin group,g%d,G\n", i);
	buf_format(&survey, "text,a,A\n");
	for (int i = 0; i < 1000; i++)
		buf_format(&survey, "end group,,\n");
	buf_u8(&survey, 0);
	OWNED_MADE struct made m =
		make((const char *const[SHEETS]){(const char *)survey.at}, false);
	assert_true(says(m.faults,
		"survey.csv row 62, column type: more than 60 groups inside one another"));
	assert_false(says(m.faults, "survey.csv row 1010, column type: no group is open here"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sheets_become_what_odk_expects),
		cmocka_unit_test(each_fault_is_said_with_its_cell),
		cmocka_unit_test(a_form_made_by_others_may_have_columns_of_its_own),
		cmocka_unit_test(nodes_are_found_again_in_their_sheet),
		cmocka_unit_test(deep_and_long_forms_are_bounded),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
