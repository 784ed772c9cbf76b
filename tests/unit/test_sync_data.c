#include "tests/unit/submit_bench.h"

#include "common/base/mem.h"
#include "node/sync_rules.h"
#include "tests/unit/pack_bench.h"

#define NOW_MS   ((int64_t)NOW_S * 1000)
#define DAY_MS   ((int64_t)DAY_S * 1000)
#define FORM     "attitudes"
#define RULES    "rules.ini"
#define RECORDED "the person did not permit being recorded"
#define KIND     "the person did not permit this kind of data"

/* What a record is, what was permitted, and what the node says of it: a row each. */
struct row {
	const char *words;
	bool extracts, sound;
	const char *permits; /* a permission beside the uses, and one more */
	const char *also;
	const char *reason; /* NULL: it is kept */
};

static const struct row rows[] = {
	{"answers", false, false, "collect-direct", "", NULL},
	{"answers of who permits extracts alone", false, false, "collect-records", "", KIND},
	{"sound", false, true, "collect-direct", "record-audio", NULL},
	{"sound of who permits answers alone", false, true, "collect-direct", "", RECORDED},
	{"sound of who permits sound alone", false, true, "record-audio", "", KIND},
	{"extracts", true, false, "collect-records", "", NULL},
	{"extracts of who permits answers alone", true, false, "collect-direct", "", KIND},
};

/* Somebody agreed the day before. */
static void
agree_to(struct sync_consents *p, const struct rules_permission *permissions, size_t count)
{
	p->consents[p->count++] = (struct rules_consent){.event = "given",
		.level = "",
		.grantor_role = "self",
		.capacity = "presumed",
		.assent = "not-sought",
		.mode = "written",
		.form = "consent",
		.form_version = "1",
		.taken_by = "",
		.approach_by = "",
		.witnessed = RULES_NOT_ASKED,
		.given_ms = NOW_MS - DAY_MS,
		.permissions = permissions,
		.permission_count = count};
}

static enum err
judge(struct door *d, const struct row *r, const struct pack *pack)
{
	OWNED_MEM struct sync_consents *p = xcalloc(1, sizeof(*p));
	const struct rules_permission permissions[] = {
		{.code = "use-site-report", .permit = true},
		{.code = "use-aggregate", .permit = true}, {.code = r->permits, .permit = true},
		{.code = r->also, .permit = true}};
	const struct wire_rules record = {.kind = RULES_RECORD,
		.form = FORM,
		.form_version = "1",
		.wave = "1",
		.sound = r->sound,
		.captured_s = NOW_S - 60};
	agree_to(p, permissions, ARRAY_LEN(permissions));
	struct sync_judge j = judge_of(d);
	j.pack = pack;
	const struct sync_rules_ask q = {&j, &record, pack_form(pack, FORM), p, false};
	return sync_rules_record(&q);
}

static void
r08_asks_at_the_node_for_the_permission_of_each_kind_of_data(void **state)
{
	static const char kinds[] = "data.answers = collect-direct\n"
				    "data.records = collect-records\n"
				    "data.audio = record-audio\n";
	static const struct pack_edit plain[] = {
		{RULES, "data.answers = collect-direct\n", kinds}, {NULL, NULL, NULL}};
	static const struct pack_edit extracts[] = {
		{RULES, "data.answers = collect-direct\n", kinds},
		{"study.ini", "records = one", "records = one\ndata = records"},
		{NULL, NULL, NULL}};
	OWNED_DOOR struct door d;
	OWNED(pack) struct pack *asked = pack_bench_sound(plain);
	OWNED(pack) struct pack *taken_out = pack_bench_sound(extracts);
	open_door(&d, *state);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const enum err e = judge(&d, &rows[i], rows[i].extracts ? taken_out : asked);
		const bool fits = rows[i].reason
					  ? e == E_DENIED && strstr(err_text(), rows[i].reason)
					  : e == OK;
		if (!fits)
			fail_msg("%s: %d '%s'", rows[i].words, e, e ? err_text() : "");
	}
}

/* R11 */

#define ASKS_COLLECTOR                                                                         \
	{                                                                                      \
		RULES, "[disclosure]",                                                         \
			"[R11]\ntitle = t\non = yes\noutcome = hold\nactions = collect\n"      \
			"collector = collected_by\ncollector.task = collect\n[disclosure]"     \
	}

/* Who the record says filled it in, when, and what the node says of it. */
static const struct collecting {
	const char *words;
	bool by_staff;
	const char *code; /* NULL: it does not say */
	int64_t captured_s;
	const char *reason; /* NULL: it is kept */
} collectings[] = {
	{"on the log", true, "local-1", NOW_S - 10, NULL},
	{"on the log a second later", true, "local-1", NOW_S - 31,
		"R11: who collected the record was not on the delegation log for it"},
	{"from that second on", true, "local-1", NOW_S - 30, NULL},
	{"for another task", true, "local-2", NOW_S - 10, "was not on the delegation log"},
	{"nobody is named", true, NULL, NOW_S - 10,
		"R11: who collected the record is not known"},
	{"filled in by the person", false, NULL, NOW_S - 10, NULL},
};

static enum err
judge_collected(struct door *d, const struct collecting *c, const struct pack *pack)
{
	static const struct rules_permission permissions[] = {
		{.code = "use-site-report", .permit = true},
		{.code = "use-aggregate", .permit = true},
		{.code = "collect-direct", .permit = true}};
	OWNED_MEM struct sync_consents *p = xcalloc(1, sizeof(*p));
	const struct wire_rules record = {.kind = RULES_RECORD,
		.form = FORM,
		.form_version = "1",
		.wave = "1",
		.open = {{"collected_by", c->code}},
		.open_count = c->code ? 1 : 0,
		.captured_s = c->captured_s};
	struct sync_judge j = judge_of(d);
	j.pack = pack;
	agree_to(p, permissions, ARRAY_LEN(permissions));
	const struct sync_rules_ask q = {&j, &record, pack_form(pack, FORM), p, false};
	return sync_rules_record(&q);
}

static void
r11_asks_at_the_node_who_collected_what_staff_fill_in(void **state)
{
	static const struct pack_edit staff[] = {ASKS_COLLECTOR,
		{"study.ini", "filled_by = participant", "filled_by = staff"},
		{"forms/attitudes/survey.csv", "select_one gender,",
			"text,collected_by,Who?,,yes,,string-length(.) < 20,A "
			"code.,,,,,,staff,,,"
			"pseudonym,open,,\nselect_one gender,"},
		{NULL, NULL, NULL}};
	static const struct pack_edit person[] = {ASKS_COLLECTOR, {NULL, NULL, NULL}};
	struct rules_duty duties[] = {{"local-1", SITE, "collect", NOW_MS - 30000, 0, 0},
		{"local-2", SITE, "consent", NOW_MS - DAY_MS, 0, 0}};
	OWNED_DOOR struct door d;
	OWNED(pack) struct pack *by_staff = pack_bench_sound(staff);
	OWNED(pack) struct pack *by_person = pack_bench_sound(person);
	open_door(&d, *state);
	d.terms.terms.duties = duties;
	d.terms.terms.duty_count = ARRAY_LEN(duties);
	for (size_t i = 0; i < ARRAY_LEN(collectings); i++) {
		const struct collecting *c = &collectings[i];
		const enum err e = judge_collected(&d, c, c->by_staff ? by_staff : by_person);
		if (c->reason ? e != E_DENIED || !strstr(err_text(), c->reason) : e != OK)
			fail_msg("%s: %d '%s'", c->words, e, e ? err_text() : "");
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		at_a_node(r08_asks_at_the_node_for_the_permission_of_each_kind_of_data),
		at_a_node(r11_asks_at_the_node_who_collected_what_staff_fill_in),
	};
	return cmocka_run_group_tests_name("sync_data", tests, NULL, NULL);
}
