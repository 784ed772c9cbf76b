#include "tests/unit/submit_bench.h"

#include "common/codec/wire_entry.h"
#include "node/sync_kept.h"

#define SINCE_S (NOW_S - 10 * DAY_S)

/* A door whose study seals for this number, and where the oldest was found last. */
struct site {
	struct door door;
	uint32_t intake, first;
	struct sync_kept_place found;
};

static void
site_done(struct site *s)
{
	door_done(&s->door);
}
#define OWNED_SITE __attribute__((cleanup(site_done)))

static void
open_site(struct site *s, struct place *p)
{
	*s = (struct site){.intake = 1, .first = 1};
	open_door(&s->door, p);
}

static struct sync_judge
judge_at(const struct site *s)
{
	struct sync_judge j = judge_of(&s->door);
	j.intake = s->intake;
	j.intake_first = s->first;
	return j;
}

static uint64_t
acts(const struct site *s)
{
	return vault_committed(s->door.place->vault, LANE_A).seq;
}

/* A tick; gives how many acts it wrote. */
static uint64_t
tick(struct site *s)
{
	const struct sync_judge j = judge_at(s);
	const uint64_t before = acts(s);
	assert_ok(sync_kept_tick(&j, SINCE_S, &s->found));
	assert_ok(vault_commit(s->door.place->vault));
	return acts(s) - before;
}

struct word {
	uint32_t newest, oldest, count, incarnation;
	uint64_t control, records;
};

static struct word
last_word(struct site *s)
{
	OWNED_BUF struct buf part;
	struct view json, report;
	struct word w;
	struct vault *v = s->door.place->vault;
	buf_init(&part, WIRE_ACT_MAX_BYTES);
	assert_ok(vault_part(v, &AT(v, LANE_A, acts(s)), PART_ACT, &part));
	assert_ok(wire_act_unpack_report(&json, &report, buf_view(&part)));
	struct cursor c = cursor_of(report);
	assert_int_equal(cursor_u8(&c), 1);
	w.newest = cursor_u32(&c);
	w.oldest = cursor_u32(&c);
	w.count = cursor_u32(&c);
	w.incarnation = cursor_u32(&c);
	w.control = cursor_u64(&c);
	w.records = cursor_u64(&c);
	assert_ok(cursor_end(&c, "report"));
	return w;
}

static void
assert_word(struct site *s, uint32_t newest, uint32_t oldest, uint32_t count)
{
	struct vault *v = s->door.place->vault;
	assert_int_equal(tick(s), 1);
	const struct word w = last_word(s);
	assert_int_equal(w.newest, newest);
	assert_int_equal(w.oldest, oldest);
	assert_int_equal(w.count, count);
	assert_int_equal(w.incarnation, vault_incarnation(v));
	assert_int_equal(w.control, vault_committed(v, LANE_C).seq);
	assert_int_equal(w.records, vault_committed(v, LANE_R).seq);
	assert_int_equal(tick(s), 0);
}

/* One more record that is held, sealed for a number, by no consent. */
static void
hold_one(struct site *s, const char *code, const char *instance, uint32_t number)
{
	s->door.site.intake_number = number;
	assert_outcome(
		&s->door, (struct sent){.code = code, .instance = instance}, SUBMIT_HELD);
}

static void
drop_first(struct site *s)
{
	char name[SYNC_HOLD_NAME_LEN + 1];
	(void)held_why(&s->door, name);
	assert_ok(decide(&s->door, name, 2));
}

static void
with_the_first_number_there_is_nothing_to_say(void **state)
{
	OWNED_SITE struct site s;
	open_site(&s, *state);
	assert_int_equal(tick(&s), 0);
	s.intake = 0; /* no study has come */
	assert_int_equal(tick(&s), 0);
	s.intake = 1;
	hold_one(&s, "N0001", "uuid:1", 1);
	assert_int_equal(tick(&s), 0);
}

static void
each_newer_number_is_answered_once_with_what_is_kept(void **state)
{
	OWNED_SITE struct site s;
	open_site(&s, *state);
	s.intake = 2;
	assert_word(&s, 2, 0, 0);
	hold_one(&s, "N0001", "uuid:1", 2);
	assert_int_equal(tick(&s), 0); /* it is for the one in force */
	s.intake = 3;
	assert_word(&s, 3, 2, 1);
	hold_one(&s, "N0002", "uuid:2", 3);
	assert_int_equal(tick(&s), 0);
	s.intake = 4;
	assert_word(&s, 4, 2, 2);
}

/* What went on is in front of the word, so that the hub waits for it. */
static void
the_word_that_it_is_free_comes_behind_what_was_released(void **state)
{
	OWNED_SITE struct site s;
	open_site(&s, *state);
	hold_one(&s, "N0001", "uuid:1", 1);
	hold_one(&s, "N0002", "uuid:2", 1);
	s.intake = 2;
	assert_word(&s, 2, 1, 2);
	agree(&s.door, "N0001", PERMIT);
	assert_int_equal(held(&s.door), 1);
	assert_int_equal(records(&s.door), 1);
	assert_int_equal(tick(&s), 0); /* one is left */
	agree(&s.door, "N0002", PERMIT);
	assert_word(&s, 2, 0, 0);
	assert_int_equal(last_word(&s).records, 2);
}

static void
what_is_dropped_is_not_kept_and_the_next_oldest_is_named(void **state)
{
	OWNED_SITE struct site s;
	open_site(&s, *state);
	hold_one(&s, "N0001", "uuid:1", 1);
	s.intake = 2;
	assert_word(&s, 2, 1, 1);
	hold_one(&s, "N0002", "uuid:2", 2);
	s.intake = 3;
	assert_word(&s, 3, 1, 2);
	agree(&s.door, "N0001", PERMIT);
	assert_word(&s, 3, 2, 1);
	drop_first(&s);
	assert_word(&s, 3, 0, 0);
}

/* The vault knows what was said: nothing of a process is needed. */
static void
a_start_says_nothing_again_and_what_was_cut_off(void **state)
{
	OWNED_SITE struct site s;
	open_site(&s, *state);
	hold_one(&s, "N0001", "uuid:1", 1);
	s.intake = 2;
	assert_word(&s, 2, 1, 1);
	s.found = (struct sync_kept_place){.is_known = false};
	assert_int_equal(tick(&s), 0);
	drop_first(&s); /* and the process ends before the next second */
	s.found = (struct sync_kept_place){.is_known = false};
	assert_word(&s, 2, 0, 0);
}

/* The hub believes nothing that was said before a copy was put back and went on. */
static void
each_incarnation_says_it_anew(void **state)
{
	OWNED_SITE struct site s;
	OWNED_BUF struct buf row;
	open_site(&s, *state);
	hold_one(&s, "N0001", "uuid:1", 1);
	s.intake = 2;
	assert_word(&s, 2, 1, 1);
	buf_init(&row, 64);
	buf_u32(&row, 2);
	buf_u32(&row, 0);
	buf_u32(&row, vault_incarnation(s.door.place->vault) + 1);
	buf_u32(&row, 0);
	assert_ok(
		vault_put(s.door.place->vault, VAULT_META, view_text("kept"), buf_view(&row)));
	assert_word(&s, 2, 1, 1);
}

/* Keys of files that came later stand beside the record. */
static void
a_key_that_came_later_is_kept_as_well(void **state)
{
	OWNED_SITE struct site s;
	struct sync_kept_aside aside;
	open_site(&s, *state);
	hold_one(&s, "N0001", "uuid:1", 2);
	s.door.site.intake_number = 1;
	assert_outcome(&s.door,
		(struct sent){.instance = "uuid:1", .file = "photo.jpg", .bytes = "example"},
		SUBMIT_FILES_ADDED);
	s.intake = 2;
	assert_word(&s, 2, 1, 1);
	const struct sync_judge j = judge_at(&s);
	assert_ok(sync_kept_find(&j, &aside));
	assert_int_equal(aside.count, 1);
}

static void
status_knows_until_when_the_oldest_stays(void **state)
{
	OWNED_SITE struct site s;
	struct sync_kept_aside aside;
	open_site(&s, *state);
	hold_one(&s, "N0001", "uuid:1", 1);
	s.intake = 2;
	struct sync_judge j = judge_at(&s);
	assert_ok(sync_kept_tick(&j, SINCE_S, &s.found));
	s.intake = 3;
	j = judge_at(&s);
	assert_ok(sync_kept_tick(&j, SINCE_S + 30 * DAY_S, &s.found));
	assert_ok(sync_kept_find(&j, &aside));
	assert_int_equal(aside.count, 1);
	assert_int_equal(aside.oldest, 1);
	assert_int_equal(aside.until_s, SINCE_S + SYNC_KEPT_DAYS * DAY_S);
	assert_ok(sync_kept_until(s.door.place->vault, 2, &aside.until_s));
	assert_int_equal(aside.until_s, SINCE_S + (30 + SYNC_KEPT_DAYS) * DAY_S);
	assert_ok(sync_kept_until(s.door.place->vault, 3, &aside.until_s));
	assert_int_equal(aside.until_s, 0);
}

/* Facts from before a manifest: intake asks for newer ones and seals anew. */
static void
a_tablet_is_asked_again_for_what_is_sealed_for_an_older_number(void **state)
{
	OWNED_SITE struct site s;
	OWNED_BUF struct buf request;
	struct sync_submitted done;
	const struct sent sent = {.instance = "uuid:1"};
	open_site(&s, *state);
	buf_init(&request, REQUEST_MAX);
	s.intake = 2;
	const struct sync_judge j = judge_at(&s);
	make_request(&s.door, &sent, &request);
	assert_err(sync_submit(&j, buf_view(&request), &done), E_BUSY);
	assert_false(done.put);
	assert_int_equal(held(&s.door), 0);
	s.door.site.intake_number = 2;
	buf_reset(&request);
	make_request(&s.door, &sent, &request);
	assert_ok(sync_submit(&j, buf_view(&request), &done));
	assert_int_equal(done.outcome, SUBMIT_HELD);
	assert_ok(vault_commit(s.door.place->vault));
	assert_int_equal(held(&s.door), 1);
}

/* The manifest names the numbers that are not destroyed. */
static void
what_the_study_cannot_open_any_more_is_not_accepted(void **state)
{
	OWNED_SITE struct site s;
	OWNED_BUF struct buf asks, answer;
	char name[SYNC_HOLD_NAME_LEN + 1];
	open_site(&s, *state);
	buf_init(&asks, 64);
	buf_init(&answer, 256);
	agree(&s.door, "N0001", PERMIT);
	assert_outcome(&s.door, (struct sent){.problem = SUBMIT_INVALID}, SUBMIT_HELD);
	(void)held_why(&s.door, name);
	buf_blob_text(&asks, name);
	buf_u8(&asks, 1);
	buf_blob_text(&asks, "t7");
	buf_blob_text(&asks, "staff");
	s.intake = s.first = 2;
	struct sync_judge j = judge_at(&s);
	struct cursor c = cursor_of(buf_view(&asks));
	assert_err(sync_held_decide(&j, &c, &answer), E_DENIED);
	assert_non_null(strstr(err_text(), "weir-node desk unlock"));
	assert_ok(vault_commit(s.door.place->vault));
	assert_int_equal(held(&s.door), 1);
	assert_int_equal(records(&s.door), 0);
	j.intake_first = 1;
	c = cursor_of(buf_view(&asks));
	assert_ok(sync_held_decide(&j, &c, &answer));
	assert_ok(vault_commit(s.door.place->vault));
	assert_int_equal(records(&s.door), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		at_a_node(with_the_first_number_there_is_nothing_to_say),
		at_a_node(each_newer_number_is_answered_once_with_what_is_kept),
		at_a_node(the_word_that_it_is_free_comes_behind_what_was_released),
		at_a_node(what_is_dropped_is_not_kept_and_the_next_oldest_is_named),
		at_a_node(a_start_says_nothing_again_and_what_was_cut_off),
		at_a_node(each_incarnation_says_it_anew),
		at_a_node(a_key_that_came_later_is_kept_as_well),
		at_a_node(status_knows_until_when_the_oldest_stays),
		at_a_node(a_tablet_is_asked_again_for_what_is_sealed_for_an_older_number),
		at_a_node(what_the_study_cannot_open_any_more_is_not_accepted),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
