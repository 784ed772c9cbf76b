#include "hub/cmd.h"

#include <stdio.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/codec/json.h"
#include "common/study/receipt.h"

#include "hub/office.h"

#define BODY_MAX_BYTES 4096
#define LIST_MAX_COUNT 100000
#define TEXT_MAX_BYTES 4096
#define MS_PER_S       1000
#define DAY_CHARS      10
#define HOLD_KIND      "hold"
#define HOLD_LIFT_KIND "hold-lift"

/* The number as it is printed: what was typed differs, and the statement names it. */
static enum err
find_number(struct program *p, char ret[static RECEIPT_BYTES])
{
	const char *typed = program_value(p, "receipt");
	uint8_t instance[WIRE_ID_BYTES] = {0};
	if (!typed)
		return program_usage(p, "--receipt NUMBER is needed");
	if (!receipt_read(instance, typed))
		return fail(E_FORMAT,
			"this is no number of a receipt: one of its characters is "
			"wrong or missing");
	receipt_number(ret, instance);
	return OK;
}

/* reason: NULL for none. */
static enum err
make_body(struct buf *out, const char *number, const char *reason)
{
	struct json_out w;
	json_begin(&w, out);
	json_put_object(&w, NULL);
	json_put_text(&w, "receipt", number);
	if (reason)
		json_put_text(&w, "reason", reason);
	json_put_close(&w);
	return json_end(&w, "hold");
}

/* what would be held, and which releases hold the person */

static enum err
print_release(const struct json *r)
{
	const struct json *tables = NULL;
	const char *id = "";
	char at[CLOCK_TEXT_BYTES];
	int64_t released_s = 0;
	enum err e = json_get_text(r, "id", TEXT_MAX_BYTES, &id);
	if (!e)
		e = json_get_int(r, "released_s", 0, INT64_MAX / MS_PER_S, &released_s);
	if (!e)
		e = json_get_array(r, "tables", LIST_MAX_COUNT, &tables);
	if (e)
		return e;
	clock_text(at, released_s * MS_PER_S);
	printf("  %.*s  %s  ", DAY_CHARS, at, id);
	for (size_t i = 0; !e && i < json_count(tables); i++) {
		const char *table = "";
		e = json_item_text(tables, i, "tables", TEXT_MAX_BYTES, &table);
		printf("%s%s", i ? " " : "", table);
	}
	printf("\n");
	return e;
}

static enum err
print_person(const struct json *one)
{
	const struct json *releases = NULL;
	const char *site = "", *by = "";
	int64_t records = 0;
	bool held = false;
	enum err e = json_get_text(one, "site", TEXT_MAX_BYTES, &site);
	if (!e)
		e = json_get_text(one, "by", TEXT_MAX_BYTES, &by);
	if (!e)
		e = json_get_int(one, "records", 0, INT64_MAX, &records);
	if (!e)
		e = json_get_bool(one, "held", &held);
	if (!e)
		e = json_get_array(one, "releases", LIST_MAX_COUNT, &releases);
	if (e)
		return e;
	printf("a person of %s, with %lld record%s here%s%s\n", site, (long long)records,
		records == 1 ? "" : "s", held ? "; on hold already, by " : "", held ? by : "");
	printf("%s\n", json_count(releases)
			       ? "releases that hold the person, by date, with their tables; "
				 "they stay as they are:"
			       : "no release holds the person");
	for (size_t i = 0; !e && i < json_count(releases); i++) {
		const struct json *r = NULL;
		e = json_item_object(releases, i, "releases", &r);
		if (!e)
			e = print_release(r);
	}
	return e;
}

static enum err
show(struct program *p, struct office *o, const char *number)
{
	OWNED(json) struct json *answer = NULL;
	OWNED_BUF struct buf args;
	const struct json *persons = NULL;
	buf_init(&args, BODY_MAX_BYTES);
	enum err e = make_body(&args, number, NULL);
	buf_u8(&args, 0); /* it is handed on as text */
	if (!e && program_json(p))
		return office_print(o, "hold", (const char *)args.at);
	if (!e)
		e = office_ask(o, "hold", (const char *)args.at, &answer);
	if (!e)
		e = json_get_array(answer, "persons", LIST_MAX_COUNT, &persons);
	if (e)
		return e;
	printf("Nothing was done. A hold by receipt %s would take out of every cohort:\n",
		number);
	for (size_t i = 0; !e && i < json_count(persons); i++) {
		const struct json *one = NULL;
		e = json_item_object(persons, i, "persons", &one);
		if (!e)
			e = print_person(one);
	}
	return e;
}

/* acts */

static enum err
submit(struct program *p, struct office *o, const char *kind, const char *number,
	struct json **ret_answer)
{
	OWNED(signer) struct signer *by = NULL;
	OWNED_BUF struct buf body;
	buf_init(&body, BODY_MAX_BYTES);
	const bool lifts = strcmp(kind, HOLD_LIFT_KIND) == 0;
	enum err e = make_body(&body, number, lifts ? program_value(p, "reason") : NULL);
	if (!e)
		e = office_signer(o, &by);
	const struct office_act act = {kind, number, buf_view(&body)};
	return e ? e : office_submit(o, by, &act, ret_answer);
}

/* The sites that the answer names, each with the words behind it. */
static enum err
print_sites(const struct json *answer, const char *words)
{
	const struct json *sites = NULL;
	enum err e = json_get_array(answer, "sites", LIST_MAX_COUNT, &sites);
	for (size_t i = 0; !e && i < json_count(sites); i++) {
		const char *site = "";
		e = json_item_text(sites, i, "sites", TEXT_MAX_BYTES, &site);
		if (!e)
			printf("a person of %s %s\n", site, words);
	}
	return e;
}

static enum err
run(struct program *p, const char *kind, const char *words)
{
	OWNED(office) struct office *o = NULL;
	OWNED(json) struct json *answer = NULL;
	char number[RECEIPT_BYTES];
	enum err e = find_number(p, number);
	if (!e)
		e = office_open(&o, p);
	if (!e && strcmp(kind, HOLD_KIND) == 0 && program_has(p, "dry-run"))
		return show(p, o, number);
	if (!e)
		e = submit(p, o, kind, number, &answer);
	if (!e && program_json(p))
		printf("{\"receipt\":\"%s\",\"done\":true}\n", number);
	else if (!e)
		e = print_sites(answer, words);
	return e;
}

static enum err
run_hold(struct program *p)
{
	return run(p, HOLD_KIND,
		"is out of every cohort from now on. Ring the site: it has to say which level "
		"was meant, with `weir-node change` and this receipt number; that ends the "
		"hold");
}

static enum err
run_lift(struct program *p)
{
	if (!program_value(p, "reason"))
		return program_usage(p, "--reason TEXT is needed: why the hold ends");
	return run(
		p, HOLD_LIFT_KIND, "is on hold no more; what the person permits counts again");
}

static const struct program_option hold_options[] = {
	{"receipt", "NUMBER", "on the paper that the person has"},
	{"dry-run", NULL, "say who it is and which releases hold the person; do nothing"},
	{"by", "PERSON", "who was rung: a researcher, officer or approver"},
	{NULL, NULL, NULL},
};
static const struct program_option lift_options[] = {
	{"receipt", "NUMBER", "on the paper that the person has"},
	{"reason", "TEXT", "why"},
	{"by", "PERSON", "another person than the one who placed it"},
	{NULL, NULL, NULL},
};

const struct program_command cmd_hold = {
	.name = "hold",
	.run = run_hold,
	.help = "take a person who rang out of every cohort at once, by receipt number",
	.options = hold_options,
};
const struct program_command cmd_hold_lift = {
	.name = "hold lift",
	.run = run_lift,
	.help = "end a hold that the site does not end by a change",
	.options = lift_options,
};
