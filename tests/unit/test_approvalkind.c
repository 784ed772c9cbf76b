#include "tests/unit/suite.h"

#include "common/study/rules_set.h"
#include "hub/approvalkind.h"
#include "tests/unit/pack_bench.h"

static const struct {
	const char *kind;
	bool asked;
} rows[] = {
	{"rec", true},              /* R01 */
	{"site_agreement", true},   /* R03 and sites.csv */
	{"modification", true},     /* a change of the study */
	{"training", true},         /* of a person */
	{"letter-of-access", true}, /* of a person */
	{"recc", false},            /* misspelled */
	{"re", false},              /* the beginning of one */
};

static void
a_kind_that_nothing_asks_for_is_known_as_such(void **state)
{
	(void)state;
	OWNED(pack) struct pack *p = pack_bench_sound(NULL);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (approvalkind_is_asked(p, rows[i].kind) != rows[i].asked)
			fail_msg("kind '%s'", rows[i].kind);
}

static void
a_rule_that_is_off_asks_for_nothing(void **state)
{
	(void)state;
	OWNED(pack) struct pack *p = pack_bench_sound(NULL);
	assert_true(approvalkind_is_asked(p, "uni_rec"));
	p->rules->rule[1].on = false;
	assert_false(approvalkind_is_asked(p, "uni_rec"));
}

static void
a_line_of_sites_asks_by_itself(void **state)
{
	(void)state;
	OWNED(pack) struct pack *p = pack_bench_sound(NULL);
	p->rules->rule[3].on = false;
	assert_true(approvalkind_is_asked(p, "site_agreement"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_kind_that_nothing_asks_for_is_known_as_such),
		cmocka_unit_test(a_rule_that_is_off_asks_for_nothing),
		cmocka_unit_test(a_line_of_sites_asks_by_itself),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
