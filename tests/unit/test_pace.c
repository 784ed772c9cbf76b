#include "tests/unit/suite.h"

#include "common/base/base.h"
#include "common/sync/pace.h"

#define NOON_MIN 720
#define KIB      ((size_t)1024)

static struct pace_now
at(int64_t mono_ms)
{
	return (struct pace_now){.mono_ms = mono_ms, .day = 100, .minute = NOON_MIN};
}

static void
begin(struct pace *p, const struct pace_rules *rules)
{
	const struct pace_now now = at(0);
	pace_init(p, rules, &now, 0);
}

static void
quiet_hours_are_read_as_written_or_refused(void **state)
{
	(void)state;
	const struct {
		const char *text;
		bool is_fine;
		uint16_t from_min, to_min;
	} rows[] = {
		{"", true, 0, 0},
		{"08:00-17:00", true, 480, 1020},
		{"22:30-06:15", true, 1350, 375},
		{"00:00-24:00", true, 0, 1440},
		{"8:00-17:00", false, 0, 0},
		{"08:00-17:60", false, 0, 0},
		{"08:00-24:01", false, 0, 0},
		{"08:00-08:00", false, 0, 0},
		{"08:00 17:00", false, 0, 0},
		{"08:00-17:00 ", false, 0, 0},
		{"ab:cd-ef:gh", false, 0, 0},
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct pace_rules r = {.quiet_from_min = 7};
		if (rows[i].is_fine)
			assert_ok(pace_read_hours(&r, rows[i].text));
		else
			assert_err(pace_read_hours(&r, rows[i].text), E_FORMAT);
		assert_int_equal(r.quiet_from_min, rows[i].is_fine ? rows[i].from_min : 7);
		assert_int_equal(r.quiet_to_min, rows[i].to_min);
	}
}

static void
each_rule_of_the_site_holds_bulk_back(void **state)
{
	(void)state;
	const struct {
		const char *hours;
		struct pace_rules rules;
		uint64_t day_bytes;
		uint16_t minute;
		enum pace_answer answer;
	} rows[] = {
		{"", {.kbit_per_s = 0}, 1000 * KIB * KIB, 0, PACE_GO},
		{"", {.metered = true}, 0, 0, PACE_METERED},
		{"", {.daily_mb = 5}, 4999999, 0, PACE_GO},
		{"", {.daily_mb = 5}, 5000000, 0, PACE_DAY},
		{"08:00-17:00", {.metered = false}, 0, 479, PACE_GO},
		{"08:00-17:00", {.metered = false}, 0, 480, PACE_QUIET},
		{"08:00-17:00", {.metered = false}, 0, 1019, PACE_QUIET},
		{"08:00-17:00", {.metered = false}, 0, 1020, PACE_GO},
		{"22:00-06:00", {.metered = false}, 0, 1439, PACE_QUIET},
		{"22:00-06:00", {.metered = false}, 0, 0, PACE_QUIET},
		{"22:00-06:00", {.metered = false}, 0, 360, PACE_GO},
		{"00:00-24:00", {.metered = false}, 0, 1439, PACE_QUIET},
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct pace_rules rules = rows[i].rules;
		struct pace_now now = {.day = 7, .minute = rows[i].minute};
		struct pace p;
		assert_ok(pace_read_hours(&rules, rows[i].hours));
		pace_init(&p, &rules, &now, rows[i].day_bytes);
		assert_int_equal(pace_ask(&p, &now, 0), rows[i].answer);
	}
}

static void
what_people_set_is_said_to_them_and_a_full_line_is_not(void **state)
{
	(void)state;
	assert_string_equal(pace_words(PACE_GO), "");
	assert_string_equal(pace_words(PACE_WINDOW), "");
	assert_string_equal(pace_words(PACE_RATE), "");
	assert_non_null(strstr(pace_words(PACE_DAY), "tomorrow"));
	assert_non_null(strstr(pace_words(PACE_QUIET), "quiet hours"));
	assert_non_null(strstr(pace_words(PACE_METERED), "metered"));
}

static void
a_new_day_has_its_own_allowance_and_control_takes_none_of_it(void **state)
{
	(void)state;
	const struct pace_rules rules = {.daily_mb = 1};
	struct pace_now now = at(0);
	struct pace p;
	begin(&p, &rules);
	pace_sent(&p, &now, 2000000, false);
	assert_int_equal(pace_ask(&p, &now, 0), PACE_GO);
	pace_sent(&p, &now, 1000000, true);
	assert_int_equal(pace_ask(&p, &now, 0), PACE_DAY);
	now.day++;
	assert_int_equal(pace_ask(&p, &now, 0), PACE_GO);
	assert_int_equal(p.day_bytes, 0);
}

/* As much as the link takes for ten minutes, a piece whenever the answer is GO. */
static void
the_rate_is_kept_on_average_and_never_passed_by_more_than_the_burst(void **state)
{
	(void)state;
	static const uint32_t rates[] = {8, 64, 256, 100000};
	for (size_t i = 0; i < ARRAY_LEN(rates); i++) {
		const struct pace_rules rules = {.kbit_per_s = rates[i]};
		const double per_ms = rates[i] / 8.0;
		const size_t piece = PACE_LEAST_BYTES;
		double sent = 0;
		struct pace p;
		begin(&p, &rules);
		for (int64_t ms = 0; ms < 600000; ms += 10) {
			struct pace_now now = at(ms);
			while (pace_ask(&p, &now, 0) == PACE_GO) {
				pace_sent(&p, &now, piece, true);
				sent += (double)piece;
				assert_true(sent <= per_ms * (double)ms +
							    per_ms * 1000 * PACE_BURST_S +
							    (double)piece);
			}
		}
		assert_true(sent >= 0.95 * per_ms * 600000);
	}
}

/* A line of this rate and length that takes one piece after the other, and a hub that answers
 * at once. gives the longest time that a control entry would have waited behind bulk, and how
 * many bytes a second came through. */
struct line {
	double bytes_per_ms;
	int64_t delay_ms;
	int64_t worst_ms;
	double got_per_s;
};

static void
run_line(struct line *l)
{
	const struct pace_rules none = {.kbit_per_s = 0};
	struct {
		double arrives_ms;
		size_t bytes;
	} way[PACE_SENT_COUNT + 1];
	size_t count = 0, flight = 0;
	double free_ms = 0, got = 0;
	struct pace p;
	begin(&p, &none);
	pace_round(&p, 2 * l->delay_ms);
	for (int64_t ms = 0; ms < 300000; ms += 5) {
		struct pace_now now = at(ms);
		while (count && way[0].arrives_ms + (double)l->delay_ms <= (double)ms) {
			flight -= way[0].bytes;
			got += (double)way[0].bytes;
			memmove(way, way + 1, --count * sizeof(way[0]));
			pace_flight(&p, ms, flight);
		}
		while (count < PACE_SENT_COUNT && pace_ask(&p, &now, flight) == PACE_GO) {
			size_t bytes = MIN(pace_piece_bytes(&p), 64 * KIB);
			free_ms = MAX(free_ms, (double)ms) + (double)bytes / l->bytes_per_ms;
			way[count].bytes = bytes;
			way[count++].arrives_ms = free_ms + (double)l->delay_ms;
			flight += bytes;
			pace_sent(&p, &now, bytes, true);
		}
		l->worst_ms = MAX(l->worst_ms, (int64_t)free_ms - ms);
	}
	l->got_per_s = got / 300;
}

static void
a_control_entry_overtakes_on_lines_of_every_kind_and_the_line_is_used(void **state)
{
	(void)state;
	const struct {
		double kbit_per_s;
		int64_t delay_ms, worst_ms;
		double used_least;
	} rows[] = {
		/* one piece of 32 KiB takes 16 s there */
		{16, 0, 16500, 0.95},
		{64, 0, 5000, 0.95},
		{64, 2000, 5000, 0.45},
		{256, 0, 4000, 0.95},
		{256, 300, 4000, 0.80},
		{2000, 50, 3500, 0.90},
		{10000, 300, 3500, 0.85},
		{1000000, 1, 3500, 0.02},
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct line l = {
			.bytes_per_ms = rows[i].kbit_per_s / 8, .delay_ms = rows[i].delay_ms};
		run_line(&l);
		double used = l.got_per_s * 8 / (rows[i].kbit_per_s * 1000);
		if (l.worst_ms > rows[i].worst_ms || used < rows[i].used_least)
			fail_msg("%g kbit/s, %d ms: waits %d ms, uses %g", rows[i].kbit_per_s,
				(int)rows[i].delay_ms, (int)l.worst_ms, used);
	}
}

static void
a_line_that_gets_slower_is_given_less(void **state)
{
	(void)state;
	const struct pace_rules none = {.kbit_per_s = 0};
	struct pace p;
	begin(&p, &none);
	pace_round(&p, 100);
	int64_t ms = 0;
	for (int i = 0; i < 10; i++, ms += 200) {
		struct pace_now now = at(ms);
		pace_sent(&p, &now, p.window_bytes, true);
		pace_flight(&p, ms + 200, 0);
	}
	size_t wide = p.window_bytes;
	assert_true(wide > 16 * PACE_LEAST_BYTES);
	for (int i = 0; i < 20; i++, ms += 5000) {
		struct pace_now now = at(ms);
		pace_sent(&p, &now, p.window_bytes, true);
		pace_flight(&p, ms + 5000, 0);
	}
	assert_int_equal(p.window_bytes, PACE_LEAST_BYTES);
	pace_connected(&p);
	assert_int_equal(p.fastest_ms, -1);
}

static void
many_late_answers_of_one_round_halve_once(void **state)
{
	(void)state;
	const struct pace_rules none = {.kbit_per_s = 0};
	const struct pace_now now = at(0);
	struct pace p;
	begin(&p, &none);
	pace_round(&p, 10);
	p.window_bytes = 512 * KIB;
	for (size_t i = 0; i < 8; i++)
		pace_sent(&p, &now, 64 * KIB, true);
	for (size_t i = 1; i <= 8; i++)
		pace_flight(&p, 4000, (8 - i) * 64 * KIB);
	assert_int_equal(p.window_bytes, 256 * KIB);
}

static void
an_entry_larger_than_the_window_goes_alone(void **state)
{
	(void)state;
	const struct pace_rules none = {.kbit_per_s = 0};
	const struct pace_now now = at(0);
	struct pace p;
	begin(&p, &none);
	assert_int_equal(pace_ask(&p, &now, 0), PACE_GO);
	pace_sent(&p, &now, 200 * KIB, true);
	assert_int_equal(pace_ask(&p, &now, 200 * KIB), PACE_WINDOW);
	pace_flight(&p, 100, 0);
	assert_int_equal(pace_ask(&p, &now, 0), PACE_GO);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(quiet_hours_are_read_as_written_or_refused),
		cmocka_unit_test(each_rule_of_the_site_holds_bulk_back),
		cmocka_unit_test(what_people_set_is_said_to_them_and_a_full_line_is_not),
		cmocka_unit_test(a_new_day_has_its_own_allowance_and_control_takes_none_of_it),
		cmocka_unit_test(
			the_rate_is_kept_on_average_and_never_passed_by_more_than_the_burst),
		cmocka_unit_test(
			a_control_entry_overtakes_on_lines_of_every_kind_and_the_line_is_used),
		cmocka_unit_test(a_line_that_gets_slower_is_given_less),
		cmocka_unit_test(many_late_answers_of_one_round_halve_once),
		cmocka_unit_test(an_entry_larger_than_the_window_goes_alone),
	};
	return cmocka_run_group_tests_name("pace", tests, NULL, NULL);
}
