#include "tests/unit/suite.h"

#include "common/base/mem.h"
#include "common/study/formfile.h"
#include "tests/unit/workbook.h"

#define TOP "type,name,label,required,weir_asks,weir_disclosure,weir_goes,weir_permission\n"

#define TOP_DUO                                                                                \
	"type,name,label,required,weir_asks,weir_disclosure,weir_goes,weir_permission,"        \
	"weir_duo\n"
#define SHARES(limits)                                                                         \
	TOP_DUO "text,participant,Code,yes,staff,pseudonym,site,,\n"                           \
		"select_one yn,a,A,yes,,,open,share-secondary," limits "\n"

#define CODE     "text,participant,Code,yes,staff,pseudonym,site,\n"
#define END      "end,end,,,,,site,\n"
#define SETTINGS "form_title,form_id,version,default_language\nTest,test,1,en\n"
#define CHOICES                                                                                \
	"list_name,name,label\nyn,yes,Yes\nyn,no,No\nyn9,yes,Yes\nyn9,99,Rather not say\n"     \
	"giver,self,The person\ngiver,parent,A parent\n"

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

static void
print_faults(const struct faults *f)
{
	for (size_t i = 0; i < f->count; i++) {
		OWNED_MEM char *line = faults_line(&f->items[i]);
		print_message("  %s\n", line);
	}
}

/* What study.ini says of a form. */
struct about {
	bool per_site, by_staff;
};

/* A form of a study out of its sheets. */
static void
check_sheets(const char *survey, struct about about, struct faults *faults)
{
	const struct formfile_source source = {.id = "test",
		.name = "forms/test",
		.study = true,
		.survey = view_text(survey),
		.choices = view_text(CHOICES),
		.settings = view_text(SETTINGS)};
	OWNED(formfile) struct formfile *file = formfile_read(&source, faults);
	struct form *form = formfile_form(file);
	if (!form)
		return;
	form->per_site = about.per_site;
	form->filled_by = about.by_staff ? FORM_BY_STAFF : FORM_BY_PARTICIPANT;
	formfile_check(file, form, faults);
}

#define SURVEY(rows) TOP CODE rows
/* Who gives it, a yes that may be a permission, and what else is asked. */
#define GIVER(name, permission, more)                                                          \
	SURVEY("select_one giver," name ",G,,staff,,hub,\n"                                    \
	       "select_one yn,a,A,,,,hub," permission "\n" more)
#define S "forms/test/survey.csv "

static const struct {
	const char *survey;
	const char *says;
} refused[] = {
	{SURVEY("integer,Age,A,,,,hub,\n"),
		S "row 3, column name: a name is a small letter and up to 62 of a-z, 0-9, '_'"},
	{SURVEY("begin group,g,G,,,,,\ninteger,a,A,,,,hub,\nend group,,,,,,,\n"
		"integer,a,A,,,,hub,\n"),
		S "row 6, column name: the name 'a' stands twice"},
	{SURVEY("integer,a,A,,,,,\n"),
		S "row 3, column weir_goes: this cell is empty: site, hub or open"},
	{SURVEY("integer,a,A,,,,open,\n"),
		S "row 3, column weir_goes: only 'wave' and select_one can stand open"},
	{SURVEY("text,collected_by,A,yes,staff,pseudonym,open,\n"),
		S "row 3, column weir_goes: only 'wave' and select_one can stand open"},
	{SURVEY("select_multiple yn,a,A,,,,open,\n"),
		S "row 3, column weir_goes: only 'wave' and select_one can stand open"},
	{SURVEY("text,a,A,,,direct,hub,\n"),
		S "row 3, column weir_goes: what names a person has to stay at the site"},
	{SURVEY("image,a,A,,,,open,\nselect_one yn,p,P,,,,open,keep\n"),
		S "row 3, column weir_goes: a file cannot stand open"},
	{SURVEY("integer,a,A,yes,,,hub,\n"),
		S "row 3, column required: a number or text asked of a person cannot be "
		  "compulsory"},
	{SURVEY("select_one yn,a,A,yes,,,hub,\n"),
		S "row 3, column required: a compulsory question to a person needs a way to "
		  "refuse it, code 99"},
	{SURVEY("select_one yn9,a,A,yes,,,open,keep\n"),
		S "row 3, column required: a compulsory question to a person needs a way to "
		  "refuse it, 'no'"},
	{SURVEY("select_one yn9,a,A,,,,open,keep\n"),
		S "row 3, column weir_permission: a permission is a choice of yes and no"},
	{SURVEY("begin repeat,r,R,,,,,\nselect_one yn,a,A,,,,open,keep\nend repeat,,,,,,,\n"),
		S "row 4, column weir_permission: a permission cannot stand in a repeat"},
	{SURVEY("begin repeat,r,R,,,,,\ninteger,wave,W,,staff,,open,\nend repeat,,,,,,,\n"),
		S "row 4: the wave cannot stand in a repeat"},
	{TOP "begin repeat,r,R,,,,,\n" CODE "end repeat,,,,,,,\n",
		S "row 3: the study code cannot stand in a repeat"},
	{TOP "text,participant,Code,,staff,pseudonym,site,\n",
		S "row 2, column required: the study code has to be required"},
	{TOP "text,participant,Code,yes,staff,pseudonym,hub,\n",
		S "row 2, column weir_goes: the study code has to stay at the site"},
	{TOP "integer,participant,Code,yes,staff,pseudonym,site,\n",
		S "row 2, column type: the study code has to be a text"},
	{SHARES(""), S "row 3, column weir_duo: say under which limits, as codes of the data "
		       "use ontology; NRES for none"},
	{SHARES("HMB ANY"), S "row 3, column weir_duo: 'ANY' is no limit of the data use "
			      "ontology that can be kept"},
	{SHARES("NCU HMB NCU"), S "row 3, column weir_duo: the limit 'NCU' stands twice"},
	{SHARES("GRU HMB POA NPOA NMDS GSO NPU NCU NPUNCU PUB COL IRB RTN"),
		S "row 3, column weir_duo: more than 12 limits"},
	{TOP_DUO "text,participant,Code,yes,staff,pseudonym,site,,\n"
		 "select_one yn,a,A,yes,,,open,keep,HMB\n",
		S "row 3, column weir_duo: limits go with the permission share-secondary "
		  "alone"},
	{GIVER("given_by", "keep", ""),
		S "row 3, column type: a parent can agree here: the form has to ask for the "
		  "day turns_sixteen, too"},
	{GIVER("given_by", "keep", "text,turns_sixteen,D,,staff,,site,\n"),
		S "row 3, column type: a parent can agree here: the form has to ask for the "
		  "day turns_sixteen, too"},
	{SURVEY("integer,a,A,,,,hubb,\n"), NULL}, /* whoever reads the XForm says it */
};

static void
a_form_of_a_study_keeps_to_its_promises(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
		OWNED(faults) struct faults *f = faults_new();
		check_sheets(refused[i].survey, (struct about){.by_staff = false}, f);
		assert_true(f->errors > 0);
		if (!refused[i].says || says(f, refused[i].says))
			continue;
		print_faults(f);
		fail_msg("nothing says '%s'", refused[i].says);
	}
}

static void
what_is_promised_can_be_kept(void **state)
{
	(void)state;
	static const struct {
		const char *survey;
		bool per_site;
	} rows[] = {
		{SURVEY("integer,wave,Wave,yes,staff,,open,\nselect_one "
			"yn9,a,A,yes,,,open,\n" END),
			false},
		{SURVEY("select_one yn,a,A,yes,,,open,keep\ntext,b,B,yes,staff,,open,\n"),
			false},
		{SHARES("GRU HMB POA NPOA NMDS GSO NPU NCU NPUNCU PUB COL IRB"), false},
		{SHARES("NRES"), false},
		{GIVER("given_by", "keep", "date,turns_sixteen,D,,staff,,site,\n"), false},
		{GIVER("brought_by", "keep", ""), false},
		{GIVER("given_by", "", END), false},
		{SURVEY("select_one yn,given_by,G,,staff,,hub,\n"
			"select_one yn,a,A,,,,open,keep\n"),
			false},
		{SURVEY("date,day,Day,yes,,,hub,\nselect_one yn,a,A,yes,,,hub,\n"), true},
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		OWNED(faults) struct faults *f = faults_new();
		check_sheets(rows[i].survey, (struct about){.per_site = rows[i].per_site}, f);
		print_faults(f);
		assert_int_equal(f->count, 0);
	}
}

/* One that says when it was given, and one about a site, need no such item. */
static void
who_asks_persons_is_warned_unless_the_form_says_when_it_was_filled_in(void **state)
{
	(void)state;
	static const char warning[] =
		"forms/test: warning: nothing says when the form was filled in: add an item of "
		"type end, or what comes by tablet counts as filled in when it comes";
	static const struct {
		const char *survey;
		bool per_site, warned;
	} rows[] = {
		{SURVEY("integer,a,A,,,,hub,\n"), false, true},
		{SURVEY("start,s,,,,,site,\n"), false, true},
		{SURVEY("begin repeat,r,R,,,,,\n" END "end repeat,,,,,,,\n"), false, true},
		{SURVEY(END), false, false},
		{SURVEY("today,t,,,,,site,\n"), false, false},
		{SURVEY("select_one yn,a,A,yes,,,open,keep\n"), false, false},
		{SURVEY("integer,a,A,,,,hub,\n"), true, false},
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		OWNED(faults) struct faults *f = faults_new();
		check_sheets(rows[i].survey, (struct about){.per_site = rows[i].per_site}, f);
		if (f->errors || says(f, warning) != rows[i].warned) {
			print_faults(f);
			fail_msg("row %zu", i);
		}
	}
}

#define COLLECTED(constraint)                                                                  \
	"type,name,label,required,constraint,weir_asks,weir_disclosure,weir_goes\n"            \
	"text,participant,Code,yes,,staff,pseudonym,site\n"                                    \
	"text,collected_by,Who?,yes," constraint ",staff,pseudonym,open\n"                     \
	"end,end,,,,,,site\n"

/* The one text that the rules may see, so it has to be a code. */
static void
a_form_that_staff_fill_in_may_say_who_did(void **state)
{
	static const struct {
		const char *survey, *says; /* NULL: nothing */
	} rows[] = {
		{COLLECTED("string-length(.) < 20"), NULL},
		{COLLECTED(""), S "row 3, column constraint: 'collected_by' stands open: a "
				  "constraint has to say that it is a staff code"},
		{SURVEY("integer,collected_by,A,yes,staff,pseudonym,open,\n" END),
			S "row 3, column weir_goes: only 'wave' and select_one can stand open"},
		{SURVEY("text,taken_by,A,yes,staff,pseudonym,open,\n" END),
			S "row 3, column weir_goes: only 'wave' and select_one can stand open"},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		OWNED(faults) struct faults *f = faults_new();
		check_sheets(rows[i].survey, (struct about){.by_staff = true}, f);
		print_faults(f);
		assert_int_equal(f->count, rows[i].says ? 1 : 0);
		assert_true(!rows[i].says || says(f, rows[i].says));
	}
}

static void
no_more_than_eight_answers_stand_open(void **state)
{
	(void)state;
	OWNED_BUF struct buf survey;
	buf_init(&survey, 4096);
	buf_format(&survey, "%s", TOP CODE);
	for (int i = 0; i <= FORM_MAX_OPEN; i++)
		buf_format(&survey, "select_one yn,q%d,Q,,,,open,\n", i);
	buf_u8(&survey, 0);
	OWNED(faults) struct faults *f = faults_new();
	check_sheets((const char *)survey.at, (struct about){.by_staff = false}, f);
	assert_int_equal(f->errors, 1);
	assert_true(
		says(f, S "row 11, column weir_goes: more than 8 fields of a form stand open"));
}

static void
a_form_without_sheets_is_named_by_its_paths(void **state)
{
	(void)state;
	static const char xml[] =
		"<h:html xmlns=\"http://www.w3.org/2002/xforms\" "
		"xmlns:h=\"http://www.w3.org/1999/xhtml\"><h:head><h:title>T</h:title><model>"
		"<instance><data id=\"test\" version=\"1\"><g><age/></g></data></instance>"
		"<bind nodeset=\"/data/g/age\" type=\"int\"/></model></h:head><h:body>"
		"<group ref=\"/data/g\"><input ref=\"/data/g/age\"><label>A</label></input>"
		"</group></h:body></h:html>";
	const struct formfile_source source = {
		.id = "test", .name = "forms/test.xml", .study = true, .xml = view_text(xml)};
	OWNED(faults) struct faults *f = faults_new();
	OWNED(formfile) struct formfile *file = formfile_read(&source, f);
	assert_int_equal(f->errors, 0);
	formfile_check(file, formfile_form(file), f);
	assert_true(says(f, "forms/test.xml: g/age: this cell is empty: site, hub or open"));
}

/* A row of cells with inline texts; ends with NULL. */
static void
put_row(struct buf *out, size_t number, const char *const *cells)
{
	buf_format(out, "<row r=\"%zu\">", number);
	for (; *cells; cells++)
		buf_format(out, "<c t=\"inlineStr\"><is><t>%s</t></is></c>", *cells);
	buf_format(out, "</row>");
}

static void
a_workbook_is_a_form_as_well(void **state)
{
	(void)state;
	static const char *const head[] = {"type", "name", "label", "relevant", NULL};
	static const char *const good[] = {"integer", "age", "Age", NULL};
	static const char *const bad[] = {"text", "b", "B", "${nobody} = 1", NULL};
	OWNED_BUF struct buf rows, zip;
	buf_init(&rows, 4096);
	put_row(&rows, 1, head);
	put_row(&rows, 2, good);
	put_row(&rows, 7, bad);
	buf_u8(&rows, 0);
	workbook_of_rows(&zip, (const char *)rows.at, "");
	const struct formfile_source source = {.name = "a.xlsx", .xlsx = buf_view(&zip)};
	OWNED(faults) struct faults *f = faults_new();
	OWNED(formfile) struct formfile *file = formfile_read(&source, f);
	assert_true(says(f, "a.xlsx, sheet survey row 7, column relevant: there is no question "
			    "'nobody'"));
	assert_true(says(f, "a.xlsx, sheet survey: the form needs a form_id"));
	assert_int_equal(f->errors, 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_form_of_a_study_keeps_to_its_promises),
		cmocka_unit_test(what_is_promised_can_be_kept),
		cmocka_unit_test(
			who_asks_persons_is_warned_unless_the_form_says_when_it_was_filled_in),
		cmocka_unit_test(a_form_that_staff_fill_in_may_say_who_did),
		cmocka_unit_test(no_more_than_eight_answers_stand_open),
		cmocka_unit_test(a_form_without_sheets_is_named_by_its_paths),
		cmocka_unit_test(a_workbook_is_a_form_as_well),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
