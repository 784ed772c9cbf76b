#include "tests/unit/submit_bench.h"

#include "common/base/mem.h"
#include "node/ipc_submit.h"
#include "node/sync_judge.h"

#define NOW_MS   ((int64_t)NOW_S * 1000)
#define LEFT_DAY "2026-11-22"

/* The terms say that the site leaves, so many seconds from now. */
static void
leave(struct door *d, int64_t in_s)
{
	static char day[] = LEFT_DAY, data[] = "keep";
	d->terms.terms.left_day = day;
	d->terms.terms.left_ms = NOW_MS + in_s * 1000;
	d->terms.terms.left_data = data;
}

/* D-15: a site that left collects nothing; what was collected before, and what a participant
 * chooses, is still taken. */
static void
d15_what_a_site_that_left_still_takes(void **state)
{
	static const struct {
		const char *words;
		int64_t leaves_in_s;
		enum rules_kind kind;
		bool corrects;
		int64_t captured_s; /* from now */
		bool taken;
	} rows[] = {
		{"a record in the last second before", 1, RULES_RECORD, false, 0, true},
		{"a record in the first second", 0, RULES_RECORD, false, 0, false},
		{"a record of before", 0, RULES_RECORD, false, -1, true},
		{"a correction after", -9, RULES_RECORD, true, 0, false},
		{"a correction of before", 0, RULES_RECORD, true, -1, true},
		{"a consent after", -9, RULES_CONSENT, false, 0, false},
		{"a consent of before", 0, RULES_CONSENT, false, -1, true},
		{"a change of participation after", -9, RULES_CHANGE, false, 0, true},
		{"a key after", -9, RULES_KEY, false, 0, true},
	};
	struct place *p = *state;
	OWNED_DOOR struct door d;
	open_door(&d, p);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct wire_rules r = {.kind = rows[i].kind,
			.form = "attitudes",
			.form_version = "1",
			.captured_s = NOW_S + rows[i].captured_s};
		memset(r.refers_to, rows[i].corrects, sizeof(r.refers_to));
		leave(&d, rows[i].leaves_in_s);
		const struct sync_judge j = judge_of(&d);
		const enum err e = sync_judge_open(&j, &r);
		if ((e == OK) != rows[i].taken ||
			(e && !strstr(err_text(), "left the study on " LEFT_DAY)))
			fail_msg("%s: %s", rows[i].words, e ? err_text() : "taken");
	}
}

static void
d15_the_door_of_a_site_that_left_shows_no_form_and_keeps_nothing(void **state)
{
	struct place *p = *state;
	OWNED_DOOR struct door d;
	open_door(&d, p);
	agree(&d, "N0001", PERMIT);
	leave(&d, 1);
	struct sync_judge j = judge_of(&d);
	assert_int_equal(sync_judge_state(&j, "attitudes"), FACTS_OPEN);
	assert_outcome(&d, (struct sent){.code = "N0001", .instance = "uuid:1"}, SUBMIT_NEW);
	leave(&d, 0);
	j = judge_of(&d);
	assert_int_equal(sync_judge_state(&j, "attitudes"), FACTS_CLOSED);
	agree(&d, "N0002", PERMIT);
	assert_outcome(&d, (struct sent){.code = "N0002", .instance = "uuid:2"}, SUBMIT_CLOSED);
	assert_int_equal(records(&d), 1);
	assert_int_equal(held(&d), 0);
}

static void
drop_first(struct door *d)
{
	char name[SYNC_HOLD_NAME_LEN + 1];
	(void)held_why(d, name);
	assert_ok(decide(d, name, 2));
}

static bool
is_held_after(struct door *d, int days)
{
	struct sync_hold_walk walk = {0};
	d->now_s = NOW_S + (int64_t)days * DAY_S;
	const struct sync_judge j = judge_of(d);
	for (int i = 0; i < 3; i++)
		assert_ok(sync_hold_walk_tick(&j, &walk));
	assert_ok(vault_commit(d->place->vault));
	return held(d) == 1;
}

/* Nobody is there any more to mend what it waits for. */
static void
d15_what_a_site_that_left_still_holds_ends_after_thirty_days(void **state)
{
	static const struct {
		const char *words;
		enum submit_problem problem;
		bool is_back; /* the study says on the tenth day that the site stays */
	} rows[] = {
		{"not approved", SUBMIT_SOUND, false},
		{"does not fit its form", SUBMIT_INVALID, false},
		{"not approved, and the site stays", SUBMIT_SOUND, true},
		{"does not fit its form, and the site stays", SUBMIT_INVALID, true},
	};
	OWNED_DOOR struct door d;
	open_door(&d, *state);
	agree(&d, "N0001", PERMIT);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		OWNED_MEM char *instance = xasprintf("uuid:row-%zu", i);
		terms_bench_fill(&d.terms, SITE);
		d.now_s = NOW_S;
		for (size_t k = 0; k < TERMS_BENCH_COUNT; k++)
			d.terms.approvals[k].decision = "provisional";
		assert_outcome(&d,
			(struct sent){.instance = instance, .problem = rows[i].problem},
			SUBMIT_HELD);
		leave(&d, 0);
		assert_true(is_held_after(&d, 1));
		if (rows[i].is_back)
			d.terms.terms.left_day = NULL;
		assert_true(is_held_after(&d, 10));
		assert_true(is_held_after(&d, 30));
		if (is_held_after(&d, 32) != rows[i].is_back)
			fail_msg("%s", rows[i].words);
		if (rows[i].is_back)
			drop_first(&d);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		at_a_node(d15_what_a_site_that_left_still_takes),
		at_a_node(d15_the_door_of_a_site_that_left_shows_no_form_and_keeps_nothing),
		at_a_node(d15_what_a_site_that_left_still_holds_ends_after_thirty_days),
	};
	return cmocka_run_group_tests_name("site_left", tests, NULL, NULL);
}
