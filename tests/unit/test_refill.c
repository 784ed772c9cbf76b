#include "tests/unit/suite.h"

#include "hub/ingest_inside.h"
#include "hub/tally.h"
#include "tests/unit/ingest_line.h"

static void
say_appended(struct line *l)
{
	for (uint8_t lane = LANE_C; lane <= LANE_A; lane++) {
		struct lane_event more = {
			.kind = LANE_APPENDED, .lane = lane, .mark = node_mark(l->node, lane)};
		line_step(l, &more);
	}
	line_pump(l);
}

static void
add_more(struct line *l, uint8_t person)
{
	line_add_one_person(l, person);
	say_appended(l);
}

static void
add_act(struct line *l)
{
	OWNED_BUF struct buf json, part;
	const struct leaf said = {.id = "x", .actor = "coordinator-1", .action = "read"};
	buf_init(&json, LEAF_MOST_BYTES);
	buf_init(&part, LEAF_MOST_BYTES + 64);
	assert_ok(leaf_write(&json, &said));
	assert_ok(wire_act_pack(&part, buf_view(&json)));
	(void)node_add(l->node, LANE_A, PART_ACT, buf_view(&part));
}

static struct tally
tally_of(struct line *l)
{
	struct vault_txn *t = NULL;
	struct tally tally;
	assert_ok(hub_txn(&l->place->hub, &t));
	assert_ok(tally_get(t, l->node->writer.public, &tally));
	assert_ok(hub_commit(&l->place->hub));
	return tally;
}

struct counting {
	const char *action;
	size_t count;
};

static enum err
count_leaf(void *arg, struct view key, struct view value, bool *ret_stop)
{
	struct counting *c = arg;
	OWNED(json) struct json *tree = NULL;
	struct leaf leaf;
	(void)key;
	(void)ret_stop;
	assert_ok(leaf_parse(&leaf, &tree, value));
	c->count += strcmp(leaf.action, c->action) == 0;
	return OK;
}

static size_t
count_leaves(struct line *l, const char *action)
{
	struct counting c = {action, 0};
	const struct vault_range all = {.table = VAULT_LEAVES};
	struct vault_txn *t = NULL;
	assert_ok(hub_txn(&l->place->hub, &t));
	assert_ok(vault_each(t, &all, count_leaf, &c));
	assert_ok(hub_commit(&l->place->hub));
	return c.count;
}

static void
begin(struct line *l)
{
	line_start_node(l);
	line_connect(l);
	line_pump(l);
	assert_int_equal(l->lane.state, LANE_UP);
}

/* The node has lost all it had; a person says that this copy survives. */
static void
lose_all_and_survive(struct line *l)
{
	const struct lane_event survive = {.kind = LANE_SURVIVE};
	line_lose(l);
	node_wipe(l->node);
	memset(l->token, 0, sizeof(l->token));
	line_start_node(l);
	line_connect(l);
	line_pump(l);
	assert_int_equal(l->lane.state, LANE_STOPPED);
	assert_int_equal(line_standing_of(l).standing, SYNC_CLONE);
	line_step(l, &survive);
	line_connect(l);
	line_pump(l);
	/* It greets again in the incarnation that it opened. */
	line_connect(l);
	line_pump(l);
}

/* Row 44, and row 48 for the hub. */
static void
a_node_that_lost_all_pulls_it_back_and_goes_on_in_a_new_incarnation(void **state)
{
	struct line *l = *state;
	line_add_one_person(l, 1);
	line_add_one_person(l, 2);
	begin(l);
	lose_all_and_survive(l);
	assert_int_equal(l->taken_count, 4);
	assert_int_equal(l->node->incarnation, 2);
	assert_int_equal(l->lane.state, LANE_UP);
	struct standing s = line_standing_of(l);
	assert_int_equal(s.incarnation, 2);
	assert_int_equal(s.standing, SYNC_OK);
	assert_true(s.granted >= 2);
	add_more(l, 3);
	assert_int_equal(line_rows(l, VAULT_ENTRIES), 6);
	assert_int_equal(line_rows(l, VAULT_CONSENTS), 3);
}

static void
a_hub_that_is_started_anew_knows_what_an_incarnation_stands_on(void **state)
{
	struct line *l = *state;
	line_add_one_person(l, 1);
	begin(l);
	lose_all_and_survive(l);
	/* Nothing came in it yet: the first entry has to fit what was kept. */
	line_lose(l);
	line_restart_ingest(l);
	begin(l);
	add_more(l, 2);
	assert_int_equal(line_rows(l, VAULT_ENTRIES), 4);
	assert_int_equal(line_standing_of(l).standing, SYNC_OK);
}

static void
a_turn_that_fails_opens_no_incarnation(void **state)
{
	struct line *l = *state;
	line_add_one_person(l, 1);
	begin(l);
	const struct sync_mark base[LANE_COUNT] = {
		node_mark(l->node, LANE_C), node_mark(l->node, LANE_R)};
	struct lane_action rise = {.kind = LANE_RISE, .incarnation = 2, .base_incarnation = 1};
	struct vault_txn *t = NULL;
	struct node *n = NULL;
	memcpy(rise.base, base, sizeof(rise.base));
	assert_ok(hub_txn(&l->place->hub, &t));
	assert_ok(ingest_node_of_key(l->ingest, l->node->writer.transport, l->mono_ms, &n));
	assert_ok(ingest_rise(l->ingest, n, &rise));
	line_fail_turn(l);
	assert_int_equal(n->standing.incarnation, 1);
	assert_int_equal(n->lane.incarnation, 1);
	assert_int_equal(line_standing_of(l).incarnation, 1);
}

static void
ask(struct line *l, const struct lane_action *a, struct lane_event *ret)
{
	struct steps steps = {.count = 0};
	struct vault_txn *t = NULL;
	struct node *n = NULL;
	assert_ok(hub_txn(&l->place->hub, &t));
	assert_ok(ingest_node_of_key(l->ingest, l->node->writer.transport, l->mono_ms, &n));
	if (a->kind == LANE_LOOK)
		assert_ok(ingest_look(l->ingest, n, a, &steps));
	else
		assert_ok(ingest_fetch(l->ingest, n, a, &steps));
	assert_int_equal(steps.count, 1);
	*ret = steps.at[0];
	assert_ok(hub_commit(&l->place->hub));
}

static void
a_place_is_looked_at_by_incarnation(void **state)
{
	static const struct {
		uint32_t incarnation;
		uint64_t seq;
		bool found;
		uint64_t end;
		uint32_t base;
	} cases[] = {
		{1, 1, true, 2, 0},
		{1, 2, true, 2, 0},
		{1, 3, false, 2, 0},
		{2, 1, true, 1, 1},
		{2, 2, false, 1, 1},
		{3, 1, false, 0, 0},
	};
	struct line *l = *state;
	line_add_one_person(l, 1);
	line_add_one_person(l, 2);
	begin(l);
	lose_all_and_survive(l);
	add_more(l, 3);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct lane_event ev;
		const struct lane_action a = {.kind = LANE_LOOK,
			.incarnation = cases[i].incarnation,
			.lane = LANE_R,
			.mark = {.seq = cases[i].seq}};
		ask(l, &a, &ev);
		assert_int_equal(ev.found, cases[i].found);
		assert_int_equal(ev.end.seq, cases[i].end);
		assert_int_equal(ev.chain.base_incarnation, cases[i].base);
	}
}

static void
a_run_of_entries_is_signed_only_where_it_ends_with_the_lane(void **state)
{
	static const struct {
		uint64_t first;
		size_t most, limit, count;
		bool is_signed;
	} cases[] = {
		{1, 2, SYNC_FRAME_MAX_BYTES, 2, true},
		{1, 1, SYNC_FRAME_MAX_BYTES, 1, false},
		{2, 9, SYNC_FRAME_MAX_BYTES, 1, true},
		{3, 9, SYNC_FRAME_MAX_BYTES, 0, false},
		{1, 9, 10, 0, false},
	};
	const uint8_t zeros[SIGNATURE_BYTES] = {0};
	struct line *l = *state;
	line_add_one_person(l, 1);
	line_add_one_person(l, 2);
	begin(l);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct lane_event ev;
		const struct lane_action a = {.kind = LANE_FETCH,
			.incarnation = 1,
			.lane = LANE_C,
			.mark = {.seq = cases[i].first},
			.max_count = cases[i].most,
			.max_bytes = cases[i].limit,
			.limit_bytes = cases[i].limit};
		ask(l, &a, &ev);
		assert_int_equal(ev.batch->count, cases[i].count);
		assert_int_equal(memcmp(ev.batch->signature, zeros, sizeof(zeros)) != 0,
			cases[i].is_signed);
	}
}

/* Row 16 for the hub: the row is gone, which to the one who reads is as good as damaged. */
static void
a_damaged_entry_is_got_back_from_its_node(void **state)
{
	struct line *l = *state;
	OWNED(json) struct json *tree = NULL;
	struct leaf leaf;
	struct vault_txn *t = NULL;
	struct node *n = NULL;
	uint8_t key[PLACE_PART_KEY_BYTES];
	struct place p = {.incarnation = 1, .lane = LANE_R, .seq = 1};
	line_add_one_person(l, 1);
	begin(l);
	memcpy(p.writer, l->node->writer.public, sizeof(p.writer));
	place_part_key(key, &p, PART_RULES);
	assert_ok(hub_txn(&l->place->hub, &t));
	assert_ok(vault_put(t, VAULT_PARTS, view_of(key, sizeof(key)), view_text("damaged")));
	assert_ok(ingest_node_of_key(l->ingest, l->node->writer.transport, l->mono_ms, &n));
	const struct lane_event repair = {
		.kind = LANE_REPAIR, .lane = LANE_R, .first = 1, .last = 1};
	assert_ok(ingest_drive(l->ingest, n, &repair));
	line_end_turn(l);
	line_pump(l);
	OWNED_BUF struct buf part;
	buf_init(&part, WIRE_RULES_MAX_BYTES);
	assert_ok(hub_txn(&l->place->hub, &t));
	assert_ok(vault_get(t, VAULT_PARTS, view_of(key, sizeof(key)), &part));
	assert_ok(hub_commit(&l->place->hub));
	assert_true(view_same(buf_view(&part), buf_view(&l->node->lanes[LANE_R - 1][0].part)));
	line_last_leaf(l, &leaf, &tree);
	assert_string_equal(leaf.action, "entries-repaired");
}

/* I5: what is said again with the root of what the hub has counts once. */
static void
what_the_hub_has_already_has_no_second_effect_when_it_is_said_again(void **state)
{
	struct line *l = *state;
	struct wire_rules consent = node_consent(1, 101), record = node_record(1, 201);
	uint8_t roots[LANE_COUNT][HASH_BYTES];
	add_act(l);
	line_add_one_person(l, 1);
	begin(l);
	for (uint8_t i = 0; i < LANE_COUNT; i++)
		memcpy(roots[i], l->node->lanes[i][0].hash, HASH_BYTES);
	lose_all_and_survive(l);
	struct tally before = tally_of(l);
	memcpy(l->node->repeats, roots[LANE_C - 1], HASH_BYTES);
	node_add_rules(l->node, LANE_C, &consent);
	memcpy(l->node->repeats, roots[LANE_R - 1], HASH_BYTES);
	node_add_rules(l->node, LANE_R, &record);
	memcpy(l->node->repeats, roots[LANE_A - 1], HASH_BYTES);
	add_act(l);
	say_appended(l);
	assert_int_equal(line_rows(l, VAULT_ENTRIES), 6);
	assert_int_equal(line_rows(l, VAULT_CONSENTS), 1);
	assert_int_equal(line_rows(l, VAULT_RECORDS), 1);
	struct tally after = tally_of(l);
	assert_int_equal(before.count, after.count);
	assert_int_equal(before.at[0].records, after.at[0].records);
	assert_int_equal(count_leaves(l, "act-received"), 1);
	assert_int_equal(count_leaves(l, "act-repeated"), 1);
}

static void
what_is_said_again_and_the_hub_lacks_has_its_effect(void **state)
{
	struct line *l = *state;
	begin(l);
	lose_all_and_survive(l);
	memset(l->node->repeats, 7, HASH_BYTES);
	struct wire_rules consent = node_consent(1, 101), record = node_record(1, 201);
	node_add_rules(l->node, LANE_C, &consent);
	memset(l->node->repeats, 8, HASH_BYTES);
	node_add_rules(l->node, LANE_R, &record);
	memset(l->node->repeats, 9, HASH_BYTES);
	add_act(l);
	say_appended(l);
	assert_int_equal(line_rows(l, VAULT_CONSENTS), 1);
	assert_int_equal(line_rows(l, VAULT_RECORDS), 1);
	assert_int_equal(count_leaves(l, "act-received"), 1);
}

#define at_a_line(test) cmocka_unit_test_setup_teardown(test, line_make, line_drop)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		at_a_line(a_node_that_lost_all_pulls_it_back_and_goes_on_in_a_new_incarnation),
		at_a_line(a_hub_that_is_started_anew_knows_what_an_incarnation_stands_on),
		at_a_line(a_turn_that_fails_opens_no_incarnation),
		at_a_line(a_place_is_looked_at_by_incarnation),
		at_a_line(a_run_of_entries_is_signed_only_where_it_ends_with_the_lane),
		at_a_line(a_damaged_entry_is_got_back_from_its_node),
		at_a_line(what_the_hub_has_already_has_no_second_effect_when_it_is_said_again),
		at_a_line(what_is_said_again_and_the_hub_lacks_has_its_effect),
	};
	if (crypto_init())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
