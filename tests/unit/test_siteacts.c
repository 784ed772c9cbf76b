#include "tests/unit/suite.h"

#include "common/net/call.h"
#include "hub/erase.h"
#include "hub/forward_erase.h"
#include "hub/leaving_note.h"
#include "hub/leaving_tick.h"
#include "hub/siteacts.h"
#include "tests/unit/judge_bench.h"

#define TODAY    "2026-11-22"
#define TODAY_S  1795305600 /* its first second */
#define OVERSEER "overseer-1"

/* ---- leaving ---- */

/* The overseer of a site takes the operator's key; nobody else here signs as operator. */
static void
add_overseer(struct bench *b, const char *organisation)
{
	struct hub_place *p = b->place;
	secret_free(p->sign[OPERATOR_1]);
	sign_keypair(p->public[OPERATOR_1], &p -> sign[OPERATOR_1]);
	struct wire_card c = place_card(p, OPERATOR_1);
	(void)snprintf(c.person, sizeof(c.person), OVERSEER);
	(void)snprintf(c.roles[0], sizeof(c.roles[0]), "overseer");
	(void)snprintf(c.organisation, sizeof(c.organisation), "%s", organisation);
	assert_ok(place_add_card(p, &c));
}

static void
leave_body(struct buf *body, const char *site, const char *data, const char *day)
{
	buf_init(body, 1024);
	buf_format(body,
		"{\"site\":\"%s\",\"data\":\"%s\",\"day\":\"%s\",\"reason\":\"example\"}", site,
		data, day);
}

static enum err
leave(struct bench *b, enum who by, const char *site, const char *data, const char *day)
{
	OWNED_BUF struct buf body;
	leave_body(&body, site, data, day);
	return place_submit(b->place, by, "site-leave", site, buf_view(&body));
}

static enum err
agree(struct bench *b, const char *site, const char *data, const char *day)
{
	OWNED_BUF struct buf body;
	leave_body(&body, site, data, day);
	const struct place_act a = {.signed_by = OPERATOR_1,
		.study = PLACE_STUDY,
		.kind = "site-leave-agree",
		.id = site,
		.body = buf_view(&body),
		.time_s = PLACE_NOW_S};
	return place_submit_act(b->place, &a, OVERSEER);
}

static void
bring_person(struct bench *b, struct fake_node *n, uint8_t person)
{
	struct wire_rules consent = node_consent(person, (uint8_t)(2 * person)),
			  record = node_record(person, (uint8_t)(2 * person + 1));
	(void)bench_bring(b, n, &consent);
	(void)bench_bring(b, n, &record);
}

static enum rules_outcome
pooled(struct bench *b, const struct fake_node *n)
{
	return bench_judge(b, n, 1, RULES_USE_POOLED).verdict.outcome;
}

/* D-15: leaving needs a choice, and both parties' consent to it is recorded. */
static void
d15_nothing_changes_until_both_parties_said_the_same(void **state)
{
	struct bench *b = *state;
	bench_open_sites(b);
	bring_person(b, b->norway, 1);
	add_overseer(b, "norway");
	assert_refused(agree(b, "norway", "stop", TODAY), E_NOTFOUND, "nobody of the study");
	assert_refused(leave(b, APPROVER_1, "norway", "stop", TODAY), E_DENIED, "no role");
	assert_refused(leave(b, RESEARCHER_1, "norway", "", TODAY), E_FORMAT, "a choice");
	assert_refused(leave(b, RESEARCHER_1, "norway", "stop", "soon"), E_FORMAT, "its day");
	assert_refused(leave(b, RESEARCHER_1, "denmark", "stop", TODAY), E_NOTFOUND, "denmark");
	assert_ok(leave(b, RESEARCHER_1, "norway", "keep", TODAY));
	assert_ok(leave(b, RESEARCHER_1, "norway", "stop", TODAY)); /* said anew */
	assert_int_equal(pooled(b, b->norway), RULES_PERMIT);
	assert_refused(agree(b, "norway", "keep", TODAY), E_DENIED, "something else");
	assert_ok(leave(b, RESEARCHER_1, "sweden", "stop", TODAY));
	assert_refused(agree(b, "sweden", "stop", TODAY), E_DENIED, "does not answer for");
	assert_int_equal(pooled(b, b->norway), RULES_PERMIT);
	assert_ok(agree(b, "norway", "stop", TODAY));
	assert_int_equal(pooled(b, b->norway), RULES_DENY);
	assert_refused(agree(b, "norway", "stop", TODAY), E_NOTFOUND, "nobody of the study");
}

static void
who_answers_for_a_site_is_named_by_its_public_name_too(void **state)
{
	struct bench *b = *state;
	add_overseer(b, "Norway");
	assert_ok(leave(b, OFFICER_1, "norway", "keep", TODAY));
	assert_ok(agree(b, "norway", "keep", TODAY));
}

static void
a_later_choice_can_only_take_more_away(void **state)
{
	static const struct {
		const char *before, *after;
		enum err code;
	} rows[] = {{"keep", "keep", E_CONFLICT}, {"keep", "stop", OK},
		{"stop", "keep", E_CONFLICT}, {"stop", "stop", E_CONFLICT},
		{"stop", "erase", OK}, {"erase", "stop", E_CONFLICT}};
	struct bench *b = *state;
	add_overseer(b, "norway");
	struct leavings all;
	struct vault_txn *t = NULL;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct leaving l = {.number = 1,
			.data = leaving_of_word(rows[i].before),
			.day = TODAY,
			.by = "researcher-1",
			.agreed_by = OVERSEER};
		(void)snprintf(l.site, sizeof(l.site), "norway");
		assert_ok(hub_txn(&b->place->hub, &t));
		assert_ok(leaving_put(t, &l));
		assert_ok(hub_commit(&b->place->hub));
		const enum err e = leave(b, RESEARCHER_1, "norway", rows[i].after, TODAY);
		if (e != rows[i].code)
			fail_msg("%s, then %s: %s", rows[i].before, rows[i].after,
				e ? err_text() : "taken");
	}
	assert_ok(hub_txn(&b->place->hub, &t));
	assert_ok(leavings_read(&all, t));
	hub_abort(&b->place->hub);
	assert_string_equal(leaving_of(&all, "norway", UINT64_MAX)->agreed_by, OVERSEER);
	assert_string_equal(leaving_last(&all, "norway")->agreed_by, "");
	leavings_done(&all);
}

/* ---- what may still be used ---- */

#define KNOWN 7

static void
what_a_site_that_left_may_still_give(void **state)
{
	static const struct {
		const char *words;
		enum leaving_data data;
		int64_t captured_s, true_at_s;
		uint64_t known_upto;
		const char *reason; /* NULL: it may */
	} rows[] = {
		{"keep: collected in the last second before", LEAVING_KEEP, -1, 10, KNOWN,
			NULL},
		{"keep: collected in the first second", LEAVING_KEEP, 0, 10, KNOWN, "had left"},
		{"keep: used long after", LEAVING_KEEP, -1, 1000000, KNOWN, NULL},
		{"stop: used in the last second before", LEAVING_STOP, -9, -1, KNOWN, NULL},
		{"stop: used in the first second", LEAVING_STOP, -9, 0, KNOWN,
			"not used any more"},
		{"stop: collected in the first second", LEAVING_STOP, 0, 0, KNOWN, "had left"},
		{"stop: before it was known", LEAVING_STOP, -9, 0, KNOWN - 1, NULL},
		{"erase: used in the last second before", LEAVING_ERASE, -9, -1, KNOWN, NULL},
		{"erase: used in the first second", LEAVING_ERASE, -9, 0, KNOWN,
			"to be erased"},
		{"erase: collected in the first second", LEAVING_ERASE, 0, 0, KNOWN,
			"had left"},
		{"erase: before it was known", LEAVING_ERASE, -9, 0, KNOWN - 1, NULL},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char reason[RULES_REASON_BYTES];
		struct leaving l = {.site = "norway",
			.data = rows[i].data,
			.day = TODAY,
			.agreed_by = OVERSEER,
			.agreed_leaf = KNOWN};
		const struct leavings all = {&l, 1};
		const struct leaving_ask ask = {.zone = "UTC",
			.known_upto = rows[i].known_upto,
			.true_at_ms = (TODAY_S + rows[i].true_at_s) * 1000,
			.captured_ms = (TODAY_S + rows[i].captured_s) * 1000};
		const bool denied = leaving_denies(&all, "norway", &ask, reason);
		if (denied != (rows[i].reason != NULL) ||
			(denied && !strstr(reason, rows[i].reason)))
			fail_msg("%s: \"%s\"", rows[i].words, reason);
		assert_false(leaving_denies(&all, "sweden", &ask, reason));
	}
}

static void
a_proposal_alone_and_a_day_in_another_zone_are_no_leaving_yet(void **state)
{
	char reason[RULES_REASON_BYTES];
	struct leaving l = {.site = "norway", .data = LEAVING_STOP, .day = TODAY};
	const struct leavings all = {&l, 1};
	struct leaving_ask ask = {.zone = "Europe/London",
		.known_upto = UINT64_MAX,
		.true_at_ms = INT64_C(1000) * TODAY_S,
		.captured_ms = 1};
	(void)state;
	assert_false(leaving_denies(&all, "norway", &ask, reason));
	(void)snprintf(l.agreed_by, sizeof(l.agreed_by), OVERSEER);
	assert_true(leaving_denies(&all, "norway", &ask, reason));
	ask.zone = "Europe/Athens"; /* there the day began two hours before */
	ask.true_at_ms -= 2 * INT64_C(3600) * 1000;
	assert_true(leaving_denies(&all, "norway", &ask, reason));
	ask.true_at_ms -= 1;
	assert_false(leaving_denies(&all, "norway", &ask, reason));
}

/* D-15: later totals follow the choice. D-13: the record says where it was collected. */
static void
d15_a_record_of_the_site_follows_the_choice_and_keeps_its_origin(void **state)
{
	struct bench *b = *state;
	bench_open_sites(b);
	add_overseer(b, "norway");
	bring_person(b, b->norway, 1);
	bring_person(b, b->sweden, 2);
	assert_ok(place_submit(b->place, OFFICER_1, "site-change", "norway",
		view_text("{\"scope\":\"\",\"kind\":\"merge\",\"day\":\"2026-11-01\","
			  "\"from\":[\"norway\",\"sweden\"],\"into\":[\"usa\"],"
			  "\"becomes\":\"\",\"reason\":\"example\"}")));
	assert_string_equal(bench_judge(b, b->norway, 1, RULES_USE_SITE).site, "norway");
	assert_int_equal(pooled(b, b->norway), RULES_PERMIT);
	assert_ok(leave(b, RESEARCHER_1, "norway", "stop", TODAY));
	assert_ok(agree(b, "norway", "stop", TODAY));
	const struct judged now = bench_judge(b, b->norway, 1, RULES_USE_SITE);
	assert_int_equal(now.verdict.outcome, RULES_DENY);
	assert_non_null(strstr(now.reason, "not used any more"));
	assert_string_equal(now.site, "norway");
	assert_int_equal(pooled(b, b->sweden), RULES_PERMIT);
	/* What still comes of it is kept, and counts in nothing. */
	struct wire_rules consent = node_consent(3, 30), record = node_record(3, 31);
	record.captured_s = PLACE_NOW_S + 1;
	(void)bench_bring(b, b->norway, &consent);
	const struct record_verdict v = bench_bring(b, b->norway, &record);
	assert_reason(&v, RULES_DENY, "had left the study");
}

/* ---- the journal ---- */

static size_t
notes(struct bench *b, struct forward_withdrawal ret[static 4])
{
	size_t count = 0, kept = 0;
	const struct forward_withdrawal *all =
		forward_withdrawals(audit_forward(b->place->hub.audit), &count);
	for (size_t i = 0; i < count && kept < 4; i++)
		if (leaving_is_note(&all[i]))
			ret[kept++] = all[i];
	return kept;
}

/* D-15: a vault that is put back to before does not bring the site back. */
static void
d15_a_vault_that_is_put_back_learns_of_it_from_the_journal(void **state)
{
	static const char key[] = "leave-norway/\1";
	struct bench *b = *state;
	struct forward_withdrawal all[4];
	struct vault_txn *t = NULL;
	bench_open_sites(b);
	add_overseer(b, "norway");
	bring_person(b, b->norway, 1);
	assert_ok(leave(b, RESEARCHER_1, "norway", "stop", TODAY));
	assert_int_equal(notes(b, all), 0);
	assert_ok(agree(b, "norway", "stop", TODAY));
	assert_int_equal(notes(b, all), 1);
	assert_ok(hub_txn(&b->place->hub, &t));
	assert_ok(vault_delete(t, VAULT_META, view_of(key, sizeof(key) - 1)));
	assert_ok(hub_commit(&b->place->hub));
	assert_int_equal(pooled(b, b->norway), RULES_PERMIT);
	for (size_t again = 0; again < 2; again++) {
		OWNED_LEAVINGS struct leavings left = {.at = NULL};
		assert_ok(hub_txn(&b->place->hub, &t));
		assert_ok(leaving_restore(t, all, 1, 9));
		assert_ok(leavings_read(&left, t));
		assert_ok(hub_commit(&b->place->hub));
		assert_int_equal(left.count, 1);
		assert_string_equal(left.at[0].day, TODAY);
		assert_int_equal(left.at[0].data, LEAVING_STOP);
		assert_int_equal(pooled(b, b->norway), RULES_DENY);
	}
}

/* ---- erasing ---- */

static enum err
send_nothing(void *arg, struct view frame)
{
	(void)arg;
	(void)frame;
	return fail(E_ABSENT, "there is no keeper here");
}

static size_t
erasures(struct bench *b)
{
	size_t count;
	(void)forward_erasures(audit_forward(b->place->hub.audit), &count);
	return count;
}

static void
tick(struct bench *b)
{
	b->place->hub.leaving_next_ms = 0;
	assert_ok(leaving_tick(&b->place->hub));
	assert_ok(hub_commit(&b->place->hub));
	audit_committed(b->place->hub.audit);
}

static void
d15_each_person_of_a_site_that_is_erased_goes_on_the_way_of_erasure(void **state)
{
	struct bench *b = *state;
	struct hub *h = &b->place->hub;
	struct vault_txn *t = NULL;
	uint64_t asked = 0;
	size_t granted = 0;
	h->erase = erase_new(h, send_nothing, NULL);
	bench_open_sites(b);
	add_overseer(b, "norway");
	bring_person(b, b->norway, 1);
	bring_person(b, b->norway, 2);
	bring_person(b, b->sweden, 3);
	assert_ok(leave(b, RESEARCHER_1, "norway", "erase", TODAY));
	tick(b);
	assert_int_equal(erasures(b), 0);
	assert_ok(agree(b, "norway", "erase", TODAY));
	tick(b);
	assert_int_equal(erasures(b), 2);
	tick(b);
	assert_int_equal(erasures(b), 2);
	/* A person whom a node of the site names later is erased, too. */
	bring_person(b, b->norway, 4);
	bring_person(b, b->sweden, 5);
	tick(b);
	assert_int_equal(erasures(b), 3);
	assert_ok(hub_txn(h, &t));
	assert_ok(leaving_tick_asked(t, "norway", &asked));
	assert_int_equal(asked, 3);
	assert_ok(bench_erase_run(b, &granted));
	assert_ok(hub_commit(h));
	audit_committed(h->audit);
	bench_erase_through(b);
	assert_string_equal(bench_judge(b, b->norway, 1, RULES_USE_SITE).reason, "erased");
	assert_int_equal(pooled(b, b->sweden), RULES_PERMIT);
	erase_free(take(h->erase));
}

static struct wire_rules
about_the_site(uint8_t instance)
{
	struct wire_rules r = node_record(1, instance);
	memset(r.participant, 0, sizeof(r.participant));
	r.form = COUNTS_FORM;
	return r;
}

static bool
has_parts(struct bench *b, const struct fake_node *n, uint64_t seq)
{
	OWNED(wire_rules) struct wire_rules *r = NULL;
	struct vault_txn *t = NULL;
	struct place p = {.incarnation = 1, .lane = LANE_R, .seq = seq};
	memcpy(p.writer, n->writer.public, sizeof(p.writer));
	assert_ok(hub_txn(&b->place->hub, &t));
	const enum err e = record_rules(t, &p, &r);
	hub_abort(&b->place->hub);
	if (e != E_NOTFOUND)
		assert_ok(e);
	return e == OK;
}

/* What is about the site is nobody's: it goes without anybody being asked for. */
static void
d15_records_about_a_site_that_is_erased_go_at_once(void **state)
{
	struct bench *b = *state;
	struct hub *h = &b->place->hub;
	struct wire_rules here = about_the_site(9), there = about_the_site(8);
	h->erase = erase_new(h, send_nothing, NULL);
	bench_open_sites(b);
	add_overseer(b, "norway");
	bring_person(b, b->norway, 1);
	(void)bench_bring(b, b->norway, &here);
	(void)bench_bring(b, b->sweden, &there);
	assert_ok(leave(b, RESEARCHER_1, "norway", "erase", TODAY));
	assert_ok(agree(b, "norway", "erase", TODAY));
	assert_true(has_parts(b, b->norway, 2));
	tick(b);
	bench_erase_through(b);
	assert_false(has_parts(b, b->norway, 2));
	assert_true(has_parts(b, b->norway, 1)); /* a person's: on the way of erasure */
	assert_true(has_parts(b, b->sweden, 1));
	assert_ok(erase_tick(h->erase, true));
	assert_ok(hub_commit(h));
	assert_false(erase_is_gone(h, here.participant));
	assert_int_equal(erasures(b), 1);
	erase_free(take(h->erase));
}

static bool
is_gone(struct bench *b, uint8_t person)
{
	const struct wire_rules r = node_record(person, 1);
	return erase_is_gone(&b->place->hub, r.participant);
}

/* Who is asked for while the vault moves was not deleted in that run. */
static void
only_who_was_deleted_is_noted_as_gone(void **state)
{
	struct bench *b = *state;
	struct hub *h = &b->place->hub;
	size_t granted = 0;
	h->erase = erase_new(h, send_nothing, NULL);
	bench_open_sites(b);
	add_overseer(b, "norway");
	bring_person(b, b->norway, 1);
	assert_ok(leave(b, RESEARCHER_1, "norway", "erase", TODAY));
	assert_ok(agree(b, "norway", "erase", TODAY));
	tick(b);
	assert_ok(bench_erase_run(b, &granted));
	assert_ok(hub_commit(h));
	audit_committed(h->audit);
	bring_person(b, b->norway, 2);
	tick(b);
	assert_int_equal(erasures(b), 2);
	bench_erase_through(b);
	assert_true(is_gone(b, 1));
	assert_false(is_gone(b, 2));
	erase_free(take(h->erase));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		at_a_bench(d15_nothing_changes_until_both_parties_said_the_same),
		at_a_bench(who_answers_for_a_site_is_named_by_its_public_name_too),
		at_a_bench(a_later_choice_can_only_take_more_away),
		cmocka_unit_test(what_a_site_that_left_may_still_give),
		cmocka_unit_test(a_proposal_alone_and_a_day_in_another_zone_are_no_leaving_yet),
		at_a_bench(d15_a_record_of_the_site_follows_the_choice_and_keeps_its_origin),
		at_a_bench(d15_a_vault_that_is_put_back_learns_of_it_from_the_journal),
		at_a_bench(d15_each_person_of_a_site_that_is_erased_goes_on_the_way_of_erasure),
		at_a_bench(d15_records_about_a_site_that_is_erased_go_at_once),
		at_a_bench(only_who_was_deleted_is_noted_as_gone),
	};
	if (crypto_init())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
