#include "tests/unit/submit_bench.h"

/* A consent form of a tablet, for a person whose taking part had ended. */
#define CODE "N0001"

struct said {
	const char *name, *level, *event, *role, *capacity;
	int64_t later_s; /* than the change */
	bool unsound;
	enum submit_outcome outcome;
};

static const struct said rows[] = {
	{"an objection was looked at", "objection", "reaffirmed", "self", "presumed", DAY_S,
		false, SUBMIT_HELD},
	{"a consultee advises after the loss", "capacity-lost", "advice-supports",
		"consultee-personal", "lost-during-study", DAY_S, false, SUBMIT_HELD},
	{"the person can decide again", "capacity-lost", "given", "self", "regained", DAY_S,
		false, SUBMIT_HELD},
	{"nobody looked whether the person can", "capacity-lost", "given", "self", "presumed",
		DAY_S, false, SUBMIT_DELETED},
	{"advice against it", "capacity-lost", "advice-against", "consultee-personal",
		"lost-during-study", DAY_S, false, SUBMIT_DELETED},
	{"said before the objection", "objection", "given", "self", "presumed", -DAY_S, false,
		SUBMIT_DELETED},
	{"said in the second of the objection", "objection", "given", "self", "presumed", 0,
		false, SUBMIT_DELETED},
	{"it does not fit its form", "objection", "given", "self", "presumed", DAY_S, true,
		SUBMIT_DELETED},
	{"collection had ended for good", "no-more-collection", "given", "self", "presumed",
		DAY_S, false, SUBMIT_DELETED},
	{"the person wished to be erased", "erase", "given", "self", "presumed", DAY_S, false,
		SUBMIT_DELETED},
};

static enum submit_outcome
hand_in_edit(struct door *d, const struct said *row, const uint8_t *edits)
{
	static struct wire_permission may[] = {{.code = "collect-direct", .permit = true}};
	const struct sent_consent s = {.code = CODE,
		.captured_s = d->now_s,
		.problem = row->unsound ? SUBMIT_INVALID : SUBMIT_SOUND,
		.edits = edits,
		.said = {.event = row->event,
			.grantor_role = row->role,
			.capacity = row->capacity,
			.mode = "written",
			.given_at_s = d->now_s + row->later_s,
			.permissions = may,
			.permission_count = ARRAY_LEN(may)}};
	d->now_s += DAY_S;
	return submit_consent(d, &s);
}

static enum submit_outcome
hand_in(struct door *d, const struct said *row)
{
	return hand_in_edit(d, row, NULL);
}

static bool
has_ended(struct door *d)
{
	uint8_t person[ID_BYTES];
	struct sync_judge j = judge_of(d);
	bool ended = false;
	person_of(d, CODE, person);
	assert_ok(sync_judge_ended(&j, person, &ended));
	return ended;
}

static void
what_may_answer_a_change_is_held_and_all_else_refused(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct place *p = *state;
		OWNED_DOOR struct door d;
		char name[SYNC_HOLD_NAME_LEN + 1];
		if (i > 0) {
			assert_int_equal(drop_place(state), 0);
			assert_int_equal(make_place(state), 0);
			p = *state;
		}
		open_door(&d, p);
		agree(&d, CODE, PERMIT);
		put_change(&d, CODE, rows[i].level);
		const enum submit_outcome got = hand_in(&d, &rows[i]);
		if (got != rows[i].outcome)
			fail_msg("%s: %d", rows[i].name, got);
		assert_true(has_ended(&d));
		if (got != SUBMIT_HELD) {
			assert_int_equal(held(&d), 0);
			continue;
		}
		assert_int_equal(held_why(&d, name), HOLD_ENDED);
		assert_ok(decide(&d, name, 1));
		assert_int_equal(held(&d), 0);
		assert_false(has_ended(&d));
	}
}

static void
nobody_looks_at_it_and_it_is_erased(void **state)
{
	OWNED_DOOR struct door d;
	struct sync_hold_walk walk = {0};
	open_door(&d, *state);
	agree(&d, CODE, PERMIT);
	put_change(&d, CODE, "objection");
	assert_int_equal(hand_in(&d, &rows[0]), SUBMIT_HELD);
	d.now_s += HOLD_DAYS * DAY_S - 1;
	struct sync_judge before = judge_of(&d);
	assert_ok(sync_hold_walk_tick(&before, &walk));
	assert_int_equal(held(&d), 1);
	d.now_s++;
	struct sync_judge after = judge_of(&d);
	assert_ok(sync_hold_walk_tick(&after, &walk));
	assert_int_equal(held(&d), 0);
	assert_true(has_ended(&d));
}

/* What came meanwhile stands: the answer was to another change. */
static void
a_change_that_is_made_meanwhile_is_not_answered(void **state)
{
	OWNED_DOOR struct door d;
	char name[SYNC_HOLD_NAME_LEN + 1];
	open_door(&d, *state);
	agree(&d, CODE, PERMIT);
	put_change(&d, CODE, "objection");
	assert_int_equal(hand_in(&d, &rows[0]), SUBMIT_HELD);
	put_change(&d, CODE, "no-more-collection");
	assert_int_equal(held_why(&d, name), HOLD_ENDED);
	assert_ok(decide(&d, name, 1));
	assert_int_equal(held_why(&d, name), HOLD_NO_CONSENT);
	assert_true(has_ended(&d));
}

/* Nor does an answer to an objection give back what had ended before it. */
static void
an_end_for_good_before_the_objection_stands(void **state)
{
	OWNED_DOOR struct door d;
	open_door(&d, *state);
	agree(&d, CODE, PERMIT);
	put_change(&d, CODE, "no-more-collection");
	put_change(&d, CODE, "objection");
	assert_int_equal(hand_in(&d, &rows[0]), SUBMIT_DELETED);
	assert_true(has_ended(&d));
}

/* gives the rules part of the entry so far behind the newest of lane C. */
static struct wire_rules *
control(struct door *d, uint64_t behind)
{
	OWNED_BUF struct buf part;
	struct wire_rules *r = NULL;
	struct vault *v = d->place->vault;
	buf_init(&part, WIRE_RULES_MAX_BYTES);
	assert_ok(vault_part(
		v, &AT(v, LANE_C, vault_committed(v, LANE_C).seq - behind), PART_RULES, &part));
	assert_ok(wire_rules_unpack(&r, buf_view(&part)));
	return r;
}

/* Accepting what was held for another reason says nothing of the objection; and what is an edit
 * names the change that it answers, not the version that it replaces. */
static void
an_edit_answers_only_when_it_is_accepted_as_an_answer(void **state)
{
	OWNED_DOOR struct door d;
	char name[SYNC_HOLD_NAME_LEN + 1];
	open_door(&d, *state);
	assert_int_equal(hand_in(&d, &rows[0]), SUBMIT_NEW);
	OWNED(wire_rules) struct wire_rules *first = control(&d, 0);
	assert_int_equal(hand_in_edit(&d, &rows[0], first->instance), SUBMIT_EDITED);
	put_change(&d, CODE, "objection");
	OWNED(wire_rules) struct wire_rules *change = control(&d, 0);
	assert_int_equal(hand_in_edit(&d, &rows[0], first->instance), SUBMIT_BRANCH);
	assert_int_equal(held_why(&d, name), HOLD_BRANCH);
	assert_ok(decide(&d, name, 1));
	assert_int_equal(held_why(&d, name), HOLD_ENDED);
	assert_true(has_ended(&d));
	assert_ok(decide(&d, name, 1));
	assert_int_equal(held(&d), 0);
	assert_false(has_ended(&d));
	OWNED(wire_rules) struct wire_rules *answer = control(&d, 0);
	assert_memory_equal(answer->refers_to, change->instance, ID_BYTES);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		at_a_node(what_may_answer_a_change_is_held_and_all_else_refused),
		at_a_node(nobody_looks_at_it_and_it_is_erased),
		at_a_node(a_change_that_is_made_meanwhile_is_not_answered),
		at_a_node(an_end_for_good_before_the_objection_stands),
		at_a_node(an_edit_answers_only_when_it_is_accepted_as_an_answer),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
