#include "hub/cmd.h"

#include <stdio.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/codec/json.h"
#include "common/codec/text.h"

#include "hub/office.h"
#include "hub/siterules.h"

#define PIECE_COUNT    500
#define NAMES_MAX      1000
#define NAMES_DEFAULT  20
#define ARGS_MAX_BYTES ((size_t)160 * 1024)
#define RULES_COUNT    23
#define ENTRY_BYTES    64
#define OUTCOMES       3

static const char *const outcomes[OUTCOMES] = {"permit", "hold", "deny"};

/* ---- try ---- */

struct change {
	char entry[ENTRY_BYTES], now[8], then[8], reason[RULES_REASON_BYTES];
};

struct trying {
	struct program *program;
	struct office *office;
	const char *text, *purpose;
	int64_t names, records, version;
	int64_t now[OUTCOMES], then[OUTCOMES];
	int64_t rule_now[RULES_COUNT + 1], rule_then[RULES_COUNT + 1];
	struct change *changes;
	size_t change_count;
};

static enum err
add_counts(const struct json *answer, const char *key, int64_t sum[static OUTCOMES])
{
	const struct json *counts;
	enum err e = json_get_object(answer, key, &counts);
	for (size_t i = 0; !e && i < OUTCOMES; i++) {
		int64_t n = 0;
		e = json_get_int(counts, outcomes[i], 0, INT64_MAX, &n);
		sum[i] += n;
	}
	return e;
}

static enum err
add_rules(struct trying *t, const struct json *answer)
{
	const struct json *rules, *one;
	enum err e = json_get_array(answer, "rules", RULES_COUNT, &rules);
	for (size_t i = 0; !e && i < json_count(rules); i++) {
		const char *rule = "";
		int64_t now = 0, then = 0, number = 0;
		e = json_item_object(rules, i, "rules", &one);
		if (!e)
			e = json_get_text(one, "rule", 8, &rule);
		if (!e)
			e = json_get_int(one, "now", 0, INT64_MAX, &now);
		if (!e)
			e = json_get_int(one, "then", 0, INT64_MAX, &then);
		if (e || rule[0] != 'R' ||
			!text_int(view_text(rule + 1 + (rule[1] == '0')), &number) ||
			number < 1 || number > RULES_COUNT)
			continue;
		t->rule_now[number] += now;
		t->rule_then[number] += then;
	}
	return e;
}

static enum err
add_change(struct trying *t, const struct json *one)
{
	const char *entry = "", *now = "", *then = "", *reason = "";
	enum err e = json_get_text(one, "entry", ENTRY_BYTES - 1, &entry);
	if (!e)
		e = json_get_text(one, "now", 7, &now);
	if (!e)
		e = json_get_text(one, "then", 7, &then);
	if (!e)
		e = json_get_text(one, "reason", RULES_REASON_BYTES - 1, &reason);
	if (e)
		return e;
	t->changes = xrealloc(t->changes, t->change_count + 1, sizeof(*t->changes));
	struct change *c = &t->changes[t->change_count++];
	(void)snprintf(c->entry, sizeof(c->entry), "%s", entry);
	(void)snprintf(c->now, sizeof(c->now), "%s", now);
	(void)snprintf(c->then, sizeof(c->then), "%s", then);
	(void)snprintf(c->reason, sizeof(c->reason), "%s", reason);
	return OK;
}

static enum err
add_changes(struct trying *t, const struct json *answer)
{
	const struct json *list, *one;
	enum err e = json_get_array(answer, "changes", NAMES_MAX, &list);
	for (size_t i = 0; !e && i < json_count(list); i++) {
		e = json_item_object(list, i, "changes", &one);
		if (!e)
			e = add_change(t, one);
	}
	return e;
}

static enum err
ask_piece(struct trying *t, int64_t from, int64_t *ret_next)
{
	OWNED_BUF struct buf args;
	OWNED(json) struct json *answer = NULL;
	struct json_out w;
	buf_init(&args, ARGS_MAX_BYTES);
	json_begin(&w, &args);
	json_put_object(&w, NULL);
	json_put_text(&w, "rules", t->text);
	json_put_text(&w, "purpose", t->purpose);
	json_put_int(&w, "from", from);
	json_put_int(&w, "count", PIECE_COUNT);
	json_put_int(&w, "names", t->names - (int64_t)t->change_count);
	json_put_close(&w);
	enum err e = json_end(&w, "question");
	buf_u8(&args, 0); /* it is handed on as text */
	if (!e)
		e = office_ask(t->office, "rules-try", (const char *)args.at, &answer);
	if (!e)
		e = json_get_int(answer, "next", 0, INT64_MAX, ret_next);
	if (!e)
		e = json_get_int(answer, "records", 0, INT64_MAX, &t->records);
	if (!e)
		e = json_get_int(answer, "version", 0, UINT32_MAX, &t->version);
	if (!e)
		e = add_counts(answer, "now", t->now);
	if (!e)
		e = add_counts(answer, "then", t->then);
	if (!e)
		e = add_rules(t, answer);
	return e ? e : add_changes(t, answer);
}

static void
print_tried(const struct trying *t)
{
	printf("%-8s %12s %12s\n", "", "in force", "changed");
	for (size_t i = 0; i < OUTCOMES; i++)
		printf("%-8s %12lld %12lld\n", outcomes[i], (long long)t->now[i],
			(long long)t->then[i]);
	for (unsigned i = 1; i <= RULES_COUNT; i++)
		if (t->rule_now[i] || t->rule_then[i])
			printf("R%02u      %12lld %12lld not met\n", i,
				(long long)t->rule_now[i], (long long)t->rule_then[i]);
	for (size_t i = 0; i < t->change_count; i++)
		printf("%s: %s, would be %s: %s\n", t->changes[i].entry, t->changes[i].now,
			t->changes[i].then, t->changes[i].reason);
	if (t->change_count && (int64_t)t->change_count >= t->names)
		printf("--names NUMBER names more of them\n");
}

static void
put_outcomes(struct json_out *w, const char *key, const int64_t counts[static OUTCOMES])
{
	json_put_object(w, key);
	for (size_t i = 0; i < OUTCOMES; i++)
		json_put_int(w, outcomes[i], counts[i]);
	json_put_close(w);
}

static enum err
print_json(const struct trying *t)
{
	OWNED_BUF struct buf out;
	struct json_out w;
	buf_init(&out, (size_t)1 << 20);
	json_begin(&w, &out);
	json_put_object(&w, NULL);
	json_put_int(&w, "records", t->records);
	json_put_int(&w, "version", t->version);
	put_outcomes(&w, "now", t->now);
	put_outcomes(&w, "then", t->then);
	json_put_array(&w, "rules");
	for (unsigned i = 1; i <= RULES_COUNT; i++) {
		char rule[8];
		if (!t->rule_now[i] && !t->rule_then[i])
			continue;
		(void)snprintf(rule, sizeof(rule), "R%02u", i);
		json_put_object(&w, NULL);
		json_put_text(&w, "rule", rule);
		json_put_int(&w, "now", t->rule_now[i]);
		json_put_int(&w, "then", t->rule_then[i]);
		json_put_close(&w);
	}
	json_put_close(&w);
	json_put_array(&w, "changes");
	for (size_t i = 0; i < t->change_count; i++) {
		json_put_object(&w, NULL);
		json_put_text(&w, "entry", t->changes[i].entry);
		json_put_text(&w, "now", t->changes[i].now);
		json_put_text(&w, "then", t->changes[i].then);
		json_put_text(&w, "reason", t->changes[i].reason);
		json_put_close(&w);
	}
	json_put_close(&w);
	json_put_close(&w);
	enum err e = json_end(&w, "trial");
	if (!e)
		printf("%.*s\n", (int)out.len, (const char *)out.at);
	return e;
}

static enum err
try_all(struct trying *t)
{
	int64_t next = 0;
	enum err e = OK;
	do {
		e = ask_piece(t, next, &next);
		if (!e)
			program_progress(t->program, "%lld of %lld records",
				(long long)(next ? next : t->records), (long long)t->records);
	} while (!e && next);
	program_progress(t->program, NULL);
	return e;
}

/* gives the text of a rules.ini, which the hub is asked about as it stands. */
static enum err
read_rules_file(char **ret, const char *path)
{
	OWNED_MEM uint8_t *bytes = NULL;
	size_t len = 0;
	*ret = NULL;
	enum err e = text_read_file(&bytes, &len, path, SITERULES_MAX_BYTES);
	if (e == E_FULL)
		return fail(E_FORMAT, "%s: more than %zu bytes: this is no rules.ini", path,
			(size_t)SITERULES_MAX_BYTES);
	if (!e && !text_is_utf8(view_of(bytes, len)))
		return fail(E_FORMAT, "%s: not UTF-8 text", path);
	if (!e)
		*ret = xmemdup(bytes, len);
	return e;
}

static enum err
run_try(struct program *p)
{
	OWNED_MEM char *text = NULL;
	OWNED(office) struct office *o = NULL;
	const char *purpose = program_value(p, "purpose");
	struct trying t = {
		.program = p, .purpose = purpose ? purpose : "pooled", .names = NAMES_DEFAULT};
	enum err e = program_number(p, "names", 0, NAMES_MAX, &t.names);
	if (!e)
		e = read_rules_file(&text, program_arg(p, 0));
	if (!e)
		e = office_open(&o, p);
	t.text = text;
	t.office = o;
	if (!e)
		e = try_all(&t);
	if (!e && program_json(p))
		e = print_json(&t);
	else if (!e)
		print_tried(&t);
	mem_drop(&t.changes);
	return e;
}

/* ---- site ---- */

static enum err
run_site(struct program *p)
{
	OWNED_MEM char *text = NULL;
	OWNED(office) struct office *o = NULL;
	OWNED(signer) struct signer *by = NULL;
	OWNED(json) struct json *answer = NULL;
	const char *state = "";
	enum err e = read_rules_file(&text, program_arg(p, 1));
	if (!e)
		e = office_open(&o, p);
	if (!e)
		e = office_signer(o, &by);
	const struct office_act act = {
		SITERULES_KIND, program_arg(p, 0), view_text(text ? text : "")};
	if (!e)
		e = office_submit(o, by, &act, &answer);
	if (!e)
		e = json_get_text(answer, "state", 32, &state);
	if (!e && program_json(p))
		printf("{\"site\":\"%s\",\"state\":\"%s\"}\n", act.id, state);
	else if (!e)
		printf("rules of site %s: %s%s\n", act.id, state,
			strcmp(state, "proposed") == 0
				? "; another officer signs the same file to put them in force"
				: "");
	return e;
}

static const struct program_option try_options[] = {
	{"purpose", "USE",
		"collect (as each record came), site, pooled (default), quote, link or share"},
	{"names", "NUMBER", "how many changed entries to name; 20 if not given"},
	{NULL, NULL, NULL},
};
static const struct program_option site_options[] = {
	{"by", "PERSON", "the officer who signs"},
	{NULL, NULL, NULL},
};

const struct program_command cmd_rules_try = {
	.name = "rules try",
	.run = run_try,
	.help = "what a changed rules.ini would have decided about every record",
	.args = "NEW.ini",
	.args_min = 1,
	.args_max = 1,
	.options = try_options,
};
const struct program_command cmd_rules_site = {
	.name = "rules site",
	.run = run_site,
	.help = "rules of one site, stricter than the study's; two officers sign them",
	.args = "SITE RULES.ini",
	.args_min = 2,
	.args_max = 2,
	.options = site_options,
};
