#include "tests/unit/suite.h"

#include "hub/record_instance.h"
#include "tests/unit/judge_bench.h"

/* Instances by number; 2 is the record that stands before each case. */
static struct wire_rules
correction(uint8_t instance, uint8_t refers_to)
{
	struct wire_rules r = node_record(1, instance);
	memset(r.refers_to, refers_to, sizeof(r.refers_to));
	return r;
}

static struct place
place_of(const struct fake_node *n, uint8_t lane, uint64_t seq)
{
	struct place p = {.incarnation = 1, .lane = lane, .seq = seq};
	memcpy(p.writer, n->writer.public, sizeof(p.writer));
	return p;
}

static void
begin(struct bench *b)
{
	struct wire_rules consent = node_consent(1, 1), record = node_record(1, 2);
	bench_open_sites(b);
	(void)bench_bring(b, b->norway, &consent);
	(void)bench_bring(b, b->norway, &record);
}

/* What the row of the record says INSTANCES has. */
static void
assert_true_to_instances(struct vault_txn *t, const struct record *r, const char *site)
{
	OWNED(wire_rules) struct wire_rules *rules = NULL;
	uint8_t once[ID_BYTES];
	bool stands = false;
	assert_ok(record_rules(t, &r->place, &rules));
	record_instance_once(once, rules, &r->place, site);
	assert_ok(record_instance_stands(t, rules->instance, &r->place, false, &stands));
	assert_true(stands || !r->leads);
	assert_ok(record_instance_stands(t, once, &r->place, false, &stands));
	assert_true(stands || !r->leads_once);
}

static void
a_record_says_of_itself_what_instances_has(void **state)
{
	struct bench *b = *state;
	/* Corrected twice, a branch, a twin, one of another wave, one that corrects itself, one
	 * that moves the wave's only record away, and a twin of what was moved. */
	struct wire_rules rows[] = {correction(3, 2), correction(4, 3), correction(5, 2),
		node_record(1, 6), node_record(1, 7), correction(8, 8), correction(9, 7),
		node_record(1, 10)};
	const struct {
		bool leads, leads_once;
	} expected[] = {{false, false}, {false, false}, {true, true}, {false, false},
		{false, false}, {false, false}, {false, false}, {true, true}, {true, true}};
	rows[4].wave = rows[7].wave = "2";
	rows[6].wave = "3";
	begin(b);
	for (size_t i = 0; i <= ARRAY_LEN(rows); i++) {
		struct vault_txn *t = NULL;
		struct record r;
		assert_ok(hub_txn(&b->place->hub, &t));
		for (uint32_t k = 0; k <= i; k++) {
			assert_ok(record_get(t, k, &r));
			assert_true_to_instances(t, &r, "norway");
		}
		hub_abort(&b->place->hub);
		if (i < ARRAY_LEN(rows))
			(void)bench_bring(b, b->norway, &rows[i]);
	}
	for (size_t i = 0; i < ARRAY_LEN(expected); i++) {
		const struct place p = place_of(b->norway, LANE_R, i + 1);
		struct vault_txn *t = NULL;
		struct record r;
		(void)bench_judge(b, b->norway, i + 1, RULES_USE_POOLED);
		assert_ok(hub_txn(&b->place->hub, &t));
		bench_record(t, &p, &r);
		assert_int_equal(r.leads, expected[i].leads);
		assert_int_equal(r.leads_once, expected[i].leads_once);
		hub_abort(&b->place->hub);
	}
}

static void
who_lets_an_id_lead_elsewhere_takes_the_word_of_who_stood_there(void **state)
{
	struct bench *b = *state;
	enum way { CLAIMED, PUT, PUT_AGAIN, DROPPED, WAYS };
	begin(b);
	const struct place first = place_of(b->norway, LANE_R, 1),
			   second = place_of(b->norway, LANE_R, 2);
	for (int way = 0; way < WAYS; way++) {
		struct vault_txn *t = NULL;
		uint8_t id[ID_BYTES];
		struct record r;
		memset(id, 2, sizeof(id));
		assert_ok(hub_txn(&b->place->hub, &t));
		if (way == CLAIMED)
			assert_err(record_instance_claim(t, id, &second), E_CONFLICT);
		else if (way == PUT)
			assert_ok(record_instance_put(t, id, &second));
		else if (way == PUT_AGAIN)
			assert_ok(record_instance_put(t, id, &first));
		else
			assert_ok(record_instance_drop(t, id));
		bench_record(t, &first, &r);
		assert_int_equal(r.leads, way == CLAIMED || way == PUT_AGAIN);
		assert_int_equal(r.leads_once, way == CLAIMED || way == PUT_AGAIN);
		assert_true_to_instances(t, &r, "norway");
		hub_abort(&b->place->hub);
	}
}

static void
an_id_that_nothing_stands_for_may_be_dropped(void **state)
{
	struct bench *b = *state;
	struct vault_txn *t = NULL;
	const uint8_t id[ID_BYTES] = {77};
	assert_ok(hub_txn(&b->place->hub, &t));
	assert_ok(record_instance_drop(t, id));
	hub_abort(&b->place->hub);
}

/* A row of VERDICTS: version, where, ordinal. */
static void
lead_to(struct vault_txn *t, const struct place *p, uint8_t ordinal)
{
	const uint8_t row[] = {ROW_VERSION, 1, 0, 0, 0, ordinal};
	uint8_t key[PLACE_KEY_BYTES];
	place_key(key, p);
	assert_ok(vault_put(
		t, VAULT_VERDICTS, view_of(key, sizeof(key)), view_of(row, sizeof(row))));
}

static void
a_verdict_that_leads_to_another_record_or_none_is_damaged(void **state)
{
	struct bench *b = *state;
	struct wire_rules other = node_record(1, 3);
	struct vault_txn *t = NULL;
	struct record_verdict v;
	struct record_stamp stamp;
	begin(b);
	(void)bench_bring(b, b->norway, &other);
	const struct place p = place_of(b->norway, LANE_R, 1);
	assert_ok(hub_txn(&b->place->hub, &t));
	assert_ok(record_verdict_get(t, &p, &v));
	assert_ok(record_stamp_get(t, &p, &stamp));
	assert_int_equal(stamp.leaf, v.leaf);
	for (uint8_t ordinal = 1; ordinal <= 2; ordinal++) {
		lead_to(t, &p, ordinal);
		assert_err(record_verdict_get(t, &p, &v), E_FORMAT);
		assert_err(record_stamp_get(t, &p, &stamp), E_FORMAT);
	}
	hub_abort(&b->place->hub);
}

/* Else both were counted. */
static void
who_stood_there_yields_though_the_row_that_leads_to_it_is_damaged(void **state)
{
	struct bench *b = *state;
	static const struct {
		const char *name;
		uint8_t row[6];
		size_t len;
	} rows[] = {
		{"whole", {ROW_VERSION, 1, 0, 0, 0, 0}, 6},
		{"another record", {ROW_VERSION, 1, 0, 0, 0, 1}, 6},
		{"no record", {ROW_VERSION, 1, 0, 0, 0, 9}, 6},
		{"cut off", {ROW_VERSION, 1, 0}, 3},
		{"another version", {ROW_VERSION + 1, 1, 0, 0, 0, 0}, 6},
	};
	struct wire_rules other = node_record(1, 3);
	begin(b);
	(void)bench_bring(b, b->norway, &other);
	const struct place first = place_of(b->norway, LANE_R, 1),
			   second = place_of(b->norway, LANE_R, 2);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct vault_txn *t = NULL;
		uint8_t id[ID_BYTES], key[PLACE_KEY_BYTES];
		struct record r, stays;
		memset(id, 2, sizeof(id));
		place_key(key, &first);
		assert_ok(hub_txn(&b->place->hub, &t));
		assert_ok(record_get(t, 1, &stays));
		assert_ok(vault_put(t, VAULT_VERDICTS, view_of(key, sizeof(key)),
			view_of(rows[i].row, rows[i].len)));
		assert_ok(record_instance_put(t, id, &second));
		assert_ok(record_get(t, 0, &r));
		if (r.leads || r.leads_once)
			fail_msg("%s: the record that was replaced still leads", rows[i].name);
		const bool led = stays.leads;
		assert_ok(record_get(t, 1, &stays));
		if (stays.leads != led)
			fail_msg("%s: another record was touched", rows[i].name);
		hub_abort(&b->place->hub);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		at_a_bench(a_record_says_of_itself_what_instances_has),
		at_a_bench(who_lets_an_id_lead_elsewhere_takes_the_word_of_who_stood_there),
		at_a_bench(an_id_that_nothing_stands_for_may_be_dropped),
		at_a_bench(a_verdict_that_leads_to_another_record_or_none_is_damaged),
		at_a_bench(who_stood_there_yields_though_the_row_that_leads_to_it_is_damaged),
	};
	if (crypto_init())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
