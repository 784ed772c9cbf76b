#include "tests/unit/wvs.h"

#include <stdlib.h>

#include "common/codec/json.h"
#include "hub/opening.h"
#include "hub/sitecut.h"

#define SITES     4
#define MADE_MS   (INT64_C(1795305600) * 1000) /* 2026-11-22 */
#define NEXT_DAY  "2026-11-23"
#define ROWS_MOST 2000

static const struct cohort_site sites[SITES] = {{"australia", SITE_TAKES_PART},
	{"norway", SITE_TAKES_PART}, {"sweden", SITE_TAKES_PART}, {"usa", SITE_TAKES_PART}};

/* Norway and Sweden merge; on the next day the merged site goes on as the fourth code. */
static const struct lineage_change changes[] = {
	{.kind = LINEAGE_MERGE,
		.day = "2026-03-01",
		.from = {"norway", "sweden"},
		.from_count = 2,
		.into = {"norway"},
		.into_count = 1},
	{.kind = LINEAGE_FOLLOW,
		.day = "2026-06-01",
		.from = {"norway"},
		.from_count = 1,
		.into = {"usa"},
		.into_count = 1},
	{.kind = LINEAGE_NAME,
		.day = NEXT_DAY,
		.from = {"australia"},
		.from_count = 1,
		.was = "Australia",
		.becomes = "Australia and New Zealand"},
};
static const struct lineage lineage = {changes, ARRAY_LEN(changes)};
static const struct leaving left[] = {{.site = "sweden",
	.number = 1,
	.data = LEAVING_KEEP,
	.day = "2026-07-01",
	.by = "researcher-1",
	.agreed_by = "overseer-1"}};
static const struct leavings leavings = {(struct leaving *)(uintptr_t)left, 1};

/* The example study, whose tables hide nothing here: sums are looked at. */
static struct pack *
load_pack(void)
{
	struct pack *pack = NULL;
	OWNED(faults) struct faults *faults = faults_new();
	assert_ok(pack_load(&pack, WVS_DIR "study", faults));
	pack->profile.count_min = 0;
	pack->profile.complementary = false;
	pack->profile.sites_min = 0;
	return pack;
}

static struct sitecut *
cut_of(const struct pack *p, const char *view)
{
	struct sitecut *c = NULL;
	const struct sitecut_facts facts = {p, &lineage, &leavings, MADE_MS};
	assert_ok(sitecut_make(&c, &facts, view));
	return c;
}

/* ---- codes, names, notes ---- */

static void
each_view_names_its_sites(void **state)
{
	static const struct {
		const char *view;
		const char *as[SITES]; /* for whom each site of the pack counts */
		size_t printed;
		const char *first_name;
	} rows[] = {
		{"recorded", {"australia", "norway", "sweden", "usa"}, 4, "Australia"},
		{"as-of:2026-02-28", {"australia", "norway", "sweden", "norway"}, 3,
			"Australia"},
		{"as-of:2026-03-01", {"australia", "norway", "norway", "norway"}, 2,
			"Australia"},
		{"as-of:2026-06-01", {"australia", "usa", "usa", "usa"}, 2, "Australia"},
		{"as-of:" NEXT_DAY, {"australia", "usa", "usa", "usa"}, 2,
			"Australia and New Zealand"},
		{"lineage",
			{"australia", "norway+sweden+usa", "norway+sweden+usa",
				"norway+sweden+usa"},
			2, "Australia"},
	};
	OWNED(pack) struct pack *p = load_pack();
	(void)state;
	for (size_t r = 0; r < ARRAY_LEN(rows); r++) {
		OWNED(sitecut) struct sitecut *c = cut_of(p, rows[r].view);
		assert_int_equal(c->site_count, SITES);
		if (c->printed_count != rows[r].printed)
			fail_msg("%s: %zu sites", rows[r].view, c->printed_count);
		for (size_t i = 0; i < SITES; i++)
			if (strcmp(c->printed[c->sites[i].printed].id, rows[r].as[i]) != 0)
				fail_msg("%s: %s counts for %s", rows[r].view, sites[i].id,
					c->printed[c->sites[i].printed].id);
		assert_string_equal(c->printed[0].name, rows[r].first_name);
	}
}

static void
every_view_says_what_happened_to_its_sites(void **state)
{
	static const struct {
		const char *view, *merger, *code;
	} rows[] = {
		{"recorded", "here each counts under the code",
			"here each counts under the code"},
		{"as-of:2026-02-28", "after that is not told apart",
			"here the old code is used"},
		{"as-of:2026-03-01", "here they count together", "here the old code is used"},
		{"as-of:2026-06-01", "here they count together", "here the new code is used"},
		{"lineage", "here they count together", "here they count together"},
	};
	OWNED(pack) struct pack *p = load_pack();
	(void)state;
	for (size_t r = 0; r < ARRAY_LEN(rows); r++) {
		OWNED(sitecut) struct sitecut *c = cut_of(p, rows[r].view);
		assert_int_equal(c->note_count, 4);
		assert_non_null(
			strstr(c->notes[0], "2026-03-01 norway and sweden merged into"));
		assert_non_null(strstr(c->notes[0], rows[r].merger));
		assert_non_null(strstr(c->notes[1], "norway goes on as usa"));
		assert_non_null(strstr(c->notes[1], rows[r].code));
		assert_non_null(strstr(c->notes[2], "before Australia"));
		assert_non_null(strstr(c->notes[3], "sweden left the study on 2026-07-01"));
	}
	struct sitecut *none = NULL;
	const struct sitecut_facts facts = {p, &lineage, &leavings, MADE_MS};
	assert_err(sitecut_make(&none, &facts, "yesterday"), E_FORMAT);
}

/* ---- cohorts ---- */

static void
a_cohort_of_a_view_comes_back_and_of_another_is_told_apart(void **state)
{
	static const char *const views[] = {"recorded", "as-of:2026-02-28", "as-of:2026-03-01",
		"as-of:2026-06-01", "lineage"};
	OWNED(pack) struct pack *p = load_pack();
	(void)state;
	for (size_t v = 0; v < ARRAY_LEN(views); v++) {
		OWNED(sitecut) struct sitecut *cut = cut_of(p, views[v]);
		OWNED(cohort) struct cohort *c = cohort_new(SITES, 10), *back = NULL;
		OWNED_BUF struct buf packed;
		memcpy(c->sites, sites, sizeof(sites));
		sitecut_to_cohort(cut, c);
		buf_init(&packed, COHORT_MAX_BYTES);
		assert_ok(cohort_pack(&packed, c));
		assert_int_equal(packed.at[0], v == 0 ? 1 : 2);
		assert_ok(cohort_unpack(&back, buf_view(&packed)));
		for (size_t w = 0; w < ARRAY_LEN(views); w++) {
			OWNED(sitecut) struct sitecut *other = cut_of(p, views[w]);
			OWNED(cohort) struct cohort *o = cohort_new(SITES, 10);
			memcpy(o->sites, sites, sizeof(sites));
			sitecut_to_cohort(other, o);
			assert_int_equal(sitecut_is_of(other, back), v == w);
			assert_int_equal(cohort_same_view(back, o), v == w);
		}
	}
}

static void
a_cohort_of_no_view_or_of_the_plain_one_in_disguise_is_refused(void **state)
{
	static const char *const views[] = {"", "recorded", "as-of:2026-99-01"};
	OWNED(pack) struct pack *p = load_pack();
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(views); i++) {
		OWNED(sitecut) struct sitecut *cut = cut_of(p, "lineage");
		OWNED(cohort) struct cohort *c = cohort_new(SITES, 10), *back = NULL;
		OWNED_BUF struct buf packed;
		memcpy(c->sites, sites, sizeof(sites));
		sitecut_to_cohort(cut, c);
		(void)snprintf(c->view, sizeof(c->view), "%s", views[i]);
		buf_init(&packed, COHORT_MAX_BYTES);
		assert_ok(cohort_pack(&packed, c));
		assert_err(cohort_unpack(&back, buf_view(&packed)), E_FORMAT);
	}
}

/* ---- figures ---- */

static void
add_all(struct opening *o)
{
	static const char *const names[] = {"poverty", "religion", "degree", "age", "gender"};
	const struct wire_rules rules = {
		.kind = RULES_RECORD, .form = "attitudes", .form_version = "1", .wave = "1"};
	for (size_t i = 0; i < SITES; i++) {
		OWNED_MEM char *name = xasprintf("site_%s.csv", sites[i].id);
		OWNED(csv_sheet) struct csv_sheet *s = wvs_sheet(name);
		for (size_t r = 0; r < csv_rows(s); r++) {
			struct wire_answer list[ARRAY_LEN(names)];
			struct wire_answers a = {.form = "attitudes",
				.form_version = "1",
				.instance_id = "",
				.answers = list};
			for (size_t k = 0; k < ARRAY_LEN(names); k++) {
				const char *v = csv_cell(s, r, csv_column(s, names[k]));
				if (v[0])
					list[a.count++] = (struct wire_answer){names[k], v};
			}
			assert_ok(opening_add(o, sites[i].id, &rules, &a));
		}
	}
}

/* One released document, its rows as they are printed. */
static struct staged *
release_by(const struct pack *p, const char *view, struct buf *document)
{
	static const char *const indicators[] = {"W01", "W02", "W11"};
	struct staged *s = NULL;
	OWNED(sitecut) struct sitecut *cut = cut_of(p, view);
	OWNED(opening) struct opening *o = NULL;
	OWNED_BUF struct buf evidence;
	const struct opening_ask ask = {.pack = p,
		.sites = sites,
		.site_count = SITES,
		.cut = cut,
		.indicators = indicators,
		.indicator_count = ARRAY_LEN(indicators)};
	const struct staged_head head = {.study = "wvs-poverty",
		.release = "r1",
		.purpose = "example",
		.author = "researcher-1",
		.manifest_number = 1,
		.frozen_at_s = 1795305600,
		.count_bucket = "1000-9999",
		.wave = 1};
	buf_init(document, STAGED_MAX_BYTES);
	buf_init(&evidence, (size_t)4 << 20);
	assert_ok(opening_new(&o, &ask));
	add_all(o);
	assert_ok(opening_close(o, &head, document, &evidence));
	assert_ok(staged_parse(&s, buf_view(document)));
	return s;
}

static bool
same_text(const char *a, const char *b)
{
	return (!a && !b) || (a && b && strcmp(a, b) == 0);
}

static bool
is_figure(const struct staged_row *r)
{
	return strcmp(r->statistic, "n") == 0 || strcmp(r->statistic, "count") == 0;
}

/* Does the row say the same of its site as `like` of its own? */
static bool
is_like(const struct staged *s, const struct staged_row *r, const struct staged_row *like)
{
	bool same = strcmp(r->indicator, like->indicator) == 0 &&
		    strcmp(r->level, like->level) == 0 &&
		    strcmp(r->statistic, like->statistic) == 0;
	for (size_t k = 0; same && k < s->by_count; k++)
		same = same_text(r->by[k], like->by[k]);
	return same;
}

/* The count behind a row; what nobody answered is none. */
static long
count_of(const struct staged_row *r)
{
	return strcmp(r->value, "[w]") == 0 ? 0 : strtol(r->value, NULL, 10);
}

/* What the sites of the other table that count for this one come to. */
static long
sum_like(const struct staged *s, const struct staged_row *like, const struct sitecut *cut)
{
	long sum = 0;
	for (size_t i = 0; i < s->row_count; i++) {
		struct staged_row r;
		assert_ok(staged_row(s, i, &r));
		if (!is_like(s, &r, like))
			continue;
		for (size_t k = 0; k < SITES; k++)
			if (strcmp(r.site, sites[k].id) == 0 &&
				(strcmp(like->site, "ALL") == 0 ||
					strcmp(cut->printed[cut->sites[k].printed].id,
						like->site) == 0))
				sum += count_of(&r);
	}
	return sum;
}

/* D-13, A-16: figures by old sites, by new ones and by lineage agree, for any date. */
static void
d13_figures_by_old_by_new_and_by_lineage_agree(void **state)
{
	static const char *const views[] = {
		"as-of:2026-02-28", "as-of:2026-03-01", "as-of:2026-06-01", "lineage"};
	OWNED(pack) struct pack *p = load_pack();
	OWNED_BUF struct buf plain_document;
	OWNED(staged) struct staged *plain = release_by(p, "recorded", &plain_document);
	(void)state;
	assert_string_equal(plain->sites_by, "recorded");
	for (size_t v = 0; v < ARRAY_LEN(views); v++) {
		OWNED_BUF struct buf document;
		OWNED(sitecut) struct sitecut *cut = cut_of(p, views[v]);
		OWNED(staged) struct staged *s = release_by(p, views[v], &document);
		size_t looked = 0;
		assert_string_equal(s->sites_by, views[v]);
		assert_int_equal(s->note_count, 4);
		for (size_t i = 0; i < s->row_count; i++) {
			struct staged_row r;
			assert_ok(staged_row(s, i, &r));
			if (!is_figure(&r))
				continue;
			looked++;
			if (count_of(&r) != sum_like(plain, &r, cut))
				fail_msg("%s: %s %s %s of %s: %s, not %ld", views[v],
					r.indicator, r.level, r.statistic, r.site, r.value,
					sum_like(plain, &r, cut));
		}
		assert_true(looked > 20 && looked < ROWS_MOST);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_view_names_its_sites),
		cmocka_unit_test(every_view_says_what_happened_to_its_sites),
		cmocka_unit_test(a_cohort_of_a_view_comes_back_and_of_another_is_told_apart),
		cmocka_unit_test(
			a_cohort_of_no_view_or_of_the_plain_one_in_disguise_is_refused),
		cmocka_unit_test(d13_figures_by_old_by_new_and_by_lineage_agree),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
