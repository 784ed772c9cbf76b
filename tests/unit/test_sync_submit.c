#include "tests/unit/submit_bench.h"

#include "node/sync_codes.h"
#include "node/sync_collectors.h"

#define ROWS_OF_FILE_COUNT 3 /* its one chunk, its hashes, its root */

/* outcomes */

static void
a_new_record_is_kept(void **state)
{
	OWNED_DOOR struct door d;
	open_door(&d, *state);
	agree(&d, "N0001", PERMIT);
	assert_outcome(&d, (struct sent){0}, SUBMIT_NEW);
	assert_int_equal(records(&d), 1);
	assert_int_equal(held(&d), 0);
}

static void
the_same_again_is_no_second_record(void **state)
{
	OWNED_DOOR struct door d;
	open_door(&d, *state);
	agree(&d, "N0001", PERMIT);
	assert_outcome(&d, (struct sent){0}, SUBMIT_NEW);
	for (int i = 0; i < 3; i++)
		assert_outcome(&d, (struct sent){0}, SUBMIT_SAME);
	assert_int_equal(records(&d), 1);
}

static void
other_answers_under_the_same_number_are_held(void **state)
{
	OWNED_DOOR struct door d;
	char name[SYNC_HOLD_NAME_LEN + 1];
	open_door(&d, *state);
	agree(&d, "N0001", PERMIT);
	assert_outcome(&d, (struct sent){0}, SUBMIT_NEW);
	assert_outcome(&d, (struct sent){.age = "31"}, SUBMIT_HELD);
	assert_outcome(&d, (struct sent){.age = "31"}, SUBMIT_HELD);
	assert_int_equal(records(&d), 1);
	assert_int_equal(held(&d), 1);
	assert_int_equal(held_why(&d, name), HOLD_OTHER_COPY);
	assert_err(decide(&d, name, 1), E_DENIED);
	assert_ok(decide(&d, name, 2));
	assert_int_equal(held(&d), 0);
	assert_outcome(&d, (struct sent){.age = "31"}, SUBMIT_DELETED);
}

static void
a_second_record_of_a_person_and_wave_is_held(void **state)
{
	OWNED_DOOR struct door d;
	char name[SYNC_HOLD_NAME_LEN + 1];
	open_door(&d, *state);
	agree(&d, "N0001", PERMIT);
	assert_outcome(&d, (struct sent){0}, SUBMIT_NEW);
	assert_outcome(&d, (struct sent){.instance = "uuid:2", .age = "31"}, SUBMIT_HELD);
	assert_int_equal(held_why(&d, name), HOLD_OTHER_RECORD);
	/* Accepted, it corrects the one that is here. */
	OWNED(wire_rules) struct wire_rules *first = record(&d, 1);
	assert_ok(decide(&d, name, 1));
	assert_int_equal(records(&d), 2);
	OWNED(wire_rules) struct wire_rules *second = record(&d, 2);
	assert_memory_equal(second->refers_to, first->instance, ID_BYTES);
}

static void
an_edit_refers_to_what_it_corrects(void **state)
{
	OWNED_DOOR struct door d;
	open_door(&d, *state);
	agree(&d, "N0001", PERMIT);
	assert_outcome(&d, (struct sent){0}, SUBMIT_NEW);
	struct sent edit = {.instance = "uuid:2", .edits = "uuid:1", .age = "31"};
	assert_outcome(&d, edit, SUBMIT_EDITED);
	assert_outcome(&d, edit, SUBMIT_SAME);
	assert_int_equal(records(&d), 2);
	OWNED(wire_rules) struct wire_rules *first = record(&d, 1);
	OWNED(wire_rules) struct wire_rules *second = record(&d, 2);
	assert_memory_equal(second->refers_to, first->instance, ID_BYTES);
	assert_true(wire_is_zero(first->refers_to, ID_BYTES));
}

static void
an_edit_of_an_old_version_is_kept_beside(void **state)
{
	OWNED_DOOR struct door d;
	char name[SYNC_HOLD_NAME_LEN + 1];
	open_door(&d, *state);
	agree(&d, "N0001", PERMIT);
	assert_outcome(&d, (struct sent){0}, SUBMIT_NEW);
	assert_outcome(&d, (struct sent){.instance = "uuid:2", .edits = "uuid:1", .age = "31"},
		SUBMIT_EDITED);
	assert_outcome(&d, (struct sent){.instance = "uuid:3", .edits = "uuid:1", .age = "32"},
		SUBMIT_BRANCH);
	assert_int_equal(records(&d), 2);
	assert_int_equal(held_why(&d, name), HOLD_BRANCH);
	assert_ok(decide(&d, name, 1));
	OWNED(wire_rules) struct wire_rules *second = record(&d, 2);
	OWNED(wire_rules) struct wire_rules *third = record(&d, 3);
	assert_memory_equal(third->refers_to, second->instance, ID_BYTES);
}

static void
an_edit_of_something_unknown_is_not_kept(void **state)
{
	OWNED_DOOR struct door d;
	open_door(&d, *state);
	agree(&d, "N0001", PERMIT);
	assert_outcome(&d, (struct sent){.edits = "uuid:0"}, SUBMIT_UNKNOWN_DEPRECATED);
	assert_int_equal(records(&d), 0);
	assert_int_equal(held(&d), 0);
}

static void
an_edit_takes_the_place_of_what_was_held(void **state)
{
	OWNED_DOOR struct door d;
	open_door(&d, *state);
	agree(&d, "N0001", PERMIT);
	assert_outcome(&d, (struct sent){.problem = SUBMIT_INVALID}, SUBMIT_HELD);
	assert_outcome(&d, (struct sent){.instance = "uuid:2", .edits = "uuid:1", .age = "31"},
		SUBMIT_EDITED);
	assert_int_equal(held(&d), 0);
	assert_int_equal(records(&d), 1);
	OWNED(wire_rules) struct wire_rules *first = record(&d, 1);
	assert_true(wire_is_zero(first->refers_to, ID_BYTES));
	assert_outcome(&d, (struct sent){.problem = SUBMIT_INVALID}, SUBMIT_DELETED);
}

static void
invalid_answers_are_held_until_somebody_accepts_them(void **state)
{
	OWNED_DOOR struct door d;
	char name[SYNC_HOLD_NAME_LEN + 1];
	open_door(&d, *state);
	agree(&d, "N0001", PERMIT);
	assert_outcome(&d, (struct sent){.problem = SUBMIT_INVALID}, SUBMIT_HELD);
	assert_int_equal(records(&d), 0);
	assert_int_equal(held_why(&d, name), HOLD_INVALID);
	assert_ok(decide(&d, name, 1));
	assert_int_equal(records(&d), 1);
	assert_int_equal(held(&d), 0);
}

static void
an_unknown_form_version_is_kept_aside(void **state)
{
	OWNED_DOOR struct door d;
	char name[SYNC_HOLD_NAME_LEN + 1];
	open_door(&d, *state);
	agree(&d, "N0001", PERMIT);
	assert_outcome(&d, (struct sent){.problem = SUBMIT_NO_FORM}, SUBMIT_HELD);
	assert_int_equal(held_why(&d, name), HOLD_NO_FORM);
	assert_err(decide(&d, name, 1), E_DENIED);
	assert_int_equal(held(&d), 1);
}

static void
a_form_that_is_not_here_takes_no_new_record(void **state)
{
	OWNED_DOOR struct door d;
	open_door(&d, *state);
	agree(&d, "N0001", PERMIT);
	assert_outcome(&d, (struct sent){.form = "elsewhere"}, SUBMIT_CLOSED);
	assert_int_equal(records(&d), 0);
	assert_int_equal(held(&d), 0);
}

static void
an_unknown_code_is_held_and_becomes_a_person_when_accepted(void **state)
{
	OWNED_DOOR struct door d;
	char name[SYNC_HOLD_NAME_LEN + 1];
	uint8_t person[ID_BYTES], sealed_to[ID_BYTES];
	open_door(&d, *state);
	struct sent s = {.code = "N0007", .stranger = true, .problem = SUBMIT_NO_CODE};
	assert_outcome(&d, s, SUBMIT_HELD);
	assert_int_equal(held_why(&d, name), HOLD_NO_CODE);
	assert_ok(decide(&d, name, 1));
	assert_int_equal(held_why(&d, name), HOLD_NO_CONSENT);
	memset(sealed_to, 77, sizeof(sealed_to));
	person_of(&d, "N0007", person);
	assert_memory_equal(person, sealed_to, ID_BYTES);
	agree(&d, "N0007", PERMIT);
	assert_int_equal(held(&d), 0);
	assert_int_equal(records(&d), 1);
}

static void
a_code_that_became_known_meanwhile_is_asked_for_again(void **state)
{
	OWNED_DOOR struct door d;
	uint8_t person[ID_BYTES];
	enum submit_outcome got;
	open_door(&d, *state);
	person_of(&d, "N0007", person);
	struct sent s = {.code = "N0007", .stranger = true, .problem = SUBMIT_NO_CODE};
	assert_err(submit(&d, s, &got), E_BUSY);
	assert_int_equal(held(&d), 0);
}

/* consent */

static void
without_a_consent_a_record_waits_for_one(void **state)
{
	OWNED_DOOR struct door d;
	char name[SYNC_HOLD_NAME_LEN + 1];
	open_door(&d, *state);
	assert_outcome(&d, (struct sent){0}, SUBMIT_HELD);
	assert_int_equal(held_why(&d, name), HOLD_NO_CONSENT);
	assert_ok(decide(&d, name, 1)); /* nobody can agree for the person */
	assert_int_equal(records(&d), 0);
	agree(&d, "N0001", PERMIT);
	assert_int_equal(held(&d), 0);
}

static void
without_a_consent_a_record_is_erased_after_thirty_days(void **state)
{
	OWNED_DOOR struct door d;
	struct sync_hold_walk walk = {0};
	open_door(&d, *state);
	assert_outcome(&d, (struct sent){0}, SUBMIT_HELD);
	d.now_s += (int64_t)(HOLD_DAYS - 1) * DAY_S;
	struct sync_judge early = judge_of(&d);
	assert_ok(sync_hold_walk_tick(&early, &walk));
	assert_int_equal(held(&d), 1);
	d.now_s += 2 * DAY_S;
	struct sync_judge late = judge_of(&d);
	assert_ok(sync_hold_walk_tick(&late, &walk));
	assert_int_equal(held(&d), 0);
	d.now_s = NOW_S;
	assert_outcome(&d, (struct sent){0}, SUBMIT_DELETED);
}

static void
of_a_person_who_ended_nothing_is_kept_but_an_act(void **state)
{
	OWNED_DOOR struct door d;
	open_door(&d, *state);
	agree(&d, "N0001", PERMIT);
	end(&d, "N0001");
	assert_outcome(&d, (struct sent){0}, SUBMIT_DELETED);
	assert_int_equal(records(&d), 0);
	assert_int_equal(held(&d), 0);
	assert_int_equal(vault_committed(d.place->vault, LANE_A).seq, 1);
}

static void
outside_its_wave_a_record_is_held(void **state)
{
	OWNED_DOOR struct door d;
	char name[SYNC_HOLD_NAME_LEN + 1];
	open_door(&d, *state);
	agree(&d, "N0001", PERMIT);
	assert_outcome(&d, (struct sent){.wave = "9"}, SUBMIT_HELD);
	assert_int_equal(held_why(&d, name), HOLD_WAVE);
	assert_ok(decide(&d, name, 1));
	assert_int_equal(records(&d), 1);
}

/* collectors */

static void
a_revoked_collector_hands_in_nothing_from_then_on(void **state)
{
	OWNED_DOOR struct door d;
	OWNED_BUF struct buf asks;
	uint8_t token[HASH_BYTES] = {1};
	open_door(&d, *state);
	agree(&d, "N0001", PERMIT);
	buf_init(&asks, 256);
	buf_blob_text(&asks, "tablet-1");
	buf_blob_text(&asks, "an example");
	buf_add(&asks, token, sizeof(token));
	buf_u32(&asks, 60);
	buf_u32(&asks, 60);
	struct cursor add = cursor_of(buf_view(&asks));
	assert_ok(sync_collectors_add(d.place->vault, &add, NOW_S));
	assert_outcome(&d, (struct sent){0}, SUBMIT_NEW);
	struct cursor revoke = cursor_of(view_of(asks.at, 4 + strlen("tablet-1")));
	assert_ok(sync_collectors_revoke(d.place->vault, &revoke, NOW_S));
	assert_outcome(&d, (struct sent){.instance = "uuid:2", .age = "31"}, SUBMIT_REVOKED);
	assert_int_equal(records(&d), 1);
	assert_int_equal(held(&d), 0);
}

/* files */

static void
a_record_waits_for_its_files(void **state)
{
	OWNED_DOOR struct door d;
	OWNED_BUF struct buf part;
	struct roots_file roots[ROOTS_MAX_COUNT];
	size_t count;
	open_door(&d, *state);
	agree(&d, "N0001", PERMIT);
	struct sent s = {.expected = "a.jpg"};
	assert_outcome(&d, s, SUBMIT_WAITING_FILES);
	assert_outcome(&d, s, SUBMIT_SAME);
	assert_int_equal(records(&d), 0);
	s.file = "a.jpg";
	s.bytes = "a picture";
	assert_outcome(&d, s, SUBMIT_FILES_ADDED);
	assert_int_equal(records(&d), 1);
	assert_int_equal(held(&d), 0);
	assert_outcome(&d, s, SUBMIT_SAME);
	buf_init(&part, ROOTS_PART_MAX_BYTES);
	assert_ok(
		vault_part(d.place->vault, &AT(d.place->vault, LANE_R, 1), PART_ROOTS, &part));
	assert_ok(roots_unpack(roots, &count, buf_view(&part)));
	assert_int_equal(count, 1);
	assert_int_equal(roots[0].plain_bytes, strlen(s.bytes));
	/* The key that the file is sealed with is on file, too. */
	struct view row;
	assert_ok(vault_get(
		d.place->vault, VAULT_INSTANCES, view_of(roots[0].key_ref, ID_BYTES), &row));
}

static void
a_record_goes_on_without_files_after_a_day(void **state)
{
	OWNED_DOOR struct door d;
	struct sync_hold_walk walk = {0};
	open_door(&d, *state);
	agree(&d, "N0001", PERMIT);
	assert_outcome(&d, (struct sent){.expected = "a.jpg"}, SUBMIT_WAITING_FILES);
	d.now_s += DAY_S + 1;
	struct sync_judge j = judge_of(&d);
	assert_ok(sync_hold_walk_tick(&j, &walk));
	assert_ok(vault_commit(d.place->vault));
	assert_int_equal(records(&d), 1);
}

static void
files_come_with_the_record(void **state)
{
	OWNED_DOOR struct door d;
	open_door(&d, *state);
	agree(&d, "N0001", PERMIT);
	struct sent s = {.expected = "a.jpg", .file = "a.jpg", .bytes = "one"};
	assert_outcome(&d, s, SUBMIT_NEW);
	s.bytes = "another";
	assert_outcome(&d, s, SUBMIT_FILES_ADDED);
	assert_outcome(&d, s, SUBMIT_SAME);
	/* An edit carries them forward by name. */
	assert_outcome(&d,
		(struct sent){.instance = "uuid:2",
			.edits = "uuid:1",
			.age = "31",
			.expected = "a.jpg"},
		SUBMIT_EDITED);
	assert_int_equal(records(&d), 2);
}

/* what an edit may touch */

static enum err
count_row(void *arg, struct view key, struct view content)
{
	(void)key;
	(void)content;
	++*(size_t *)arg;
	return OK;
}

static size_t
chunks(struct door *d)
{
	size_t count = 0;
	assert_ok(
		vault_each(d->place->vault, VAULT_CHUNKS, view_of(NULL, 0), count_row, &count));
	assert_int_equal(count % ROWS_OF_FILE_COUNT, 0);
	return count / ROWS_OF_FILE_COUNT;
}

static void
dropping_an_edit_leaves_the_files_of_what_it_corrects(void **state)
{
	OWNED_DOOR struct door d;
	char name[SYNC_HOLD_NAME_LEN + 1];
	open_door(&d, *state);
	agree(&d, "N0001", PERMIT);
	assert_outcome(&d, (struct sent){.expected = "a.jpg", .file = "a.jpg", .bytes = "one"},
		SUBMIT_NEW);
	assert_int_equal(chunks(&d), 1);
	struct sent edit = {.instance = "uuid:2",
		.edits = "uuid:1",
		.age = "31",
		.expected = "a.jpg",
		.problem = SUBMIT_INVALID};
	assert_outcome(&d, edit, SUBMIT_HELD);
	/* An edit of the edit takes its place, and with it what it had by name. */
	edit.instance = "uuid:3";
	edit.edits = "uuid:2";
	edit.age = "32";
	assert_outcome(&d, edit, SUBMIT_HELD);
	assert_int_equal(held(&d), 1);
	(void)held_why(&d, name);
	assert_ok(decide(&d, name, 2));
	assert_int_equal(held(&d), 0);
	assert_int_equal(chunks(&d), 1);
}

static void
dropping_a_held_record_erases_its_own_files(void **state)
{
	OWNED_DOOR struct door d;
	char name[SYNC_HOLD_NAME_LEN + 1];
	open_door(&d, *state);
	agree(&d, "N0001", PERMIT);
	struct sent s = {.expected = "a.jpg",
		.file = "a.jpg",
		.bytes = "one",
		.problem = SUBMIT_INVALID};
	assert_outcome(&d, s, SUBMIT_HELD);
	s = (struct sent){.instance = "uuid:2",
		.edits = "uuid:1",
		.age = "31",
		.problem = SUBMIT_INVALID};
	assert_outcome(&d, s, SUBMIT_HELD);
	assert_int_equal(chunks(&d), 1);
	(void)held_why(&d, name);
	assert_ok(decide(&d, name, 2));
	assert_int_equal(chunks(&d), 0);
}

static void
an_edit_never_takes_the_place_of_another_persons_record(void **state)
{
	OWNED_DOOR struct door d;
	open_door(&d, *state);
	agree(&d, "N0001", PERMIT);
	agree(&d, "N0002", PERMIT);
	assert_outcome(&d, (struct sent){.problem = SUBMIT_INVALID}, SUBMIT_HELD);
	struct sent other = {
		.code = "N0002", .instance = "uuid:2", .edits = "uuid:1", .age = "31"};
	assert_outcome(&d, other, SUBMIT_HELD);
	assert_int_equal(held(&d), 2);
	other.instance = "uuid:3";
	other.age = "32";
	other.problem = SUBMIT_INVALID;
	assert_outcome(&d, other, SUBMIT_HELD);
	assert_int_equal(held(&d), 3);
	assert_int_equal(records(&d), 0);
}

static void
a_code_that_was_mistyped_is_corrected_by_an_edit(void **state)
{
	OWNED_DOOR struct door d;
	open_door(&d, *state);
	agree(&d, "N0001", PERMIT);
	assert_outcome(&d, (struct sent){.code = "N0007", .stranger = true}, SUBMIT_HELD);
	assert_outcome(&d, (struct sent){.instance = "uuid:2", .edits = "uuid:1", .age = "31"},
		SUBMIT_EDITED);
	assert_int_equal(held(&d), 0);
	assert_int_equal(records(&d), 1);
}

static void
invalid_answers_of_an_unknown_code_do_not_run_out(void **state)
{
	OWNED_DOOR struct door d;
	char name[SYNC_HOLD_NAME_LEN + 1];
	open_door(&d, *state);
	struct sent s = {.code = "N0001", .stranger = true, .problem = SUBMIT_INVALID};
	assert_outcome(&d, s, SUBMIT_HELD);
	assert_int_equal(held_why(&d, name), HOLD_INVALID);
	/* Accepted, its code has become a person, whom a later consent reaches. */
	assert_ok(decide(&d, name, 1));
	assert_int_equal(held_why(&d, name), HOLD_NO_CONSENT);
	OWNED_BUF struct buf asks, answer;
	buf_init(&asks, 64);
	buf_init(&answer, 64);
	buf_u32(&asks, 1);
	buf_blob_text(&asks, "N0001");
	struct cursor c = cursor_of(buf_view(&asks));
	assert_ok(sync_codes_look(d.place->vault, &c, &answer));
	assert_int_equal(answer.at[4], 1);
	agree(&d, "N0001", PERMIT);
	assert_int_equal(held(&d), 0);
	assert_int_equal(records(&d), 1);
}

/* bytes of any kind */

static void
a_request_that_is_cut_short_puts_nothing(void **state)
{
	OWNED_DOOR struct door d;
	OWNED_BUF struct buf request;
	struct sync_submitted done;
	open_door(&d, *state);
	agree(&d, "N0001", PERMIT);
	buf_init(&request, REQUEST_MAX);
	struct sent s = {.file = "a.jpg", .bytes = "x"};
	make_request(&d, &s, &request);
	assert_ok(vault_commit(d.place->vault));
	struct sync_judge j = judge_of(&d);
	for (size_t len = 0; len < request.len; len += 1 + len / 64) {
		assert_true(sync_submit(&j, view_of(request.at, len), &done) != OK);
		assert_false(done.put);
		assert_false(vault_is_changed(d.place->vault));
	}
	assert_ok(sync_submit(&j, buf_view(&request), &done));
}

static void
many_share_a_turn_and_none_takes_another_back(void **state)
{
	OWNED_DOOR struct door d;
	struct sync_submitted done;
	open_door(&d, *state);
	agree(&d, "N0001", PERMIT);
	agree(&d, "N0002", PERMIT);
	struct sync_judge j = judge_of(&d);
	const struct sent sent[] = {{.code = "N0001"}, {.code = "N0009", .instance = "uuid:2"},
		{.code = "N0002", .instance = "uuid:3", .edits = "uuid:9"},
		{.code = "N0002", .instance = "uuid:4"}};
	const enum submit_outcome outcomes[] = {
		SUBMIT_NEW, SUBMIT_HELD, SUBMIT_UNKNOWN_DEPRECATED, SUBMIT_NEW};
	for (size_t i = 0; i < ARRAY_LEN(sent); i++) {
		OWNED_BUF struct buf request;
		buf_init(&request, REQUEST_MAX);
		make_request(&d, &sent[i], &request);
		assert_ok(sync_submit(&j, buf_view(&request), &done));
		assert_int_equal(done.outcome, outcomes[i]);
	}
	assert_int_equal(records(&d), 0); /* nothing is durable yet */
	assert_ok(vault_commit(d.place->vault));
	assert_int_equal(records(&d), 2);
	assert_int_equal(held(&d), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		at_a_node(a_new_record_is_kept),
		at_a_node(the_same_again_is_no_second_record),
		at_a_node(other_answers_under_the_same_number_are_held),
		at_a_node(a_second_record_of_a_person_and_wave_is_held),
		at_a_node(an_edit_refers_to_what_it_corrects),
		at_a_node(an_edit_of_an_old_version_is_kept_beside),
		at_a_node(an_edit_of_something_unknown_is_not_kept),
		at_a_node(an_edit_takes_the_place_of_what_was_held),
		at_a_node(invalid_answers_are_held_until_somebody_accepts_them),
		at_a_node(an_unknown_form_version_is_kept_aside),
		at_a_node(a_form_that_is_not_here_takes_no_new_record),
		at_a_node(an_unknown_code_is_held_and_becomes_a_person_when_accepted),
		at_a_node(a_code_that_became_known_meanwhile_is_asked_for_again),
		at_a_node(without_a_consent_a_record_waits_for_one),
		at_a_node(without_a_consent_a_record_is_erased_after_thirty_days),
		at_a_node(of_a_person_who_ended_nothing_is_kept_but_an_act),
		at_a_node(outside_its_wave_a_record_is_held),
		at_a_node(a_revoked_collector_hands_in_nothing_from_then_on),
		at_a_node(a_record_waits_for_its_files),
		at_a_node(a_record_goes_on_without_files_after_a_day),
		at_a_node(files_come_with_the_record),
		at_a_node(dropping_an_edit_leaves_the_files_of_what_it_corrects),
		at_a_node(dropping_a_held_record_erases_its_own_files),
		at_a_node(an_edit_never_takes_the_place_of_another_persons_record),
		at_a_node(a_code_that_was_mistyped_is_corrected_by_an_edit),
		at_a_node(invalid_answers_of_an_unknown_code_do_not_run_out),
		at_a_node(a_request_that_is_cut_short_puts_nothing),
		at_a_node(many_share_a_turn_and_none_takes_another_back),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
