#include "tests/unit/suite.h"

#include "hub/judge_study.h"
#include "hub/seen.h"
#include "tests/unit/judge_bench.h"

static const uint8_t person[ID_BYTES] = {7};
static const struct record_person first = {.site = "norway"};

static void
assert_seen(struct seen *s, struct vault_txn *t, const struct record_person *before, bool same)
{
	struct record_person row;
	assert_ok(seen_first(s, t, person, &first, &row));
	assert_string_equal(row.site, "norway");
	assert_int_equal(
		crypto_same(row.audit_key, before->audit_key, sizeof(row.audit_key)), same);
}

static void
who_was_asked_about_last_is_remembered_until_the_table_is_written(void **state)
{
	struct bench *b = *state;
	struct vault_txn *t = NULL;
	struct record_person row;
	OWNED(seen) struct seen *s = seen_new();
	assert_ok(hub_txn(&b->place->hub, &t));
	assert_ok(seen_first(s, t, person, &first, &row));
	seen_forget(s);
	assert_seen(s, t, &row, true);
	assert_ok(vault_delete(t, VAULT_PEOPLE, view_of(person, sizeof(person))));
	assert_seen(s, t, &row, false);
	assert_ok(seen_first(s, t, person, &first, &row));
	hub_abort(&b->place->hub);
	assert_ok(hub_txn(&b->place->hub, &t));
	assert_seen(s, t, &row, false);
	hub_abort(&b->place->hub);
}

static void
a_person_in_a_snapshot_is_looked_up_each_time(void **state)
{
	struct bench *b = *state;
	struct vault_txn *t = NULL;
	struct record_person row;
	const uint8_t nobody[ID_BYTES] = {9};
	const struct seen_person *seen;
	OWNED(vault_txn) struct vault_txn *snapshot = NULL;
	OWNED(seen) struct seen *s = seen_new();
	assert_ok(hub_txn(&b->place->hub, &t));
	assert_ok(seen_first(s, t, person, &first, &row));
	assert_ok(hub_commit(&b->place->hub));
	assert_ok(vault_snapshot(&snapshot, b->place->hub.vault));
	assert_ok(seen_person(s, snapshot, person, &seen));
	assert_true(seen->is_known);
	assert_ok(hub_txn(&b->place->hub, &t));
	assert_ok(vault_delete(t, VAULT_PEOPLE, view_of(person, sizeof(person))));
	assert_ok(hub_commit(&b->place->hub));
	assert_ok(vault_renew(snapshot));
	assert_ok(seen_person(s, snapshot, nobody, &seen));
	assert_ok(seen_person(s, snapshot, person, &seen));
	assert_false(seen->is_known);
}

static void
a_plan_is_remembered_until_the_table_is_written(void **state)
{
	struct bench *b = *state;
	struct vault_txn *t = NULL;
	struct rules_plan plan = {.first_record_ms = 0};
	struct wire_rules record = node_record(1, 2);
	OWNED(seen) struct seen *s = seen_new();
	assert_ok(hub_txn(&b->place->hub, &t));
	assert_ok(seen_plan(s, t, "norway", record.wave, &plan));
	assert_int_equal(plan.first_record_ms, 0);
	assert_ok(judge_study_note(&b->place->hub, &record, "norway", 1));
	assert_ok(seen_plan(s, t, "norway", record.wave, &plan));
	assert_int_equal(plan.first_record_ms, record.captured_s * 1000);
	seen_forget(s);
	plan.first_record_ms = 0;
	assert_ok(seen_plan(s, t, "norway", record.wave, &plan));
	assert_int_equal(plan.first_record_ms, record.captured_s * 1000);
	hub_abort(&b->place->hub);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		at_a_bench(who_was_asked_about_last_is_remembered_until_the_table_is_written),
		at_a_bench(a_person_in_a_snapshot_is_looked_up_each_time),
		at_a_bench(a_plan_is_remembered_until_the_table_is_written),
	};
	if (crypto_init())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
