#include "tests/unit/submit_bench.h"

#include "node/capture_said.h"
#include "node/sync_keep.h"
#include "tests/unit/pack_bench.h"

/* What a person said and nobody has taken up yet, in a study that goes without consent. */

/* Somebody looked at the opt-out of this person and found none. */
static void
look(struct door *d, const char *code)
{
	static const struct sync_keep_by anna = {"anna", "coordinator", "attitudes", false};
	OWNED_BUF struct buf item, by;
	OWNED(sync_keep) struct sync_keep *keep = sync_keep_new();
	struct sync_judge j = judge_of(d);
	struct sync_kept kept;
	struct capture_opt_out o = {.code = code,
		.said = {d->now_s - DAY_S, false, "MESH"},
		.captured_s = d->now_s};
	buf_init(&item, REQUEST_MAX);
	buf_init(&by, 256);
	sync_keep_put_by(&by, &anna);
	person_of(d, o.code, o.participant);
	assert_ok(capture_opt_out_item(&item, &o));
	assert_ok(sync_keep_add(keep, 1, buf_view(&item)));
	assert_ok(sync_keep_add(keep, 0, buf_view(&by)));
	assert_ok(sync_keep_apply(keep, &j, &kept));
	assert_ok(vault_commit(d->place->vault));
}

static void
open_without(struct door *d, struct place *p)
{
	open_door(d, p);
	pack_free(d->pack);
	d->pack = pack_bench_sound(pack_bench_without);
	d->terms.approvals[TERMS_BENCH_COUNT - 1].kind = "cag";
}

struct paper {
	const char *words, *event;
	enum submit_problem problem;
	const char *form;
	bool holds;
};

static enum submit_outcome
hand_in(struct door *d, const char *code, const struct paper *p)
{
	const struct sent_consent s = {.code = code,
		.said = {.event = p->event,
			.grantor_role = "self",
			.mode = "returned-questionnaire",
			.given_at_s = d->now_s - 1},
		.captured_s = d->now_s - 1,
		.problem = p->problem,
		.form = p->form};
	return submit_consent(d, &s);
}

static const struct paper refusal = {"", "refused", SUBMIT_INVALID, NULL, true};

static void
a_record_waits_while_what_the_person_said_is_held(void **state)
{
	static const struct paper rows[] = {
		{"a refusal that does not fit its form", "refused", SUBMIT_INVALID, NULL, true},
		{"one whose code was not known", "refused", SUBMIT_NO_CODE, NULL, true},
		{"one with a text that leads to a person", "refused", SUBMIT_TEXT, NULL, true},
		{"an agreement, which may say no to a part", "given", SUBMIT_INVALID, NULL,
			true},
		{"of a form that nobody here knows", "refused", SUBMIT_NO_FORM, "other", true},
		{"of a form that is no consent form in any version", "refused", SUBMIT_NO_FORM,
			NULL, false},
	};
	OWNED_DOOR struct door d;
	uint64_t kept = 0;
	open_without(&d, *state);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char code[] = "N0001", instance[] = "uuid:1";
		code[4] = instance[5] = (char)('1' + i);
		look(&d, code);
		assert_int_equal(hand_in(&d, code, &rows[i]), SUBMIT_HELD);
		enum submit_outcome got;
		assert_ok(submit(&d, (struct sent){.code = code, .instance = instance}, &got));
		kept += !rows[i].holds;
		if (got != (rows[i].holds ? SUBMIT_HELD : SUBMIT_NEW) || records(&d) != kept)
			fail_msg("%s: %d", rows[i].words, got);
	}
}

/* Accepted, it is what the person said; whatever waited for it goes by that. */
static void
a_refusal_that_is_accepted_holds_the_record_for_good(void **state)
{
	OWNED_DOOR struct door d;
	char name[SYNC_HOLD_NAME_LEN + 1];
	open_without(&d, *state);
	look(&d, "N0001");
	assert_int_equal(hand_in(&d, "N0001", &refusal), SUBMIT_HELD);
	assert_int_equal(held_why(&d, name), HOLD_INVALID);
	assert_outcome(&d, (struct sent){0}, SUBMIT_HELD);
	assert_ok(decide(&d, name, 1));
	assert_int_equal(held(&d), 1);
	assert_int_equal(held_why(&d, name), HOLD_NO_CONSENT);
	assert_int_equal(records(&d), 0);
}

/* It was no word of the person after all: the record has no end, and goes on by itself. */
static void
a_refusal_that_is_dropped_lets_the_record_go_on(void **state)
{
	OWNED_DOOR struct door d;
	char name[SYNC_HOLD_NAME_LEN + 1];
	struct sync_hold_walk walk = {.begun = false};
	open_without(&d, *state);
	look(&d, "N0001");
	assert_int_equal(hand_in(&d, "N0001", &refusal), SUBMIT_HELD);
	assert_int_equal(held_why(&d, name), HOLD_INVALID);
	assert_outcome(&d, (struct sent){0}, SUBMIT_HELD);
	struct sync_judge j = judge_of(&d);
	assert_ok(sync_hold_walk_tick(&j, &walk));
	assert_int_equal(records(&d), 0);
	assert_ok(decide(&d, name, 2));
	assert_int_equal(held_why(&d, name), HOLD_TERMS);
	j.now_ms += INT64_C(1000) * DAY_S;
	assert_ok(sync_hold_walk_tick(&j, &walk));
	assert_ok(vault_commit(d.place->vault));
	assert_int_equal(held(&d), 0);
	assert_int_equal(records(&d), 1);
}

/* What they agreed to stands until another word is taken up, as in every study. */
static void
who_agreed_before_waits_for_nothing(void **state)
{
	OWNED_DOOR struct door d;
	open_without(&d, *state);
	agree(&d, "N0001", PERMIT);
	assert_int_equal(hand_in(&d, "N0001", &refusal), SUBMIT_HELD);
	assert_outcome(&d, (struct sent){0}, SUBMIT_NEW);
}

static void
what_another_person_said_holds_nothing(void **state)
{
	OWNED_DOOR struct door d;
	open_without(&d, *state);
	look(&d, "N0001");
	assert_int_equal(hand_in(&d, "N0002", &refusal), SUBMIT_HELD);
	assert_outcome(&d, (struct sent){0}, SUBMIT_NEW);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		at_a_node(a_record_waits_while_what_the_person_said_is_held),
		at_a_node(a_refusal_that_is_accepted_holds_the_record_for_good),
		at_a_node(a_refusal_that_is_dropped_lets_the_record_go_on),
		at_a_node(who_agreed_before_waits_for_nothing),
		at_a_node(what_another_person_said_holds_nothing),
	};
	if (crypto_init())
		return 1;
	return cmocka_run_group_tests_name("unheard", tests, NULL, NULL);
}
