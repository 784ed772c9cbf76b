#include "hub/cmd.h"

#include <stdio.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/mem.h"
#include "common/codec/json.h"
#include "common/codec/text.h"

#include "hub/approval_body.h"
#include "hub/approvalkind.h"
#include "hub/packfetch.h"

#define BODY_MAX_BYTES      8192
#define APPROVALS_MAX_COUNT 100000
#define DAY_S               86400
#define MS_PER_S            1000

static enum err
make_body(const struct approval *a, struct buf *body)
{
	struct json_out w;
	json_begin(&w, body);
	json_put_object(&w, NULL);
	approval_body_put(&w, a);
	json_put_close(&w);
	return json_end(&w, "approval");
}

static enum err
sign(struct program *p, struct office *o, const char *kind, const char *id, struct view body)
{
	OWNED(signer) struct signer *by = NULL;
	OWNED(json) struct json *answer = NULL;
	const struct office_act act = {kind, id, body};
	enum err e = office_signer(o, &by);
	if (!e)
		e = office_submit(o, by, &act, &answer);
	if (!e && program_json(p))
		printf("{\"approval\":\"%s\",\"act\":\"%s\"}\n", id, kind);
	return e;
}

static enum err
submit(struct program *p, struct office *o, const char *kind, const struct approval *a)
{
	OWNED_BUF struct buf body;
	buf_init(&body, BODY_MAX_BYTES);
	enum err e = make_body(a, &body);
	return e ? e : sign(p, o, kind, a->id, buf_view(&body));
}

/* add */

/* A last day given as a date counts to its end. */
static enum err
read_day(struct program *p, const char *option, bool is_last, int64_t *ret_s)
{
	const char *text = program_value(p, option);
	int64_t at_ms = 0;
	*ret_s = 0;
	if (!text)
		return OK;
	if (!clock_parse(text, &at_ms))
		return program_usage(p, "a date is a day, YYYY-MM-DD");
	*ret_s = MAX(at_ms / MS_PER_S, 1) + (is_last && strlen(text) == 10 ? DAY_S : 0);
	return OK;
}

static enum err
read_dates(struct program *p, struct approval *a)
{
	enum err e = read_day(p, "from", false, &a->from_s);
	if (!e && !a->from_s)
		e = program_usage(p, "--from YYYY-MM-DD is needed: the day of the decision");
	if (!e)
		e = read_day(p, "until", true, &a->until_s);
	if (!e)
		e = read_day(p, "submitted", false, &a->submitted_s);
	return e ? e : read_day(p, "review-due", true, &a->review_due_s);
}

static enum err
read_text(struct program *p, const char *option, char *to, size_t room)
{
	const char *text = program_value(p, option);
	if (text && strlen(text) >= room)
		return fail(E_FORMAT, "--%s is too long", option);
	(void)snprintf(to, room, "%s", text ? text : "");
	return OK;
}

static enum err
read_texts(struct program *p, struct approval *a)
{
	const struct {
		const char *option;
		char *to;
		size_t room;
	} texts[] = {{"kind", a->kind, sizeof(a->kind)},
		{"decision", a->decision, sizeof(a->decision)},
		{"reference", a->reference, sizeof(a->reference)},
		{"reason", a->reason, sizeof(a->reason)}, {"site", a->site, sizeof(a->site)},
		{"issuer", a->issuer, sizeof(a->issuer)},
		{"partner", a->partner, sizeof(a->partner)},
		{"person", a->person, sizeof(a->person)}, {"flow", a->flow, sizeof(a->flow)},
		{"supersedes", a->supersedes, sizeof(a->supersedes)},
		{"term", a->term, sizeof(a->term)},
		{"category", a->category, sizeof(a->category)},
		{"evidence", a->evidence, sizeof(a->evidence)},
		{"covers-protocols", a->covers[APPROVAL_PROTOCOLS], APPROVAL_WORDS_BYTES},
		{"covers-forms", a->covers[APPROVAL_FORMS], APPROVAL_WORDS_BYTES},
		{"covers-data", a->covers[APPROVAL_DATA], APPROVAL_WORDS_BYTES},
		{"covers-activities", a->covers[APPROVAL_ACTIVITIES], APPROVAL_WORDS_BYTES},
		{"covers-sites", a->covers[APPROVAL_SITES], APPROVAL_WORDS_BYTES},
		{"covers-modes", a->covers[APPROVAL_MODES], APPROVAL_WORDS_BYTES}};
	enum err e = OK;
	for (size_t i = 0; !e && i < ARRAY_LEN(texts); i++)
		e = read_text(p, texts[i].option, texts[i].to, texts[i].room);
	return e;
}

/* "DUE-DAY TEXT", or TEXT for one that was due from the start; parted by ';'. */
static enum err
read_conditions(struct program *p, struct approval *a)
{
	OWNED_MEM char *all =
		xstrdup(program_value(p, "conditions") ? program_value(p, "conditions") : "");
	char *rest = NULL;
	for (char *one = strtok_r(all, ";", &rest); one; one = strtok_r(NULL, ";", &rest)) {
		struct approval_condition *to = &a->conditions[a->condition_count];
		int64_t due_ms = 0;
		char day[11] = "";
		one += strspn(one, " ");
		if (a->condition_count == APPROVAL_CONDITIONS_MAX)
			return fail(E_FORMAT, "an approval takes %d conditions",
				APPROVAL_CONDITIONS_MAX);
		(void)snprintf(day, sizeof(day), "%s", one);
		if (strlen(one) > 11 && one[10] == ' ' && clock_parse(day, &due_ms)) {
			to->due_s = due_ms / MS_PER_S + DAY_S;
			one += 11;
		}
		if (strlen(one) >= sizeof(to->text))
			return fail(E_FORMAT, "a condition is too long");
		(void)snprintf(to->text, sizeof(to->text), "%s", one);
		a->condition_count++;
	}
	return OK;
}

static void
print_entered(const struct approval *a, const struct pack *pack)
{
	printf("approval %s is entered; another person puts it in force: `weir-hub approval "
	       "verify %s`\n",
		a->id, a->id);
	if (pack && !approvalkind_is_asked(pack, a->kind))
		printf("no rule of the study and no line of sites.csv asks for the kind %s: is "
		       "it spelled as there?\n",
			a->kind);
}

static enum err
run_add(struct program *p)
{
	OWNED(office) struct office *o = NULL;
	OWNED(pack) struct pack *pack = NULL;
	OWNED_MEM struct approval *a = xcalloc(1, sizeof(*a));
	const char *cost = program_value(p, "cost");
	if (!text_is_name(program_arg(p, 0), ROW_ID_BYTES - 1))
		return program_usage(p, "an id is made of a-z, 0-9, _ and -");
	if (!program_value(p, "kind") || !program_value(p, "decision"))
		return program_usage(p, "--kind and --decision are needed");
	if (cost && (!text_int(view_text(cost), &a->cost) || a->cost < 0))
		return program_usage(p, "--cost is a whole number of the study's currency");
	(void)snprintf(a->id, sizeof(a->id), "%s", program_arg(p, 0));
	enum err e = read_dates(p, a);
	if (!e)
		e = read_texts(p, a);
	if (!e)
		e = read_conditions(p, a);
	if (!e)
		e = office_open(&o, p);
	if (!e)
		e = packfetch(&pack, o);
	if (!e)
		e = submit(p, o, "approval", a);
	if (!e && !program_json(p))
		print_entered(a, pack);
	return e;
}

/* show */

static void
print_turns(const struct json *one)
{
	const struct json *turns, *turn;
	if (json_get_array(one, "turns", APPROVAL_TURNS_MAX, &turns))
		return;
	for (size_t i = 0; i < json_count(turns); i++) {
		const char *word = "", *by = "", *second = "", *reason = "";
		char at[CLOCK_TEXT_BYTES];
		int64_t at_s = 0;
		if (json_item_object(turns, i, "turns", &turn) ||
			json_get_text(turn, "turn", 64, &word) ||
			json_get_text(turn, "by", 64, &by) ||
			json_get_text(turn, "verified_by", 64, &second) ||
			json_get_text(turn, "reason", ROW_TEXT_BYTES, &reason) ||
			json_get_int(turn, "at_s", 0, INT64_MAX / MS_PER_S, &at_s))
			return;
		clock_text(at, at_s * MS_PER_S);
		bool waits = approval_turn_widens(approval_turn_of(word)) && !*second;
		printf("    %-9s %.10s by %s%s%s%s: %s\n", word, at, by, *second ? " and " : "",
			second, waits ? ", waits for a second person" : "", reason);
	}
}

static void
print_fields(const struct approval *a)
{
	char from[CLOCK_TEXT_BYTES] = "", until[CLOCK_TEXT_BYTES] = "open end";
	clock_text(from, a->from_s * MS_PER_S);
	if (a->until_s)
		clock_text(until, (a->until_s - 1) * MS_PER_S);
	printf("%-20s %-16s %-24s %-12s %.10s to %.10s", a->id, a->kind, a->decision,
		a->site[0] ? a->site : "whole study", from, until);
	if (a->partner[0])
		printf("  partner %s", a->partner);
	if (a->person[0])
		printf("  person %s", a->person);
}

static void
print_conditions(const struct approval *a)
{
	for (size_t i = 0; i < a->condition_count; i++) {
		char due[CLOCK_TEXT_BYTES] = "the start";
		if (a->conditions[i].due_s)
			clock_text(due, (a->conditions[i].due_s - 1) * MS_PER_S);
		printf("    condition %zu, due %.10s: %s\n", i + 1, due, a->conditions[i].text);
	}
}

static enum err
find(const struct json *answer, const char *id, struct approval *ret,
	const struct json **ret_one)
{
	const struct json *list = NULL;
	enum err e = json_get_array(answer, "approvals", APPROVALS_MAX_COUNT, &list);
	for (size_t i = 0; !e && i < json_count(list); i++) {
		*ret = (struct approval){.id = ""};
		e = json_item_object(list, i, "approvals", ret_one);
		if (!e)
			e = approval_body_get(*ret_one, ret);
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
	OWNED_MEM struct approval *a = xcalloc(1, sizeof(*a));
	const struct json *one;
	enum err e = office_open(&o, p);
	if (!e)
		e = office_ask(o, "approvals", "{}", &answer);
	if (!e)
		e = find(answer, program_arg(p, 0), a, &one);
	if (e)
		return e;
	if (!program_json(p)) {
		print_fields(a);
		if (a->reference[0])
			printf("  reference %s\n", a->reference);
		print_conditions(a);
	}
	e = submit(p, o, "approval-verify", a);
	if (!e && !program_json(p))
		printf("approval %s is in force\n", a->id);
	return e;
}

static enum err
print_one(const struct json *one)
{
	OWNED_MEM struct approval *a = xcalloc(1, sizeof(*a));
	const char *entered = "", *verified = "";
	enum err e = approval_body_get(one, a);
	if (!e)
		e = json_get_text(one, "entered_by", 64, &entered);
	if (!e)
		e = json_get_text(one, "verified_by", 64, &verified);
	if (e)
		return e;
	print_fields(a);
	printf("  entered by %s, %s%s\n", entered,
		verified[0] ? "verified by " : "waits for a second person", verified);
	print_conditions(a);
	print_turns(one);
	return OK;
}

static enum err
run_list(struct program *p)
{
	return office_list(
		p, &(struct office_list){"approvals", "approvals", APPROVALS_MAX_COUNT,
			   print_one, "no approval was entered yet"});
}

static const struct program_option add_options[] = {
	{"kind", "KIND",
		"rec, hra, site_agreement, dsa, dpia, cag, dspt, modification, training, "
		"contract, ..."},
	{"decision", "DECISION",
		"favourable, favourable-with-conditions, provisional, unfavourable, confirmed, "
		"not-required, withdrawn, suspended"},
	{"from", "DATE", "day of the decision, YYYY-MM-DD"},
	{"until", "DATE", "last day it holds; left out: open end"},
	{"submitted", "DATE", "day it was asked for"},
	{"review-due", "DATE", "last day of its next review or report"},
	{"cost", "NUMBER", "what getting it cost, in the study's currency"},
	{"reference", "TEXT", "the committee's or site's own reference"},
	{"issuer", "TEXT", "who decided"},
	{"reason", "TEXT", "why it is not required"},
	{"site", "SITE", "the one site it is about; left out: the whole study"},
	{"partner", "PARTNER", "the one partner organisation of the site"},
	{"person", "PERSON",
		"the one person it is about: training, contract, letter of access"},
	{"flow", "FLOW", "the one stream of data it is about: flow of a form in study.ini"},
	{"conditions", "LIST", "\"2027-03-31 text; text\": the last day of each, and what"},
	{"supersedes", "ID", "the approval that ends when this one begins"},
	{"term", "TERM",
		"of a modification: substantial, important-detail, minor, non-substantial"},
	{"category", "LETTER", "of a modification: which NHS sites confirm again: a, b or c"},
	{"evidence", "HEX", "SHA-256 of the letter"},
	{"covers-forms", "LIST", "forms, or FORM@VERSION, parted by blanks; so are all below"},
	{"covers-protocols", "LIST", "versions of the plan: protocol in study.ini"},
	{"covers-data", "LIST", "answers, records, audio"},
	{"covers-activities", "LIST", "collect, sync, aggregate, release, query, export"},
	{"covers-sites", "LIST", "sites"},
	{"covers-modes", "LIST", "ways of giving consent: written, verbal-witnessed, ..."},
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
