/* What the hub reads once more, and gets back from its nodes (rows 16 and 17 for the hub). */
#include "tests/unit/suite.h"

#include "hub/decisions.h"
#include "hub/ingest_inside.h"
#include "hub/scrub.h"
#include "tests/unit/ingest_line.h"

#define PEOPLE       4
#define TICK_MS      1000
#define TICKS        200
#define STATUS_BYTES 65536

static struct scrub_facts
facts(struct line *l)
{
	struct scrub_facts f;
	scrub_facts(l->place->hub.scrub, &f);
	return f;
}

static void
tick(struct line *l)
{
	l->mono_ms += TICK_MS;
	assert_ok(scrub_tick(l->place->hub.scrub, l->mono_ms));
	line_end_turn(l);
	line_pump(l);
}

static void
pass(struct line *l)
{
	scrub_begin(l->place->hub.scrub);
	for (size_t i = 0; i < TICKS && facts(l).running; i++)
		tick(l);
}

static void
begin(struct line *l)
{
	for (uint8_t i = 1; i <= PEOPLE; i++)
		line_add_one_person(l, i);
	line_start_node(l);
	line_connect(l);
	line_pump(l);
	assert_int_equal(l->lane.state, LANE_UP);
	l->place->hub.scrub = scrub_new(&l->place->hub, l->ingest, 0);
}

static void
end(struct line *l)
{
	scrub_free(l->place->hub.scrub);
	l->place->hub.scrub = NULL;
}

enum what { HEADER, PART, HEAD };

struct harm {
	enum what what;
	enum lane lane;
	uint64_t seq;
	bool is_gone; /* else it is not of its form */
};

static void
hurt(struct line *l, const struct harm *h)
{
	static const enum vault_table tables[] = {VAULT_ENTRIES, VAULT_PARTS, VAULT_HEADS};
	static const size_t lengths[] = {
		PLACE_KEY_BYTES, PLACE_PART_KEY_BYTES, PLACE_LANE_BYTES};
	struct place p = {.incarnation = 1, .lane = (uint8_t)h->lane, .seq = h->seq};
	struct vault_txn *t = NULL;
	uint8_t key[PLACE_PART_KEY_BYTES];
	memcpy(p.writer, l->node->writer.public, sizeof(p.writer));
	place_part_key(key, &p, PART_RULES);
	const struct view at = view_of(key, lengths[h->what]);
	assert_ok(hub_txn(&l->place->hub, &t));
	if (h->is_gone)
		assert_ok(vault_delete(t, tables[h->what], at));
	else
		assert_ok(vault_put(t, tables[h->what], at, view_text("damaged")));
	line_end_turn(l);
}

static size_t
count_leaves(struct line *l, const char *action)
{
	size_t count = 0;
	struct vault_txn *t = NULL;
	assert_ok(hub_txn(&l->place->hub, &t));
	for (uint64_t i = 0; i < audit_size(l->place->hub.audit); i++) {
		OWNED(json) struct json *tree = NULL;
		OWNED_BUF struct buf row, key;
		struct leaf leaf;
		buf_init(&row, LEAF_MOST_BYTES);
		buf_init(&key, sizeof(uint64_t));
		buf_u64(&key, i);
		assert_ok(vault_get(t, VAULT_LEAVES, buf_view(&key), &row));
		assert_ok(leaf_parse(&leaf, &tree, buf_view(&row)));
		count += strcmp(leaf.action, action) == 0;
	}
	hub_abort(&l->place->hub);
	return count;
}

static struct scrub_node
damage_of(struct line *l)
{
	struct scrub_node n;
	scrub_of(l->place->hub.scrub, l->node->writer.public, &n);
	return n;
}

/* What status says a person has to decide, and what only takes its time. */
static void
status(struct line *l, char ret[static STATUS_BYTES])
{
	OWNED_BUF struct buf out;
	struct json_out w;
	struct vault_txn *t = NULL;
	buf_init(&out, STATUS_BYTES - 1);
	json_begin(&w, &out);
	json_put_object(&w, NULL);
	assert_ok(hub_txn(&l->place->hub, &t));
	assert_ok(decisions_put(&w, &l->place->hub, l->ingest, t));
	hub_abort(&l->place->hub);
	json_put_close(&w);
	assert_ok(json_end(&w, "decisions"));
	memcpy(ret, out.at, out.len);
	ret[out.len] = '\0';
}

static void
a_sound_hub_has_nothing_to_mend(void **state)
{
	struct line *l = *state;
	begin(l);
	pass(l);
	assert_false(facts(l).running);
	assert_int_equal(facts(l).entries, 2 * PEOPLE);
	assert_int_equal(facts(l).all, 2 * PEOPLE);
	assert_int_equal(facts(l).damaged, 0);
	assert_false(facts(l).is_count_wrong);
	assert_int_equal(count_leaves(l, "damage-found"), 0);
	end(l);
}

static void
what_is_damaged_is_got_back_from_its_node(void **state)
{
	static const struct {
		const char *name;
		struct harm harm[3];
		uint64_t damaged;
	} cases[] = {
		{"a part", {{PART, LANE_R, 2, false}}, 1},
		{"a part that is gone", {{PART, LANE_C, 1, true}}, 1},
		{"a header", {{HEADER, LANE_R, 2, false}}, 1},
		{"a header that is gone", {{HEADER, LANE_R, 3, true}}, 1},
		{"the first one", {{HEADER, LANE_C, 1, true}}, 1},
		{"the last one", {{HEADER, LANE_R, PEOPLE, false}}, 1},
		{"one behind the other",
			{{HEADER, LANE_R, PEOPLE - 1, true}, {HEADER, LANE_R, PEOPLE, true}},
			2},
		{"an entry and its part", {{HEADER, LANE_R, 1, true}, {PART, LANE_R, 1, true}},
			1},
		{"in two lanes", {{HEADER, LANE_C, 2, false}, {PART, LANE_R, 4, false}}, 2},
	};
	struct line *l = *state;
	begin(l);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		print_message("%s\n", cases[i].name);
		for (size_t k = 0; k < 3 && cases[i].harm[k].seq; k++)
			hurt(l, &cases[i].harm[k]);
		pass(l);
		assert_int_equal(facts(l).damaged, cases[i].damaged);
		assert_int_equal(facts(l).mended, cases[i].damaged);
		assert_int_equal(count_leaves(l, "damage-found"), i + 1);
		pass(l);
		assert_int_equal(facts(l).damaged, 0);
	}
	assert_true(count_leaves(l, "entries-repaired") >= ARRAY_LEN(cases));
	assert_int_equal(line_standing_of(l).standing, SYNC_OK);
	end(l);
}

static void
damage_waits_for_its_node_and_status_says_so(void **state)
{
	struct line *l = *state;
	char words[STATUS_BYTES];
	begin(l);
	line_lose(l);
	line_restart_ingest(l);
	end(l);
	l->place->hub.scrub = scrub_new(&l->place->hub, l->ingest, 0);
	hurt(l, &(const struct harm){HEADER, LANE_R, 2, true});
	pass(l);
	assert_int_equal(facts(l).damaged, 1);
	assert_int_equal(facts(l).mended, 0);
	assert_true(facts(l).is_count_wrong);
	assert_int_equal(damage_of(l).waits, 1);
	status(l, words);
	assert_non_null(strstr(words, "they will be fetched when it connects"));
	line_start_node(l);
	line_connect(l);
	line_pump(l);
	tick(l);
	tick(l);
	assert_int_equal(facts(l).mended, 1);
	assert_int_equal(damage_of(l).waits, 0);
	status(l, words);
	assert_null(strstr(words, "damaged"));
	end(l);
}

static void
a_head_that_is_damaged_no_node_can_send(void **state)
{
	struct line *l = *state;
	char words[STATUS_BYTES];
	begin(l);
	hurt(l, &(const struct harm){HEAD, LANE_R, 1, false});
	pass(l);
	assert_int_equal(facts(l).entries, 2 * PEOPLE);
	assert_int_equal(facts(l).damaged, 1);
	assert_int_equal(damage_of(l).heads, 1);
	status(l, words);
	assert_non_null(strstr(words, "a backup that was made before has them"));
	assert_non_null(strstr(words, "weir-hub restore DIR"));
	end(l);
}

static void
entries_that_no_head_names_are_counted(void **state)
{
	struct line *l = *state;
	begin(l);
	hurt(l, &(const struct harm){HEAD, LANE_R, 1, true});
	pass(l);
	assert_true(facts(l).is_count_wrong);
	end(l);
}

/* The node has other bytes at this place; what it sends is not taken, and it does not come. */
static void
what_nothing_vouches_for_is_not_put_in_its_place(void **state)
{
	struct line *l = *state;
	begin(l);
	struct wire_rules other = node_record(9, 209);
	struct place p = {.incarnation = 1, .lane = LANE_R, .seq = PEOPLE};
	struct sync_entry entry;
	struct vault_txn *t = NULL;
	struct node *n = NULL;
	OWNED_BUF struct buf row;
	uint8_t key[PLACE_KEY_BYTES];
	buf_init(&row, WIRE_HEADER_MAX_BYTES);
	hurt(l, &(const struct harm){HEADER, LANE_R, PEOPLE, true});
	l->node->count[LANE_R - 1]--;
	buf_done(&l->node->lanes[LANE_R - 1][PEOPLE - 1].header);
	buf_done(&l->node->lanes[LANE_R - 1][PEOPLE - 1].part);
	node_add_rules(l->node, LANE_R, &other);
	entry = node_entry(l->node, LANE_R, PEOPLE);
	const struct sync_batch batch = {
		.lane = LANE_R, .first = PEOPLE, .count = 1, .entries = &entry};
	const struct lane_action take = {
		.kind = LANE_TAKE, .incarnation = 1, .lane = LANE_R, .batch = &batch};
	assert_ok(hub_txn(&l->place->hub, &t));
	assert_ok(ingest_node_of_key(l->ingest, l->node->writer.transport, l->mono_ms, &n));
	assert_ok(ingest_take(l->ingest, n, &take));
	memcpy(p.writer, l->node->writer.public, sizeof(p.writer));
	place_key(key, &p);
	assert_err(vault_get(t, VAULT_ENTRIES, view_of(key, sizeof(key)), &row), E_NOTFOUND);
	hub_abort(&l->place->hub);
	end(l);
}

static void
two_sides_that_differ_silently_are_found(void **state)
{
	struct line *l = *state;
	begin(l);
	for (uint8_t i = 0; i < PEOPLE; i++) {
		l->node->lanes[LANE_C - 1][i].hash[0] ^= 1;
		l->node->lanes[LANE_R - 1][i].hash[0] ^= 1;
	}
	struct vault_txn *t = NULL;
	struct node *n = NULL;
	/* One place is compared while the pass stands at it. */
	const struct place p = {.incarnation = 1, .lane = LANE_C, .seq = 2};
	struct place at = p;
	struct sync_mark mark = {.seq = 2};
	memcpy(at.writer, l->node->writer.public, sizeof(at.writer));
	memcpy(mark.head, l->node->lanes[LANE_C - 1][1].hash, sizeof(mark.head));
	mark.head[0] ^= 1;
	assert_ok(hub_txn(&l->place->hub, &t));
	assert_ok(ingest_node_of_key(l->ingest, l->node->writer.transport, l->mono_ms, &n));
	assert_ok(ingest_probe(l->ingest, &at, &mark, l->mono_ms));
	line_end_turn(l);
	line_pump(l);
	assert_non_null(n->reason);
	assert_non_null(strstr(n->reason, "another entry"));
	end(l);
}

static void
a_pass_of_its_own_takes_its_time(void **state)
{
	struct line *l = *state;
	begin(l);
	end(l);
	l->place->hub.scrub = scrub_new(&l->place->hub, l->ingest, 12);
	for (size_t i = 0; i < 4; i++)
		tick(l);
	assert_true(facts(l).running);
	assert_true(facts(l).entries < 2 * PEOPLE);
	for (size_t i = 0; i < 8; i++)
		tick(l);
	assert_int_equal(facts(l).entries, 2 * PEOPLE);
	assert_false(facts(l).running);
	/* One that was asked for before the first of its own stands for that one. */
	end(l);
	l->place->hub.scrub = scrub_new(&l->place->hub, l->ingest, 3600);
	pass(l);
	tick(l);
	assert_false(facts(l).running);
	end(l);
}

static void
a_clock_that_is_off_is_said(void **state)
{
	static const struct {
		int64_t ahead_ms;
		const char *words;
	} cases[] = {
		{0, NULL},
		{299000, NULL},
		{-299000, NULL},
		{INT64_C(3650) * 86400 * 1000, "clock was 3,650 days ahead of the hub's"},
		{-7200 * 1000, "clock was 2 hours behind the hub's"},
	};
	struct line *l = *state;
	char words[STATUS_BYTES];
	struct vault_txn *t = NULL;
	struct node *n = NULL;
	begin(l);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		assert_ok(hub_txn(&l->place->hub, &t));
		assert_ok(ingest_node_of_key(
			l->ingest, l->node->writer.transport, l->mono_ms, &n));
		n->ahead_ms = cases[i].ahead_ms;
		hub_abort(&l->place->hub);
		status(l, words);
		assert_int_equal(strstr(words, "clock") != NULL, cases[i].words != NULL);
		if (cases[i].words)
			assert_non_null(strstr(words, cases[i].words));
	}
	end(l);
}

#define at_a_line(test) cmocka_unit_test_setup_teardown(test, line_make, line_drop)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		at_a_line(a_sound_hub_has_nothing_to_mend),
		at_a_line(what_is_damaged_is_got_back_from_its_node),
		at_a_line(damage_waits_for_its_node_and_status_says_so),
		at_a_line(a_head_that_is_damaged_no_node_can_send),
		at_a_line(entries_that_no_head_names_are_counted),
		at_a_line(what_nothing_vouches_for_is_not_put_in_its_place),
		at_a_line(two_sides_that_differ_silently_are_found),
		at_a_line(a_pass_of_its_own_takes_its_time),
		at_a_line(a_clock_that_is_off_is_said),
	};
	if (crypto_init())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
