#include "tests/unit/suite.h"

#include "common/base/mem.h"
#include "common/study/rules_settled.h"
#include "common/trust/crypto.h"
#include "tests/unit/rules_rows.h"

/* What is settled for a site has to say the same as one judgement at a time: for the facts of
 * every row of the tables, at every moment at which something begins or ends. */
#define MAX_PROBES ((size_t)256)
#define STRIDE     ((size_t)211)

/* Moments of collection at which something may change, and those beside them. */
struct probes {
	int64_t at_ms[MAX_PROBES];
	size_t count;
};

static void
probe(struct probes *p, int64_t at_ms)
{
	for (int64_t beside = -1; beside <= 1; beside++) {
		if (p->count == MAX_PROBES)
			fail_msg("too many moments");
		p->at_ms[p->count++] = at_ms + beside;
	}
}

static void
probe_all(struct probes *p, const struct rules_facts *f)
{
	p->count = 0;
	probe(p, 0);
	probe(p, f->record.captured_ms);
	for (size_t i = 0; i < f->approval_count; i++) {
		const struct rules_approval *a = &f->approvals[i];
		if (a->until_ms)
			probe(p, a->until_ms);
		if (a->stop != RULES_RUNS) {
			probe(p, a->stop_from_ms);
			probe(p, a->stop_until_ms);
		}
		probe(p, a->from_ms);
	}
	for (size_t i = 0; i < f->modification_count; i++) {
		probe(p, f->modifications[i].from_ms);
		probe(p, f->modifications[i].until_ms);
	}
	for (size_t i = 0; i < f->window_count; i++) {
		probe(p, f->windows[i].from_ms);
		probe(p, f->windows[i].until_ms);
	}
	probe(p, f->plan.sealed_ms);
	probe(p, f->plan.task_ms);
	probe(p, f->plan.first_record_ms);
}

static void
assert_same(const struct verdict *a, const struct verdict *b)
{
	assert_int_equal(a->outcome, b->outcome);
	assert_int_equal(a->fired_count, b->fired_count);
	for (size_t i = 0; i < MAX(a->fired_count, 1u); i++) {
		assert_string_equal(a->fired[i].rule, b->fired[i].rule);
		assert_string_equal(a->fired[i].reason, b->fired[i].reason);
		if (a->fired_count)
			assert_int_equal(a->fired[i].outcome, b->fired[i].outcome);
	}
	assert_int_equal(a->used_count, b->used_count);
	for (size_t i = 0; i < a->used_count; i++)
		assert_int_equal(a->used[i], b->used[i]);
	assert_int_equal(a->consent_then, b->consent_then);
	assert_int_equal(a->consent_now, b->consent_now);
	assert_memory_equal(a->rules_digest, b->rules_digest, sizeof(a->rules_digest));
	assert_int_equal(a->rules_version, b->rules_version);
}

/* One settled site is asked about the row's record at each of the moments: forward, so that
 * spans are made, and backward, so that those kept are found again. */
static void
try_moments(const struct rules *rules, struct rules_facts *facts, const struct probes *p)
{
	OWNED(rules_settled)
	struct rules_settled *settled = rules_settled_new(rules, facts);
	for (size_t i = 0; i < 2 * p->count; i++) {
		struct verdict alone, together;
		const size_t turn = i < p->count ? i : 2 * p->count - 1 - i;
		memset(&alone, 'x', sizeof(alone));
		memset(&together, 'y', sizeof(together));
		facts->record.captured_ms = p->at_ms[turn];
		rules_judge(rules, facts, &alone);
		rules_settled_judge(settled, &facts->record, &together);
		assert_same(&alone, &together);
	}
}

/* By the rule of the row, and by all rules as they are shipped. */
static void
try_row(const struct rules_row *r, const struct rules *shipped, const char *more)
{
	OWNED(world) struct world *w = world_new();
	OWNED(rules) struct rules *own = rules_row_rules(r);
	struct probes probes;
	world_edit(w, more);
	struct rules_facts facts = rules_row_facts(r, w);
	probe_all(&probes, &facts);
	try_moments(own, &facts, &probes);
	try_moments(shipped, &facts, &probes);
}

static void
says_what_one_at_a_time_says(void **state)
{
	OWNED(rules) struct rules *shipped = rules_row_shipped();
	for (size_t i = 0; i < rules_rows_count(*state); i++)
		try_row(rules_rows_at(*state, i), shipped, "");
}

/* Rows of two tables at once, so that more rules than one are not met. */
static void
says_so_of_two_rows_at_once(void **state)
{
	OWNED(rules) struct rules *shipped = rules_row_shipped();
	const size_t count = rules_rows_count(*state);
	for (size_t i = 0; i < count; i++)
		try_row(rules_rows_at(*state, i), shipped,
			rules_rows_at(*state, (i * STRIDE + 1) % count)->facts);
}

/* A moment of collection of 0 says that it is not known, and none beside it does. */
static void
takes_no_time_for_one_that_is_not_known(void **state)
{
	OWNED(world) struct world *w = world_new();
	OWNED(rules) struct rules *rules = rules_row_shipped();
	const struct probes probes = {.at_ms = {-1, 0, 1, 2}, .count = 4};
	struct rules_facts facts = *world_facts(w);
	(void)state;
	facts.action = RULES_AGGREGATE;
	facts.approval_count = 0;
	facts.plan.sealed_ms = facts.plan.task_ms = facts.plan.first_record_ms = 9;
	try_moments(rules, &facts, &probes);
	/* No version of the plan begins at that moment either. */
	facts.protocol_count = 0;
	try_moments(rules, &facts, &probes);
}

static void
denies_an_action_that_no_rule_speaks_for(void **state)
{
	OWNED(world) struct world *w = world_new();
	OWNED(rules) struct rules *rules = rules_row_rules(rules_rows_at(*state, 0));
	struct probes probes;
	struct rules_facts facts = *world_facts(w);
	facts.action = RULES_QUERY;
	probe_all(&probes, &facts);
	try_moments(rules, &facts, &probes);
	rules_settled_free(NULL);
}

int
main(void)
{
	if (crypto_init() != OK)
		return 1;
	OWNED(rules_rows) struct rules_rows *t = rules_rows_new();
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_prestate(says_what_one_at_a_time_says, t),
		cmocka_unit_test_prestate(says_so_of_two_rows_at_once, t),
		cmocka_unit_test(takes_no_time_for_one_that_is_not_known),
		cmocka_unit_test_prestate(denies_an_action_that_no_rule_speaks_for, t),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
