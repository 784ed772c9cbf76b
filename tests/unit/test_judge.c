#include "tests/unit/suite.h"

#include "tests/unit/judge_bench.h"

/* ---- arriving ---- */

/* What stands at the hub before one record of person 1 arrives at Norway. */
struct arriving {
	const char *name;
	const struct approval *opinion;   /* NULL: none */
	const struct approval *agreement; /* likewise */
	const char *event;                /* of the consent; NULL: none came */
	int64_t given_off_s;              /* its date against the record's */
	const char *form, *version;       /* NULL: as they are */
	enum rules_outcome outcome;
	const char *words;
};

static const struct approval unverified = {
	.decision = "favourable", .from_s = NODE_CAPTURED_S - DAY_S};
static const struct approval unfavourable = {.decision = "unfavourable",
	.verified_by = "officer-1",
	.from_s = NODE_CAPTURED_S - DAY_S};
static const struct approval suspended = {
	.decision = "suspended", .verified_by = "officer-1", .from_s = NODE_CAPTURED_S - DAY_S};
static const struct approval too_late = {
	.decision = "confirmed", .verified_by = "officer-1", .from_s = NODE_CAPTURED_S + 1};

static const struct arriving arrivals[] = {
	{"all there", &bench_in_force, &bench_confirmed, "given", -60, NULL, NULL, RULES_PERMIT,
		""},
	{"no opinion", NULL, &bench_confirmed, "given", -60, NULL, NULL, RULES_DENY, "R01"},
	{"opinion not verified", &unverified, &bench_confirmed, "given", -60, NULL, NULL,
		RULES_DENY, "R01"},
	{"unfavourable", &unfavourable, &bench_confirmed, "given", -60, NULL, NULL, RULES_DENY,
		"R01"},
	{"no agreement", &bench_in_force, NULL, "given", -60, NULL, NULL, RULES_DENY, "R03"},
	{"agreement after the record", &bench_in_force, &too_late, "given", -60, NULL, NULL,
		RULES_DENY, "R03"},
	{"suspended", &suspended, &bench_confirmed, "given", -60, NULL, NULL, RULES_DENY,
		"R01"},
	{"no consent", &bench_in_force, &bench_confirmed, NULL, 0, NULL, NULL, RULES_DENY,
		"R07"},
	{"refused", &bench_in_force, &bench_confirmed, "refused", -60, NULL, NULL, RULES_DENY,
		"R07"},
	{"consent after the record", &bench_in_force, &bench_confirmed, "given", 60, NULL, NULL,
		RULES_DENY, "R07"},
	{"another form version", &bench_in_force, &bench_confirmed, "given", -60, NULL, "2",
		RULES_HOLD, "form version unknown"},
	{"another form", &bench_in_force, &bench_confirmed, "given", -60, "health", NULL,
		RULES_HOLD, "form unknown"},
};

static void
a_record_is_judged_by_what_stands_when_it_arrives(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(arrivals); i++) {
		const struct arriving *row = &arrivals[i];
		void *bench = NULL;
		assert_int_equal(make_bench(&bench), 0);
		struct bench *b = bench;
		struct wire_rules consent = node_consent(1, 1), record = node_record(1, 2);
		if (row->opinion)
			bench_approve(b->place, "rec-1", "rec", "", row->opinion);
		if (row->agreement)
			bench_approve(
				b->place, "ag-1", "site_agreement", "norway", row->agreement);
		consent.consent.event = row->event;
		consent.consent.given_at_s = NODE_CAPTURED_S + row->given_off_s;
		record.form = row->form ? row->form : record.form;
		record.form_version = row->version ? row->version : record.form_version;
		if (row->event)
			(void)bench_bring(b, b->norway, &consent);
		struct record_verdict v = bench_bring(b, b->norway, &record);
		print_message("%s\n", row->name);
		assert_reason(&v, row->outcome, row->words);
		assert_int_equal(drop_bench(&bench), 0);
	}
}

/* ---- one record a person, form and wave ---- */

static void
a_second_record_of_a_person_and_wave_is_kept_and_denied(void **state)
{
	struct bench *b = *state;
	struct wire_rules consent = node_consent(1, 1), first = node_record(1, 2),
			  second = node_record(1, 3);
	bench_open_sites(b);
	(void)bench_bring(b, b->norway, &consent);
	struct record_verdict v = bench_bring(b, b->norway, &first);
	assert_reason(&v, RULES_PERMIT, "");
	v = bench_bring(b, b->norway, &second);
	assert_reason(&v, RULES_DENY, JUDGE_DUPLICATE);
	struct judged now = bench_judge(b, b->norway, 2, RULES_USE_POOLED);
	assert_int_equal(now.verdict.outcome, RULES_DENY);
	assert_string_equal(now.reason, JUDGE_DUPLICATE);
	now = bench_judge(b, b->norway, 1, RULES_USE_POOLED);
	assert_int_equal(now.verdict.outcome, RULES_PERMIT);
	second.wave = "2";
	memset(second.instance, 4, sizeof(second.instance));
	v = bench_bring(b, b->norway, &second);
	assert_reason(&v, RULES_PERMIT, "");
}

static void
what_another_site_says_of_a_person_has_no_effect(void **state)
{
	struct bench *b = *state;
	struct wire_rules consent = node_consent(1, 1), record = node_record(1, 2),
			  end = node_consent(1, 3), theirs = node_record(1, 4);
	bench_open_sites(b);
	end.kind = RULES_CHANGE;
	end.consent.event = "changed";
	end.consent.level = "no-further-use";
	(void)bench_bring(b, b->norway, &consent);
	struct record_verdict v = bench_bring(b, b->sweden, &end);
	assert_reason(&v, RULES_DENY, "at home at another site");
	v = bench_bring(b, b->sweden, &theirs);
	assert_reason(&v, RULES_DENY, "at home at another site");
	v = bench_bring(b, b->norway, &record);
	assert_reason(&v, RULES_PERMIT, "");
	assert_int_equal(
		bench_judge(b, b->norway, 1, RULES_USE_POOLED).verdict.outcome, RULES_PERMIT);
}

/* ---- later ---- */

static void
a_use_is_permitted_one_by_one(void **state)
{
	struct bench *b = *state;
	static const struct wire_permission pooled_only[] = {
		{.code = "collect-direct", .permit = true}, {.code = "use-site-report"},
		{.code = "use-aggregate", .permit = true}};
	struct wire_rules consent = node_consent(1, 1), record = node_record(1, 2);
	bench_open_sites(b);
	consent.consent.permissions = pooled_only;
	(void)bench_bring(b, b->norway, &consent);
	(void)bench_bring(b, b->norway, &record);
	struct judged site = bench_judge(b, b->norway, 1, RULES_USE_SITE);
	struct judged pooled = bench_judge(b, b->norway, 1, RULES_USE_POOLED);
	assert_int_equal(site.verdict.outcome, RULES_DENY);
	assert_string_equal(site.verdict.fired[0].rule, "R08");
	assert_int_equal(pooled.verdict.outcome, RULES_PERMIT);
	assert_string_equal(pooled.site, "norway");
}

static void
an_end_of_use_and_an_erasure_count_at_once(void **state)
{
	struct bench *b = *state;
	struct wire_rules consent = node_consent(1, 1), record = node_record(1, 2),
			  end = node_consent(1, 3);
	uint8_t key[PLACE_PART_KEY_BYTES];
	struct vault_txn *t = NULL;
	struct place p = {.incarnation = 1, .lane = LANE_R, .seq = 1};
	bench_open_sites(b);
	end.kind = RULES_CHANGE;
	end.consent.event = "changed";
	end.consent.level = "no-further-use";
	end.consent.given_at_s = PLACE_NOW_S - 1;
	(void)bench_bring(b, b->norway, &consent);
	(void)bench_bring(b, b->norway, &record);
	(void)bench_bring(b, b->norway, &end);
	struct judged now = bench_judge(b, b->norway, 1, RULES_USE_POOLED);
	assert_int_equal(now.verdict.outcome, RULES_DENY);
	assert_string_equal(now.verdict.fired[0].rule, "R08");
	memcpy(p.writer, b->norway->writer.public, sizeof(p.writer));
	place_part_key(key, &p, PART_RULES);
	assert_ok(hub_txn(&b->place->hub, &t));
	assert_ok(vault_delete(t, VAULT_PARTS, view_of(key, sizeof(key))));
	assert_ok(hub_commit(&b->place->hub));
	now = bench_judge(b, b->norway, 1, RULES_USE_POOLED);
	assert_int_equal(now.verdict.outcome, RULES_DENY);
	assert_string_equal(now.reason, "erased");
}

static void
a_part_that_was_swapped_is_denied_by_the_rule_on_proofs(void **state)
{
	struct bench *b = *state;
	struct wire_rules consent = node_consent(1, 1), record = node_record(1, 2);
	uint8_t key[PLACE_PART_KEY_BYTES];
	OWNED_BUF struct buf other;
	struct vault_txn *t = NULL;
	struct place p = {.incarnation = 1, .lane = LANE_R, .seq = 1};
	bench_open_sites(b);
	(void)bench_bring(b, b->norway, &consent);
	(void)bench_bring(b, b->norway, &record);
	buf_init(&other, WIRE_RULES_MAX_BYTES);
	memset(record.salt, 9, sizeof(record.salt));
	assert_ok(wire_rules_pack(&other, &record));
	memcpy(p.writer, b->norway->writer.public, sizeof(p.writer));
	place_part_key(key, &p, PART_RULES);
	assert_ok(hub_txn(&b->place->hub, &t));
	assert_ok(vault_put(t, VAULT_PARTS, view_of(key, sizeof(key)), buf_view(&other)));
	assert_ok(hub_commit(&b->place->hub));
	struct judged now = bench_judge(b, b->norway, 1, RULES_USE_POOLED);
	assert_int_equal(now.verdict.outcome, RULES_DENY);
	assert_string_equal(now.verdict.fired[0].rule, "R18");
}

static void
every_record_has_its_ordinal_and_every_entry_its_leaf(void **state)
{
	struct bench *b = *state;
	struct wire_rules consent = node_consent(1, 1), record = node_record(1, 2),
			  other = node_record(2, 3);
	struct vault_txn *t = NULL;
	struct place p;
	uint32_t count;
	char name[PLACE_NAME_BYTES];
	uint64_t leaves = audit_size(b->place->hub.audit);
	(void)bench_bring(b, b->norway, &consent);
	(void)bench_bring(b, b->norway, &record);
	(void)bench_bring(b, b->norway, &other);
	assert_int_equal(audit_size(b->place->hub.audit), leaves + 3);
	assert_ok(hub_txn(&b->place->hub, &t));
	assert_ok(record_count(t, &count));
	assert_int_equal(count, 2);
	assert_ok(record_at(t, 1, &p));
	assert_int_equal(p.seq, 2);
	place_name(name, &p);
	struct place again;
	assert_ok(place_find(&again, t, name));
	assert_memory_equal(&again, &p, sizeof(p));
	static const char *const bad[] = {"", "x", "00000000.1.R.1x", "zz", "00000000.0.R.1",
		"00000000.1.Q.1", "00000000.1.R.0", "00000000.1.R"};
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_err(place_find(&again, t, bad[i]), E_FORMAT);
	hub_abort(&b->place->hub);
}

/* Intake says which permission is asked; here against a form that sends no sound. */
static void
what_a_record_says_of_sound_is_held_against_its_files(void **state)
{
	struct bench *b = *state;
	struct wire_rules consent = node_consent(1, 1), record = node_record(1, 2);
	bench_open_sites(b);
	(void)bench_bring(b, b->norway, &consent);
	record.sound = true;
	const struct record_verdict v = bench_bring(b, b->norway, &record);
	assert_reason(&v, RULES_DENY,
		JUDGE_SOUND "it says that sound goes with it, and its form sends none");
	const struct judged later = bench_judge(b, b->norway, 1, RULES_USE_POOLED);
	assert_int_equal(later.verdict.outcome, RULES_DENY);
	assert_string_equal(later.reason, v.reason);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		at_a_bench(what_a_record_says_of_sound_is_held_against_its_files),
		cmocka_unit_test(a_record_is_judged_by_what_stands_when_it_arrives),
		at_a_bench(a_second_record_of_a_person_and_wave_is_kept_and_denied),
		at_a_bench(what_another_site_says_of_a_person_has_no_effect),
		at_a_bench(a_use_is_permitted_one_by_one),
		at_a_bench(an_end_of_use_and_an_erasure_count_at_once),
		at_a_bench(a_part_that_was_swapped_is_denied_by_the_rule_on_proofs),
		at_a_bench(every_record_has_its_ordinal_and_every_entry_its_leaf),
	};
	if (crypto_init())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
