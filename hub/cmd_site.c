#include "hub/cmd.h"

#include <stdio.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/codec/json.h"
#include "common/study/lineage.h"

#include "hub/office.h"

#define BODY_MAX_BYTES 8192
#define CHANGE_KIND    "site-change"

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
		printf("{\"number\":%lld}\n", (long long)json_int_or_0(answer, "number"));
	else
		printf("recorded as change %lld. No record changes where it was collected; "
		       "tables "
		       "follow it with `release propose --sites`\n",
			(long long)json_int_or_0(answer, "number"));
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
	{"into", "SITE...", "one part; give it twice or more; the site itself, if it goes on"},
	ON, REASON, BY, END};
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
