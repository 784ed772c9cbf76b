#include "tests/unit/suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/trust/crypto.h"

#include "hub/compared.h"
#include "hub/opening.h"
#include "hub/season.h"

#define EXAMPLE_PACK WEIR_SOURCE_DIR "/ops/study/partnership"
#define WVS_PACK     WEIR_SOURCE_DIR "/tests/data/wvs/study"
#define SITES        3
#define ROW_MOST     512

static const struct cohort_site sites[SITES] = {
	{"exa", SITE_TAKES_PART}, {"exb", SITE_TAKES_PART}, {"exc", SITE_TAKES_PART}};

/* ---- rows ---- */

static void
put(struct figure_rows *rows, const char *site, enum statistic statistic, const char *value)
{
	struct figure_row r = {.of = 1,
		.site = site,
		.level = "",
		.statistic = statistic,
		.value = atof(value)};
	r.hidden = strcmp(value, "[c]") == 0;
	r.there = value[0] != '[';
	(void)snprintf(r.text, sizeof(r.text), "%s", value);
	figure_rows_put(rows, &r);
}

static void
a_change_is_worked_out_where_both_figures_are_shown(void **state)
{
	static const struct {
		const char *site;
		enum statistic statistic;
		const char *now, *earlier, *change; /* NULL: no such row */
	} rows[] = {
		{"exa", STATISTIC_MEAN, "2.5", "2", "0.5"},
		{"exa", STATISTIC_COUNT, "40", "40", "0"},
		{"exa", STATISTIC_PROPORTION, "0.25", "0.5", "-0.25"},
		{"exa", STATISTIC_MEAN, "[c]", "2", "[c]"},
		{"exa", STATISTIC_MEAN, "2", "[c]", "[c]"},
		{"exa", STATISTIC_MEAN, "[c]", "[w]", "[c]"},
		{"exa", STATISTIC_MEAN, "2", "[w]", "[z]"},
		{"exa", STATISTIC_MEAN, "2", "[x]", "[z]"},
		{"exa", STATISTIC_MEAN, "2", NULL, "[z]"},
		{"exa", STATISTIC_MEAN, NULL, "2", "[z]"},
		{"exa", STATISTIC_INTERVAL_LO, "2", "1", "[z]"},
		{"exa", STATISTIC_RANK, "2", "1", "[z]"},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		OWNED(figure_rows)
		struct figure_rows *now = figure_rows_new(), *earlier = figure_rows_new();
		if (rows[i].now)
			put(now, rows[i].site, rows[i].statistic, rows[i].now);
		if (rows[i].earlier)
			put(earlier, rows[i].site, rows[i].statistic, rows[i].earlier);
		OWNED(compared) struct compared *c = compared_new(now, earlier, sites, SITES);
		assert_int_equal(compared_count(c), 1);
		const struct compared_row *r = compared_at(c, 0);
		assert_string_equal(r->now, rows[i].now ? rows[i].now : "[w]");
		assert_string_equal(r->earlier, rows[i].earlier ? rows[i].earlier : "[w]");
		assert_string_equal(r->change, rows[i].change);
	}
}

/* The mean of ALL, of sites whose means are these; NULL: the same in both waves. */
static void
all_together_changes_only_where_the_same_sites_stand_behind_it(void **state)
{
	static const struct {
		enum statistic statistic;
		const char *now[2], *earlier[2]; /* of exa and exb */
		const char *change;
	} rows[] = {
		{STATISTIC_MEAN, {"2", "3"}, {"1", "3"}, "0.5"},
		{STATISTIC_MEAN, {"2", "3"}, {"1", "[w]"}, "[z]"},
		{STATISTIC_MEAN, {"2", "[c]"}, {"1", "3"}, "[z]"},
		{STATISTIC_MEAN, {"2", "[x]"}, {"1", "[x]"}, "0.5"},
		{STATISTIC_N, {"2", "3"}, {"1", "[w]"}, "0.5"},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		OWNED(figure_rows)
		struct figure_rows *now = figure_rows_new(), *earlier = figure_rows_new();
		for (size_t k = 0; k < 2; k++) {
			put(now, sites[k].id, rows[i].statistic, rows[i].now[k]);
			put(earlier, sites[k].id, rows[i].statistic, rows[i].earlier[k]);
		}
		put(now, ROWS_ALL, rows[i].statistic, "2.5");
		put(earlier, ROWS_ALL, rows[i].statistic, "2");
		OWNED(compared) struct compared *c = compared_new(now, earlier, sites, SITES);
		assert_int_equal(compared_count(c), 3);
		assert_string_equal(compared_at(c, 2)->change, rows[i].change);
	}
}

/* ---- seasons ---- */

/* The example study, with disclosure control that this version carries out in full, and these
 * seasons of its two waves. */
static struct pack *
load_pack(const char *first, const char *second)
{
	OWNED(faults) struct faults *faults = faults_new();
	OWNED(pack) struct pack *wvs = NULL;
	struct pack *p = NULL;
	assert_ok(pack_load(&wvs, WVS_PACK, faults));
	assert_ok(pack_load(&p, EXAMPLE_PACK, faults));
	p->profile = wvs->profile;
	p->profile.zero = PROFILE_ZERO_SHOW;
	p->profile.sites_min = 1;
	free(p->waves[0].season);
	free(p->waves[1].season);
	p->waves[0].season = xstrdup(first);
	p->waves[1].season = xstrdup(second);
	return p;
}

static void
d18_unlike_seasons_are_refused_by_name(void **state)
{
	static const struct {
		const char *seasons[2];
		uint32_t wave, earlier;
		enum err code;
		const char *words;
	} rows[] = {
		{{"winter", "winter"}, 2, 1, OK, ""},
		{{"winter", "summer"}, 2, 1, E_DENIED,
			"wave 2 is of season summer and wave 1 of season winter"},
		{{"", "winter"}, 2, 1, E_DENIED, "wave 1 has no season"},
		{{"winter", ""}, 2, 1, E_DENIED, "wave 2 has no season"},
		{{"", ""}, 2, 1, E_DENIED, "has no season"},
		{{"winter", "winter"}, 1, 2, E_DENIED, "wave 2 is not earlier than wave 1"},
		{{"winter", "winter"}, 2, 2, E_DENIED, "wave 2 is not earlier than wave 2"},
		{{"winter", "winter"}, 2, 9, E_NOTFOUND, "no wave 9"},
		{{"winter", "winter"}, 9, 1, E_NOTFOUND, "no wave 9"},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		OWNED(pack)
		struct pack *p = load_pack(rows[i].seasons[0], rows[i].seasons[1]);
		const enum err e = season_check(p, rows[i].wave, rows[i].earlier);
		assert_int_equal(e, rows[i].code);
		assert_true(!e || strstr(err_text(), rows[i].words));
	}
}

/* ---- releases ---- */

struct room {
	struct pack *pack;
	struct opening *opening;
	struct buf document, evidence;
};

static enum err
begin(struct room *r, const char *first, const char *second)
{
	static const char *const p21[] = {"P21"};
	*r = (struct room){.pack = load_pack(first, second)};
	const struct opening_ask ask = {.pack = r->pack,
		.sites = sites,
		.site_count = SITES,
		.indicators = p21,
		.indicator_count = 1,
		.wave = 2,
		.compared = 1};
	buf_init(&r->document, STAGED_MAX_BYTES);
	buf_init(&r->evidence, STAGED_MAX_BYTES);
	return opening_new(&r->opening, &ask);
}

static enum err
add(struct room *r, const char *wave, const char *site, const char *reason)
{
	const struct wire_answer list[] = {{"purpose/reason_main", reason}};
	const struct wire_rules rules = {
		.kind = RULES_RECORD, .form = "staff_p1", .form_version = "1", .wave = wave};
	const struct wire_answers a = {.form = "staff_p1",
		.form_version = "1",
		.instance_id = "",
		.count = 1,
		.answers = list};
	return opening_add(r->opening, site, &rules, &a);
}

/* So many staff of a site, some of them with a gap. */
static void
add_staff(struct room *r, const char *wave, const char *site, size_t count, size_t gap)
{
	for (size_t i = 0; i < count; i++)
		assert_ok(add(r, wave, site, i < gap ? "money" : "lives"));
}

static const char *
finish(struct room *r)
{
	const struct staged_head head = {.study = "partnership", .release = "r1", .wave = 2};
	assert_ok(opening_close(r->opening, &head, &r->document, &r->evidence));
	buf_u8(&r->document, 0);
	buf_u8(&r->evidence, 0);
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

/* Staff of a site in one wave, some of them with a gap. */
struct staff {
	const char *wave, *site;
	size_t count, gap;
};

/* The release of two winters with these staff. */
static const char *
release_of(struct room *r, const struct staff *staff, size_t count)
{
	assert_ok(begin(r, "winter", "winter"));
	for (size_t i = 0; i < count; i++)
		add_staff(r, staff[i].wave, staff[i].site, staff[i].count, staff[i].gap);
	return finish(r);
}

/* What is to stand in it. */
struct shown {
	const char *site, *statistic, *now, *earlier, *change;
};

static void
assert_shown(const char *document, const struct shown *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		char row[ROW_MOST];
		(void)snprintf(row, sizeof(row),
			"\"site\":\"%s\",\"by\":{},\"level\":\"\",\"statistic\":\"%s\","
			"\"value\":\"%s\",\"earlier\":\"%s\",\"change\":\"%s\"",
			rows[i].site, rows[i].statistic, rows[i].now, rows[i].earlier,
			rows[i].change);
		if (!strstr(document, row))
			fail_msg("no %s in %.3000s", row, strstr(document, "\"rows\""));
	}
}

static void
d18_figures_of_two_winters_stand_side_by_side_with_their_change(void **state)
{
	static const struct staff staff[] = {
		{"1", "exa", 40, 10},
		{"2", "exa", 50, 30},
		{"1", "exb", 60, 20},
		{"2", "exb", 40, 16},
	};
	static const struct shown rows[] = {
		{"exa", "n", "50", "40", "10"},
		{"exa", "count", "30", "10", "20"},
		{"exa", "proportion", "0.6", "0.25", "0.35"},
		{"ALL", "count", "46", "30", "16"},
		{"exc", "n", "0", "0", "0"},
		{"exc", "count", "[w]", "[w]", "[z]"},
	};
	struct room r;
	(void)state;
	const char *document = release_of(&r, staff, ARRAY_LEN(staff));
	assert_non_null(strstr(document, "\"wave\":2,\"compared\":1,"));
	assert_non_null(strstr(document,
		"wave 2 is compared with wave 1, both of season winter: people of the two"));
	assert_shown(document, rows, ARRAY_LEN(rows));
	room_done(&r);
}

/* Seven with a gap at exa in the first wave: hidden, and with them another count of that wave,
 * so that they do not follow from ALL. */
static void
d18_what_is_hidden_in_one_wave_has_no_change(void **state)
{
	static const struct staff staff[] = {
		{"1", "exa", 40, 7},
		{"2", "exa", 50, 30},
		{"1", "exb", 60, 20},
		{"2", "exb", 40, 16},
		{"1", "exc", 60, 25},
		{"2", "exc", 60, 30},
	};
	static const struct shown rows[] = {
		{"exa", "count", "30", "[c]", "[c]"},
		{"exb", "count", "16", "[c]", "[c]"},
		{"exc", "count", "30", "25", "5"},
	};
	struct room r;
	(void)state;
	assert_shown(release_of(&r, staff, ARRAY_LEN(staff)), rows, ARRAY_LEN(rows));
	assert_non_null(strstr((const char *)r.evidence.at, "P21 of wave 1 exa"));
	room_done(&r);
}

/* A site too small in one wave is in no figure of that wave. */
static void
d24_a_small_site_is_left_out_of_its_wave_alone(void **state)
{
	static const struct staff staff[] = {
		{"1", "exa", 40, 10},
		{"2", "exa", 50, 30},
		{"1", "exb", 9, 9},
		{"2", "exb", 40, 16},
	};
	static const struct shown rows[] = {
		{"exb", "n", "40", "[c]", "[c]"},
		{"ALL", "count", "46", "10", "[z]"},
		{"ALL", "n", "90", "40", "50"},
	};
	struct room r;
	(void)state;
	const char *document = release_of(&r, staff, ARRAY_LEN(staff));
	assert_shown(document, rows, ARRAY_LEN(rows));
	assert_non_null(strstr(document,
		"P21 of wave 1: sites and groups of which all is [c] are not in ALL either"));
	assert_null(strstr(document, "P21 of wave 2: sites and groups"));
	room_done(&r);
}

static void
d18_a_release_of_unlike_seasons_is_not_opened(void **state)
{
	struct room r;
	(void)state;
	assert_err(begin(&r, "winter", "summer"), E_DENIED);
	assert_non_null(strstr(err_text(), "only like seasons are compared"));
	room_done(&r);
}

static void
a_record_of_a_third_wave_is_refused(void **state)
{
	struct room r;
	(void)state;
	assert_ok(begin(&r, "winter", "winter"));
	assert_ok(add(&r, "1", "exa", "money"));
	assert_err(add(&r, "3", "exa", "money"), E_DENIED);
	assert_err(add(&r, "", "exa", "money"), E_DENIED);
	room_done(&r);
}

static void
the_file_has_both_figures_and_the_change_in_columns_of_their_own(void **state)
{
	static const struct staff staff[] = {{"1", "exa", 40, 10}, {"2", "exa", 50, 30}};
	OWNED(staged) struct staged *s = NULL;
	OWNED_BUF struct buf csv;
	struct room r;
	(void)state;
	buf_init(&csv, STAGED_MAX_BYTES);
	(void)release_of(&r, staff, ARRAY_LEN(staff));
	assert_ok(staged_parse(&s, view_of(r.document.at, r.document.len - 1)));
	assert_int_equal(s->wave, 2);
	assert_int_equal(s->compared, 1);
	assert_ok(staged_csv(s, &csv));
	buf_u8(&csv, 0);
	assert_non_null(strstr(
		(const char *)csv.at, "indicator,site,level,statistic,value,earlier,change\n"));
	assert_non_null(strstr((const char *)csv.at, "\nP21,exa,,count,30,10,20\n"));
	room_done(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_change_is_worked_out_where_both_figures_are_shown),
		cmocka_unit_test(
			all_together_changes_only_where_the_same_sites_stand_behind_it),
		cmocka_unit_test(d18_unlike_seasons_are_refused_by_name),
		cmocka_unit_test(
			d18_figures_of_two_winters_stand_side_by_side_with_their_change),
		cmocka_unit_test(d18_what_is_hidden_in_one_wave_has_no_change),
		cmocka_unit_test(d24_a_small_site_is_left_out_of_its_wave_alone),
		cmocka_unit_test(d18_a_release_of_unlike_seasons_is_not_opened),
		cmocka_unit_test(a_record_of_a_third_wave_is_refused),
		cmocka_unit_test(
			the_file_has_both_figures_and_the_change_in_columns_of_their_own),
	};
	if (crypto_init())
		return 1;
	return cmocka_run_group_tests_name("compared", tests, NULL, NULL);
}
