#include "tests/unit/suite.h"

#include "common/trust/leaf.h"
#include "hub/approval_body.h"
#include "hub/approval_facts.h"
#include "hub/approval_figures.h"
#include "tests/unit/judge_bench.h"

/* ---- acts ---- */

static enum err
turn(struct bench *b, enum who by, const char *kind, const char *id, const char *word)
{
	OWNED_BUF struct buf body;
	buf_init(&body, 1024);
	buf_format(&body,
		"{\"id\":\"%s\",\"turn\":\"%s\",\"condition\":0,\"at_s\":%lld,\"reason\":\"as "
		"they wrote\"}",
		id, word, (long long)PLACE_NOW_S - 1);
	return place_submit(b->place, by, kind, id, buf_view(&body));
}

static void
every_field_of_an_approval_comes_back_as_it_was_signed(void **state)
{
	struct bench *b = *state;
	struct approval a = bench_opinion(), got;
	struct vault_txn *t = NULL;
	(void)snprintf(a.issuer, sizeof(a.issuer), "Example committee");
	(void)snprintf(
		a.covers[APPROVAL_MODES], APPROVAL_WORDS_BYTES, "written electronic-drawn");
	(void)snprintf(a.covers[APPROVAL_FORMS], APPROVAL_WORDS_BYTES, "attitudes@1");
	a.submitted_s = a.from_s - DAY_S;
	a.review_due_s = a.from_s + 365 * DAY_S;
	a.cost = 1200;
	a.condition_count = 1;
	a.conditions[0] = (struct approval_condition){"send the annual report", "report", 0};
	memset(a.evidence, 'a', 2 * HASH_BYTES);
	bench_grant(b, &a);
	assert_ok(hub_txn(&b->place->hub, &t));
	assert_ok(approval_get(t, a.id, &got));
	hub_abort(&b->place->hub);
	assert_string_equal(got.covers[APPROVAL_MODES], a.covers[APPROVAL_MODES]);
	assert_string_equal(got.conditions[0].text, a.conditions[0].text);
	assert_int_equal(got.cost, 1200);
	assert_int_equal(got.submitted_s, a.submitted_s);
	assert_string_equal(got.evidence, a.evidence);
	assert_string_equal(got.verified_by, "officer-1");
}

static void
an_approval_that_contradicts_itself_is_refused_in_words(void **state)
{
	struct bench *b = *state;
	struct approval a = bench_opinion();
	a.submitted_s = a.from_s + 1;
	assert_refused(bench_sign_body(b, RESEARCHER_1, "approval", &a), E_FORMAT, "asked for");
	a = bench_opinion();
	(void)snprintf(a.decision, sizeof(a.decision), "splendid");
	assert_refused(bench_sign_body(b, RESEARCHER_1, "approval", &a), E_FORMAT, "decision");
	a = bench_opinion();
	(void)snprintf(a.decision, sizeof(a.decision), "favourable-with-conditions");
	assert_refused(bench_sign_body(b, RESEARCHER_1, "approval", &a), E_FORMAT, "not named");
	a = bench_opinion();
	(void)snprintf(a.kind, sizeof(a.kind), "modification");
	assert_refused(
		bench_sign_body(b, RESEARCHER_1, "approval", &a), E_FORMAT, "important-detail");
	a = bench_opinion();
	(void)snprintf(a.partner, sizeof(a.partner), "example-care");
	assert_refused(
		bench_sign_body(b, RESEARCHER_1, "approval", &a), E_FORMAT, "name the site");
}

/* ---- turns ---- */

static void
one_person_suspends_at_once_and_two_lift_it(void **state)
{
	struct bench *b = *state;
	const struct approval a = bench_opinion();
	bench_grant(b, &a);
	bench_ready(b);
	bench_assert_now(b, RULES_PERMIT, "");
	assert_ok(turn(b, OFFICER_1, "approval-turn", a.id, "suspend"));
	bench_assert_now(b, RULES_DENY, "R01");
	assert_ok(turn(b, OFFICER_1, "approval-turn", a.id, "lift"));
	bench_assert_now(b, RULES_DENY, "R01");
	assert_refused(turn(b, OFFICER_1, "approval-turn-verify", a.id, "lift"), E_DENIED,
		"officer-1 entered it");
	assert_ok(turn(b, OFFICER_2, "approval-turn-verify", a.id, "lift"));
	bench_assert_now(b, RULES_PERMIT, "");
	assert_ok(turn(b, RESEARCHER_1, "approval-turn", a.id, "withdraw"));
	bench_assert_now(b, RULES_DENY, "R01");
	assert_refused(
		turn(b, OFFICER_1, "approval-turn", a.id, "lift"), E_DENIED, "withdrawn");
}

static void
a_suspension_that_ended_stays_part_of_what_was_true_then(void **state)
{
	(void)state;
	struct approval a = bench_opinion();
	(void)snprintf(a.verified_by, sizeof(a.verified_by), "officer-1");
	a.from_s = 1000;
	a.turn_count = 2;
	a.turns[0] =
		(struct approval_turn){.kind = APPROVAL_SUSPENDED, .at_s = 2000, .leaf = 5};
	a.turns[1] = (struct approval_turn){.kind = APPROVAL_LIFTED,
		.at_s = 3000,
		.verified_by = "officer-2",
		.leaf = 6,
		.verified_leaf = 7};
	OWNED(approval_facts)
	struct approval_facts *f = approval_facts_new(&a, 1, NULL, UINT64_MAX);
	assert_int_equal(f->approval_count, 3);
	assert_int_equal(f->approvals[0].until_ms, 2000 * 1000);
	assert_string_equal(f->approvals[1].decision, "suspended");
	assert_int_equal(f->approvals[1].until_ms, 3000 * 1000);
	assert_int_equal(f->approvals[2].from_ms, 3000 * 1000);
	/* Before the second person agreed, the suspension had no end. */
	OWNED(approval_facts)
	struct approval_facts *before = approval_facts_new(&a, 1, NULL, 6);
	assert_int_equal(before->approval_count, 2);
	assert_int_equal(before->approvals[1].until_ms, 0);
	OWNED(approval_facts)
	struct approval_facts *first = approval_facts_new(&a, 1, NULL, 4);
	assert_int_equal(first->approval_count, 1);
	assert_int_equal(first->approvals[0].until_ms, 0);
}

static void
a_condition_holds_records_until_two_persons_say_that_it_was_met(void **state)
{
	static const struct pack_edit edits[] = {
		RULE("R05", "hold", "collect aggregate", "grace = 0 days"), END};
	struct bench *b = *state;
	struct approval a = bench_opinion();
	bench_publish(b, 2, edits);
	(void)snprintf(a.decision, sizeof(a.decision), "favourable-with-conditions");
	a.condition_count = 1;
	a.conditions[0] = (struct approval_condition){"tell the trust", "report", 0};
	bench_grant(b, &a);
	bench_ready(b);
	bench_assert_now(b, RULES_HOLD, "R05");
	assert_ok(turn(b, RESEARCHER_1, "approval-turn", a.id, "met"));
	bench_assert_now(b, RULES_HOLD, "R05");
	assert_ok(turn(b, OFFICER_1, "approval-turn-verify", a.id, "met"));
	bench_assert_now(b, RULES_PERMIT, "");
}

static void
a_review_that_is_overdue_holds_until_it_was_done(void **state)
{
	static const struct pack_edit edits[] = {RULE("R06", "hold", "aggregate",
							 "grace = 14 days\nprogress.every = 12 "
							 "months\nprogress.longer = 0 days"),
		END};
	struct bench *b = *state;
	struct approval a = bench_opinion();
	bench_publish(b, 2, edits);
	a.from_s = NODE_CAPTURED_S - 500 * (int64_t)DAY_S;
	bench_grant(b, &a);
	bench_ready(b);
	bench_assert_now(b, RULES_HOLD, "R06");
	assert_ok(turn(b, RESEARCHER_1, "approval-turn", a.id, "reviewed"));
	assert_ok(turn(b, OFFICER_1, "approval-turn-verify", a.id, "reviewed"));
	bench_assert_now(b, RULES_PERMIT, "");
}

/* ---- kinds, sites, dates ---- */

/* D-88: until every kind that a site needs is in force nothing is collected there; expiry stops
 * it the same day. */
static void
d88_each_kind_a_site_needs_is_in_force_and_expiry_stops_it(void **state)
{
	struct bench *b = *state;
	struct wire_rules consent = node_consent(1, 1), record = node_record(1, 2);
	struct approval a = bench_opinion();
	(void)bench_bring(b, b->norway, &consent);
	struct record_verdict v = bench_bring(b, b->norway, &record);
	assert_reason(&v, RULES_DENY, "R01");
	/* Its last moment was the second before this record. */
	a.until_s = NODE_CAPTURED_S;
	bench_grant(b, &a);
	bench_approve(b->place, "ag-1", "site_agreement", "norway", &bench_confirmed);
	record = node_record(2, 4);
	consent = node_consent(2, 3);
	(void)bench_bring(b, b->norway, &consent);
	v = bench_bring(b, b->norway, &record);
	assert_reason(&v, RULES_DENY, "R01");
	struct approval next = bench_opinion();
	(void)snprintf(next.id, sizeof(next.id), "rec-3");
	(void)snprintf(next.supersedes, sizeof(next.supersedes), "rec-2");
	next.from_s = NODE_CAPTURED_S;
	bench_grant(b, &next);
	record = node_record(3, 6);
	consent = node_consent(3, 5);
	(void)bench_bring(b, b->norway, &consent);
	v = bench_bring(b, b->norway, &record);
	assert_reason(&v, RULES_PERMIT, "");
}

/* D-89: what is needed differs by the kind of site: a private provider works on a set of its
 * own. */
static void
d89_a_private_provider_needs_another_set_and_works_with_it(void **state)
{
	static const struct pack_edit edits[] = {
		{"sites.csv", "sweden,Sweden,no,survey", "sweden,Sweden,no,private"},
		{"sites.csv", "rec;site_agreement\nusa", "rec;provider\nusa"},
		{"study.ini", "[log]", "[approvals.private]\nneeds = rec provider\n\n[log]"},
		{"rules.ini", "approval.survey = site_agreement",
			"approval.survey = site_agreement\napproval.private = provider"},
		END};
	struct bench *b = *state;
	struct wire_rules consent = node_consent(1, 1), record = node_record(1, 2);
	bench_publish(b, 2, edits);
	bench_approve(b->place, "rec-1", "rec", "", &bench_in_force);
	bench_approve(b->place, "ag-2", "site_agreement", "sweden", &bench_confirmed);
	(void)bench_bring(b, b->sweden, &consent);
	struct record_verdict v = bench_bring(b, b->sweden, &record);
	assert_reason(&v, RULES_DENY, "R03");
	bench_approve(b->place, "own-1", "provider", "sweden", &bench_confirmed);
	consent = node_consent(2, 3);
	record = node_record(2, 4);
	(void)bench_bring(b, b->sweden, &consent);
	v = bench_bring(b, b->sweden, &record);
	assert_reason(&v, RULES_PERMIT, "");
}

/* D-18: a window of collection takes records between its dates only. */
static void
d18_a_window_takes_records_between_its_dates_only(void **state)
{
	static const struct pack_edit open[] = {RULE("R22", "hold", "collect", ""), END};
	static const struct pack_edit winter[] = {RULE("R22", "hold", "collect", ""),
		{"study.ini", "attitudes.opens = 2026-11-02", "attitudes.opens = 2026-12-01"},
		END};
	struct bench *b = *state;
	struct wire_rules consent = node_consent(1, 1), record = node_record(1, 2);
	bench_publish(b, 2, open);
	bench_open_sites(b);
	(void)bench_bring(b, b->norway, &consent);
	struct record_verdict v = bench_bring(b, b->norway, &record);
	assert_reason(&v, RULES_PERMIT, "");
	bench_publish(b, 3, winter);
	consent = node_consent(2, 3);
	record = node_record(2, 4);
	(void)bench_bring(b, b->norway, &consent);
	v = bench_bring(b, b->norway, &record);
	assert_reason(&v, RULES_HOLD, "R22");
}

/* The row that a permitted record about the site leaves (judge_study.h). */
static void
put_task(struct bench *b, const char *site, int64_t captured_s)
{
	OWNED_BUF struct buf row;
	struct vault_txn *t = NULL;
	char key[64];
	buf_init(&row, 64);
	buf_u8(&row, ROW_VERSION);
	buf_u64(&row, (uint64_t)captured_s);
	buf_u64(&row, 0);
	(void)snprintf(key, sizeof(key), "task-%s", site);
	assert_ok(hub_txn(&b->place->hub, &t));
	assert_ok(vault_put(t, VAULT_META, view_text(key), buf_view(&row)));
	assert_ok(hub_commit(&b->place->hub));
}

/* D-99: plan and indicators are sealed with a date before the first record; D-6: nothing is
 * collected at a site before its task and reason are recorded. */
static void
d99_and_d6_plan_and_reason_stand_before_the_first_record(void **state)
{
	static const struct pack_edit unsealed[] = {
		RULE("R23", "hold", "collect aggregate release", ""), END};
	static const struct pack_edit sealed[] = {
		RULE("R23", "hold", "collect aggregate release", ""),
		{"study.ini", "date = 2026-11-01", "date = 2026-11-01\nsealed = yes"}, END};
	struct bench *b = *state;
	struct wire_rules consent = node_consent(1, 1), record = node_record(1, 2);
	bench_publish(b, 2, unsealed);
	bench_open_sites(b);
	(void)bench_bring(b, b->norway, &consent);
	struct record_verdict v = bench_bring(b, b->norway, &record);
	assert_reason(&v, RULES_HOLD, "not sealed");
	bench_assert_now(b, RULES_HOLD, "R23");
	bench_publish(b, 3, sealed);
	/* The date in the file is older than the manifest that says so: the later one
	 * counts. */
	consent = node_consent(2, 3);
	record = node_record(2, 4);
	(void)bench_bring(b, b->norway, &consent);
	v = bench_bring(b, b->norway, &record);
	assert_reason(&v, RULES_HOLD, "not sealed");
	consent = node_consent(3, 5);
	record = node_record(3, 6);
	record.captured_s = PLACE_NOW_S + 1;
	(void)bench_bring(b, b->norway, &consent);
	v = bench_bring(b, b->norway, &record);
	assert_reason(&v, RULES_HOLD, "task and stated reason");
	put_task(b, "sweden", PLACE_NOW_S);
	consent = node_consent(4, 7);
	record = node_record(4, 8);
	record.captured_s = PLACE_NOW_S + 2;
	(void)bench_bring(b, b->norway, &consent);
	v = bench_bring(b, b->norway, &record);
	assert_reason(&v, RULES_HOLD, "task and stated reason"); /* of another site */
	put_task(b, "norway", PLACE_NOW_S + 2);
	consent = node_consent(5, 9);
	record = node_record(5, 10);
	record.captured_s = PLACE_NOW_S + 3;
	(void)bench_bring(b, b->norway, &consent);
	v = bench_bring(b, b->norway, &record);
	assert_reason(&v, RULES_PERMIT, "");
	/* What was collected before never comes into a figure. */
	bench_assert_now(b, RULES_HOLD, "R23");
	const struct judged now = bench_judge(b, b->norway, 5, RULES_USE_POOLED);
	assert_int_equal(now.verdict.outcome, RULES_PERMIT);
}

/* ---- changes of the study ---- */

static struct approval
a_change(const char *id, const char *site, const char *term, const char *category)
{
	struct approval a = {.kind = "modification",
		.decision = "favourable",
		.verified_by = "officer-1",
		.from_s = 1000};
	(void)snprintf(a.id, sizeof(a.id), "%s", id);
	(void)snprintf(a.site, sizeof(a.site), "%s", site);
	(void)snprintf(a.term, sizeof(a.term), "%s", term);
	(void)snprintf(a.category, sizeof(a.category), "%s", category);
	(void)snprintf(a.covers[APPROVAL_FORMS], APPROVAL_WORDS_BYTES, "attitudes@2");
	return a;
}

static size_t
waiting_for(const struct approval *rows, size_t count, const char *site)
{
	static const struct approval_site sites[] = {{"exa", true}, {"exb", false}};
	const struct approval_study study = {.sites = sites, .site_count = ARRAY_LEN(sites)};
	OWNED(approval_facts)
	struct approval_facts *f = approval_facts_new(rows, count, &study, UINT64_MAX);
	size_t waits = 0;
	for (size_t i = 0; i < f->modification_count; i++)
		waits += strcmp(f->modifications[i].site, site) == 0 &&
			 !*f->modifications[i].decision;
	return waits;
}

static void
the_category_of_a_modification_says_which_sites_confirm_again(void **state)
{
	(void)state;
	struct approval rows[2] = {a_change("m1", "", "substantial", "a")};
	assert_int_equal(waiting_for(rows, 1, "exa"), 1);
	assert_int_equal(waiting_for(rows, 1, "exb"), 0);
	rows[1] = a_change("m2", "exa", "substantial", "");
	assert_int_equal(waiting_for(rows, 2, "exa"), 0);
	rows[0] = a_change("m1", "", "substantial", "b");
	(void)snprintf(rows[0].covers[APPROVAL_SITES], APPROVAL_WORDS_BYTES, "exb");
	assert_int_equal(waiting_for(rows, 1, "exa"), 0);
	assert_int_equal(waiting_for(rows, 1, "exb"), 1);
	rows[0] = a_change("m1", "", "substantial", "c");
	assert_int_equal(waiting_for(rows, 1, "exa"), 0);
}

/* D-10: a partner without an agreement of its own blocks its own records and nobody else's. */
static void
d10_a_partner_without_its_agreement_blocks_its_own_records_alone(void **state)
{
	(void)state;
	static const char text[] =
		"[rules]\nversion = 1\nunlisted = off\nsignatures = 2 officers\n"
		"[R04]\ntitle = t\non = yes\noutcome = deny\nactions = sync\nstop = suspended\n"
		"[R20]\ntitle = t\non = yes\noutcome = deny\nactions = sync\n"
		"approval.all = dsa dpia\napproval.partner = dsa\n";
	static const struct {
		const char *partner;
		bool suspended;
		enum rules_outcome outcome;
	} cases[] = {{"own-care", false, RULES_PERMIT}, {"other-care", false, RULES_DENY},
		{NULL, false, RULES_PERMIT}, {"own-care", true, RULES_DENY},
		{NULL, true, RULES_PERMIT}};
	struct approval rows[3] = {{.id = "a", .kind = "dsa", .site = "exd"},
		{.id = "b", .kind = "dpia"},
		{.id = "c", .kind = "dsa", .site = "exd", .partner = "own-care"}};
	OWNED(faults) struct faults *faults = faults_new();
	OWNED(rules) struct rules *rules = rules_read(view_text(text), "rules.ini", faults);
	assert_non_null(rules);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		(void)snprintf(rows[i].decision, sizeof(rows[i].decision), "confirmed");
		(void)snprintf(rows[i].verified_by, sizeof(rows[i].verified_by), "officer-1");
		rows[i].from_s = 1000;
	}
	rows[2].turns[0] = (struct approval_turn){.kind = APPROVAL_SUSPENDED, .at_s = 1500};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct verdict v;
		rows[2].turn_count = cases[i].suspended;
		OWNED(approval_facts)
		struct approval_facts *f =
			approval_facts_new(rows, ARRAY_LEN(rows), NULL, UINT64_MAX);
		const struct rules_facts facts = {.action = RULES_SYNC,
			.data_kind = "answers",
			.site = "exd",
			.partner = cases[i].partner,
			.no_partner = !cases[i].partner,
			.true_at_ms = 2000 * 1000,
			.approvals = f->approvals,
			.approval_count = f->approval_count};
		rules_judge(rules, &facts, &v);
		if (v.outcome != cases[i].outcome)
			fail_msg("case %zu: %s", i, rules_outcome_word(v.outcome));
	}
}

/* D-90: days and cost come from the approvals themselves. */
static void
d90_days_and_cost_are_those_of_the_approvals(void **state)
{
	(void)state;
	/* 2026-11-02 is a Monday, 2026-11-16 the Monday two weeks later. */
	const int64_t monday_s = 1793577600;
	struct approval rows[4] = {{.kind = "rec",
					   .decision = "favourable",
					   .verified_by = "officer-1",
					   .submitted_s = monday_s,
					   .from_s = monday_s + 3 * DAY_S,
					   .cost = 400},
		{.kind = "nhs_rg",
			.decision = "confirmed",
			.verified_by = "officer-1",
			.site = "exa",
			.submitted_s = monday_s + 2 * DAY_S,
			.from_s = monday_s + 14 * DAY_S,
			.cost = 100},
		{.kind = "nhs_rg",
			.decision = "confirmed",
			.verified_by = "officer-1",
			.site = "exb",
			.from_s = monday_s + 90 * DAY_S,
			.cost = 7},
		{.kind = "dsa",
			.decision = "confirmed",
			.site = "exa",
			.from_s = monday_s + 900 * DAY_S,
			.cost = 1000}};
	struct approval_figures f;
	approval_figures_of(rows, ARRAY_LEN(rows), "exa", 4, &f);
	assert_int_equal(f.count, 2);
	assert_int_equal(f.days, 10);
	assert_int_equal((int)f.cost, 200);
	assert_int_equal((int)(100 * approval_figures_share(&f, 600)), 25);
	assert_int_equal(
		approval_figures_working_days(monday_s + 4 * DAY_S, monday_s + 7 * DAY_S),
		1); /* Friday to Monday */
	assert_int_equal(approval_figures_working_days(monday_s, monday_s), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		at_a_bench(every_field_of_an_approval_comes_back_as_it_was_signed),
		at_a_bench(an_approval_that_contradicts_itself_is_refused_in_words),
		at_a_bench(one_person_suspends_at_once_and_two_lift_it),
		cmocka_unit_test(a_suspension_that_ended_stays_part_of_what_was_true_then),
		at_a_bench(a_condition_holds_records_until_two_persons_say_that_it_was_met),
		at_a_bench(a_review_that_is_overdue_holds_until_it_was_done),
		at_a_bench(d88_each_kind_a_site_needs_is_in_force_and_expiry_stops_it),
		at_a_bench(d89_a_private_provider_needs_another_set_and_works_with_it),
		at_a_bench(d18_a_window_takes_records_between_its_dates_only),
		at_a_bench(d99_and_d6_plan_and_reason_stand_before_the_first_record),
		cmocka_unit_test(the_category_of_a_modification_says_which_sites_confirm_again),
		cmocka_unit_test(
			d10_a_partner_without_its_agreement_blocks_its_own_records_alone),
		cmocka_unit_test(d90_days_and_cost_are_those_of_the_approvals),
	};
	if (crypto_init())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
