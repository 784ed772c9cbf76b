#include "tests/unit/suite.h"

#include "common/base/mem.h"
#include "common/trust/crypto.h"
#include "hub/studydiff.h"
#include "tests/unit/pack_bench.h"

#define SURVEY   "forms/attitudes/survey.csv"
#define CHOICES  "forms/attitudes/choices.csv"
#define SETTINGS "forms/attitudes/settings.csv"
#define VERSION_2                                                                              \
	{                                                                                      \
		SETTINGS, "attitudes,1,", "attitudes,2,"                                       \
	}
#define BEFORE_PLAN_MS INT64_C(1761955200000) /* 2025-11-01 */
#define AFTER_PLAN_MS  INT64_C(1795305600000) /* 2026-11-22 */

/* One edit of the example study, what is shown of it and whether it is refused. */
static const struct {
	struct pack_edit edits[3];
	bool refused;
	const char *file, *what, *text;
} rows[] = {
	{{VERSION_2}, false, "forms/attitudes", "", "version 1 becomes 2"},
	{{VERSION_2, {SURVEY, "Gender,", "Your gender,"}}, false, "forms/attitudes", "gender",
		"reads differently"},
	{{{SURVEY, "Gender,", "Your gender,"}}, true, "forms/attitudes", "",
		"it differs and is still version 1"},
	{{{SETTINGS, "attitudes,1,", "attitudes,0,"}}, true, "forms/attitudes", "",
		"the version was 1 and goes down to 0"},
	{{VERSION_2, {SURVEY, "integer,age", "decimal,age"}}, true, "forms/attitudes", "age",
		"was integer and becomes decimal"},
	{{VERSION_2, {CHOICES, "gender,male,Male", "gender,male,Male\ngender,other,Other"}},
		true, "forms/attitudes", "gender", "the choice 'other' is new"},
	{{VERSION_2, {CHOICES, "poverty,2,About right\n", ""}}, true, "forms/attitudes",
		"poverty", "the choice '2' is taken out"},
	{{VERSION_2, {CHOICES, "About right", "Right"}}, false, "forms/attitudes", "poverty",
		"the choice '2' reads differently"},
	{{VERSION_2, {SURVEY, "yes_no,religion,", "yes_no,faith,"}}, false, "forms/attitudes",
		"faith", "the question is new"},
	{{VERSION_2, {SURVEY, "yes_no,religion,", "yes_no,faith,"}}, false, "forms/attitudes",
		"religion", "the question is taken out"},
	{{VERSION_2, {SURVEY, "quasi,hub,,\n", "quasi,hub,,collect-direct\n"}}, true,
		"forms/attitudes", "",
		"[form.attitudes] has to say what the new version asks of who agreed"},
	{{VERSION_2, {SURVEY, "quasi,hub,,\n", "quasi,hub,,collect-direct\n"},
		 {"study.ini", "records = one", "records = one\nreconsent = before-use"}},
		true, "forms/attitudes", "religion", "it stands for another permission"},
	{{VERSION_2, {SURVEY, "quasi,hub,", "quasi,open,"}}, false, "forms/attitudes",
		"religion", "it went to hub and goes to open"},
	{{{"study.ini", "records = one", "records = one\nsites = norway"}}, false, "study.ini",
		"[form.attitudes] sites", "the key is new: 'norway'"},
	{{{"study.ini", "2046-12-31", "2047-12-31"}}, false, "study.ini",
		"[wave.1] attitudes.closes", "'2046-12-31' becomes '2047-12-31'"},
	{{{"rules.ini", "approvers = 2 people", "approvers = 3 people"}}, false, "rules.ini",
		"[disclosure] approvers", "'2 people' becomes '3 people'"},
	{{{"sites.csv", "Northern Europe", "Scandinavia"}}, false, "sites.csv", "norway",
		"differs in region"},
	{{{"codebook.csv", "Mean age,", "Average age,"}}, false, "codebook.csv", "W04",
		"differs in label"},
};

static const struct studydiff_change *
find(const struct studydiff *d, const char *file, const char *what, const char *text)
{
	for (size_t i = 0; i < d->count; i++)
		if (strcmp(d->changes[i].file, file) == 0 &&
			strcmp(d->changes[i].what, what) == 0 &&
			strstr(d->changes[i].text, text))
			return &d->changes[i];
	return NULL;
}

static struct pack *
edited(size_t row)
{
	struct pack_edit edits[4] = {{NULL, NULL, NULL}};
	memcpy(edits, rows[row].edits, sizeof(rows[row].edits));
	return pack_bench_sound(edits);
}

static void
each_change_is_shown_and_what_changes_a_meaning_is_refused(void **state)
{
	OWNED(pack) struct pack *before = pack_bench_sound(NULL);
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		OWNED(pack) struct pack *after = edited(i);
		OWNED(studydiff)
		struct studydiff *d = studydiff_make(before, after, BEFORE_PLAN_MS);
		const struct studydiff_change *c =
			find(d, rows[i].file, rows[i].what, rows[i].text);
		for (size_t k = 0; !c && k < d->count; k++)
			print_message("%s %s: %s\n", d->changes[k].file, d->changes[k].what,
				d->changes[k].text);
		if (!c || c->refused != rows[i].refused)
			fail_msg("row %zu: %s", i, rows[i].text);
		if (rows[i].refused)
			assert_err(studydiff_check(d), E_DENIED);
		else
			assert_ok(studydiff_check(d));
	}
}

static void
a_pack_changes_nothing_against_itself(void **state)
{
	OWNED(pack) struct pack *before = pack_bench_sound(NULL);
	OWNED(pack) struct pack *after = pack_bench_sound(NULL);
	OWNED(studydiff) struct studydiff *d = studydiff_make(before, after, AFTER_PLAN_MS);
	(void)state;
	assert_int_equal(d->count, 0);
	assert_int_equal(d->refused, 0);
}

static void
an_indicator_that_comes_after_the_plan_is_exploratory(void **state)
{
	static const struct pack_edit edits[] = {
		{"codebook.csv", "W04,", "W05,"}, {NULL, NULL, NULL}};
	OWNED(pack) struct pack *before = pack_bench_sound(NULL);
	OWNED(pack) struct pack *after = pack_bench_sound(edits);
	OWNED(studydiff)
	struct studydiff *early = studydiff_make(before, after, BEFORE_PLAN_MS);
	OWNED(studydiff) struct studydiff *late = studydiff_make(before, after, AFTER_PLAN_MS);
	const struct studydiff_change *c = find(early, "codebook.csv", "W05", "is new");
	(void)state;
	assert_non_null(c);
	assert_false(c->exploratory);
	c = find(late, "codebook.csv", "W05", "is new");
	assert_true(c && c->exploratory);
	c = find(late, "codebook.csv", "W04", "taken out");
	assert_true(c && !c->exploratory);
}

static void
versions_are_compared_run_by_run(void **state)
{
	static const struct {
		const char *a, *b;
		int order;
	} pairs[] = {{"1", "1", 0}, {"1", "2", -1}, {"2", "10", -1}, {"1.9", "1.10", -1},
		{"2026010101", "2026010102", -1}, {"01", "1", 0}, {"1", "1.1", -1},
		{"v2", "v10", -1}, {"a", "b", -1},
		{"99999999999999999999", "100000000000000000000", -1}};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
		int order = studydiff_version(pairs[i].a, pairs[i].b);
		int back = studydiff_version(pairs[i].b, pairs[i].a);
		assert_int_equal((order > 0) - (order < 0), pairs[i].order);
		assert_int_equal((back > 0) - (back < 0), -pairs[i].order);
	}
}

/* ---- roll-out ---- */

static void
a_form_goes_to_the_sites_that_are_named_and_may_be_closed(void **state)
{
	static const struct pack_edit edits[] = {
		{"study.ini", "records = one",
			"records = one\nsites = norway sweden\n"
			"state = closed"},
		{NULL, NULL, NULL}};
	OWNED(pack) struct pack *all = pack_bench_sound(NULL);
	OWNED(pack) struct pack *some = pack_bench_sound(edits);
	const struct form *f = pack_form(all, "attitudes"), *g = pack_form(some, "attitudes");
	(void)state;
	assert_true(pack_form_at(all, f, "australia"));
	assert_false(pack_form_closed(all, f));
	assert_true(pack_form_at(some, g, "norway") && pack_form_at(some, g, "sweden"));
	assert_false(pack_form_at(some, g, "australia") || pack_form_at(some, g, "swede"));
	assert_true(pack_form_closed(some, g));
}

static void
a_roll_out_names_known_sites_and_states_only(void **state)
{
	static const struct {
		const char *line, *words;
	} bad[] = {{"records = one\nsites = norway atlantis", "'atlantis'"},
		{"records = one\nstate = shut", "state"}};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		const struct pack_edit edits[] = {
			{"study.ini", "records = one", bad[i].line}, {NULL, NULL, NULL}};
		OWNED(faults) struct faults *faults = faults_new();
		assert_null(pack_bench(edits, faults));
		OWNED_MEM char *line = faults_line(&faults->items[0]);
		assert_non_null(strstr(line, bad[i].words));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_change_is_shown_and_what_changes_a_meaning_is_refused),
		cmocka_unit_test(a_pack_changes_nothing_against_itself),
		cmocka_unit_test(an_indicator_that_comes_after_the_plan_is_exploratory),
		cmocka_unit_test(versions_are_compared_run_by_run),
		cmocka_unit_test(a_form_goes_to_the_sites_that_are_named_and_may_be_closed),
		cmocka_unit_test(a_roll_out_names_known_sites_and_states_only),
	};
	if (crypto_init())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
