#include "tests/unit/wvs.h"

#include "common/codec/json.h"
#include "hub/opening.h"
#include "hub/tableplan.h"

#define SITES 4

static const char *const all[] = {"W14", "W01", "W02", "W03", "W04", "W11", "W12", "W13"};
static const struct cohort_site sites[SITES] = {{"australia", SITE_TAKES_PART},
	{"norway", SITE_TAKES_PART}, {"sweden", SITE_TAKES_PART}, {"usa", SITE_TAKES_PART}};

static struct pack *
load_pack(void)
{
	struct pack *pack = NULL;
	OWNED(faults) struct faults *faults = faults_new();
	assert_ok(pack_load(&pack, WVS_DIR "study", faults));
	return pack;
}

static struct opening *
begin(const struct pack *pack, const char *const *indicators, size_t count)
{
	struct opening *o = NULL;
	const struct opening_ask ask = {.pack = pack,
		.sites = sites,
		.site_count = SITES,
		.indicators = indicators,
		.indicator_count = count};
	assert_ok(opening_new(&o, &ask));
	return o;
}

/* One row of a site's sheet as the keeper sees it once it is open. */
static enum err
add_row(struct opening *o, const char *site, const struct csv_sheet *s, size_t row)
{
	static const char *const names[] = {"poverty", "religion", "degree", "age", "gender"};
	struct wire_answer list[ARRAY_LEN(names)];
	const struct wire_rules rules = {
		.kind = RULES_RECORD, .form = "attitudes", .form_version = "1", .wave = "1"};
	struct wire_answers a = {
		.form = "attitudes", .form_version = "1", .instance_id = "", .answers = list};
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		const char *value = csv_cell(s, row, csv_column(s, names[i]));
		if (value[0])
			list[a.count++] = (struct wire_answer){names[i], value};
	}
	return opening_add(o, site, &rules, &a);
}

static void
add_all(struct opening *o)
{
	for (size_t i = 0; i < SITES; i++) {
		OWNED_MEM char *name = xasprintf("site_%s.csv", sites[i].id);
		OWNED(csv_sheet) struct csv_sheet *s = wvs_sheet(name);
		for (size_t r = 0; r < csv_rows(s); r++)
			assert_ok(add_row(o, sites[i].id, s, r));
	}
}

static void
close_opening(struct opening *o, struct buf *document, struct buf *evidence)
{
	const struct staged_head head = {.study = "wvs-poverty",
		.release = "r1",
		.purpose = "example",
		.author = "researcher-1",
		.manifest_number = 1,
		.frozen_at_s = 1795305600,
		.count_bucket = "1000-9999",
		.wave = 1};
	buf_init(document, STAGED_MAX_BYTES);
	buf_init(evidence, (size_t)4 << 20);
	assert_ok(opening_close(o, &head, document, evidence));
}

/* Does a row stand in the other table, all columns alike? `why` of the expected file is not
 * ours. */
static bool
has_row(const struct csv_sheet *in, const struct csv_sheet *of, size_t row)
{
	static const char *const names[] = {
		"indicator", "site", "gender", "degree", "level", "statistic", "value"};
	for (size_t r = 0; r < csv_rows(in); r++) {
		bool same = true;
		for (size_t c = 0; same && c < ARRAY_LEN(names); c++)
			same = strcmp(csv_cell(in, r, csv_column(in, names[c])),
				       csv_cell(of, row, csv_column(of, names[c]))) == 0;
		if (same)
			return true;
	}
	return false;
}

/* The same rows; their order is that of the form here, of the alphabet there. */
static void
assert_same_table(const struct csv_sheet *made, const struct csv_sheet *expected)
{
	assert_int_equal(csv_columns(made), 7);
	assert_int_equal(csv_rows(made), csv_rows(expected));
	for (size_t r = 0; r < csv_rows(made); r++) {
		assert_true(has_row(made, expected, r));
		assert_true(has_row(expected, made, r));
	}
}

static void
the_extract_gives_the_tables_that_another_program_computed(void **state)
{
	OWNED(pack) struct pack *pack = load_pack();
	OWNED(opening) struct opening *o = begin(pack, all, ARRAY_LEN(all));
	OWNED_BUF struct buf document, evidence, csv;
	OWNED(staged) struct staged *s = NULL;
	OWNED(csv_sheet)
	struct csv_sheet *made = NULL, *expected = wvs_sheet("expected_released.csv");
	(void)state;
	buf_init(&csv, STAGED_MAX_BYTES);
	add_all(o);
	close_opening(o, &document, &evidence);
	assert_ok(staged_parse(&s, buf_view(&document)));
	assert_ok(staged_csv(s, &csv));
	assert_ok(csv_load(&made, buf_view(&csv), "released.csv"));
	assert_same_table(made, expected);
}

static void
the_document_says_nothing_of_why(void **state)
{
	static const char *const words[] = {
		"primary", "complementary", "linked", "lowest", "why"};
	OWNED(pack) struct pack *pack = load_pack();
	OWNED(opening) struct opening *o = begin(pack, all, ARRAY_LEN(all));
	OWNED_BUF struct buf document, evidence;
	(void)state;
	add_all(o);
	close_opening(o, &document, &evidence);
	buf_u8(&document, 0);
	buf_u8(&evidence, 0);
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		assert_null(strstr((const char *)document.at, words[i]));
	assert_non_null(strstr((const char *)evidence.at, "\"why\":\"primary\""));
}

static void
records_that_do_not_open_are_named_in_the_evidence_only(void **state)
{
	static const char *const one[] = {"W01"};
	OWNED(pack) struct pack *pack = load_pack();
	OWNED(opening) struct opening *o = begin(pack, one, 1);
	OWNED_BUF struct buf document, evidence;
	(void)state;
	add_all(o);
	opening_miss(o, "3f2a91bc.1.R.17", "it does not open");
	assert_int_equal(opening_missed_count(o), 1);
	close_opening(o, &document, &evidence);
	buf_u8(&document, 0);
	buf_u8(&evidence, 0);
	assert_null(strstr((const char *)document.at, "3f2a91bc"));
	assert_non_null(strstr((const char *)evidence.at, "3f2a91bc.1.R.17"));
}

static void
a_record_that_does_not_fit_its_form_adds_nothing(void **state)
{
	static const struct {
		const char *form, *version, *path, *value, *site;
		enum err expected;
	} cases[] = {
		{"another", "1", "age", "30", "norway", E_FORMAT},
		{"attitudes", "2", "age", "30", "norway", E_FORMAT},
		{"attitudes", "1", "income", "30", "norway", E_FORMAT},
		{"attitudes", "1", "participant", "N0001", "norway", E_FORMAT},
		{"attitudes", "1", "age", "thirty", "norway", E_FORMAT},
		{"attitudes", "1", "age", "130", "norway", E_FORMAT},
		{"attitudes", "1", "poverty", "9", "norway", E_FORMAT},
		{"attitudes", "1", "age", "30", "atlantis", E_NOTFOUND},
		{"attitudes", "1", "age", "30", "norway", OK},
	};
	static const char *const one[] = {"W04"};
	OWNED(pack) struct pack *pack = load_pack();
	OWNED(opening) struct opening *o = begin(pack, one, 1);
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct wire_answer answer = {cases[i].path, cases[i].value};
		const struct wire_rules rules = {.kind = RULES_RECORD,
			.form = cases[i].form,
			.form_version = cases[i].version};
		const struct wire_answers a = {.form = cases[i].form,
			.form_version = cases[i].version,
			.count = 1,
			.answers = &answer};
		assert_err(opening_add(o, cases[i].site, &rules, &a), cases[i].expected);
	}
}

static const struct form *
find_earlier(void *arg, const char *form, const char *version)
{
	const struct pack *earlier = arg;
	const struct form *f = pack_form(earlier, form);
	return f && strcmp(f->version, version) == 0 ? f : NULL;
}

/* The earlier version put the same question about poverty and another one about age. */
static void
a_record_of_an_earlier_version_counts_in_what_both_share(void **state)
{
	static const char *const two[] = {"W03", "W04"};
	static const struct wire_answer list[] = {{"poverty", "1"}, {"years", "30"}};
	OWNED(pack) struct pack *pack = load_pack();
	OWNED(pack) struct pack *earlier = load_pack();
	struct opening_ask ask = {.pack = pack,
		.sites = sites,
		.site_count = SITES,
		.indicators = two,
		.indicator_count = 2,
		.written = find_earlier,
		.written_arg = earlier};
	struct wire_rules rules = {
		.kind = RULES_RECORD, .form = "attitudes", .form_version = "0", .wave = "1"};
	struct wire_answers a = {.form = "attitudes",
		.form_version = "0",
		.instance_id = "",
		.count = 2,
		.answers = list};
	OWNED(opening) struct opening *o = NULL;
	OWNED_BUF struct buf document, evidence;
	struct form *f = earlier->forms[0];
	struct form_field *age = &f->fields[form_field(f, "age")];
	(void)state;
	f->version[0] = '0';
	(void)snprintf(age->path, 4, "old");
	(void)snprintf(age->name, 4, "old");
	pack->profile = (struct profile){.count_of_cells = true};
	a.count = 1;
	assert_ok(opening_new(&o, &ask));
	assert_ok(opening_add(o, "norway", &rules, &a));
	a.count = 2;
	assert_err(opening_add(o, "norway", &rules, &a), E_FORMAT);
	a.form_version = rules.form_version = "9";
	assert_err(opening_add(o, "norway", &rules, &a), E_FORMAT);
	close_opening(o, &document, &evidence);
	buf_u8(&document, 0);
	buf_u8(&evidence, 0);
	assert_non_null(strstr((const char *)document.at,
		"\"indicator\":\"W03\",\"site\":\"norway\",\"by\":{},\"level\":\"\","
		"\"statistic\":\"n\",\"value\":\"1\""));
	assert_non_null(strstr((const char *)document.at,
		"\"indicator\":\"W04\",\"site\":\"norway\",\"by\":{},\"level\":\"\","
		"\"statistic\":\"n\",\"value\":\"0\""));
	assert_non_null(strstr((const char *)evidence.at,
		"\"versions\":[{\"form\":\"attitudes\",\"version\":\"0\",\"records\":1}]"));
}

static void
what_cannot_be_released_is_refused_before_anything_is_opened(void **state)
{
	static const char *const unknown[] = {"W01", "W99"}, *const twice[] = {"W01", "W01"};
	OWNED(pack) struct pack *pack = load_pack();
	(void)state;
	assert_err(opening_check(pack, unknown, 2, NULL), E_NOTFOUND);
	assert_err(opening_check(pack, twice, 2, NULL), E_FORMAT);
	assert_err(opening_check(pack, twice, 0, NULL), E_FORMAT);
	pack->forms[0]->many = true;
	assert_err(opening_check(pack, twice, 1, NULL), E_DENIED);
}

static void
a_profile_that_cannot_be_carried_out_in_full_is_refused(void **state)
{
	OWNED(pack) struct pack *pack = load_pack();
	const struct profile good = pack->profile;
	struct disclose_profile d;
	(void)state;
	assert_ok(tableplan_profile(&d, &good));
	assert_int_equal(d.count_min_people, 10);
	assert_int_equal(d.sites_min, 3);
	assert_true(d.linked && d.complementary);
	struct profile bad[6];
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		bad[i] = good;
	bad[0].count_of_cells = false;
	bad[1].round_base = 5;
	bad[2].dominance_sites = true;
	bad[3].audit = PROFILE_AUDIT_NONE;
	bad[4].least = PROFILE_LEAST_NONE;
	bad[5].unbuilt = "release.every";
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_err(tableplan_profile(&d, &bad[i]), E_DENIED);
}

static void
a_profile_that_hides_nothing_needs_no_audit(void **state)
{
	const struct profile nothing = {.count_of_cells = true};
	struct disclose_profile d;
	(void)state;
	assert_ok(tableplan_profile(&d, &nothing));
	assert_false(tableplan_hides(&d));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_extract_gives_the_tables_that_another_program_computed),
		cmocka_unit_test(the_document_says_nothing_of_why),
		cmocka_unit_test(records_that_do_not_open_are_named_in_the_evidence_only),
		cmocka_unit_test(a_record_that_does_not_fit_its_form_adds_nothing),
		cmocka_unit_test(a_record_of_an_earlier_version_counts_in_what_both_share),
		cmocka_unit_test(what_cannot_be_released_is_refused_before_anything_is_opened),
		cmocka_unit_test(a_profile_that_cannot_be_carried_out_in_full_is_refused),
		cmocka_unit_test(a_profile_that_hides_nothing_needs_no_audit),
	};
	if (crypto_init())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
