#include "tests/unit/suite.h"

#include <string.h>

#include "common/study/pack_group.h"

#define PACK_DIR WEIR_SOURCE_DIR "/ops/study/partnership"
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
group_of(struct pack *p, const char *form, const char *who, const char **ret)
{
	const struct form *f = pack_form(p, form);
	assert_non_null(f);
	const struct form_answer answers[] = {
		{"setting/who", who ? who : ""}, {"record/participant", SECRET}};
	return pack_group_find(ret, p, f, answers, who ? ARRAY_LEN(answers) : 0);
}

static void
the_first_group_whose_condition_holds_is_it(void **state)
{
	static const char *const groups[] = {"user", "carer", "former", "child", "resident"};
	for (size_t i = 0; i < ARRAY_LEN(groups); i++) {
		const char *got = NULL;
		assert_ok(group_of(*state, "user_p2", groups[i], &got));
		assert_string_equal(got, groups[i]);
	}
}

static void
a_group_without_a_condition_takes_every_record_of_its_form(void **state)
{
	const char *got = NULL;
	assert_ok(group_of(*state, "staff_p1", NULL, &got));
	assert_string_equal(got, "staff");
	assert_ok(group_of(*state, "site_profile", NULL, &got));
	assert_string_equal(got, "site");
}

static void
a_form_that_no_group_fills_in_has_none(void **state)
{
	const char *got = NULL;
	assert_ok(group_of(*state, "consent", NULL, &got));
	assert_string_equal(got, "");
}

static void
a_record_of_no_group_is_named_without_its_answer(void **state)
{
	const char *got = NULL;
	static const char *const answers[] = {NULL, ""};
	for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
		assert_err(group_of(*state, "user_p2", answers[i], &got), E_FORMAT);
		assert_string_equal(got, "");
		assert_string_equal(err_text(),
			"who: fits none of the groups user, carer, former, child, resident");
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_group_whose_condition_holds_is_it),
		cmocka_unit_test(a_group_without_a_condition_takes_every_record_of_its_form),
		cmocka_unit_test(a_form_that_no_group_fills_in_has_none),
		cmocka_unit_test(a_record_of_no_group_is_named_without_its_answer),
	};
	return cmocka_run_group_tests_name("pack_group", tests, load_study, drop_study);
}
