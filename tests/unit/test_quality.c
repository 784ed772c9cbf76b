#include "tests/unit/suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/codec/json.h"
#include "common/trust/crypto.h"

#include "hub/opening.h"

#define EXAMPLE_PACK WEIR_SOURCE_DIR "/ops/study/partnership"
#define WVS_PACK     WEIR_SOURCE_DIR "/tests/data/wvs/study"
#define SITES        4
#define ROW_MOST     512

static const struct cohort_site sites[SITES] = {{"exa", SITE_TAKES_PART},
	{"exb", SITE_TAKES_PART}, {"exc", SITE_TAKES_PART}, {"exd", SITE_NOT_IN_WAVE}};

/* The example study, with disclosure control that this version carries out in full. */
static struct pack *
load_pack(void)
{
	OWNED(faults) struct faults *faults = faults_new();
	OWNED(pack) struct pack *wvs = NULL;
	struct pack *p = NULL;
	assert_ok(pack_load(&wvs, WVS_PACK, faults));
	assert_ok(pack_load(&p, EXAMPLE_PACK, faults));
	p->profile = wvs->profile;
	p->profile.zero = PROFILE_ZERO_SHOW;
	return p;
}

struct room {
	struct pack *pack;
	struct opening *opening;
	struct approval_figures approvals[SITES];
	struct buf document, evidence;
};

static void
begin(struct room *r, const char *const *indicators, size_t count)
{
	*r = (struct room){.pack = load_pack()};
	r->approvals[0] = (struct approval_figures){.count = 2, .days = 42, .cost = 1200.5};
	r->approvals[1] = (struct approval_figures){.count = 1, .days = 0, .cost = 0};
	const struct opening_ask ask = {.pack = r->pack,
		.sites = sites,
		.site_count = SITES,
		.approvals = r->approvals,
		.indicators = indicators,
		.indicator_count = count};
	assert_ok(opening_new(&r->opening, &ask));
}

static void
add(struct room *r, const char *site, const char *form, const struct wire_answer *list,
	size_t count)
{
	const struct wire_rules rules = {
		.kind = RULES_RECORD, .form = form, .form_version = "1", .wave = "1"};
	const struct wire_answers a = {.form = form,
		.form_version = "1",
		.instance_id = "",
		.count = count,
		.answers = list};
	assert_ok(opening_add(r->opening, site, &rules, &a));
}

static const char *
finish(struct room *r)
{
	const struct staged_head head = {.study = "partnership",
		.release = "r1",
		.purpose = "example",
		.author = "researcher-1",
		.manifest_number = 1,
		.frozen_at_s = 1795305600,
		.count_bucket = "10-99",
		.wave = 1};
	buf_init(&r->document, STAGED_MAX_BYTES);
	buf_init(&r->evidence, STAGED_MAX_BYTES);
	assert_ok(opening_close(r->opening, &head, &r->document, &r->evidence));
	buf_u8(&r->document, 0);
	return (const char *)r->document.at;
}

static void
room_done(struct room *r)
{
	opening_free(r->opening);
	pack_free(r->pack);
	buf_done(&r->document);
	buf_done(&r->evidence);
}

static void
assert_row(const char *document, const char *indicator, const char *site, const char *statistic,
	const char *value)
{
	char row[ROW_MOST];
	(void)snprintf(row, sizeof(row),
		"\"indicator\":\"%s\",\"site\":\"%s\",\"by\":{},\"level\":\"\",\"statistic\":"
		"\"%s\",\"value\":\"%s\"",
		indicator, site, statistic, value);
	if (strstr(document, row))
		return;
	(void)snprintf(
		row, sizeof(row), "\"indicator\":\"%s\",\"site\":\"%s\"", indicator, site);
	const char *at = strstr(document, row);
	fail_msg("%s %s %s is not %s: %.300s", indicator, site, statistic, value,
		at ? at : "no row of it");
}

/* So many staff of a site whose main reason is `reason`. */
static void
add_staff(struct room *r, const char *site, size_t count, const char *reason)
{
	const struct wire_answer list[] = {{"purpose/reason_main", reason}};
	for (size_t i = 0; i < count; i++)
		add(r, site, "staff_p1", list, 1);
}

/* ---- D-24 ---- */

static void
d24_the_gap_of_said_and_main_reason_is_reported_and_hidden_for_few(void **state)
{
	static const char *const p21[] = {"P21"};
	struct room r;
	(void)state;
	begin(&r, p21, 1);
	add_staff(&r, "exa", 75, "lives");
	add_staff(&r, "exa", 125, "money");
	add_staff(&r, "exb", 14, "lives");
	add_staff(&r, "exb", 26, "told");
	add_staff(&r, "exc", 9, "lives");
	add_staff(&r, "exc", 30, "cover");
	const char *document = finish(&r);
	assert_row(document, "P21", "exa", "n", "200");
	assert_row(document, "P21", "exa", "count", "125");
	assert_row(document, "P21", "exa", "proportion", "0.625");
	assert_row(document, "P21", "exc", "count", "[c]");
	assert_row(document, "P21", "exc", "proportion", "[c]");
	assert_row(document, "P21", "exc", "interval_lo", "[c]");
	assert_row(document, "P21", "exd", "n", "[x]");
	room_done(&r);
}

/* Nine are in no figure, and ten are shown: what the others told does not wait for them. */
static void
d24_no_figure_rests_on_a_site_of_fewer_people_than_the_threshold(void **state)
{
	static const char *const p21[] = {"P21"};
	static const char *const statistics[] = {
		"n", "count", "proportion", "interval_lo", "interval_hi"};
	struct room r;
	(void)state;
	begin(&r, p21, 1);
	r.pack->profile.sites_min = 1;
	opening_free(r.opening);
	const struct opening_ask ask = {.pack = r.pack,
		.sites = sites,
		.site_count = SITES,
		.indicators = p21,
		.indicator_count = 1};
	assert_ok(opening_new(&r.opening, &ask));
	add_staff(&r, "exa", 40, "money");
	add_staff(&r, "exa", 10, "lives");
	add_staff(&r, "exb", 10, "told");
	add_staff(&r, "exc", 9, "cover");
	const char *document = finish(&r);
	for (size_t i = 0; i < ARRAY_LEN(statistics); i++)
		assert_row(document, "P21", "exc", statistics[i], "[c]");
	assert_row(document, "P21", "exb", "count", "10");
	assert_row(document, "P21", "ALL", "n", "60");
	assert_row(document, "P21", "ALL", "count", "50");
	assert_non_null(strstr(
		document, "P21: sites and groups of which all is [c] are not in ALL either"));
	assert_null(strstr(document, "withheld"));
	buf_u8(&r.evidence, 0);
	assert_non_null(strstr((const char *)r.evidence.at,
		"\"withheld\":[{\"place\":\"P21 exc\",\"count\":9}]"));
	room_done(&r);
}

static void
d24_small_sites_alone_make_no_table_of_all_either(void **state)
{
	static const char *const p21[] = {"P21"};
	struct room r;
	(void)state;
	begin(&r, p21, 1);
	add_staff(&r, "exa", 9, "money");
	add_staff(&r, "exb", 9, "lives");
	add_staff(&r, "exc", 9, "cover");
	const char *document = finish(&r);
	assert_row(document, "P21", "exa", "count", "[c]");
	assert_row(document, "P21", "ALL", "n", "[c]");
	assert_row(document, "P21", "ALL", "count", "[c]");
	room_done(&r);
}

/* ---- D-82 ---- */

static void
add_counts(struct room *r, const char *site, const char *approached, const char *completed)
{
	const struct wire_answer list[] = {{"eligible/staff_p1/staff", "100"},
		{"approached/staff_p1/staff/care-team", approached},
		{"not_eligible/staff_p1/staff", "0"}, {"consented/staff_p1/staff", completed},
		{"completed/staff_p1/staff", completed}};
	add(r, site, "system", list, ARRAY_LEN(list));
}

static void
d82_rates_of_each_site_are_reported_and_a_weak_one_marks_its_outcomes(void **state)
{
	static const char *const asked[] = {"O01", "O02", "P21", "F01", "F02", "F03"};
	struct room r;
	(void)state;
	begin(&r, asked, ARRAY_LEN(asked));
	add_staff(&r, "exa", 20, "lives");
	add_staff(&r, "exa", 20, "money");
	add_staff(&r, "exb", 40, "told");
	add_counts(&r, "exa", "80", "24"); /* 30 percent: enough */
	add_counts(&r, "exb", "81", "24"); /* a little less */
	const char *document = finish(&r);
	assert_row(document, "F01", "exa", "n", "80");
	assert_row(document, "F01", "exa", "count", "24");
	assert_row(document, "F01", "exa", "proportion", "0.3");
	assert_row(document, "F02", "exa", "proportion", "0.8");
	assert_row(document, "F03", "exb", "count", "24");
	assert_null(strstr(document, "exa: too few to judge"));
	assert_non_null(strstr(document,
		"exb: too few to judge O01 O02: its response rate (F01) is under what the "
		"study "
		"set, 30 percent"));
	assert_non_null(strstr(document, "exc: too few to judge O01 O02: nobody counted"));
	assert_null(strstr(document, "exd: too few"));
	room_done(&r);
}

static void
where_no_outcome_is_shown_or_no_rate_is_set_nothing_is_marked(void **state)
{
	static const char *const process[] = {"P21"}, *const outcome[] = {"O01"};
	struct room r;
	(void)state;
	begin(&r, process, 1);
	add_staff(&r, "exa", 20, "lives");
	assert_null(strstr(finish(&r), "too few"));
	room_done(&r);
	struct pack *p = load_pack();
	struct chosen *c = NULL;
	p->response_warn_percent = 0;
	assert_ok(opening_check(p, outcome, 1, &c));
	assert_false(chosen_has_form(c, CHOSEN_SYSTEM));
	chosen_free(c);
	p->response_warn_percent = 30;
	assert_ok(opening_check(p, outcome, 1, &c));
	assert_true(chosen_has_form(c, CHOSEN_SYSTEM));
	chosen_free(c);
	pack_free(p);
}

/* ---- whose staff answered ---- */

static void
add_of_partner(struct room *r, const char *site, size_t count, const char *partner)
{
	const struct wire_rules rules = {.kind = RULES_RECORD,
		.form = "staff_p1",
		.form_version = "1",
		.wave = "1",
		.open_count = 1,
		.open = {{"partner", partner}}};
	static const struct wire_answer lives[] = {{"purpose/reason_main", "lives"}};
	static const struct wire_answer money[] = {{"purpose/reason_main", "money"}};
	struct wire_answers a = {
		.form = "staff_p1", .form_version = "1", .instance_id = "", .count = 1};
	for (size_t i = 0; i < count; i++) {
		a.answers = i % 2 ? lives : money;
		assert_ok(opening_add(r->opening, site, &rules, &a));
	}
}

static void
a_note_says_where_most_records_come_from_one_partner(void **state)
{
	static const char *const p21[] = {"P21"};
	struct room r;
	(void)state;
	begin(&r, p21, 1);
	add_of_partner(&r, "exa", 21, "careco");
	add_of_partner(&r, "exa", 20, "homely");
	add_of_partner(&r, "exb", 20, "harbour-council"); /* half is not over half */
	add_of_partner(&r, "exb", 20, "harbour-community");
	add_of_partner(&r, "exc", 40, ""); /* nobody said */
	const char *document = finish(&r);
	assert_non_null(strstr(document,
		"exa: over 50 percent of the records come from one partner organisation"));
	assert_null(strstr(document, "exb: over"));
	assert_null(strstr(document, "exc: over"));
	assert_null(strstr(document, "careco"));
	room_done(&r);
}

/* ---- D-18 ---- */

static void
d18_winter_is_compared_with_winter(void **state)
{
	static const char *const p21[] = {"P21"};
	static const struct {
		const char *seasons[2]; /* of waves 1 and 2 */
		const char *note;       /* NULL: none */
	} rows[] = {
		{{"winter", "winter"},
			"wave 1 is of season winter: compare it with wave 2 alone"},
		{{"winter", "summer"},
			"wave 1 is of season winter: the study has no other wave like it"},
		{{"", "winter"}, NULL},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct room r;
		begin(&r, p21, 1);
		for (size_t k = 0; k < 2; k++) {
			free(r.pack->waves[k].season);
			r.pack->waves[k].season = xstrdup(rows[i].seasons[k]);
		}
		add_staff(&r, "exa", 20, "lives");
		add_staff(&r, "exa", 20, "money");
		const char *document = finish(&r);
		if (rows[i].note)
			assert_non_null(strstr(document, rows[i].note));
		else
			assert_null(strstr(document, "season"));
		room_done(&r);
	}
}

/* ---- D-90 ---- */

static void
d90_days_and_cost_of_approvals_come_from_the_approvals(void **state)
{
	static const char *const asked[] = {"Q07", "Q08"};
	static const struct wire_answer typed[] = {{"running/approval_days", "7"},
		{"running/approval_cost", "7"}, {"running/set_up_cost", "1200.5"}};
	struct room r;
	(void)state;
	begin(&r, asked, 2);
	const struct form *f = pack_form(r.pack, "site_profile");
	struct wire_answer list[ARRAY_LEN(typed)];
	for (size_t i = 0; i < ARRAY_LEN(typed); i++) {
		const int at = form_field(f, strchr(typed[i].path, '/') + 1);
		list[i] = (struct wire_answer){f->fields[at].path, typed[i].value};
	}
	add(&r, "exa", "site_profile", list, 3);
	add(&r, "exb", "site_profile", list + 2, 1);
	add(&r, "exc", "site_profile", list, 3); /* has no approval: what was typed is none */
	const char *document = finish(&r);
	assert_row(document, "Q07", "exa", "value", "42");
	assert_row(document, "Q08", "exa", "value", "0.5");
	assert_row(document, "Q07", "exb", "value", "0");
	assert_row(document, "Q08", "exb", "value", "0");
	assert_row(document, "Q07", "exc", "value", "[w]");
	assert_row(document, "Q07", "exd", "value", "[x]");
	room_done(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			d24_the_gap_of_said_and_main_reason_is_reported_and_hidden_for_few),
		cmocka_unit_test(
			d24_no_figure_rests_on_a_site_of_fewer_people_than_the_threshold),
		cmocka_unit_test(d24_small_sites_alone_make_no_table_of_all_either),
		cmocka_unit_test(
			d82_rates_of_each_site_are_reported_and_a_weak_one_marks_its_outcomes),
		cmocka_unit_test(where_no_outcome_is_shown_or_no_rate_is_set_nothing_is_marked),
		cmocka_unit_test(a_note_says_where_most_records_come_from_one_partner),
		cmocka_unit_test(d18_winter_is_compared_with_winter),
		cmocka_unit_test(d90_days_and_cost_of_approvals_come_from_the_approvals),
	};
	if (crypto_init())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
