#include "tests/unit/rules_rows.h"

#include "tests/unit/suite.h"

#include "common/base/mem.h"
#include "common/codec/csv.h"
#include "common/codec/text.h"
#include "common/study/rules_shipped.h"

#define TABLES      WEIR_SOURCE_DIR "/tests/data/rules/R%02u.csv"
#define HEAD        "[rules]\nversion = 1\nunlisted = off\nsignatures = 2 officers\n"
#define ALL_ACTIONS "actions = collect sync aggregate release query export\n"
#define MAX_ROWS    2000
#define MAX_BYTES   ((size_t)1 << 20)

struct rules_rows {
	struct csv_sheet *sheets[RULES_MAX + 1];
	struct rules_row rows[MAX_ROWS];
	size_t count;
};

static void
read_table(struct rules_rows *t, unsigned rule)
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
	if (t->count + csv_rows(s) > MAX_ROWS) {
		(void)fprintf(stderr, "%s: more rows than %d in all\n", file, MAX_ROWS);
		exit(1);
	}
	for (size_t i = 0; i < csv_rows(s); i++) {
		struct rules_row *r = &t->rows[t->count++];
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

struct rules_rows *
rules_rows_new(void)
{
	struct rules_rows *t = xcalloc(1, sizeof(*t));
	for (unsigned n = 1; n <= RULES_MAX; n++)
		read_table(t, n);
	return t;
}

void
rules_rows_free(struct rules_rows *t)
{
	for (unsigned n = 0; t && n <= RULES_MAX; n++)
		csv_sheet_free(t->sheets[n]);
	free(t);
}

size_t
rules_rows_count(const struct rules_rows *t)
{
	return t->count;
}

struct rules_row *
rules_rows_at(struct rules_rows *t, size_t i)
{
	return &t->rows[i];
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
text_of(const struct rules_row *r)
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
read_rules(const char *name, const char *text)
{
	OWNED(faults) struct faults *f = faults_new();
	struct rules *rules = rules_read(view_text(text), "rules.ini", f);
	if (!rules) {
		OWNED_MEM char *line = faults_line(&f->items[0]);
		fail_msg("%s: %s", name, line);
	}
	return rules;
}

struct rules *
rules_row_rules(const struct rules_row *r)
{
	OWNED_MEM char *text = text_of(r);
	return read_rules(r->name, text);
}

struct rules *
rules_row_shipped(void)
{
	OWNED_BUF struct buf text;
	buf_init(&text, MAX_BYTES);
	buf_format(&text, "%s", HEAD);
	for (const char *line = rules_shipped; *line; line += strcspn(line, "\n") + 1)
		if (strncmp(line, "actions", strlen("actions")) == 0)
			buf_format(&text, "%s", ALL_ACTIONS);
		else
			buf_add(&text, line, strcspn(line, "\n") + 1);
	buf_u8(&text, '\0');
	return read_rules("shipped", (const char *)text.at);
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

struct rules_facts
rules_row_facts(const struct rules_row *r, struct world *w)
{
	world_edit(w, r->facts);
	struct rules_facts facts = *world_facts(w);
	facts.action = action_of(r->action);
	return facts;
}
