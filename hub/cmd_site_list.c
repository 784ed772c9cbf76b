#include "hub/cmd.h"

#include <stdio.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/codec/json.h"
#include "common/study/lineage.h"

#include "hub/office.h"

#define ARGS_MAX_BYTES 1024
#define LIST_MAX_COUNT 100000
#define TEXT_MAX_BYTES 4096
#define MS_PER_S       1000

/* An argument of office_ask() out of a buffer. */
static const char *
as_text(struct buf *b)
{
	buf_u8(b, 0);
	return (const char *)b->at;
}

static void
print_side(const struct json *change, const char *key)
{
	const struct json *list = NULL;
	const char *code = "";
	if (json_get_array(change, key, LINEAGE_SIDE_MAX, &list))
		return;
	for (size_t i = 0; i < json_count(list); i++)
		if (json_item_text(list, i, key, TEXT_MAX_BYTES, &code) == OK)
			printf("%s%s", i ? ", " : "", code);
}

static void
print_change(const struct json *c)
{
	char when[CLOCK_TEXT_BYTES];
	clock_text(when, json_int_or_0(c, "at_s") * MS_PER_S);
	printf("%4lld  %s  %-6s  ", (long long)json_int_or_0(c, "number"),
		json_text_or_empty(c, "day"), json_text_or_empty(c, "kind"));
	if (*json_text_or_empty(c, "scope"))
		printf("partners of %s: ", json_text_or_empty(c, "scope"));
	print_side(c, "from");
	printf(" -> ");
	print_side(c, "into");
	if (*json_text_or_empty(c, "becomes"))
		printf("\"%s\", before \"%s\"", json_text_or_empty(c, "becomes"),
			json_text_or_empty(c, "was"));
	printf("\n      recorded by %s at %s: %s\n", json_text_or_empty(c, "by"), when,
		json_text_or_empty(c, "reason"));
	if (*json_text_or_empty(c, "struck_by"))
		printf("      struck by %s: it does not count\n",
			json_text_or_empty(c, "struck_by"));
}

static void
print_left(const struct json *l)
{
	const bool waits = !*json_text_or_empty(l, "agreed_by");
	printf("%s  %s  %s, data: %s\n      said by %s: %s\n",
		waits                            ? "leaves"
		: json_bool_or_false(l, "begun") ? "left  "
						 : "leaves",
		json_text_or_empty(l, "day"), json_text_or_empty(l, "site"),
		json_text_or_empty(l, "data"), json_text_or_empty(l, "by"),
		json_text_or_empty(l, "reason"));
	if (waits)
		printf("      waits for the person who answers for the site\n");
	else
		printf("      agreed by %s\n", json_text_or_empty(l, "agreed_by"));
	if (json_int_or_0(l, "asked"))
		printf("      erasure begun for %lld persons: see `weir-hub erase list`\n",
			(long long)json_int_or_0(l, "asked"));
}

static enum err
print_each(const struct json *answer, const char *key, void (*print)(const struct json *one),
	size_t *rows)
{
	const struct json *all = NULL, *one = NULL;
	enum err e = json_get_array(answer, key, LIST_MAX_COUNT, &all);
	for (size_t i = 0; !e && i < json_count(all); i++) {
		e = json_item_object(all, i, key, &one);
		if (!e)
			print(one);
		*rows += !e;
	}
	return e;
}

static enum err
run_lineage(struct program *p)
{
	OWNED(office) struct office *o = NULL;
	OWNED(json) struct json *answer = NULL;
	size_t rows = 0;
	enum err e = office_open(&o, p);
	if (!e && program_json(p))
		return office_print(o, "lineage", "{}");
	if (!e)
		e = office_ask(o, "lineage", "{}", &answer);
	if (!e)
		e = print_each(answer, "changes", print_change, &rows);
	if (!e)
		e = print_each(answer, "left", print_left, &rows);
	if (!e && !rows)
		program_none(p, "no site has changed or left");
	return e;
}

static void
print_site(const struct json *s)
{
	printf("%-20s %-20s %-12s %s", json_text_or_empty(s, "id"), json_text_or_empty(s, "as"),
		json_bool_or_false(s, "joined") ? "joined" : "not joined",
		json_text_or_empty(s, "name"));
	if (*json_text_or_empty(s, "left"))
		printf("  (leaves on %s, data: %s)", json_text_or_empty(s, "left"),
			json_text_or_empty(s, "data"));
	printf("\n");
}

static enum err
print_notes(const struct json *answer)
{
	const struct json *notes = NULL;
	const char *note = "";
	enum err e = json_get_array(answer, "notes", LIST_MAX_COUNT, &notes);
	for (size_t i = 0; !e && i < json_count(notes); i++) {
		e = json_item_text(notes, i, "notes", TEXT_MAX_BYTES, &note);
		if (!e)
			printf("%s\n", note);
	}
	return e;
}

static enum err
run_list(struct program *p)
{
	OWNED(office) struct office *o = NULL;
	OWNED(json) struct json *answer = NULL;
	size_t rows = 0;
	OWNED_BUF struct buf args;
	struct lineage_view view;
	struct json_out out;
	const char *sites = program_value(p, "sites") ? program_value(p, "sites") : "recorded";
	buf_init(&args, ARGS_MAX_BYTES);
	if (lineage_view_read(&view, sites))
		return program_usage(p, "--sites is recorded, lineage or as-of:YYYY-MM-DD");
	json_begin(&out, &args);
	json_put_object(&out, NULL);
	json_put_text(&out, "view", sites);
	json_put_close(&out);
	enum err e = json_end(&out, "question");
	const char *question = as_text(&args);
	if (!e)
		e = office_open(&o, p);
	if (!e && program_json(p))
		return office_print(o, "sites", question);
	if (!e)
		e = office_ask(o, "sites", question, &answer);
	if (e)
		return e;
	printf("%-20s %-20s %-12s %s\n", "SITE", "COUNTS FOR", "", "NAME");
	e = print_each(answer, "sites", print_site, &rows);
	return e ? e : print_notes(answer);
}

static const struct program_option options[] = {
	{"sites", "VIEW", "recorded (default), lineage or as-of:YYYY-MM-DD"},
	{NULL, NULL, NULL},
};

const struct program_command cmd_site_list = {.name = "site list",
	.run = run_list,
	.help = "list the sites and for whom each counts in a table",
	.options = options};

const struct program_command cmd_site_lineage = {.name = "site lineage",
	.run = run_lineage,
	.help = "list how sites changed and which left, with dates and who said it"};
