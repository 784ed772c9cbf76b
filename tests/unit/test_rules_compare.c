#include "tests/unit/suite.h"

#include "common/base/mem.h"
#include "common/study/rules_compare.h"
#include "common/study/rules_contact.h"
#include "common/study/rules_shipped.h"
#include "common/trust/crypto.h"
#include "tests/unit/rules_world.h"

#define HEAD "[rules]\nversion = 1\nunlisted = off\nsignatures = 2 officers\n"

/* ---- a site's own rules ---- */

/* D-22: a line of the shipped rules behind `after`, what the study and the site have in its
 * place ("=": the shipped line), and the rule and key that is named; "" when the site may. */
static const struct {
	const char *after, *line, *study, *own, *named;
} edits[] = {
	{"[R01]", "on = yes", "=", "=", ""},
	{"[R01]", "on = yes", "=", "on = no", "R01 on"},
	{"[R01]", "on = yes", "on = no", "=", ""},
	{"[R01]", "outcome = deny", "=", "outcome = hold", "R01 outcome"},
	{"[R05]", "outcome = hold", "=", "outcome = deny", ""},
	{"[R01]", "actions = collect aggregate release", "=", "actions = collect aggregate",
		"R01 actions"},
	{"[R01]", "actions = collect aggregate release", "=",
		"actions = release query aggregate collect", ""},
	{"[R01]", "approval.any = rec screc uni_rec", "=", "approval.any = rec", ""},
	{"[R01]", "approval.any = rec screc uni_rec", "=", "approval.any = rec dpia",
		"R01 approval.any"},
	{"[R01]", "accept = favourable favourable-with-conditions not-required", "=",
		"accept = favourable provisional", "R01 accept"},
	{"[R01]", "not_required.reason = yes", "=", "not_required.reason = no",
		"R01 not_required.reason"},
	{"[R01]", "not_required.reason = yes", "not_required.reason = no", "=", ""},
	{"[R01]", "at = collection now", "=", "at = now", "R01 at"},
	{"[R01]", "at = collection now", "at = now", "=", ""},
	{"[R02]", "site.kinds = nhs", "=", "site.kinds = council", "R02 site.kinds"},
	{"[R02]", "site.kinds = nhs", "=", "site.kinds = council nhs", ""},
	{"[R03]", "approval.council = la_rg", "=", "approval.council = x",
		"R03 approval.council"},
	{"[R03]", "approval.council = la_rg", "=", "", ""},
	{"[R03]", "approval.nhs = nhs_rg", "=", "approval.nhs = x", "R03 approval.nhs"},
	{"[R03]", "approval.council = la_rg", "", "=", "R03 approval.council"},
	{"[R04]", "stop = suspended withdrawn", "=", "stop = suspended", "R04 stop"},
	{"[R05]", "grace = 0 days", "=", "grace = 1 days", "R05 grace"},
	{"[R05]", "grace = 0 days", "grace = 1 days", "=", ""},
	{"[R06]", "progress.every = 12 months", "=", "progress.every = 13 months",
		"R06 progress.every"},
	{"[R06]", "progress.every = 12 months", "=", "progress.every = 6 months", ""},
	{"[R06]", "progress.every = 12 months", "=", "", "R06 progress.every"},
	{"[R06]", "progress.every = 12 months", "", "=", ""},
	{"[R06]", "progress.longer = 24 months", "=", "", ""},
	{"[R06]", "progress.longer = 24 months", "=", "progress.longer = 3 years",
		"R06 progress.longer"},
	{"[R06]", "dspt.kinds = nhs council", "=", "dspt.kinds = nhs", "R06 dspt.kinds"},
	{"[R07]", "child.needs = given assent", "=", "child.needs = given", "R07 child.needs"},
	{"[R07]", "child.needs = given assent", "=", "", ""},
	{"[R07]", "child.needs = given assent", "", "=", "R07 child.needs"},
	{"[R07]", "child.needs = given assent", "child.needs = given", "=", ""},
	{"[R07]", "child.needs = given assent", "child.needs = given", "child.needs = given",
		""},
	{"[R07]", "child.groups = child", "=", "child.groups = child ward", ""},
	{"[R07]", "child.groups = child", "child.groups = child ward", "=", "R07 child.groups"},
	{"[R07]", "mode.approval = rec screc uni_rec", "=", "", "R07 mode.approval"},
	{"[R07]", "mode.approval = rec screc uni_rec", "", "=", ""},
	{"[R07]", "mode.approval = rec screc uni_rec", "", "", ""},
	{"[R07]", "mode.approval = rec screc uni_rec", "=", "mode.approval = rec", ""},
	{"[R07]", "mode.approval = rec screc uni_rec", "=", "mode.approval = hra",
		"R07 mode.approval"},
	{"[R07]", "mode.witness = verbal-witnessed", "=", "", "R07 mode.witness"},
	{"[R08]", "data.audio = record-audio", "=", "", ""},
	{"[R08]", "data.audio = record-audio", "=", "data.audio = contact", "R08 data.audio"},
	{"[R08]", "data.audio = record-audio", "", "=", "R08 data.audio"},
	{"[R08]", "after.death = keep", "=", "after.death = stop", ""},
	{"[R08]", "after.death = keep", "after.death = stop", "=", "R08 after.death"},
	{"[R09]", "outcome.before-use = deny", "=", "outcome.before-use = hold",
		"R09 outcome.before-use"},
	{"[R09]", "outcome.next-contact = permit", "=", "outcome.next-contact = hold", ""},
	{"[R09]", "sixteen = before-collection", "=", "sixteen = before-use", ""},
	{"[R09]", "sixteen = before-collection", "sixteen = before-use", "=", "R09 sixteen"},
	{"[R09]", "sixteen = before-collection", "=", "", ""},
	{"[R10]", "retention = legal.retention.answers", "=", "", "R10 retention"},
	{"[R10]", "retention = legal.retention.answers", "", "=", ""},
	{"[R10]", "warn = 60 days", "=", "warn = 90 days", ""},
	{"[R11]", "taker.none = returned-questionnaire", "=",
		"taker.none = returned-questionnaire written", "R11 taker.none"},
	{"[R11]", "taker.task = consent", "=", "taker.task = approach", "R11 taker.task"},
	{"[R11]", "approacher.none = care-team self-referred", "=",
		"approacher.none = care-team self-referred researcher", "R11 approacher.none"},
	{"[R11]", "collector.task = collect", "=", "collector.task = consent",
		"R11 collector.task"},
	{"[R12]", "checked.within = 30 days", "=", "checked.within = 31 days",
		"R12 checked.within"},
	{"[R12]", "checked.within = 30 days", "=", "", ""},
	{"[R13]", "keep.permission = retain-after-loss-of-capacity", "=", "", ""},
	{"[R13]", "ends = advice-supports", "=", "ends = advice-supports given", "R13 ends"},
	{"[R14]", "objection = refused advice-against", "=", "objection = refused",
		"R14 objection"},
	{"[R15]", "purposes = study-plan exploratory", "=", "purposes = marketing",
		"R15 purposes"},
	{"[R15]", "purposes = study-plan exploratory", "=", "purposes = exploratory", ""},
	{"[R15]", "purposes = study-plan", "=", "purposes = secondary-research", ""},
	{"[R15]", "purposes.secondary = secondary-research", "=", "", ""},
	{"[R15]", "purposes.secondary = secondary-research", "=",
		"purposes.secondary = secondary-research sale", "R15 purposes.secondary"},
	{"[R15]", "purposes.secondary = secondary-research", "=",
		"purposes.secondary = secondary-research audit", ""},
	{"[R15]", "site-report audit\npurposes.secondary = secondary-research", "=",
		"secondary-research\npurposes.secondary = audit", "R15 purposes.secondary"},
	{"[R15]", "purposes.secondary = secondary-research", "=",
		"purposes.secondary = sale secondary-research", "R15 purposes.secondary"},
	{"[R15]", "duo =", "=", "duo = HMB", "R15 duo"},
	{"[R15]", "duo =", "duo = HMB", "=", ""},
	{"[R15]", "duo =", "duo = HMB", "duo = HMB NCU", ""},
	{"[R15]", "duo =", "duo = HMB", "duo = NCU", "R15 duo"},
	{"[R17]", "roles = researcher pi", "=", "roles = pi", ""},
	{"[R17]", "contract = yes", "=", "contract = no", "R17 contract"},
	{"[R17]", "training.within = 24 months", "=", "", "R17 training.within"},
	{"[R18]", "checks = record-signature", "=", "checks = record-signature", ""},
	{"[R18]", "checks = record-signature consent-signature", "=",
		"checks = record-signature", "R18 checks"},
	{"[R19]", "decide.within = 1 months", "=", "decide.within = 2 months", ""},
	{"[R20]", "approval.all = dsa dpia", "=", "approval.all = dsa dpia more", ""},
	{"[R20]", "approval.all = dsa dpia", "=", "approval.all = dsa", "R20 approval.all"},
	{"[R20]", "approval.partner = dsa", "=", "", "R20 approval.partner"},
	{"[R21]", "quorum.sites = 2 sites", "=", "quorum.sites = 1 sites", "R21 quorum.sites"},
	{"[R21]", "quorum.sites = 2 sites", "=", "quorum.sites = 3 sites", ""},
	{"[R21]", "quorum.also =", "=", "quorum.also = ethics", ""},
	{"[R21]", "quorum.also =", "quorum.also = ethics", "=", "R21 quorum.also"},
	{"[R22]", "on = yes", "=", "on = no", "R22 on"},
	{"[R23]", "outcome = hold", "=", "outcome = deny", ""},
};

static struct rules *
rules_with(size_t row, const char *put)
{
	OWNED(faults) struct faults *f = faults_new();
	const char *line = edits[row].line;
	const char *at = strstr(strstr(rules_shipped, edits[row].after), line);
	assert_non_null(at);
	OWNED_MEM char *text = xasprintf("%s%.*s%s%s", HEAD, (int)(at - rules_shipped),
		rules_shipped, strcmp(put, "=") == 0 ? line : put, at + strlen(line));
	struct rules *r = rules_read(view_text(text), "rules.ini", f);
	if (!r) {
		OWNED_MEM char *fault = faults_line(&f->items[0]);
		fail_msg("row %zu: %s", row, fault);
	}
	return r;
}

static void
a_site_may_be_stricter_and_is_named_where_it_is_looser(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(edits); i++) {
		OWNED(rules) struct rules *study = rules_with(i, edits[i].study);
		OWNED(rules) struct rules *own = rules_with(i, edits[i].own);
		struct rules_looser found[RULES_MAX_LOOSER];
		size_t n = rules_compare(study, own, found);
		OWNED_MEM char *named =
			n ? xasprintf("%s %s", found[0].rule, found[0].key) : xstrdup("");
		if (n > 1 || strcmp(named, edits[i].named) != 0)
			fail_msg("row %zu (%s %s): %zu, %s", i, edits[i].after, edits[i].line,
				n, named);
	}
}

static void
all_that_is_looser_is_named(void **state)
{
	(void)state;
	OWNED(faults) struct faults *f = faults_new();
	OWNED_MEM char *text = xasprintf("%s%s", HEAD, rules_shipped);
	OWNED(rules) struct rules *study = rules_read(view_text(text), "rules.ini", f);
	OWNED(rules) struct rules *none = rules_read(view_text(HEAD), "rules.ini", f);
	struct rules_looser found[RULES_MAX_LOOSER];
	assert_int_equal(rules_compare(study, none, found), RULES_MAX);
	assert_string_equal(found[0].rule, "R01");
	assert_string_equal(found[RULES_MAX - 1].rule, "R23");
	assert_int_equal(rules_compare(none, study, found), 0);
}

/* ---- contact ---- */

static const struct {
	const char *facts, *says;
} contacts[] = {
	{"", NULL},
	{"-c1", "there is no consent on which the person could be contacted"},
	{"c1.permits=collect-direct", "the person does not permit contact"},
	{"c1.permits.until=1000d", "the person does not permit contact"},
	{"c1.permits.until=1000d+1s", NULL},
	{"died=950d", "the person has died"},
	{"died=1100d", "the person has died"},
	{"died=950d died.known=10", "the person has died"},
	{"died=950d died.known=11", NULL},
	{"+c2 c2.level=no-further-contact c2.event=changed",
		"the person wants no further contact"},
	{"+c2 c2.level=no-further-contact c2.event=changed c2.given=1100d",
		"the person wants no further contact"},
	{"+c2 c2.level=no-further-contact c2.event=changed c2.known=10",
		"the person wants no further contact"},
	{"+c2 c2.level=no-further-contact c2.event=changed c2.known=11", NULL},
	{"+c2 c2.level=no-further-contact c2.event=changed +c3", NULL},
	{"+c2 c2.level=no-more-collection c2.event=changed",
		"the person has ended taking part"},
	{"c1.event=refused", "the person does not permit contact"},
	{"c1.level=no-further-contact", "the person wants no further contact"},
	{"+c2 c2.level=no-more-collection c2.event=changed c2.given=1100d",
		"the person has ended taking part"},
};

static void
nobody_writes_to_the_dead_or_to_who_wants_no_letters(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(contacts); i++) {
		OWNED(world) struct world *w = world_new();
		world_edit(w, contacts[i].facts);
		const char *says = rules_no_contact(world_facts(w), RULES_FOR_STUDY);
		if (!says != !contacts[i].says || (says && strcmp(says, contacts[i].says) != 0))
			fail_msg("%s: %s", contacts[i].facts, says ? says : "may");
	}
}

#define NO_NAME "the person does not permit this site to keep their name"
#define ENDED   "the person has ended taking part"

/* Each reason to write to somebody, and the name itself, has a permission of its own. */
static void
each_reason_to_contact_somebody_has_a_permission_of_its_own(void **state)
{
	static const struct {
		const char *facts;
		const char *says[4]; /* study, results, other study, name */
	} rows[] = {
		{"c1.permits=contact|inform-results|recontact-other-study|store-identifiable",
			{NULL, NULL, NULL, NULL}},
		{"c1.permits=contact",
			{NULL, "the person does not want to be told what the study found",
				"the person does not permit being asked about another study",
				NO_NAME}},
		{"c1.permits=inform-results",
			{"the person does not permit contact", NULL,
				"the person does not permit being asked about another study",
				NO_NAME}},
		{"c1.permits=recontact-other-study",
			{"the person does not permit contact",
				"the person does not want to be told what the study found",
				NULL, NO_NAME}},
		{"c1.permits=store-identifiable died=950d",
			{"the person has died", "the person has died", "the person has died",
				NULL}},
		{"c1.permits=store-identifiable c1.event=refused",
			{"the person does not permit contact",
				"the person does not want to be told what the study found",
				"the person does not permit being asked about another study",
				NO_NAME}},
		{"-c1", {"there is no consent on which the person could be contacted",
				"there is no consent on which the person could be contacted",
				"there is no consent on which the person could be contacted",
				"there is no consent on which the name could be kept"}},
		{"c1.permits=store-identifiable c1.permits.until=1000d",
			{"the person does not permit contact",
				"the person does not want to be told what the study found",
				"the person does not permit being asked about another study",
				NO_NAME}},
		{"c1.permits=store-identifiable c1.permits.until=1000d+1s +c2 "
		 "c2.level=no-further-contact c2.event=changed c2.permits=store-identifiable",
			{"the person wants no further contact",
				"the person wants no further contact",
				"the person wants no further contact", NULL}},
		/* What takes away counts once it is known, also before its day. */
		{"c1.permits=store-identifiable +c2 c2.level=no-further-use c2.event=changed "
		 "c2.given=1001d c2.permits=contact",
			{ENDED, ENDED, ENDED, NO_NAME}},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		OWNED(world) struct world *w = world_new();
		world_edit(w, rows[i].facts);
		const struct rules_facts *f = world_facts(w);
		const char *says[] = {rules_no_contact(f, RULES_FOR_STUDY),
			rules_no_contact(f, RULES_FOR_RESULTS),
			rules_no_contact(f, RULES_FOR_OTHER_STUDY), rules_no_name(f)};
		for (size_t k = 0; k < ARRAY_LEN(says); k++)
			if (!says[k] != !rows[i].says[k] ||
				(says[k] && strcmp(says[k], rows[i].says[k]) != 0))
				fail_msg("%s, %zu: %s", rows[i].facts, k,
					says[k] ? says[k] : "may");
	}
}

/* ---- what is asked of a set of rules ---- */

static struct rules *
rules_of(const char *sections)
{
	OWNED(faults) struct faults *f = faults_new();
	OWNED_MEM char *text = xasprintf("%s%s", HEAD, sections);
	struct rules *r = rules_read(view_text(text), "rules.ini", f);
	assert_non_null(r);
	return r;
}

static void
words_and_rules_that_are_not_there_are_empty(void **state)
{
	static const struct {
		bool on, retention;
	} rows[] = {{true, true}, {true, false}, {false, true}};
	(void)state;
	assert_string_equal(rules_outcome_word((enum rules_outcome)3), "");
	assert_string_equal(rules_action_word((enum rules_action)0), "");
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		OWNED_MEM char *text = xasprintf(
			"[R10]\ntitle = t\non = %s\noutcome = deny\nactions = sync\n"
			"consent.until = valid_until\n%s[R11]\ntitle = t\non = yes\n"
			"outcome = hold\nactions = sync\n",
			rows[i].on ? "yes" : "no",
			rows[i].retention ? "retention = legal.retention.answers\n" : "");
		OWNED(rules) struct rules *r = rules_of(text);
		assert_int_equal(rules_asks_retention(r), rows[i].on && rows[i].retention);
	}
}

/* Seventeen papers stand behind a verdict that has room for sixteen. */
static void
a_verdict_names_no_more_approvals_than_it_has_room_for(void **state)
{
	static const char sections[] =
		"[R01]\ntitle = t\non = yes\noutcome = deny\nactions = sync\n"
		"approval.any = a c\naccept = confirmed\nat = collection now\n"
		"[R02]\ntitle = t\non = yes\noutcome = deny\nactions = sync\n"
		"approval.any = b\nsite.kinds = nhs\n"
		"[R03]\ntitle = t\non = yes\noutcome = deny\nactions = sync\n"
		"approval.nhs = q\nlatest = collection\n"
		"[R20]\ntitle = t\non = yes\noutcome = deny\nactions = sync\n"
		"approval.all = e f g h i j k l m n o p\n";
	static const char *const kinds[] = {"a", "b", "b", "c", "p", "e", "f", "g", "h", "i",
		"j", "k", "l", "m", "n", "o", "q"};
	OWNED(rules) struct rules *r = rules_of(sections);
	struct rules_approval papers[ARRAY_LEN(kinds)];
	struct verdict v = {.used_count = 0};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		papers[i] = (struct rules_approval){.id = kinds[i],
			.kind = kinds[i],
			.site = "exa",
			.decision = "confirmed"};
	papers[0].until_ms = papers[1].until_ms = papers[2].from_ms = 6;
	const struct rules_facts f = {.action = RULES_SYNC,
		.site = "exa",
		.site_kind = "nhs",
		.needs_known = true,
		.record.captured_ms = 5,
		.true_at_ms = 10,
		.no_partner = true,
		.approvals = papers,
		.approval_count = ARRAY_LEN(kinds)};
	rules_judge(r, &f, &v);
	assert_int_equal(v.outcome, RULES_PERMIT);
	assert_int_equal(v.used_count, RULES_MAX_USED);
	assert_int_equal(v.used[0], 0);
	assert_int_equal(v.used[RULES_MAX_USED - 1], 15);
}

/* ---- two sets ---- */

struct said {
	const char *rule;
	enum rules_outcome outcome;
	const char *reason;
};

static struct verdict
a_verdict(const struct said *said, size_t count, uint32_t version)
{
	struct verdict v = {.outcome = RULES_PERMIT, .rules_version = version};
	memset(v.rules_digest, (int)version, sizeof(v.rules_digest));
	for (size_t i = 0; i < count; i++) {
		struct rules_fired *f = &v.fired[v.fired_count++];
		(void)snprintf(f->rule, sizeof(f->rule), "%s", said[i].rule);
		(void)snprintf(f->reason, sizeof(f->reason), "%s", said[i].reason);
		f->outcome = said[i].outcome;
		v.outcome = MIN(v.outcome, f->outcome);
	}
	return v;
}

static void
two_verdicts_become_one_with_every_rule_once(void **state)
{
	static const struct said study[] = {{"R01", RULES_DENY, "a"}, {"R05", RULES_HOLD, "b"},
		{"R09", RULES_HOLD, "c"}, {"R11", RULES_HOLD, "d"}};
	static const struct said site[] = {{"R02", RULES_DENY, "e"}, {"R05", RULES_DENY, "f"},
		{"R09", RULES_PERMIT, "g"}, {"R11", RULES_HOLD, "h"}, {"R23", RULES_HOLD, "i"}};
	static const char *const both[] = {"R01a", "R02e", "R05f", "R09c", "R11d", "R23i"};
	struct verdict v = a_verdict(study, ARRAY_LEN(study), 1);
	const struct verdict other = a_verdict(site, ARRAY_LEN(site), 2);
	struct verdict first = other;
	(void)state;
	rules_join(&first, &v);
	assert_int_equal(first.fired_count, ARRAY_LEN(both));
	assert_string_equal(first.fired[0].rule, "R01");
	rules_join(&v, &other);
	assert_int_equal(v.fired_count, ARRAY_LEN(both));
	for (size_t i = 0; i < ARRAY_LEN(both); i++) {
		char found[RULES_REASON_BYTES + 4];
		(void)snprintf(
			found, sizeof(found), "%s%s", v.fired[i].rule, v.fired[i].reason);
		assert_string_equal(found, both[i]);
	}
	assert_int_equal(v.fired[2].outcome, RULES_DENY);
	assert_int_equal(v.rules_version, 1);
}

static void
the_harsher_of_two_verdicts_gives_outcome_and_digest(void **state)
{
	static const struct said hold[] = {{"R05", RULES_HOLD, "b"}};
	static const struct said deny[] = {{"R02", RULES_DENY, "e"}};
	struct verdict v = a_verdict(hold, 1, 1), none = a_verdict(hold, 0, 3);
	struct verdict other = a_verdict(deny, 1, 2);
	(void)state;
	other.used[other.used_count++] = 4;
	v.used[v.used_count++] = 4;
	v.used[v.used_count++] = 1;
	rules_join(&v, &none);
	assert_int_equal(v.outcome, RULES_HOLD);
	assert_int_equal(v.rules_digest[0], 1);
	rules_join(&v, &other);
	assert_int_equal(v.outcome, RULES_DENY);
	assert_int_equal(v.rules_digest[0], 2);
	assert_int_equal(v.rules_version, 2);
	assert_int_equal(v.used_count, 2);
	/* What lies behind the last one says nothing. */
	memcpy(none.fired[0].rule, v.fired[0].rule, sizeof(none.fired[0].rule));
	rules_join(&none, &v);
	assert_int_equal(none.outcome, RULES_DENY);
	assert_int_equal(none.fired_count, 2);
	assert_int_equal(none.used_count, 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_and_rules_that_are_not_there_are_empty),
		cmocka_unit_test(two_verdicts_become_one_with_every_rule_once),
		cmocka_unit_test(the_harsher_of_two_verdicts_gives_outcome_and_digest),
		cmocka_unit_test(a_verdict_names_no_more_approvals_than_it_has_room_for),
		cmocka_unit_test(a_site_may_be_stricter_and_is_named_where_it_is_looser),
		cmocka_unit_test(all_that_is_looser_is_named),
		cmocka_unit_test(nobody_writes_to_the_dead_or_to_who_wants_no_letters),
		cmocka_unit_test(each_reason_to_contact_somebody_has_a_permission_of_its_own),
	};
	if (crypto_init())
		return 1;
	return cmocka_run_group_tests_name("rules_compare", tests, NULL, NULL);
}
