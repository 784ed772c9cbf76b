#include "tests/unit/suite.h"

#include "common/base/mem.h"
#include "common/study/formfile.h"

#define SURVEY                                                                                 \
	"type,name,label,required,constraint,constraint_message,weir_asks,weir_disclosure,"    \
	"weir_goes\n"                                                                          \
	"text,participant,Code,yes,\"regex(., '[A-Z][0-9]{4}')\",A letter and digits.,staff,"  \
	"pseudonym,site\n"                                                                     \
	"integer,age,Age,,. >= 15,,,quasi,hub\n"                                               \
	"decimal,hours,Hours,,,,,,hub\n"                                                       \
	"select_one depth,depth,Depth,,,,,,hub\n"                                              \
	"select_one sex,sex,Sex,yes,,,,,open\n"                                                \
	"date,day,Day,,,,,,hub\n"                                                              \
	"text,words,Words,,,,,free_text,hub\n"
#define CHOICES                                                                                \
	"list_name,name,label\ndepth,1,Low\ndepth,3,High\nsex,f,Female\nsex,m,Male\n"          \
	"sex,99,Rather not say\n"
#define SETTINGS "form_title,form_id,version,default_language\nTest,test,2,en\n"

static struct form *
form(void)
{
	OWNED(faults) struct faults *f = faults_new();
	const struct formfile_source source = {.id = "test",
		.name = "forms/test",
		.study = true,
		.survey = view_text(SURVEY),
		.choices = view_text(CHOICES),
		.settings = view_text(SETTINGS)};
	OWNED(formfile) struct formfile *file = formfile_read(&source, f);
	struct form *made = formfile_take(file);
	for (size_t i = 0; i < f->count; i++)
		print_message("%s\n", f->items[i].reason);
	assert_int_equal(f->count, 0);
	return made;
}

static void
a_form_is_read_from_its_sheets(void **state)
{
	(void)state;
	OWNED(form) struct form *f = form();
	assert_string_equal(f->id, "test");
	assert_string_equal(f->version, "2");
	assert_int_equal(f->field_count, 7);
	const struct form_field *sex = &f->fields[form_field(f, "sex")];
	assert_int_equal(sex->goes, FORM_OPEN);
	assert_int_equal(form_expr_type(sex), EXPR_CODE);
	assert_int_equal(form_choice(sex->list, "m"), 1);
	assert_int_equal(form_choice(sex->list, "x"), -1);
	assert_int_equal(form_expr_type(&f->fields[form_field(f, "depth")]), EXPR_NUMBER);
	assert_true(f->fields[0].required && f->fields[0].asks_staff);
	assert_int_equal(f->fields[0].disclosure, FORM_PSEUDONYM);
	assert_int_equal(form_field(f, "none"), -1);
}

static void
each_answer_is_held_against_its_question(void **state)
{
	(void)state;
	OWNED(form) struct form *f = form();
	static const struct {
		const char *field, *text;
		bool good;
		double number;
	} rows[] = {
		{"participant", "A0001", true, 0},
		{"participant", "a0001", false, 0},
		{"age", "15", true, 15},
		{"age", "14", false, 0},
		{"age", "15.5", false, 0},
		{"age", "1e2", false, 0},
		{"age", "1000000000", false, 0},
		{"hours", "-3.25", true, -3.25},
		{"hours", "3,25", false, 0},
		{"depth", "3", true, 3},
		{"depth", "2", false, 0},
		{"depth", "03", false, 0},
		{"sex", "m", true, 1},
		{"sex", "99", true, 2},
		{"sex", "M", false, 0},
		{"day", "2026-02-28", true, 0},
		{"day", "2026-02-30", false, 0},
		{"day", "2026-02-28T00:00:00Z", false, 0},
		{"words", "Gr\xc3\xbc\xc3\x9f Gott", true, 0},
		{"words", "\xff", false, 0},
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct form_field *field = &f->fields[form_field(f, rows[i].field)];
		struct expr_value v;
		if ((form_check_cell(field, rows[i].text, &v) == OK) != rows[i].good)
			fail_msg("row %zu: %s: %s", i, rows[i].field, rows[i].text);
		assert_int_equal(v.present, rows[i].good);
		assert_true(v.number == rows[i].number);
	}
}

static void
a_blank_is_missing_whatever_the_constraint(void **state)
{
	(void)state;
	OWNED(form) struct form *f = form();
	struct expr_value v;
	for (size_t i = 0; i < f->field_count; i++) {
		assert_ok(form_check_cell(&f->fields[i], " ", &v));
		assert_false(v.present);
	}
}

static void
a_refusal_names_the_column_and_never_the_answer(void **state)
{
	(void)state;
	OWNED(form) struct form *f = form();
	struct expr_value v;
	for (size_t i = 0; i < f->field_count; i++) {
		if (form_check_cell(&f->fields[i], "Secret\xff", &v) == OK)
			fail_msg("%s takes anything", f->fields[i].name);
		assert_non_null(strstr(err_text(), f->fields[i].name));
		assert_null(strstr(err_text(), "Secret"));
	}
	assert_err(form_check_cell(&f->fields[0], "Secret", &v), E_FORMAT);
	assert_string_equal(err_text(), "participant: A letter and digits.");
}

static void
a_record_is_whole_and_names_no_stranger(void **state)
{
	(void)state;
	OWNED(form) struct form *f = form();
	const struct form_answer good[] = {{"sex", "f"}, {"participant", "B1234"}, {"age", ""}};
	struct expr_value values[7];
	assert_ok(form_check_answers(f, good, 3, values));
	assert_true(values[form_field(f, "sex")].present);
	assert_false(values[form_field(f, "age")].present);
	assert_string_equal(values[0].text, "B1234");
	static const struct {
		struct form_answer answers[3];
		const char *says;
	} bad[] = {
		{{{"sex", "f"}, {"age", "20"}, {"day", ""}}, "participant: has to be"},
		{{{"participant", "B1234"}, {"sex", " "}, {"age", ""}}, "sex: has to be"},
		{{{"participant", "B1234"}, {"sex", "f"}, {"secret", "x"}}, "does not ask"},
		{{{"participant", "B1234"}, {"sex", "f"}, {"sex", "f"}}, "sex: answered twice"},
		{{{"participant", "B1234"}, {"sex", "f"}, {"age", "1"}}, "age: does not meet"},
	};
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		assert_err(form_check_answers(f, bad[i].answers, 3, NULL), E_FORMAT);
		if (!strstr(err_text(), bad[i].says))
			fail_msg("row %zu: %s", i, err_text());
		assert_null(strstr(err_text(), "secret"));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_form_is_read_from_its_sheets),
		cmocka_unit_test(each_answer_is_held_against_its_question),
		cmocka_unit_test(a_blank_is_missing_whatever_the_constraint),
		cmocka_unit_test(a_refusal_names_the_column_and_never_the_answer),
		cmocka_unit_test(a_record_is_whole_and_names_no_stranger),
	};
	return cmocka_run_group_tests_name("form", tests, NULL, NULL);
}
