#include "tests/unit/submit_bench.h"

#include "common/base/mem.h"
#include "node/sync_duties.h"

#define NOW_MS ((int64_t)NOW_S * 1000)
#define DAY_MS ((int64_t)DAY_S * 1000)

static struct leaf
line(const char *action, const char *words)
{
	return (struct leaf){.action = action, .reason_code = words};
}

/* what may be said */

static void
a_line_that_is_not_of_its_form_is_refused(void **state)
{
	static const struct {
		const char *action, *words;
		enum err wanted;
	} rows[] = {
		{DUTY_ADDED, "here-1 consent 2026-11-01 -", OK},
		{DUTY_ADDED, "here-1 consent 2026-11-01 2026-11-30", OK},
		{DUTY_ENDED, "here-1 consent 2026-11-30 2026-11-30", OK},
		{DUTY_ENDED, "here-1 consent 2026-11-30 -", E_FORMAT},
		{DUTY_ADDED, "here-1 consent", E_FORMAT},
		{DUTY_ADDED, "here-1 consent someday -", E_FORMAT},
		{DUTY_ADDED, "here-1 consent 2026-11-01 - and more", E_FORMAT},
		{DUTY_ADDED, "", E_FORMAT},
		{"desk-unlocked", "anything", OK},
	};
	struct place *p = *state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct leaf act = line(rows[i].action, rows[i].words);
		const enum err e = sync_duties_check(p->vault, &act);
		if (e != rows[i].wanted)
			fail_msg("row %zu: %d", i, e);
	}
}

/* The hub takes no more of a site; one that it does not take must not count here alone. */
static void
more_lines_than_the_hub_takes_are_refused_in_words(void **state)
{
	struct place *p = *state;
	OWNED_BUF struct buf list;
	OWNED_DUTIES struct sync_duties duties = {.count = 0};
	const struct terms t = {.site = (char *)(uintptr_t)SITE};
	const struct leaf add = line(DUTY_ADDED, "here-1 consent 2026-11-01 -");
	const struct leaf end = line(DUTY_ENDED, "here-1 consent 2026-11-30 2026-11-30");
	uint64_t seq = 1;
	for (size_t i = 0; i < SYNC_DUTIES_ADDED_MAX; i++) {
		assert_ok(sync_duties_check(p->vault, &add));
		assert_ok(sync_duties_note(p->vault, &add, seq++));
	}
	assert_err(sync_duties_check(p->vault, &add), E_DENIED);
	assert_non_null(strstr(err_text(), "1000"));
	for (size_t i = 0; i < SYNC_DUTIES_ENDED_MAX; i++)
		assert_ok(sync_duties_note(p->vault, &end, seq++));
	assert_err(sync_duties_check(p->vault, &end), E_DENIED);
	assert_ok(vault_commit(p->vault));
	buf_init(&list, (size_t)2 << 20);
	assert_ok(sync_duties_list(p->vault, &list));
	assert_ok(sync_duties_read(&duties, p->vault, &t));
	assert_int_equal(duties.count, SYNC_DUTIES_ADDED_MAX);
}

/* beside what the hub has */

/* What was said at the site, in its order. */
struct said {
	const char *action, *words;
};

/* Whose line is to be open when, for consent. */
struct open_at {
	const char *person;
	int64_t at_ms;
	bool may;
};

static bool
may(const struct sync_duties *d, const char *person, int64_t at_ms)
{
	for (size_t i = 0; i < d->count; i++)
		if (strcmp(d->duties[i].person, person) == 0 && d->duties[i].from_ms <= at_ms &&
			(d->duties[i].until_ms == 0 || at_ms < d->duties[i].until_ms))
			return true;
	return false;
}

static void
assert_open(struct place *p, const struct rules_duty *of_hub, size_t of_hub_count,
	const struct said *here, const struct open_at *rows)
{
	OWNED_DUTIES struct sync_duties duties = {.count = 0};
	const struct terms t = {.site = (char *)(uintptr_t)SITE,
		.duties = (struct rules_duty *)(uintptr_t)of_hub,
		.duty_count = of_hub_count};
	for (size_t i = 0; here[i].action; i++) {
		const struct leaf act = line(here[i].action, here[i].words);
		assert_ok(sync_duties_note(p->vault, &act, i + 1));
	}
	assert_ok(vault_commit(p->vault));
	assert_ok(sync_duties_read(&duties, p->vault, &t));
	for (size_t i = 0; rows[i].person; i++)
		if (may(&duties, rows[i].person, rows[i].at_ms) != rows[i].may)
			fail_msg("row %zu: %s", i, rows[i].person);
}

static void
what_was_said_here_counts_beside_what_the_hub_has(void **state)
{
	static const struct rules_duty of_hub[] = {
		{"hub-1", SITE, "consent", NOW_MS - 10 * DAY_MS, 0, 0},
		{"ended-1", SITE, "consent", NOW_MS - 10 * DAY_MS, 0, 0},
	};
	static const struct said here[] = {
		{DUTY_ADDED, "here-1 consent 2026-11-01 -"},
		{DUTY_ENDED, "ended-1 consent 2026-11-29 2026-11-29"},
		{DUTY_ADDED, "again-1 consent 2026-11-01 -"},
		{DUTY_ENDED, "again-1 consent 2026-11-02 2026-11-02"},
		{DUTY_ADDED, "again-1 consent 2026-11-20 2026-12-01"},
		{NULL, NULL},
	};
	static const struct open_at rows[] = {
		{"hub-1", NOW_MS, true},
		{"here-1", NOW_MS, true},
		{"ended-1", NOW_MS, false},
		{"ended-1", NOW_MS - 2 * DAY_MS, true}, /* until 29 November */
		{"again-1", NOW_MS - 20 * DAY_MS, false},
		{"again-1", NOW_MS + DAY_MS - 1, true}, /* the last day counts */
		{"again-1", NOW_MS + DAY_MS, false},
		{"nobody", NOW_MS, false},
		{NULL, 0, false},
	};
	assert_open(*state, of_hub, ARRAY_LEN(of_hub), here, rows);
}

/* What the hub knows of a line counts as the hub has it: another node, or a later day, may have
 * ended it since. */
static void
a_line_that_another_node_ended_is_not_opened_again_here(void **state)
{
	enum {
		FIRST_DAYS = 30,
		TENTH_DAYS = 21
	}; /* before now: the 1st and 10th of November */
	static const struct rules_duty of_hub[] = {
		{"gone-1", SITE, "consent", NOW_MS - FIRST_DAYS * DAY_MS,
			NOW_MS - TENTH_DAYS * DAY_MS, 0},
		{"back-1", SITE, "consent", NOW_MS - FIRST_DAYS * DAY_MS,
			NOW_MS - TENTH_DAYS * DAY_MS, 0},
		{"twice-1", SITE, "consent", NOW_MS - FIRST_DAYS * DAY_MS,
			NOW_MS - TENTH_DAYS * DAY_MS, 0},
		{"twice-1", SITE, "consent", NOW_MS - FIRST_DAYS * DAY_MS, 0, 0},
	};
	static const struct said here[] = {
		{DUTY_ADDED, "gone-1 consent 2026-11-01 -"},
		{DUTY_ADDED, "back-1 consent 2026-11-01 -"},
		{DUTY_ENDED, "back-1 consent 2026-11-09 2026-11-09"},
		{DUTY_ADDED, "back-1 consent 2026-11-01 -"},
		{DUTY_ADDED, "twice-1 consent 2026-11-01 -"},
		{DUTY_ENDED, "twice-1 consent 2026-11-09 2026-11-09"},
		{DUTY_ADDED, "twice-1 consent 2026-11-01 -"},
		{NULL, NULL},
	};
	static const struct open_at rows[] = {
		{"gone-1", NOW_MS - FIRST_DAYS * DAY_MS, true},
		{"gone-1", NOW_MS, false},
		{"back-1", NOW_MS, true},
		{"twice-1", NOW_MS, true},
		{NULL, 0, false},
	};
	assert_open(*state, of_hub, ARRAY_LEN(of_hub), here, rows);
}

/* what waits for it */

/* With no link, so that the terms stay as they are. */
static void
a_line_said_here_is_followed_at_once(void **state)
{
	OWNED_DOOR struct door d;
	struct sync_hold_walk walk = {0};
	open_door(&d, *state);
	agree(&d, "N0001", PERMIT);
	for (size_t i = 0; i < TERMS_BENCH_COUNT; i++)
		if (strcmp(d.terms.approvals[i].kind, "rec") == 0)
			d.terms.approvals[i].decision = "provisional";
	assert_outcome(&d, (struct sent){0}, SUBMIT_HELD);
	const struct sync_judge j = judge_of(&d);
	assert_ok(sync_hold_walk_tick(&j, &walk));
	terms_bench_fill(&d.terms, SITE);
	assert_ok(sync_hold_walk_tick(&j, &walk));
	assert_int_equal(held(&d), 1); /* nothing says that it could go on */
	const struct leaf add = line(DUTY_ADDED, "here-1 consent 2026-11-01 -");
	assert_ok(sync_duties_note(d.place->vault, &add, 7));
	assert_ok(sync_hold_walk_tick(&j, &walk));
	assert_ok(vault_commit(d.place->vault));
	assert_int_equal(held(&d), 0);
	assert_int_equal(records(&d), 1);
}

static void
another_manifest_is_followed_at_once(void **state)
{
	OWNED_DOOR struct door d;
	struct sync_hold_walk walk = {0};
	open_door(&d, *state);
	agree(&d, "N0001", PERMIT);
	for (size_t i = 0; i < TERMS_BENCH_COUNT; i++)
		if (strcmp(d.terms.approvals[i].kind, "rec") == 0)
			d.terms.approvals[i].decision = "provisional";
	assert_outcome(&d, (struct sent){0}, SUBMIT_HELD);
	struct sync_judge j = judge_of(&d);
	j.study = 1;
	assert_ok(sync_hold_walk_tick(&j, &walk));
	terms_bench_fill(&d.terms, SITE);
	j.study = 2;
	assert_ok(sync_hold_walk_tick(&j, &walk));
	assert_ok(vault_commit(d.place->vault));
	assert_int_equal(held(&d), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		at_a_node(a_line_that_is_not_of_its_form_is_refused),
		at_a_node(more_lines_than_the_hub_takes_are_refused_in_words),
		at_a_node(what_was_said_here_counts_beside_what_the_hub_has),
		at_a_node(a_line_that_another_node_ended_is_not_opened_again_here),
		at_a_node(a_line_said_here_is_followed_at_once),
		at_a_node(another_manifest_is_followed_at_once),
	};
	return cmocka_run_group_tests_name("sync_duties", tests, NULL, NULL);
}
