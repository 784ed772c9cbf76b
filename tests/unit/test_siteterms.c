#include "tests/unit/suite.h"

#include "common/base/mem.h"
#include "hub/audit.h"
#include "hub/delegation.h"
#include "hub/erase_site.h"
#include "hub/forward_erase.h"
#include "hub/hold.h"
#include "hub/recovery.h"
#include "hub/siteterms.h"
#include "tests/unit/judge_bench.h"

#define NOW_S PLACE_NOW_S

/* The terms of a site as a node would open them; gives. */
static struct terms *
terms_of(struct bench *b, struct siteterms *s, const char *site)
{
	struct terms *t = NULL;
	struct vault_txn *txn = NULL;
	uint8_t public[SIGN_PUBLIC_BYTES];
	struct siteterms_say what;
	assert_ok(hub_txn_reserve(&b->place->hub, &txn));
	assert_ok(siteterms_refresh(s, &b->place->hub, txn));
	const struct view bytes = siteterms_of(s, site, &what);
	if (bytes.len == 0)
		return NULL;
	sign_public(public, b->place->hub.receipt);
	assert_ok(terms_open(&t, bytes, public));
	assert_int_equal(t->number, what.number);
	assert_int_equal(t->manifest_number, what.manifest_number);
	assert_int_equal(t->until_s, what.until_s);
	assert_string_equal(t->site, site);
	return t;
}

static const struct rules_approval *
approval_of(const struct terms *t, const char *kind)
{
	for (size_t i = 0; i < t->approval_count; i++)
		if (strcmp(t->approvals[i].kind, kind) == 0)
			return &t->approvals[i];
	return NULL;
}

static void
each_site_gets_what_concerns_the_study_and_itself(void **state)
{
	struct bench *b = *state;
	OWNED(siteterms) struct siteterms *s = siteterms_new();
	bench_open_sites(b);
	OWNED(terms) struct terms *norway = terms_of(b, s, "norway");
	OWNED(terms) struct terms *sweden = terms_of(b, s, "sweden");
	assert_non_null(norway);
	assert_non_null(sweden);
	assert_non_null(approval_of(norway, "rec"));
	assert_string_equal(approval_of(norway, "site_agreement")->site, "norway");
	assert_string_equal(approval_of(sweden, "site_agreement")->site, "sweden");
	for (size_t i = 0; i < norway->approval_count; i++)
		assert_string_not_equal(norway->approvals[i].site, "sweden");
}

static void
what_was_not_verified_is_not_said(void **state)
{
	struct bench *b = *state;
	OWNED(siteterms) struct siteterms *s = siteterms_new();
	const struct approval a = {.id = "rec-9",
		.kind = "rec",
		.decision = "favourable",
		.reference = "EX",
		.from_s = NOW_S - DAY_S};
	assert_ok(bench_sign_body(b, RESEARCHER_1, "approval", &a));
	OWNED(terms) struct terms *before = terms_of(b, s, "norway");
	assert_null(approval_of(before, "rec"));
	assert_ok(bench_sign_body(b, OFFICER_1, "approval-verify", &a));
	OWNED(terms) struct terms *after = terms_of(b, s, "norway");
	assert_non_null(approval_of(after, "rec"));
	assert_true(after->number > before->number);
}

static void
nothing_new_makes_no_new_number(void **state)
{
	struct bench *b = *state;
	OWNED(siteterms) struct siteterms *s = siteterms_new();
	bench_open_sites(b);
	OWNED(terms) struct terms *first = terms_of(b, s, "norway");
	const uint64_t generation = siteterms_generation(s);
	OWNED(terms) struct terms *second = terms_of(b, s, "norway");
	assert_int_equal(siteterms_generation(s), generation);
	b->place->hub.terms_changes++;
	OWNED(terms) struct terms *third = terms_of(b, s, "norway");
	assert_int_equal(siteterms_generation(s), generation + 1);
	assert_int_equal(first->number, second->number);
	assert_int_equal(first->number, third->number);
}

/* Row by row, from where the one before left the clock: I7, a version has a last day. */
static void
their_last_day_is_put_off_each_day_under_the_same_number(void **state)
{
	static const struct {
		int64_t later_s; /* than the first */
		bool is_renewed;
	} rows[] = {{DAY_S - 1, false}, {DAY_S, true}, {2 * DAY_S - 1, false},
		{2 * DAY_S, true}, {2 * DAY_S - 1, true}};
	struct bench *b = *state;
	OWNED(siteterms) struct siteterms *s = siteterms_new();
	bench_open_sites(b);
	OWNED(terms) struct terms *first = terms_of(b, s, "norway");
	int64_t made_s = first->made_s;
	assert_int_equal(first->until_s, made_s + (int64_t)PACK_IN_FORCE_DAYS * DAY_S);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const int64_t now_s = first->made_s + rows[i].later_s;
		clock_freeze_wall_ms(now_s * 1000);
		OWNED(terms) struct terms *t = terms_of(b, s, "norway");
		made_s = rows[i].is_renewed ? now_s : made_s;
		if (t->made_s != made_s ||
			t->until_s != made_s + (int64_t)PACK_IN_FORCE_DAYS * DAY_S)
			fail_msg("row %zu: made at %lld", i, (long long)t->made_s);
		assert_int_equal(t->number, first->number);
	}
}

static void
another_version_of_the_study_makes_them_anew(void **state)
{
	struct bench *b = *state;
	OWNED(siteterms) struct siteterms *s = siteterms_new();
	OWNED(terms) struct terms *before = terms_of(b, s, "norway");
	assert_int_equal(before->manifest_number, b->place->hub.manifest_number);
	b->place->hub.manifest_number++;
	b->place->hub.terms_changes++;
	OWNED(terms) struct terms *after = terms_of(b, s, "norway");
	b->place->hub.manifest_number--;
	assert_int_equal(after->manifest_number, before->manifest_number + 1);
}

static void
what_a_lost_turn_made_is_forgotten(void **state)
{
	struct bench *b = *state;
	OWNED(siteterms) struct siteterms *s = siteterms_new();
	OWNED(terms) struct terms *first = terms_of(b, s, "norway");
	struct siteterms_say what;
	assert_non_null(first);
	siteterms_forget(s);
	assert_int_equal(siteterms_of(s, "norway", &what).len, 0);
	assert_int_equal(what.number, 0);
	OWNED(terms) struct terms *again = terms_of(b, s, "norway");
	assert_non_null(again);
}

static void
the_delegation_log_reaches_its_own_site(void **state)
{
	struct bench *b = *state;
	struct vault_txn *t = NULL;
	OWNED(siteterms) struct siteterms *s = siteterms_new();
	assert_ok(hub_txn(&b->place->hub, &t));
	assert_ok(delegation_take(
		t, "norway", DELEGATION_ADDED, "local-1 consent 2026-11-01 -", 900));
	assert_ok(delegation_take(
		t, "norway", DELEGATION_ENDED, "local-1 consent 2026-12-01 2026-12-01", 901));
	OWNED(terms) struct terms *norway = terms_of(b, s, "norway");
	OWNED(terms) struct terms *sweden = terms_of(b, s, "sweden");
	assert_int_equal(norway->duty_count, 1);
	assert_string_equal(norway->duties[0].person, "local-1");
	assert_string_equal(norway->duties[0].task, "consent");
	assert_int_equal(norway->duties[0].until_ms % (DAY_S * INT64_C(1000)), 0);
	assert_int_equal(sweden->duty_count, 0);
}

/* A node that sends lines without end holds up neither the judge nor other sites. */
static void
a_site_has_so_many_lines_of_its_delegation_log_and_no_more(void **state)
{
	struct bench *b = *state;
	struct vault_txn *t = NULL;
	OWNED_BY(delegation_done) struct delegation all = {.count = 0};
	uint64_t leaf = 900;
	assert_ok(hub_txn(&b->place->hub, &t));
	for (size_t i = 0; i < DELEGATION_ADDED_MAX; i++)
		assert_ok(delegation_take(
			t, "norway", DELEGATION_ADDED, "local-1 consent 2026-11-01 -", leaf++));
	assert_err(delegation_take(t, "norway", DELEGATION_ADDED,
			   "local-1 consent 2026-11-01 -", leaf++),
		E_FORMAT);
	assert_ok(delegation_take(t, "norway", DELEGATION_ENDED,
		"local-1 consent 2026-12-01 2026-12-01", leaf++));
	assert_ok(delegation_take(
		t, "norway-2", DELEGATION_ADDED, "local-1 consent 2026-11-01 -", leaf++));
	assert_ok(delegation_read(&all, t));
	assert_int_equal(all.count, DELEGATION_ADDED_MAX + 1);
	for (size_t i = 0; i < all.count; i++)
		assert_int_equal(
			all.duties[i].until_ms != 0, strcmp(all.duties[i].site, "norway") == 0);
	hub_abort(&b->place->hub);
}

static void
a_hold_is_told_to_the_site_of_the_person_until_it_ends(void **state)
{
	struct bench *b = *state;
	struct vault_txn *t = NULL;
	OWNED(siteterms) struct siteterms *s = siteterms_new();
	struct wire_rules consent = node_consent(1, 1), change = node_consent(1, 2);
	struct hold h = {.placed_s = NOW_S, .number = "7KQF-2M9T-C", .by = "researcher-1"};
	bench_open_sites(b);
	(void)bench_bring(b, b->norway, &consent);
	memcpy(h.participant, consent.participant, sizeof(h.participant));
	assert_ok(hub_txn(&b->place->hub, &t));
	assert_ok(hold_put(t, &h));
	b->place->hub.terms_changes++;
	OWNED(terms) struct terms *norway = terms_of(b, s, "norway");
	OWNED(terms) struct terms *sweden = terms_of(b, s, "sweden");
	assert_int_equal(norway->hold_count, 1);
	assert_string_equal(norway->holds[0].number, "7KQF-2M9T-C");
	assert_int_equal(sweden->hold_count, 0);
	assert_ok(hub_commit(&b->place->hub));
	audit_committed(b->place->hub.audit);
	change.kind = RULES_CHANGE;
	change.consent.event = "changed";
	change.consent.level = "no-further-contact";
	change.consent.given_at_s = NOW_S - 1;
	(void)bench_bring(b, b->norway, &change);
	OWNED(terms) struct terms *after = terms_of(b, s, "norway");
	assert_int_equal(after->hold_count, 0);
	assert_true(after->number > norway->number);
}

static void
note_wish(struct bench *b, uint8_t who, int64_t refused_s, int64_t gone_s)
{
	struct forward_erasure e = {.participant = {who},
		.receipt = {who},
		.stopped_s = NOW_S,
		.refused_s = refused_s,
		.gone_s = gone_s};
	forward_note_erasure(audit_forward(b->place->hub.audit), &e);
}

static bool
names(const struct terms *t, uint8_t who)
{
	const uint8_t person[ID_BYTES] = {who};
	uint8_t mark[ID_BYTES];
	terms_mark(mark, person);
	for (size_t i = 0; i < t->gone_count; i++)
		if (memcmp(t->gone[i].mark, mark, sizeof(mark)) == 0)
			return t->gone[i].start[0] == who && t->gone[i].stopped_s == NOW_S;
	return false;
}

/* However long ago: a site may put a backup back at any time. */
static void
who_is_gone_is_named_to_the_own_site_or_to_all_if_that_is_forgotten(void **state)
{
	enum { OWN = 1, FORGOTTEN, REFUSED, PENDING };
	struct bench *b = *state;
	struct vault_txn *t = NULL;
	OWNED(siteterms) struct siteterms *s = siteterms_new();
	const uint8_t own[RECEIPT_START_BYTES] = {OWN};
	bench_open_sites(b);
	assert_ok(hub_txn(&b->place->hub, &t));
	assert_ok(erase_site_asked(t, own, "norway"));
	note_wish(b, OWN, 0, 1);
	note_wish(b, FORGOTTEN, 0, NOW_S);
	note_wish(b, REFUSED, NOW_S, 0);
	note_wish(b, PENDING, 0, 0);
	assert_ok(hub_commit(&b->place->hub));
	audit_committed(b->place->hub.audit);
	OWNED(terms) struct terms *norway = terms_of(b, s, "norway");
	OWNED(terms) struct terms *sweden = terms_of(b, s, "sweden");
	assert_int_equal(norway->gone_count, 2);
	assert_true(names(norway, OWN));
	assert_true(names(norway, FORGOTTEN));
	assert_int_equal(sweden->gone_count, 1);
	assert_true(names(sweden, FORGOTTEN));
}

/* An approval as large as one gets, of one site. */
static void
put_large(struct vault_txn *t, const char *site, unsigned number)
{
	struct approval a = {.kind = "dsa",
		.decision = "favourable",
		.reference = "EX",
		.from_s = NOW_S - DAY_S,
		.entered_by = "researcher-1",
		.verified_by = "officer-1",
		.entered_leaf = 1,
		.verified_leaf = 2};
	(void)snprintf(a.id, sizeof(a.id), "large-%u", number);
	(void)snprintf(a.site, sizeof(a.site), "%s", site);
	for (size_t i = 0; i < APPROVAL_COVERS_COUNT; i++)
		for (size_t k = 0; k + 2 < sizeof(a.covers[i]); k += 2)
			memcpy(a.covers[i] + k, k ? " a" : "aa", 2);
	assert_ok(approval_put(t, &a));
}

/* Terms of many frames go whole; what is longer than they may be is cut, and said. */
static void
terms_that_are_too_long_end_collecting_and_are_named(void **state)
{
	enum { FITS = 600, TOO_MANY = 2600 };
	struct bench *b = *state;
	struct vault_txn *t = NULL;
	OWNED(siteterms) struct siteterms *s = siteterms_new();
	bench_open_sites(b);
	assert_ok(hub_txn(&b->place->hub, &t));
	for (unsigned i = 0; i < FITS; i++)
		put_large(t, "norway", i);
	OWNED(terms) struct terms *whole = terms_of(b, s, "norway");
	assert_false(whole->is_cut);
	assert_true(whole->approval_count > FITS);
	assert_null(siteterms_cut(s, 0));
	for (unsigned i = FITS; i < TOO_MANY; i++)
		put_large(t, "norway", i);
	note_wish(b, 1, 0, NOW_S);
	b->place->hub.terms_changes++;
	OWNED(terms) struct terms *norway = terms_of(b, s, "norway");
	OWNED(terms) struct terms *sweden = terms_of(b, s, "sweden");
	assert_true(norway->is_cut);
	assert_int_equal(norway->approval_count, 0);
	assert_int_equal(norway->gone_count, 1);
	assert_false(sweden->is_cut);
	assert_string_equal(siteterms_cut(s, 0), "norway");
	assert_null(siteterms_cut(s, 1));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		at_a_bench(each_site_gets_what_concerns_the_study_and_itself),
		at_a_bench(what_was_not_verified_is_not_said),
		at_a_bench(nothing_new_makes_no_new_number),
		at_a_bench(their_last_day_is_put_off_each_day_under_the_same_number),
		at_a_bench(another_version_of_the_study_makes_them_anew),
		at_a_bench(what_a_lost_turn_made_is_forgotten),
		at_a_bench(the_delegation_log_reaches_its_own_site),
		at_a_bench(a_site_has_so_many_lines_of_its_delegation_log_and_no_more),
		at_a_bench(a_hold_is_told_to_the_site_of_the_person_until_it_ends),
		at_a_bench(who_is_gone_is_named_to_the_own_site_or_to_all_if_that_is_forgotten),
		at_a_bench(terms_that_are_too_long_end_collecting_and_are_named),
	};
	if (crypto_init())
		return 1;
	return cmocka_run_group_tests_name("siteterms", tests, NULL, NULL);
}
