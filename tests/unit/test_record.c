#include "tests/unit/suite.h"

#include "common/base/mem.h"
#include "common/study/record.h"

#include "tests/unit/sheets.h"

#define SURVEY                                                                                 \
	"type,name,label,weir_goes,weir_list\n"                                                \
	"integer,age,Age,hub,\n"                                                               \
	"decimal,hours,Hours,hub,\n"                                                           \
	"date,day,Day,hub,\n"                                                                  \
	"text,words,Words,hub,\n"                                                              \
	"begin group,part,Part,,\n"                                                            \
	"select_one agree,agree,Agree,hub,\n"                                                  \
	"select_one sex,sex,Sex,hub,\n"                                                        \
	"select_multiple sex,both,Both,hub,\n"                                                 \
	"calculate,worked,Worked,hub,sex\n"                                                    \
	"end group,part,,,\n"                                                                  \
	"begin repeat,home,Home,,\n"                                                           \
	"text,street,Street,hub,\n"                                                            \
	"begin repeat,room,Room,,\n"                                                           \
	"integer,size,Size,hub,\n"                                                             \
	"end repeat,room,,,\n"                                                                 \
	"end repeat,home,,,\n"
#define CHOICES                                                                                \
	"list_name,name,label\nagree,1,No\nagree,2,Yes\nagree,88,Cannot say\n"                 \
	"sex,f,Female\nsex,m,Male\nsex,99,Rather not say\n"

static void
add_codes(struct missing_codes *m)
{
	assert_ok(missing_add(m, "88", "cannot_say"));
	assert_ok(missing_add(m, "99", "refused"));
	assert_ok(missing_add(m, "profile.88", "not_known"));
}

static struct expr_value
value(const struct record *r, const char *name, size_t instance)
{
	return record_value(r, (size_t)form_field(record_form(r), name), instance);
}

static void
answers_become_values(void **state)
{
	(void)state;
	static const struct {
		const char *path, *answer;
		bool present;
		double number;
		enum missing why;
	} rows[] = {
		{"age", "44", true, 44, 0},
		{"age", "88", true, 88, 0}, /* a typed number is never a missing code */
		{"age", "-3", true, -3, 0},
		{"age", "", false, 0, MISSING_NOT_ANSWERED},
		{"age", " \n", false, 0, MISSING_NOT_ANSWERED},
		{"hours", "8.5", true, 8.5, 0},
		{"day", "1970-01-02", true, 1, 0},
		{"day", "1969-12-31", true, -1, 0},
		{"words", "anything", true, 0, 0},
		{"part/agree", "2", true, 2, 0},
		{"part/agree", "88", false, 0, MISSING_CANNOT_SAY},
		{"part/sex", "m", true, 1, 0},
		{"part/sex", "99", false, 0, MISSING_REFUSED},
		{"part/worked", "f", true, 0, 0},
		{"part/worked", "", false, 0, MISSING_NOT_ANSWERED},
		{"part/both", "m f", true, 0, 0},
		{"part/both", "99", false, 0, MISSING_REFUSED},
		{"part/both", "", false, 0, MISSING_NOT_ANSWERED},
	};
	OWNED_SHEETS struct form *f = sheets_form_of("survey", SURVEY, CHOICES);
	struct missing_codes codes = {.count = 0};
	add_codes(&codes);
	OWNED(record) struct record *r = record_new(f, NULL, &codes);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const char *slash = strrchr(rows[i].path, '/');
		const char *name = slash ? slash + 1 : rows[i].path;
		record_clear(r);
		assert_int_equal(value(r, name, 0).why, MISSING_NOT_ASKED);
		assert_false(value(r, name, 0).present);
		assert_ok(record_put(r, rows[i].path, rows[i].answer));
		struct expr_value v = value(r, name, 0);
		if (v.present != rows[i].present || v.number != rows[i].number ||
			(!v.present && v.why != rows[i].why))
			fail_msg("row %zu: %s", i, rows[i].path);
	}
}

static void
what_is_not_of_its_form_is_refused(void **state)
{
	(void)state;
	static const struct {
		const char *path, *answer;
	} rows[] = {
		{"age", "4.5"},
		{"age", "1000000000"},
		{"age", "four"},
		{"hours", "1e3"},
		{"day", "2026-02-30"},
		{"day", "2026-02-01T00:00:00Z"},
		{"part/agree", "3"},
		{"part/sex", "F"},
		{"part/both", "m x"},
		{"agree", "1"}, /* the path begins below the root */
		{"nothing", "1"},
		{"", "1"},
		{"age[1]", "1"},
		{"home/street", "x"},
		{"home[0]/street", "x"},
		{"home[-1]/street", "x"},
		{"home[1/street", "x"},
		{"home[]/street", "x"},
		{"home[1][1]/street", "x"},
		{"home[99999999999999999999]/street", "x"},
		{"home[1]/street[1]", "x"},
		{"home[1]", "x"},
		{"home[1]/room/size", "1"},
	};
	OWNED_SHEETS struct form *f = sheets_form_of("survey", SURVEY, CHOICES);
	OWNED(record) struct record *r = record_new(f, NULL, NULL);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		record_clear(r);
		if (record_put(r, rows[i].path, rows[i].answer) != E_FORMAT)
			fail_msg("row %zu: %s was taken", i, rows[i].path);
	}
	record_clear(r);
	assert_ok(record_put(r, "age", "1"));
	assert_err(record_put(r, "age", "1"), E_FORMAT);
}

static void
instances_are_counted_and_kept_apart(void **state)
{
	(void)state;
	OWNED_SHEETS struct form *f = sheets_form_of("survey", SURVEY, CHOICES);
	OWNED(record) struct record *r = record_new(f, NULL, NULL);
	assert_int_equal(record_instances(r, 0), 0);
	assert_ok(record_put(r, "home[1]/street", "x"));
	assert_ok(record_put(r, "home[1]/room[1]/size", "10"));
	assert_ok(record_put(r, "home[1]/room[2]/size", "20"));
	assert_ok(record_put(r, "home[2]", ""));
	assert_ok(record_put(r, "home[4]/room[2]/size", "30"));
	assert_int_equal(record_instances(r, 0), 4);
	assert_int_equal(record_instances(r, 1), 4);
	assert_int_equal(record_instances(r, 2), 0);
	assert_true(value(r, "street", 0).present);
	assert_false(value(r, "street", 1).present);
	assert_int_equal(value(r, "size", 1).number, 20);
	assert_false(value(r, "size", 2).present);
	assert_int_equal(value(r, "size", 3).number, 30);
	assert_int_equal(value(r, "size", 4).why, MISSING_NOT_ASKED);
	assert_err(record_put(r, "home[1]/room[3]/size", "1"), E_FORMAT);
	record_clear(r);
	assert_int_equal(record_instances(r, 0), 0);
	assert_false(value(r, "size", 0).present);
	assert_ok(record_put(r, "home[1]/room[1]/size", "5"));
	assert_int_equal(value(r, "size", 0).number, 5);
}

static void
a_record_has_an_end(void **state)
{
	(void)state;
	OWNED_SHEETS struct form *f = sheets_form_of("survey", SURVEY, CHOICES);
	OWNED(record) struct record *r = record_new(f, NULL, NULL);
	assert_err(record_put(r, "home[1000000]/street", "x"), E_FULL);
	record_clear(r);
	assert_ok(record_put(r, "home[1000]/street", "x"));
}

static void
ticked_codes_are_found(void **state)
{
	(void)state;
	OWNED_SHEETS struct form *f = sheets_form_of("survey", SURVEY, CHOICES);
	OWNED(record) struct record *r = record_new(f, NULL, NULL);
	size_t both = (size_t)form_field(f, "both");
	assert_ok(record_put(r, "part/both", " m "));
	assert_false(record_chosen(r, both, 0, 0));
	assert_true(record_chosen(r, both, 0, 1));
	assert_false(record_chosen(r, both, 0, 100));
	assert_false(record_chosen(r, both, 1, 1));
	record_clear(r);
	assert_false(record_chosen(r, both, 0, 1));
}

static void
an_older_version_is_read_by_the_items_it_shares(void **state)
{
	(void)state;
	static const char older[] =
		"type,name,label,weir_goes,weir_list\n"
		"select_one agree,agree,Agree,hub,\n" /* not in a group yet: the same item */
		"text,age,Age,hub,\n"                 /* of another type */
		"select_one other,sex,Sex,hub,\n"     /* of other codes */
		"integer,gone,Gone,hub,\n"
		"begin repeat,home,Home,,\ntext,street,Street,hub,\n"
		"integer,size,Size,hub,\nend repeat,home,,,\n"; /* size: of another repeat */
	static const char codes[] = "list_name,name,label\nagree,2,Yes\nagree,88,Cannot say\n"
				    "agree,1,No\nother,f,Female\nother,m,Male\n";
	OWNED_SHEETS struct form *f = sheets_form_of("survey", SURVEY, CHOICES);
	OWNED_SHEETS struct form *old = sheets_form_of("survey", older, codes);
	struct missing_codes missing = {.count = 0};
	size_t field;
	add_codes(&missing);
	OWNED(record) struct record *r = record_new(f, old, &missing);
	assert_ok(record_put(r, "agree", "1"));
	assert_ok(record_put(r, "age", "many"));
	assert_ok(record_put(r, "sex", "f"));
	assert_ok(record_put(r, "gone", "1"));
	assert_ok(record_put(r, "home[2]/street", "x"));
	assert_ok(record_put(r, "home[2]/size", "3"));
	assert_int_equal(value(r, "agree", 0).number, 1);
	assert_int_equal(value(r, "age", 0).why, MISSING_NOT_ASKED);
	assert_false(value(r, "age", 0).present);
	assert_false(value(r, "sex", 0).present);
	assert_int_equal(record_instances(r, 0), 2);
	assert_true(value(r, "street", 1).present);
	assert_false(value(r, "size", 0).present);
	assert_err(record_put(r, "part/agree", "1"), E_FORMAT);
	assert_true(record_shares(f, old, 0, &field));
	assert_string_equal(f->fields[field].name, "agree");
	assert_false(record_shares(f, old, 1, NULL));
}

static void
types_are_those_of_the_language(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		enum expr_type type;
	} rows[] = {{"age", EXPR_NUMBER}, {"hours", EXPR_NUMBER}, {"day", EXPR_DATE},
		{"words", EXPR_TEXT}, {"agree", EXPR_NUMBER}, {"sex", EXPR_CODE},
		{"both", EXPR_CODES}, {"worked", EXPR_CODE}};
	OWNED_SHEETS struct form *f = sheets_form_of("survey", SURVEY, CHOICES);
	struct missing_codes codes = {.count = 0};
	add_codes(&codes);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_int_equal(record_type(f, (size_t)form_field(f, rows[i].name), &codes),
			rows[i].type);
}

static void
missing_codes_are_read_from_the_study(void **state)
{
	(void)state;
	struct missing_codes m = {.count = 0};
	enum missing why;
	add_codes(&m);
	assert_ok(missing_add(&m, "blank.shown", "not_answered"));
	assert_ok(missing_add(&m, "withdrawn", "withdrawn"));
	assert_err(missing_add(&m, "blank.shown", "refused"), E_FORMAT);
	assert_err(missing_add(&m, "77", "perhaps"), E_FORMAT);
	assert_err(missing_add(&m, ".77", "refused"), E_FORMAT);
	assert_err(missing_add(&m, "profile.", "refused"), E_FORMAT);
	assert_true(missing_is_code(&m, "other", "88", &why));
	assert_int_equal(why, MISSING_CANNOT_SAY);
	assert_true(missing_is_code(&m, "profile", "88", &why));
	assert_int_equal(why, MISSING_NOT_KNOWN);
	assert_false(missing_is_code(&m, "other", "8", NULL));
	assert_false(missing_is_code(NULL, "other", "88", NULL));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_become_values),
		cmocka_unit_test(what_is_not_of_its_form_is_refused),
		cmocka_unit_test(instances_are_counted_and_kept_apart),
		cmocka_unit_test(a_record_has_an_end),
		cmocka_unit_test(ticked_codes_are_found),
		cmocka_unit_test(an_older_version_is_read_by_the_items_it_shares),
		cmocka_unit_test(types_are_those_of_the_language),
		cmocka_unit_test(missing_codes_are_read_from_the_study),
	};
	return cmocka_run_group_tests_name("record", tests, NULL, NULL);
}
