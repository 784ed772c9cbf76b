#include "tests/unit/suite.h"

#include "common/study/receipt.h"
#include "hub/audit.h"
#include "hub/hold.h"
#include "tests/unit/judge_bench.h"

#define CONSENT_INSTANCE 1
#define RECORD_INSTANCE  2

/* Person 1 of Norway has agreed and answered. */
static void
bring_person(struct bench *b)
{
	struct wire_rules consent = node_consent(1, CONSENT_INSTANCE),
			  record = node_record(1, RECORD_INSTANCE);
	bench_open_sites(b);
	(void)bench_bring(b, b->norway, &consent);
	(void)bench_bring(b, b->norway, &record);
}

static void
bring_change(struct bench *b, const char *level, uint8_t instance)
{
	struct wire_rules change = node_consent(1, instance);
	change.kind = RULES_CHANGE;
	change.consent.event = "changed";
	change.consent.level = level;
	change.consent.given_at_s = PLACE_NOW_S - 1;
	(void)bench_bring(b, b->norway, &change);
}

static void
number_of(char ret[static RECEIPT_BYTES], uint8_t filled_with)
{
	uint8_t instance[WIRE_ID_BYTES];
	memset(instance, filled_with, sizeof(instance));
	receipt_number(ret, instance);
}

static enum err
act(struct bench *b, enum who by, const char *kind, const char *number)
{
	OWNED_BUF struct buf body;
	const bool lifts = strcmp(kind, "hold-lift") == 0;
	buf_init(&body, 256);
	buf_format(&body,
		lifts ? "{\"receipt\":\"%s\",\"reason\":\"example\"}" : "{\"receipt\":\"%s\"}",
		number);
	return place_submit(b->place, by, kind, number, buf_view(&body));
}

static enum rules_outcome
pooled(struct bench *b)
{
	return bench_judge(b, b->norway, 1, RULES_USE_POOLED).verdict.outcome;
}

static void
a_hold_takes_a_person_out_until_a_second_person_lifts_it(void **state)
{
	struct bench *b = *state;
	char number[RECEIPT_BYTES];
	struct wire_rules again = node_consent(1, 9);
	bring_person(b);
	number_of(number, CONSENT_INSTANCE);
	assert_int_equal(pooled(b), RULES_PERMIT);
	assert_ok(act(b, RESEARCHER_1, "hold", number));
	assert_int_equal(pooled(b), RULES_DENY);
	assert_int_equal(
		bench_judge(b, b->norway, 1, RULES_USE_SITE).verdict.outcome, RULES_DENY);
	again.consent.given_at_s = PLACE_NOW_S - 1;
	(void)bench_bring(b, b->norway, &again);
	assert_int_equal(pooled(b), RULES_DENY);
	assert_refused(act(b, OFFICER_1, "hold", number), E_CONFLICT, "already");
	assert_refused(act(b, RESEARCHER_1, "hold-lift", number), E_DENIED, "another person");
	assert_refused(act(b, OPERATOR_1, "hold-lift", number), E_DENIED, "no role");
	assert_int_equal(pooled(b), RULES_DENY);
	assert_ok(act(b, OFFICER_1, "hold-lift", number));
	assert_int_equal(pooled(b), RULES_PERMIT);
	assert_refused(act(b, OFFICER_1, "hold-lift", number), E_NOTFOUND, "nobody is on hold");
}

static void
the_site_ends_a_hold_by_saying_which_level_was_meant(void **state)
{
	struct bench *b = *state;
	char number[RECEIPT_BYTES];
	struct vault_txn *t = NULL;
	struct hold h;
	uint8_t person[ID_BYTES];
	memset(person, 1, sizeof(person));
	bring_person(b);
	number_of(number, CONSENT_INSTANCE);
	assert_ok(act(b, RESEARCHER_1, "hold", number));
	bring_change(b, "died", 7); /* says nothing of what was meant */
	assert_ok(hub_txn(&b->place->hub, &t));
	assert_ok(hold_get(t, person, &h));
	assert_string_equal(h.number, number);
	assert_string_equal(h.by, who_is[RESEARCHER_1].id);
	hub_abort(&b->place->hub);
	bring_change(b, "no-further-contact", 8);
	assert_ok(hub_txn(&b->place->hub, &t));
	assert_err(hold_get(t, person, &h), E_NOTFOUND);
	hub_abort(&b->place->hub);
}

static void
a_number_that_nobody_has_holds_nobody(void **state)
{
	struct bench *b = *state;
	char number[RECEIPT_BYTES];
	bring_person(b);
	assert_refused(act(b, RESEARCHER_1, "hold", "1234-5678-9"), E_FORMAT, "no number");
	number_of(number, 0x77);
	assert_refused(act(b, RESEARCHER_1, "hold", number), E_NOTFOUND, "receipt number");
	number_of(number, RECORD_INSTANCE); /* an entry, but no consent */
	assert_refused(act(b, RESEARCHER_1, "hold", number), E_NOTFOUND, "receipt number");
	assert_int_equal(pooled(b), RULES_PERMIT);
}

/* ---- the journal ---- */

static const struct said {
	const char *name;
	const char *levels[4]; /* as the journal has them, in order */
	bool is_there;         /* a row in the vault */
	bool held;             /* after the start */
} starts[] = {
	{"placed", {"hold"}, false, true},
	{"placed, and the vault has it", {"hold"}, true, true},
	{"lifted since", {"hold", "hold-lifted"}, false, false},
	{"lifted since, and the vault is behind", {"hold", "hold-lifted"}, true, false},
	{"placed again", {"hold", "hold-lifted", "hold"}, false, true},
	{"a withdrawal beside it", {"hold", "no-further-use"}, false, true},
	{"nothing but a withdrawal", {"no-further-use"}, false, false},
};

static void
what_the_journal_says_last_of_a_hold_counts(void **state)
{
	struct bench *b = *state;
	for (size_t i = 0; i < ARRAY_LEN(starts); i++) {
		const struct said *row = &starts[i];
		struct forward_withdrawal all[4] = {{.given_s = 0}};
		struct vault_txn *t = NULL;
		struct hold h = {.by = "researcher-1", .placed_s = PLACE_NOW_S};
		size_t count = 0;
		memset(h.participant, 5, sizeof(h.participant));
		for (; count < ARRAY_LEN(row->levels) && row->levels[count]; count++) {
			memset(all[count].participant, 5, ID_BYTES);
			(void)snprintf(all[count].level, sizeof(all[count].level), "%s",
				row->levels[count]);
		}
		assert_ok(hub_txn(&b->place->hub, &t));
		if (row->is_there)
			assert_ok(hold_put(t, &h));
		assert_ok(hold_restore(t, all, count, 10));
		const enum err e = hold_get(t, h.participant, &h);
		if (e != (row->held ? OK : E_NOTFOUND))
			fail_msg("%s", row->name);
		/* What the vault has knows who placed it; the journal does not. */
		if (row->held)
			assert_string_equal(h.by, row->is_there ? "researcher-1" : "journal");
		hub_abort(&b->place->hub);
	}
}

/* ---- each level, as the hub judges it (D-80) ---- */

static const struct {
	const char *level;
	enum rules_outcome outcome; /* of a record given before */
	enum rules_outcome later;   /* of one that arrives after it */
} levels[] = {
	{"no-further-contact", RULES_PERMIT, RULES_PERMIT},
	{"no-more-collection", RULES_PERMIT, RULES_DENY},
	{"no-further-use", RULES_DENY, RULES_DENY}, {"erase", RULES_DENY, RULES_DENY},
	{"objection", RULES_DENY, RULES_DENY},
	{"died", RULES_DENY, RULES_DENY}, /* R08 of this study does not say keep */
};

/* What a level leaves of the permissions is the node's doing (test_consent.c): the change here
 * carries what it leaves. */
static void
each_level_counts_in_the_next_total(void **state)
{
	static const struct wire_permission uses_only[] = {{.code = "collect-direct"},
		{.code = "use-site-report", .permit = true},
		{.code = "use-aggregate", .permit = true}};
	static const struct wire_permission nothing[] = {{.code = "collect-direct"},
		{.code = "use-site-report"}, {.code = "use-aggregate"}};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(levels); i++) {
		void *bench = NULL;
		assert_int_equal(make_bench(&bench), 0);
		struct bench *b = bench;
		struct wire_rules change = node_consent(1, 3), later = node_record(1, 4);
		bring_person(b);
		change.kind = RULES_CHANGE;
		change.consent.event = "changed";
		change.consent.level = levels[i].level;
		change.consent.given_at_s = NODE_CAPTURED_S + 30;
		if (strcmp(levels[i].level, "no-more-collection") == 0)
			change.consent.permissions = uses_only;
		else if (levels[i].later == RULES_DENY)
			change.consent.permissions = nothing;
		(void)bench_bring(b, b->norway, &change);
		if (pooled(b) != levels[i].outcome)
			fail_msg("%s: the record before it", levels[i].level);
		later.wave = "2";
		later.captured_s = NODE_CAPTURED_S + 60;
		const struct record_verdict v = bench_bring(b, b->norway, &later);
		if (v.verdict.outcome != levels[i].later)
			fail_msg("%s: a record after it", levels[i].level);
		assert_int_equal(drop_bench(&bench), 0);
	}
}

/* ---- who spoke, as the hub judges it ---- */

/* D-85: a consultee's declaration, its kind and date, and a body that may approve it; D-83: the
 * parent's yes and the child's. */
static const struct {
	const char *name, *event, *role, *assent, *group;
	bool approved; /* mca-s30 in force */
	enum rules_outcome outcome;
} speakers[] = {
	{"a consultee under an approval", "advice-supports", "consultee-personal", "", "", true,
		RULES_PERMIT},
	{"a nominated one", "advice-supports", "consultee-nominated", "", "", true,
		RULES_PERMIT},
	{"a consultee without an approval", "advice-supports", "consultee-personal", "", "",
		false, RULES_DENY},
	{"a consultee who agrees", "given", "consultee-personal", "", "", true, RULES_DENY},
	{"a consultee against it", "advice-against", "consultee-personal", "", "", true,
		RULES_DENY},
	{"a consultee for a child", "advice-supports", "consultee-personal", "not-sought",
		"public", true, RULES_DENY},
	{"a nominated one for a child that agrees", "advice-supports", "consultee-nominated",
		"given", "public", true, RULES_DENY},
	{"advice of nobody in particular", "advice-supports", "self", "", "", true, RULES_DENY},
	{"a parent and the child", "given", "parent", "given", "public", false, RULES_PERMIT},
	{"a parent alone", "given", "parent", "not-sought", "public", false, RULES_DENY},
	{"a child alone", "given", "self", "given", "public", false, RULES_DENY},
	{"a child that says no", "given", "parent", "dissent", "public", false, RULES_DENY},
};

/* The example study asks persons alone. */
static const struct pack_edit speakers_rule[] = {
	{"rules.ini", "accept = given reaffirmed changed\n",
		"accept = given reaffirmed changed\n"
		"accept.consultee = advice-supports reaffirmed changed\n"
		"consultee.approval = mca-s30\nchild.needs = given assent\n"
		"child.groups = public\n"},
	{NULL, NULL, NULL}};

static void
who_spoke_decides_whether_it_counts(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(speakers); i++) {
		void *bench = NULL;
		assert_int_equal(make_bench(&bench), 0);
		struct bench *b = bench;
		struct wire_rules consent = node_consent(1, CONSENT_INSTANCE),
				  record = node_record(1, RECORD_INSTANCE);
		bench_publish(b, 2, speakers_rule);
		bench_open_sites(b);
		if (speakers[i].approved)
			bench_approve(b->place, "s30-1", "mca-s30", "", &bench_in_force);
		consent.consent.event = speakers[i].event;
		consent.consent.grantor_role = speakers[i].role;
		consent.consent.assent = speakers[i].assent;
		record.group = speakers[i].group;
		(void)bench_bring(b, b->norway, &consent);
		(void)bench_bring(b, b->norway, &record);
		if (pooled(b) != speakers[i].outcome)
			fail_msg("%s", speakers[i].name);
		assert_int_equal(drop_bench(&bench), 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		at_a_bench(a_hold_takes_a_person_out_until_a_second_person_lifts_it),
		at_a_bench(the_site_ends_a_hold_by_saying_which_level_was_meant),
		at_a_bench(a_number_that_nobody_has_holds_nobody),
		at_a_bench(what_the_journal_says_last_of_a_hold_counts),
		cmocka_unit_test(who_spoke_decides_whether_it_counts),
		cmocka_unit_test(each_level_counts_in_the_next_total),
	};
	if (crypto_init())
		return 1;
	return cmocka_run_group_tests_name("hold", tests, NULL, NULL);
}
