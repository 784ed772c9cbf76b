#include "tests/unit/suite.h"

#include "common/base/mem.h"
#include "common/study/rules_settled.h"
#include "common/trust/crypto.h"
#include "hub/judge_ground.h"
#include "tests/unit/rules_rows.h"

#define MANY_COUNT 200

struct bench {
	struct world *world;
	struct rules *rules, *strict; /* strict: no use is permitted by what the site says */
	struct judge_grounds *grounds;
	struct rules_facts facts;
	struct judge_ask ask;
};

static int
set_up(void **state)
{
	struct bench *b = xcalloc(1, sizeof(*b));
	b->world = world_new();
	b->rules = rules_row_shipped();
	b->strict = rules_row_shipped();
	b->grounds = judge_grounds_new();
	b->facts = *world_facts(b->world);
	b->facts.action = RULES_AGGREGATE;
	b->ask = (struct judge_ask){
		.true_at_ms = b->facts.true_at_ms, .known_upto = b->facts.known_upto};
	judge_grounds_begin(b->grounds, b->facts.site, &b->ask);
	*state = b;
	return 0;
}

static int
tear_down(void **state)
{
	struct bench *b = *state;
	judge_grounds_free(b->grounds);
	rules_free(b->rules);
	rules_free(b->strict);
	world_free(b->world);
	free(b);
	return 0;
}

static struct judge_ground *
add(struct bench *b)
{
	return judge_grounds_add(b->grounds, &b->facts, b->rules, NULL);
}

static void
finds_a_ground_by_all_that_it_stands_for(void **state)
{
	struct bench *b = *state;
	const struct rules_facts usual = b->facts;
	struct judge_ground *first = add(b);
	char form[] = "staff_p1", version[] = "1", wave[] = "1";
	b->facts.form = form;
	b->facts.form_version = version;
	b->facts.wave = wave;
	assert_ptr_equal(judge_grounds_find(b->grounds, &b->facts), first);
	struct rules_facts others[9];
	for (size_t i = 0; i < ARRAY_LEN(others); i++)
		others[i] = usual;
	others[0].form = "staff_p2";
	others[1].form_version = "2";
	others[2].wave = "2";
	others[3].wave = NULL;
	others[4].partner = "careco";
	others[5].no_partner = false;
	others[6].use = RULES_USE_SITE;
	others[7].action = RULES_RELEASE;
	others[8].by_staff = true;
	for (size_t i = 0; i < ARRAY_LEN(others); i++) {
		print_message("other %zu\n", i);
		assert_null(judge_grounds_find(b->grounds, &others[i]));
		b->facts = others[i];
		struct judge_ground *one = add(b);
		assert_ptr_equal(judge_grounds_find(b->grounds, &others[i]), one);
		assert_ptr_equal(judge_grounds_find(b->grounds, &usual), first);
	}
	b->facts = usual;
	b->facts.per_site = true;
	assert_null(judge_grounds_find(b->grounds, &b->facts));
}

/* Texts of a record are gone when the next one is asked about. */
static void
keeps_the_texts_of_a_record(void **state)
{
	struct bench *b = *state;
	char form[] = "staff_p1", partner[] = "careco";
	b->facts.form = form;
	b->facts.partner = partner;
	struct judge_ground *one = add(b);
	memset(form, 'x', strlen(form));
	memset(partner, 'x', strlen(partner));
	assert_null(judge_grounds_find(b->grounds, &b->facts));
	b->facts.form = "staff_p1";
	b->facts.partner = "careco";
	assert_ptr_equal(judge_grounds_find(b->grounds, &b->facts), one);
}

static void
forgets_what_another_site_or_question_had(void **state)
{
	struct bench *b = *state;
	struct rules_request request = {.role = "researcher", .purpose = "study-plan"};
	const struct judge_ask usual = b->ask;
	struct judge_ask asks[6];
	for (size_t i = 0; i < ARRAY_LEN(asks); i++)
		asks[i] = usual;
	asks[1].true_at_ms++;
	asks[2].known_upto++;
	asks[3].log_size++;
	asks[4].rules = b->strict;
	asks[5].request = &request;
	for (size_t i = 0; i < ARRAY_LEN(asks); i++) {
		print_message("question %zu\n", i);
		judge_grounds_begin(b->grounds, "exa", &usual);
		(void)add(b);
		judge_grounds_begin(b->grounds, i ? "exa" : "exb", &asks[i]);
		assert_null(judge_grounds_find(b->grounds, &b->facts));
	}
	(void)add(b);
	judge_grounds_begin(b->grounds, "exa", &asks[5]);
	assert_non_null(judge_grounds_find(b->grounds, &b->facts));
	request.trained_ms = 1; /* the same request, another answer */
	judge_grounds_begin(b->grounds, "exa", &asks[5]);
	assert_null(judge_grounds_find(b->grounds, &b->facts));
	(void)add(b);
	judge_grounds_forget(b->grounds);
	assert_null(judge_grounds_find(b->grounds, &b->facts));
}

/* Action and use are those of a ground: two questions of one release do not drive each other
 * out. */
static void
keeps_the_ground_when_the_use_alone_differs(void **state)
{
	struct bench *b = *state;
	struct judge_ground *one = add(b);
	b->ask.action = RULES_RELEASE;
	b->ask.use = RULES_USE_SITE;
	judge_grounds_begin(b->grounds, "exa", &b->ask);
	assert_ptr_equal(judge_grounds_find(b->grounds, &b->facts), one);
}

static void
takes_any_number_of_grounds(void **state)
{
	struct bench *b = *state;
	struct verdict v;
	char wave[8];
	for (unsigned i = 0; i < MANY_COUNT; i++) {
		(void)snprintf(wave, sizeof(wave), "%u", i % 1000);
		b->facts.wave = wave;
		struct judge_ground *one = add(b);
		judge_ground_ask(one, &b->facts.record, &v);
		assert_int_equal(v.outcome, RULES_PERMIT);
		assert_ptr_equal(judge_grounds_find(b->grounds, &b->facts), one);
	}
}

static void
says_what_the_study_and_then_the_site_say(void **state)
{
	struct bench *b = *state;
	struct verdict v;
	judge_ground_ask(add(b), &b->facts.record, &v);
	assert_int_equal(v.outcome, RULES_PERMIT);
	assert_string_equal(judge_ground_approval(add(b), v.used[0]), "rec");
	const struct rules_row strict = {
		.name = "strict", .rule = 16, .keys = "", .facts = "", .action = "aggregate"};
	OWNED(rules) struct rules *own = rules_row_rules(&strict);
	judge_ground_ask(
		judge_grounds_add(b->grounds, &b->facts, b->rules, own), &b->facts.record, &v);
	assert_int_equal(v.outcome, RULES_DENY);
	assert_string_equal(v.fired[0].reason, "no rule speaks for this action");
}

int
main(void)
{
	if (crypto_init() != OK)
		return 1;
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			finds_a_ground_by_all_that_it_stands_for, set_up, tear_down),
		cmocka_unit_test_setup_teardown(keeps_the_texts_of_a_record, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			forgets_what_another_site_or_question_had, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			keeps_the_ground_when_the_use_alone_differs, set_up, tear_down),
		cmocka_unit_test_setup_teardown(takes_any_number_of_grounds, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			says_what_the_study_and_then_the_site_say, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
