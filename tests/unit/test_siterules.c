#include "tests/unit/suite.h"

#include "common/trust/leaf.h"
#include "hub/approval_body.h"
#include "hub/trial.h"
#include "tests/unit/judge_bench.h"

/* ---- rules of a site ---- */

/* The study's rules with these edits, brought as Norway's. */
static enum err
bring_rules(struct bench *b, enum who by, const struct pack_edit *edits)
{
	size_t count = 0;
	OWNED_BUF struct buf text;
	OWNED(pack) struct pack *p = pack_bench_sound(edits);
	const struct pack_document *d = pack_documents(p, &count);
	buf_init(&text, 65536);
	for (size_t i = 0; i < count; i++)
		if (strcmp(d[i].name, "rules.ini") == 0)
			buf_add_view(&text, d[i].bytes);
	return place_submit(b->place, by, "site-rules", "norway", buf_view(&text));
}

static enum err
own_rules(struct bench *b, enum who by, const char *from, const char *to)
{
	const struct pack_edit edits[] = {{"rules.ini", from, to}, END};
	return bring_rules(b, by, edits);
}

/* D-22: a site adds to the study's rules and weakens none. */
static void
d22_a_site_makes_rules_stricter_and_a_looser_one_is_refused_by_name(void **state)
{
	struct bench *b = *state;
	const char *from = "accept = given reaffirmed changed";
	const struct approval a = bench_opinion();
	bench_grant(b, &a);
	bench_ready(b);
	bench_assert_now(b, RULES_PERMIT, "");
	assert_refused(
		own_rules(b, OFFICER_1, from, "accept = given reaffirmed changed expired"),
		E_DENIED, "loosen R07 accept");
	assert_refused(own_rules(b, RESEARCHER_1, from, "accept = reaffirmed"), E_DENIED,
		"researcher-1");
	assert_ok(own_rules(b, OFFICER_1, from, "accept = reaffirmed"));
	bench_assert_now(b, RULES_PERMIT, "");
	assert_refused(own_rules(b, OFFICER_1, from, "accept = reaffirmed"), E_DENIED,
		"officer-1 proposed");
	assert_ok(own_rules(b, OFFICER_2, from, "accept = reaffirmed"));
	bench_assert_now(b, RULES_DENY, "R07");
}

/* The leaf of the last act. */
static uint64_t
last_leaf(const struct bench *b)
{
	return audit_size(b->place->hub.audit) - 1;
}

/* What one judge says of the record with what the log held up to each of these leaves. */
static void
assert_known(struct bench *b, size_t count, const uint64_t *upto, const char *const *rule)
{
	struct vault_txn *t = NULL;
	OWNED(judge) struct judge *judge = NULL;
	struct judge_ask ask = {.action = RULES_AGGREGATE,
		.use = RULES_USE_POOLED,
		.true_at_ms = clock_wall_ms()};
	struct judged now;
	struct place place = {.incarnation = 1, .lane = LANE_R, .seq = 1};
	memcpy(place.writer, b->norway->writer.public, sizeof(place.writer));
	assert_ok(hub_txn(&b->place->hub, &t));
	assert_ok(judge_new(&judge, &b->place->hub, t));
	for (size_t i = 0; i < count; i++) {
		ask.known_upto = upto[i];
		assert_ok(judge_stored(judge, &place, &ask, &now));
		const char *by = now.verdict.fired_count ? now.verdict.fired[0].rule : "";
		if (strcmp(by, rule[i]) != 0)
			fail_msg("%zu: '%s' %s", i, by, now.reason);
	}
	hub_abort(&b->place->hub);
}

static void
a_site_that_had_other_rules_is_judged_by_those_known_then(void **state)
{
	struct bench *b = *state;
	const struct approval a = bench_opinion();
	const char *words = "accept = given reaffirmed changed";
	static const struct pack_edit opened[] = {{"rules.ini", "version = 1", "version = 2"},
		{"rules.ini", "accept = given reaffirmed changed", "accept = given"}, END};
	static const struct pack_edit closed[] = {{"rules.ini", "version = 1", "version = 3"},
		{"rules.ini", "accept = given reaffirmed changed", "accept = changed"}, END};
	uint64_t upto[7];
	static const char *const rule[] = {"R07", "", "R07", "R07", "", "", "R07"};
	bench_grant(b, &a);
	bench_ready(b);
	upto[1] = last_leaf(b);
	assert_ok(own_rules(b, OFFICER_1, words, "accept = reaffirmed"));
	assert_ok(own_rules(b, OFFICER_2, words, "accept = reaffirmed"));
	upto[2] = last_leaf(b);
	assert_ok(bring_rules(b, OFFICER_1, opened));
	upto[3] = last_leaf(b);
	assert_ok(bring_rules(b, OFFICER_2, opened));
	upto[4] = last_leaf(b);
	assert_ok(bring_rules(b, OFFICER_1, closed));
	upto[5] = last_leaf(b);
	assert_ok(bring_rules(b, OFFICER_2, closed));
	upto[0] = UINT64_MAX;
	upto[6] = last_leaf(b);
	assert_known(b, ARRAY_LEN(rule), upto, rule);
}

/* Both sets are listed, each rule once; what the study permits the site may deny. */
static void
rules_of_the_study_and_of_the_site_are_listed_together(void **state)
{
	struct bench *b = *state;
	const char *from = "accept = given reaffirmed changed";
	assert_ok(own_rules(b, OFFICER_1, from, "accept = reaffirmed"));
	assert_ok(own_rules(b, OFFICER_2, from, "accept = reaffirmed"));
	bench_ready(b);
	const struct judged now = bench_judge(b, b->norway, 1, RULES_USE_POOLED);
	assert_int_equal(now.verdict.outcome, RULES_DENY);
	assert_int_equal(now.verdict.fired_count, 3);
	assert_string_equal(now.verdict.fired[0].rule, "R01");
	assert_string_equal(now.verdict.fired[1].rule, "R03");
	assert_string_equal(now.verdict.fired[2].rule, "R07");
	const struct approval a = bench_opinion();
	bench_grant(b, &a);
	bench_assert_now(b, RULES_DENY, "R07");
}

/* ---- leaves ---- */

/* D-95: an act has a person, a role and an organisation. */
static void
d95_the_leaf_of_an_act_names_person_role_and_organisation(void **state)
{
	struct bench *b = *state;
	const struct approval a = bench_opinion();
	OWNED_BUF struct buf bytes;
	OWNED(json) struct json *tree = NULL;
	struct vault_txn *t = NULL;
	struct leaf leaf;
	for (int root = 0; root < 2; root++) {
		uint8_t key[8] = {0};
		struct wire_card card = place_card(b->place, OPERATOR_1);
		(void)snprintf(card.person, sizeof(card.person), "example-9");
		memset(card.sign_public, 9, sizeof(card.sign_public));
		if (root)
			assert_ok(place_add_card(b->place, &card));
		else
			assert_ok(bench_sign_body(b, RESEARCHER_1, "approval", &a));
		key[7] = (uint8_t)(audit_size(b->place->hub.audit) - 1);
		buf_init(&bytes, LEAF_MOST_BYTES);
		assert_ok(hub_txn(&b->place->hub, &t));
		assert_ok(vault_get(t, VAULT_LEAVES, view_of(key, sizeof(key)), &bytes));
		hub_abort(&b->place->hub);
		assert_ok(leaf_parse(&leaf, &tree, buf_view(&bytes)));
		assert_string_equal(leaf.actor, root ? "root" : "researcher-1");
		assert_true(*leaf.role && *leaf.org);
		buf_done(&bytes);
		json_free(take(tree));
	}
	buf_init(&bytes, 1);
}

/* ---- trial ---- */

static void
a_changed_file_says_what_it_would_have_decided(void **state)
{
	struct bench *b = *state;
	const struct approval a = bench_opinion();
	struct vault_txn *t = NULL;
	OWNED_BUF struct buf args, out;
	OWNED(json) struct json *tree = NULL;
	struct json_out w;
	size_t count = 0;
	const struct pack_edit edits[] = {
		{"rules.ini", "accept = given reaffirmed changed", "accept = reaffirmed"}, END};
	OWNED(pack) struct pack *p = pack_bench_sound(edits);
	const struct pack_document *d = pack_documents(p, &count);
	buf_init(&args, 65536);
	buf_init(&out, 65536);
	bench_grant(b, &a);
	bench_ready(b);
	json_begin(&w, &args);
	json_put_object(&w, NULL);
	for (size_t i = 0; i < count; i++)
		if (strcmp(d[i].name, "rules.ini") == 0)
			json_put_view(&w, "rules", d[i].bytes);
	json_put_text(&w, "purpose", "pooled");
	json_put_int(&w, "from", 0);
	json_put_int(&w, "count", 100);
	json_put_int(&w, "names", 10);
	json_put_close(&w);
	assert_ok(json_end(&w, "question"));
	assert_ok(json_parse(&tree, buf_view(&args), 65536));
	assert_ok(hub_txn(&b->place->hub, &t));
	json_begin(&w, &out);
	assert_ok(trial_answer(&w, &b->place->hub, t, tree));
	assert_ok(json_end(&w, "answer"));
	hub_abort(&b->place->hub);
	buf_u8(&out, 0);
	const char *text = (const char *)out.at;
	assert_non_null(strstr(text, "\"now\":{\"permit\":1,\"hold\":0,\"deny\":0}"));
	assert_non_null(strstr(text, "\"then\":{\"permit\":0,\"hold\":0,\"deny\":1}"));
	assert_non_null(strstr(text, "{\"rule\":\"R07\",\"now\":0,\"then\":1}"));
	assert_non_null(strstr(text, "\"now\":\"permit\",\"then\":\"deny\""));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		at_a_bench(d22_a_site_makes_rules_stricter_and_a_looser_one_is_refused_by_name),
		at_a_bench(a_site_that_had_other_rules_is_judged_by_those_known_then),
		at_a_bench(rules_of_the_study_and_of_the_site_are_listed_together),
		at_a_bench(d95_the_leaf_of_an_act_names_person_role_and_organisation),
		at_a_bench(a_changed_file_says_what_it_would_have_decided),
	};
	if (crypto_init())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
