#include "hub/cmd.h"

#include <stdio.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/codec/json.h"
#include "common/codec/text.h"

#include "hub/office.h"

#define BODY_MAX_BYTES      8192
#define APPROVALS_MAX_COUNT 100000

/* The fields of a body, in the order of approvals.h. */
struct fields {
	const char *id, *kind, *decision, *reference, *reason, *site;
	int64_t from_s, until_s;
};

static enum err
make_body(const struct fields *f, struct buf *body)
{
	struct json_out w;
	json_begin(&w, body);
	json_put_object(&w, NULL);
	json_put_text(&w, "id", f->id);
	json_put_text(&w, "kind", f->kind);
	json_put_text(&w, "decision", f->decision);
	json_put_text(&w, "reference", f->reference);
	json_put_text(&w, "reason", f->reason);
	json_put_text(&w, "site", f->site);
	json_put_int(&w, "from_s", f->from_s);
	json_put_int(&w, "until_s", f->until_s);
	json_put_close(&w);
	return json_end(&w, "approval");
}

static enum err
submit(struct program *p, struct office *o, const char *kind, const struct fields *f)
{
	OWNED_BUF struct buf body;
	OWNED(signer) struct signer *by = NULL;
	OWNED(json) struct json *answer = NULL;
	buf_init(&body, BODY_MAX_BYTES);
	enum err e = make_body(f, &body);
	if (!e)
		e = office_signer(o, &by);
	struct office_act act = {kind, f->id, buf_view(&body)};
	if (!e)
		e = office_submit(o, by, &act, &answer);
	if (!e && program_json(p))
		printf("{\"approval\":\"%s\",\"act\":\"%s\"}\n", f->id, kind);
	return e;
}

static const char *
or_empty(const char *text)
{
	return text ? text : "";
}

/* A last day given as a date counts to its end. */
static enum err
read_dates(struct program *p, struct fields *f)
{
	const char *from = program_value(p, "from"), *until = program_value(p, "until");
	int64_t from_ms = 0, until_ms = 0;
	if (!from || !clock_parse(from, &from_ms))
		return program_usage(p, "--from YYYY-MM-DD is needed: the day of the decision");
	if (until && !clock_parse(until, &until_ms))
		return program_usage(p, "--until is a day, YYYY-MM-DD");
	if (until && strlen(until) == 10)
		until_ms += (int64_t)86400 * 1000;
	f->from_s = MAX(from_ms / 1000, 1);
	f->until_s = until_ms / 1000;
	return OK;
}

static enum err
run_add(struct program *p)
{
	OWNED(office) struct office *o = NULL;
	struct fields f = {
		.id = program_arg(p, 0),
		.kind = program_value(p, "kind"),
		.decision = program_value(p, "decision"),
		.reference = or_empty(program_value(p, "reference")),
		.reason = or_empty(program_value(p, "reason")),
		.site = or_empty(program_value(p, "site")),
	};
	if (!text_is_name(f.id, 63))
		return program_usage(p, "an id is made of a-z, 0-9, _ and -");
	if (!f.kind || !f.decision)
		return program_usage(p, "--kind and --decision are needed");
	enum err e = read_dates(p, &f);
	if (!e)
		e = office_open(&o, p);
	if (!e)
		e = submit(p, o, "approval", &f);
	if (!e && !program_json(p))
		printf("approval %s is entered; another person puts it in force: `weir-hub "
		       "approval "
		       "verify %s`\n",
			f.id, f.id);
	return e;
}

static enum err
read_fields(const struct json *one, struct fields *f)
{
	enum err e = json_get_text(one, "id", 64, &f->id);
	if (!e)
		e = json_get_text(one, "kind", 64, &f->kind);
	if (!e)
		e = json_get_text(one, "decision", 64, &f->decision);
	if (!e)
		e = json_get_text(one, "reference", 256, &f->reference);
	if (!e)
		e = json_get_text(one, "reason", 256, &f->reason);
	if (!e)
		e = json_get_text(one, "site", 64, &f->site);
	if (!e)
		e = json_get_int(one, "from_s", 0, INT64_MAX, &f->from_s);
	if (!e)
		e = json_get_int(one, "until_s", 0, INT64_MAX, &f->until_s);
	return e;
}

static void
print_fields(const struct fields *f)
{
	char from[CLOCK_TEXT_BYTES] = "", until[CLOCK_TEXT_BYTES] = "open end";
	clock_text(from, f->from_s * 1000);
	if (f->until_s)
		clock_text(until, (f->until_s - 1) * 1000);
	printf("%-20s %-16s %-24s %-12s %.10s to %.10s", f->id, f->kind, f->decision,
		f->site[0] ? f->site : "whole study", from, until);
}

static enum err
find(const struct json *answer, const char *id, struct fields *ret)
{
	const struct json *list = NULL, *one = NULL;
	enum err e = json_get_array(answer, "approvals", APPROVALS_MAX_COUNT, &list);
	for (size_t i = 0; !e && i < json_count(list); i++) {
		e = json_item_object(list, i, "approvals", &one);
		if (!e)
			e = read_fields(one, ret);
		if (!e && strcmp(ret->id, id) == 0)
			return OK;
	}
	return e ? e : fail(E_NOTFOUND, "there is no approval %s", id);
}

static enum err
run_verify(struct program *p)
{
	OWNED(office) struct office *o = NULL;
	OWNED(json) struct json *answer = NULL;
	struct fields f = {0};
	enum err e = office_open(&o, p);
	if (!e)
		e = office_ask(o, "approvals", "{}", &answer);
	if (!e)
		e = find(answer, program_arg(p, 0), &f);
	if (e)
		return e;
	if (!program_json(p)) {
		print_fields(&f);
		printf("  reference %s\n", f.reference);
	}
	e = submit(p, o, "approval-verify", &f);
	if (!e && !program_json(p))
		printf("approval %s is in force\n", f.id);
	return e;
}

static enum err
print_one(const struct json *one)
{
	struct fields f;
	const char *entered = "", *verified = "";
	enum err e = read_fields(one, &f);
	if (!e)
		e = json_get_text(one, "entered_by", 64, &entered);
	if (!e)
		e = json_get_text(one, "verified_by", 64, &verified);
	if (e)
		return e;
	print_fields(&f);
	printf("  entered by %s, %s%s\n", entered,
		verified[0] ? "verified by " : "waits for a second person", verified);
	return OK;
}

static enum err
run_list(struct program *p)
{
	OWNED(office) struct office *o = NULL;
	OWNED(json) struct json *answer = NULL;
	const struct json *list = NULL, *one = NULL;
	enum err e = office_open(&o, p);
	if (!e && program_json(p))
		return office_print(o, "approvals", "{}");
	if (!e)
		e = office_ask(o, "approvals", "{}", &answer);
	if (!e)
		e = json_get_array(answer, "approvals", APPROVALS_MAX_COUNT, &list);
	for (size_t i = 0; !e && i < json_count(list); i++) {
		e = json_item_object(list, i, "approvals", &one);
		if (!e)
			e = print_one(one);
	}
	return e;
}

static const struct program_option add_options[] = {
	{"kind", "KIND", "rec, uni_rec, site_agreement, ..."},
	{"decision", "DECISION",
		"favourable, favourable-with-conditions, not-required, suspended, "
		"withdrawn, ..."},
	{"from", "DATE", "day of the decision, YYYY-MM-DD"},
	{"until", "DATE", "last day it holds; left out: open end"},
	{"reference", "TEXT", "the committee's or site's own reference"},
	{"reason", "TEXT", "why it is not required"},
	{"site", "SITE", "the one site it is about; left out: the whole study"},
	{"by", "PERSON", "who enters it"},
	{NULL, NULL, NULL},
};

static const struct program_option verify_options[] = {
	{"by", "PERSON", "who verifies it; not the one who entered it"},
	{NULL, NULL, NULL},
};

const struct program_command cmd_approval_add = {.name = "approval add",
	.run = run_add,
	.help = "enter what a committee or a site decided",
	.args = "ID",
	.args_min = 1,
	.args_max = 1,
	.options = add_options};

const struct program_command cmd_approval_verify = {.name = "approval verify",
	.run = run_verify,
	.help = "put an entered approval in force, as a second person",
	.args = "ID",
	.args_min = 1,
	.args_max = 1,
	.options = verify_options};

const struct program_command cmd_approval_list = {.name = "approval list",
	.run = run_list,
	.help = "every approval, who entered and verified it"};
