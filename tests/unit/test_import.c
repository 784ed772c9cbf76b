#include "tests/unit/suite.h"

#include <string.h>

#include "common/base/mem.h"
#include "common/study/pack.h"
#include "node/import.h"

#define PACK_DIR WEIR_SOURCE_DIR "/tests/data/wvs/study"
#define HEADER   "participant,poverty,religion,degree,age,gender\n"
#define SECRET   "qzkvtrwplmxj"

static int
load_study(void **state)
{
	OWNED(faults) struct faults *faults = faults_new();
	struct pack *pack = NULL;
	assert_ok(pack_load(&pack, PACK_DIR, faults));
	*state = pack;
	return 0;
}

static int
drop_study(void **state)
{
	pack_free(*state);
	return 0;
}

static enum err
read_sheet(struct pack *pack, struct view text, struct import **ret, struct faults *faults)
{
	struct import_source s = {
		text, "rows.csv", pack, pack_form(pack, "attitudes"), 0, NULL, 0};
	assert_non_null(s.form);
	return import_read(ret, &s, faults);
}

/* The cells as the study's form spells them. */
#define GOOD "A0001,1,yes,no,44,female\n"

static void
gives_rows_with_their_codes_and_answers(void **state)
{
	OWNED(faults) struct faults *faults = faults_new();
	OWNED(import) struct import *i = NULL;
	struct form_answer answers[6];
	assert_ok(read_sheet(*state,
		view_text("age,participant,poverty,gender,religion,degree\n"
			  "\n"
			  "44,A0001,1,female,yes,no\n"
			  ",A0002,,,,\n"),
		&i, faults));
	assert_int_equal(faults->count, 0);
	assert_int_equal(import_rows(i), 2);
	assert_string_equal(import_code(i, 0), "A0001");
	assert_int_equal(import_row_number(i, 0), 3);
	assert_int_equal(import_row_number(i, 1), 4);
	assert_int_equal(import_answers(i, 0, answers), 6);
	assert_string_equal(answers[1].name, "poverty");
	assert_string_equal(answers[1].value, "1");
	assert_string_equal(answers[4].name, "age");
	assert_string_equal(answers[4].value, "44");
	assert_int_equal(import_answers(i, 1, answers), 6);
	assert_string_equal(answers[4].value, "");
}

static void
takes_semicolons_and_a_byte_order_mark(void **state)
{
	static const char *const sheets[] = {
		"participant;poverty;religion;degree;age;gender\nA0001;1;yes;no;44;female\n",
		"\xef\xbb\xbf" HEADER GOOD,
		("\xef\xbb\xbfparticipant;poverty;religion;degree;age;gender\r\n"
		 "A0001;1;yes;no;44;female\r\n"),
	};
	for (size_t k = 0; k < ARRAY_LEN(sheets); k++) {
		OWNED(faults) struct faults *faults = faults_new();
		OWNED(import) struct import *i = NULL;
		assert_ok(read_sheet(*state, view_text(sheets[k]), &i, faults));
		assert_int_equal(import_rows(i), 1);
		assert_string_equal(import_code(i, 0), "A0001");
	}
}

/* place: how the faults' first line begins. */
static const struct bad_sheet {
	const char *name, *text, *place, *reason;
	size_t faults;
} bad_sheets[] = {
	{"unknown column", "participant,poverty,religion,degree,age,gender,shoe\n",
		"rows.csv row 1, column shoe:", "no item of this name", 1},
	{"missing column", "participant,poverty,religion,degree,age\n",
		"rows.csv row 1, column gender:", "the column is missing", 1},
	{"missing code column", "poverty,religion,degree,age,gender\n",
		"rows.csv row 1, column participant:", "the column is missing", 1},
	{"label instead of code", HEADER "A0001," SECRET ",yes,no,44,female\n",
		"rows.csv row 2, column poverty:", "not a code of the choice list", 1},
	{"out of range", HEADER "A0001,1,yes,no,7,female\n",
		"rows.csv row 2, column age:", "15 to 120", 1},
	{"no number", HEADER "A0001,1,yes,no," SECRET ",female\n",
		"rows.csv row 2, column age:", "not a whole number", 1},
	{"missing code", HEADER GOOD ",1,yes,no,44,female\n",
		"rows.csv row 3, column participant:", "the study code is missing", 1},
	{"wrong code form", HEADER SECRET ",1,yes,no,44,female\n",
		"rows.csv row 2, column participant:", "not of the form of a study code", 2},
	{"double code", HEADER GOOD "A0002,,,,,\n" GOOD,
		"rows.csv row 4, column participant:", "row 2 has the same study code", 1},
	{"three times the same code", HEADER GOOD GOOD GOOD,
		"rows.csv row 3, column participant:", "row 2 has the same study code", 2},
	{"two faults in a row", HEADER "A0001," SECRET ",yes,no,7,female\n",
		"rows.csv row 2, column poverty:", "not a code of the choice list", 2},
	/* No sheets: */
	{"empty file", "", "rows.csv:", "no header row", 0},
	{"ragged row", HEADER GOOD "A0002,1,yes\n", "rows.csv row 3:", "3 cells", 0},
	{"column twice", "participant,poverty,religion,degree,age,gender,age\n",
		"rows.csv row 1:", "two columns have the name", 0},
	{"an open quote", HEADER "A0001,\"" SECRET ",yes,no,44,female\n", "rows.csv", "quote",
		0},
};

static void
names_row_and_column_of_every_fault_and_never_the_content(void **state)
{
	for (size_t k = 0; k < ARRAY_LEN(bad_sheets); k++) {
		const struct bad_sheet *b = &bad_sheets[k];
		OWNED(faults) struct faults *faults = faults_new();
		OWNED(import) struct import *i = NULL;
		enum err e = read_sheet(*state, view_text(b->text), &i, faults);
		if (e != E_FORMAT || i || faults->errors != b->faults)
			fail_msg("%s: %s, %zu faults: %s", b->name, err_word(e), faults->errors,
				err_text());
		OWNED_MEM char *line =
			b->faults ? faults_line(&faults->items[0]) : xstrdup(err_text());
		if (strncmp(line, b->place, strlen(b->place)) != 0 || !strstr(line, b->reason))
			fail_msg("%s: %s", b->name, line);
		for (size_t f = 0; f < faults->count; f++) {
			OWNED_MEM char *any = faults_line(&faults->items[f]);
			assert_null(strstr(any, SECRET));
		}
		assert_null(strstr(err_text(), SECRET));
	}
}

static void
a_code_has_to_meet_the_constraint_of_the_form_too(void **state)
{
	struct pack *pack = *state;
	struct form_field *code = NULL;
	const struct form *f = pack_form(pack, "attitudes");
	OWNED(faults) struct faults *faults = faults_new();
	OWNED(import) struct import *i = NULL;
	code = &f->fields[form_field(f, FORM_PARTICIPANT)];
	struct xpath *before = code->check;
	assert_ok(xpath_compile(&code->check, "regex(., '^B[0-9]{4}$')", NULL, -1));
	enum err e = read_sheet(pack, view_text(HEADER GOOD), &i, faults);
	xpath_free(code->check);
	code->check = before;
	assert_err(e, E_FORMAT);
	assert_string_equal(faults->items[0].column, FORM_PARTICIPANT);
}

static void
a_required_item_is_not_answered_with_blanks(void **state)
{
	struct pack *pack = *state;
	const struct form *f = pack_form(pack, "attitudes");
	OWNED(faults) struct faults *faults = faults_new();
	OWNED(import) struct import *i = NULL;
	struct form_field *poverty = &f->fields[form_field(f, "poverty")];
	poverty->required = true;
	enum err e = read_sheet(
		pack, view_text(HEADER "A0001,\" \t\",yes,no,44,female\n"), &i, faults);
	poverty->required = false;
	assert_err(e, E_FORMAT);
	assert_string_equal(faults->items[0].column, "poverty");
	assert_string_equal(faults->items[0].reason, "an answer is required");
}

static void
a_form_with_many_records_takes_a_code_more_than_once(void **state)
{
	struct pack *pack = *state;
	struct form many = *pack_form(pack, "attitudes");
	struct import_source s = {
		view_text(HEADER GOOD GOOD), "rows.csv", pack, &many, 0, NULL, 0};
	OWNED(faults) struct faults *faults = faults_new();
	OWNED(import) struct import *i = NULL;
	many.many = true;
	assert_ok(import_read(&i, &s, faults));
	assert_int_equal(import_rows(i), 2);
}

/* forms with groups, repeats and calculations: the example study */

#define EXAMPLE_DIR WEIR_SOURCE_DIR "/ops/study/partnership"
#define NOW_MS      INT64_C(1804680000000) /* 2027-03-10 */

/* What a row answers; all other columns of the heading stay blank. */
struct answer {
	const char *column, *value;
};

static const struct answer interview[] = {
	{"participant", "7KQF2M9T"}, {"wave", "1"}, {"how", "face"}, {"who", "carer"}};

static void
write_sheet(struct buf *out, const struct form *f, const struct answer *list, size_t count)
{
	OWNED_BUF struct buf heading;
	buf_init(&heading, 65536);
	assert_ok(import_heading(&heading, f));
	buf_add_view(out, buf_view(&heading));
	buf_u8(&heading, 0);
	char *rest = (char *)heading.at, *name;
	rest[strcspn(rest, "\n")] = 0;
	for (bool first = true; (name = strsep(&rest, ",")); first = false) {
		const char *value = "";
		for (size_t i = 0; i < count; i++)
			if (strcmp(list[i].column, name) == 0)
				value = list[i].value;
		buf_format(out, "%s%s", first ? "" : ",", value);
	}
	buf_format(out, "\n");
}

static struct pack *
example(void)
{
	OWNED(faults) struct faults *faults = faults_new();
	struct pack *p = NULL;
	assert_ok(pack_load(&p, EXAMPLE_DIR, faults));
	return p;
}

static enum err
read_example(struct pack *p, const char *form, const struct answer *list, size_t count,
	struct import **ret)
{
	OWNED(faults) struct faults *faults = faults_new();
	OWNED_BUF struct buf sheet;
	buf_init(&sheet, 65536);
	write_sheet(&sheet, pack_form(p, form), list, count);
	struct import_source s = {
		buf_view(&sheet), "rows.csv", p, pack_form(p, form), NOW_MS, NULL, 0};
	enum err e = import_read(ret, &s, faults);
	return e;
}

static void
the_heading_row_is_what_a_sheet_needs(void **state)
{
	(void)state;
	static const struct {
		const char *form, *begins, *has, *lacks;
	} headings[] = {
		{"consent", "participant,form_version_shown,", ",permit_link,", "signature"},
		{"user_p2", "participant,wave,", ",outcome[1]/matters,", "outcome_code"},
		{"site_profile", "wave,", ",population,", "participant"}};
	OWNED(pack) struct pack *p = example();
	for (size_t k = 0; k < ARRAY_LEN(headings); k++) {
		OWNED_BUF struct buf row;
		buf_init(&row, 65536);
		assert_ok(import_heading(&row, pack_form(p, headings[k].form)));
		buf_u8(&row, 0);
		const char *text = (const char *)row.at;
		assert_int_equal(
			strncmp(text, headings[k].begins, strlen(headings[k].begins)), 0);
		assert_non_null(strstr(text, headings[k].has));
		assert_null(strstr(text, headings[k].lacks));
	}
}

static void
a_record_of_no_group_is_no_row(void **state)
{
	(void)state;
	struct answer nobody[ARRAY_LEN(interview)];
	OWNED(pack) struct pack *p = example();
	OWNED(import) struct import *i = NULL;
	memcpy(nobody, interview, sizeof(interview));
	for (size_t k = 0; k < ARRAY_LEN(nobody); k++)
		if (strcmp(nobody[k].column, "who") == 0)
			nobody[k].value = "";
	assert_err(read_example(p, "user_p2", nobody, ARRAY_LEN(nobody), &i), E_FORMAT);
	assert_null(i);
}

static size_t
count_faults(const struct faults *f, const char *words)
{
	size_t count = 0;
	for (size_t i = 0; i < f->count; i++) {
		OWNED_MEM char *line = faults_line(&f->items[i]);
		count += strstr(line, words) != NULL;
	}
	return count;
}

/* Column and kind are said, the text never; what a person wants kept goes as it is. */
static void
a_text_that_leads_to_a_person_is_a_fault_unless_its_column_is_kept(void **state)
{
	(void)state;
	static const char *const kept[] = {"worse"}, *const other[] = {"words"},
				 *const absent[] = {"colour"};
	static const struct {
		const char *const *kept;
		size_t count, leads, absent;
	} cases[] = {{NULL, 0, 1, 0}, {other, 1, 1, 0}, {kept, 1, 0, 0}, {absent, 1, 0, 1}};
	struct answer told[ARRAY_LEN(interview) + 1];
	OWNED(pack) struct pack *p = example();
	OWNED_BUF struct buf sheet;
	buf_init(&sheet, 65536);
	memcpy(told, interview, sizeof(interview));
	told[ARRAY_LEN(interview)] = (struct answer){"worse", "I rang 07700 900123 twice"};
	write_sheet(&sheet, pack_form(p, "user_p2"), told, ARRAY_LEN(told));
	for (size_t k = 0; k < ARRAY_LEN(cases); k++) {
		OWNED(faults) struct faults *faults = faults_new();
		OWNED(import) struct import *i = NULL;
		struct import_source s = {buf_view(&sheet), "rows.csv", p,
			pack_form(p, "user_p2"), NOW_MS, cases[k].kept, cases[k].count};
		/* The row has other faults, too: those that matter here are counted. */
		assert_err(import_read(&i, &s, faults), E_FORMAT);
		assert_int_equal(
			count_faults(
				faults, "column worse: the text looks like a telephone number"),
			cases[k].leads);
		assert_int_equal(count_faults(faults, "no such column"), cases[k].absent);
		assert_int_equal(count_faults(faults, "07700"), 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gives_rows_with_their_codes_and_answers),
		cmocka_unit_test(takes_semicolons_and_a_byte_order_mark),
		cmocka_unit_test(names_row_and_column_of_every_fault_and_never_the_content),
		cmocka_unit_test(a_code_has_to_meet_the_constraint_of_the_form_too),
		cmocka_unit_test(a_required_item_is_not_answered_with_blanks),
		cmocka_unit_test(a_form_with_many_records_takes_a_code_more_than_once),
		cmocka_unit_test(the_heading_row_is_what_a_sheet_needs),
		cmocka_unit_test(a_record_of_no_group_is_no_row),
		cmocka_unit_test(
			a_text_that_leads_to_a_person_is_a_fault_unless_its_column_is_kept),
	};
	return cmocka_run_group_tests_name("import", tests, load_study, drop_study);
}
