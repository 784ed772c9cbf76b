#include "hub/cmd.h"

#include <stdio.h>
#include <string.h>

#include "common/codec/json.h"
#include "common/study/lineage.h"

#include "hub/office.h"

#define BODY_MAX_BYTES 8192
#define LIST_MAX_COUNT 100000
#define LEAVE_KIND     "site-leave"
#define AGREE_KIND     "site-leave-agree"

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
check_said(struct program *p)
{
	if (!program_value(p, "data"))
		return program_usage(
			p, "--data keep|stop|erase is needed: what becomes of its data?");
	if (!program_value(p, "on") || !lineage_is_day(program_value(p, "on")))
		return program_usage(
			p, "--on YYYY-MM-DD is needed: the first day on which it is no site");
	if (!program_value(p, "reason"))
		return program_usage(p, "--reason TEXT is needed: on what does it stand?");
	return OK;
}

static enum err
propose_leave(struct program *p)
{
	OWNED(office) struct office *o = NULL;
	OWNED(signer) struct signer *by = NULL;
	OWNED(json) struct json *answer = NULL;
	OWNED_BUF struct buf body;
	const char *site = program_arg(p, 0), *data = program_value(p, "data");
	buf_init(&body, BODY_MAX_BYTES);
	enum err e = check_said(p);
	if (!e)
		e = make_leave(
			&body, site, data, program_value(p, "on"), program_value(p, "reason"));
	if (!e)
		e = office_open(&o, p);
	if (!e)
		e = office_signer(o, &by);
	const struct office_act act = {LEAVE_KIND, site, buf_view(&body)};
	if (!e)
		e = office_submit(o, by, &act, &answer);
	if (e)
		return e;
	if (program_json(p))
		printf("{\"site\":\"%s\",\"state\":\"proposed\"}\n", site);
	else
		printf("said for the study; nothing changes until the person who answers for "
		       "%s agrees: weir-hub site leave %s --agree --by PERSON\n",
			site, site);
	return OK;
}

/* for the site */

/* lends the newest leaving of the site that waits. */
static enum err
find_waiting(const struct json *answer, const char *site, const struct json **ret)
{
	const struct json *all = NULL, *one = NULL;
	*ret = NULL;
	enum err e = json_get_array(answer, "left", LIST_MAX_COUNT, &all);
	for (size_t i = 0; !e && i < json_count(all); i++) {
		e = json_item_object(all, i, "left", &one);
		if (!e && strcmp(json_text_or_empty(one, "site"), site) == 0 &&
			!*json_text_or_empty(one, "agreed_by"))
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
			json_text_or_empty(w, "day"), json_text_or_empty(w, "by"),
			json_text_or_empty(w, "reason"), json_text_or_empty(w, "data"),
			words_of(json_text_or_empty(w, "data")));
	if (!e)
		e = make_leave(&body, site, json_text_or_empty(w, "data"),
			json_text_or_empty(w, "day"), json_text_or_empty(w, "reason"));
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

static const struct program_option options[] = {
	{"data", "keep|stop|erase", "what becomes of its data"},
	{"on", "DAY", "YYYY-MM-DD, the first day on which it is no site any more"},
	{"reason", "TEXT", "on what it stands, in one line"},
	{"agree", NULL, "agree for the site to what the study said"},
	{"by", "PERSON", "a researcher or officer; with --agree the site's overseer"},
	{NULL, NULL, NULL},
};

const struct program_command cmd_site_leave = {.name = "site leave",
	.run = run_leave,
	.help = "let a site leave, its data settled: the study says it, the site agrees",
	.args = "SITE",
	.args_min = 1,
	.args_max = 1,
	.options = options};
