#include "tests/unit/suite.h"

#include "hub/claims.h"
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

static bool
has(const struct claims *c, struct vault_txn *t, uint8_t instance, const struct place *p)
{
	uint8_t id[ID_BYTES];
	memset(id, instance, sizeof(id));
	return claims_has(c, t, id, p);
}

static void
only_rows_that_were_seen_are_said_to_be_there(void **state)
{
	struct bench *b = *state;
	struct vault_txn *t = NULL;
	OWNED(claims) struct claims *c = claims_new();
	begin(b);
	const struct place consent = place_of(b->norway, LANE_C, 1),
			   record = place_of(b->norway, LANE_R, 1),
			   none = place_of(b->norway, LANE_R, 2),
			   foreign = place_of(b->sweden, LANE_R, 1);
	assert_ok(hub_txn(&b->place->hub, &t));
	assert_false(has(c, t, 2, &record));
	assert_ok(claims_read(c, t));
	assert_true(has(c, t, 2, &record));
	assert_false(has(c, t, 3, &record));
	assert_false(has(c, t, 0, &record));
	assert_false(has(c, t, 1, &consent));
	assert_false(has(c, t, 2, &none));
	assert_false(has(c, t, 2, &foreign));
	hub_abort(&b->place->hub);
}

static void
nothing_is_known_any_more_once_the_table_was_written(void **state)
{
	struct bench *b = *state;
	struct vault_txn *t = NULL;
	OWNED(claims) struct claims *c = claims_new();
	uint8_t id[ID_BYTES];
	begin(b);
	const struct place first = place_of(b->norway, LANE_R, 1),
			   second = place_of(b->norway, LANE_R, 2);
	memset(id, 2, sizeof(id));
	assert_ok(hub_txn(&b->place->hub, &t));
	assert_ok(claims_read(c, t));
	assert_true(has(c, t, 2, &first));
	assert_ok(record_instance_put(t, id, &second));
	assert_false(has(c, t, 2, &first));
	assert_false(has(c, t, 2, &second));
	assert_ok(claims_read(c, t));
	assert_false(has(c, t, 2, &first));
	assert_true(has(c, t, 2, &second));
	hub_abort(&b->place->hub);
	assert_ok(hub_txn(&b->place->hub, &t));
	assert_false(has(c, t, 2, &second));
	hub_abort(&b->place->hub);
}

static void
a_snapshot_that_may_be_renewed_is_not_read_ahead(void **state)
{
	struct bench *b = *state;
	OWNED(vault_txn) struct vault_txn *t = NULL;
	OWNED(claims) struct claims *c = claims_new();
	begin(b);
	const struct place first = place_of(b->norway, LANE_R, 1);
	assert_ok(vault_snapshot(&t, b->place->hub.vault));
	assert_ok(claims_read(c, t));
	assert_false(has(c, t, 2, &first));
}

static void
a_verdict_is_the_same_with_and_without_reading_ahead(void **state)
{
	struct bench *b = *state;
	struct vault_txn *t = NULL;
	const struct judge_ask ask = {.action = RULES_AGGREGATE,
		.use = RULES_USE_POOLED,
		.true_at_ms = clock_wall_ms(),
		.known_upto = UINT64_MAX};
	/* Corrected twice, a branch, a twin, one of another wave, one that corrects itself. */
	struct wire_rules rows[] = {correction(3, 2), correction(4, 3), correction(5, 2),
		node_record(1, 6), node_record(1, 7), correction(8, 8)};
	const enum rules_outcome expected[] = {RULES_DENY, RULES_DENY, RULES_PERMIT, RULES_DENY,
		RULES_DENY, RULES_PERMIT, RULES_DENY};
	rows[4].wave = "2";
	begin(b);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		(void)bench_bring(b, b->norway, &rows[i]);
	OWNED(judge) struct judge *plain = NULL;
	OWNED(judge) struct judge *ahead = NULL;
	assert_ok(hub_txn(&b->place->hub, &t));
	assert_ok(judge_new(&plain, &b->place->hub, t));
	assert_ok(judge_new(&ahead, &b->place->hub, t));
	assert_ok(judge_ahead(ahead));
	for (size_t i = 0; i < ARRAY_LEN(expected); i++) {
		const struct place p = place_of(b->norway, LANE_R, i + 1);
		struct judged one, other;
		assert_ok(judge_stored(plain, &p, &ask, &one));
		assert_ok(judge_stored(ahead, &p, &ask, &other));
		assert_int_equal(one.verdict.outcome, expected[i]);
		assert_int_equal(other.verdict.outcome, expected[i]);
		assert_string_equal(one.reason, other.reason);
	}
	hub_abort(&b->place->hub);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		at_a_bench(only_rows_that_were_seen_are_said_to_be_there),
		at_a_bench(nothing_is_known_any_more_once_the_table_was_written),
		at_a_bench(a_snapshot_that_may_be_renewed_is_not_read_ahead),
		at_a_bench(a_verdict_is_the_same_with_and_without_reading_ahead),
	};
	if (crypto_init())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
