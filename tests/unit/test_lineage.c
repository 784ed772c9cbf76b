#include "tests/unit/suite.h"

#include <stdio.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/study/lineage.h"

/* ---- example changes ---- */

static struct lineage_change
change(enum lineage_kind kind, const char *day, const char *from, const char *into)
{
	struct lineage_change c = {.kind = kind};
	char *rest = NULL;
	(void)snprintf(c.day, sizeof(c.day), "%s", day);
	OWNED_MEM char *left = xstrdup(from);
	for (char *at = strtok_r(left, " ", &rest); at; at = strtok_r(NULL, " ", &rest))
		(void)snprintf(c.from[c.from_count++], LINEAGE_ID_BYTES, "%s", at);
	OWNED_MEM char *right = xstrdup(into);
	for (char *at = strtok_r(right, " ", &rest); at; at = strtok_r(NULL, " ", &rest))
		(void)snprintf(c.into[c.into_count++], LINEAGE_ID_BYTES, "%s", at);
	return c;
}

static struct lineage_change
renamed(const char *day, const char *site, const char *was, const char *becomes)
{
	struct lineage_change c = change(LINEAGE_NAME, day, site, "");
	(void)snprintf(c.was, sizeof(c.was), "%s", was);
	(void)snprintf(c.becomes, sizeof(c.becomes), "%s", becomes);
	return c;
}

/* a and b merge into c; c goes on as d; e is split into f and g; h takes i over; j stays, and k
 * is split off from it. */
#define CHANGES 5
static void
fill(struct lineage_change *ret)
{
	ret[0] = change(LINEAGE_MERGE, "2026-03-01", "a b", "c");
	ret[1] = change(LINEAGE_FOLLOW, "2026-06-01", "c", "d");
	ret[2] = change(LINEAGE_SPLIT, "2026-03-01", "e", "f g");
	ret[3] = change(LINEAGE_MERGE, "2026-04-01", "h i", "h");
	ret[4] = change(LINEAGE_SPLIT, "2026-05-01", "j", "j k");
}

/* ---- as of a day ---- */

static const struct {
	const char *words, *site, *day, *counts_for;
} days[] = {
	{"a merged site counts for itself on the last day before", "a", "2026-02-28", "a"},
	{"a merged site counts for the new one from its day on", "a", "2026-03-01", "c"},
	{"the other one, too", "b", "2026-03-01", "c"},
	{"a merged site counts for what the new one became", "a", "2026-06-01", "d"},
	{"on the last day before that it does not", "b", "2026-05-31", "c"},
	{"what was put together is not told apart before", "c", "2026-02-28", "c"},
	{"nor is what it became", "d", "2026-02-28", "c"},
	{"another code is the old one before its day", "d", "2026-05-31", "c"},
	{"a part counts for the whole before the split", "f", "2026-02-28", "e"},
	{"the other part, too", "g", "2026-02-28", "e"},
	{"a part counts for itself from the split on", "g", "2026-03-01", "g"},
	{"the whole is not told apart after the split", "e", "2026-12-31", "e"},
	{"who is taken over counts for who took over", "i", "2026-04-01", "h"},
	{"and not before", "i", "2026-03-31", "i"},
	{"who takes over counts for itself before", "h", "2026-03-31", "h"},
	{"who takes over counts for itself after", "h", "2026-04-01", "h"},
	{"what is split off counts for the whole before", "k", "2026-04-30", "j"},
	{"what is split off counts for itself after", "k", "2026-05-01", "k"},
	{"the rest goes on", "j", "2026-05-01", "j"},
	{"the rest was the whole", "j", "2026-04-30", "j"},
	{"a site without changes counts for itself", "z", "2026-05-01", "z"},
};

static void
each_site_counts_for_one_as_of_every_day(void **state)
{
	struct lineage_change changes[CHANGES];
	const struct lineage l = {changes, CHANGES};
	(void)state;
	fill(changes);
	for (size_t i = 0; i < ARRAY_LEN(days); i++) {
		const char *is = lineage_as_of(&l, days[i].site, days[i].day);
		if (strcmp(is, days[i].counts_for) != 0)
			fail_msg("%s: %s as of %s counts for %s", days[i].words, days[i].site,
				days[i].day, is);
	}
}

static void
the_order_in_which_changes_were_recorded_does_not_matter(void **state)
{
	struct lineage_change changes[CHANGES], turned[CHANGES];
	const struct lineage l = {turned, CHANGES};
	(void)state;
	fill(changes);
	for (size_t i = 0; i < CHANGES; i++)
		turned[CHANGES - 1 - i] = changes[i];
	for (size_t i = 0; i < ARRAY_LEN(days); i++)
		assert_string_equal(
			lineage_as_of(&l, days[i].site, days[i].day), days[i].counts_for);
}

static void
what_changes_connect_is_one_lineage_for_all_time(void **state)
{
	static const struct {
		const char *a, *b;
		bool connected;
	} rows[] = {{"a", "b", true}, {"a", "d", true}, {"d", "a", true}, {"f", "g", true},
		{"e", "g", true}, {"h", "i", true}, {"j", "k", true}, {"a", "e", false},
		{"a", "h", false}, {"z", "a", false}, {"z", "z", true}, {"z", "y", false}};
	struct lineage_change changes[CHANGES];
	const struct lineage l = {changes, CHANGES};
	(void)state;
	fill(changes);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (lineage_connects(&l, rows[i].a, rows[i].b) != rows[i].connected)
			fail_msg("%s and %s", rows[i].a, rows[i].b);
}

static void
a_public_name_is_that_of_the_day(void **state)
{
	static const struct {
		const char *site, *day, *name;
	} rows[] = {{"a", "2026-01-31", "North"}, {"a", "2026-02-01", "North and Isles"},
		{"a", "2026-06-30", "North and Isles"}, {"a", "2026-07-01", "Far North"},
		{"b", "2026-07-01", "in the study"}};
	const struct lineage_change changes[] = {
		renamed("2026-07-01", "a", "North and Isles", "Far North"),
		renamed("2026-02-01", "a", "North", "North and Isles")};
	const struct lineage l = {changes, ARRAY_LEN(changes)};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_string_equal(lineage_name(&l, rows[i].site, rows[i].day, "in the study"),
			rows[i].name);
}

/* ---- what may be recorded ---- */

static void
a_change_that_contradicts_those_before_it_is_refused(void **state)
{
	static const struct {
		const char *words;
		enum lineage_kind kind;
		const char *day, *from, *into;
		enum err code;
	} rows[] = {
		{"another merger elsewhere", LINEAGE_MERGE, "2026-03-01", "x y", "w", OK},
		{"a day that is none", LINEAGE_MERGE, "2026-02-30", "x y", "w", E_FORMAT},
		{"no day", LINEAGE_MERGE, "", "x y", "w", E_FORMAT},
		{"a merger of one", LINEAGE_MERGE, "2026-03-01", "x", "w", E_FORMAT},
		{"a merger into two", LINEAGE_MERGE, "2026-03-01", "x y", "w v", E_FORMAT},
		{"a merger into none", LINEAGE_MERGE, "2026-03-01", "x y", "", E_FORMAT},
		{"one twice", LINEAGE_MERGE, "2026-03-01", "x x", "w", E_FORMAT},
		{"a code that is none", LINEAGE_MERGE, "2026-03-01", "x Y", "w", E_FORMAT},
		{"a split of two", LINEAGE_SPLIT, "2026-03-01", "x y", "w v", E_FORMAT},
		{"a split into one", LINEAGE_SPLIT, "2026-03-01", "x", "w", E_FORMAT},
		{"going on as itself", LINEAGE_FOLLOW, "2026-03-01", "x", "x", E_FORMAT},
		{"going on as two", LINEAGE_FOLLOW, "2026-03-01", "x", "y z", E_FORMAT},
		{"a name without words", LINEAGE_NAME, "2026-03-01", "x", "", E_FORMAT},
		{"what has ended", LINEAGE_MERGE, "2026-05-01", "a x", "w", E_CONFLICT},
		{"what ends later", LINEAGE_MERGE, "2026-02-01", "a x", "w", E_CONFLICT},
		{"what takes over before it ends", LINEAGE_MERGE, "2026-02-01", "a x", "a", OK},
		{"what takes over after it ended", LINEAGE_MERGE, "2026-03-01", "a x", "a",
			E_CONFLICT},
		{"what has not begun", LINEAGE_SPLIT, "2026-02-01", "c", "w v", E_CONFLICT},
		{"what begins that day", LINEAGE_SPLIT, "2026-03-01", "c", "w v", E_CONFLICT},
		{"what begins a second time", LINEAGE_FOLLOW, "2026-05-01", "x", "c",
			E_CONFLICT},
		{"what was there before", LINEAGE_FOLLOW, "2026-05-01", "x", "h", E_CONFLICT},
		{"what is there later only", LINEAGE_FOLLOW, "2026-03-31", "x", "h", OK},
		{"what takes another over later", LINEAGE_FOLLOW, "2026-03-31", "h", "x",
			E_CONFLICT},
		{"what took another over", LINEAGE_FOLLOW, "2026-04-02", "h", "x", OK},
		{"the end of a chain", LINEAGE_SPLIT, "2026-06-02", "d", "x y", OK},
	};
	struct lineage_change changes[CHANGES];
	const struct lineage l = {changes, CHANGES};
	(void)state;
	fill(changes);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct lineage_change next =
			change(rows[i].kind, rows[i].day, rows[i].from, rows[i].into);
		const enum err e = lineage_check(&l, &next);
		if (e != rows[i].code)
			fail_msg("%s: %d %s", rows[i].words, (int)e, e ? err_text() : "");
	}
}

static void
a_new_name_is_given_to_a_site_that_is_there(void **state)
{
	struct lineage_change changes[CHANGES];
	const struct lineage l = {changes, CHANGES};
	(void)state;
	fill(changes);
	const struct lineage_change good = renamed("2026-02-01", "a", "North", "Far North"),
				    late = renamed("2026-03-01", "a", "North", "Far North"),
				    early = renamed("2026-02-01", "c", "South", "Far South");
	assert_ok(lineage_check(&l, &good));
	assert_err(lineage_check(&l, &late), E_CONFLICT);
	assert_err(lineage_check(&l, &early), E_CONFLICT);
}

/* ---- views ---- */

static void
a_view_is_read_as_it_is_written(void **state)
{
	static const char *const good[] = {"recorded", "lineage", "as-of:2026-03-01"};
	static const char *const bad[] = {
		"", "as-of", "as-of:", "as-of:2026-13-01", "as-of:2026-03-011", "Recorded"};
	char text[LINEAGE_VIEW_BYTES];
	struct lineage_view v;
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		assert_ok(lineage_view_read(&v, good[i]));
		lineage_view_text(text, &v);
		assert_string_equal(text, good[i]);
	}
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_err(lineage_view_read(&v, bad[i]), E_FORMAT);
}

static void
places_say_who_counts_together_and_whose_numbers_stand(void **state)
{
	static const char *const sites[] = {"a", "b", "c", "d", "e", "f", "z"};
	static const struct {
		const char *view;
		size_t counts_for[7];
		const char *as[7];
		const char *stand; /* one letter a site */
	} rows[] = {
		{"recorded", {0, 1, 2, 3, 4, 5, 6}, {"a", "b", "c", "d", "e", "f", "z"},
			"yyyyyyy"},
		{"as-of:2026-02-01", {0, 1, 2, 2, 4, 4, 6}, {"a", "b", "c", "c", "e", "e", "z"},
			"yyynyny"},
		{"as-of:2026-03-01", {0, 0, 0, 0, 4, 5, 6}, {"c", "c", "c", "c", "e", "f", "z"},
			"nnynyyy"},
		{"as-of:2026-06-01", {0, 0, 0, 0, 4, 5, 6}, {"d", "d", "d", "d", "e", "f", "z"},
			"nnnyyyy"},
		{"lineage", {0, 0, 0, 0, 4, 4, 6}, {NULL}, "nnnynyy"},
	};
	struct lineage_change changes[CHANGES];
	const struct lineage l = {changes, CHANGES};
	struct lineage_place at[ARRAY_LEN(sites)];
	struct lineage_view v;
	(void)state;
	fill(changes);
	for (size_t r = 0; r < ARRAY_LEN(rows); r++) {
		assert_ok(lineage_view_read(&v, rows[r].view));
		lineage_places(&l, &v, sites, ARRAY_LEN(sites), at);
		for (size_t i = 0; i < ARRAY_LEN(sites); i++) {
			const char *as = rows[r].as[i];
			if (at[i].counts_for != rows[r].counts_for[i] ||
				at[i].stands != (rows[r].stand[i] == 'y') || !as != !at[i].as ||
				(as && strcmp(as, at[i].as) != 0))
				fail_msg("%s: %s counts for %zu as %s, %d", rows[r].view,
					sites[i], at[i].counts_for, at[i].as ? at[i].as : "-",
					at[i].stands);
		}
	}
}

/* ---- property: whatever happened to the sites, sums agree ---- */

#define SITES     12
#define HISTORIES 400
#define TRIES     12

/* A small generator of its own, so that a failure can be run again (Marsaglia, xorshift). */
static uint32_t
next(uint32_t *seed, uint32_t below)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 17;
	*seed ^= *seed << 5;
	return *seed % below;
}

static struct lineage_change
guess(uint32_t *seed)
{
	struct lineage_change c = {.kind = (enum lineage_kind)(1 + next(seed, 3))};
	(void)snprintf(
		c.day, sizeof(c.day), "2026-%02u-%02u", 1 + next(seed, 12), 1 + next(seed, 28));
	c.from_count = c.kind == LINEAGE_MERGE ? 2 + next(seed, 2) : 1;
	c.into_count = c.kind == LINEAGE_SPLIT ? 2 + next(seed, 2) : 1;
	for (size_t i = 0; i < c.from_count; i++)
		(void)snprintf(c.from[i], LINEAGE_ID_BYTES, "s%u", next(seed, SITES));
	for (size_t i = 0; i < c.into_count; i++)
		(void)snprintf(c.into[i], LINEAGE_ID_BYTES, "s%u", next(seed, SITES));
	return c;
}

/* Sums by the view, added up again by all-time lineage, are those of the sites as recorded. */
static void
assert_sums(const struct lineage *l, const char *const *sites, const char *view)
{
	struct lineage_place at[SITES], all[SITES];
	size_t by_view[SITES] = {0}, by_both[SITES] = {0}, by_lineage[SITES] = {0};
	struct lineage_view v;
	const struct lineage_view ever = {.by = LINEAGE_ALL_TIME};
	assert_ok(lineage_view_read(&v, view));
	lineage_places(l, &v, sites, SITES, at);
	lineage_places(l, &ever, sites, SITES, all);
	for (size_t i = 0; i < SITES; i++) {
		by_view[at[i].counts_for] += (size_t)1 << i; /* so many records has site i */
		by_lineage[all[i].counts_for] += (size_t)1 << i;
		assert_true(at[i].counts_for <= i);
		assert_int_equal(at[at[i].counts_for].counts_for, at[i].counts_for);
	}
	for (size_t i = 0; i < SITES; i++)
		by_both[all[i].counts_for] += by_view[i];
	assert_memory_equal(by_both, by_lineage, sizeof(by_both));
}

/* What a site counts for, asked again for the same day, is itself. */
static void
assert_settled(const struct lineage *l, const char *const *sites, const char *day)
{
	for (size_t i = 0; i < SITES; i++) {
		const char *once = lineage_as_of(l, sites[i], day);
		assert_string_equal(lineage_as_of(l, once, day), once);
		assert_true(lineage_connects(l, once, sites[i]));
	}
}

/* D-13, A-16: totals by old site, by new site and by all-time lineage agree, for any date. */
static void
d13_sums_agree_for_any_history_and_any_day(void **state)
{
	static const char *const sites[SITES] = {
		"s0", "s1", "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9", "s10", "s11"};
	uint32_t seed = 20261122;
	size_t recorded = 0;
	(void)state;
	for (size_t h = 0; h < HISTORIES; h++) {
		struct lineage_change changes[TRIES];
		struct lineage l = {changes, 0};
		for (size_t i = 0; i < TRIES; i++) {
			const struct lineage_change c = guess(&seed);
			if (lineage_check(&l, &c) == OK)
				changes[l.count++] = c;
		}
		recorded += l.count;
		assert_sums(&l, sites, "recorded");
		assert_sums(&l, sites, "lineage");
		for (size_t i = 0; i < l.count; i++) {
			char view[LINEAGE_VIEW_BYTES];
			(void)snprintf(view, sizeof(view), "as-of:%s", changes[i].day);
			assert_sums(&l, sites, view);
			assert_settled(&l, sites, changes[i].day);
		}
		assert_sums(&l, sites, "as-of:2026-01-01");
		assert_sums(&l, sites, "as-of:2026-12-31");
	}
	assert_true(recorded > HISTORIES); /* the guesses are worth something */
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_site_counts_for_one_as_of_every_day),
		cmocka_unit_test(the_order_in_which_changes_were_recorded_does_not_matter),
		cmocka_unit_test(what_changes_connect_is_one_lineage_for_all_time),
		cmocka_unit_test(a_public_name_is_that_of_the_day),
		cmocka_unit_test(a_change_that_contradicts_those_before_it_is_refused),
		cmocka_unit_test(a_new_name_is_given_to_a_site_that_is_there),
		cmocka_unit_test(a_view_is_read_as_it_is_written),
		cmocka_unit_test(places_say_who_counts_together_and_whose_numbers_stand),
		cmocka_unit_test(d13_sums_agree_for_any_history_and_any_day),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
