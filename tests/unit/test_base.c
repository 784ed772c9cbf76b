#include "tests/unit/suite.h"

#include "common/base/base.h"

static void
what_is_taken_is_handed_over_once(void **state)
{
	int one = 1, two = 2;
	int *list[] = {&one, &two, NULL};
	size_t count = 2;
	(void)state;
	assert_ptr_equal(take(list[--count]), &two);
	assert_int_equal(count, 1);
	assert_ptr_equal(list[0], &one);
	assert_null(list[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_taken_is_handed_over_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
