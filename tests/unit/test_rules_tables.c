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

#define NAME_DIGEST_BYTES 8
#define SAID_DIGEST_BYTES 16
#define LINE_BYTES        (5 + 2 * (NAME_DIGEST_BYTES + SAID_DIGEST_BYTES) + 1)

/* A line of VECTORS: the rule, and the first bytes of two SHA-256, of the row's name and of the
 * bytes of facts and verdict: "R07 c0ffee... 1234...". The name's part stands before `said`. */
struct line {
	char text[LINE_BYTES];
	size_t said;
};

static struct line
line_of(const struct rules_row *r)
{
	OWNED(world) struct world *w = world_new();
	OWNED_BUF struct buf bytes;
	uint8_t name[HASH_BYTES], said[HASH_BYTES];
	char name_hex[2 * NAME_DIGEST_BYTES + 1], said_hex[2 * SAID_DIGEST_BYTES + 1];
	struct verdict v;
	struct line line;
	buf_init(&bytes, MAX_BYTES);
	const struct rules_facts facts = judge(r, w, &v);
	rules_write_facts(&bytes, &facts);
	rules_write_verdict(&bytes, &v, &facts);
	assert_ok(buf_check(&bytes, "row"));
	const struct view views[] = {view_text(r->name), buf_view(&bytes)};
	crypto_sha256(name, &views[0], 1);
	crypto_sha256(said, &views[1], 1);
	text_hex(name_hex, name, NAME_DIGEST_BYTES);
	text_hex(said_hex, said, SAID_DIGEST_BYTES);
	line.said = (size_t)snprintf(
		line.text, sizeof(line.text), "R%02u %s ", r->rule % 100, name_hex);
	(void)snprintf(line.text + line.said, sizeof(line.text) - line.said, "%s", said_hex);
	return line;
}

/* Is the row in the file, and does it say the same? Whoever adds a row adds what is printed. */
static bool
is_replayed(const char *vectors, const struct rules_row *r)
{
	const struct line line = line_of(r);
	OWNED_MEM char *key = xasprintf("%.*s", (int)line.said, line.text);
	const char *at = strstr(vectors, key);
	if (at && strncmp(at, line.text, strlen(line.text)) == 0)
		return true;
	if (at)
		print_message(
			"other bytes than %s says: %s: %s\n", VECTORS, r->name, line.text);
	else
		print_message("new %s\n", line.text);
	return false;
}

/* The file is of another day: whoever runs this, whenever and wherever, has to come to the same
 * bytes. New rows: test_rules_tables | sed -n 's/^new //p' >>rules.txt, sorted. */
static void
the_same_facts_give_the_same_bytes(void **state)
{
	struct rules_rows *t = *state;
	OWNED_MEM uint8_t *bytes = NULL;
	size_t len = 0, lines = 0, others = 0;
	assert_ok(text_read_file(&bytes, &len, VECTORS, MAX_BYTES));
	const char *vectors = (const char *)bytes;
	for (const char *at = vectors; (at = strchr(at, '\n')); at++)
		lines++;
	for (size_t i = 0; i < rules_rows_count(t); i++)
		others += !is_replayed(vectors, rules_rows_at(t, i));
	assert_int_equal(others, 0);
	if (lines != rules_rows_count(t))
		fail_msg("%s has lines of rows that are no more", VECTORS);
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

/* A second row of that name would be a second line for one key. */
static void
no_two_rows_have_one_name(void **state)
{
	struct rules_rows *t = *state;
	for (size_t i = 0; i < rules_rows_count(t); i++)
		for (size_t k = 0; k < i; k++)
			if (strcmp(rules_rows_at(t, i)->name, rules_rows_at(t, k)->name) == 0)
				fail_msg("two rows are called %s", rules_rows_at(t, i)->name);
}

#define OVER_ALL 3 /* tests that look at all tables */

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
	tests[count + 2] = (struct CMUnitTest){.name = "no two rows have one name",
		.test_func = no_two_rows_have_one_name,
		.initial_state = t};
	return _cmocka_run_group_tests("rules_tables", tests, count + OVER_ALL, NULL, NULL);
}
