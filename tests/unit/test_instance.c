#include "tests/unit/suite.h"

#include "tests/unit/judge_bench.h"

/* Instances by number: 2 is the record of person 1 that stands before each case. */
static struct wire_rules
correction(uint8_t person, uint8_t instance, uint8_t refers_to)
{
	struct wire_rules r = node_record(person, instance);
	memset(r.refers_to, refers_to, sizeof(r.refers_to));
	return r;
}

static enum rules_outcome
counts(struct bench *b, const struct fake_node *n, uint64_t seq)
{
	return bench_judge(b, n, seq, RULES_USE_POOLED).verdict.outcome;
}

static void
begin(struct bench *b)
{
	struct wire_rules consent = node_consent(1, 1), record = node_record(1, 2);
	bench_open_sites(b);
	(void)bench_bring(b, b->norway, &consent);
	struct record_verdict v = bench_bring(b, b->norway, &record);
	assert_reason(&v, RULES_PERMIT, "");
}

static void
a_correction_counts_in_place_of_what_it_corrects(void **state)
{
	struct bench *b = *state;
	struct wire_rules first = correction(1, 3, 2), second = correction(1, 4, 3);
	begin(b);
	struct record_verdict v = bench_bring(b, b->norway, &first);
	assert_reason(&v, RULES_PERMIT, "");
	struct judged was = bench_judge(b, b->norway, 1, RULES_USE_POOLED);
	assert_int_equal(was.verdict.outcome, RULES_DENY);
	assert_string_equal(was.reason, JUDGE_REPLACED);
	assert_int_equal(counts(b, b->norway, 2), RULES_PERMIT);
	v = bench_bring(b, b->norway, &second);
	assert_reason(&v, RULES_PERMIT, "");
	assert_int_equal(counts(b, b->norway, 2), RULES_DENY);
	assert_int_equal(counts(b, b->norway, 3), RULES_PERMIT);
}

static void
an_edit_of_what_is_no_longer_current_is_kept_beside(void **state)
{
	struct bench *b = *state;
	struct wire_rules first = correction(1, 3, 2), branch = correction(1, 4, 2),
			  further = correction(1, 5, 4);
	begin(b);
	(void)bench_bring(b, b->norway, &first);
	struct record_verdict v = bench_bring(b, b->norway, &branch);
	assert_reason(&v, RULES_DENY, JUDGE_BRANCH);
	v = bench_bring(b, b->norway, &further);
	assert_reason(&v, RULES_DENY, "corrects a record that does not count");
	assert_int_equal(counts(b, b->norway, 1), RULES_DENY);
	assert_int_equal(counts(b, b->norway, 2), RULES_PERMIT);
	assert_int_equal(counts(b, b->norway, 3), RULES_DENY);
	assert_int_equal(counts(b, b->norway, 4), RULES_DENY);
}

static void
a_correction_of_what_it_may_not_correct_is_denied_by_name(void **state)
{
	struct bench *b = *state;
	static const struct {
		uint8_t person, refers_to;
		bool is_at_sweden;
		const char *words;
	} rows[] = {{1, 77, false, "not at the hub"}, {2, 2, false, "another person"},
		{3, 2, true, "another person"}, {1, 1, false, "what is no record"}};
	struct wire_rules theirs = node_consent(2, 11), swedes = node_consent(3, 12);
	begin(b);
	(void)bench_bring(b, b->norway, &theirs);
	(void)bench_bring(b, b->sweden, &swedes);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct wire_rules r =
			correction(rows[i].person, (uint8_t)(20 + i), rows[i].refers_to);
		struct record_verdict v =
			bench_bring(b, rows[i].is_at_sweden ? b->sweden : b->norway, &r);
		assert_reason(&v, RULES_DENY, rows[i].words);
		assert_int_equal(counts(b, b->norway, 1), RULES_PERMIT);
	}
}

static void
a_record_that_corrects_itself_is_denied(void **state)
{
	struct bench *b = *state;
	struct wire_rules self = correction(1, 3, 3), again = correction(1, 4, 2);
	begin(b);
	struct record_verdict v = bench_bring(b, b->norway, &self);
	assert_reason(&v, RULES_DENY, "corrects itself");
	assert_int_equal(counts(b, b->norway, 1), RULES_PERMIT);
	assert_int_equal(counts(b, b->norway, 2), RULES_DENY);
	v = bench_bring(b, b->norway, &again);
	assert_reason(&v, RULES_PERMIT, "");
}

static void
a_correction_may_move_a_record_to_another_wave(void **state)
{
	struct bench *b = *state;
	struct wire_rules moved = correction(1, 3, 2), again = node_record(1, 4),
			  twin = node_record(1, 5);
	begin(b);
	moved.wave = "2";
	struct record_verdict v = bench_bring(b, b->norway, &moved);
	assert_reason(&v, RULES_PERMIT, "");
	v = bench_bring(b, b->norway, &again);
	assert_reason(&v, RULES_PERMIT, "");
	twin.wave = "2";
	v = bench_bring(b, b->norway, &twin);
	assert_reason(&v, RULES_DENY, JUDGE_DUPLICATE);
	assert_int_equal(counts(b, b->norway, 1), RULES_DENY);
	assert_int_equal(counts(b, b->norway, 2), RULES_PERMIT);
	assert_int_equal(counts(b, b->norway, 3), RULES_PERMIT);
}

/* ---- about the site ---- */

static struct wire_rules
about_site(const char *form, uint8_t instance)
{
	struct wire_rules r = node_record(0, instance);
	r.form = form;
	return r;
}

static void
the_newest_counts_of_a_node_replace_those_before(void **state)
{
	struct bench *b = *state;
	struct wire_rules first = about_site(COUNTS_FORM, 2),
			  newer = about_site(COUNTS_FORM, 3),
			  other = about_site(COUNTS_FORM, 4);
	bench_open_sites(b);
	struct record_verdict v = bench_bring(b, b->norway, &first);
	assert_reason(&v, RULES_PERMIT, "");
	v = bench_bring(b, b->sweden, &other);
	assert_reason(&v, RULES_PERMIT, "");
	v = bench_bring(b, b->norway, &newer);
	assert_reason(&v, RULES_PERMIT, "");
	assert_int_equal(counts(b, b->norway, 1), RULES_DENY);
	assert_int_equal(counts(b, b->norway, 2), RULES_PERMIT);
	assert_int_equal(counts(b, b->sweden, 1), RULES_PERMIT);
}

static void
a_record_about_the_site_stands_on_its_agreement_once_a_wave(void **state)
{
	static const struct pack_edit edits[] = {
		{"study.ini", "per = person", "per = site"}, {NULL, NULL, NULL}};
	struct bench *b = *state;
	struct wire_rules first = about_site(NODE_FORM, 2), second = about_site(NODE_FORM, 3),
			  later = about_site(NODE_FORM, 4), named = node_record(7, 5),
			  theirs = about_site(NODE_FORM, 6);
	memset(later.refers_to, 2, sizeof(later.refers_to));
	memset(theirs.refers_to, 2, sizeof(theirs.refers_to));
	pack_free(b->place->hub.pack);
	b->place->hub.pack = pack_bench_sound(edits);
	bench_approve(b->place, "rec-1", "rec", "", &bench_in_force);
	struct record_verdict v = bench_bring(b, b->norway, &first);
	assert_reason(&v, RULES_DENY, "R03");
	bench_approve(b->place, "ag-1", "site_agreement", "norway", &bench_confirmed);
	assert_int_equal(counts(b, b->norway, 1), RULES_PERMIT);
	v = bench_bring(b, b->norway, &second);
	assert_reason(&v, RULES_DENY, JUDGE_DUPLICATE);
	bench_approve(b->place, "ag-2", "site_agreement", "sweden", &bench_confirmed);
	v = bench_bring(b, b->sweden, &theirs);
	assert_reason(&v, RULES_DENY, "corrects a record of another site");
	v = bench_bring(b, b->norway, &later);
	assert_reason(&v, RULES_PERMIT, "");
	assert_int_equal(counts(b, b->norway, 1), RULES_DENY);
	v = bench_bring(b, b->norway, &named);
	assert_reason(&v, RULES_DENY, "names a person");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		at_a_bench(a_correction_counts_in_place_of_what_it_corrects),
		at_a_bench(an_edit_of_what_is_no_longer_current_is_kept_beside),
		at_a_bench(a_correction_of_what_it_may_not_correct_is_denied_by_name),
		at_a_bench(a_record_that_corrects_itself_is_denied),
		at_a_bench(a_correction_may_move_a_record_to_another_wave),
		at_a_bench(the_newest_counts_of_a_node_replace_those_before),
		at_a_bench(a_record_about_the_site_stands_on_its_agreement_once_a_wave),
	};
	if (crypto_init())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
