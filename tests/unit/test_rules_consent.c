#include "tests/unit/suite.h"

#include "common/base/mem.h"
#include "common/study/rules.h"
#include "common/study/rules_wish.h"
#include "common/trust/crypto.h"

#define GIVEN_MS    3000
#define CAPTURED_MS 4000
#define NOW_MS      5000

static const char with_others[] =
	"[rules]\nversion = 1\nunlisted = off\nsignatures = 2 officers\n"
	"[R07]\ntitle = consent\non = yes\noutcome = deny\nactions = collect aggregate\n"
	"accept = given reaffirmed changed\n"
	"accept.consultee = advice-supports reaffirmed changed\n"
	"consultee.approval = mca-s30\nchild.needs = given assent\nchild.groups = child\n"
	"[R08]\ntitle = use\non = yes\noutcome = deny\nactions = aggregate\n"
	"data.answers = collect-direct\nuse.site = use-site-report\n"
	"use.pooled = use-aggregate\nunanswered = deny\n";
static const char alone[] =
	"[rules]\nversion = 1\nunlisted = off\nsignatures = 2 officers\n"
	"[R07]\ntitle = consent\non = yes\noutcome = deny\nactions = collect aggregate\n"
	"accept = given reaffirmed changed\n";

static struct rules *
read_rules(const char *text)
{
	OWNED(faults) struct faults *faults = faults_new();
	struct rules *r = rules_read(view_text(text), "rules.ini", faults);
	if (!r) {
		OWNED_MEM char *line = faults_line(&faults->items[0]);
		fail_msg("%s", line);
	}
	return r;
}

/* One consent with every permission, and what is decided of a record collected after it. */
static const struct {
	const char *name, *event, *role, *capacity, *assent;
	bool approved; /* to ask consultees */
	bool alone;    /* by the rules that speak of nobody else */
	enum rules_outcome outcome;
	const char *words;
} rows[] = {
	{"the person agrees", "given", "self", "presumed", "", false, false, RULES_PERMIT, ""},
	{"nothing but the event is known", "given", NULL, NULL, NULL, false, false,
		RULES_PERMIT, ""},
	{"the person reaffirms", "reaffirmed", "self", "assessed-has", "", false, false,
		RULES_PERMIT, ""},
	{"the person changes an answer", "changed", "self", "regained", "", false, false,
		RULES_PERMIT, ""},
	{"the person refuses", "refused", "self", "presumed", "", false, false, RULES_DENY,
		"said no"},
	{"advice of nobody", "advice-supports", "self", "presumed", "", true, false, RULES_DENY,
		"no agreement"},
	{"found not to be able", "given", "self", "assessed-lacks", "", true, false, RULES_DENY,
		"no consultee spoke"},
	{"lost it since", "given", "self", "lost-during-study", "", true, false, RULES_DENY,
		"no consultee spoke"},
	{"a consultee supports", "advice-supports", "consultee-personal", "assessed-lacks",
		"given", true, false, RULES_PERMIT, ""},
	{"could not be asked", "advice-supports", "consultee-nominated", "assessed-lacks",
		"not-sought", true, false, RULES_PERMIT, ""},
	{"no approval to ask", "advice-supports", "consultee-personal", "assessed-lacks",
		"given", false, false, RULES_DENY, "no approval to ask consultees"},
	{"a consultee agrees as if it were theirs", "given", "consultee-personal",
		"assessed-lacks", "given", true, false, RULES_DENY, "no advice that counts"},
	{"a consultee advises against", "advice-against", "consultee-personal",
		"assessed-lacks", "given", true, false, RULES_DENY, "said no"},
	{"supported, but the person shows no", "advice-supports", "consultee-personal",
		"assessed-lacks", "dissent", true, false, RULES_DENY, "said no"},
	{"a parent and the child", "given", "parent", "presumed", "given", false, false,
		RULES_PERMIT, ""},
	{"the child says no", "given", "parent", "presumed", "dissent", false, false,
		RULES_DENY, "said no"},
	{"the child was not asked", "given", "parent", "presumed", "not-sought", false, false,
		RULES_DENY, "assent is missing"},
	{"a parent refuses", "refused", "parent", "presumed", "given", false, false, RULES_DENY,
		"said no"},
	{"no consultees in this study", "advice-supports", "consultee-personal",
		"assessed-lacks", "given", true, true, RULES_DENY, "no advice that counts"},
	{"no children in this study", "given", "parent", "presumed", "given", false, true,
		RULES_DENY, "does not take what a parent"},
};

static const struct rules_permission permits[] = {{"collect-direct", true, 0, 0},
	{"use-site-report", true, 0, 0}, {"use-aggregate", true, 0, 0}};

static struct rules_facts
facts_of(size_t row, const struct rules_consent *c, const struct rules_approval *a)
{
	return (struct rules_facts){.action = RULES_COLLECT,
		.data_kind = "answers",
		.site = "exa",
		.site_kind = "nhs",
		.true_at_ms = NOW_MS,
		.record.captured_ms = CAPTURED_MS,
		.known_upto = UINT64_MAX,
		.approvals = a,
		.approval_count = rows[row].approved,
		.record.consents = c,
		.record.consent_count = 1};
}

static void
judge_row(const struct rules *r, size_t i)
{
	const struct rules_consent c = {.event = rows[i].event,
		.level = "",
		.grantor_role = rows[i].role,
		.capacity = rows[i].capacity,
		.assent = rows[i].assent,
		.given_ms = GIVEN_MS,
		.permissions = permits,
		.permission_count = ARRAY_LEN(permits)};
	const struct rules_approval a = {.id = "S30",
		.kind = "mca-s30",
		.site = "",
		.decision = "favourable",
		.from_ms = GIVEN_MS};
	struct rules_facts facts = facts_of(i, &c, &a);
	struct verdict v;
	rules_judge(r, &facts, &v);
	const char *reason = v.fired_count ? v.fired[0].reason : "";
	if (v.outcome != rows[i].outcome || !strstr(reason, rows[i].words))
		fail_msg("%s: %s \"%s\"", rows[i].name, rules_outcome_word(v.outcome), reason);
}

static void
who_spoke_decides_whether_a_consent_counts(void **state)
{
	OWNED(rules) struct rules *all = read_rules(with_others);
	OWNED(rules) struct rules *own = read_rules(alone);
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		judge_row(rows[i].alone ? own : all, i);
}

/* A yes beside a no permits nothing: also when the no came after the record. */
static void
a_no_permits_no_use_whatever_is_ticked(void **state)
{
	static const struct {
		const char *event, *assent;
	} noes[] = {{"refused", ""}, {"advice-against", "given"}, {"given", "dissent"}};
	OWNED(rules) struct rules *r = read_rules(with_others);
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(noes); i++) {
		struct rules_consent c[2] = {{.event = "given",
			.level = "",
			.given_ms = GIVEN_MS,
			.permissions = permits,
			.permission_count = ARRAY_LEN(permits)}};
		struct verdict v;
		c[1] = c[0];
		c[1].event = noes[i].event;
		c[1].assent = noes[i].assent;
		c[1].given_ms = CAPTURED_MS + 1;
		struct rules_facts facts = facts_of(0, c, NULL);
		facts.action = RULES_AGGREGATE;
		facts.use = RULES_USE_POOLED;
		rules_judge(r, &facts, &v);
		assert_int_equal(v.outcome, RULES_PERMIT);
		facts.record.consent_count = 2;
		rules_judge(r, &facts, &v);
		assert_int_equal(v.outcome, RULES_DENY);
		assert_string_equal(v.fired[0].rule, "R08");
	}
}

/* Clocks of tablets are wrong both ways. Only a yes that is both known and given after the no
 * gives back: an older one that arrives late undoes nothing. */
static void
a_no_counts_from_when_it_is_known_whatever_the_clock_said(void **state)
{
	static const struct {
		const char *name;
		int64_t no_ms;
		uint64_t yes_known, no_known, known_upto;
		enum rules_outcome outcome;
	} cases[] = {
		{"a clock that is behind", GIVEN_MS - 1, 1, 2, UINT64_MAX, RULES_DENY},
		{"a clock that is ahead", NOW_MS + 1, 1, 2, UINT64_MAX, RULES_DENY},
		{"the moment before it is known", GIVEN_MS - 1, 1, 2, 1, RULES_PERMIT},
		{"a yes known later", GIVEN_MS - 1, 2, 1, UINT64_MAX, RULES_PERMIT},
		{"a yes known later that a clock puts before the no", NOW_MS + 1, 2, 1,
			UINT64_MAX, RULES_DENY},
	};
	OWNED(rules) struct rules *r = read_rules(with_others);
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct rules_consent c[2] = {{.event = "given",
			.level = "",
			.given_ms = GIVEN_MS,
			.permissions = permits,
			.permission_count = ARRAY_LEN(permits),
			.known = cases[i].yes_known}};
		struct verdict v;
		c[1] = c[0];
		c[1].event = "refused";
		c[1].given_ms = cases[i].no_ms;
		c[1].known = cases[i].no_known;
		struct rules_facts facts = facts_of(0, c, NULL);
		facts.action = RULES_AGGREGATE;
		facts.use = RULES_USE_POOLED;
		facts.record.consent_count = 2;
		facts.known_upto = cases[i].known_upto;
		rules_judge(r, &facts, &v);
		if (v.outcome != cases[i].outcome)
			fail_msg("%s: %s", cases[i].name, rules_outcome_word(v.outcome));
	}
}

static void
what_a_child_needs_begins_with_a_parent(void **state)
{
	static const char text[] =
		"[rules]\nversion = 1\nunlisted = off\nsignatures = 2 officers\n"
		"[R07]\ntitle = consent\non = yes\noutcome = deny\nactions = collect\n"
		"accept = given\nchild.needs = assent\n";
	OWNED(faults) struct faults *faults = faults_new();
	(void)state;
	assert_null(rules_read(view_text(text), "rules.ini", faults));
	assert_non_null(strstr(faults->items[0].reason, "agreement of a parent"));
}

static void
nobody_takes_back_what_nobody_wished(void **state)
{
	const struct rules_consent given = {.event = "given", .level = "", .given_ms = 1};
	const struct rules_facts none = {.known_upto = UINT64_MAX};
	const struct rules_facts one = {
		.known_upto = UINT64_MAX, .record = {.consents = &given, .consent_count = 1}};
	(void)state;
	assert_false(rules_erasure_taken_back(&none));
	assert_false(rules_erasure_taken_back(&one));
}

static void
one_wish_that_was_taken_back_is_enough(void **state)
{
	const struct rules_consent said[] = {
		{.event = "changed", .level = "erase", .given_ms = 1, .known = 1},
		{.event = "given",
			.level = "",
			.given_ms = 2,
			.known = 2,
			.permissions = permits,
			.permission_count = ARRAY_LEN(permits)}};
	const struct rules_facts both_known = {.known_upto = UINT64_MAX,
		.record = {.consents = said, .consent_count = ARRAY_LEN(said)}};
	(void)state;
	assert_true(rules_erasure_taken_back(&both_known));
}

static void
the_groups_that_are_children_are_told_one_by_one(void **state)
{
	OWNED_MEM char *two =
		xasprintf("%schild.needs = given\nchild.groups = child pupil\n", alone);
	OWNED(rules) struct rules *none = read_rules(alone);
	OWNED(rules) struct rules *r = read_rules(two);
	(void)state;
	assert_null(rules_child_group(none, 0));
	assert_string_equal(rules_child_group(r, 0), "child");
	assert_string_equal(rules_child_group(r, 1), "pupil");
	assert_null(rules_child_group(r, 2));
}

/* ---- sixteen ---- */

/* A parent agreed; what stands of the rules of the form's version and of its end. */
static const char both[] =
	"[rules]\nversion = 1\nunlisted = off\nsignatures = 2 officers\n"
	"[R09]\ntitle = sheet\non = %s\noutcome = hold\noutcome.before-use = deny\n"
	"outcome.before-collection = hold\noutcome.next-contact = permit\n"
	"actions = %s\nsixteen = before-%s\n"
	"[R10]\ntitle = end\non = yes\noutcome = deny\n"
	"actions = collect sync aggregate\nconsent.until = valid_until\n";
#define SIXTEEN_AFTER_MS  (CAPTURED_MS + 1)
#define SIXTEEN_BEFORE_MS CAPTURED_MS

struct sixteen {
	const char *name, *on, *actions, *asks, *role;
	int64_t until_ms, own_ms; /* 0: none */
	enum rules_action action;
	enum rules_outcome outcome;
	const char *rule; /* that says so; all by itself */
};

static const struct sixteen sixteens[] = {
	{"what was collected before stays in use", "yes", "collect aggregate", "collection",
		"parent", SIXTEEN_AFTER_MS, 0, RULES_AGGREGATE, RULES_PERMIT, ""},
	{"what was collected before is sent", "yes", "sync", "collection", "parent",
		SIXTEEN_AFTER_MS, 0, RULES_SYNC, RULES_PERMIT, ""},
	{"it is asked before use", "yes", "aggregate", "use", "parent", SIXTEEN_AFTER_MS, 0,
		RULES_AGGREGATE, RULES_DENY, "R09"},
	{"what was collected since waits", "yes", "collect aggregate", "collection", "parent",
		SIXTEEN_BEFORE_MS, 0, RULES_COLLECT, RULES_HOLD, "R09"},
	{"and is in no figures", "yes", "collect aggregate", "collection", "parent",
		SIXTEEN_BEFORE_MS, 0, RULES_AGGREGATE, RULES_HOLD, "R09"},
	{"nobody asks", "no", "collect aggregate", "collection", "parent", SIXTEEN_AFTER_MS, 0,
		RULES_AGGREGATE, RULES_DENY, "R10"},
	{"nobody asks for this action", "yes", "collect", "collection", "parent",
		SIXTEEN_AFTER_MS, 0, RULES_AGGREGATE, RULES_DENY, "R10"},
	{"nobody asks for one of two actions", "yes", "collect", "collection", "parent",
		SIXTEEN_AFTER_MS, 0, RULES_COLLECT | RULES_AGGREGATE, RULES_DENY, "R10"},
	{"an end that was agreed holds", "yes", "collect aggregate", "collection", "parent",
		SIXTEEN_AFTER_MS, SIXTEEN_AFTER_MS, RULES_AGGREGATE, RULES_DENY, "R10"},
	{"an end that was agreed for later", "yes", "collect aggregate", "collection", "parent",
		SIXTEEN_AFTER_MS, SIXTEEN_AFTER_MS + 1, RULES_AGGREGATE, RULES_PERMIT, ""},
	{"an end of the person's own", "yes", "collect aggregate", "collection", "self",
		SIXTEEN_AFTER_MS, 0, RULES_AGGREGATE, RULES_DENY, "R10"},
	{"nobody knows who spoke", "yes", "collect aggregate", "collection", NULL,
		SIXTEEN_AFTER_MS, 0, RULES_AGGREGATE, RULES_DENY, "R10"},
};

static void
judge_sixteen(const struct sixteen *row)
{
	OWNED_MEM char *text = xasprintf(both, row->on, row->actions, row->asks);
	OWNED(rules) struct rules *r = read_rules(text);
	const struct rules_permission may[] = {
		{"collect-direct", true, 0, row->own_ms}, {"use-aggregate", true, 0, 0}};
	const struct rules_consent c = {.event = "given",
		.level = "",
		.grantor_role = row->role,
		.form = "consent",
		.form_version = "1",
		.given_ms = GIVEN_MS,
		.valid_until_ms = row->until_ms,
		.permissions = may,
		.permission_count = ARRAY_LEN(may)};
	const struct rules_sheet sheet = {"consent", "1", "", "none", GIVEN_MS, 0};
	struct rules_facts facts = facts_of(0, &c, NULL);
	struct verdict v;
	facts.action = row->action;
	facts.sheets = &sheet;
	facts.sheet_count = 1;
	rules_judge(r, &facts, &v);
	if (v.outcome != row->outcome || v.fired_count != (*row->rule ? 1 : 0) ||
		(v.fired_count && strcmp(v.fired[0].rule, row->rule) != 0))
		fail_msg("%s: %s by %s", row->name, rules_outcome_word(v.outcome),
			v.fired_count ? v.fired[0].rule : "none");
}

static void
what_ended_at_sixteen_alone_is_left_to_the_rule_that_asks(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(sixteens); i++)
		judge_sixteen(&sixteens[i]);
}

/* Of a study without consent: R12 in force, at each of the three. */
static void
a_study_without_consent_asks_for_the_opt_out_everywhere(void **state)
{
	static const struct {
		const char *was, *is;
		bool asks;
	} edits[] = {
		{"on = yes", "on = yes", true},
		{"on = yes", "on = no", false},
		{"basis = s251", "basis = mca-s30-33", false},
		{"basis = s251", "basis = mca-s30-33 s251", true},
		{"actions = collect aggregate release", "actions = aggregate release", false},
		{"actions = collect aggregate release", "actions = collect release", false},
		{"actions = collect aggregate release", "actions = collect aggregate", false},
		{"actions = collect aggregate release",
			"actions = collect sync aggregate release export", true},
		{"checked.within = 30 days", "", false},
		{"checked.within = 30 days", "checked.within = 1 days", true},
	};
	static const char whole[] =
		"[rules]\nversion = 1\nunlisted = off\nsignatures = 2 officers\n"
		"[R12]\ntitle = t\non = yes\noutcome = deny\n"
		"actions = collect aggregate release\nbasis = s251\nchecked.within = 30 days\n";
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(edits); i++) {
		const char *at = strstr(whole, edits[i].was);
		assert_non_null(at);
		OWNED_MEM char *text = xasprintf("%.*s%s%s", (int)(at - whole), whole,
			edits[i].is, at + strlen(edits[i].was));
		OWNED(rules) struct rules *r = read_rules(text);
		assert_int_equal(rules_asks_opt_outs(r), edits[i].asks);
	}
}

static void
a_way_of_giving_consent_has_to_be_named_by_an_approval_in_force(void **state)
{
	static const char head[] =
		"[rules]\nversion = 1\nunlisted = off\nsignatures = 2 officers\n"
		"[R07]\ntitle = consent\noutcome = deny\nactions = collect\naccept = given\n";
	static const char *const named[] = {"written"};
	static const struct {
		const char *rule, *kind, *mode;
		int64_t from_ms;
		bool want;
	} of[] = {
		{"on = yes\nmode.approval = rec\n", "rec", "written", 0, true},
		{"on = yes\nmode.approval = rec\n", "rec", "electronic-drawn", 0, false},
		{"on = yes\nmode.approval = rec\n", "hra", "written", 0, false},
		{"on = yes\nmode.approval = rec\n", "rec", "written", NOW_MS, true},
		{"on = yes\nmode.approval = rec\n", "rec", "written", NOW_MS + 1, false},
		{"on = yes\n", "hra", "electronic-drawn", 0, true},
		{"on = no\nmode.approval = rec\n", "hra", "electronic-drawn", 0, true},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(of); i++) {
		OWNED_MEM char *text = xasprintf("%s%s", head, of[i].rule);
		OWNED(rules) struct rules *r = read_rules(text);
		const struct rules_approval a = {.id = "a",
			.kind = of[i].kind,
			.site = "",
			.partner = "",
			.decision = "favourable",
			.from_ms = of[i].from_ms,
			.covers.modes = {named, ARRAY_LEN(named)}};
		const struct rules_facts f = {
			.site = "exa", .approvals = &a, .approval_count = 1};
		if (rules_mode_approved(r, &f, of[i].mode, NOW_MS) != of[i].want)
			fail_msg("row %zu", i);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_spoke_decides_whether_a_consent_counts),
		cmocka_unit_test(a_no_permits_no_use_whatever_is_ticked),
		cmocka_unit_test(a_no_counts_from_when_it_is_known_whatever_the_clock_said),
		cmocka_unit_test(what_a_child_needs_begins_with_a_parent),
		cmocka_unit_test(nobody_takes_back_what_nobody_wished),
		cmocka_unit_test(one_wish_that_was_taken_back_is_enough),
		cmocka_unit_test(the_groups_that_are_children_are_told_one_by_one),
		cmocka_unit_test(what_ended_at_sixteen_alone_is_left_to_the_rule_that_asks),
		cmocka_unit_test(a_study_without_consent_asks_for_the_opt_out_everywhere),
		cmocka_unit_test(
			a_way_of_giving_consent_has_to_be_named_by_an_approval_in_force),
	};
	if (crypto_init())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
