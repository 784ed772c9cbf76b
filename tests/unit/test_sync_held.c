#include "tests/unit/submit_bench.h"

#include "node/sync_hold_ids.h"

#define MANY_COUNT (2 * SYNC_HELD_PAGE_COUNT + 500)

/* Ids are spread over all first bytes, as random ones are. */
static void
number(uint8_t ret[static ID_BYTES], uint32_t n)
{
	uint32_t spread = n * 2654435761U;
	memset(ret, 0, ID_BYTES);
	memcpy(ret, &spread, sizeof(spread));
	memcpy(ret + 8, &n, sizeof(n));
}

static void
hold_many(struct door *d, const uint8_t person[static ID_BYTES])
{
	for (uint32_t i = 0; i < MANY_COUNT; i++) {
		uint8_t id[ID_BYTES];
		struct sync_hold h = {.why = HOLD_NO_CONSENT,
			.form = view_text("attitudes"),
			.version = view_text("1"),
			.received_s = NOW_S,
			.expires_s = NOW_S + DAY_S};
		number(id, i);
		memcpy(h.participant, person, ID_BYTES);
		assert_ok(sync_hold_put(d->place->vault, id, &h));
	}
}

static enum err
count_one(void *arg, struct view key, struct view content)
{
	(void)key;
	(void)content;
	++*(size_t *)arg;
	return OK;
}

static size_t
rows(struct door *d, enum vault_table t)
{
	size_t count = 0;
	assert_ok(vault_each(d->place->vault, t, view_of(NULL, 0), count_one, &count));
	return count;
}

/* One page; gives how many rows are in it and in next what the following page is asked with. */
static uint32_t
page(struct door *d, struct buf *next, struct buf *names)
{
	OWNED_BUF struct buf answer;
	struct cursor asks = cursor_of(buf_view(next));
	buf_init(&answer, REQUEST_MAX);
	assert_ok(sync_held_list(d->place->vault, &asks, &answer));
	struct cursor c = cursor_of(buf_view(&answer));
	uint32_t count = cursor_u32(&c);
	for (uint32_t i = 0; i < count; i++) {
		buf_add_view(names, cursor_blob(&c));
		(void)cursor_blob(&c);
		(void)cursor_blob(&c);
		(void)cursor_u8(&c);
		(void)cursor_blob(&c);
		(void)cursor_u64(&c);
		(void)cursor_blob(&c);
		(void)cursor_blob(&c);
		(void)cursor_u64(&c);
		(void)cursor_u32(&c);
	}
	struct view last = cursor_blob(&c);
	assert_ok(cursor_end(&c, "page"));
	buf_reset(next);
	buf_blob(next, last);
	return count;
}

static void
every_record_is_on_one_page_of_the_list(void **state)
{
	OWNED_DOOR struct door d;
	OWNED_BUF struct buf next, names;
	uint8_t person[ID_BYTES] = {1};
	uint32_t total = 0, count;
	open_door(&d, *state);
	hold_many(&d, person);
	buf_init(&next, 64);
	buf_init(&names, REQUEST_MAX);
	buf_blob_text(&next, "");
	do {
		count = page(&d, &next, &names);
		total += count;
		assert_true(count <= SYNC_HELD_PAGE_COUNT);
	} while (next.len > 4);
	assert_int_equal(total, MANY_COUNT);
	for (size_t i = SYNC_HOLD_NAME_LEN; i < names.len; i += SYNC_HOLD_NAME_LEN)
		assert_true(memcmp(names.at + i - SYNC_HOLD_NAME_LEN, names.at + i,
				    SYNC_HOLD_NAME_LEN) < 0);
}

static void
a_page_begins_behind_an_id_and_nothing_else(void **state)
{
	OWNED_DOOR struct door d;
	OWNED_BUF struct buf asks, answer;
	open_door(&d, *state);
	buf_init(&asks, 64);
	buf_init(&answer, REQUEST_MAX);
	buf_blob_text(&asks, "short");
	struct cursor c = cursor_of(buf_view(&asks));
	assert_err(sync_held_list(d.place->vault, &c, &answer), E_FORMAT);
	assert_int_equal(answer.len, 0);
}

static void
a_name_among_many_is_found_and_one_that_is_not_there_is_not(void **state)
{
	OWNED_DOOR struct door d;
	uint8_t person[ID_BYTES] = {1};
	open_door(&d, *state);
	hold_many(&d, person);
	assert_err(decide(&d, "ffffffffffff", 2), E_NOTFOUND);
	assert_err(decide(&d, "fffffffffff", 2), E_NOTFOUND);
	assert_err(decide(&d, "no name here", 2), E_NOTFOUND);
	assert_int_equal(rows(&d, VAULT_HOLDS), MANY_COUNT);
	assert_ok(decide(&d, "000000000000", 2));
	assert_int_equal(rows(&d, VAULT_HOLDS), MANY_COUNT - 1);
}

static void
what_has_waited_long_enough_goes_wherever_it_stands(void **state)
{
	OWNED_DOOR struct door d;
	struct sync_hold_walk walk = {0};
	uint8_t person[ID_BYTES] = {1};
	open_door(&d, *state);
	hold_many(&d, person);
	struct sync_judge early = judge_of(&d);
	for (size_t i = 0; i <= MANY_COUNT / SYNC_HOLD_PAGE_COUNT; i++)
		assert_ok(sync_hold_walk_tick(&early, &walk));
	assert_int_equal(rows(&d, VAULT_HOLDS), MANY_COUNT);
	d.now_s += 2 * DAY_S;
	struct sync_judge late = judge_of(&d);
	assert_ok(sync_hold_walk_tick(&late, &walk));
	assert_int_equal(rows(&d, VAULT_HOLDS), MANY_COUNT - SYNC_HOLD_PAGE_COUNT);
	for (size_t i = 0; i < MANY_COUNT / SYNC_HOLD_PAGE_COUNT; i++)
		assert_ok(sync_hold_walk_tick(&late, &walk));
	assert_int_equal(rows(&d, VAULT_HOLDS), 0);
	assert_int_equal(rows(&d, VAULT_HELD_OF), 0);
}

static void
of_a_person_who_ends_everything_held_is_dropped_and_nothing_of_others(void **state)
{
	OWNED_DOOR struct door d;
	uint8_t person[ID_BYTES] = {1}, other[ID_BYTES] = {1, 1}, id[ID_BYTES] = {7};
	struct sync_hold h = {.why = HOLD_INVALID};
	open_door(&d, *state);
	hold_many(&d, person);
	memcpy(h.participant, other, ID_BYTES);
	assert_ok(sync_hold_put(d.place->vault, id, &h));
	assert_ok(sync_hold_drop_of(d.place->vault, person));
	assert_int_equal(rows(&d, VAULT_HOLDS), 1);
	assert_int_equal(rows(&d, VAULT_HELD_OF), 1);
}

/* The coordinator says by name that the text goes on, and the log has it. */
static void
a_text_that_leads_to_a_person_goes_on_when_it_is_kept_by_name(void **state)
{
	OWNED_DOOR struct door d;
	char name[SYNC_HOLD_NAME_LEN + 1];
	open_door(&d, *state);
	agree(&d, "N0001", PERMIT);
	uint64_t acts = vault_head(d.place->vault, LANE_A).seq;
	assert_outcome(&d, (struct sent){.problem = SUBMIT_TEXT}, SUBMIT_HELD);
	assert_int_equal(held_why(&d, name), HOLD_TEXT);
	assert_err(decide(&d, name, 1), E_DENIED);
	assert_non_null(strstr(err_text(), "--text-kept"));
	assert_int_equal(records(&d), 0);
	assert_int_equal(vault_head(d.place->vault, LANE_A).seq, acts);
	assert_ok(decide(&d, name, 3));
	assert_int_equal(records(&d), 1);
	assert_int_equal(held(&d), 0);
	assert_int_equal(vault_head(d.place->vault, LANE_A).seq, acts + 1);
}

static enum err
copy_one(void *arg, struct view key, struct view content)
{
	(void)key;
	return sync_hold_parse(arg, content);
}

/* What is in the chains is what was sealed without the text; the file of the record stays its
 * file, under its key. */
static void
a_text_that_leads_to_a_person_can_be_taken_out(void **state)
{
	OWNED_DOOR struct door d;
	OWNED_HOLD struct sync_hold h = {.why = 0};
	OWNED_BUF struct buf part;
	struct sync_item_entry without = {.part_count = 0};
	char name[SYNC_HOLD_NAME_LEN + 1];
	open_door(&d, *state);
	buf_init(&part, REQUEST_MAX);
	agree(&d, "N0001", PERMIT);
	uint64_t acts = vault_head(d.place->vault, LANE_A).seq;
	assert_outcome(&d,
		(struct sent){.problem = SUBMIT_TEXT,
			.expected = "photo.jpg",
			.file = "photo.jpg",
			.bytes = "example bytes"},
		SUBMIT_HELD);
	assert_int_equal(held_why(&d, name), HOLD_TEXT);
	assert_ok(vault_each(d.place->vault, VAULT_HOLDS, view_of(NULL, 0), copy_one, &h));
	struct cursor c = cursor_of(h.spare);
	assert_ok(sync_item_read_entry(&c, &without));
	assert_ok(decide(&d, name, 4));
	assert_int_equal(records(&d), 1);
	assert_int_equal(held(&d), 0);
	assert_int_equal(vault_head(d.place->vault, LANE_A).seq, acts + 1);
	assert_ok(vault_part(
		d.place->vault, &AT(d.place->vault, LANE_R, 1), PART_ANSWERS, &part));
	assert_true(view_same(buf_view(&part), without.parts[1].bytes));
	OWNED(wire_rules) struct wire_rules *r = record(&d, 1);
	assert_memory_equal(r->key_ref, without.rules->key_ref, ID_BYTES);
	buf_reset(&part);
	assert_ok(
		vault_part(d.place->vault, &AT(d.place->vault, LANE_R, 1), PART_ROOTS, &part));
	wire_rules_free(without.rules);
}

static void
nothing_is_taken_out_of_what_is_held_for_something_else(void **state)
{
	OWNED_DOOR struct door d;
	char name[SYNC_HOLD_NAME_LEN + 1];
	open_door(&d, *state);
	agree(&d, "N0001", PERMIT);
	uint64_t acts = vault_head(d.place->vault, LANE_A).seq;
	assert_outcome(&d, (struct sent){.problem = SUBMIT_INVALID}, SUBMIT_HELD);
	assert_int_equal(held_why(&d, name), HOLD_INVALID);
	assert_err(decide(&d, name, 4), E_DENIED);
	assert_int_equal(held(&d), 1);
	assert_int_equal(vault_head(d.place->vault, LANE_A).seq, acts);
}

/* A consent that comes later is no word about the text. */
static void
a_text_that_leads_to_a_person_does_not_go_on_by_itself(void **state)
{
	OWNED_DOOR struct door d;
	char name[SYNC_HOLD_NAME_LEN + 1];
	open_door(&d, *state);
	agree(&d, "N0001", PERMIT);
	assert_outcome(&d, (struct sent){.problem = SUBMIT_TEXT}, SUBMIT_HELD);
	agree(&d, "N0001", PERMIT);
	assert_int_equal(held_why(&d, name), HOLD_TEXT);
	assert_int_equal(records(&d), 0);
	assert_ok(decide(&d, name, 2));
	assert_int_equal(held(&d), 0);
	assert_int_equal(records(&d), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		at_a_node(every_record_is_on_one_page_of_the_list),
		at_a_node(a_page_begins_behind_an_id_and_nothing_else),
		at_a_node(a_name_among_many_is_found_and_one_that_is_not_there_is_not),
		at_a_node(what_has_waited_long_enough_goes_wherever_it_stands),
		at_a_node(
			of_a_person_who_ends_everything_held_is_dropped_and_nothing_of_others),
		at_a_node(a_text_that_leads_to_a_person_goes_on_when_it_is_kept_by_name),
		at_a_node(a_text_that_leads_to_a_person_does_not_go_on_by_itself),
		at_a_node(a_text_that_leads_to_a_person_can_be_taken_out),
		at_a_node(nothing_is_taken_out_of_what_is_held_for_something_else),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
