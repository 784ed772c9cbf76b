#include "tests/unit/suite.h"

#include "hub/papers.h"
#include "tests/unit/judge_bench.h"

static enum rules_outcome
outcome_now(struct bench *b, struct papers *papers, struct vault_txn *t)
{
	OWNED(judge) struct judge *judge = NULL;
	struct judged judged;
	struct place p = {.incarnation = 1, .lane = LANE_R, .seq = 1};
	const struct judge_ask ask = {.action = RULES_AGGREGATE,
		.use = RULES_USE_POOLED,
		.true_at_ms = clock_wall_ms(),
		.known_upto = UINT64_MAX};
	memcpy(p.writer, b->norway->writer.public, sizeof(p.writer));
	assert_ok(judge_with(&judge, &b->place->hub, t, papers));
	assert_ok(judge_stored(judge, &p, &ask, &judged));
	return judged.verdict.outcome;
}

/* A record that is permitted, judged once with these papers. */
static void
bring_permitted(struct bench *b, struct papers *papers)
{
	struct wire_rules consent = node_consent(1, 1), record = node_record(1, 2);
	struct vault_txn *t = NULL;
	bench_open_sites(b);
	(void)bench_bring(b, b->norway, &consent);
	(void)bench_bring(b, b->norway, &record);
	assert_ok(hub_txn(&b->place->hub, &t));
	assert_int_equal(outcome_now(b, papers, t), RULES_PERMIT);
	assert_ok(hub_commit(&b->place->hub));
}

static void
put_opinion(struct vault_txn *t, const char *decision)
{
	struct approval a = bench_in_force;
	(void)snprintf(a.id, sizeof(a.id), "rec-1");
	(void)snprintf(a.kind, sizeof(a.kind), "rec");
	(void)snprintf(a.decision, sizeof(a.decision), "%s", decision);
	assert_ok(approval_put(t, &a));
}

static void
a_changed_approval_acts_in_the_same_turn(void **state)
{
	struct bench *b = *state;
	OWNED(papers) struct papers *papers = papers_new();
	struct vault_txn *t = NULL;
	bring_permitted(b, papers);
	assert_ok(hub_txn(&b->place->hub, &t));
	assert_int_equal(outcome_now(b, papers, t), RULES_PERMIT);
	put_opinion(t, "unfavourable");
	assert_int_equal(outcome_now(b, papers, t), RULES_DENY);
	assert_ok(hub_commit(&b->place->hub));
	assert_ok(hub_txn(&b->place->hub, &t));
	assert_int_equal(outcome_now(b, papers, t), RULES_DENY);
	put_opinion(t, "favourable");
	assert_int_equal(outcome_now(b, papers, t), RULES_PERMIT);
	hub_abort(&b->place->hub);
}

static void
a_change_that_is_given_up_acts_no_more(void **state)
{
	struct bench *b = *state;
	OWNED(papers) struct papers *papers = papers_new();
	struct vault_txn *t = NULL;
	bring_permitted(b, papers);
	assert_ok(hub_txn(&b->place->hub, &t));
	put_opinion(t, "unfavourable");
	assert_int_equal(outcome_now(b, papers, t), RULES_DENY);
	hub_abort(&b->place->hub);
	assert_ok(hub_txn(&b->place->hub, &t));
	assert_int_equal(outcome_now(b, papers, t), RULES_PERMIT);
	hub_abort(&b->place->hub);
}

static void
an_approval_that_is_deleted_acts_no_more(void **state)
{
	struct bench *b = *state;
	OWNED(papers) struct papers *papers = papers_new();
	struct vault_txn *t = NULL;
	bring_permitted(b, papers);
	assert_ok(hub_txn(&b->place->hub, &t));
	assert_ok(vault_delete(t, VAULT_APPROVALS, view_text("rec-1")));
	assert_int_equal(outcome_now(b, papers, t), RULES_DENY);
	hub_abort(&b->place->hub);
}

static void
what_did_not_change_is_not_read_again(void **state)
{
	struct bench *b = *state;
	OWNED(papers) struct papers *papers = papers_new();
	struct vault_txn *t = NULL;
	bring_permitted(b, papers);
	const struct approval_facts *before = papers_at(papers, UINT64_MAX);
	struct wire_rules consent = node_consent(2, 3);
	(void)bench_bring(b, b->sweden, &consent);
	assert_ok(hub_txn(&b->place->hub, &t));
	assert_ok(papers_read(papers, t, b->place->hub.pack, b->place->hub.versions));
	assert_ptr_equal(papers_at(papers, UINT64_MAX), before);
	hub_abort(&b->place->hub);
}

static void
a_snapshot_is_always_read_anew(void **state)
{
	struct bench *b = *state;
	OWNED(papers) struct papers *papers = papers_new();
	OWNED(vault_txn) struct vault_txn *s = NULL;
	struct vault_txn *t = NULL;
	bring_permitted(b, papers);
	assert_ok(vault_snapshot(&s, b->place->hub.vault));
	assert_int_equal(outcome_now(b, papers, s), RULES_PERMIT);
	assert_ok(hub_txn(&b->place->hub, &t));
	put_opinion(t, "unfavourable");
	assert_ok(hub_commit(&b->place->hub));
	assert_int_equal(outcome_now(b, papers, s), RULES_PERMIT);
	assert_ok(vault_renew(s));
	assert_int_equal(outcome_now(b, papers, s), RULES_DENY);
}

/* Category a of a modification asks sites of the NHS: whether there are any is the pack's. */
static void
sites_are_those_of_the_pack_at_hand(void **state)
{
	struct bench *b = *state;
	OWNED(papers) struct papers *papers = papers_new();
	struct vault_txn *t = NULL;
	bring_permitted(b, papers);
	const struct approval_facts *before = papers_at(papers, UINT64_MAX);
	const size_t count = before->approval_count;
	assert_ok(hub_txn(&b->place->hub, &t));
	assert_ok(papers_read(papers, t, NULL, b->place->hub.versions));
	assert_int_equal(papers_at(papers, UINT64_MAX)->approval_count, count);
	assert_ok(papers_read(papers, t, b->place->hub.pack, b->place->hub.versions));
	assert_int_equal(papers_at(papers, UINT64_MAX)->approval_count, count);
	hub_abort(&b->place->hub);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		at_a_bench(a_changed_approval_acts_in_the_same_turn),
		at_a_bench(a_change_that_is_given_up_acts_no_more),
		at_a_bench(an_approval_that_is_deleted_acts_no_more),
		at_a_bench(what_did_not_change_is_not_read_again),
		at_a_bench(a_snapshot_is_always_read_anew),
		at_a_bench(sites_are_those_of_the_pack_at_hand),
	};
	if (crypto_init())
		return 1;
	return cmocka_run_group_tests_name("papers", tests, NULL, NULL);
}
