#include "tests/unit/suite.h"

#include "common/base/mem.h"
#include "common/codec/text.h"
#include "common/study/rules.h"
#include "common/study/rules_write.h"
#include "common/trust/crypto.h"
#include "tests/unit/rules_rows.h"

/* tests/data/rules/RNN.csv, read by rules_rows.h: each row a test. */
#define VECTORS   WEIR_SOURCE_DIR "/tests/vectors/rules.txt"
#define MAX_BYTES ((size_t)1 << 20)

static struct rules_facts
judge(const struct rules_row *r, struct world *w, struct verdict *ret)
{
	OWNED(rules) struct rules *rules = rules_row_rules(r);
	const struct rules_facts facts = rules_row_facts(r, w);
	memset(ret, 'x', sizeof(*ret));
	rules_judge(rules, &facts, ret);
	return facts;
}

static void
judges(void **state)
{
	const struct rules_row *r = *state;
	OWNED(world) struct world *w = world_new();
	struct verdict v;
	char rule[8];
	(void)judge(r, w, &v);
	assert_string_equal(v.fired[0].reason, r->reason);
	assert_string_equal(rules_outcome_word(v.outcome), r->outcome);
	assert_int_equal(v.fired_count, *r->reason ? 1 : 0);
	(void)snprintf(rule, sizeof(rule), "R%02u", r->rule % 100);
	assert_string_equal(v.fired[0].rule, v.fired_count ? rule : "");
	if (v.fired_count)
		assert_int_equal(v.fired[0].outcome, v.outcome);
}

/* ---- replay ---- */

static void
add_bytes(struct buf *out, const struct rules_row *r)
{
	OWNED(world) struct world *w = world_new();
	struct verdict v;
	const struct rules_facts facts = judge(r, w, &v);
	rules_write_facts(out, &facts);
	rules_write_verdict(out, &v, &facts);
}

/* SHA-256 over the bytes of facts and verdict of every row, one line for each rule. The file is
 * of another day: whoever runs this, whenever and wherever, has to come to the same bytes. */
static void
the_same_facts_give_the_same_bytes(void **state)
{
	struct rules_rows *t = *state;
	OWNED_MEM uint8_t *bytes = NULL;
	OWNED_BUF struct buf said;
	size_t len = 0;
	assert_ok(text_read_file(&bytes, &len, VECTORS, MAX_BYTES));
	buf_init(&said, MAX_BYTES);
	for (unsigned n = 1; n <= RULES_MAX; n++) {
		OWNED_BUF struct buf all;
		uint8_t digest[HASH_BYTES];
		char hex[2 * HASH_BYTES + 1];
		buf_init(&all, 64 * MAX_BYTES);
		for (size_t i = 0; i < rules_rows_count(t); i++)
			if (rules_rows_at(t, i)->rule == n)
				add_bytes(&all, rules_rows_at(t, i));
		assert_ok(buf_check(&all, "rows"));
		const struct view view = buf_view(&all);
		crypto_sha256(digest, &view, 1);
		text_hex(hex, digest, sizeof(digest));
		buf_format(&said, "R%02u %s\n", n, hex);
		print_message("replay R%02u %s\n", n, hex);
	}
	if (!view_same(buf_view(&said), view_of(bytes, len)))
		fail_msg("other bytes than %s says", VECTORS);
}

/* ---- what the tables try ---- */

/* A rule that is not met holds or denies, as the study says: each table tries all three. */
static void
each_rule_permits_holds_and_denies(void **state)
{
	static const char *const words[] = {"permit", "hold", "deny"};
	struct rules_rows *t = *state;
	bool tried[RULES_MAX + 1][ARRAY_LEN(words)] = {{false}};
	for (size_t i = 0; i < rules_rows_count(t); i++)
		for (size_t k = 0; k < ARRAY_LEN(words); k++)
			if (strcmp(rules_rows_at(t, i)->outcome, words[k]) == 0)
				tried[rules_rows_at(t, i)->rule][k] = true;
	for (unsigned n = 1; n <= RULES_MAX; n++)
		for (size_t k = 0; k < ARRAY_LEN(words); k++)
			if (!tried[n][k])
				fail_msg("R%02u.csv has no row with %s", n, words[k]);
}

#define OVER_ALL 2 /* tests that look at all tables */

int
main(void)
{
	if (crypto_init() != OK)
		return 1;
	OWNED(rules_rows) struct rules_rows *t = rules_rows_new();
	const size_t count = rules_rows_count(t);
	OWNED_MEM struct CMUnitTest *tests = xcalloc(count + OVER_ALL, sizeof(*tests));
	for (size_t i = 0; i < count; i++)
		tests[i] = (struct CMUnitTest){.name = rules_rows_at(t, i)->name,
			.test_func = judges,
			.initial_state = rules_rows_at(t, i)};
	tests[count] = (struct CMUnitTest){.name = "the same facts give the same bytes",
		.test_func = the_same_facts_give_the_same_bytes,
		.initial_state = t};
	tests[count + 1] = (struct CMUnitTest){.name = "each rule permits, holds and denies",
		.test_func = each_rule_permits_holds_and_denies,
		.initial_state = t};
	return _cmocka_run_group_tests("rules_tables", tests, count + OVER_ALL, NULL, NULL);
}
