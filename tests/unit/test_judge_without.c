#include "tests/unit/judge_bench.h"

#include "hub/consents.h"

/* A study by section 251 support at the hub: nobody has to agree, and who says no is out. */

static struct judged
outcome_of(struct bench *b, enum rules_outcome outcome, const char *words)
{
	const struct judged now = bench_judge(b, b->norway, 1, RULES_USE_POOLED);
	const char *reason = now.verdict.fired_count ? now.verdict.fired[0].reason : now.reason;
	if (now.verdict.outcome != outcome || !strstr(reason, words))
		fail_msg("%s: \"%s\", not %s: \"%s\"", rules_outcome_word(now.verdict.outcome),
			reason, rules_outcome_word(outcome), words);
	return now;
}

/* A record of person 1, of whom nothing was said. */
static void
open_without(struct bench *b)
{
	const struct wire_rules record = node_record(1, 2);
	bench_open_sites(b);
	bench_approve(b->place, "support", "cag", "", &bench_in_force);
	bench_publish(b, 2, pack_bench_without);
	(void)bench_bring(b, b->norway, &record);
}

static void
bring_look(struct bench *b, uint8_t instance, int64_t at_s, bool is_out)
{
	struct wire_rules look = node_record(1, instance);
	look.kind = RULES_OPT_OUT;
	look.form = "";
	look.opt_out = (struct wire_opt_out){at_s, is_out, "MESH"};
	const struct record_verdict v = bench_bring(b, b->norway, &look);
	assert_reason(&v, RULES_PERMIT, "");
}

/* R12. The last look by its date decides, until the person agrees. */
static void
without_consent_the_last_look_at_the_opt_out_decides(void **state)
{
	struct bench *b = *state;
	struct wire_rules consent = node_consent(1, 9);
	open_without(b);
	(void)outcome_of(b, RULES_DENY, "the national opt-out was not checked");
	bring_look(b, 3, PLACE_NOW_S - 31 * DAY_S, false);
	(void)outcome_of(b, RULES_DENY, "the last check of the national opt-out is too old");
	bring_look(b, 4, PLACE_NOW_S - 2 * DAY_S, false);
	(void)outcome_of(b, RULES_PERMIT, "");
	bring_look(b, 5, PLACE_NOW_S - DAY_S, true);
	bring_look(b, 6, PLACE_NOW_S - 3 * DAY_S, false);
	(void)outcome_of(b, RULES_DENY, "the person has opted out");
	(void)bench_bring(b, b->norway, &consent);
	(void)outcome_of(b, RULES_PERMIT, "");
}

/* Whatever else is wrong with it: a record never stands on what the person did not say. */
static void
a_refusal_counts_however_little_the_hub_knows_of_its_form(void **state)
{
	static const struct {
		const char *words, *form, *version;
		int64_t given_s;
		uint8_t instance;
	} rows[] = {
		{"of a form that was published", NODE_FORM, NODE_FORM_VERSION,
			NODE_CAPTURED_S - 60, 9},
		{"of a version that was not", NODE_FORM, "77", NODE_CAPTURED_S - 60, 9},
		{"of a form that was not", "consent", "1", NODE_CAPTURED_S - 60, 9},
		{"under an instance that is the record's", "consent", "1", NODE_CAPTURED_S - 60,
			2},
		{"given behind the record", "consent", "1", NODE_CAPTURED_S + 60, 9},
		{"by a clock that is ahead", "consent", "1", PLACE_NOW_S + DAY_S, 9},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		void *bench = NULL;
		assert_int_equal(make_bench(&bench), 0);
		struct bench *b = bench;
		struct wire_rules refusal = node_consent(1, rows[i].instance);
		refusal.form = refusal.consent.form = rows[i].form;
		refusal.form_version = refusal.consent.form_version = rows[i].version;
		refusal.consent.event = "refused";
		refusal.consent.given_at_s = rows[i].given_s;
		refusal.consent.permission_count = 0;
		open_without(b);
		bring_look(b, 3, PLACE_NOW_S - DAY_S, false);
		(void)outcome_of(b, RULES_PERMIT, "");
		(void)bench_bring(b, b->norway, &refusal);
		const struct judged now = bench_judge(b, b->norway, 1, RULES_USE_POOLED);
		if (now.verdict.outcome != RULES_DENY)
			fail_msg("%s: %s", rows[i].words,
				rules_outcome_word(now.verdict.outcome));
		assert_int_equal(drop_bench(&bench), 0);
	}
}

/* A node that sends looks without an end does not make each judging read them all. */
static void
more_looks_than_anybody_takes_are_not_read(void **state)
{
	struct bench *b = *state;
	struct vault_txn *t = NULL;
	const struct place at = {.incarnation = 1, .lane = LANE_C, .seq = 1};
	struct place look = at;
	OWNED_CONSENTS struct consents read = {.count = 0};
	uint8_t person[ID_BYTES];
	memset(person, 1, sizeof(person));
	memcpy(look.writer, b->norway->writer.public, sizeof(look.writer));
	open_without(b);
	bring_look(b, 3, PLACE_NOW_S - DAY_S, false);
	assert_ok(hub_txn_reserve(&b->place->hub, &t));
	for (size_t i = 1; i < CONSENTS_PARTS_MAX_COUNT; i++)
		assert_ok(record_consent_add(t, person, &look, 1));
	assert_ok(hub_commit(&b->place->hub));
	(void)outcome_of(b, RULES_PERMIT, "");
	assert_ok(hub_txn_reserve(&b->place->hub, &t));
	for (size_t i = 0; i < 2; i++)
		assert_ok(record_consent_add(t, person, &look, 1));
	assert_ok(consents_read(&read, t, person));
	assert_true(read.is_too_many);
	assert_int_equal(read.opt_out_count, CONSENTS_PARTS_MAX_COUNT);
	assert_ok(hub_commit(&b->place->hub));
	(void)outcome_of(b, RULES_HOLD, "more consents of one person than can be");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		at_a_bench(without_consent_the_last_look_at_the_opt_out_decides),
		cmocka_unit_test(a_refusal_counts_however_little_the_hub_knows_of_its_form),
		at_a_bench(more_looks_than_anybody_takes_are_not_read),
	};
	if (crypto_init())
		return 1;
	return cmocka_run_group_tests_name("judge_without", tests, NULL, NULL);
}
