#include "tests/unit/suite.h"

#include "tests/unit/judge_bench.h"

#define SURVEY   "forms/attitudes/survey.csv"
#define SETTINGS "forms/attitudes/settings.csv"
#define INI      "study.ini"

/* From version 2 on the form of the study asks for a permission: it is its own consent form. */
#define CONSENT(version, keys)                                                                 \
	{SETTINGS, "attitudes,1,", "attitudes," version ","},                                  \
		{INI, "records = one", "records = one\n" keys},                                \
	{                                                                                      \
		SURVEY, "select_one gender,",                                                  \
			"select_one yes_no,agree,Do you agree?,,,,,,,,,,,,,,,hub,,"            \
			"collect-direct\nselect_one gender,"                                   \
	}
#define R09                                                                                    \
	RULE("R09", "hold", "aggregate",                                                       \
		"outcome.before-use = deny\noutcome.before-collection = hold\n"                \
		"outcome.next-contact = permit\nminimum = form-version\n")
#define SECOND(keys)                                                                           \
	{                                                                                      \
		R09, CONSENT("3", keys), END                                                   \
	}

static const struct pack_edit first[] = {R09, CONSENT("2", "reconsent = none"), END};

static struct wire_rules
agreement(uint8_t instance, const char *version, int64_t given_s)
{
	struct wire_rules c = node_consent(1, instance);
	c.consent.form = "attitudes";
	c.consent.form_version = version;
	c.consent.given_at_s = given_s;
	return c;
}

static struct judged
outcome_of(struct bench *b, enum rules_outcome outcome, const char *words)
{
	const struct judged now = bench_judge(b, b->norway, 1, RULES_USE_POOLED);
	const char *reason = now.verdict.fired_count ? now.verdict.fired[0].reason : "";
	if (now.verdict.outcome != outcome || !strstr(reason, words))
		fail_msg("%s: \"%s\", not %s: \"%s\"", rules_outcome_word(now.verdict.outcome),
			reason, rules_outcome_word(outcome), words);
	return now;
}

/* ---- R09 ---- */

static void
a_new_sheet_asks_of_who_agreed_before_what_it_says(void **state)
{
	static const struct {
		struct pack_edit second[5];
		enum rules_outcome outcome;
		const char *words;
	} rows[] = {
		{SECOND("reconsent = none"), RULES_PERMIT, ""},
		{SECOND("reconsent = next-contact"), RULES_PERMIT, ""},
		{SECOND("reconsent = before-collection"), RULES_PERMIT, ""},
		{SECOND("reconsent = before-use"), RULES_DENY, "agree anew before any use"},
		{SECOND("reconsent = before-use\nsites = sweden"), RULES_PERMIT, ""},
		{SECOND("reconsent = before-use\nsites = norway"), RULES_DENY,
			"agree anew before any use"},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		void *bench = NULL;
		assert_int_equal(make_bench(&bench), 0);
		struct bench *b = bench;
		struct wire_rules old = agreement(1, "2", NODE_CAPTURED_S - 60),
				  again = agreement(3, "3", PLACE_NOW_S - 60),
				  record = node_record(1, 2);
		record.form_version = "2";
		bench_open_sites(b);
		bench_change(b, "change-1", "attitudes@2 attitudes@3");
		bench_publish(b, 2, first);
		(void)bench_bring(b, b->norway, &old);
		(void)bench_bring(b, b->norway, &record);
		(void)outcome_of(b, RULES_PERMIT, "");
		bench_publish(b, 3, rows[i].second);
		(void)outcome_of(b, rows[i].outcome, rows[i].words);
		if (rows[i].outcome != RULES_PERMIT)
			(void)bench_bring(b, b->norway, &again);
		(void)outcome_of(b, RULES_PERMIT, "");
		assert_int_equal(drop_bench(&bench), 0);
	}
}

static void
an_agreement_on_a_form_that_nobody_published_is_held(void **state)
{
	struct bench *b = *state;
	struct wire_rules consent = agreement(1, "7", NODE_CAPTURED_S - 60),
			  record = node_record(1, 2);
	record.form_version = "2";
	bench_open_sites(b);
	bench_change(b, "change-1", "attitudes@2");
	bench_publish(b, 2, first);
	(void)bench_bring(b, b->norway, &consent);
	(void)bench_bring(b, b->norway, &record);
	(void)outcome_of(b, RULES_HOLD, "the version of the form that the person saw");
}

/* ---- R16 ---- */

static void
what_stands_open_has_to_be_on_the_list_as_open(void **state)
{
	static const struct {
		const char *name;
		enum rules_outcome outcome;
		const char *words;
	} rows[] = {
		{"degree", RULES_PERMIT, ""},
		{"religion", RULES_DENY, "R16 an item is not on the approved list"},
		{"nothing", RULES_DENY, "R16 an item is not on the approved list"},
		{"participant", RULES_DENY, "R16 an item is not to leave the site"},
	};
	static const struct pack_edit edits[] = {
		RULE("R16", "deny", "collect", "list = forms\nunlisted = refuse-record\n"),
		{SURVEY, "degree?,,,,,,,,,,,,,,quasi,hub", "degree?,,,,,,,,,,,,,,quasi,open"},
		{SETTINGS, "attitudes,1,", "attitudes,2,"}, END};
	struct bench *b = *state;
	bench_open_sites(b);
	bench_change(b, "change-1", "attitudes@2");
	bench_publish(b, 2, edits);
	for (uint8_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct wire_rules consent = node_consent(i + 1, (uint8_t)(i + 100)),
				  record = node_record(i + 1, (uint8_t)(i + 200));
		record.form_version = "2";
		record.open_count = 1;
		record.open[0] = (struct wire_open){rows[i].name, "yes"};
		(void)bench_bring(b, b->norway, &consent);
		const struct record_verdict v = bench_bring(b, b->norway, &record);
		assert_reason(&v, rows[i].outcome, rows[i].words);
	}
}

/* ---- R08 ---- */

#define KINDS                                                                                  \
	{                                                                                      \
		"rules.ini", "data.answers = collect-direct\n",                                \
			"data.answers = collect-direct\ndata.records = collect-records\n"      \
			"data.audio = record-audio\nuse.quote = quote-verbatim\n"              \
	}

/* The form sends sound from its second version on. */
#define SOUND                                                                                  \
	{                                                                                      \
		SURVEY, "select_one gender,",                                                  \
			"audio,story,Your story,,,,,,,,,,,,,,,hub,,\nselect_one gender,"       \
	}
#define NEXT_FORM                                                                              \
	{                                                                                      \
		SETTINGS, "attitudes,1,", "attitudes,2,"                                       \
	}

/* What a record is, what the person permitted when it was collected, and what the hub says when
 * it is counted. */
static void
each_kind_of_data_needs_its_permission_at_the_hub(void **state)
{
	static const struct {
		const char *data;
		bool sound;
		const char *permits, *also;
		enum rules_outcome outcome;
		const char *words;
	} rows[] = {
		{"answers", false, "collect-direct", "contact", RULES_PERMIT, ""},
		{"answers", false, "collect-records", "contact", RULES_DENY,
			"this kind of data"},
		{"answers", true, "collect-direct", "contact", RULES_DENY, "being recorded"},
		{"answers", true, "collect-direct", "record-audio", RULES_PERMIT, ""},
		{"records", false, "collect-records", "contact", RULES_PERMIT, ""},
		{"records", false, "collect-direct", "contact", RULES_DENY,
			"this kind of data"},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		void *bench = NULL;
		assert_int_equal(make_bench(&bench), 0);
		struct bench *b = bench;
		OWNED_MEM char *ini = xasprintf("records = one\ndata = %s", rows[i].data);
		const struct pack_edit edits[] = {KINDS, {INI, "records = one", ini},
			rows[i].sound ? (struct pack_edit)SOUND : (struct pack_edit)END,
			NEXT_FORM, END};
		const struct wire_permission permissions[] = {
			{.code = "use-aggregate", .permit = true},
			{.code = rows[i].permits, .permit = true},
			{.code = rows[i].also, .permit = true}};
		struct wire_rules consent = node_consent(1, 1), record = node_record(1, 2);
		consent.consent.permissions = permissions;
		record.sound = rows[i].sound;
		record.form_version = rows[i].sound ? "2" : "1";
		bench_open_sites(b);
		bench_change(b, "change-1", "attitudes@2");
		bench_publish(b, 2, edits);
		(void)bench_bring(b, b->norway, &consent);
		(void)bench_bring(b, b->norway, &record);
		(void)outcome_of(b, rows[i].outcome, rows[i].words);
		assert_int_equal(drop_bench(&bench), 0);
	}
}

/* One record with sound beside one without, of the same form and wave: each is judged by
 * itself. */
static void
sound_of_one_record_is_not_held_against_the_next(void **state)
{
	static const struct pack_edit edits[] = {KINDS, SOUND, NEXT_FORM, END};
	struct bench *b = *state;
	bench_open_sites(b);
	bench_change(b, "change-1", "attitudes@2");
	bench_publish(b, 2, edits);
	for (uint8_t i = 1; i <= 2; i++) {
		struct wire_rules consent = node_consent(i, (uint8_t)(i + 100)),
				  record = node_record(i, (uint8_t)(i + 200));
		record.sound = i == 1;
		record.form_version = "2";
		(void)bench_bring(b, b->norway, &consent);
		(void)bench_bring(b, b->norway, &record);
	}
	(void)outcome_of(b, RULES_DENY, "being recorded");
	const struct judged second = bench_judge(b, b->norway, 2, RULES_USE_POOLED);
	assert_int_equal(second.verdict.outcome, RULES_PERMIT);
}

/* Words are printed of who permits it, and of a record whose open item says so (D-87). */
static void
words_are_printed_where_permission_and_record_both_say_so(void **state)
{
	static const struct {
		const char *said, *code;
		enum rules_outcome outcome;
		const char *words;
	} rows[] = {
		{"yes", "quote-verbatim", RULES_PERMIT, ""},
		{"no", "quote-verbatim", RULES_DENY, "did not say that these words"},
		{NULL, "quote-verbatim", RULES_DENY, "did not say that these words"},
		{"yes", "contact", RULES_DENY, "does not permit printing words"},
	};
	static const struct pack_edit edits[] = {KINDS,
		{SURVEY, "select_one gender,",
			"select_one yes_no,quote_ok,May we quote?,,,,,,,,,,,,,,,open,,\n"
			"select_one gender,"},
		{SETTINGS, "attitudes,1,", "attitudes,2,"}, END};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		void *bench = NULL;
		assert_int_equal(make_bench(&bench), 0);
		struct bench *b = bench;
		const struct wire_permission permissions[] = {
			{.code = "collect-direct", .permit = true},
			{.code = rows[i].code, .permit = true}};
		struct wire_rules consent = node_consent(1, 1), record = node_record(1, 2);
		consent.consent.permissions = permissions;
		consent.consent.permission_count = ARRAY_LEN(permissions);
		record.form_version = "2";
		record.open_count = rows[i].said != NULL;
		record.open[0] = (struct wire_open){"quote_ok", rows[i].said};
		bench_open_sites(b);
		bench_change(b, "change-1", "attitudes@2");
		bench_publish(b, 2, edits);
		(void)bench_bring(b, b->norway, &consent);
		(void)bench_bring(b, b->norway, &record);
		const struct judged now = bench_judge(b, b->norway, 1, RULES_USE_QUOTE);
		const char *reason = now.verdict.fired_count ? now.verdict.fired[0].reason : "";
		if (now.verdict.outcome != rows[i].outcome || !strstr(reason, rows[i].words))
			fail_msg("%s, %s: %s %s", rows[i].said ? rows[i].said : "nothing",
				rows[i].code, rules_outcome_word(now.verdict.outcome),
				now.verdict.fired_count ? reason : now.reason);
		assert_int_equal(drop_bench(&bench), 0);
	}
}

/* ---- R06 ---- */

/* The example study is planned for twenty years; one of a year needs no progress report. */
static void
a_progress_report_is_asked_of_long_studies_alone(void **state)
{
	static const struct {
		const char *closes;
		enum rules_outcome outcome;
		const char *words;
	} rows[] = {{"2046-12-31", RULES_HOLD, "a progress report is overdue"},
		{"2027-12-31", RULES_PERMIT, ""}};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		void *bench = NULL;
		assert_int_equal(make_bench(&bench), 0);
		struct bench *b = bench;
		struct approval opinion = bench_in_force;
		struct wire_rules consent = node_consent(1, 1), record = node_record(1, 2);
		const struct pack_edit edits[] = {
			RULE("R06", "hold", "aggregate",
				"grace = 14 days\nprogress.every = 12 months\n"
				"progress.longer = 24 months\n"),
			{INI, "2046-12-31", rows[i].closes}, END};
		opinion.from_s = NODE_CAPTURED_S - 400 * DAY_S;
		bench_publish(b, 2, edits);
		bench_approve(b->place, "rec-1", "rec", "", &opinion);
		bench_approve(b->place, "ag-1", "site_agreement", "norway", &bench_confirmed);
		(void)bench_bring(b, b->norway, &consent);
		(void)bench_bring(b, b->norway, &record);
		(void)outcome_of(b, rows[i].outcome, rows[i].words);
		assert_int_equal(drop_bench(&bench), 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_new_sheet_asks_of_who_agreed_before_what_it_says),
		at_a_bench(an_agreement_on_a_form_that_nobody_published_is_held),
		at_a_bench(what_stands_open_has_to_be_on_the_list_as_open),
		cmocka_unit_test(each_kind_of_data_needs_its_permission_at_the_hub),
		at_a_bench(sound_of_one_record_is_not_held_against_the_next),
		cmocka_unit_test(words_are_printed_where_permission_and_record_both_say_so),
		cmocka_unit_test(a_progress_report_is_asked_of_long_studies_alone),
	};
	if (crypto_init())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
