#include "tests/unit/suite.h"

#include "hub/approval_facts.h"
#include "tests/unit/judge_bench.h"

/* What an approval speaks for: kinds that a site needs, flows, protocols, versions of forms. */

static void
withdraw(struct bench *b, const char *id)
{
	OWNED_BUF struct buf body;
	buf_init(&body, 1024);
	buf_format(&body,
		"{\"id\":\"%s\",\"turn\":\"withdraw\",\"condition\":0,\"at_s\":%lld,\"reason\":"
		"\"as "
		"they wrote\"}",
		id, (long long)PLACE_NOW_S - 1);
	assert_ok(place_submit(b->place, OFFICER_1, "approval-turn", id, buf_view(&body)));
}

static struct approval
a_change(const char *forms, const char *term)
{
	struct approval a = {.id = "m1",
		.kind = "modification",
		.decision = "favourable",
		.category = "c",
		.from_s = 1000};
	(void)snprintf(a.term, sizeof(a.term), "%s", term);
	(void)snprintf(a.covers[APPROVAL_FORMS], APPROVAL_WORDS_BYTES, "%s", forms);
	return a;
}

#define NEXT_VERSION "forms/attitudes/settings.csv"

static void
assert_first(struct bench *b, uint64_t seq, enum rules_outcome outcome, const char *words)
{
	const struct judged now = bench_judge(b, b->norway, seq, RULES_USE_POOLED);
	const char *said = now.verdict.fired_count ? now.verdict.fired[0].reason : "";
	if (now.verdict.outcome != outcome || !strstr(said, words))
		fail_msg(
			"%s: %s %s", rules_outcome_word(now.verdict.outcome), said, now.reason);
}

/* A record and its consent, collected so long behind the usual ones. */
static void
bring_later(struct bench *b, uint8_t which, int64_t later_s)
{
	struct wire_rules consent = node_consent(which, (uint8_t)(2 * which - 1)),
			  record = node_record(which, (uint8_t)(2 * which));
	record.captured_s += later_s;
	(void)bench_bring(b, b->norway, &consent);
	(void)bench_bring(b, b->norway, &record);
}

/* D-88: nothing is permitted before every kind in the site's line of sites.csv is in force. */
static void
d88_a_kind_that_one_site_alone_needs_is_asked_for_by_name(void **state)
{
	static const struct pack_edit edits[] = {
		{"sites.csv", "rec;site_agreement\nsweden", "rec;site_agreement;adass\nsweden"},
		END};
	struct bench *b = *state;
	bench_publish(b, 2, edits);
	bench_open_sites(b);
	bring_later(b, 1, 0);
	assert_first(b, 1, RULES_DENY, "approval adass, which the site needs");
	struct approval a = bench_opinion();
	(void)snprintf(a.id, sizeof(a.id), "adass-1");
	(void)snprintf(a.kind, sizeof(a.kind), "adass");
	bench_grant(b, &a);
	assert_first(b, 1, RULES_PERMIT, "");
}

static void
an_approval_of_a_flow_speaks_for_its_own_records_alone(void **state)
{
	static const struct pack_edit edits[] = {
		{"study.ini", "[form.attitudes]", "[form.attitudes]\nflow = survey"}, END};
	struct bench *b = *state;
	struct approval a = bench_opinion();
	bench_approve(b->place, "ag-1", "site_agreement", "norway", &bench_confirmed);
	bring_later(b, 1, 0);
	(void)snprintf(a.flow, sizeof(a.flow), "survey");
	assert_refused(bench_sign_body(b, RESEARCHER_1, "approval", &a), E_NOTFOUND,
		"no form of the study is of flow survey");
	bench_publish(b, 2, edits);
	bench_grant(b, &a);
	assert_first(b, 1, RULES_PERMIT, "");
	bench_publish(b, 3, NULL);
	assert_first(b, 1, RULES_DENY, "no favourable ethics opinion");
}

static void
an_approval_of_a_protocol_speaks_for_what_was_collected_under_it(void **state)
{
	static const struct pack_edit edits[] = {
		{"study.ini", "protocol = 1", "protocol = 2"}, END};
	struct bench *b = *state;
	struct approval a = bench_opinion();
	bench_approve(b->place, "ag-1", "site_agreement", "norway", &bench_confirmed);
	(void)snprintf(a.covers[APPROVAL_PROTOCOLS], APPROVAL_WORDS_BYTES, "2 3");
	bench_grant(b, &a);
	bring_later(b, 1, 0);
	assert_first(b, 1, RULES_DENY, "no favourable ethics opinion");
	struct approval first = bench_opinion();
	(void)snprintf(first.id, sizeof(first.id), "rec-3");
	(void)snprintf(first.covers[APPROVAL_PROTOCOLS], APPROVAL_WORDS_BYTES, "1");
	bench_grant(b, &first);
	assert_first(b, 1, RULES_PERMIT, "");
	bench_publish(b, 2, edits);
	assert_first(b, 1, RULES_PERMIT, "");
	bring_later(b, 2, 0);
	assert_first(b, 2, RULES_PERMIT, "");
	bring_later(b, 3, PLACE_NOW_S + 1 - NODE_CAPTURED_S);
	withdraw(b, "rec-2");
	assert_first(b, 3, RULES_DENY, "no favourable ethics opinion");
	assert_first(b, 1, RULES_PERMIT, "");
}

/* A new version of a form is a change of the study. */
static void
a_new_version_of_a_form_waits_for_the_change_that_brings_it(void **state)
{
	static const struct pack_edit next[] = {{NEXT_VERSION, ",1,", ",2,"}, END};
	struct bench *b = *state;
	struct wire_rules consent = node_consent(2, 3), record = node_record(2, 4);
	bench_open_sites(b);
	bring_later(b, 1, 0);
	bench_publish(b, 2, next);
	record.form_version = "2";
	(void)bench_bring(b, b->norway, &consent);
	struct record_verdict v = bench_bring(b, b->norway, &record);
	assert_reason(&v, RULES_DENY, "the change that brought this form");
	assert_first(b, 1, RULES_PERMIT, "");
	struct approval a = a_change("attitudes@2", "minor");
	(void)snprintf(a.decision, sizeof(a.decision), "not-required");
	(void)snprintf(a.reason, sizeof(a.reason), "a slip of the pen");
	bench_grant(b, &a);
	assert_first(b, 2, RULES_PERMIT, "");
	assert_first(b, 1, RULES_PERMIT, "");
}

static void
an_opinion_that_names_the_version_brings_it_as_well(void **state)
{
	(void)state;
	static const struct approval_form brought[] = {{"attitudes", "2", 7}};
	static const struct approval_study study = {.forms = brought, .form_count = 1};
	static const struct {
		const char *kind, *decision, *site, *forms;
		uint64_t known_upto;
		size_t waits;
	} cases[] = {{"rec", "favourable", "", "attitudes@2", 9, 0},
		{"rec", "favourable", "", "attitudes", 9, 1},
		{"rec", "favourable", "", "attitudes@1", 9, 1},
		{"rec", "favourable", "norway", "attitudes@2", 9, 1},
		{"rec", "unfavourable", "", "attitudes@2", 9, 1},
		{"dpia", "favourable", "", "attitudes@2", 9, 1},
		{"rec", "favourable", "", "other@2 attitudes@2", 9, 0},
		{"rec", "favourable", "", "attitudes@1", 7, 1},
		{"rec", "favourable", "", "attitudes@1", 6, 0}};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct approval a = {.id = "a", .verified_by = "officer-1", .from_s = 1000};
		(void)snprintf(a.kind, sizeof(a.kind), "%s", cases[i].kind);
		(void)snprintf(a.decision, sizeof(a.decision), "%s", cases[i].decision);
		(void)snprintf(a.site, sizeof(a.site), "%s", cases[i].site);
		(void)snprintf(
			a.covers[APPROVAL_FORMS], APPROVAL_WORDS_BYTES, "%s", cases[i].forms);
		OWNED(approval_facts)
		struct approval_facts *f =
			approval_facts_new(&a, 1, &study, cases[i].known_upto);
		if (f->modification_count != cases[i].waits)
			fail_msg("case %zu: %zu", i, f->modification_count);
	}
}

/* D-67: the form with the list of outcomes takes nothing before its amendment is agreed to. */
static void
d67_a_form_of_phase_2_waits_for_its_amendment(void **state)
{
	static const struct pack_edit edits[] = {{"study.ini", "phase = 0", "phase = 2"},
		{"study.ini", "[log]", "[phase2]\nlist.needs = amendment\n\n[log]"}, END};
	struct bench *b = *state;
	struct approval a = a_change("attitudes@1", "substantial");
	bench_open_sites(b);
	bring_later(b, 1, 0);
	assert_first(b, 1, RULES_PERMIT, "");
	bench_publish(b, 2, edits);
	assert_first(b, 1, RULES_DENY, "the change that brought this form");
	bench_grant(b, &a);
	assert_first(b, 1, RULES_PERMIT, "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		at_a_bench(d88_a_kind_that_one_site_alone_needs_is_asked_for_by_name),
		at_a_bench(an_approval_of_a_flow_speaks_for_its_own_records_alone),
		at_a_bench(an_approval_of_a_protocol_speaks_for_what_was_collected_under_it),
		at_a_bench(a_new_version_of_a_form_waits_for_the_change_that_brings_it),
		cmocka_unit_test(an_opinion_that_names_the_version_brings_it_as_well),
		at_a_bench(d67_a_form_of_phase_2_waits_for_its_amendment),
	};
	if (crypto_init())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
