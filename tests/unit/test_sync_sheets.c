#include "tests/unit/submit_bench.h"

#include "common/base/mem.h"
#include "node/sync_rules.h"

#define NOW_MS  ((int64_t)NOW_S * 1000)
#define DAY_MS  ((int64_t)DAY_S * 1000)
#define FROM_MS (NOW_MS - 10 * DAY_MS) /* the second version is in force */
#define CONSENT "consent"

/* What weir ships of R09. */
static const char sheet_rules[] =
	"[rules]\nversion = 1\nunlisted = off\nsignatures = 2 officers\n"
	"[R09]\ntitle = Example\non = yes\noutcome = hold\noutcome.before-use = deny\n"
	"outcome.before-collection = hold\noutcome.next-contact = permit\n"
	"actions = collect sync aggregate release export\nminimum = form-version\n"
	"sixteen = before-collection\n";

static const struct rules_permission permissions[] = {
	{.code = "collect-direct", .permit = true},
	{.code = "use-site-report", .permit = true},
	{.code = "use-aggregate", .permit = true},
};

static struct rules_consent
agreement(const char *version, int64_t given_ms, uint64_t known)
{
	return (struct rules_consent){.event = "given",
		.level = "",
		.grantor_role = "self",
		.capacity = "presumed",
		.assent = "not-sought",
		.mode = "written",
		.form = CONSENT,
		.form_version = version,
		.taken_by = "",
		.approach_by = "",
		.witnessed = RULES_NOT_ASKED,
		.given_ms = given_ms,
		.permissions = permissions,
		.permission_count = ARRAY_LEN(permissions),
		.known = known};
}

struct row {
	const char *words;
	const char *asks;       /* of who saw the first version */
	const char *seen;       /* by the person, long before */
	int64_t captured_ms;    /* behind the second version's first moment */
	const char *seen_since; /* agreed to after the record; NULL: nothing */
	const char *reason;     /* NULL: it is kept */
};

static const struct row rows[] = {
	{"asks nothing", "none", "1", 1000, NULL, NULL},
	{"asks at the next contact", "next-contact", "1", 1000, NULL, NULL},
	{"the last second before", "before-collection", "1", -1000, NULL, NULL},
	{"the first moment", "before-collection", "1", 0, NULL, "R09: the person had to agree"},
	{"before any use", "before-use", "1", 0, NULL, "R09: the person has to agree anew"},
	{"saw the new one", "before-use", "2", 0, NULL, NULL},
	{"saw one that nobody knows", "none", "9", 0, NULL, "R09: the version of the form"},
	{"agreed anew since", "before-collection", "1", 0, "2", NULL},
	{"agreed anew before use", "before-use", "1", 0, "2", NULL},
	{"agreed again to the old one", "before-collection", "1", 0, "1", "R09:"},
};

static enum err
judge(struct door *d, const struct row *r)
{
	OWNED_MEM struct sync_consents *p = xcalloc(1, sizeof(*p));
	struct rules_sheet sheets[] = {
		{CONSENT, "1", "", "none", 0, 0}, {CONSENT, "2", "1", r->asks, FROM_MS, 0}};
	const struct wire_rules record = {.kind = RULES_RECORD,
		.form = (char *)(uintptr_t) "attitudes",
		.form_version = (char *)(uintptr_t) "1",
		.wave = (char *)(uintptr_t) "1",
		.captured_s = (FROM_MS + r->captured_ms) / 1000};
	d->terms.terms.sheets = sheets;
	d->terms.terms.sheet_count = ARRAY_LEN(sheets);
	p->consents[p->count++] = agreement(r->seen, FROM_MS - DAY_MS, 0);
	if (r->seen_since)
		p->consents[p->count++] = agreement(r->seen_since, NOW_MS - DAY_MS, 1);
	const struct sync_judge j = judge_of(d);
	const struct sync_rules_ask q = {
		&j, &record, pack_form(d->pack, "attitudes"), p, false};
	return sync_rules_record(&q);
}

static void
r09_holds_at_the_node_what_was_collected_without_a_new_agreement(void **state)
{
	OWNED_DOOR struct door d;
	OWNED(faults) struct faults *faults = faults_new();
	OWNED(rules)
	struct rules *own = rules_read(view_text(sheet_rules), "rules.ini", faults);
	open_door(&d, *state);
	assert_non_null(own);
	d.terms.terms.rules = own;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const enum err e = judge(&d, &rows[i]);
		const bool fits = rows[i].reason
					  ? e == E_DENIED && strstr(err_text(), rows[i].reason)
					  : e == OK;
		if (!fits)
			fail_msg("%s: %d '%s'", rows[i].words, e, e ? err_text() : "");
	}
}

/* They did agree once: nothing of it is erased after a while as if they had not. */
static void
r09_waits_for_the_person_without_an_end(void **state)
{
	OWNED_DOOR struct door d;
	OWNED(faults) struct faults *faults = faults_new();
	OWNED(rules)
	struct rules *own = rules_read(view_text(sheet_rules), "rules.ini", faults);
	char name[SYNC_HOLD_NAME_LEN + 1];
	open_door(&d, *state);
	d.terms.terms.rules = own;
	agree(&d, "N0001", PERMIT); /* names no form */
	assert_outcome(&d, (struct sent){0}, SUBMIT_HELD);
	assert_int_equal(held_why(&d, name), HOLD_TERMS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		at_a_node(r09_holds_at_the_node_what_was_collected_without_a_new_agreement),
		at_a_node(r09_waits_for_the_person_without_an_end),
	};
	return cmocka_run_group_tests_name("sync_sheets", tests, NULL, NULL);
}
