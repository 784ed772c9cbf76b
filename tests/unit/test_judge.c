#include "tests/unit/suite.h"

#include "hub/approval.h"
#include "hub/judge.h"
#include "hub/tally.h"
#include "tests/unit/hub_node.h"

#define DAY_S 86400

/* A hub with the study in force and a node at Norway. */
struct bench {
	struct hub_place *place;
	struct fake_node *norway, *sweden;
	uint8_t instance; /* the last one given out */
};

static void
approve(struct hub_place *p, const char *id, const char *kind, const char *site,
	const struct approval *as)
{
	struct vault_txn *t = NULL;
	struct approval a = *as;
	(void)snprintf(a.id, sizeof(a.id), "%s", id);
	(void)snprintf(a.kind, sizeof(a.kind), "%s", kind);
	(void)snprintf(a.site, sizeof(a.site), "%s", site);
	(void)snprintf(a.entered_by, sizeof(a.entered_by), "researcher-1");
	assert_ok(hub_txn(&p->hub, &t));
	assert_ok(approval_put(t, &a));
	assert_ok(hub_commit(&p->hub));
}

static const struct approval in_force = {.decision = "favourable",
	.verified_by = "officer-1",
	.from_s = NODE_CAPTURED_S - DAY_S};
static const struct approval confirmed = {
	.decision = "confirmed", .verified_by = "officer-1", .from_s = NODE_CAPTURED_S - DAY_S};

static int
make_bench(void **state)
{
	void *place = NULL;
	struct bench *b = xcalloc(1, sizeof(*b));
	if (make_hub_in_force(&place))
		return -1;
	b->place = place;
	b->norway = node_new(b->place, "norway");
	b->sweden = node_new(b->place, "sweden");
	*state = b;
	return 0;
}

static int
drop_bench(void **state)
{
	struct bench *b = *state;
	void *place = b->place;
	node_free(b->norway);
	node_free(b->sweden);
	free(b);
	return drop_hub(&place);
}

/* The newest entry of a lane arrives; its verdict. */
static struct record_verdict
arrive(struct bench *b, const struct fake_node *n, uint8_t lane)
{
	struct vault_txn *t = NULL;
	struct record_verdict v;
	OWNED(judge) struct judge *judge = NULL;
	struct tally tally = {0};
	struct place p = {.incarnation = 1, .lane = lane, .seq = n->count[lane - 1]};
	const struct sync_entry entry = node_entry(n, lane, p.seq);
	const struct sync_mark mark = node_mark(n, lane);
	const uint8_t signature[SIGNATURE_BYTES] = {0};
	memcpy(p.writer, n->writer.public, sizeof(p.writer));
	assert_ok(hub_txn(&b->place->hub, &t));
	assert_ok(judge_new(&judge, &b->place->hub, t));
	const struct arrival a = {&b->place->hub, t, &n->writer, judge, &tally};
	assert_ok(arrival_keep(&a, &entry));
	assert_ok(standing_head_put(t, &p, &mark, signature));
	assert_ok(record_verdict_get(t, &p, &v));
	assert_ok(hub_commit(&b->place->hub));
	audit_committed(b->place->hub.audit);
	return v;
}

static struct record_verdict
bring(struct bench *b, struct fake_node *n, const struct wire_rules *r)
{
	enum lane lane = r->kind == RULES_RECORD ? LANE_R : LANE_C;
	node_add_rules(n, lane, r);
	return arrive(b, n, (uint8_t)lane);
}

static struct judged
judge_now(struct bench *b, const struct fake_node *n, uint64_t seq, enum rules_use use)
{
	struct vault_txn *t = NULL;
	struct judged judged;
	OWNED(judge) struct judge *judge = NULL;
	struct place p = {.incarnation = 1, .lane = LANE_R, .seq = seq};
	const struct judge_ask ask = {.action = RULES_AGGREGATE,
		.use = use,
		.true_at_ms = clock_wall_ms(),
		.known_upto = UINT64_MAX};
	memcpy(p.writer, n->writer.public, sizeof(p.writer));
	assert_ok(hub_txn(&b->place->hub, &t));
	assert_ok(judge_new(&judge, &b->place->hub, t));
	assert_ok(judge_stored(judge, &p, &ask, &judged));
	hub_abort(&b->place->hub);
	return judged;
}

static void
assert_reason(const struct record_verdict *v, enum rules_outcome outcome, const char *words)
{
	char reason[TALLY_REASON_BYTES];
	tally_reason(reason, v);
	if (v->verdict.outcome != outcome || !strstr(reason, words) || (!*words && *reason))
		fail_msg("%s: \"%s\", not %s: \"%s\"", rules_outcome_word(v->verdict.outcome),
			reason, rules_outcome_word(outcome), words);
}

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
	{"all there", &in_force, &confirmed, "given", -60, NULL, NULL, RULES_PERMIT, ""},
	{"no opinion", NULL, &confirmed, "given", -60, NULL, NULL, RULES_DENY, "R01"},
	{"opinion not verified", &unverified, &confirmed, "given", -60, NULL, NULL, RULES_DENY,
		"R01"},
	{"unfavourable", &unfavourable, &confirmed, "given", -60, NULL, NULL, RULES_DENY,
		"R01"},
	{"no agreement", &in_force, NULL, "given", -60, NULL, NULL, RULES_DENY, "R03"},
	{"agreement after the record", &in_force, &too_late, "given", -60, NULL, NULL,
		RULES_DENY, "R03"},
	{"suspended", &suspended, &confirmed, "given", -60, NULL, NULL, RULES_DENY, "R01"},
	{"no consent", &in_force, &confirmed, NULL, 0, NULL, NULL, RULES_DENY, "R07"},
	{"refused", &in_force, &confirmed, "refused", -60, NULL, NULL, RULES_DENY, "R07"},
	{"consent after the record", &in_force, &confirmed, "given", 60, NULL, NULL, RULES_DENY,
		"R07"},
	{"another form version", &in_force, &confirmed, "given", -60, NULL, "2", RULES_HOLD,
		"form version unknown"},
	{"another form", &in_force, &confirmed, "given", -60, "health", NULL, RULES_HOLD,
		"form unknown"},
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
			approve(b->place, "rec-1", "rec", "", row->opinion);
		if (row->agreement)
			approve(b->place, "ag-1", "site_agreement", "norway", row->agreement);
		consent.consent.event = row->event;
		consent.consent.given_at_s = NODE_CAPTURED_S + row->given_off_s;
		record.form = row->form ? row->form : record.form;
		record.form_version = row->version ? row->version : record.form_version;
		if (row->event)
			(void)bring(b, b->norway, &consent);
		struct record_verdict v = bring(b, b->norway, &record);
		print_message("%s\n", row->name);
		assert_reason(&v, row->outcome, row->words);
		assert_int_equal(drop_bench(&bench), 0);
	}
}

/* ---- one record a person, form and wave ---- */

static void
open_norway_and_sweden(struct bench *b)
{
	approve(b->place, "rec-1", "rec", "", &in_force);
	approve(b->place, "ag-1", "site_agreement", "norway", &confirmed);
	approve(b->place, "ag-2", "site_agreement", "sweden", &confirmed);
}

static void
a_second_record_of_a_person_and_wave_is_kept_and_denied(void **state)
{
	struct bench *b = *state;
	struct wire_rules consent = node_consent(1, 1), first = node_record(1, 2),
			  second = node_record(1, 3);
	open_norway_and_sweden(b);
	(void)bring(b, b->norway, &consent);
	struct record_verdict v = bring(b, b->norway, &first);
	assert_reason(&v, RULES_PERMIT, "");
	v = bring(b, b->norway, &second);
	assert_reason(&v, RULES_DENY, JUDGE_DUPLICATE);
	struct judged now = judge_now(b, b->norway, 2, RULES_USE_POOLED);
	assert_int_equal(now.verdict.outcome, RULES_DENY);
	assert_string_equal(now.reason, JUDGE_DUPLICATE);
	now = judge_now(b, b->norway, 1, RULES_USE_POOLED);
	assert_int_equal(now.verdict.outcome, RULES_PERMIT);
	second.wave = "2";
	memset(second.instance, 4, sizeof(second.instance));
	v = bring(b, b->norway, &second);
	assert_reason(&v, RULES_PERMIT, "");
}

static void
what_another_site_says_of_a_person_has_no_effect(void **state)
{
	struct bench *b = *state;
	struct wire_rules consent = node_consent(1, 1), record = node_record(1, 2),
			  end = node_consent(1, 3), theirs = node_record(1, 4);
	open_norway_and_sweden(b);
	end.kind = RULES_CHANGE;
	end.consent.event = "changed";
	end.consent.level = "no-further-use";
	(void)bring(b, b->norway, &consent);
	struct record_verdict v = bring(b, b->sweden, &end);
	assert_reason(&v, RULES_DENY, "at home at another site");
	v = bring(b, b->sweden, &theirs);
	assert_reason(&v, RULES_DENY, "at home at another site");
	v = bring(b, b->norway, &record);
	assert_reason(&v, RULES_PERMIT, "");
	assert_int_equal(
		judge_now(b, b->norway, 1, RULES_USE_POOLED).verdict.outcome, RULES_PERMIT);
}

/* ---- later ---- */

static void
a_use_is_permitted_one_by_one(void **state)
{
	struct bench *b = *state;
	static const struct wire_permission pooled_only[] = {{"collect-direct", true, 0, 0},
		{"use-site-report", false, 0, 0}, {"use-aggregate", true, 0, 0}};
	struct wire_rules consent = node_consent(1, 1), record = node_record(1, 2);
	open_norway_and_sweden(b);
	consent.consent.permissions = pooled_only;
	(void)bring(b, b->norway, &consent);
	(void)bring(b, b->norway, &record);
	struct judged site = judge_now(b, b->norway, 1, RULES_USE_SITE);
	struct judged pooled = judge_now(b, b->norway, 1, RULES_USE_POOLED);
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
	open_norway_and_sweden(b);
	end.kind = RULES_CHANGE;
	end.consent.event = "changed";
	end.consent.level = "no-further-use";
	end.consent.given_at_s = PLACE_NOW_S - 1;
	(void)bring(b, b->norway, &consent);
	(void)bring(b, b->norway, &record);
	(void)bring(b, b->norway, &end);
	struct judged now = judge_now(b, b->norway, 1, RULES_USE_POOLED);
	assert_int_equal(now.verdict.outcome, RULES_DENY);
	assert_string_equal(now.verdict.fired[0].rule, "R08");
	memcpy(p.writer, b->norway->writer.public, sizeof(p.writer));
	place_part_key(key, &p, PART_RULES);
	assert_ok(hub_txn(&b->place->hub, &t));
	assert_ok(vault_delete(t, VAULT_PARTS, view_of(key, sizeof(key))));
	assert_ok(hub_commit(&b->place->hub));
	now = judge_now(b, b->norway, 1, RULES_USE_POOLED);
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
	open_norway_and_sweden(b);
	(void)bring(b, b->norway, &consent);
	(void)bring(b, b->norway, &record);
	buf_init(&other, WIRE_RULES_MAX_BYTES);
	memset(record.salt, 9, sizeof(record.salt));
	assert_ok(wire_rules_pack(&other, &record));
	memcpy(p.writer, b->norway->writer.public, sizeof(p.writer));
	place_part_key(key, &p, PART_RULES);
	assert_ok(hub_txn(&b->place->hub, &t));
	assert_ok(vault_put(t, VAULT_PARTS, view_of(key, sizeof(key)), buf_view(&other)));
	assert_ok(hub_commit(&b->place->hub));
	struct judged now = judge_now(b, b->norway, 1, RULES_USE_POOLED);
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
	(void)bring(b, b->norway, &consent);
	(void)bring(b, b->norway, &record);
	(void)bring(b, b->norway, &other);
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

#define at_a_bench(test) cmocka_unit_test_setup_teardown(test, make_bench, drop_bench)

int
main(void)
{
	const struct CMUnitTest tests[] = {
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
