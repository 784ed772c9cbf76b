#include "tests/unit/suite.h"

#include <ctype.h>

#include "common/study/receipt.h"

static const uint8_t instance[WIRE_ID_BYTES] = {0x3f, 0x2a, 0x91, 0xbc, 0x07, 0xee};
static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

static void
a_number_leads_back_to_the_instance(void **state)
{
	static const uint8_t ends[][WIRE_ID_BYTES] = {
		{0}, {0xff, 0xff, 0xff, 0xff, 0xff}, {1}, {0, 0, 0, 0, 1}};
	char number[RECEIPT_BYTES];
	uint8_t start[RECEIPT_START_BYTES];
	(void)state;
	receipt_number(number, instance);
	assert_int_equal(strlen(number), RECEIPT_BYTES - 1);
	assert_true(receipt_read(start, number));
	assert_memory_equal(start, instance, sizeof(start));
	for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
		receipt_number(number, ends[i]);
		assert_true(receipt_read(start, number));
		assert_memory_equal(start, ends[i], sizeof(start));
	}
}

static void
it_is_read_as_people_type_it(void **state)
{
	char number[RECEIPT_BYTES], typed[RECEIPT_BYTES];
	uint8_t start[RECEIPT_START_BYTES];
	(void)state;
	receipt_number(number, instance);
	for (size_t i = 0; i < sizeof(typed); i++)
		typed[i] = number[i] == '-' ? ' ' : (char)tolower(number[i]);
	assert_true(receipt_read(start, typed));
	assert_memory_equal(start, instance, sizeof(start));
	assert_false(receipt_read(start, ""));
	assert_false(receipt_read(start, "7KQF-2M9T"));
	assert_false(receipt_read(start, "7KQF-2M9T-CC"));
	assert_false(receipt_read(start, "7KQF-2M9T-!"));
}

static void
a_wrong_character_and_a_swap_are_noticed(void **state)
{
	char number[RECEIPT_BYTES];
	uint8_t start[RECEIPT_START_BYTES];
	(void)state;
	receipt_number(number, instance);
	for (size_t i = 0; i + 1 < sizeof(number); i++) {
		const char was = number[i];
		for (size_t k = 0; was != '-' && k + 1 < sizeof(alphabet); k++) {
			const bool is_alike = (was == '0' && alphabet[k] == 'Z') ||
					      (was == 'Z' && alphabet[k] == '0');
			if (alphabet[k] == was || is_alike)
				continue;
			number[i] = alphabet[k];
			assert_false(receipt_read(start, number));
		}
		number[i] = was;
	}
	for (size_t i = 0; i < 3; i++) {
		char swapped[RECEIPT_BYTES];
		memcpy(swapped, number, sizeof(swapped));
		swapped[i] = number[i + 1];
		swapped[i + 1] = number[i];
		if (memcmp(swapped, number, sizeof(swapped)) != 0)
			assert_false(receipt_read(start, swapped));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_number_leads_back_to_the_instance),
		cmocka_unit_test(it_is_read_as_people_type_it),
		cmocka_unit_test(a_wrong_character_and_a_swap_are_noticed),
	};
	return cmocka_run_group_tests_name("receipt", tests, NULL, NULL);
}
