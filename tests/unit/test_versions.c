#include "tests/unit/suite.h"

#include "tests/unit/judge_bench.h"

#define SURVEY   "forms/attitudes/survey.csv"
#define SETTINGS "forms/attitudes/settings.csv"
#define INI      "study.ini"

/* Version 2 asks one question in other words; at Norway first; or nowhere any more. */
static const struct pack_edit second[] = {{SETTINGS, "attitudes,1,", "attitudes,2,"},
	{SURVEY, "Gender,", "Your gender,"}, {NULL, NULL, NULL}};
static const struct pack_edit second_at_norway[] = {{SETTINGS, "attitudes,1,", "attitudes,2,"},
	{SURVEY, "Gender,", "Your gender,"},
	{INI, "records = one", "records = one\nsites = norway"}, {NULL, NULL, NULL}};
static const struct pack_edit second_closed[] = {{SETTINGS, "attitudes,1,", "attitudes,2,"},
	{SURVEY, "Gender,", "Your gender,"},
	{INI, "records = one", "records = one\nstate = closed"}, {NULL, NULL, NULL}};
static const struct pack_edit renamed[] = {{SETTINGS, "attitudes,1,", "attitudes,3,"},
	{SURVEY, "yes_no,religion,", "yes_no,faith,"}, {NULL, NULL, NULL}};
static const struct pack_edit other_meaning[] = {{SETTINGS, "attitudes,1,", "attitudes,4,"},
	{SURVEY, "select_one yes_no,religion,", "integer,religion,"}, {NULL, NULL, NULL}};

static struct record_verdict
bring_record(struct bench *b, struct fake_node *n, uint8_t person, const char *version)
{
	struct wire_rules consent = node_consent(person, (uint8_t)(100 + person));
	struct wire_rules record = node_record(person, (uint8_t)(200 + person));
	record.form_version = version;
	(void)bench_bring(b, n, &consent);
	return bench_bring(b, n, &record);
}

static void
a_record_of_an_earlier_version_is_taken_under_its_own(void **state)
{
	struct bench *b = *state;
	bench_open_sites(b);
	bench_change(b, "change-1", "attitudes@2");
	struct record_verdict v = bring_record(b, b->norway, 1, "1");
	assert_reason(&v, RULES_PERMIT, "");
	bench_publish(b, 2, second);
	v = bring_record(b, b->norway, 2, "1");
	assert_reason(&v, RULES_PERMIT, "");
	v = bring_record(b, b->norway, 3, "2");
	assert_reason(&v, RULES_PERMIT, "");
	v = bring_record(b, b->norway, 4, "3");
	assert_reason(&v, RULES_HOLD, "form version unknown");
	for (uint64_t seq = 1; seq <= 3; seq++)
		assert_int_equal(
			bench_judge(b, b->norway, seq, RULES_USE_POOLED).verdict.outcome,
			RULES_PERMIT);
}

static void
what_is_kept_aside_counts_once_its_version_is_published(void **state)
{
	struct bench *b = *state;
	bench_open_sites(b);
	bench_change(b, "change-1", "attitudes@2");
	struct record_verdict v = bring_record(b, b->norway, 1, "2");
	assert_reason(&v, RULES_HOLD, JUDGE_NO_VERSION);
	bench_publish(b, 2, second);
	assert_int_equal(
		bench_judge(b, b->norway, 1, RULES_USE_POOLED).verdict.outcome, RULES_PERMIT);
}

static void
what_is_kept_aside_gives_way_to_a_record_of_a_known_version(void **state)
{
	struct bench *b = *state;
	struct wire_rules again = node_record(1, 9);
	bench_open_sites(b);
	bench_change(b, "change-1", "attitudes@2");
	struct record_verdict v = bring_record(b, b->norway, 1, "2");
	assert_reason(&v, RULES_HOLD, JUDGE_NO_VERSION);
	v = bench_bring(b, b->norway, &again);
	assert_reason(&v, RULES_PERMIT, "");
	bench_publish(b, 2, second);
	struct judged now = bench_judge(b, b->norway, 1, RULES_USE_POOLED);
	assert_int_equal(now.verdict.outcome, RULES_DENY);
	assert_string_equal(now.reason, JUDGE_REPLACED);
	assert_int_equal(
		bench_judge(b, b->norway, 2, RULES_USE_POOLED).verdict.outcome, RULES_PERMIT);
}

static void
a_version_goes_to_one_site_first(void **state)
{
	struct bench *b = *state;
	bench_open_sites(b);
	bench_change(b, "change-1", "attitudes@2");
	bench_publish(b, 2, second_at_norway);
	struct record_verdict v = bring_record(b, b->norway, 1, "2");
	assert_reason(&v, RULES_PERMIT, "");
	v = bring_record(b, b->sweden, 2, "2");
	assert_reason(&v, RULES_HOLD, "not rolled out");
	v = bring_record(b, b->sweden, 3, "1");
	assert_reason(&v, RULES_PERMIT, "");
	bench_publish(b, 3, second);
	assert_int_equal(
		bench_judge(b, b->sweden, 1, RULES_USE_POOLED).verdict.outcome, RULES_PERMIT);
}

static void
a_closed_form_takes_what_was_collected_before_and_corrections(void **state)
{
	struct bench *b = *state;
	bench_open_sites(b);
	bench_change(b, "change-1", "attitudes@2");
	struct record_verdict v = bring_record(b, b->norway, 1, "1");
	bench_publish(b, 2, second_closed);
	/* Captured an hour ago, as all records of the bench. */
	v = bring_record(b, b->norway, 2, "1");
	assert_reason(&v, RULES_PERMIT, "");
	struct wire_rules consent = node_consent(3, 103), late = node_record(3, 203);
	late.captured_s = PLACE_NOW_S + 60;
	(void)bench_bring(b, b->norway, &consent);
	v = bench_bring(b, b->norway, &late);
	assert_reason(&v, RULES_HOLD, "closed before the record was collected");
	struct wire_rules correction = node_record(1, 9);
	correction.captured_s = PLACE_NOW_S + 60;
	memset(correction.refers_to, 201, sizeof(correction.refers_to));
	v = bench_bring(b, b->norway, &correction);
	assert_reason(&v, RULES_PERMIT, "");
	bench_publish(b, 3, second);
	assert_int_equal(
		bench_judge(b, b->norway, 3, RULES_USE_POOLED).verdict.outcome, RULES_PERMIT);
}

static void
a_pack_that_gives_an_old_name_a_new_meaning_is_refused_by_name(void **state)
{
	struct bench *b = *state;
	struct hub_place *p = b->place;
	OWNED_MEM struct place_manifest *m = xcalloc(1, sizeof(*m));
	bench_publish(b, 2, renamed);
	/* The name is not in the pack in force any more: only in the one before it. */
	pack_free(p->pack);
	p->pack = pack_bench_sound(other_meaning);
	place_send_documents(p);
	place_manifest(p, 3, m);
	assert_refused(place_sign_manifest(p, OFFICER_1, "3", m), E_DENIED,
		"forms/attitudes religion: the type was select_one and becomes integer");
	assert_int_equal(p->hub.manifest_number, 2);
}

static void
what_no_manifest_names_is_dropped(void **state)
{
	struct bench *b = *state;
	struct hub *h = &b->place->hub;
	struct vault_txn *t = NULL;
	OWNED_BUF struct buf hash, out;
	uint64_t before, after;
	buf_init(&hash, 256);
	buf_init(&out, 4096);
	assert_ok(hub_txn(h, &t));
	assert_ok(vault_count(t, VAULT_DOCUMENTS, &before));
	assert_ok(study_document(h, view_text("nobody names this"), &hash));
	assert_ok(hub_commit(h));
	bench_publish(b, 2, second);
	assert_ok(hub_txn(h, &t));
	assert_err(vault_get(t, VAULT_DOCUMENTS, buf_view(&hash), &out), E_NOTFOUND);
	assert_ok(vault_count(t, VAULT_DOCUMENTS, &after));
	/* Two sheets differ; the manifest itself is a document, too. */
	assert_int_equal(after, before + 3);
	hub_abort(h);
}

static void
the_past_is_read_anew_after_an_aborted_turn(void **state)
{
	struct bench *b = *state;
	struct hub *h = &b->place->hub;
	struct vault_txn *t = NULL;
	bench_publish(b, 2, second);
	assert_ok(hub_txn(h, &t));
	assert_ok(versions_read(h->versions, t));
	assert_int_equal(versions_count(h->versions), 2);
	assert_non_null(versions_form(h->versions, "attitudes", "1"));
	assert_true(versions_closed_s(h->versions, "attitudes") == INT64_MAX);
	hub_abort(h);
	assert_ok(study_load(h));
	assert_int_equal(versions_count(h->versions), 0);
	assert_non_null(h->txn);
	assert_ok(versions_read(h->versions, h->txn));
	assert_int_equal(versions_count(h->versions), 2);
	hub_abort(h);
}

static enum err
find_settings(void *arg, struct view key, struct view value, bool *ret_stop)
{
	static const char first[] = ",attitudes,1,";
	uint8_t *hash = arg;
	for (size_t i = 0; i + sizeof(first) <= value.len && !*ret_stop; i++)
		*ret_stop = memcmp(value.at + i, first, sizeof(first) - 1) == 0;
	if (*ret_stop)
		memcpy(hash, key.at, HASH_BYTES);
	return OK;
}

static void
a_pack_that_cannot_be_read_is_counted_and_its_versions_wait(void **state)
{
	struct bench *b = *state;
	struct hub *h = &b->place->hub;
	struct vault_txn *t = NULL;
	uint8_t hash[HASH_BYTES] = {0};
	const char *why = "";
	const struct vault_range documents = {.table = VAULT_DOCUMENTS};
	bench_open_sites(b);
	bench_publish(b, 2, second);
	assert_ok(hub_txn(h, &t));
	assert_ok(vault_each(t, &documents, find_settings, hash));
	assert_ok(vault_delete(t, VAULT_DOCUMENTS, view_of(hash, sizeof(hash))));
	assert_ok(hub_commit(h));
	assert_ok(study_load(h));
	hub_abort(h);
	struct record_verdict v = bring_record(b, b->norway, 1, "1");
	assert_reason(&v, RULES_HOLD, JUDGE_NO_VERSION);
	assert_int_equal(versions_lost(h->versions, &why), 1);
	assert_non_null(strstr(why, "manifest 1: "));
	/* Whether version 2 was a change cannot be seen any more, so it needs to be one. */
	v = bring_record(b, b->norway, 2, "2");
	assert_reason(&v, RULES_DENY, "the change that brought this form");
	bench_change(b, "change-1", "attitudes@2");
	v = bring_record(b, b->norway, 3, "2");
	assert_reason(&v, RULES_PERMIT, "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		at_a_bench(a_record_of_an_earlier_version_is_taken_under_its_own),
		at_a_bench(what_is_kept_aside_counts_once_its_version_is_published),
		at_a_bench(what_is_kept_aside_gives_way_to_a_record_of_a_known_version),
		at_a_bench(a_version_goes_to_one_site_first),
		at_a_bench(a_closed_form_takes_what_was_collected_before_and_corrections),
		at_a_bench(a_pack_that_gives_an_old_name_a_new_meaning_is_refused_by_name),
		at_a_bench(what_no_manifest_names_is_dropped),
		at_a_bench(the_past_is_read_anew_after_an_aborted_turn),
		at_a_bench(a_pack_that_cannot_be_read_is_counted_and_its_versions_wait),
	};
	if (crypto_init())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
