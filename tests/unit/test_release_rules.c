#include "tests/unit/release_bench.h"
#include "tests/unit/suite.h"

#include "common/base/clock.h"
#include "common/sync/lane_proof.h"
#include "hub/lease.h"
#include "hub/witness.h"
#include "tests/unit/hub_place.h"
#include "tests/unit/pack_bench.h"

#define DISCLOSURE "[disclosure]"
#define RULE(number, outcome, actions, more)                                                   \
	{                                                                                      \
		"rules.ini", DISCLOSURE,                                                       \
			"[" number "]\ntitle = t\non = yes\noutcome = " outcome                \
			"\nactions = " actions "\n" more "\n" DISCLOSURE                       \
	}
#define END                                                                                    \
	{                                                                                      \
		NULL, NULL, NULL                                                               \
	}
#define R15                                                                                    \
	RULE("R15", "deny", "query release",                                                   \
		"purposes = study-plan audit\npurposes.secondary = secondary-research\n"       \
		"duo = HMB\n")
#define R16 RULE("R16", "deny", "query", "list = forms\nunlisted = refuse-record\n")
#define R17                                                                                    \
	RULE("R17", "deny", "query release",                                                   \
		"roles = researcher pi\ntraining.within = 24 months\ncontract = yes\n"         \
		"reason = yes\n")
#define R21                                                                                    \
	RULE("R21", "hold", "release", "checkpoint.within = 30 days\nquorum.sites = 2 sites\n")

/* Version 2 of the study, with these rules. */
static void
put_in_force(struct release_bench *b, const struct pack_edit *edits)
{
	struct hub_place *p = b->place;
	OWNED_MEM struct place_manifest *m = xcalloc(1, sizeof(*m));
	pack_free(p->pack);
	p->pack = pack_bench_sound(edits);
	place_send_documents(p);
	place_manifest(p, 2, m);
	assert_ok(place_sign_manifest(p, OFFICER_1, "2", m));
	assert_ok(place_sign_manifest(p, OFFICER_2, "2", m));
}

static enum err
propose_for(struct release_bench *b, const char *purpose)
{
	OWNED_MEM char *body =
		xasprintf("{\"id\":\"r1\",\"indicators\":[\"W01\"],\"purpose\":\"%s\","
			  "\"wave\":0}",
			purpose);
	return bench_propose(b, body);
}

/* What a person has: training, a contract. */
static void
put_paper(struct release_bench *b, const char *kind, int64_t from_s, int64_t until_s)
{
	struct vault_txn *t = NULL;
	struct approval a = {.decision = "confirmed",
		.person = "author-1",
		.verified_by = "officer-1",
		.from_s = from_s,
		.until_s = until_s};
	(void)snprintf(a.id, sizeof(a.id), "%s", kind);
	(void)snprintf(a.kind, sizeof(a.kind), "%s", kind);
	assert_ok(hub_txn(&b->place->hub, &t));
	assert_ok(approval_put(t, &a));
	assert_ok(hub_commit(&b->place->hub));
}

static void
assert_says(enum err e, enum err code, const char *words)
{
	if (e != code || !strstr(err_text(), words))
		fail_msg("%s: %s", err_word(e), e ? err_text() : "");
}

/* The whole way behind the proposal. */
static enum err
go_on_to_publish(struct release_bench *b)
{
	bench_checkpoint(b);
	bench_open_keeper(b);
	OWNED_MEM char *document = bench_document(b, RELEASE);
	bench_hand_back(b, OK, document, b->release);
	assert_ok(bench_approve(b, APPROVER_A, document));
	assert_ok(bench_approve(b, APPROVER_B, document));
	bench_checkpoint(b);
	return bench_publish(b, document);
}

/* ---- R15 ---- */

static void
a_purpose_outside_what_was_agreed_is_refused_before_anything_is_frozen(void **state)
{
	static const struct {
		const char *purpose, *words; /* words "": it may be asked */
	} rows[] = {
		{"marketing: why not", "R15: the purpose lies outside what was agreed"},
		{"secondary-research: theirs",
			"R15: the request does not keep the study's limits"},
		{"secondary-research NCU: theirs",
			"R15: the request does not keep the study's limits"},
		{"secondary-research HMB any: theirs",
			"R15: the request states a limit that this version does not know"},
		{"study-plan for us: why",
			"R15: the request states a limit that this version does not know"},
		{"secondary-research HMB: theirs", "no record of its forms"},
		{": why", "R15: the question does not state its purpose"},
		{"study-plan: table 1", ""},
	};
	static const struct pack_edit edits[] = {R15, END};
	struct release_bench *b = *state;
	put_in_force(b, edits);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_says(propose_for(b, rows[i].purpose), *rows[i].words ? E_DENIED : OK,
			rows[i].words);
	assert_ok(go_on_to_publish(b));
}

/* A person at the site agrees anew, and lets other research use it under this limit. */
static void
share_under(struct release_bench *b, uint8_t who, const char *limit)
{
	const struct wire_permission permissions[] = {
		{.code = "collect-direct", .permit = true},
		{.code = "use-site-report", .permit = true},
		{.code = "use-aggregate", .permit = true},
		{.code = "share-secondary",
			.permit = true,
			.limits = &limit,
			.limit_count = *limit != '\0'}};
	struct wire_rules consent = node_consent(who, (uint8_t)(who + 180));
	consent.consent.permissions = permissions;
	consent.consent.permission_count = ARRAY_LEN(permissions);
	bench_bring(b, b->norway, &consent);
}

static void
other_research_counts_those_alone_whose_limits_it_keeps(void **state)
{
	static const struct pack_edit edits[] = {R15, END};
	struct release_bench *b = *state;
	put_in_force(b, edits);
	share_under(b, 1, "HMB");
	share_under(b, 2, "NRES");
	share_under(b, 3, "PUB");
	share_under(b, 4, "any");
	share_under(b, 5, "");
	assert_ok(propose_for(b, "secondary-research HMB: theirs"));
	OWNED(cohort) struct cohort *c = bench_cohort(b);
	assert_int_equal(bitmap_count(c->members), 2);
	share_under(b, 2, "NCU");
	assert_says(go_on_to_publish(b), E_DENIED,
		"R15: the request does not keep the person's limits on other research");
}

/* ---- R16 ---- */

static void
a_question_for_items_of_the_forms_may_be_asked(void **state)
{
	static const struct pack_edit edits[] = {R16, END};
	struct release_bench *b = *state;
	put_in_force(b, edits);
	assert_ok(propose_for(b, "example"));
	assert_ok(go_on_to_publish(b));
}

/* ---- R17 ---- */

static void
who_asks_needs_training_contract_and_a_reason(void **state)
{
	static const struct pack_edit edits[] = {R17, END};
	struct release_bench *b = *state;
	const int64_t now_s = clock_wall_ms() / 1000;
	put_in_force(b, edits);
	assert_says(propose_for(b, "study-plan: table 1"), E_DENIED, "R17: ");
	put_paper(b, "training", now_s - 100 * DAY_S, 0);
	assert_says(propose_for(b, "study-plan: table 1"), E_DENIED, "R17: ");
	put_paper(b, "contract", now_s - 100 * DAY_S, now_s + DAY_S);
	assert_says(propose_for(b, "study-plan"), E_DENIED, "R17: ");
	assert_ok(propose_for(b, "study-plan: table 1"));
	assert_ok(go_on_to_publish(b));
}

static void
a_contract_that_ended_since_stops_the_release(void **state)
{
	static const struct pack_edit edits[] = {R17, END};
	struct release_bench *b = *state;
	const int64_t now_s = clock_wall_ms() / 1000;
	put_in_force(b, edits);
	put_paper(b, "training", now_s - 100 * DAY_S, 0);
	put_paper(b, "contract", now_s - 100 * DAY_S, now_s + DAY_S);
	assert_ok(propose_for(b, "study-plan: table 1"));
	put_paper(b, "contract", now_s - 100 * DAY_S, now_s);
	assert_says(go_on_to_publish(b), E_DENIED, "R17: ");
}

/* ---- R21 ---- */

/* The site countersigns the checkpoint published last. */
static void
cosign(struct release_bench *b, struct fake_node *n)
{
	struct vault_txn *t = NULL;
	OWNED_SECRET struct secret *key = NULL;
	struct audit *log = b->place->hub.audit;
	struct sync_witness w = {.checkpoint.seq = audit_published_size(log),
		.time_s = (uint64_t)clock_wall_ms() / 1000};
	audit_published_root(w.checkpoint.head, log);
	sign_keypair(n->writer.witness, &key);
	assert_ok(lane_witness_sign(&w, audit_key(log)->name, key));
	assert_ok(hub_txn(&b->place->hub, &t));
	assert_ok(writer_put(t, &n->writer));
	assert_ok(witness_keep(log, t, &n->writer, &w));
	assert_ok(hub_commit(&b->place->hub));
}

static void
a_release_waits_until_sites_have_countersigned_the_log(void **state)
{
	static const struct pack_edit edits[] = {R21, END};
	struct release_bench *b = *state;
	put_in_force(b, edits);
	OWNED_MEM char *document = bench_stage(b);
	bench_checkpoint(b);
	cosign(b, b->norway); /* before the second approval: too early */
	assert_ok(bench_approve(b, APPROVER_A, document));
	assert_ok(bench_approve(b, APPROVER_B, document));
	bench_checkpoint(b);
	assert_says(bench_publish(b, document), E_DENIED, "held by R21: too few sites");
	cosign(b, b->norway);
	assert_says(bench_publish(b, document), E_DENIED, "held by R21: too few sites");
	cosign(b, b->sweden);
	assert_ok(bench_publish(b, document));
}

/* ---- the word of a site on consent (lease.h, H7) ---- */

#define WEEK_S 604800
#define WEEK                                                                                   \
	{                                                                                      \
		"study.ini", "[withdrawal]", "[withdrawal]\ndone.within = 7 days"              \
	}

/* The node was admitted long ago, and all it knew of consent was here at this time. */
static void
put_word(struct release_bench *b, struct fake_node *n, int64_t word_s, int64_t revoked_s)
{
	struct vault_txn *t = NULL;
	struct standing s;
	n->writer.admitted_s = 1;
	n->writer.revoked_s = revoked_s;
	assert_ok(hub_txn(&b->place->hub, &t));
	assert_ok(writer_put(t, &n->writer));
	assert_ok(standing_get(t, n->writer.public, &s));
	s.consent_s = word_s;
	assert_ok(standing_put(t, n->writer.public, &s));
	assert_ok(hub_commit(&b->place->hub));
}

static enum site_state
state_of(const struct cohort *c, const char *site)
{
	for (size_t i = 0; i < c->site_count; i++)
		if (strcmp(c->sites[i].id, site) == 0)
			return c->sites[i].state;
	fail_msg("%s is not in the cohort", site);
	return SITE_NOT_IN_WAVE;
}

static void
a_word_holds_for_as_long_as_the_receipts_promise(void **state)
{
	static const struct {
		int64_t word_s, now_s, within_ms;
		bool holds;
	} rows[] = {
		{1000, 1000, WEEK_S * 1000LL, true},
		{1000, 1000 + WEEK_S, WEEK_S * 1000LL, true},
		{1000, 1001 + WEEK_S, WEEK_S * 1000LL, false},
		{1000, 1001 + WEEK_S, 0, true},
		{1300, 1000, WEEK_S * 1000LL, true},
		{1301, 1000, WEEK_S * 1000LL, false}, /* of a clock that was moved */
		{0, 1800000000, WEEK_S * 1000LL, false},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (lease_holds(rows[i].word_s, rows[i].now_s, rows[i].within_ms) !=
			rows[i].holds)
			fail_msg("row %zu", i);
}

static void
a_site_that_fell_silent_is_late_and_its_records_are_left_out(void **state)
{
	static const struct pack_edit edits[] = {WEEK, END};
	const int64_t now_s = PLACE_NOW_S;
	const struct {
		const char *name;
		int64_t word_s, revoked_s;
		enum site_state state;
	} rows[] = {
		{"heard a week ago", now_s - WEEK_S + 60, 0, SITE_TAKES_PART},
		{"not heard since", now_s - WEEK_S - 60, 0, SITE_LATE},
		{"its only node was revoked", now_s, now_s, SITE_LATE},
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		void *made = NULL;
		assert_int_equal(make_release_bench(&made), 0);
		struct release_bench *b = made;
		put_in_force(b, edits);
		put_word(b, b->norway, now_s, 0);
		put_word(b, b->sweden, rows[i].word_s, rows[i].revoked_s);
		assert_ok(propose_for(b, "example"));
		OWNED(cohort) struct cohort *c = bench_cohort(b);
		const bool in = rows[i].state == SITE_TAKES_PART;
		if (state_of(c, "sweden") != rows[i].state ||
			state_of(c, "norway") != SITE_TAKES_PART ||
			bitmap_count(c->members) != (in ? 2u : 1u) * PEOPLE_COUNT)
			fail_msg("%s", rows[i].name);
		assert_int_equal(drop_release_bench(&made), 0);
	}
	(void)state;
}

static void
a_site_that_falls_silent_while_a_release_waits_stops_it(void **state)
{
	static const struct pack_edit edits[] = {WEEK, END};
	const int64_t now_s = PLACE_NOW_S;
	struct release_bench *b = *state;
	put_in_force(b, edits);
	put_word(b, b->norway, now_s, 0);
	put_word(b, b->sweden, now_s, 0);
	assert_ok(propose_for(b, "example"));
	put_word(b, b->sweden, now_s - WEEK_S - 60, 0);
	assert_says(go_on_to_publish(b), E_CONFLICT, "site sweden was not heard");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define at_a_release(test)                                                                     \
	cmocka_unit_test_setup_teardown(test, make_release_bench, drop_release_bench)
		at_a_release(
			a_purpose_outside_what_was_agreed_is_refused_before_anything_is_frozen),
		at_a_release(other_research_counts_those_alone_whose_limits_it_keeps),
		at_a_release(a_question_for_items_of_the_forms_may_be_asked),
		at_a_release(who_asks_needs_training_contract_and_a_reason),
		at_a_release(a_contract_that_ended_since_stops_the_release),
		cmocka_unit_test(a_word_holds_for_as_long_as_the_receipts_promise),
		cmocka_unit_test(a_site_that_fell_silent_is_late_and_its_records_are_left_out),
		at_a_release(a_site_that_falls_silent_while_a_release_waits_stops_it),
		at_a_release(a_release_waits_until_sites_have_countersigned_the_log),
	};
	if (crypto_init())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
