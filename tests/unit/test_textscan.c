#include "tests/unit/suite.h"

#include "common/codec/textscan.h"

/* All numbers, places and addresses are examples: telephone numbers of Ofcom's range for drama,
 * NHS numbers of the range for tests. kind 0: nothing is found. */
struct row {
	const char *name;
	const char *text;
	enum textscan_kind kind;
	size_t offset, length;
};

#define NHS   TEXTSCAN_NHS_NUMBER
#define POST  TEXTSCAN_POSTCODE
#define PHONE TEXTSCAN_TELEPHONE
#define EMAIL TEXTSCAN_EMAIL

static const struct row rows[] = {
	{"an NHS number in one", "it is 9434765919 on the card", NHS, 6, 10},
	{"an NHS number with blanks", "943 476 5919", NHS, 0, 12},
	{"an NHS number with hyphens", "(943-476-5919)", NHS, 0, 13},
	{"an NHS number before a full stop", "No. 9434765919.", NHS, 4, 10},
	{"an NHS number whose check is 0", "9990000050", NHS, 0, 10},
	{"an NHS number after another number", "2 943 476 5919", NHS, 2, 12},
	{"an NHS number between blanks that do not break",
		"943\xc2\xa0"
		"476\xc2\xa0"
		"5919",
		NHS, 0, 14},
	{"not ten digits with another check", "9434765918", 0, 0, 0},
	{"not ten digits whose check would be ten", "1234567810", 0, 0, 0},
	{"not ten noughts", "0000000000", 0, 0, 0},
	{"not an NHS number inside a longer one", "94347659190", 0, 0, 0},
	{"not an NHS number inside a word", "x9434765919", 0, 0, 0},
	{"not the digits of a decimal", "3.9434765919", 0, 0, 0},
	{"not digits with a decimal point behind", "9434765919.5", 0, 0, 0},
	{"not other groups of ten digits", "94 3476 5919", 0, 0, 0},
	{"not an integer of nineteen digits", "9434765919943476591", 0, 0, 0},
	{"not a date and an hour", "2026-11-22 10", 0, 0, 0},

	{"a postcode with a blank", "near SW1A 1AA, London", POST, 5, 8},
	{"a postcode without a blank", "EC1A1BB", POST, 0, 7},
	{"a postcode in small letters", "b33 8th", POST, 0, 7},
	{"a postcode of one letter and one digit", "M1 1AE", POST, 0, 6},
	{"a postcode of one letter and two digits", "B33 8TH", POST, 0, 7},
	{"a postcode of one letter, digit, letter", "W1A 0AX", POST, 0, 7},
	{"a postcode of two letters and two digits", "DN55 1PT", POST, 0, 8},
	{"a postcode of Jersey", "JE2 3AB", POST, 0, 7},
	{"the postcode without digits in front", "GIR 0AA", POST, 0, 7},
	{"not a postcode with a letter that stands in none", "SW1A 1CA", 0, 0, 0},
	{"not a postcode of an area that is none", "ZZ1 1AA", 0, 0, 0},
	{"not a postcode that goes on", "SW1A 1AAB", 0, 0, 0},
	{"not a postcode inside a word", "XSW1A 1AA", 0, 0, 0},
	{"not a dose", "B12 5ml, E10 5mg", 0, 0, 0},
	{"not a study code", "7KQF-2M9T", 0, 0, 0},
	{"not a study code in one", "7KQF2M9T", 0, 0, 0},
	{"not a study code of letters and a check", "SW1A-1AA", 0, 0, 0},
	{"not a code that comes with the data", "A0007", 0, 0, 0},

	{"a mobile number in one", "ring 07700900123!", PHONE, 5, 11},
	{"a mobile number in groups", "07700 900 123", PHONE, 0, 13},
	{"a number of London", "020 7946 0018", PHONE, 0, 13},
	{"a number with its area in brackets", "(01632) 960 001", PHONE, 0, 15},
	{"a number with hyphens", "0161-496-0000", PHONE, 0, 13},
	{"a number of ten digits", "01632 96000", PHONE, 0, 11},
	{"a number from abroad", "+44 7700 900123", PHONE, 0, 15},
	{"a number from abroad in one", "+447700900123", PHONE, 0, 13},
	{"a number with the nought in brackets", "+44 (0)20 7946 0018", PHONE, 0, 19},
	{"a number from abroad with noughts", "0044 20 7946 0018", PHONE, 0, 17},
	{"a number and what follows", "07700 900123 2 times", PHONE, 0, 12},
	{"a number behind another one", "room 3 07700 900123", PHONE, 7, 12},
	{"not too few digits", "07700 9001", 0, 0, 0},
	{"not too many digits", "077009001234", 0, 0, 0},
	{"not a number of another country", "+353 20 912 3456", 0, 0, 0},
	{"not an area that begins with nought", "0012345678", 0, 0, 0},
	{"not a date of the day first and an hour", "01-02-2026 10:30", 0, 0, 0},
	{"not two dates", "01-02-2026 - 03-04-2026", 0, 0, 0},
	{"not a date and time", "2026-11-22T07:57:20Z", 0, 0, 0},
	{"not a time with fractions", "07:57:20.0770090012", 0, 0, 0},
	{"not seconds since 1970", "1795305600", 0, 0, 0},
	{"not opening hours", "0900-1700", 0, 0, 0},

	{"an e-mail address", "to a.example@example.org.", EMAIL, 3, 21},
	{"an e-mail address in brackets", "<x+y@mail.example.co.uk>", EMAIL, 1, 22},
	{"an e-mail address after a point", "..a@b.example", EMAIL, 2, 11},
	{"not a name on a net", "@example", 0, 0, 0},
	{"not an at without a point", "two @ five", 0, 0, 0},
	{"not an address without a last name", "a@b.1", 0, 0, 0},

	{"nothing in words", "The ward staff were kind, and 3 of 4 rang back.", 0, 0, 0},
	{"nothing in nothing", "", 0, 0, 0},
};

static void
finds(void **state)
{
	const struct row *r = *state;
	struct textscan_hit hits[TEXTSCAN_HITS_MAX_COUNT];
	size_t count = textscan(view_text(r->text), hits);
	assert_int_equal(count, r->kind ? 1 : 0);
	if (!count)
		return;
	assert_int_equal(hits[0].kind, r->kind);
	assert_int_equal(hits[0].offset, r->offset);
	assert_int_equal(hits[0].length, r->length);
}

static void
finds_all_in_their_order(void **state)
{
	static const enum textscan_kind kinds[] = {EMAIL, PHONE, POST, NHS};
	struct textscan_hit hits[TEXTSCAN_HITS_MAX_COUNT];
	(void)state;
	size_t count =
		textscan(view_text("a@b.example, 07700 900123, M1 1AE and 943 476 5919"), hits);
	assert_int_equal(count, ARRAY_LEN(kinds));
	for (size_t i = 0; i < count; i++)
		assert_int_equal(hits[i].kind, kinds[i]);
}

static void
stops_when_it_has_found_enough(void **state)
{
	OWNED_BUF struct buf b;
	struct textscan_hit hits[TEXTSCAN_HITS_MAX_COUNT];
	(void)state;
	buf_init(&b, 4096);
	for (size_t i = 0; i < TEXTSCAN_HITS_MAX_COUNT + 5; i++)
		buf_format(&b, "a@b.example ");
	assert_int_equal(textscan(buf_view(&b), hits), TEXTSCAN_HITS_MAX_COUNT);
}

static void
says_what_each_kind_is(void **state)
{
	(void)state;
	assert_string_equal(textscan_words(NHS), "an NHS number");
	assert_string_equal(textscan_words(POST), "a postcode");
	assert_string_equal(textscan_words(PHONE), "a telephone number");
	assert_string_equal(textscan_words(EMAIL), "an e-mail address");
}

int
main(void)
{
	static const struct CMUnitTest others[] = {
		cmocka_unit_test(finds_all_in_their_order),
		cmocka_unit_test(stops_when_it_has_found_enough),
		cmocka_unit_test(says_what_each_kind_is),
	};
	struct CMUnitTest tests[ARRAY_LEN(rows)];
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		tests[i] = (struct CMUnitTest){
			rows[i].name, finds, NULL, NULL, (void *)(uintptr_t)&rows[i]};
	return cmocka_run_group_tests(tests, NULL, NULL) +
	       cmocka_run_group_tests(others, NULL, NULL);
}
