#include "tests/unit/suite.h"

#include "common/trust/leaf.h"
#include "tests/unit/judge_bench.h"

/* R11 at the hub: who approached, took consent and collected, by the delegation log. */

static void
delegate(struct bench *b, struct fake_node *n, const char *action, const char *words)
{
	struct vault_txn *t = NULL;
	OWNED(judge) struct judge *judge = NULL;
	struct tally tally = {0};
	OWNED_BUF struct buf json, part;
	const struct leaf leaf = {.id = "act-1",
		.t_s = leaf_minute_s(clock_wall_ms()),
		.actor = "local-2",
		.role = "coordinator",
		.org = "Example partnership",
		.action = action,
		.object_type = "delegation",
		.reason_code = words,
		.outcome = "done"};
	buf_init(&json, LEAF_MOST_BYTES);
	buf_init(&part, WIRE_ACT_MAX_BYTES);
	assert_ok(leaf_write(&json, &leaf));
	assert_ok(wire_act_pack(&part, buf_view(&json)));
	(void)node_add(n, LANE_A, PART_ACT, buf_view(&part));
	const struct sync_entry entry = node_entry(n, LANE_A, n->count[LANE_A - 1]);
	assert_ok(hub_txn(&b->place->hub, &t));
	assert_ok(judge_new(&judge, &b->place->hub, t));
	const struct arrival a = {&b->place->hub, t, &n->writer, judge, &tally};
	assert_ok(arrival_keep(&a, &entry));
	assert_ok(hub_commit(&b->place->hub));
	audit_committed(b->place->hub.audit);
}

static void
who_takes_consent_stands_on_the_delegation_log_that_day(void **state)
{
	static const struct pack_edit edits[] = {
		RULE("R11", "hold", "collect", "taker = taken_by\ntaker.task = consent"), END};
	struct bench *b = *state;
	bench_publish(b, 2, edits);
	bench_open_sites(b);
	static const struct {
		const char *action, *words;
		enum rules_outcome outcome;
	} rows[] = {
		{NULL, NULL, RULES_HOLD},
		{"delegation-added", "local-1 approach 2026-01-01 -", RULES_HOLD},
		{"delegation-added", "local-1 consent 2026-11-23 -", RULES_HOLD},
		{"delegation-added", "nonsense", RULES_HOLD},
		{"delegation-added", "local-1 consent 2026-11-01 2026-12-31", RULES_PERMIT},
		{"delegation-ended", "local-1 consent 2026-11-20 2026-11-20", RULES_HOLD},
	};
	for (uint8_t i = 0; i < ARRAY_LEN(rows); i++) {
		const uint8_t n = (uint8_t)(i + 1);
		struct wire_rules consent = node_consent(n, (uint8_t)(2 * n)),
				  record = node_record(n, (uint8_t)(2 * n + 1));
		consent.consent.taken_by = "local-1";
		consent.consent.mode = "written";
		if (rows[i].action)
			delegate(b, b->norway, rows[i].action, rows[i].words);
		(void)bench_bring(b, b->norway, &consent);
		const struct record_verdict v = bench_bring(b, b->norway, &record);
		print_message("%s\n", rows[i].words ? rows[i].words : "nobody");
		assert_reason(&v, rows[i].outcome,
			rows[i].outcome == RULES_PERMIT ? "" : "delegation log");
	}
}

#define FORM_SAYS_WHO                                                                          \
	{                                                                                      \
		"forms/attitudes/survey.csv", "select_one gender,",                            \
			"text,collected_by,Who?,,yes,,string-length(.) < 20,A code.,,,,,,"     \
			"staff,,,pseudonym,open,,\nselect_one gender,"                         \
	}
#define FORM_IS_CONSENT                                                                        \
	{                                                                                      \
		"forms/attitudes/survey.csv", "select_one gender,",                            \
			"select_one yes_no,agree,Do you agree?,,,,,,,,,,,,,,,hub,,"            \
			"collect-direct\nselect_one gender,"                                   \
	}
#define BY_STAFF                                                                               \
	{                                                                                      \
		"study.ini", "filled_by = participant", "filled_by = staff"                    \
	}
#define ASKS_COLLECTOR                                                                         \
	RULE("R11", "hold", "collect", "collector = collected_by\ncollector.task = collect")
#define ASKS_APPROACHER                                                                        \
	RULE("R11", "hold", "collect",                                                         \
		"approacher.code = approacher\napproacher.task = approach\n"                   \
		"approacher.none = care-team")

static void
who_approached_stands_on_the_delegation_log_that_day(void **state)
{
	static const struct pack_edit edits[] = {ASKS_APPROACHER, END};
	static const struct {
		const char *kind, *code, *words; /* NULL: nothing is added to the log */
		enum rules_outcome outcome;
	} rows[] = {
		{"care-team", "", NULL, RULES_PERMIT},
		{"local-staff", "", NULL, RULES_HOLD},
		{"local-staff", "local-1", "local-1 consent 2026-01-01 -", RULES_HOLD},
		{"local-staff", "local-1", "local-1 approach 2026-11-01 -", RULES_PERMIT},
	};
	struct bench *b = *state;
	bench_publish(b, 2, edits);
	bench_open_sites(b);
	for (uint8_t i = 0; i < ARRAY_LEN(rows); i++) {
		const uint8_t n = (uint8_t)(i + 1);
		struct wire_rules consent = node_consent(n, (uint8_t)(2 * n)),
				  record = node_record(n, (uint8_t)(2 * n + 1));
		consent.consent.approach_by = rows[i].kind;
		consent.consent.approacher = rows[i].code;
		if (rows[i].words)
			delegate(b, b->norway, "delegation-added", rows[i].words);
		(void)bench_bring(b, b->norway, &consent);
		const struct record_verdict v = bench_bring(b, b->norway, &record);
		print_message("%s %s\n", rows[i].kind, rows[i].words ? rows[i].words : "");
		assert_reason(&v, rows[i].outcome,
			rows[i].outcome == RULES_PERMIT ? "" : "R11 who approached the person");
	}
}

static void
who_collected_stands_on_the_delegation_log_that_day(void **state)
{
	static const struct pack_edit edits[] = {ASKS_COLLECTOR, BY_STAFF, FORM_SAYS_WHO,
		{"forms/attitudes/settings.csv", "attitudes,1,", "attitudes,2,"}, END};
	static const struct {
		const char *code, *words; /* NULL: none is named; nothing is added to the log */
		enum rules_outcome outcome;
	} rows[] = {
		{NULL, NULL, RULES_HOLD},
		{"local-1", NULL, RULES_HOLD},
		{"local-1", "local-1 approach 2026-01-01 -", RULES_HOLD},
		{"local-1", "local-1 collect 2026-11-01 -", RULES_PERMIT},
		{"local-2", NULL, RULES_HOLD},
	};
	struct bench *b = *state;
	bench_open_sites(b);
	bench_change(b, "change-1", "attitudes@2");
	bench_publish(b, 2, edits);
	for (uint8_t i = 0; i < ARRAY_LEN(rows); i++) {
		const uint8_t n = (uint8_t)(i + 1);
		struct wire_rules consent = node_consent(n, (uint8_t)(2 * n)),
				  record = node_record(n, (uint8_t)(2 * n + 1));
		record.form_version = "2";
		record.open_count = rows[i].code ? 1 : 0;
		record.open[0] = (struct wire_open){"collected_by", rows[i].code};
		if (rows[i].words)
			delegate(b, b->norway, "delegation-added", rows[i].words);
		(void)bench_bring(b, b->norway, &consent);
		const struct record_verdict v = bench_bring(b, b->norway, &record);
		print_message("%s\n", rows[i].words ? rows[i].words : "nobody");
		assert_reason(&v, rows[i].outcome,
			rows[i].outcome == RULES_PERMIT ? "" : "R11 who collected the record");
	}
}

static void
a_study_that_asks_who_has_forms_that_say_it(void **state)
{
	static const struct {
		struct pack_edit edits[4];
		bool is_fault;
	} rows[] = {
		{{ASKS_COLLECTOR, BY_STAFF, END}, true},
		{{ASKS_COLLECTOR, BY_STAFF, FORM_SAYS_WHO, END}, false},
		{{ASKS_COLLECTOR, END}, false},
		{{BY_STAFF, END}, false},
		{{ASKS_APPROACHER, END}, false},
		{{ASKS_APPROACHER, FORM_IS_CONSENT, END}, true},
		{{ASKS_COLLECTOR, FORM_IS_CONSENT, BY_STAFF, END}, false},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		OWNED(faults) struct faults *f = faults_new();
		OWNED(pack) struct pack *p = pack_bench(rows[i].edits, f);
		bool is_said = false;
		for (size_t k = 0; k < f->count; k++) {
			OWNED_MEM char *line = faults_line(&f->items[k]);
			print_message("%zu: %s\n", i, line);
			is_said = is_said || strstr(line, "[R11] asks for it: form attitudes");
		}
		assert_int_equal(is_said, rows[i].is_fault);
		assert_int_equal(!p, rows[i].is_fault);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		at_a_bench(who_takes_consent_stands_on_the_delegation_log_that_day),
		at_a_bench(who_approached_stands_on_the_delegation_log_that_day),
		at_a_bench(who_collected_stands_on_the_delegation_log_that_day),
		cmocka_unit_test(a_study_that_asks_who_has_forms_that_say_it),
	};
	if (crypto_init())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
