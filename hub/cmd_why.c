#include "hub/cmd.h"

#include <stdio.h>

#include "common/base/clock.h"
#include "common/base/mem.h"
#include "common/codec/json.h"
#include "common/codec/text.h"

#include "hub/office.h"

#define ITEMS_MAX_COUNT 1024
#define TEXT_MAX_BYTES  400
#define ARGS_MAX_BYTES  1024
#define MS_PER_S        1000

static void
print_time(const char *label, const struct json *o, const char *key)
{
	char text[CLOCK_TEXT_BYTES];
	int64_t at_s = json_int_or_0(o, key);
	if (!at_s)
		return;
	clock_text(text, at_s * MS_PER_S);
	printf("%-10s %s\n", label, text);
}

/* When it was filled in, or, where nobody said that, when it came in at the site. */
static void
print_captured(const struct json *o)
{
	char text[CLOCK_TEXT_BYTES];
	int64_t at_s = json_int_or_0(o, "captured_s");
	if (!at_s)
		return;
	clock_text(text, at_s * MS_PER_S);
	printf("%-10s %s%s\n", "captured", text,
		json_bool_or_false(o, "captured_said") ? ", as was said of it"
						       : ", when it came in at the site");
}

static enum err
print_verdict(const struct json *answer, const char *key, const char *label)
{
	const struct json *verdict, *fired, *rule;
	enum err e = json_get_object(answer, key, &verdict);
	if (!e)
		e = json_get_array(verdict, "fired", ITEMS_MAX_COUNT, &fired);
	if (e)
		return e;
	printf("%-10s %s", label, json_text_or_empty(verdict, "outcome"));
	if (*json_text_or_empty(verdict, "reason"))
		printf(": %s", json_text_or_empty(verdict, "reason"));
	printf("\n");
	for (size_t i = 0; !e && i < json_count(fired); i++) {
		e = json_item_object(fired, i, "fired", &rule);
		if (!e)
			printf("           %-4s %-5s %s\n", json_text_or_empty(rule, "rule"),
				json_text_or_empty(rule, "outcome"),
				json_text_or_empty(rule, "reason"));
	}
	return e;
}

static enum err
print_limits(const struct json *permission)
{
	const struct json *all;
	const char *word = "";
	enum err e = json_get_array(permission, "limits", ITEMS_MAX_COUNT, &all);
	for (size_t i = 0; !e && i < json_count(all); i++) {
		e = json_item_text(all, i, "limits", TEXT_MAX_BYTES, &word);
		if (!e)
			printf("%s%s", i ? " " : " (", word);
	}
	if (!e && json_count(all))
		printf(")");
	return e;
}

static enum err
print_permissions(const struct json *consent)
{
	const struct json *all, *one;
	if (!json_has(consent, "permissions"))
		return OK;
	enum err e = json_get_array(consent, "permissions", ITEMS_MAX_COUNT, &all);
	for (size_t i = 0; !e && i < json_count(all); i++) {
		e = json_item_object(all, i, "permissions", &one);
		if (!e)
			printf("%s%s %s", i ? ", " : "           ",
				json_text_or_empty(one, "decision"),
				json_text_or_empty(one, "code"));
		if (!e)
			e = print_limits(one);
	}
	if (!e && json_count(all))
		printf("\n");
	return e;
}

/* Behind the leaf up to which the log was asked: shown, and it decided nothing. */
static bool
is_later(const struct json *answer, const struct json *consent)
{
	return json_has(answer, "known_at") &&
	       json_int_or_0(consent, "leaf") > json_int_or_0(answer, "known_at");
}

static enum err
print_consents(const struct json *answer)
{
	const struct json *all, *one;
	enum err e = json_get_array(answer, "consents", ITEMS_MAX_COUNT, &all);
	for (size_t i = 0; !e && i < json_count(all); i++) {
		char given[CLOCK_TEXT_BYTES] = "";
		e = json_item_object(all, i, "consents", &one);
		if (e)
			break;
		if (json_int_or_0(one, "given_s"))
			clock_text(given, json_int_or_0(one, "given_s") * MS_PER_S);
		const char *level = json_text_or_empty(one, "level");
		printf("%-10s %s, leaf %lld: %s%s%s %s%s\n", i ? "" : "consents",
			json_text_or_empty(one, "entry"), (long long)json_int_or_0(one, "leaf"),
			json_text_or_empty(one, "event"), *level ? " " : "", level, given,
			is_later(answer, one) ? ", not known then" : "");
		e = print_permissions(one);
	}
	return e;
}

/* The approvals that a record stands on now. */
static enum err
print_approvals(const struct json *answer)
{
	const struct json *all;
	const char *id = "";
	enum err e = json_get_array(answer, "approvals", ITEMS_MAX_COUNT, &all);
	for (size_t i = 0; !e && i < json_count(all); i++) {
		e = json_item_text(all, i, "approvals", TEXT_MAX_BYTES, &id);
		if (!e)
			printf("%-10s %s\n", i ? "" : "approvals", id);
	}
	return e;
}

/* Of which time, with what knowledge, under which rules. */
static void
print_asked(const struct json *answer)
{
	char at[CLOCK_TEXT_BYTES];
	clock_text(at, json_int_or_0(answer, "true_at_s") * MS_PER_S);
	printf("%-10s %s, as of %s", "asked for", json_text_or_empty(answer, "purpose"), at);
	if (json_has(answer, "known_at"))
		printf(", with what the log held up to leaf %lld",
			(long long)json_int_or_0(answer, "known_at"));
	printf("\n%-10s version %lld, %s\n", "rules",
		(long long)json_int_or_0(answer, "rules_version"),
		json_text_or_empty(answer, "rules_digest"));
}

static enum err
print_why(const struct json *answer, bool is_now)
{
	printf("%-10s %s, %s of site %s\n", "entry", json_text_or_empty(answer, "entry"),
		json_text_or_empty(answer, "kind"), json_text_or_empty(answer, "site"));
	if (*json_text_or_empty(answer, "form"))
		printf("%-10s %s %s, wave %s\n", "form", json_text_or_empty(answer, "form"),
			json_text_or_empty(answer, "form_version"),
			json_text_or_empty(answer, "wave"));
	print_captured(answer);
	print_time("received", answer, "received_s");
	printf("%-10s %lld\n", "leaf", (long long)json_int_or_0(answer, "leaf"));
	enum err e = print_verdict(answer, "stored", "then");
	if (!e && json_has(answer, "purpose"))
		print_asked(answer);
	if (!e && json_has(answer, "now"))
		e = print_verdict(answer, "now", is_now ? "now" : "as asked");
	if (!e && json_has(answer, "approvals"))
		e = print_approvals(answer);
	return e ? e : print_consents(answer);
}

static enum err
put_when(struct program *p, struct json_out *w)
{
	const char *known = program_value(p, "known-at"), *at = program_value(p, "true-at");
	int64_t index = 0, at_ms = 0;
	if (known && (!text_int(view_text(known), &index) || index < 0))
		return program_usage(p, "--known-at is an index of the log");
	if (at && !clock_parse(at, &at_ms))
		return program_usage(p, "--true-at is a day, YYYY-MM-DD, or a time");
	if (known)
		json_put_int(w, "known_at", index);
	if (at)
		json_put_int(w, "true_at_s", at_ms / MS_PER_S);
	return OK;
}

static enum err
make_args(struct program *p, struct buf *args)
{
	const char *purpose = program_value(p, "purpose");
	struct json_out w;
	json_begin(&w, args);
	json_put_object(&w, NULL);
	json_put_text(&w, "entry", program_arg(p, 0));
	/* What is asked is whether the record counts; collecting it is past. */
	json_put_text(&w, "purpose", purpose ? purpose : "pooled");
	enum err when = put_when(p, &w);
	if (when)
		return when;
	if (program_value(p, "request"))
		json_put_text(&w, "request", program_value(p, "request"));
	if (program_value(p, "author"))
		json_put_text(&w, "author", program_value(p, "author"));
	json_put_close(&w);
	enum err e = json_end(&w, "question");
	buf_u8(args, 0); /* it is handed on as text */
	return e;
}

static enum err
run(struct program *p)
{
	OWNED_BUF struct buf args;
	OWNED(office) struct office *o = NULL;
	OWNED(json) struct json *answer = NULL;
	buf_init(&args, ARGS_MAX_BYTES);
	enum err e = make_args(p, &args);
	if (!e)
		e = office_open(&o, p);
	if (!e && program_json(p))
		return office_print(o, "why", (const char *)args.at);
	if (!e)
		e = office_ask(o, "why", (const char *)args.at, &answer);
	const bool is_now = !program_value(p, "known-at") && !program_value(p, "true-at");
	return e ? e : print_why(answer, is_now);
}

static const struct program_option options[] = {
	{"purpose", "USE",
		"judge it for: collect, site (table of one site), pooled (default), quote, "
		"link "
		"or share"},
	{"request", "TEXT",
		"judge it for a release with this purpose, as `release propose` takes it"},
	{"author", "PERSON", "who would propose that release (R17)"},
	{"known-at", "INDEX", "with what the log held up to this leaf; all of it if not given"},
	{"true-at", "TIME", "at this time and under the rules of then; now if not given"},
	{NULL, NULL, NULL},
};

const struct program_command cmd_why = {
	.name = "why",
	.run = run,
	.help = "what was decided about one entry, then and now, and on which consents",
	.args = "ENTRY",
	.args_min = 1,
	.args_max = 1,
	.options = options,
};
