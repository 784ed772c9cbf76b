#include "tests/unit/suite.h"

#include "common/base/mem.h"
#include "common/codec/csv.h"
#include "common/codec/text.h"
#include "common/study/rules.h"
#include "common/study/rules_shipped.h"
#include "common/study/rules_write.h"
#include "common/trust/crypto.h"
#include "tests/unit/rules_world.h"

/* tests/data/rules/RNN.csv: each row a test. A rule stands alone, as it is shipped, with the
 * keys of the row in place of its own; the facts are those of rules_world.h, edited.
 *   name     what is tried
 *   keys     "grace=14 days; -approval.partner": put in place of the shipped one, or left out
 *   facts    "captured=900d-1s -dsa"
 *   action   collect, sync, aggregate, release, query or export
 *   outcome  permit, hold or deny
 *   reason   what the rule says, whole; empty when it permits
 */
#define TABLES     WEIR_SOURCE_DIR "/tests/data/rules/R%02u.csv"
#define VECTORS    WEIR_SOURCE_DIR "/tests/vectors/rules.txt"
#define HEAD       "[rules]\nversion = 1\nunlisted = off\nsignatures = 2 officers\n"
#define MAX_ROWS   1000
#define MAX_BYTES  ((size_t)1 << 20)
#define NAME_BYTES 160

struct row {
	char name[NAME_BYTES];
	unsigned rule;
	const char *keys, *facts, *action, *outcome, *reason;
};

struct tables {
	struct csv_sheet *sheets[RULES_MAX + 1];
	struct row rows[MAX_ROWS];
	size_t count;
};

static void
read_table(struct tables *t, unsigned rule)
{
	OWNED_MEM uint8_t *bytes = NULL;
	size_t len = 0;
	OWNED_MEM char *file = xasprintf(TABLES, rule);
	if (text_read_file(&bytes, &len, file, MAX_BYTES) ||
		csv_load(&t->sheets[rule], view_of(bytes, len), file)) {
		(void)fprintf(stderr, "%s: %s\n", file, err_text());
		exit(1);
	}
	const struct csv_sheet *s = t->sheets[rule];
	for (size_t i = 0; i < csv_rows(s) && t->count < MAX_ROWS; i++) {
		struct row *r = &t->rows[t->count++];
		r->rule = rule;
		(void)snprintf(r->name, sizeof(r->name), "R%02u: %s", rule,
			csv_cell(s, i, csv_column(s, "name")));
		r->keys = csv_cell(s, i, csv_column(s, "keys"));
		r->facts = csv_cell(s, i, csv_column(s, "facts"));
		r->action = csv_cell(s, i, csv_column(s, "action"));
		r->outcome = csv_cell(s, i, csv_column(s, "outcome"));
		r->reason = csv_cell(s, i, csv_column(s, "reason"));
	}
}

/* ---- rules ---- */

/* Does one of the edits "key=value; -key" speak of the key of this line? */
static bool
is_edited(const char *keys, const char *line)
{
	size_t len = strcspn(line, " =\n");
	for (const char *at = keys; *at; at += strcspn(at, ";"), at += *at == ';') {
		at += strspn(at, " -");
		if (strncmp(at, line, len) == 0 && strcspn(at, "=;") == len)
			return true;
	}
	return false;
}

/* The section of the rule as shipped, its keys edited; gives. */
static char *
text_of(const struct row *r)
{
	OWNED_BUF struct buf out;
	OWNED_MEM char *name = xasprintf("[R%02u]\n", r->rule);
	const char *at = strstr(rules_shipped, name);
	buf_init(&out, MAX_BYTES);
	buf_format(&out, "%s%s", HEAD, name);
	for (at += strlen(name); *at && *at != '['; at += strcspn(at, "\n") + 1)
		if (!is_edited(r->keys, at))
			buf_add(&out, at, strcspn(at, "\n") + 1);
	for (const char *key = r->keys; *key; key += strcspn(key, ";"), key += *key == ';') {
		key += strspn(key, " ");
		if (*key != '-')
			buf_format(&out, "%.*s\n", (int)strcspn(key, ";"), key);
	}
	buf_u8(&out, '\0');
	size_t len;
	return (char *)buf_take(&out, &len);
}

static struct rules *
rules_of(const struct row *r)
{
	OWNED_MEM char *text = text_of(r);
	OWNED(faults) struct faults *f = faults_new();
	struct rules *rules = rules_read(view_text(text), "rules.ini", f);
	if (!rules) {
		OWNED_MEM char *line = faults_line(&f->items[0]);
		fail_msg("%s: %s", r->name, line);
	}
	return rules;
}

static enum rules_action
action_of(const char *word)
{
	for (unsigned bit = 1; bit <= RULES_EXPORT; bit <<= 1)
		if (strcmp(rules_action_word((enum rules_action)bit), word) == 0)
			return (enum rules_action)bit;
	fail_msg("no such action: %s", word);
	return RULES_COLLECT;
}

static void
judge(const struct row *r, struct world *w, struct verdict *ret)
{
	OWNED(rules) struct rules *rules = rules_of(r);
	world_edit(w, r->facts);
	struct rules_facts facts = *world_facts(w);
	facts.action = action_of(r->action);
	memset(ret, 'x', sizeof(*ret));
	rules_judge(rules, &facts, ret);
}

static void
judges(void **state)
{
	const struct row *r = *state;
	OWNED(world) struct world *w = world_new();
	struct verdict v;
	char rule[8];
	judge(r, w, &v);
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
add_bytes(struct buf *out, const struct row *r)
{
	OWNED(world) struct world *w = world_new();
	struct verdict v;
	judge(r, w, &v);
	struct rules_facts facts = *world_facts(w);
	facts.action = action_of(r->action);
	rules_write_facts(out, &facts);
	rules_write_verdict(out, &v, &facts);
}

/* SHA-256 over the bytes of facts and verdict of every row, one line for each rule. The file is
 * of another day: whoever runs this, whenever and wherever, has to come to the same bytes. */
static void
the_same_facts_give_the_same_bytes(void **state)
{
	const struct tables *t = *state;
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
		for (size_t i = 0; i < t->count; i++)
			if (t->rows[i].rule == n)
				add_bytes(&all, &t->rows[i]);
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

int
main(void)
{
	OWNED_MEM struct tables *t = xcalloc(1, sizeof(*t));
	if (crypto_init() != OK)
		return 1;
	for (unsigned n = 1; n <= RULES_MAX; n++)
		read_table(t, n);
	OWNED_MEM struct CMUnitTest *tests = xcalloc(t->count + 1, sizeof(*tests));
	for (size_t i = 0; i < t->count; i++)
		tests[i] = (struct CMUnitTest){.name = t->rows[i].name,
			.test_func = judges,
			.initial_state = &t->rows[i]};
	tests[t->count] = (struct CMUnitTest){.name = "the same facts give the same bytes",
		.test_func = the_same_facts_give_the_same_bytes,
		.initial_state = t};
	int failed = _cmocka_run_group_tests("rules_tables", tests, t->count + 1, NULL, NULL);
	for (unsigned n = 0; n <= RULES_MAX; n++)
		csv_sheet_free(t->sheets[n]);
	return failed;
}
