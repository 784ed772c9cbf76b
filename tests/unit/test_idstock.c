#include "tests/unit/suite.h"

#include "common/trust/idstock.h"

#define TAKEN_COUNT ((size_t)3 * IDSTOCK_COUNT + 1)

static void
no_id_is_given_twice(void **state)
{
	(void)state;
	static uint8_t ids[TAKEN_COUNT][ID_BYTES];
	struct idstock s = {.left = 0};
	for (size_t i = 0; i < TAKEN_COUNT; i++) {
		idstock_take(ids[i], &s);
		for (size_t k = 0; k < i; k++)
			assert_memory_not_equal(ids[i], ids[k], ID_BYTES);
	}
}

static void
what_was_given_is_in_the_stock_no_more(void **state)
{
	(void)state;
	struct idstock s = {.left = 0};
	uint8_t id[ID_BYTES];
	for (size_t i = 0; i < 2; i++) {
		idstock_take(id, &s);
		for (size_t k = 0; k < IDSTOCK_COUNT; k++)
			assert_memory_not_equal(s.at[k], id, ID_BYTES);
	}
	assert_int_equal(s.left, IDSTOCK_COUNT - 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_id_is_given_twice),
		cmocka_unit_test(what_was_given_is_in_the_stock_no_more),
	};
	if (crypto_init())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
