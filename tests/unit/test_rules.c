#include "tests/unit/suite.h"

#include "common/base/mem.h"
#include "common/codec/text.h"
#include "common/study/rules.h"
#include "common/trust/crypto.h"

#define RULES_FILE WEIR_SOURCE_DIR "/tests/data/wvs/study/rules.ini"

/* The usual day, in seconds: opinion from 1000, agreement from 2000, consent given at 3000,
 * record collected at 4000, judged at 5000. */
#define OPINION_S   1000
#define AGREEMENT_S 2000
#define GIVEN_S     3000
#define CAPTURED_S  4000
#define NOW_S       5000

/* What differs from the usual day; 0 and NULL leave it as it is, -1 takes it away. */
struct row {
	const char *name;
	enum rules_action action;
	enum rules_outcome outcome;
	const char *fired; /* "" when permitted */
	enum rules_use use;
	int64_t opinion_s, opinion_until_s, agreement_s, agreement_until_s;
	const char *decision; /* of the opinion */
	bool reason;
	uint64_t opinion_known;
	const char *opinion_kind;
	const char *agreement_kind;
	const char *agreement_decision;
	const char *agreement_site;
	const char *site_kind;
	enum rules_stop stop; /* of the opinion */
	int64_t stop_s, stop_until_s;
	int64_t captured_s, now_s;
	int64_t given_s, begins_s, valid_until_s;
	const char *event;
	int64_t change_s;  /* a participation change at this time ... */
	const char *level; /* ... of this level, its permissions rewritten as below */
	uint64_t change_known;
	bool keeps_all;      /* the change leaves the permissions standing, by mistake */
	const char *refuses; /* a permission that is refused in the first version */
	const char *lacks;   /* a permission that is not mentioned */
	int64_t permit_until_s;
	const char *data_kind;
	bool per_site;
	enum rules_check record, consent, proof, opens; /* 0 leaves them at yes */
	bool unknown;                                   /* all four checks are not filled in */
};

struct world {
	struct rules_approval approvals[2];
	struct rules_permission permissions[2][3];
	struct rules_consent consents[2];
	struct rules_facts facts;
};

static const char *const codes[] = {"collect-direct", "use-site-report", "use-aggregate"};

static int64_t
ms(int64_t seconds, int64_t usual)
{
	return 1000 * (seconds > 0 ? seconds : seconds < 0 ? 0 : usual);
}

static void
set_approvals(struct world *w, const struct row *r)
{
	w->approvals[0] = (struct rules_approval){
		.id = "A1",
		.kind = r->opinion_kind ? r->opinion_kind : "rec",
		.known = r->opinion_known,
		.site = "",
		.decision = r->decision ? r->decision : "favourable",
		.reason_given = r->reason,
		.from_ms = ms(r->opinion_s, OPINION_S),
		.until_ms = 1000 * r->opinion_until_s,
		.stop = r->stop,
		.stop_from_ms = 1000 * r->stop_s,
		.stop_until_ms = 1000 * r->stop_until_s,
	};
	w->approvals[1] = (struct rules_approval){
		.id = "A2",
		.kind = r->agreement_kind ? r->agreement_kind : "site_agreement",
		.site = r->agreement_site ? r->agreement_site : "norway",
		.decision = r->agreement_decision ? r->agreement_decision : "confirmed",
		.from_ms = ms(r->agreement_s, AGREEMENT_S),
		.until_ms = 1000 * r->agreement_until_s,
	};
}

/* What a change of this level leaves of the permissions. */
static bool
left_by(const struct row *r, size_t code)
{
	if (r->keeps_all || strcmp(r->level, "no-further-contact") == 0)
		return true;
	return strcmp(r->level, "no-more-collection") == 0 && code > 0;
}

static void
set_consents(struct world *w, const struct row *r)
{
	size_t count = 0;
	for (size_t i = 0; i < ARRAY_LEN(codes); i++) {
		if (r->lacks && strcmp(r->lacks, codes[i]) == 0)
			continue;
		w->permissions[0][count++] = (struct rules_permission){
			.code = codes[i],
			.permit = !r->refuses || strcmp(r->refuses, codes[i]) != 0,
			.until_ms = 1000 * r->permit_until_s,
		};
	}
	w->consents[1] = (struct rules_consent){
		.event = r->event ? r->event : "given",
		.level = "",
		.given_ms = ms(r->given_s, GIVEN_S),
		.valid_from_ms = 1000 * r->begins_s,
		.valid_until_ms = 1000 * r->valid_until_s,
		.permissions = w->permissions[0],
		.permission_count = count,
	};
	for (size_t i = 0; r->change_s && i < ARRAY_LEN(codes); i++)
		w->permissions[1][i] =
			(struct rules_permission){.code = codes[i], .permit = left_by(r, i)};
	w->consents[0] = (struct rules_consent){
		.event = "changed",
		.level = r->level,
		.given_ms = 1000 * r->change_s,
		.permissions = w->permissions[1],
		.permission_count = ARRAY_LEN(codes),
		.known = r->change_known,
	};
}

static void
set_world(struct world *w, const struct row *r)
{
	set_approvals(w, r);
	set_consents(w, r);
	w->facts = (struct rules_facts){
		.action = r->action,
		.use = r->use,
		.data_kind = r->data_kind ? r->data_kind : "answers",
		.per_site = r->per_site,
		.site = "norway",
		.site_kind = r->site_kind ? r->site_kind : "survey",
		.needs_known = true,
		.true_at_ms = ms(r->now_s, NOW_S),
		.record.captured_ms = ms(r->captured_s, CAPTURED_S),
		.known_upto = 100,
		.approvals = w->approvals + (r->opinion_s < 0),
		.approval_count = 2u - (r->opinion_s < 0) - (r->agreement_s < 0),
		.record.consents = w->consents + (r->change_s == 0),
		.record.consent_count =
			(r->change_s != 0 ? 1u : 0u) + (r->given_s >= 0 ? 1u : 0u),
		.record.record_signature = r->unknown  ? RULES_UNKNOWN
					   : r->record ? r->record
						       : RULES_YES,
		.record.consent_signature = r->unknown   ? RULES_UNKNOWN
					    : r->consent ? r->consent
							 : RULES_YES,
		.record.batch_proof = r->unknown ? RULES_UNKNOWN
				      : r->proof ? r->proof
						 : RULES_YES,
		.record.decrypts = r->unknown ? RULES_UNKNOWN
				   : r->opens ? r->opens
					      : RULES_YES,
	};
}

#define COLLECT   .action = RULES_COLLECT, .outcome = RULES_DENY
#define COLLECTED .action = RULES_COLLECT, .outcome = RULES_PERMIT, ""
#define SYNC      .action = RULES_SYNC, .outcome = RULES_DENY
#define SYNCED    .action = RULES_SYNC, .outcome = RULES_PERMIT, ""
#define COUNT     .action = RULES_AGGREGATE, .outcome = RULES_DENY
#define COUNTED   .action = RULES_AGGREGATE, .outcome = RULES_PERMIT, ""
#define POOLED    .use = RULES_USE_POOLED
#define SITE      .use = RULES_USE_SITE

static const struct row rows[] = {
	{"usual: collects", COLLECTED},
	{"usual: syncs", SYNCED},
	{"usual: counts over sites", COUNTED, POOLED},
	{"usual: counts for one site", COUNTED, SITE},
	{"usual: releases", RULES_RELEASE, RULES_PERMIT, "", POOLED},
	{"usual: exports", RULES_EXPORT, RULES_PERMIT, "", POOLED},
	{"usual: answers a question", .action = RULES_QUERY, .outcome = RULES_PERMIT, ""},
	{"an action that no rule speaks for is denied", .outcome = RULES_DENY, .fired = ""},

	{"R01: collected in the second the opinion begins", COLLECTED, .opinion_s = 4000},
	{"R01: collected a second before the opinion", COLLECT, "R01", .opinion_s = 4001},
	{"R01: counted in the last second of the opinion", COUNTED, POOLED,
		.opinion_until_s = 5001},
	{"R01: counted a second after the opinion", COUNT, "R01", POOLED,
		.opinion_until_s = 5000},
	{"R01: an opinion that was not known then", COLLECT, "R01", .opinion_known = 101},
	{"R01: an opinion known just then", COLLECTED, .opinion_known = 100},
	{"R01: the opinion of another body", COLLECTED, .opinion_kind = "uni_rec"},
	{"R01: another kind of approval", COLLECT, "R01", .opinion_kind = "dpia"},
	{"R01: no opinion at all", COLLECT, "R01", .opinion_s = -1},
	{"R01: a provisional opinion is none", COLLECT, "R01", .decision = "provisional"},
	{"R01: conditions are fine", COLLECTED, .decision = "favourable-with-conditions"},
	{"R01: not required, with a reason", COLLECTED, .decision = "not-required",
		.reason = true},
	{"R01: not required, without a reason", COLLECT, "R01", .decision = "not-required"},
	{"R01: the time of collection is not known", COLLECT, "R01", .captured_s = -1},
	{"R01: suspended when collected, running again", COUNT, "R01", POOLED,
		.stop = RULES_SUSPENDED, .stop_s = 3900, .stop_until_s = 4001},
	{"R01: running again when collected", COUNTED, POOLED, .stop = RULES_SUSPENDED,
		.stop_s = 3900, .stop_until_s = 4000},

	{"R03: collected in the second the site agreed", COLLECTED, .agreement_s = 4000},
	{"R03: collected a second before the site agreed", COLLECT, "R03", .agreement_s = 4001},
	{"R03: collected in the last second of it", COLLECTED, .agreement_until_s = 4001},
	{"R03: collected a second after it", COLLECT, "R03", .agreement_until_s = 4000},
	{"R03: a site that is still thinking", COLLECT, "R03",
		.agreement_decision = "provisional"},
	{"R03: another paper of the site", COLLECT, "R03", .agreement_kind = "dpia"},
	{"R03: no agreement", COUNT, "R03", POOLED, .agreement_s = -1},
	{"R03: the agreement of another site", COLLECT, "R03", .agreement_site = "sweden"},
	{"R03: an agreement of no site", COLLECT, "R03", .agreement_site = ""},
	{"R03: a kind of site without a rule", COLLECT, "R03", .site_kind = "council"},
	{"R03: a site's own record needs it too", COLLECT, "R03", .per_site = true,
		.agreement_s = -1},

	{"R04: in the second a suspension begins", SYNC, "R04", .stop = RULES_SUSPENDED,
		.stop_s = 5000},
	{"R04: a second before it", SYNCED, .stop = RULES_SUSPENDED, .stop_s = 5001},
	{"R04: in its last second", SYNC, "R04", .stop = RULES_SUSPENDED, .stop_s = 4500,
		.stop_until_s = 5001},
	{"R04: a second after it", SYNCED, .stop = RULES_SUSPENDED, .stop_s = 4500,
		.stop_until_s = 5000},
	{"R04: withdrawn stops questions too", RULES_QUERY, RULES_DENY, "R04",
		.stop = RULES_WITHDRAWN, .stop_s = 1},
	{"R04: a decision to suspend", SYNC, "R04", .decision = "suspended"},

	{"R07: collected in the second of consent", COLLECTED, .given_s = 4000},
	{"R07: collected a second before consent", COLLECT, "R07", .given_s = 4001},
	{"R07: no consent", SYNC, "R07", .given_s = -1},
	{"R07: a refusal is no consent", COLLECT, "R07", .event = "refused"},
	{"R07: confirmed again", COLLECTED, .event = "reaffirmed"},
	{"R07: a request is no consent", COLLECT, "R07", .event = "requested"},
	{"R07: consent that begins in this second", COLLECTED, .begins_s = 4000},
	{"R07: consent that begins a second later", COLLECT, "R07", .begins_s = 4001},
	{"R07: collection ended in this second", COLLECT, "R07", .change_s = 4000,
		.level = "no-more-collection"},
	{"R07: collection ended a second later", COLLECTED, .change_s = 4001,
		.level = "no-more-collection"},
	{"R07: a level wins over permissions left standing", COLLECT, "R07", .change_s = 3500,
		.level = "objection", .keeps_all = true},
	{"R07: no further contact leaves collection", COLLECTED, .change_s = 3500,
		.level = "no-further-contact"},
	{"R07: a change that was not known then", COLLECTED, .change_s = 3500,
		.level = "no-more-collection", .change_known = 101},
	{"R07: a change known just then", COLLECT, "R07", .change_s = 3500,
		.level = "no-more-collection", .change_known = 100},
	{"R07: a site's own record needs no consent", COLLECTED, .per_site = true,
		.given_s = -1},

	{"R08: what was collected before the end stays in", COUNTED, POOLED, .change_s = 4500,
		.level = "no-more-collection"},
	{"R08: use ended in this second", COUNT, "R08", POOLED, .change_s = 5000,
		.level = "no-further-use"},
	{"R08: use ended by a clock that runs ahead", COUNT, "R08", POOLED, .change_s = 5001,
		.level = "no-further-use"},
	{"R08: use ended by a clock that stands still", COUNT, "R08", POOLED, .change_s = 1,
		.level = "no-further-use", .change_known = 1},
	{"R07: collection ended by a clock that stands still", COLLECT, "R07", .change_s = 1,
		.level = "no-more-collection", .change_known = 1},
	{"R08: use ended and not known yet", COUNTED, POOLED, .change_s = 4500,
		.level = "no-further-use", .change_known = 101},
	{"R08: erase is not sent any more", SYNC, "R08", .change_s = 4500, .level = "erase"},
	{"R08: a level wins over permissions left standing", COUNT, "R08", POOLED,
		.change_s = 4500, .level = "no-further-use", .keeps_all = true},
	{"R08: refuses this kind of data", SYNC, "R08", .refuses = "collect-direct"},
	{"R08: said nothing of this kind of data", SYNC, "R08", .lacks = "collect-direct"},
	{"R08: refuses figures over sites", COUNT, "R08", POOLED, .refuses = "use-aggregate"},
	{"R08: refuses tables of one site only", COUNTED, POOLED, .refuses = "use-site-report"},
	{"R08: refuses tables of one site", COUNT, "R08", SITE, .refuses = "use-site-report"},
	{"R08: said nothing of figures over sites", COUNT, "R08", POOLED,
		.lacks = "use-aggregate"},
	{"R08: in the last second of a permission", COUNTED, POOLED, .permit_until_s = 5001},
	{"R08: a second after a permission", COUNT, "R08", POOLED, .permit_until_s = 5000},
	{"R08: a use that is not said", COUNT, "R08"},
	{"R08: another kind of data", SYNC, "R08", .data_kind = "audio"},

	{"R10: counted in the last second of consent", COUNTED, POOLED, .valid_until_s = 5001},
	{"R10: counted a second after consent", COUNT, "R10", POOLED, .valid_until_s = 5000},
	{"R10: collected in the last second of consent", COLLECTED, .valid_until_s = 4001,
		.now_s = 4000},
	{"R10: collected a second after consent", COLLECT, "R10", .valid_until_s = 4000,
		.now_s = 4000},
	{"R10: consent had run out then, and was renewed", COUNT, "R10", POOLED,
		.valid_until_s = 4000, .change_s = 4500, .level = "no-further-contact"},
	{"R10: consent ran out a second later, and was renewed", COUNTED, POOLED,
		.valid_until_s = 4001, .change_s = 4500, .level = "no-further-contact"},

	{"R18: a signature that does not hold", SYNC, "R18", .record = RULES_NO},
	{"R18: a consent signature that does not hold", SYNC, "R18", .consent = RULES_NO},
	{"R18: a site's own record has no consent signature", SYNCED, .consent = RULES_NO,
		.per_site = true},
	{"R18: parts that do not match", COUNT, "R18", POOLED, .proof = RULES_NO},
	{"R18: a record that cannot be opened", COUNT, "R18", POOLED, .opens = RULES_NO},
	{"R18: who counts may leave opening to the keeper", COUNTED, POOLED,
		.opens = RULES_NOT_ASKED},
	{"R18: who counts may not leave the proof out", COUNT, "R18", POOLED,
		.proof = RULES_NOT_ASKED},
	{"R18: who sends may leave the proof to the hub", SYNCED, .proof = RULES_NOT_ASKED},
	{"R18: checks that nobody filled in", SYNC, "R18", .unknown = true},
	{"R18: is not asked at collection", COLLECTED, .unknown = true},
};

static struct rules *
rules_of(struct view text)
{
	OWNED(faults) struct faults *f = faults_new();
	struct rules *r = rules_read(text, "rules.ini", f);
	assert_int_equal(f->errors, 0);
	assert_non_null(r);
	return r;
}

static struct rules *
wvs_rules(void)
{
	OWNED_MEM uint8_t *bytes = NULL;
	size_t len = 0;
	assert_ok(text_read_file(&bytes, &len, RULES_FILE, 1 << 20));
	return rules_of(view_of(bytes, len));
}

static void
judges(void **state)
{
	const struct row *row = *state;
	OWNED(rules) struct rules *r = wvs_rules();
	struct world w;
	struct verdict v;
	set_world(&w, row);
	rules_judge(r, &w.facts, &v);
	for (size_t i = 0; i < v.fired_count; i++)
		print_message("%s %s: %s\n", v.fired[i].rule,
			rules_outcome_word(v.fired[i].outcome), v.fired[i].reason);
	assert_string_equal(rules_outcome_word(v.outcome), rules_outcome_word(row->outcome));
	if (row->outcome == RULES_PERMIT) {
		assert_int_equal(v.fired_count, 0);
		return;
	}
	bool found = false;
	for (size_t i = 0; i < v.fired_count; i++)
		found = found || strcmp(v.fired[i].rule, row->fired) == 0;
	assert_true(found);
}

static void
a_verdict_names_what_it_stands_on(void **state)
{
	(void)state;
	OWNED(rules) struct rules *r = wvs_rules();
	struct world w;
	struct verdict v;
	set_world(&w, &(struct row){.action = RULES_AGGREGATE,
			      .use = RULES_USE_POOLED,
			      .change_s = 4500,
			      .level = "no-further-contact"});
	rules_judge(r, &w.facts, &v);
	assert_int_equal(v.outcome, RULES_PERMIT);
	assert_int_equal(v.used_count, 2);
	assert_string_equal(w.facts.approvals[v.used[0]].id, "A1");
	assert_string_equal(w.facts.approvals[v.used[1]].id, "A2");
	assert_int_equal(v.consent_then, 1);
	assert_int_equal(v.consent_now, 0);
	assert_int_equal(v.rules_version, 1);
	assert_memory_equal(v.rules_digest, rules_digest(r), RULES_DIGEST_BYTES);
	OWNED_MEM uint8_t *bytes = NULL;
	size_t len = 0;
	assert_ok(text_read_file(&bytes, &len, RULES_FILE, 1 << 20));
	uint8_t digest[HASH_BYTES];
	crypto_sha256(digest, &(struct view){bytes, len}, 1);
	assert_memory_equal(v.rules_digest, digest, HASH_BYTES);
}

/* A consent at each time that is not 0, and changes between them, in the order they came. */
static const struct {
	const char *name;
	struct {
		int64_t given_s;
		const char *level;
	} came[3];
	int then, now; /* versions that stand at collection and now */
} histories[] = {
	{"given anew after an objection", {{3000, ""}, {3500, "objection"}, {3600, ""}}, 2, 2},
	{"an older paper after an objection", {{3000, ""}, {3500, "objection"}, {3400, ""}}, 1,
		1},
	{"an objection dated back", {{3000, ""}, {1, "objection"}}, 1, 1},
	{"an objection dated ahead", {{3000, ""}, {9000, "objection"}}, 0, 1},
	{"given anew after the end of use", {{3000, ""}, {3500, "no-further-use"}, {3600, ""}},
		1, 1},
	{"a lesser change after the end of use",
		{{3000, ""}, {3500, "erase"}, {3600, "no-further-contact"}}, 1, 1},
	{"given anew after a wish to be erased", {{3000, ""}, {3500, "erase"}, {3600, ""}}, 2,
		2},
	{"given anew behind a wish, not yet when it was collected",
		{{3000, ""}, {3500, "erase"}, {4001, ""}}, 1, 2},
	{"an older paper after a wish to be erased", {{3000, ""}, {3500, "erase"}, {3400, ""}},
		1, 1},
	{"a wish that was taken back leaves the end of use",
		{{3000, "no-further-use"}, {3500, "erase"}, {3600, ""}}, 0, 0},
	{"the end of use after a wish that was taken back",
		{{3000, "erase"}, {3500, ""}, {3600, "no-further-use"}}, 2, 2},
	{"the end of use after a later date", {{4900, ""}, {3500, "erase"}}, 1, 1},
	{"a lesser change after an objection",
		{{3000, ""}, {3500, "objection"}, {3600, "no-further-contact"}}, 1, 1},
	{"a lesser change after a consent", {{3000, ""}, {3500, "no-further-contact"}}, 1, 1},
};

static void
what_takes_away_is_not_left_to_dates(void **state)
{
	static const struct rules_permission permits = {"retain", true, 0, 0};
	(void)state;
	OWNED(rules) struct rules *r = wvs_rules();
	for (size_t i = 0; i < ARRAY_LEN(histories); i++) {
		struct rules_consent versions[3] = {{.event = NULL}};
		struct rules_facts f = {.action = RULES_COLLECT,
			.site = "norway",
			.site_kind = "survey",
			.data_kind = "answers",
			.record.captured_ms = 1000 * 4000,
			.true_at_ms = 1000 * 5000,
			.known_upto = 100,
			.record.consents = versions};
		struct verdict v;
		for (; f.record.consent_count < 3 &&
			histories[i].came[f.record.consent_count].level;
			f.record.consent_count++)
			versions[f.record.consent_count] = (struct rules_consent){
				.event = "given",
				.permissions = &permits,
				.permission_count = 1,
				.level = histories[i].came[f.record.consent_count].level,
				.given_ms = 1000 *
					    histories[i].came[f.record.consent_count].given_s,
				.known = f.record.consent_count};
		rules_judge(r, &f, &v);
		print_message("%s\n", histories[i].name);
		assert_int_equal(v.consent_then, histories[i].then);
		assert_int_equal(v.consent_now, histories[i].now);
	}
}

#define HEAD "[rules]\nversion = 3\nunlisted = off\nsignatures = 2 officers\n"
#define R04  "[R04]\ntitle = t\non = yes\noutcome = deny\nactions = query\nstop = suspended\n"
#define R21  "[R21]\ntitle = t\non = yes\noutcome = hold\nactions = query\n"

static void
deny_beats_hold_beats_permit_and_all_fire(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		bool suspended;
		enum rules_outcome outcome;
		size_t fired;
	} cases[] = {
		{HEAD R04, false, RULES_PERMIT, 0},
		{HEAD R04 R21, false, RULES_HOLD, 1},
		{HEAD R04 R21, true, RULES_DENY, 2},
		{HEAD, false, RULES_DENY, 1},
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		OWNED(rules) struct rules *r = rules_of(view_text(cases[i].text));
		struct world w;
		struct verdict v;
		set_world(&w, &(struct row){.action = RULES_QUERY,
				      .decision = cases[i].suspended ? "suspended" : NULL});
		w.facts.unfed = RULES_BIT(21);
		rules_judge(r, &w.facts, &v);
		assert_int_equal(v.outcome, cases[i].outcome);
		assert_int_equal(v.fired_count, cases[i].fired);
	}
	OWNED(rules) struct rules *r = rules_of(view_text(HEAD R21));
	struct verdict v;
	struct rules_facts nothing = {.action = RULES_QUERY, .site = ""};
	rules_judge(r, &nothing, &v);
	assert_string_equal(
		v.fired[0].reason, "too few sites have countersigned the log lately");
	nothing.unfed = RULES_BIT(21);
	rules_judge(r, &nothing, &v);
	assert_string_equal(v.fired[0].reason, "this version cannot decide R21");
	assert_int_equal(rules_version(r), 3);
	assert_true(rules_on(r, 21));
	assert_false(rules_on(r, 4));
	assert_string_equal(rules_title(r, 21), "t");
}

/* Items by which forms name somebody of the staff. */
static void
says_which_of_the_staff_r11_asks_for(void **state)
{
	static const struct {
		const char *keys;
		bool approacher, collector;
	} asked[] = {
		{"on = yes\napproacher.code = approacher\napproacher.task = approach\n", true,
			false},
		{"on = yes\ncollector = collected_by\ncollector.task = collect\n", false, true},
		{"on = yes\ntaker = taken_by\ntaker.task = consent\n", false, false},
		{"on = no\ncollector = collected_by\ncollector.task = collect\n", false, false},
		{"on = no\napproacher.code = approacher\napproacher.task = approach\n", false,
			false},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(asked); i++) {
		OWNED(faults) struct faults *f = faults_new();
		OWNED_MEM char *text =
			xasprintf("%s[R11]\ntitle = t\noutcome = hold\nactions = collect\n%s",
				HEAD, asked[i].keys);
		OWNED(rules) struct rules *r = rules_read(view_text(text), "rules.ini", f);
		assert_int_equal(f->errors, 0);
		assert_int_equal(rules_asks_staff(r, "approacher"), asked[i].approacher);
		assert_int_equal(rules_asks_staff(r, "collected_by"), asked[i].collector);
		assert_false(rules_asks_staff(r, "taken_by"));
	}
}

int
main(void)
{
	struct CMUnitTest tests[ARRAY_LEN(rows) + 4] = {
		cmocka_unit_test(a_verdict_names_what_it_stands_on),
		cmocka_unit_test(what_takes_away_is_not_left_to_dates),
		cmocka_unit_test(says_which_of_the_staff_r11_asks_for),
		cmocka_unit_test(deny_beats_hold_beats_permit_and_all_fire),
	};
	if (crypto_init() != OK)
		return 1;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		tests[i + 4] = (struct CMUnitTest){.name = rows[i].name,
			.test_func = judges,
			.initial_state = (void *)(uintptr_t)&rows[i]};
	return cmocka_run_group_tests_name("rules", tests, NULL, NULL);
}
