#include "tests/unit/suite.h"

#include "common/base/mem.h"
#include "common/study/profile.h"

#define HEAD "[disclosure]\n"

static struct profile
read_text(const char *text, struct faults *f)
{
	OWNED(ini) struct ini *ini = NULL;
	assert_ok(ini_load(&ini, view_text(text), "rules.ini"));
	return profile_read(ini, "rules.ini", f);
}

static bool
says(const struct faults *f, const char *words)
{
	for (size_t i = 0; i < f->count; i++) {
		OWNED_MEM char *line = faults_line(&f->items[i]);
		if (strstr(line, words))
			return true;
	}
	return false;
}

static void
a_named_profile_goes_over_the_default(void **state)
{
	static const char text[] = HEAD
		"use = small\ncount.min = 10 people\nzero = review\naudit = exact\n"
		"complementary = yes\ncomplementary.least = people\nsites.min = 3 sites\n"
		"[disclosure.small]\ntitle = t\ncount.min = 8 people\nzero = show\n"
		"complementary.least = cells\n"
		"[disclosure.other]\ntitle = t\ncount.min = 3 people\nsites.min = 9 sites\n";
	OWNED(faults) struct faults *f = faults_new();
	(void)state;
	struct profile p = read_text(text, f);
	assert_int_equal(f->count, 0);
	assert_int_equal(p.count_min, 8);
	assert_int_equal(p.zero, PROFILE_ZERO_SHOW);
	assert_int_equal(p.least, PROFILE_LEAST_CELLS);
	assert_int_equal(p.audit, PROFILE_AUDIT_EXACT);
	assert_int_equal(p.sites_min, 3);
	assert_int_equal(p.approvers, 2);
	assert_null(p.unbuilt);
}

/* A key alone behind an exact audit of cells of ten; what is said, and by which key a release
 * is refused here: NULL, it is not, or by who makes the tables. */
static const struct {
	const char *line, *says, *unbuilt;
	bool fault;
} rows[] = {
	{"extremes = no", NULL, NULL, false},
	{"model.df_min = 10 degrees of freedom", NULL, NULL, false},
	{"model.terms_share = 0.33", NULL, NULL, false},
	{"dominance.of = all", NULL, NULL, false},
	{"round.how = midpoint", NULL, NULL, false},
	{"round.totals = sum", NULL, NULL, false},
	{"hidden.symbol = hidden", NULL, NULL, false},
	{"full = show", NULL, NULL, false},
	{"small.below = 0 people", NULL, NULL, false},
	{"table.dimensions = 4", NULL, NULL, false},
	{"difference.min = 1 people", NULL, NULL, false},
	{"approvers = 3 people", NULL, NULL, false},

	{"full = hide", "line 5, key full: warning", "full", false},
	{"full = review", "key full: warning", "full", false},
	{"small.below = 1 people", "key small.below: warning", "small.below", false},
	{"hidden.symbol = none", "key hidden.symbol: warning", "hidden.symbol", false},
	{"round.estimates = 10", "key round.estimates: warning", "round.estimates", false},
	{"percent.decimals = 1", "key percent.decimals: warning", "percent.decimals", false},
	{"dominance.top = 2 contributors", "key dominance.top: warning", "dominance.top",
		false},
	{"dominance.share = 0.90", "key dominance.share: warning", "dominance.share", false},
	{"p.share = 0.10", "key p.share: warning", "p.share", false},
	{"table.dimensions = 3", "key table.dimensions: warning", "table.dimensions", false},
	{"difference.min = 2 people", "key difference.min: warning", "difference.min", false},
	{"release.every = 3 months", "key release.every: warning", "release.every", false},
	{"release.first = 2027-01-01", "key release.first: warning", "release.first", false},
	{"round.base = 5", "key round.base: warning: rounding", NULL, false},
	{"dominance.sites = yes", "key dominance.sites: warning", NULL, false},

	{"approvers = 1 people", "key approvers: a release needs two", NULL, true},
	{"full = perhaps", "key full: one of", NULL, true},
	{"extremes = never", "key extremes: yes or no", NULL, true},
	{"release.every = 3", "key release.every: a time", NULL, true},
	{"release.every = 3 moons", "key release.every: a time", NULL, true},
	{"release.first = soon", "key release.first: not a day", NULL, true},
	{"model.df_min = 10", "key model.df_min: a whole number", NULL, true},
	{"dominance.top = 2 people", "key dominance.top: a whole number", NULL, true},
	{"p.share = 1.1", "key p.share: a share", NULL, true},
	{"model.colour = red", "key model.colour: this key", NULL, true},
	{"use = nobody", "there is no section [disclosure.nobody]", NULL, true},
	{"[disclosure.x]\nuse = x", "key use: this key", NULL, true},
	{"[disclosure.x]\nzero = 1", "line 6, key zero: one of", NULL, true},
};

static void
every_key_is_carried_out_or_named(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		OWNED(faults) struct faults *f = faults_new();
		OWNED_MEM char *text = xasprintf(HEAD
			"count.min = 10 people\naudit = exact\nlinked = yes\n%s\n",
			rows[i].line);
		struct profile p = read_text(text, f);
		print_message("%s\n", rows[i].line);
		assert_int_equal(f->errors > 0, rows[i].fault);
		if (rows[i].says)
			assert_true(says(f, rows[i].says));
		else
			assert_int_equal(f->count, 0);
		if (!rows[i].fault)
			assert_string_equal(p.unbuilt ? p.unbuilt : "",
				rows[i].unbuilt ? rows[i].unbuilt : "");
	}
}

static void
a_file_without_disclosure_is_a_fault(void **state)
{
	OWNED(faults) struct faults *f = faults_new();
	(void)state;
	(void)read_text("[rules]\nversion = 1\n", f);
	assert_int_equal(f->errors, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_named_profile_goes_over_the_default),
		cmocka_unit_test(every_key_is_carried_out_or_named),
		cmocka_unit_test(a_file_without_disclosure_is_a_fault),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
