/* I7: a version of the study has a last day at a site, by the hub's clock, and what ends with
 * it. */
#include "tests/unit/submit_bench.h"

#include "common/base/clock.h"
#include "node/hubclock.h"

#define CODE     "N0001"
#define MS_PER_S INT64_C(1000)
#define LATER_S  (INT64_C(60) * DAY_S)
#define IN_FORCE 3

/* what time it is at the hub */

struct moment {
	const char *words;
	int64_t wall_s, mono_s; /* of this machine, from the start of the table */
	int64_t heard_s; /* the hub says in a greeting that it is this late; 0: it does not */
	int64_t now_s;   /* at the hub, as it is known then */
};

static void
time_at_the_hub_never_goes_back_unless_the_hub_says_so(void **state)
{
	static const struct moment rows[] = {
		{"nothing was heard: the own clock", 0, 1, 0, 0},
		{"a second later", 1, 2, 0, 1},
		{"set back a year: it is as late as it was", -365 * DAY_S, 2, 0, 1},
		{"and the time that the node runs goes by", -365 * DAY_S, 12, 0, 11},
		{"in seconds, however often it is asked", -365 * DAY_S, 13, 0, 12},
		{"the hub is an hour ahead of the right time", 20, 20, 3620, 3620},
		{"which stands when nobody says it again", 30, 30, 0, 3630},
		{"set ahead ten years", 3650 * DAY_S, 31, 0, 3600 + 3650 * DAY_S},
		{"and back: it stays that late", 40, 32, 0, 3600 + 3650 * DAY_S + 1},
		{"until the hub says what time it is", 50, 42, 51, 51},
	};
	struct hubclock c = {0};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct hubclock_here here = {
			(NOW_S + rows[i].wall_s) * MS_PER_S, rows[i].mono_s * MS_PER_S};
		if (rows[i].heard_s)
			hubclock_heard(&c, NOW_S + rows[i].heard_s, &here);
		const int64_t now_s = hubclock_now_s(&c, &here) - NOW_S;
		if (now_s != rows[i].now_s)
			fail_msg("%s: %lld", rows[i].words, (long long)now_s);
	}
}

static void
halves_of_a_second_are_not_lost(void **state)
{
	struct hubclock c = {0};
	struct hubclock_here here = {NOW_S * MS_PER_S, 1000};
	(void)state;
	(void)hubclock_now_s(&c, &here);
	here.wall_ms -= DAY_S * MS_PER_S;
	for (int i = 0; i < 20; i++) {
		here.mono_ms += 500;
		(void)hubclock_now_s(&c, &here);
	}
	assert_int_equal(hubclock_now_s(&c, &here), NOW_S + 10);
}

static void
the_time_that_was_seen_outlives_the_process(void **state)
{
	struct place *p = *state;
	struct hubclock c;
	struct hubclock_here here = {NOW_S * MS_PER_S, 1000};
	assert_ok(hubclock_open(&c, p->vault));
	hubclock_heard(&c, NOW_S + 7200, &here);
	assert_ok(hubclock_keep(&c, p->vault));
	here.wall_ms += LATER_S * MS_PER_S;
	const int64_t late_s = hubclock_now_s(&c, &here);
	assert_ok(hubclock_keep(&c, p->vault));
	assert_ok(vault_commit(p->vault));
	here = (struct hubclock_here){NOW_S * MS_PER_S, 5};
	assert_ok(hubclock_open(&c, p->vault));
	assert_int_equal(hubclock_now_s(&c, &here), late_s);
	assert_int_equal(hubclock_guess_s(&c, &here), NOW_S + 7200);
}

/* what the hub says of the last day */

struct word {
	struct place *place;
	struct secret *hub;
	uint8_t public[SIGN_PUBLIC_BYTES];
	struct sync_terms *terms;
};

static void
word_done(struct word *w)
{
	sync_terms_free(w->terms);
	secret_free(w->hub);
	clock_freeze_wall_ms(0);
}
#define OWNED_WORD OWNED_BY(word_done)

static void
open_word(struct word *w, struct place *p)
{
	*w = (struct word){.place = p};
	sign_keypair(w->public, &w->hub);
	clock_freeze_wall_ms(NOW_S * MS_PER_S);
	assert_ok(sync_terms_open(&w->terms, p->vault));
}

struct saying {
	const char *words;
	uint64_t number, manifest;
	int64_t until_s, now_s; /* from NOW_S */
	bool is_denied;
	int64_t after_s; /* the last day of IN_FORCE behind it, from NOW_S; 0: none was said */
};

static enum err
say(struct word *w, const struct saying *row)
{
	OWNED_BUF struct buf body, out;
	struct terms_bench b;
	const struct sync_terms_for whose = {STUDY, SITE, w->public, IN_FORCE};
	terms_bench_fill(&b, SITE);
	b.terms.study = (char *)(uintptr_t)STUDY;
	b.terms.number = row->number;
	b.terms.manifest_number = row->manifest;
	b.terms.made_s = NOW_S + row->now_s;
	b.terms.until_s = NOW_S + row->until_s;
	buf_init(&body, TERMS_MAX_BYTES);
	buf_init(&out, TERMS_SIGNED_MAX_BYTES);
	assert_ok(terms_write(&body, &b.terms));
	assert_ok(terms_sign(&out, buf_view(&body), w->hub));
	clock_freeze_wall_ms((NOW_S + row->now_s) * MS_PER_S);
	enum err e = sync_terms_take(w->terms, &whose, buf_view(&out));
	assert_ok(vault_commit(w->place->vault));
	sync_terms_committed(w->terms);
	return e;
}

static void
a_word_of_the_hub_counts_when_it_is_newer_and_not_over(void **state)
{
	static const struct saying rows[] = {
		{"the first, over in this second", 1, IN_FORCE, 100, 100, true, 0},
		{"the first, over in the next", 1, IN_FORCE, 101, 100, false, 101},
		{"the same number, an earlier day", 1, IN_FORCE, 100, 90, false, 101},
		{"the same number, a later day", 1, IN_FORCE, 200, 90, false, 200},
		{"a newer number, an earlier day: the hub's last word", 2, IN_FORCE, 150, 90,
			false, 150},
		{"an older number, a later day", 1, IN_FORCE, 300, 90, false, 150},
		{"newer, but over", 3, IN_FORCE, 160, 160, true, 150},
		{"of a newer version: this one keeps its day", 3, IN_FORCE + 1, 400, 100, false,
			150},
		{"of it again", 4, IN_FORCE + 1, 500, 110, false, 150},
		{"of a newer one still", 5, IN_FORCE + 2, 600, 120, false, 150},
		{"of this one after all", 6, IN_FORCE, 700, 130, false, 700},
		{"of one before this, which is newer here", 7, IN_FORCE - 1, 800, 130, false,
			800},
	};
	OWNED_WORD struct word w;
	open_word(&w, *state);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const enum err e = say(&w, &rows[i]);
		const int64_t until_s = sync_terms_until_s(w.terms, IN_FORCE);
		if ((e == E_DENIED) != rows[i].is_denied || (e && e != E_DENIED) ||
			until_s != (rows[i].after_s ? NOW_S + rows[i].after_s : 0))
			fail_msg("%s: %d, until %lld", rows[i].words, e,
				(long long)(until_s - NOW_S));
		if (e || i == 2)
			assert_int_equal(
				sync_terms_refused_s(w.terms), e ? NOW_S + rows[i].until_s : 0);
	}
}

/* Row 58: refused, and the one before stays in force. */
static void
what_ran_out_before_it_came_is_refused_in_words(void **state)
{
	static const struct saying first = {"", 1, IN_FORCE, 1000, 0, false, 0},
				   late = {"", 2, IN_FORCE, 900, 900, true, 0},
				   next = {"", 3, IN_FORCE, 2000, 900, false, 0};
	OWNED_WORD struct word w;
	open_word(&w, *state);
	assert_ok(say(&w, &first));
	assert_err(say(&w, &late), E_DENIED);
	assert_non_null(strstr(err_text(), "what was in force before stays"));
	assert_int_equal(sync_terms_now(w.terms)->number, 1);
	assert_int_equal(sync_terms_refused_s(w.terms), NOW_S + 900);
	assert_int_equal(sync_terms_over_s(w.terms, IN_FORCE), 0);
	assert_ok(say(&w, &next));
	assert_int_equal(sync_terms_refused_s(w.terms), 0);
}

static void
the_day_of_a_version_that_cannot_be_left_outlives_the_process(void **state)
{
	static const struct saying first = {"", 1, IN_FORCE, 1000, 0, false, 0},
				   next = {"", 2, IN_FORCE + 1, 2000, 0, false, 0};
	OWNED_WORD struct word w;
	open_word(&w, *state);
	assert_ok(say(&w, &first));
	assert_ok(say(&w, &next));
	sync_terms_free(take(w.terms));
	assert_ok(sync_terms_open(&w.terms, w.place->vault));
	assert_int_equal(sync_terms_until_s(w.terms, IN_FORCE), NOW_S + 1000);
	assert_int_equal(sync_terms_until_s(w.terms, IN_FORCE + 1), NOW_S + 2000);
}

static void
what_is_over_stays_over_when_the_clock_goes_back(void **state)
{
	static const struct saying first = {"", 1, IN_FORCE, 1000, 0, false, 0},
				   next = {"", 2, IN_FORCE, 5000, 1001, false, 0};
	OWNED_WORD struct word w;
	open_word(&w, *state);
	assert_int_equal(sync_terms_over_s(w.terms, IN_FORCE), 0);
	assert_ok(say(&w, &first));
	clock_freeze_wall_ms((NOW_S + 999) * MS_PER_S + 999);
	assert_int_equal(sync_terms_over_s(w.terms, IN_FORCE), 0);
	clock_freeze_wall_ms((NOW_S + 1000) * MS_PER_S);
	assert_int_equal(sync_terms_over_s(w.terms, IN_FORCE), NOW_S + 1000);
	clock_freeze_wall_ms(NOW_S * MS_PER_S);
	assert_int_equal(sync_terms_over_s(w.terms, IN_FORCE), NOW_S + 1000);
	assert_ok(sync_terms_tick(w.terms));
	assert_ok(vault_commit(w.place->vault));
	sync_terms_free(take(w.terms));
	assert_ok(sync_terms_open(&w.terms, w.place->vault));
	assert_int_equal(sync_terms_over_s(w.terms, IN_FORCE), NOW_S + 1000);
	assert_ok(say(&w, &next));
	assert_int_equal(sync_terms_over_s(w.terms, IN_FORCE), 0);
}

/* A clock ten years ahead, with no link; then it is set right, and a bundle comes. */
static void
a_clock_that_was_ahead_is_forgotten_with_the_next_word(void **state)
{
	static const struct saying first = {"", 1, IN_FORCE, 60 * DAY_S, 0, false, 0},
				   next = {"", 2, IN_FORCE, 61 * DAY_S, DAY_S, false, 0};
	OWNED_WORD struct word w;
	open_word(&w, *state);
	assert_ok(say(&w, &first));
	clock_freeze_wall_ms((NOW_S + INT64_C(3650) * DAY_S) * MS_PER_S);
	assert_int_not_equal(sync_terms_over_s(w.terms, IN_FORCE), 0);
	clock_freeze_wall_ms((NOW_S + DAY_S) * MS_PER_S);
	assert_int_not_equal(sync_terms_over_s(w.terms, IN_FORCE), 0);
	assert_ok(say(&w, &next));
	assert_int_equal(sync_terms_over_s(w.terms, IN_FORCE), 0);
}

static void
a_greeting_that_says_the_time_makes_a_wrong_clock_harmless(void **state)
{
	static const struct saying first = {"", 1, IN_FORCE, 60 * DAY_S, 0, false, 0};
	OWNED_WORD struct word w;
	open_word(&w, *state);
	assert_ok(say(&w, &first));
	clock_freeze_wall_ms((NOW_S + INT64_C(3650) * DAY_S) * MS_PER_S);
	sync_terms_heard(w.terms, (NOW_S + DAY_S) * MS_PER_S);
	assert_int_equal(sync_terms_over_s(w.terms, IN_FORCE), 0);
	clock_freeze_wall_ms((NOW_S + INT64_C(3708) * DAY_S) * MS_PER_S + 86399999);
	assert_int_equal(sync_terms_over_s(w.terms, IN_FORCE), 0);
	clock_freeze_wall_ms((NOW_S + INT64_C(3709) * DAY_S) * MS_PER_S);
	assert_int_equal(sync_terms_over_s(w.terms, IN_FORCE), NOW_S + INT64_C(60) * DAY_S);
}

/* what ends with it */

static void
what_is_taken_when_the_study_is_over_here(void **state)
{
	static struct wire_permission all[] = {{.code = "collect-direct", .permit = true},
		{.code = "use-aggregate", .permit = false}};
	static struct wire_permission more[] = {{.code = "contact-results", .permit = true}};
	static const struct {
		const char *words;
		enum rules_kind kind;
		const char *event;
		bool refers, gives_more, taken;
	} rows[] = {
		{"a record", RULES_RECORD, "", false, false, false},
		{"a correction", RULES_RECORD, "", true, false, true},
		{"a consent", RULES_CONSENT, "given", false, false, false},
		{"advice for it", RULES_CONSENT, "advice-supports", false, false, false},
		{"agreeing again", RULES_CONSENT, "reaffirmed", false, false, false},
		{"a refusal", RULES_CONSENT, "refused", false, false, true},
		{"advice against it", RULES_CONSENT, "advice-against", false, false, true},
		{"fewer permissions", RULES_CONSENT, "changed", false, false, true},
		{"other permissions", RULES_CONSENT, "changed", false, true, false},
		{"a wish that is taken back", RULES_CONSENT, "reaffirmed", true, true, true},
		{"a change of participation", RULES_CHANGE, "changed", true, false, true},
		{"a key", RULES_KEY, "", false, false, true},
	};
	OWNED_DOOR struct door d;
	open_door(&d, *state);
	agree(&d, CODE, PERMIT);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct wire_rules r = {.kind = rows[i].kind,
			.form = "attitudes",
			.form_version = "1",
			.captured_s = NOW_S,
			.consent = {.event = rows[i].event,
				.permissions = rows[i].gives_more ? more : all,
				.permission_count = rows[i].gives_more ? 1 : 2}};
		person_of(&d, CODE, r.participant);
		memset(r.refers_to, rows[i].refers, sizeof(r.refers_to));
		d.over_s = 0;
		struct sync_judge j = judge_of(&d);
		assert_ok(sync_judge_open(&j, &r));
		d.over_s = NOW_S;
		j = judge_of(&d);
		const enum err e = sync_judge_open(&j, &r);
		if ((e == OK) != rows[i].taken ||
			(e && !strstr(err_text(), "in force here until")))
			fail_msg("%s: %s", rows[i].words, e ? err_text() : "taken");
	}
}

/* The study is over for this second, or in force again by another word. */
static void
tick(struct door *d, struct sync_hold_walk *walk, int64_t over_s)
{
	d->over_s = over_s;
	const struct sync_judge j = judge_of(d);
	for (int i = 0; i < 2; i++)
		assert_ok(sync_hold_walk_tick(&j, walk));
	assert_ok(vault_commit(d->place->vault));
}

static void
what_a_tablet_brings_is_held_and_goes_on_with_the_next_word(void **state)
{
	OWNED_DOOR struct door d;
	struct sync_hold_walk walk = {0};
	char name[SYNC_HOLD_NAME_LEN + 1];
	open_door(&d, *state);
	agree(&d, CODE, PERMIT);
	d.over_s = NOW_S - 1;
	assert_outcome(
		&d, (struct sent){.code = CODE, .captured_s = NOW_S - DAY_S}, SUBMIT_HELD);
	assert_int_equal(held_why(&d, name), HOLD_TERMS);
	assert_int_equal(records(&d), 0);
	d.now_s += (int64_t)(HOLD_DAYS + 60) * DAY_S;
	tick(&d, &walk, NOW_S - 1);
	assert_int_equal(held(&d), 1);
	tick(&d, &walk, 0);
	assert_int_equal(held(&d), 0);
	assert_int_equal(records(&d), 1);
}

static void
a_correction_of_a_tablet_is_kept(void **state)
{
	OWNED_DOOR struct door d;
	open_door(&d, *state);
	agree(&d, CODE, PERMIT);
	assert_outcome(&d, (struct sent){.instance = "uuid:1"}, SUBMIT_NEW);
	d.over_s = NOW_S - 1;
	assert_outcome(&d, (struct sent){.instance = "uuid:2", .edits = "uuid:1", .age = "31"},
		SUBMIT_EDITED);
	assert_int_equal(records(&d), 2);
	assert_int_equal(held(&d), 0);
}

static enum submit_outcome
consent_of_tablet(struct door *d, const char *event)
{
	static struct wire_permission may[] = {{.code = "collect-direct", .permit = true},
		{.code = "use-site-report", .permit = true},
		{.code = "use-aggregate", .permit = true}};
	const struct sent_consent s = {.code = CODE,
		.captured_s = NOW_S - DAY_S,
		.said = {.event = event,
			.grantor_role = "self",
			.capacity = "presumed",
			.mode = "written",
			.given_at_s = NOW_S - DAY_S,
			.permissions = may,
			.permission_count = ARRAY_LEN(may)}};
	return submit_consent(d, &s);
}

/* A month passes before the hub is heard: a record whose consent waits is not one without. */
static void
a_record_waits_as_long_as_its_consent_does(void **state)
{
	static const bool is_record_first[] = {false, true};
	for (size_t i = 0; i < ARRAY_LEN(is_record_first); i++) {
		OWNED_DOOR struct door d;
		struct sync_hold_walk walk = {0};
		if (i > 0) {
			assert_int_equal(drop_place(state), 0);
			assert_int_equal(make_place(state), 0);
		}
		open_door(&d, *state);
		d.over_s = NOW_S - 1;
		if (!is_record_first[i])
			assert_int_equal(consent_of_tablet(&d, "given"), SUBMIT_HELD);
		assert_outcome(&d, (struct sent){.code = CODE}, SUBMIT_HELD);
		if (is_record_first[i])
			assert_int_equal(consent_of_tablet(&d, "given"), SUBMIT_HELD);
		assert_int_equal(held(&d), 2);
		d.now_s += (int64_t)HOLD_DAYS * DAY_S;
		tick(&d, &walk, NOW_S - 1);
		assert_int_equal(held(&d), 2);
		tick(&d, &walk, 0);
		assert_int_equal(held(&d), 0);
		assert_int_equal(records(&d), 1);
	}
}

static void
a_record_without_any_consent_still_runs_out(void **state)
{
	OWNED_DOOR struct door d;
	struct sync_hold_walk walk = {0};
	open_door(&d, *state);
	d.over_s = NOW_S - 1;
	assert_outcome(&d, (struct sent){.code = CODE}, SUBMIT_HELD);
	d.now_s += (int64_t)HOLD_DAYS * DAY_S - 1;
	tick(&d, &walk, NOW_S - 1);
	assert_int_equal(held(&d), 1);
	d.now_s++;
	tick(&d, &walk, NOW_S - 1);
	assert_int_equal(held(&d), 0);
	assert_int_equal(records(&d), 0);
}

static void
a_refusal_of_a_tablet_is_kept(void **state)
{
	OWNED_DOOR struct door d;
	open_door(&d, *state);
	d.over_s = NOW_S - 1;
	assert_int_equal(consent_of_tablet(&d, "refused"), SUBMIT_NEW);
	assert_int_equal(held(&d), 0);
}

static void
status_says_what_is_not_collected_and_since_when(void **state)
{
	OWNED_DOOR struct door d;
	OWNED_BUF struct buf lines;
	open_door(&d, *state);
	buf_init(&lines, 4096);
	d.over_s = NOW_S;
	const struct sync_judge j = judge_of(&d);
	assert_ok(sync_rules_lacking(&j, pack_form(d.pack, "attitudes"), &lines));
	buf_u8(&lines, 0);
	assert_non_null(strstr((const char *)lines.at, "until 2026-12-01T00:00:00Z"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(time_at_the_hub_never_goes_back_unless_the_hub_says_so),
		cmocka_unit_test(halves_of_a_second_are_not_lost),
		at_a_node(the_time_that_was_seen_outlives_the_process),
		at_a_node(a_word_of_the_hub_counts_when_it_is_newer_and_not_over),
		at_a_node(what_ran_out_before_it_came_is_refused_in_words),
		at_a_node(the_day_of_a_version_that_cannot_be_left_outlives_the_process),
		at_a_node(what_is_over_stays_over_when_the_clock_goes_back),
		at_a_node(a_clock_that_was_ahead_is_forgotten_with_the_next_word),
		at_a_node(a_greeting_that_says_the_time_makes_a_wrong_clock_harmless),
		at_a_node(what_is_taken_when_the_study_is_over_here),
		at_a_node(what_a_tablet_brings_is_held_and_goes_on_with_the_next_word),
		at_a_node(a_correction_of_a_tablet_is_kept),
		at_a_node(a_record_waits_as_long_as_its_consent_does),
		at_a_node(a_record_without_any_consent_still_runs_out),
		at_a_node(a_refusal_of_a_tablet_is_kept),
		at_a_node(status_says_what_is_not_collected_and_since_when),
	};
	return cmocka_run_group_tests_name("last_day", tests, NULL, NULL);
}
