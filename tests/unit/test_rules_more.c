#include "tests/unit/suite.h"

#include "common/base/mem.h"
#include "common/study/rules.h"
#include "common/study/rules_shipped.h"
#include "common/trust/crypto.h"

/* Rules by approvals, by what persons said, and by the study; those that test_rules and
 * test_rules_consent hold are not asked here. */

#define HEAD   "[rules]\nversion = 1\nunlisted = off\nsignatures = 2 officers\n"
#define COMMON "title = t\non = yes\nactions = aggregate release\n"

#define CAPTURED_MS 4000
#define NOW_MS      5000
#define KNOWN       10

static const char r02[] = HEAD "[R02]\n" COMMON "outcome = deny\napproval.any = hra hcrw\n"
			       "site.kinds = nhs trust\n";
static const char r08[] =
	HEAD "[R08]\n" COMMON "outcome = deny\ndata.answers = a\n"
	     "data.records = r\ndata.audio = s\nuse.site = us\nuse.pooled = up\n"
	     "use.quote = uq\nuse.link = ul\nuse.share = uh\nunanswered = deny\n";
static const char r08_less[] = HEAD "[R08]\n" COMMON "outcome = deny\ndata.answers = a\n"
				    "use.site = us\nuse.pooled = up\nunanswered = deny\n";
static const char r10[] = HEAD "[R10]\n" COMMON "outcome = deny\nconsent.until = valid_until\n"
			       "retention = legal.retention.answers\nwarn = 60 days\n";
static const char r12[] = HEAD "[R12]\n" COMMON "outcome = deny\nbasis = s251\n"
			       "checked.within = 30 days\n";
static const char r13[] = HEAD "[R13]\n" COMMON "outcome = hold\nstarts = lost-during-study\n"
			       "ends = advice-supports\nkeep.permission = retain\n";
static const char r13_less[] = HEAD "[R13]\n" COMMON "outcome = hold\n"
				    "starts = lost-during-study\nends = advice-supports\n";
static const char r14[] = HEAD "[R14]\n" COMMON "outcome = deny\ndissent = dissent\n"
			       "objection = refused advice-against\n";
static const char r19[] = HEAD "[R19]\n" COMMON "outcome = hold\ndecide.within = 1 months\n";
static const char r20[] = HEAD "[R20]\n" COMMON "outcome = deny\napproval.all = dsa dpia\n";
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

static void
judge(const char *text, const struct rules_facts *f, struct verdict *ret)
{
	OWNED(rules) struct rules *r = read_rules(text);
	rules_judge(r, f, ret);
}

/* ---- approvals ---- */

#define GOOD(K)                                                                                \
	{                                                                                      \
		.kind = (K), .decision = "confirmed", .site = "", .from_ms = 1000              \
	}
#define OF(K, ...)                                                                             \
	{                                                                                      \
		.kind = (K), .decision = "confirmed", .site = "exa", __VA_ARGS__               \
	}

static const struct {
	const char *name, *rules, *kind;
	enum rules_outcome outcome;
	int64_t captured_ms;
	struct rules_approval approvals[2];
} by_approvals[] = {
	{"R02: approved", r02, "nhs", RULES_PERMIT, CAPTURED_MS, {GOOD("hra"), GOOD("x")}},
	{"R02: the other approval", r02, "trust", RULES_PERMIT, CAPTURED_MS,
		{GOOD("x"), GOOD("hcrw")}},
	{"R02: another kind of site", r02, "council", RULES_PERMIT, CAPTURED_MS,
		{GOOD("x"), GOOD("x")}},
	{"R02: no such approval", r02, "nhs", RULES_DENY, CAPTURED_MS, {GOOD("x"), GOOD("x")}},
	{"R02: the kind of site is not known", r02, "", RULES_DENY, CAPTURED_MS,
		{GOOD("hra"), GOOD("x")}},
	{"R02: the time of collection is not known", r02, "nhs", RULES_DENY, 0,
		{GOOD("hra"), GOOD("x")}},
	{"R02: in the second of collection", r02, "nhs", RULES_PERMIT, CAPTURED_MS,
		{OF("hra", .from_ms = 4000), GOOD("x")}},
	{"R02: a moment after collection", r02, "nhs", RULES_DENY, CAPTURED_MS,
		{OF("hra", .from_ms = 4001), GOOD("x")}},
	{"R02: in its last moment", r02, "nhs", RULES_PERMIT, CAPTURED_MS,
		{OF("hra", .until_ms = 5001), GOOD("x")}},
	{"R02: over now", r02, "nhs", RULES_DENY, CAPTURED_MS,
		{OF("hra", .until_ms = 5000), GOOD("x")}},
	{"R02: not known then", r02, "nhs", RULES_DENY, CAPTURED_MS,
		{OF("hra", .known = KNOWN + 1), GOOD("x")}},
	{"R02: suspended now", r02, "nhs", RULES_DENY, CAPTURED_MS,
		{OF("hra", .stop = RULES_SUSPENDED, .stop_from_ms = 5000), GOOD("x")}},
	{"R02: of another site", r02, "nhs", RULES_DENY, CAPTURED_MS,
		{{.kind = "hra", .decision = "confirmed", .site = "exb"}, GOOD("x")}},
	{"R02: not decided yet", r02, "nhs", RULES_DENY, CAPTURED_MS,
		{{.kind = "hra", .decision = "provisional", .site = ""}, GOOD("x")}},

	{"R20: both in force", r20, "nhs", RULES_PERMIT, CAPTURED_MS,
		{GOOD("dsa"), OF("dpia", .from_ms = 5000)}},
	{"R20: one not in force yet", r20, "nhs", RULES_DENY, CAPTURED_MS,
		{GOOD("dsa"), OF("dpia", .from_ms = 5001)}},
	{"R20: one in its last moment", r20, "nhs", RULES_PERMIT, CAPTURED_MS,
		{OF("dsa", .until_ms = 5001), GOOD("dpia")}},
	{"R20: one is over", r20, "nhs", RULES_DENY, CAPTURED_MS,
		{OF("dsa", .until_ms = 5000), GOOD("dpia")}},
	{"R20: one is missing", r20, "nhs", RULES_DENY, CAPTURED_MS,
		{GOOD("dsa"), GOOD("dsa")}},
};

static void
rules_of_approvals(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(by_approvals); i++) {
		const struct rules_facts f = {.action = RULES_AGGREGATE,
			.data_kind = "answers",
			.site = "exa",
			.site_kind = by_approvals[i].kind,
			.true_at_ms = NOW_MS,
			.record.captured_ms = by_approvals[i].captured_ms,
			.known_upto = KNOWN,
			.approvals = by_approvals[i].approvals,
			.approval_count = 2};
		struct verdict v;
		judge(by_approvals[i].rules, &f, &v);
		print_message("%s: %s\n", by_approvals[i].name, v.fired[0].reason);
		assert_int_equal(v.outcome, by_approvals[i].outcome);
		assert_int_equal(v.fired_count, v.outcome == RULES_PERMIT ? 0 : 1);
	}
}

/* ---- what persons said ---- */

#define YES(MS, KN, ...)                                                                       \
	{                                                                                      \
		.event = "given", .level = "", .given_ms = (MS), .known = (KN), __VA_ARGS__    \
	}
#define SAID(EVENT, MS, KN, ...)                                                               \
	{                                                                                      \
		.event = (EVENT), .level = "", .given_ms = (MS), .known = (KN), __VA_ARGS__    \
	}
#define CHANGE(LEVEL, MS, KN)                                                                  \
	{                                                                                      \
		.event = "changed", .level = (LEVEL), .given_ms = (MS), .known = (KN)          \
	}
#define LOST "lost-during-study"

static const struct rules_permission retain[] = {{"retain", true, 0, 0}};
static const struct rules_permission gone[] = {{"retain", true, 0, 4000}};
static const struct rules_permission denies[] = {
	{"retain", false, 0, 0}, {"a", false, 0, 0}, {"r", true, 0, 0}};
#define RETAIN     .permissions = retain, .permission_count = 1
#define DENIES     .permissions = denies, .permission_count = 2
#define DENIES_ONE .permissions = denies, .permission_count = 3

static const struct {
	const char *name, *rules;
	enum rules_outcome outcome;
	bool per_site;
	size_t count;
	struct rules_consent came[3];
} by_persons[] = {
	{"R13: nothing was lost", r13, RULES_PERMIT, false, 1, {YES(3000, 1)}},
	{"R13: nothing is on file", r13, RULES_PERMIT, false, 0, {YES(0, 0)}},
	{"R13: lost", r13, RULES_HOLD, false, 2,
		{YES(3000, 1), SAID("changed", 3500, 2, .capacity = LOST)}},
	{"R13: lost, said by a change", r13, RULES_HOLD, false, 2,
		{YES(3000, 1), CHANGE("capacity-lost", 3500, 2)}},
	{"R13: lost, not known then", r13, RULES_PERMIT, false, 2,
		{YES(3000, 1), CHANGE("capacity-lost", 3500, KNOWN + 1)}},
	{"R13: lost, known just then", r13, RULES_HOLD, false, 2,
		{YES(3000, 1), CHANGE("capacity-lost", 3500, KNOWN)}},
	{"R13: advised since", r13, RULES_PERMIT, false, 3,
		{YES(3000, 1), CHANGE("capacity-lost", 3500, 2),
			SAID("advice-supports", 3501, 3)}},
	{"R13: advised in the same moment", r13, RULES_HOLD, false, 3,
		{YES(3000, 1), CHANGE("capacity-lost", 3500, 2),
			SAID("advice-supports", 3500, 3)}},
	{"R13: advice that was known before", r13, RULES_HOLD, false, 3,
		{YES(3000, 1), SAID("advice-supports", 3501, 2),
			CHANGE("capacity-lost", 3500, 3)}},
	{"R13: advice that was not known then", r13, RULES_HOLD, false, 3,
		{YES(3000, 1), CHANGE("capacity-lost", 3500, 2),
			SAID("advice-supports", 3501, KNOWN + 1)}},
	{"R13: the advice tells of the loss", r13, RULES_PERMIT, false, 2,
		{YES(3000, 1), SAID("advice-supports", 3500, 2, .capacity = LOST)}},
	{"R13: the consultee speaks again", r13, RULES_PERMIT, false, 3,
		{YES(3000, 1), SAID("advice-supports", 3500, 2, .capacity = LOST),
			SAID("reaffirmed", 3600, 3, .capacity = LOST)}},
	{"R13: the person can decide again", r13, RULES_PERMIT, false, 3,
		{YES(3000, 1), CHANGE("capacity-lost", 3200, 2),
			YES(3500, 3, .capacity = "regained")}},
	{"R13: lost again", r13, RULES_HOLD, false, 3,
		{SAID("advice-supports", 3000, 1, .capacity = LOST),
			YES(3500, 2, .capacity = "regained"),
			CHANGE("capacity-lost", 3600, 3)}},
	{"R13: given before, and may stay", r13, RULES_PERMIT, false, 2,
		{YES(3000, 1, RETAIN), CHANGE("capacity-lost", 4001, 2)}},
	{"R13: given in the moment of the loss", r13, RULES_HOLD, false, 2,
		{YES(3000, 1, RETAIN), CHANGE("capacity-lost", 4000, 2)}},
	{"R13: given before, and may not stay", r13, RULES_HOLD, false, 2,
		{YES(3000, 1), CHANGE("capacity-lost", 4001, 2)}},
	{"R13: permitted beforehand on a paper that came behind the loss", r13, RULES_HOLD,
		false, 2, {CHANGE("capacity-lost", 4500, 1), YES(3000, 2, RETAIN)}},
	{"R13: the permission to keep had ended", r13, RULES_HOLD, false, 2,
		{YES(3000, 1, .permissions = gone, .permission_count = 1),
			CHANGE("capacity-lost", 4001, 2)}},
	{"R13: the study keeps nothing", r13_less, RULES_HOLD, false, 2,
		{YES(3000, 1, RETAIN), CHANGE("capacity-lost", 4001, 2)}},
	{"R13: about the site", r13, RULES_PERMIT, true, 1, {CHANGE("capacity-lost", 1, 1)}},

	{"R14: agreed", r14, RULES_PERMIT, false, 1, {YES(3000, 1, .assent = "given")}},
	{"R14: refused", r14, RULES_DENY, false, 1, {SAID("refused", 3000, 1)}},
	{"R14: advised against", r14, RULES_DENY, false, 1, {SAID("advice-against", 1, 1)}},
	{"R14: showed it", r14, RULES_DENY, false, 1, {YES(3000, 1, .assent = "dissent")}},
	{"R14: refused later", r14, RULES_DENY, false, 2,
		{YES(3000, 1), SAID("refused", 4500, 2)}},
	{"R14: refused later by a clock that is behind", r14, RULES_DENY, false, 2,
		{YES(3000, 1), SAID("refused", 2000, 2)}},
	{"R14: refused later by a clock that is ahead", r14, RULES_DENY, false, 2,
		{YES(3000, 1), SAID("refused", 9000, 2)}},
	{"R14: refused, not known then", r14, RULES_PERMIT, false, 2,
		{YES(3000, 1), SAID("refused", 3500, KNOWN + 1)}},
	{"R14: agreed after it", r14, RULES_PERMIT, false, 2,
		{SAID("refused", 3000, 1), YES(3000, 2)}},
	{"R14: agreed a moment before it", r14, RULES_DENY, false, 2,
		{SAID("refused", 3000, 1), YES(2999, 2)}},
	{"R14: a change agrees to nothing", r14, RULES_DENY, false, 2,
		{SAID("refused", 3000, 1), CHANGE("no-further-contact", 3500, 2)}},
	{"R14: a request agrees to nothing", r14, RULES_DENY, false, 2,
		{SAID("refused", 3000, 1), SAID("requested", 3500, 2)}},
	{"R14: supported, and showed it again", r14, RULES_DENY, false, 2,
		{SAID("refused", 3000, 1),
			SAID("advice-supports", 3500, 2, .assent = "dissent")}},
	{"R14: about the site", r14, RULES_PERMIT, true, 1, {SAID("refused", 3000, 1)}},

	{"R19: nothing is asked", r19, RULES_PERMIT, false, 2,
		{YES(3000, 1), CHANGE("no-further-use", 3500, 2)}},
	{"R19: asked to erase", r19, RULES_HOLD, false, 2,
		{YES(3000, 1), CHANGE("erase", 3500, 2)}},
	{"R19: asked by a clock that is ahead", r19, RULES_HOLD, false, 1,
		{CHANGE("erase", 9000, 2)}},
	{"R19: asked, not known then", r19, RULES_PERMIT, false, 2,
		{YES(3000, 1), CHANGE("erase", 3500, KNOWN + 1)}},
	{"R19: taken back by a consent given later", r19, RULES_PERMIT, false, 3,
		{YES(3000, 1), CHANGE("erase", 3500, 2), YES(3501, 3, RETAIN)}},
	{"R19: taken back, known just then", r19, RULES_PERMIT, false, 3,
		{YES(3000, 1), CHANGE("erase", 3500, 2), YES(3501, KNOWN, RETAIN)}},
	{"R19: taken back, not known then", r19, RULES_HOLD, false, 3,
		{YES(3000, 1), CHANGE("erase", 3500, 2), YES(3501, KNOWN + 1, RETAIN)}},
	{"R19: a consent of the same moment", r19, RULES_HOLD, false, 3,
		{YES(3000, 1), CHANGE("erase", 3500, 2), YES(3500, 3, RETAIN)}},
	{"R19: a consent that was known with the wish", r19, RULES_HOLD, false, 2,
		{CHANGE("erase", 3500, 2), YES(3501, 2, RETAIN)}},
	{"R19: a later refusal that permits something", r19, RULES_HOLD, false, 3,
		{YES(3000, 1), CHANGE("erase", 3500, 2), SAID("refused", 3501, 3, RETAIN)}},
	{"R19: a later consent that permits nothing", r19, RULES_HOLD, false, 3,
		{YES(3000, 1), CHANGE("erase", 3500, 2), YES(3501, 3)}},
	{"R19: a later consent that denies", r19, RULES_HOLD, false, 3,
		{YES(3000, 1), CHANGE("erase", 3500, 2), YES(3501, 3, DENIES)}},
	{"R19: a later consent that denies one thing", r19, RULES_PERMIT, false, 3,
		{YES(3000, 1), CHANGE("erase", 3500, 2), YES(3501, 3, DENIES_ONE)}},
	{"R19: a later change", r19, RULES_HOLD, false, 3,
		{YES(3000, 1), CHANGE("erase", 3500, 2),
			{.event = "changed",
				.level = "objection",
				.given_ms = 3501,
				.known = 3,
				RETAIN}}},
	{"R19: asked, taken back, asked again", r19, RULES_HOLD, false, 3,
		{CHANGE("erase", 3000, 1), YES(3500, 2, RETAIN), CHANGE("erase", 3600, 3)}},
	{"R19: asked twice, and taken back", r19, RULES_PERMIT, false, 3,
		{CHANGE("erase", 3000, 1), CHANGE("erase", 3100, 2), YES(3500, 3, RETAIN)}},
};

static void
rules_of_persons(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(by_persons); i++) {
		const struct rules_facts f = {.action = RULES_AGGREGATE,
			.data_kind = "answers",
			.per_site = by_persons[i].per_site,
			.site = "exa",
			.site_kind = "nhs",
			.true_at_ms = NOW_MS,
			.record.captured_ms = CAPTURED_MS,
			.known_upto = KNOWN,
			.record.consents = by_persons[i].came,
			.record.consent_count = by_persons[i].count};
		struct verdict v;
		judge(by_persons[i].rules, &f, &v);
		print_message("%s: %s\n", by_persons[i].name, v.fired[0].reason);
		assert_int_equal(v.outcome, by_persons[i].outcome);
	}
}

/* ---- what a change stands on ---- */

#define ADVICE(MS, KN) SAID("advice-supports", MS, KN, .grantor_role = "consultee-personal")

static void
a_change_stands_on_the_agreement_before_it(void **state)
{
	static const char r07[] =
		HEAD "[R07]\ntitle = t\non = yes\noutcome = deny\nactions = collect aggregate\n"
		     "accept = given changed\naccept.consultee = advice-supports\n"
		     "consultee.approval = mca-s30\n";
	static const struct {
		const char *name;
		enum rules_action action;
		bool approved, elsewhere;
		enum rules_outcome outcome;
		size_t count;
		struct rules_consent came[3];
	} rows[] = {
		{"an agreement", RULES_AGGREGATE, false, false, RULES_PERMIT, 2,
			{YES(3000, 1), CHANGE("no-further-contact", 3500, 2)}},
		{"nothing", RULES_AGGREGATE, false, false, RULES_DENY, 1,
			{CHANGE("no-further-contact", 3500, 2)}},
		{"a request", RULES_AGGREGATE, false, false, RULES_DENY, 2,
			{SAID("requested", 3000, 1), CHANGE("no-further-contact", 3500, 2)}},
		{"an agreement that came later", RULES_AGGREGATE, false, false, RULES_DENY, 3,
			{SAID("requested", 3000, 1), CHANGE("no-further-contact", 3500, 2),
				YES(4500, 3)}},
		{"the last of two", RULES_AGGREGATE, false, false, RULES_DENY, 3,
			{YES(3000, 1), SAID("refused", 3200, 2),
				CHANGE("no-further-contact", 3500, 3)}},
		{"advice with an approval", RULES_AGGREGATE, true, false, RULES_PERMIT, 2,
			{ADVICE(3000, 1), CHANGE("no-further-contact", 3500, 2)}},
		{"advice without", RULES_AGGREGATE, false, false, RULES_DENY, 2,
			{ADVICE(3000, 1), CHANGE("no-further-contact", 3500, 2)}},
		{"advice, approvals are looked at elsewhere", RULES_COLLECT, false, true,
			RULES_PERMIT, 1, {ADVICE(3000, 1)}},
		{"advice, approvals are not to be looked at elsewhere", RULES_AGGREGATE, false,
			true, RULES_DENY, 1, {ADVICE(3000, 1)}},
	};
	const struct rules_approval a = GOOD("mca-s30");
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct rules_facts f = {.action = rows[i].action,
			.site = "exa",
			.site_kind = "nhs",
			.true_at_ms = NOW_MS,
			.record.captured_ms = CAPTURED_MS,
			.known_upto = KNOWN,
			.approvals_elsewhere = rows[i].elsewhere,
			.approvals = &a,
			.approval_count = rows[i].approved,
			.record.consents = rows[i].came,
			.record.consent_count = rows[i].count};
		struct verdict v;
		judge(r07, &f, &v);
		print_message("%s: %s\n", rows[i].name, v.fired[0].reason);
		assert_int_equal(v.outcome, rows[i].outcome);
	}
}

/* ---- kinds of data and uses ---- */

static const struct {
	const char *name, *data, *permits; /* one letter or two each, with blanks between */
	enum rules_use use;
	bool quote_ok, less;
	enum rules_outcome outcome;
} by_uses[] = {
	{"records", "records", "r us", RULES_USE_SITE, false, false, RULES_PERMIT},
	{"records by the permission of answers", "records", "a us", RULES_USE_SITE, false,
		false, RULES_DENY},
	{"sound", "audio", "a s up", RULES_USE_POOLED, false, false, RULES_PERMIT},
	{"sound, and none to answer", "audio", "s up", RULES_USE_POOLED, false, false,
		RULES_DENY},
	{"sound, said nothing of it", "audio", "a r up", RULES_USE_POOLED, false, false,
		RULES_DENY},
	{"sound in a study that names none", "audio", "a s up", RULES_USE_POOLED, false, true,
		RULES_DENY},
	{"a kind of data nobody knows", "smell", "a up", RULES_USE_POOLED, false, false,
		RULES_DENY},
	{"words", "answers", "a uq", RULES_USE_QUOTE, true, false, RULES_PERMIT},
	{"words that were not to be printed", "answers", "a uq", RULES_USE_QUOTE, false, false,
		RULES_DENY},
	{"words without the permission", "answers", "a us up", RULES_USE_QUOTE, true, false,
		RULES_DENY},
	{"words in a study that prints none", "answers", "a uq", RULES_USE_QUOTE, true, true,
		RULES_DENY},
	{"linking", "answers", "a ul", RULES_USE_LINK, false, false, RULES_PERMIT},
	{"linking without the permission", "answers", "a uh", RULES_USE_LINK, false, false,
		RULES_DENY},
	{"sharing", "answers", "a uh", RULES_USE_SHARE, false, false, RULES_PERMIT},
	{"sharing without the permission", "answers", "a ul", RULES_USE_SHARE, false, false,
		RULES_DENY},
	{"no use is said", "answers", "a us", RULES_NO_USE, false, false, RULES_DENY},
};

static void
rules_of_permissions(void **state)
{
	static const char *const all[] = {"a", "r", "s", "us", "up", "uq", "ul", "uh"};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(by_uses); i++) {
		struct rules_permission list[ARRAY_LEN(all)];
		struct rules_consent c = YES(3000, 1, .permissions = list);
		OWNED_MEM char *given = xasprintf(" %s ", by_uses[i].permits);
		for (size_t k = 0; k < ARRAY_LEN(all); k++) {
			OWNED_MEM char *one = xasprintf(" %s ", all[k]);
			if (strstr(given, one))
				list[c.permission_count++] = (struct rules_permission){
					.code = all[k], .permit = true};
		}
		const struct rules_facts f = {.action = RULES_AGGREGATE,
			.use = by_uses[i].use,
			.data_kind = by_uses[i].data,
			.record.quote_ok = by_uses[i].quote_ok,
			.site = "exa",
			.site_kind = "nhs",
			.true_at_ms = NOW_MS,
			.record.captured_ms = CAPTURED_MS,
			.known_upto = KNOWN,
			.record.consents = &c,
			.record.consent_count = 1};
		struct verdict v;
		judge(by_uses[i].less ? r08_less : r08, &f, &v);
		print_message("%s: %s\n", by_uses[i].name, v.fired[0].reason);
		assert_int_equal(v.outcome, by_uses[i].outcome);
	}
}

/* ---- the study ---- */

static void
rules_of_the_study(void **state)
{
	static const struct {
		const char *rules, *basis;
		enum rules_check retained;
		enum rules_action action;
		enum rules_outcome outcome;
		size_t consents;
	} rows[] = {
		{r12, "consent", RULES_UNKNOWN, RULES_AGGREGATE, RULES_PERMIT, 1},
		{r12, "s251", RULES_UNKNOWN, RULES_AGGREGATE, RULES_PERMIT, 1},
		{r12, "s251", RULES_UNKNOWN, RULES_AGGREGATE, RULES_DENY, 0},
		{r12, NULL, RULES_UNKNOWN, RULES_AGGREGATE, RULES_DENY, 1},
		{r12, "", RULES_UNKNOWN, RULES_AGGREGATE, RULES_DENY, 1},
		{r10, NULL, RULES_YES, RULES_AGGREGATE, RULES_PERMIT, 1},
		{r10, NULL, RULES_NO, RULES_AGGREGATE, RULES_DENY, 1},
		{r10, NULL, RULES_UNKNOWN, RULES_AGGREGATE, RULES_DENY, 1},
		{r10, NULL, RULES_NOT_ASKED, RULES_RELEASE, RULES_DENY, 1},
	};
	const struct rules_consent c = YES(3000, 1);
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct rules_facts f = {.action = rows[i].action,
			.site = "exa",
			.site_kind = "nhs",
			.true_at_ms = NOW_MS,
			.record.captured_ms = CAPTURED_MS,
			.known_upto = KNOWN,
			.basis = rows[i].basis,
			.record.retained = rows[i].retained,
			.record.consents = &c,
			.record.consent_count = rows[i].consents};
		struct verdict v;
		judge(rows[i].rules, &f, &v);
		print_message("row %zu: %s\n", i, v.fired[0].reason);
		assert_int_equal(v.outcome, rows[i].outcome);
	}
}

/* ---- the file ---- */

static void
a_rule_without_a_section_is_asked_as_shipped(void **state)
{
	static const char head[] =
		"[rules]\nversion = 1\nunlisted = on\nsignatures = 2 officers\n";
	OWNED(faults) struct faults *f = faults_new();
	OWNED_MEM char *all = xasprintf("%s%s", HEAD, rules_shipped);
	OWNED_MEM char *one = xasprintf("%s[R04]\ntitle = own\non = no\noutcome = deny\n"
					"actions = query\nstop = suspended\n",
		head);
	OWNED(rules) struct rules *shipped = rules_read(view_text(all), "rules.ini", f);
	OWNED(rules) struct rules *r = rules_read(view_text(one), "rules.ini", f);
	(void)state;
	assert_int_equal(f->errors, 0);
	for (unsigned n = 1; n <= RULES_MAX; n++) {
		assert_true(rules_on(shipped, n));
		assert_int_equal(rules_on(r, n), n != 4);
		if (n != 4)
			assert_string_equal(rules_title(r, n), rules_title(shipped, n));
	}
	assert_string_equal(rules_agreement(r, "council"), "la_rg");
	assert_true(rules_asks_retention(r));
	const struct rules_facts facts = {.action = RULES_QUERY, .site = "", .site_kind = ""};
	struct verdict v;
	rules_judge(r, &facts, &v);
	assert_int_equal(v.outcome, RULES_DENY);
	assert_string_equal(v.fired[0].rule, "R15");
	assert_string_equal(v.fired[0].reason, "the question does not state its purpose");
}

/* A line of a rule that is otherwise as shipped, and what is said of it. */
static const struct {
	const char *was, *is, *says;
} edits[] = {
	{"grace = 14 days", "grace = 14", "key grace: a time"},
	{"grace = 14 days", "grace = two days", "key grace: a time"},
	{"progress.every = 12 months", "progress.every = 12 moons",
		"key progress.every: a time"},
	{"outcome.before-use = deny", "outcome.before-use = no",
		"key outcome.before-use: one of"},
	{"outcome.before-use = deny", "outcome.before-tea = deny",
		"key outcome.before-tea: this"},
	{"minimum = form-version", "minimum = 3", "key minimum: one of"},
	{"taker = taken_by", "taker = taken by", "key taker: one word"},
	{"taker.task = consent\n", "", "taker and taker.task go together"},
	{"taker = taken_by\n", "", "taker and taker.task go together"},
	{"approacher.task = approach\n", "", "approacher.code and approacher.task go together"},
	{"approacher.code = approacher\n", "",
		"approacher.code and approacher.task go together"},
	{"approacher.code = approacher", "approacher.code = who", "'who' is none"},
	{"approacher.none = care-team", "approacher.none = careteam", "'careteam' is none"},
	{"collector.task = collect\n", "", "collector and collector.task go together"},
	{"collector = collected_by\n", "", "collector and collector.task go together"},
	{"collector = collected_by", "collector = taken_by", "'taken_by' is none"},
	{"collector.task = collect", "collector.task = collecting", "'collecting' is none"},
	{"basis = s251", "basis = s252", "key basis: 's252' is none"},
	{"starts = lost", "starts = lost lost", "key starts: 'lost' is none"},
	{"ends = advice-supports", "ends = advice", "key ends: 'advice' is none"},
	{"dissent = dissent", "dissent = no", "key dissent: 'no' is none"},
	{"list = forms", "list = all", "key list: one of"},
	{"unlisted = refuse-record", "unlisted = drop", "key unlisted: one of"},
	{"contract = yes", "contract = signed", "key contract: yes or no"},
	{"training.within = 24 months", "training.within = long",
		"key training.within: a time"},
	{"quorum.sites = 2 sites", "quorum.sites = 2", "key quorum.sites: a whole number"},
	{"decide.within = 1 months", "decided = yes", "key decided: this key is not known"},
	{"warn = 60 days", "warn = 60 people", "key warn: a time"},
	{"retention = legal.retention.answers", "retention = ever", "'ever' is none"},
	{"unanswered = deny", "unanswered = permit", "key unanswered: one of"},
	{"consultee.approval = mca-s30", "", "go together"},
	{"child.needs = given assent", "child.needs = given nap", "'nap' is none"},
	{"child.groups = child\n", "", "which groups of the study are children"},
	{"accept = given reaffirmed", "accept = given reafirmed", "'reafirmed' is none"},
	{"approval.nhs = nhs_rg", "approval.nhs = nhs_rg\nlatst = now", "key latst: this key"},
	{"site.kinds = nhs\n", "", "key site.kinds: [R02] needs"},
	{"approval.all = dsa dpia\n", "", "key approval.all: [R20] needs"},
};

static void
every_key_has_its_type(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(edits); i++) {
		OWNED(faults) struct faults *f = faults_new();
		const char *at = strstr(rules_shipped, edits[i].was);
		print_message("%s\n", edits[i].is);
		assert_non_null(at);
		OWNED_MEM char *text = xasprintf("%s%.*s%s%s", HEAD, (int)(at - rules_shipped),
			rules_shipped, edits[i].is, at + strlen(edits[i].was));
		assert_null(rules_read(view_text(text), "rules.ini", f));
		bool said = false;
		for (size_t k = 0; k < f->count; k++) {
			OWNED_MEM char *line = faults_line(&f->items[k]);
			said = said || (!f->items[k].warning && strstr(line, edits[i].says));
		}
		assert_true(said);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rules_of_approvals),
		cmocka_unit_test(rules_of_persons),
		cmocka_unit_test(a_change_stands_on_the_agreement_before_it),
		cmocka_unit_test(rules_of_permissions),
		cmocka_unit_test(rules_of_the_study),
		cmocka_unit_test(a_rule_without_a_section_is_asked_as_shipped),
		cmocka_unit_test(every_key_has_its_type),
	};
	if (crypto_init())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
