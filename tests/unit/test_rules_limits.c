#include "tests/unit/suite.h"

#include "common/study/rules_limits.h"

/* What keeps what is in tests/data/rules/R15.csv, a row for each code. */

/* duo.csv of the ontology. */
static const struct {
	const char *word, *id, *plain;
} codes[] = {
	{"NRES", "DUO:0000004", "without a limit"},
	{"GRU", "DUO:0000042", "for research only"},
	{"HMB", "DUO:0000006", "for health research only"},
	{"DS=MONDO_0004975", "DUO:0000007", "for research on one illness only"},
	{"POA", "DUO:0000011", "for research on ancestry only"},
	{"NPOA", "DUO:0000044", "not for research on ancestry"},
	{"NMDS", "DUO:0000015", "not to develop methods"},
	{"GSO", "DUO:0000016", "for genetic studies only"},
	{"RS=cohort", "DUO:0000012", "for one kind of research only"},
	{"NPU", "DUO:0000045", "by organisations that make no profit"},
	{"NCU", "DUO:0000046", "not for profit"},
	{"NPUNCU", "DUO:0000018", "not for profit, and by organisations that make none"},
	{"PUB", "DUO:0000019", "only if the results are published"},
	{"COL", "DUO:0000020", "only together with the people of this study"},
	{"IRB", "DUO:0000021", "only when an ethics committee has agreed"},
	{"RTN", "DUO:0000029", "only if what is worked out is given back"},
	{"GS=Wales", "DUO:0000022", "in one region only"},
	{"MOR=2030-01-01", "DUO:0000024", "with nothing published before a day"},
	{"TS=12", "DUO:0000025", "for a time only"},
	{"US=group.a", "DUO:0000026", "by approved people only"},
	{"PS=example:2", "DUO:0000027", "in one project only"},
	{"IS=Example-University", "DUO:0000028", "in one institution only"},
};

static void
each_code_has_its_id_and_its_words(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(codes); i++) {
		assert_true(rules_limit_is_known(codes[i].word));
		assert_string_equal(rules_limit_id(codes[i].word), codes[i].id);
		assert_string_equal(rules_limit_plain(codes[i].word), codes[i].plain);
	}
}

static void
what_is_no_word_has_no_id_and_stands_for_itself(void **state)
{
	static const char *const words[] = {"", "CC", "hmb", "HMBX", "HM", "HMB=x", "DS",
		"DS=", "DS=a b", "DS=a=b", "=x", "DUO:0000006",
		"DS=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		const struct rules_list one = {&words[i], 1};
		assert_false(rules_limit_is_known(words[i]));
		assert_null(rules_limit_id(words[i]));
		assert_string_equal(rules_limit_plain(words[i]), words[i]);
		assert_false(rules_limits_known(&one));
		assert_false(rules_limits_kept(&one, &one));
	}
}

static void
the_limits_of_a_consent_are_those_of_sharing(void **state)
{
	static const char *const sharing[] = {"HMB", "NCU"}, *const other[] = {"PUB"};
	const struct wire_permission permissions[] = {
		{.code = "use-aggregate", .limits = other, .limit_count = 1},
		{.code = "share-secondary", .limits = sharing, .limit_count = 2}};
	struct wire_consent c = {.permissions = permissions, .permission_count = 2};
	(void)state;
	assert_int_equal(rules_limits_of(&c).count, 2);
	assert_ptr_equal(rules_limits_of(&c).words, sharing);
	c.permission_count = 1;
	assert_int_equal(rules_limits_of(&c).count, 0);
	c.permissions = &permissions[1];
	assert_int_equal(rules_limits_of(&c).count, 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_code_has_its_id_and_its_words),
		cmocka_unit_test(what_is_no_word_has_no_id_and_stands_for_itself),
		cmocka_unit_test(the_limits_of_a_consent_are_those_of_sharing),
	};
	return cmocka_run_group_tests_name("rules_limits", tests, NULL, NULL);
}
