#include "tests/unit/submit_bench.h"

#include "node/sync_closed.h"
#include "tests/unit/pack_bench.h"

/* A form that is closed, and what a tablet brings of it later. */

#define CLOSED_S (NOW_S - DAY_S)

static const struct pack_edit closed[] = {
	{"study.ini", "records = one", "records = one\nstate = closed"}, {NULL, NULL, NULL}};

/* The study changes to this one, put in force at this second. */
static void
publish(struct door *d, const struct pack_edit *edits, int64_t in_force_s)
{
	struct pack *next = pack_bench_sound(edits);
	assert_ok(sync_closed_note(d->place->vault, d->pack, next, in_force_s));
	assert_ok(vault_commit(d->place->vault));
	pack_free(d->pack);
	d->pack = next;
}

static int64_t
closed_s(struct door *d)
{
	int64_t since_s = -1;
	assert_ok(sync_closed_s(d->place->vault, "attitudes", &since_s));
	return since_s;
}

static void
what_was_filled_in_before_is_taken_and_all_else_waits(void **state)
{
	static const struct {
		const char *words;
		int64_t captured_s;
		bool is_taken;
	} rows[] = {
		{"in the second before", CLOSED_S - 1, true},
		{"in that second", CLOSED_S, false},
		{"in the second behind", CLOSED_S + 1, false},
		{"when it came, as far as it says", NOW_S, false},
	};
	OWNED_DOOR struct door d;
	uint64_t kept = 0;
	open_door(&d, *state);
	d.now_s = CLOSED_S - DAY_S;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char code[] = "N0001";
		code[4] = (char)('1' + i);
		agree(&d, code, PERMIT);
	}
	d.now_s = NOW_S;
	publish(&d, closed, CLOSED_S);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char code[] = "N0001", instance[] = "uuid:1";
		enum submit_outcome got;
		code[4] = instance[5] = (char)('1' + i);
		assert_ok(submit(&d,
			(struct sent){.code = code,
				.instance = instance,
				.captured_s = rows[i].captured_s},
			&got));
		kept += rows[i].is_taken;
		if (got != (rows[i].is_taken ? SUBMIT_NEW : SUBMIT_HELD) || records(&d) != kept)
			fail_msg("%s: %d", rows[i].words, got);
	}
}

static void
what_waits_goes_on_when_the_form_is_open_again(void **state)
{
	OWNED_DOOR struct door d;
	char name[SYNC_HOLD_NAME_LEN + 1];
	struct sync_hold_walk walk = {.begun = false};
	open_door(&d, *state);
	agree(&d, "N0001", PERMIT);
	publish(&d, closed, CLOSED_S);
	assert_outcome(&d, (struct sent){0}, SUBMIT_HELD);
	assert_int_equal(held_why(&d, name), HOLD_TERMS);
	assert_ok(decide(&d, name, 1)); /* nobody can say that it is open */
	struct sync_judge j = judge_of(&d);
	assert_ok(sync_hold_walk_tick(&j, &walk));
	assert_int_equal(held(&d), 1);
	publish(&d, NULL, NOW_S);
	j = judge_of(&d);
	j.study++;
	assert_ok(sync_hold_walk_tick(&j, &walk));
	assert_ok(vault_commit(d.place->vault));
	assert_int_equal(held(&d), 0);
	assert_int_equal(records(&d), 1);
}

static void
the_first_second_of_being_closed_counts_until_it_is_open(void **state)
{
	OWNED_DOOR struct door d;
	open_door(&d, *state);
	assert_int_equal(closed_s(&d), 0);
	publish(&d, closed, CLOSED_S);
	assert_int_equal(closed_s(&d), CLOSED_S);
	publish(&d, closed, CLOSED_S + 5);
	assert_int_equal(closed_s(&d), CLOSED_S);
	publish(&d, NULL, CLOSED_S + 10);
	assert_int_equal(closed_s(&d), 0);
	publish(&d, closed, CLOSED_S + 15);
	assert_int_equal(closed_s(&d), CLOSED_S + 15);
}

static enum submit_outcome
hand_in(struct door *d, const char *code, const char *event, int64_t captured_s)
{
	const struct sent_consent s = {.code = code,
		.said = {.event = event,
			.grantor_role = "self",
			.mode = "written",
			.given_at_s = captured_s},
		.captured_s = captured_s};
	return submit_consent(d, &s);
}

static void
a_consent_on_a_closed_form_waits_likewise_and_a_refusal_never(void **state)
{
	OWNED_DOOR struct door d;
	open_door(&d, *state);
	publish(&d, closed, CLOSED_S);
	assert_int_equal(hand_in(&d, "N0001", "given", CLOSED_S), SUBMIT_HELD);
	assert_int_equal(hand_in(&d, "N0002", "given", CLOSED_S - 1), SUBMIT_NEW);
	assert_int_equal(hand_in(&d, "N0003", "refused", CLOSED_S), SUBMIT_NEW);
}

/* Nothing can have been filled in before: the tablet is told, and keeps it. */
static void
a_form_that_was_never_open_here_is_refused(void **state)
{
	OWNED_DOOR struct door d;
	open_door(&d, *state);
	agree(&d, "N0001", PERMIT);
	pack_free(d.pack);
	d.pack = pack_bench_sound(closed);
	assert_ok(sync_closed_note(d.place->vault, NULL, d.pack, CLOSED_S));
	assert_int_equal(closed_s(&d), 0);
	assert_outcome(&d, (struct sent){.captured_s = CLOSED_S - 1}, SUBMIT_CLOSED);
	assert_int_equal(held(&d), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		at_a_node(what_was_filled_in_before_is_taken_and_all_else_waits),
		at_a_node(what_waits_goes_on_when_the_form_is_open_again),
		at_a_node(the_first_second_of_being_closed_counts_until_it_is_open),
		at_a_node(a_consent_on_a_closed_form_waits_likewise_and_a_refusal_never),
		at_a_node(a_form_that_was_never_open_here_is_refused),
	};
	if (crypto_init())
		return 1;
	return cmocka_run_group_tests_name("sync_closed", tests, NULL, NULL);
}
