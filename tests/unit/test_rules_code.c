#include "tests/unit/suite.h"

#include <string.h>

#include "common/base/mem.h"
#include "common/study/rules_code.h"
#include "common/study/rules_words.h"

static const char *const shared[] = {"advice-against", "advice-supports", "answers",
	"assessed-has", "before-use", "capacity-lost", "collect-direct", "confirmed", "contact",
	"dpia", "dsa", "erase", "favourable", "favourable-with-conditions", "given", "hra",
	"mca-s30", "nhs", "nhs_rg", "no-further-use", "refused", "rec", "written"};

static void
equal_words_share_one_copy(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(shared); i++) {
		OWNED_MEM char *one = xstrdup(shared[i]), *other = xstrdup(shared[i]);
		const char *code = rules_code(one);
		assert_string_equal(code, shared[i]);
		assert_ptr_not_equal(code, one);
		assert_ptr_equal(code, rules_code(other));
	}
}

static void
a_word_that_nobody_shares_stays_itself(void **state)
{
	static const char *const own[] = {"", "r", "recs", "re", "zzz", "aaa", "example-kind"};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(own); i++)
		assert_ptr_equal(rules_code(own[i]), own[i]);
	assert_null(rules_code(NULL));
}

static void
sharing_changes_no_comparison(void **state)
{
	static const char *const words[] = {
		NULL, "", "r", "rec", "recs", "re", "refused", "contact", "collect-direct"};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		for (size_t k = 0; k < ARRAY_LEN(words); k++) {
			OWNED_MEM char *copy = words[k] ? xstrdup(words[k]) : NULL;
			bool same = words[i] && i == k;
			assert_int_equal(rules_same(words[i], words[k]), same);
			assert_int_equal(rules_same(words[i], copy), same);
			assert_int_equal(rules_same(rules_code(words[i]), copy), same);
			assert_int_equal(rules_same(copy, rules_code(words[i])), same);
			assert_int_equal(
				rules_same(rules_code(words[i]), rules_code(copy)), same);
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equal_words_share_one_copy),
		cmocka_unit_test(a_word_that_nobody_shares_stays_itself),
		cmocka_unit_test(sharing_changes_no_comparison),
	};
	return cmocka_run_group_tests_name("rules_code", tests, NULL, NULL);
}
