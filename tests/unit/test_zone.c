#include "tests/unit/suite.h"

#include "common/base/clock.h"
#include "common/study/zone.h"

/* The clocks of Europe went forward on 2026-03-29 and back on 2026-10-25, both at 01:00 UTC. */
static const struct moment {
	const char *zone, *at;
	int minutes;
} moments[] = {
	{"UTC", "2026-07-01T12:00:00Z", 0},
	{"Europe/London", "2026-01-01T00:00:00Z", 0},
	{"Europe/London", "2026-03-29T00:59:59Z", 0},
	{"Europe/London", "2026-03-29T01:00:00Z", 60},
	{"Europe/London", "2026-06-30T23:30:00Z", 60},
	{"Europe/London", "2026-10-25T00:59:59Z", 60},
	{"Europe/London", "2026-10-25T01:00:00Z", 0},
	{"Europe/London", "2026-12-31T23:59:59Z", 0},
	{"Europe/Berlin", "2026-03-29T00:59:59Z", 60},
	{"Europe/Berlin", "2026-03-29T01:00:00Z", 120},
	{"Europe/Athens", "2026-08-01T00:00:00Z", 180},
	/* The last Sunday is the last day of its month. */
	{"Europe/London", "2024-03-31T00:59:59Z", 0},
	{"Europe/London", "2024-03-31T01:00:00Z", 60},
	{"Europe/London", "2027-10-31T00:59:59Z", 60},
	{"Europe/London", "2027-10-31T01:00:00Z", 0},
	{"Mars/Crater", "2026-07-01T12:00:00Z", 0},
};

static void
clocks_change_at_the_hour_of_the_directive(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(moments); i++) {
		int64_t ms = 0;
		assert_true(clock_parse(moments[i].at, &ms));
		int got = zone_minutes(moments[i].zone, ms);
		if (got != moments[i].minutes)
			fail_msg("%s at %s: %d minutes", moments[i].zone, moments[i].at, got);
	}
}

static void
a_day_begins_where_its_clock_says_so(void **state)
{
	(void)state;
	static const char *const days[] = {"2026-03-29", "2026-03-30", "2026-07-01",
		"2026-10-25", "2026-10-26", "2026-12-31"};
	for (size_t i = 0; i < ARRAY_LEN(days); i++) {
		int64_t begins_ms = 0, utc_ms = 0;
		assert_true(zone_day("Europe/London", days[i], &begins_ms));
		assert_true(zone_day("UTC", days[i], &utc_ms));
		assert_int_equal(
			(utc_ms - begins_ms) / 60000, zone_minutes("Europe/London", begins_ms));
	}
}

/* wanted NULL: it is no moment. */
static const struct {
	const char *zone, *text, *wanted;
} said[] = {
	{"Europe/London", "2026-07-01T12:00:00.000Z", "2026-07-01T12:00:00Z"},
	{"Europe/London", "2026-07-01T12:00:00.999+01:00", "2026-07-01T11:00:00Z"},
	{"Europe/London", "2026-07-01T12:00:00-0530", "2026-07-01T17:30:00Z"},
	{"Europe/London", "2026-07-01T12:00+02", "2026-07-01T10:00:00Z"},
	/* Without an offset by the clock on the wall. */
	{"Europe/London", "2026-07-01T12:00:00", "2026-07-01T11:00:00Z"},
	{"Europe/London", "2026-12-01 12:00", "2026-12-01T12:00:00Z"},
	{"Europe/Berlin", "2026-03-29T01:59:59", "2026-03-29T00:59:59Z"},
	{"Europe/Berlin", "2026-03-29T03:00:00", "2026-03-29T01:00:00Z"},
	{"Europe/Berlin", "2026-10-25T01:59:59", "2026-10-24T23:59:59Z"},
	{"Europe/Berlin", "2026-10-25T02:30:00", "2026-10-25T01:30:00Z"},
	{"Europe/London", "2026-07-01", "2026-06-30T23:00:00Z"},
	{"Europe/London", "", NULL},
	{"Europe/London", "2026-07", NULL},
	{"Europe/London", "2026-02-30", NULL},
	{"Europe/London", "2026-07-01T", NULL},
	{"Europe/London", "2026-07-01T12", NULL},
	{"Europe/London", "2026-07-01T25:00:00", NULL},
	{"Europe/London", "2026-07-01T12:00:00+1", NULL},
	{"Europe/London", "2026-07-01T12:00:00+01.00", NULL},
	{"Europe/London", "2026-07-01T12:00:00 noon", NULL},
	{"Mars/Crater", "2026-07-01T12:00:00Z", NULL},
};

static void
a_moment_is_read_as_forms_and_sheets_write_it(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(said); i++) {
		int64_t got_s = 0, wanted_ms = 0;
		bool is_moment = zone_moment(said[i].zone, said[i].text, &got_s);
		assert_true(!said[i].wanted || clock_parse(said[i].wanted, &wanted_ms));
		if (is_moment != (said[i].wanted != NULL) || got_s != wanted_ms / 1000)
			fail_msg("'%s' of %s: %d, %lld", said[i].text, said[i].zone, is_moment,
				(long long)got_s);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(clocks_change_at_the_hour_of_the_directive),
		cmocka_unit_test(a_day_begins_where_its_clock_says_so),
		cmocka_unit_test(a_moment_is_read_as_forms_and_sheets_write_it),
	};
	return cmocka_run_group_tests_name("zone", tests, NULL, NULL);
}
