#include "hub/cmd.h"

#include <stdio.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/mem.h"
#include "common/codec/json.h"
#include "common/study/lineage.h"

#include "hub/office.h"

#define BODY_MAX_BYTES 8192
#define LIST_MAX_COUNT 100000
#define TEXT_MAX_BYTES 4096
#define ID_MAX_BYTES   64
#define MS_PER_S       1000
#define CHANGE_KIND    "site-change"
#define LEAVE_KIND     "site-leave"
#define AGREE_KIND     "site-leave-agree"

static const char *
member(const struct json *o, const char *key)
{
	const char *text = "";
	return json_get_text(o, key, TEXT_MAX_BYTES, &text) ? "" : text;
}

static int64_t
member_int(const struct json *o, const char *key)
{
	int64_t n = 0;
	return json_get_int(o, key, INT64_MIN, INT64_MAX, &n) ? 0 : n;
}

static bool
member_bool(const struct json *o, const char *key)
{
	bool yes = false;
	return json_get_bool(o, key, &yes) == OK && yes;
}

/* An argument of office_ask() out of a buffer. */
static const char *
as_text(struct buf *b)
{
	buf_u8(b, 0);
	return (const char *)b->at;
}

/* acts */

static enum err
submit(struct program *p, const struct office_act *act, struct json **ret_answer)
{
	OWNED(office) struct office *o = NULL;
	OWNED(signer) struct signer *by = NULL;
	enum err e = office_open(&o, p);
	if (!e)
		e = office_signer(o, &by);
	return e ? e : office_submit(o, by, act, ret_answer);
}

static enum err
need(struct program *p, const char *option, const char *words)
{
	return program_value(p, option) ? OK : program_usage(p, "--%s", words);
}

static enum err
need_all(struct program *p)
{
	enum err e = need(p, "on", "on YYYY-MM-DD is needed: the first day on which it holds");
	if (!e && !lineage_is_day(program_value(p, "on")))
		e = program_usage(p, "--on is a day, YYYY-MM-DD");
	return e ? e : need(p, "reason", "reason TEXT is needed: on what does it stand?");
}

/* changes */

/* What one of the commands records; codes on the right come from --into. */
struct wanted {
	enum lineage_kind kind;
	const char *scope;
	size_t from; /* arguments from this one on are the left side */
	const char *becomes;
};

static enum err
make_change(struct program *p, const struct wanted *w, struct buf *body)
{
	struct json_out out;
	json_begin(&out, body);
	json_put_object(&out, NULL);
	json_put_text(&out, "scope", w->scope);
	json_put_text(&out, "kind", lineage_word(w->kind));
	json_put_text(&out, "day", program_value(p, "on"));
	json_put_array(&out, "from");
	for (size_t i = w->from; i < program_arg_count(p); i++)
		json_put_text(&out, NULL, program_arg(p, i));
	json_put_close(&out);
	json_put_array(&out, "into");
	for (size_t i = 0; !w->becomes && i < program_value_count(p, "into"); i++)
		json_put_text(&out, NULL, program_value_at(p, "into", i));
	json_put_close(&out);
	json_put_text(&out, "becomes", w->becomes ? w->becomes : "");
	json_put_text(&out, "reason", program_value(p, "reason"));
	json_put_close(&out);
	return json_end(&out, "change of a site");
}

static enum err
record(struct program *p, const struct wanted *w)
{
	OWNED(json) struct json *answer = NULL;
	OWNED_BUF struct buf body;
	buf_init(&body, BODY_MAX_BYTES);
	enum err e = need_all(p);
	if (!e)
		e = make_change(p, w, &body);
	const struct office_act act = {CHANGE_KIND, program_arg(p, w->from), buf_view(&body)};
	if (!e)
		e = submit(p, &act, &answer);
	if (e)
		return e;
	if (program_json(p))
		printf("{\"number\":%lld}\n", (long long)member_int(answer, "number"));
	else
		printf("recorded as change %lld. No record changes where it was collected; "
		       "tables "
		       "follow it with `release propose --sites`\n",
			(long long)member_int(answer, "number"));
	return OK;
}

static enum err
run_merge(struct program *p)
{
	const struct wanted w = {LINEAGE_MERGE, "", 0, NULL};
	enum err e = need(p, "into", "into SITE is needed: what did they become?");
	return e ? e : record(p, &w);
}

static enum err
run_split(struct program *p)
{
	const struct wanted w = {LINEAGE_SPLIT, "", 0, NULL};
	if (program_value_count(p, "into") < 2)
		return program_usage(p, "--into SITE is needed twice or more");
	return record(p, &w);
}

static enum err
run_rename(struct program *p)
{
	const char *name = program_value(p, "name");
	const struct wanted w = {name ? LINEAGE_NAME : LINEAGE_FOLLOW, "", 0, name};
	if (!name == !program_value(p, "into"))
		return program_usage(p,
			"--name TEXT or --into SITE is needed: another name, or another code");
	return record(p, &w);
}

static enum err
run_partners(struct program *p)
{
	const struct wanted w = {LINEAGE_MERGE, program_arg(p, 0), 1, NULL};
	enum err e = need(p, "into", "into PARTNER is needed: what did they become?");
	return e ? e : record(p, &w);
}

static enum err
run_strike(struct program *p)
{
	OWNED(json) struct json *answer = NULL;
	OWNED_BUF struct buf body;
	struct json_out out;
	int64_t number = 0;
	buf_init(&body, BODY_MAX_BYTES);
	enum err e = program_number(p, "change", 1, LINEAGE_MAX_COUNT, &number);
	if (!e && !number)
		e = program_usage(p, "--change NUMBER is needed: see `site lineage`");
	if (!e)
		e = need(p, "reason", "reason TEXT is needed: what was wrong?");
	if (e)
		return e;
	OWNED_MEM char *id = xasprintf("%lld", (long long)number);
	json_begin(&out, &body);
	json_put_object(&out, NULL);
	json_put_int(&out, "number", number);
	json_put_text(&out, "reason", program_value(p, "reason"));
	json_put_close(&out);
	e = json_end(&out, "strike");
	const struct office_act act = {"site-strike", id, buf_view(&body)};
	if (!e)
		e = submit(p, &act, &answer);
	if (!e)
		printf(program_json(p) ? "{\"number\":%s,\"struck\":true}\n"
				       : "change %s is struck; it stays readable\n",
			id);
	return e;
}

/* leaving */

static enum err
make_leave(struct buf *body, const char *site, const char *data, const char *day,
	const char *reason)
{
	struct json_out out;
	json_begin(&out, body);
	json_put_object(&out, NULL);
	json_put_text(&out, "site", site);
	json_put_text(&out, "data", data);
	json_put_text(&out, "day", day);
	json_put_text(&out, "reason", reason);
	json_put_close(&out);
	return json_end(&out, "leaving");
}

static const char *
words_of(const char *data)
{
	if (strcmp(data, "keep") == 0)
		return "what was collected before the day is used as before";
	if (strcmp(data, "stop") == 0)
		return "nothing of it counts from the day on; what was released stays";
	return "nothing of it counts from the day on, and every person of the site is erased "
	       "as if the person had asked for it";
}

static enum err
propose_leave(struct program *p)
{
	OWNED(json) struct json *answer = NULL;
	OWNED_BUF struct buf body;
	const char *site = program_arg(p, 0), *data = program_value(p, "data");
	buf_init(&body, BODY_MAX_BYTES);
	enum err e =
		need(p, "data", "data keep|stop|erase is needed: what becomes of its data?");
	if (!e)
		e = need_all(p);
	if (!e)
		e = make_leave(
			&body, site, data, program_value(p, "on"), program_value(p, "reason"));
	const struct office_act act = {LEAVE_KIND, site, buf_view(&body)};
	if (!e)
		e = submit(p, &act, &answer);
	if (e)
		return e;
	if (program_json(p))
		printf("{\"site\":\"%s\",\"state\":\"proposed\"}\n", site);
	else
		printf("said for the study; nothing changes until the person who answers for "
		       "%s "
		       "agrees: weir-hub site leave %s --agree --by PERSON\n",
			site, site);
	return OK;
}

/* lends the newest leaving of the site that waits. */
static enum err
find_waiting(const struct json *answer, const char *site, const struct json **ret)
{
	const struct json *all = NULL, *one = NULL;
	*ret = NULL;
	enum err e = json_get_array(answer, "left", LIST_MAX_COUNT, &all);
	for (size_t i = 0; !e && i < json_count(all); i++) {
		e = json_item_object(all, i, "left", &one);
		if (!e && strcmp(member(one, "site"), site) == 0 && !*member(one, "agreed_by"))
			*ret = one;
	}
	if (!e && !*ret)
		e = fail(E_NOTFOUND, "nobody of the study has said that site %s leaves", site);
	return e;
}

/* Who agrees sees the words, then signs these bytes. */
static enum err
agree_leave(struct program *p)
{
	OWNED(office) struct office *o = NULL;
	OWNED(signer) struct signer *by = NULL;
	OWNED(json) struct json *all = NULL, *answer = NULL;
	OWNED_BUF struct buf body;
	const struct json *w = NULL;
	const char *site = program_arg(p, 0);
	buf_init(&body, BODY_MAX_BYTES);
	enum err e = office_open(&o, p);
	if (!e)
		e = office_ask(o, "lineage", "{}", &all);
	if (!e)
		e = find_waiting(all, site, &w);
	if (!e && !program_json(p))
		printf("site %s leaves on %s, said by %s: %s\n  its data: %s - %s\n", site,
			member(w, "day"), member(w, "by"), member(w, "reason"),
			member(w, "data"), words_of(member(w, "data")));
	if (!e)
		e = make_leave(
			&body, site, member(w, "data"), member(w, "day"), member(w, "reason"));
	if (!e)
		e = office_signer(o, &by);
	const struct office_act act = {AGREE_KIND, site, buf_view(&body)};
	if (!e)
		e = office_submit(o, by, &act, &answer);
	if (!e)
		printf(program_json(p)
				? "{\"site\":\"%s\",\"state\":\"agreed\"}\n"
				: "agreed for %s; its nodes are told when they next connect\n",
			site);
	return e;
}

static enum err
run_leave(struct program *p)
{
	return program_has(p, "agree") ? agree_leave(p) : propose_leave(p);
}

/* lists */

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
	clock_text(when, member_int(c, "at_s") * MS_PER_S);
	printf("%4lld  %s  %-6s  ", (long long)member_int(c, "number"), member(c, "day"),
		member(c, "kind"));
	if (*member(c, "scope"))
		printf("partners of %s: ", member(c, "scope"));
	print_side(c, "from");
	printf(" -> ");
	print_side(c, "into");
	if (*member(c, "becomes"))
		printf("\"%s\", before \"%s\"", member(c, "becomes"), member(c, "was"));
	printf("\n      recorded by %s at %s: %s\n", member(c, "by"), when,
		member(c, "reason"));
	if (*member(c, "struck_by"))
		printf("      struck by %s: it does not count\n", member(c, "struck_by"));
}

static void
print_left(const struct json *l)
{
	const bool waits = !*member(l, "agreed_by");
	printf("%s  %s  %s, data: %s\n      said by %s: %s\n",
		waits                     ? "leaves"
		: member_bool(l, "begun") ? "left  "
					  : "leaves",
		member(l, "day"), member(l, "site"), member(l, "data"), member(l, "by"),
		member(l, "reason"));
	if (waits)
		printf("      waits for the person who answers for the site\n");
	else
		printf("      agreed by %s\n", member(l, "agreed_by"));
	if (member_int(l, "asked"))
		printf("      erasure begun for %lld persons: see `weir-hub erase list`\n",
			(long long)member_int(l, "asked"));
}

static enum err
print_each(const struct json *answer, const char *key, void (*print)(const struct json *one))
{
	const struct json *all = NULL, *one = NULL;
	enum err e = json_get_array(answer, key, LIST_MAX_COUNT, &all);
	for (size_t i = 0; !e && i < json_count(all); i++) {
		e = json_item_object(all, i, key, &one);
		if (!e)
			print(one);
	}
	return e;
}

static enum err
run_lineage(struct program *p)
{
	OWNED(office) struct office *o = NULL;
	OWNED(json) struct json *answer = NULL;
	enum err e = office_open(&o, p);
	if (!e && program_json(p))
		return office_print(o, "lineage", "{}");
	if (!e)
		e = office_ask(o, "lineage", "{}", &answer);
	if (!e)
		e = print_each(answer, "changes", print_change);
	return e ? e : print_each(answer, "left", print_left);
}

static void
print_site(const struct json *s)
{
	printf("%-20s %-20s %-12s %s", member(s, "id"), member(s, "as"),
		member_bool(s, "joined") ? "joined" : "not joined", member(s, "name"));
	if (*member(s, "left"))
		printf("  (leaves on %s, data: %s)", member(s, "left"), member(s, "data"));
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
	OWNED_BUF struct buf args;
	struct lineage_view view;
	struct json_out out;
	const char *sites = program_value(p, "sites") ? program_value(p, "sites") : "recorded";
	buf_init(&args, BODY_MAX_BYTES);
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
	e = print_each(answer, "sites", print_site);
	return e ? e : print_notes(answer);
}

/* commands */

#define ON                                                                                     \
	{                                                                                      \
		"on", "DAY", "YYYY-MM-DD, the first day on which it holds"                     \
	}
#define REASON                                                                                 \
	{                                                                                      \
		"reason", "TEXT", "on what it stands, in one line"                             \
	}
#define BY                                                                                     \
	{                                                                                      \
		"by", "PERSON", "a researcher or officer"                                      \
	}
#define END                                                                                    \
	{                                                                                      \
		NULL, NULL, NULL                                                               \
	}

static const struct program_option merge_options[] = {
	{"into", "SITE", "what they became; one of them, if it took the others over"}, ON,
	REASON, BY, END};
static const struct program_option split_options[] = {
	{"into", "SITE", "one part; give it twice or more; the site itself, if it goes on"}, ON,
	REASON, BY, END};
static const struct program_option rename_options[] = {
	{"name", "TEXT", "its public name from then on"},
	{"into", "SITE", "its code from then on, of sites.csv"}, ON, REASON, BY, END};
static const struct program_option partners_options[] = {
	{"into", "PARTNER",
		"what they became, of partners.csv; it needs agreements of its own"},
	ON, REASON, BY, END};
static const struct program_option strike_options[] = {
	{"change", "NUMBER", "as `site lineage` numbers it"},
	{"reason", "TEXT", "what was wrong"},
	{"by", "PERSON", "an officer, not the person who recorded it"}, END};
static const struct program_option leave_options[] = {
	{"data", "keep|stop|erase", "what becomes of its data"}, ON, REASON,
	{"agree", NULL, "agree for the site to what the study said"},
	{"by", "PERSON", "a researcher or officer; with --agree the site's overseer"}, END};
static const struct program_option list_options[] = {
	{"sites", "VIEW", "recorded (default), lineage or as-of:YYYY-MM-DD"}, END};

const struct program_command cmd_site_merge = {.name = "site merge",
	.run = run_merge,
	.help = "record that sites merged; no record changes where it was collected",
	.args = "SITE SITE...",
	.args_min = 2,
	.args_max = LINEAGE_SIDE_MAX,
	.options = merge_options};

const struct program_command cmd_site_split = {.name = "site split",
	.run = run_split,
	.help = "record that a site was split",
	.args = "SITE",
	.args_min = 1,
	.args_max = 1,
	.options = split_options};

const struct program_command cmd_site_rename = {.name = "site rename",
	.run = run_rename,
	.help = "record that a site has another public name, or goes on under another code",
	.args = "SITE",
	.args_min = 1,
	.args_max = 1,
	.options = rename_options};

const struct program_command cmd_site_partners = {.name = "site partners",
	.run = run_partners,
	.help = "record that partner organisations of a site merged",
	.args = "SITE PARTNER PARTNER...",
	.args_min = 3,
	.args_max = LINEAGE_SIDE_MAX + 1,
	.options = partners_options};

const struct program_command cmd_site_strike = {.name = "site strike",
	.run = run_strike,
	.help = "strike a change of sites that was recorded wrongly",
	.options = strike_options};

const struct program_command cmd_site_leave = {.name = "site leave",
	.run = run_leave,
	.help = "let a site leave, its data settled: the study says it, the site agrees",
	.args = "SITE",
	.args_min = 1,
	.args_max = 1,
	.options = leave_options};

const struct program_command cmd_site_list = {.name = "site list",
	.run = run_list,
	.help = "list the sites and for whom each counts in a table",
	.options = list_options};

const struct program_command cmd_site_lineage = {.name = "site lineage",
	.run = run_lineage,
	.help = "list how sites changed and which left, with dates and who said it"};
