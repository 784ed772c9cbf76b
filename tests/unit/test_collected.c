#include "tests/unit/suite.h"

#include "common/base/clock.h"
#include "common/study/collected.h"

#define ZONE "Europe/London"
#define NOW  "2027-07-10T12:00:00Z" /* 13:00 by the clock on the wall */

static int64_t
second(const char *text)
{
	int64_t ms = 0;
	assert_true(clock_parse(text, &ms));
	return ms / 1000;
}

/* at: NULL is now. */
static const struct row {
	const char *name, *text;
	bool by_hand;
	enum collected_word word;
	const char *at;
} rows[] = {
	{"nothing", NULL, false, COLLECTED_UNSAID, NULL},
	{"a blank", "", false, COLLECTED_UNSAID, NULL},
	{"a word", "noon", false, COLLECTED_UNREAD, NULL},
	{"a day that is none", "2027-02-30", false, COLLECTED_UNREAD, NULL},
	{"as a tablet says it", "2027-07-09T09:30:15.250+01:00", false, COLLECTED_SAID,
		"2027-07-09T08:30:15Z"},
	{"the second before now", "2027-07-10T11:59:59Z", false, COLLECTED_SAID,
		"2027-07-10T11:59:59Z"},
	{"now", NOW, false, COLLECTED_SAID, NULL},
	{"a clock that is ahead a little", "2027-07-10T12:15:00Z", false, COLLECTED_SAID, NULL},
	{"a second more", "2027-07-10T12:15:01Z", false, COLLECTED_AHEAD, NULL},
	{"tomorrow", "2027-07-11", false, COLLECTED_AHEAD, NULL},
	{"the first second that a form could be filled in", "2025-01-01T00:00:00Z", false,
		COLLECTED_SAID, "2025-01-01T00:00:00Z"},
	{"the second before it", "2024-12-31T23:59:59Z", false, COLLECTED_LOST, NULL},
	{"a clock that begins anew", "1970-01-01T00:00:10Z", false, COLLECTED_LOST, NULL},
	{"a day that is over", "2027-07-09", false, COLLECTED_SAID, "2027-07-09T22:59:59Z"},
	{"today", "2027-07-10", false, COLLECTED_SAID, NULL},
	{"a day of hand", "2027-07-09", true, COLLECTED_SAID, "2027-07-09T22:59:59Z"},
	{"a day of winter", "2027-01-09", true, COLLECTED_SAID, "2027-01-09T23:59:59Z"},
	{"today by hand", "2027-07-10", true, COLLECTED_SAID, NULL},
	{"tomorrow by hand", "2027-07-11", true, COLLECTED_AHEAD, NULL},
	{"a time of hand", "2027-07-09 09:30", true, COLLECTED_SAID, "2027-07-09T08:30:00Z"},
	{"now by hand", "2027-07-10 13:00", true, COLLECTED_SAID, NULL},
	{"a second later by hand", "2027-07-10T13:00:01", true, COLLECTED_AHEAD, NULL},
	{"a day long ago, of paper", "1996-05-02", true, COLLECTED_SAID,
		"1996-05-02T22:59:59Z"},
};

static void
says_when_a_form_was_filled_in(void **state)
{
	const struct row *r = *state;
	const int64_t now_s = second(NOW);
	const int64_t wanted_s = r->at ? second(r->at) : now_s;
	struct collected c = r->by_hand ? collected_by_hand(r->text, ZONE, now_s)
					: collected_by_clock(r->text, ZONE, now_s);
	assert_int_equal(c.word, r->word);
	assert_int_equal(c.at_s, wanted_s);
}

int
main(void)
{
	struct CMUnitTest tests[ARRAY_LEN(rows)];
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		tests[i] = (struct CMUnitTest){.name = rows[i].name,
			.test_func = says_when_a_form_was_filled_in,
			.initial_state = (void *)(uintptr_t)&rows[i]};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
