#include "hub/cmd.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "common/codec/json.h"

#include "hub/office.h"

#define ARGS_MAX_BYTES 4096
#define TEXT_MAX       16384
#define LIST_MAX_COUNT 1000000
#define DAY_BYTES      32
#define RUN_MAX_COUNT  50000 /* of receipts in one statement */
#define RUN_MAX_BYTES  ((size_t)2 << 20)

/* run */

/* Who waits for it, as the list says now: the officer decides on these. */
static enum err
put_waiting(struct office *o, struct buf *body, size_t *ret_count)
{
	OWNED(json) struct json *answer = NULL;
	const struct json *list = NULL, *one = NULL;
	const char *number = "", *state = "";
	struct json_out w;
	*ret_count = 0;
	enum err e = office_do(o, "erase-list", view_text("{}"), &answer);
	if (!e)
		e = json_get_array(answer, "erasures", LIST_MAX_COUNT, &list);
	json_begin(&w, body);
	json_put_object(&w, NULL);
	json_put_array(&w, "receipts");
	for (size_t i = 0; !e && i < json_count(list) && *ret_count < RUN_MAX_COUNT; i++) {
		e = json_item_object(list, i, "erasures", &one);
		if (!e)
			e = json_get_text(one, "state", TEXT_MAX, &state);
		if (!e)
			e = json_get_text(one, "receipt", TEXT_MAX, &number);
		if (e || strcmp(state, "stopped") != 0)
			continue;
		json_put_text(&w, NULL, number);
		++*ret_count;
	}
	json_put_close(&w);
	json_put_close(&w);
	return e ? e : json_end(&w, "erasures");
}

static enum err
grant(struct office *o, struct view body, size_t count, int64_t *ret_persons)
{
	OWNED(signer) struct signer *by = NULL;
	OWNED(json) struct json *answer = NULL;
	char id[DAY_BYTES];
	(void)snprintf(id, sizeof(id), "%zu", count);
	const struct office_act act = {"erase-run", id, body};
	enum err e = office_signer(o, &by);
	if (!e)
		e = office_submit(o, by, &act, &answer);
	return e ? e : json_get_int(answer, "persons", 0, INT64_MAX, ret_persons);
}

static enum err
run_run(struct program *p)
{
	OWNED(office) struct office *o = NULL;
	OWNED_BUF struct buf body;
	OWNED(signer) struct signer *by = NULL;
	int64_t persons = 0;
	size_t count = 0;
	buf_init(&body, RUN_MAX_BYTES);
	if (!program_value(p, "by"))
		return program_usage(
			p, "--by PERSON is needed: the officer who carries it out");
	enum err e = office_open(&o, p);
	if (!e)
		e = put_waiting(o, &body, &count);
	if (!e)
		e = count ? grant(o, buf_view(&body), count, &persons) : office_signer(o, &by);
	if (e)
		return e;
	if (program_json(p))
		printf("{\"persons\":%" PRId64 "}\n", persons);
	else if (!count)
		program_none(p, "nobody waits to be erased");
	else
		printf("being deleted from the hub: persons %" PRId64
		       "; `weir-hub erase list` says `gone` when nothing is left, usually "
		       "within seconds. For `erased` there is to come: the keeper open, "
		       "`study publish` and `study verify` with the new intake number, the "
		       "nodes told of it, then a backup\n",
			persons);
	return OK;
}

/* list */

static void
day(char ret[static DAY_BYTES], int64_t s)
{
	struct tm tm;
	time_t t = (time_t)s;
	ret[0] = '-';
	ret[1] = '\0';
	if (s && gmtime_r(&t, &tm))
		(void)strftime(ret, DAY_BYTES, "%Y-%m-%d %H:%M", &tm);
}

enum dates {
	STOPPED,
	REFUSED,
	TAKEN_BACK,
	GONE,
	HUB_ERASED,
	SITE_GONE,
	SITE_ERASED,
	ERASED,
	DATES
};
static const char *const date_names[DATES] = {"stopped_s", "refused_s", "taken_back_s",
	"gone_s", "hub_erased_s", "site_gone_s", "site_erased_s", "erased_s"};

struct wish {
	const char *receipt, *state, *site, *reach, *by, *reason;
	bool site_unread;
	int64_t at_s[DATES];
};

static enum err
print_json(const struct wish *w)
{
	OWNED_BUF struct buf out;
	struct json_out to;
	buf_init(&out, TEXT_MAX);
	json_begin(&to, &out);
	json_put_object(&to, NULL);
	json_put_text(&to, "receipt", w->receipt);
	json_put_text(&to, "state", w->state);
	json_put_text(&to, "site", w->site);
	json_put_bool(&to, "site_unread", w->site_unread);
	json_put_text(&to, "decided_by", w->by);
	json_put_text(&to, "reason", w->reason);
	for (int i = 0; i < DATES; i++)
		json_put_int(&to, date_names[i], w->at_s[i]);
	json_put_close(&to);
	enum err e = json_end(&to, "erasure");
	if (!e)
		printf("%.*s\n", (int)out.len, (const char *)out.at);
	return e;
}

static void
print_line(const struct wish *w)
{
	char days[DATES][DAY_BYTES];
	for (int i = 0; i < DATES; i++)
		day(days[i], w->at_s[i]);
	printf("%-12s %-8s stopped %-16s deleted at the hub %-16s at %s %-16s erased "
	       "%-16s could still open a copy: %s\n",
		w->receipt, w->state, days[STOPPED], days[GONE],
		w->site[0] ? w->site : "its site", days[SITE_GONE], days[ERASED], w->reach);
	if (w->at_s[REFUSED])
		printf("%-12s refused %s by %s: %s\n", "", days[REFUSED], w->by, w->reason);
	else if (w->by[0])
		printf("%-12s granted by %s\n", "", w->by);
	if (w->at_s[TAKEN_BACK])
		printf("%-12s taken back %s\n", "", days[TAKEN_BACK]);
	if (w->site_unread)
		printf("%-12s what the site reported of it does not read at the hub: a backup "
		       "of the vault has it, and so has `weir-node erase receipt` at the "
		       "site\n",
			"");
}

static enum err
print_one(const struct json *one, bool as_json)
{
	struct wish w = {.receipt = ""};
	enum err e = json_get_text(one, "receipt", TEXT_MAX, &w.receipt);
	if (!e)
		e = json_get_text(one, "state", TEXT_MAX, &w.state);
	if (!e)
		e = json_get_text(one, "site", TEXT_MAX, &w.site);
	if (!e)
		e = json_get_text(one, "could_open", TEXT_MAX, &w.reach);
	if (!e)
		e = json_get_text(one, "decided_by", TEXT_MAX, &w.by);
	if (!e)
		e = json_get_text(one, "reason", TEXT_MAX, &w.reason);
	if (!e)
		e = json_get_bool(one, "site_unread", &w.site_unread);
	for (size_t i = 0; !e && i < DATES; i++)
		e = json_get_int(one, date_names[i], 0, INT64_MAX, &w.at_s[i]);
	if (!e && as_json)
		return print_json(&w);
	if (!e)
		print_line(&w);
	return e;
}

static enum err
run_list(struct program *p)
{
	OWNED(office) struct office *o = NULL;
	OWNED(json) struct json *answer = NULL;
	const struct json *list, *one;
	enum err e = office_open(&o, p);
	if (!e)
		e = office_do(o, "erase-list", view_text("{}"), &answer);
	if (!e)
		e = json_get_array(answer, "erasures", LIST_MAX_COUNT, &list);
	for (size_t i = 0; !e && i < json_count(list); i++) {
		e = json_item_object(list, i, "erasures", &one);
		if (!e)
			e = print_one(one, program_json(p));
	}
	if (!e && json_count(list) == 0)
		fprintf(stderr,
			"the hub's journal names no erasure; of a journal that was lost the "
			"list went with it: `weir-audit list LOG --action journal-waived` says "
			"whether one was, and every `erase receipt` given out before holds\n");
	return e;
}

/* one */

static enum err
put_args(struct buf *args, const char *number, const char *reason)
{
	struct json_out w;
	json_begin(&w, args);
	json_put_object(&w, NULL);
	json_put_text(&w, "receipt", number);
	if (reason)
		json_put_text(&w, "reason", reason);
	json_put_close(&w);
	return json_end(&w, "erasure");
}

static enum err
run_receipt(struct program *p)
{
	OWNED(office) struct office *o = NULL;
	OWNED(json) struct json *answer = NULL;
	OWNED_BUF struct buf args;
	const char *paper = "", *signature = "";
	buf_init(&args, ARGS_MAX_BYTES);
	enum err e = put_args(&args, program_arg(p, 0), NULL);
	if (!e)
		e = office_open(&o, p);
	if (!e)
		e = office_do(o, "erase-receipt", buf_view(&args), &answer);
	if (!e)
		e = json_get_text(answer, "paper", TEXT_MAX, &paper);
	if (!e)
		e = json_get_text(answer, "signature", TEXT_MAX, &signature);
	if (!e)
		printf("%s\n%s\n", paper, signature);
	return e;
}

static enum err
run_keys(struct program *p)
{
	OWNED(office) struct office *o = NULL;
	OWNED(json) struct json *answer = NULL;
	const struct json *list, *one;
	const char *key = "", *site = "";
	enum err e = office_open(&o, p);
	if (!e)
		e = office_do(o, "erase-keys", view_text("{}"), &answer);
	if (!e)
		e = json_get_text(answer, "hub", TEXT_MAX, &key);
	if (!e)
		e = json_get_array(answer, "nodes", LIST_MAX_COUNT, &list);
	if (!e)
		printf("hub %s\n", key);
	for (size_t i = 0; !e && i < json_count(list); i++) {
		e = json_item_object(list, i, "keys", &one);
		if (!e)
			e = json_get_text(one, "site", TEXT_MAX, &site);
		if (!e)
			e = json_get_text(one, "key", TEXT_MAX, &key);
		if (!e)
			printf("node %s %s\n", site, key);
	}
	return e;
}

static enum err
run_decide(struct program *p)
{
	OWNED(office) struct office *o = NULL;
	OWNED(signer) struct signer *by = NULL;
	OWNED(json) struct json *answer = NULL;
	OWNED_BUF struct buf body;
	const char *number = program_arg(p, 0), *reason = program_value(p, "refuse");
	buf_init(&body, ARGS_MAX_BYTES);
	if (!reason)
		return program_usage(p,
			"--refuse TEXT is needed: the legal reason; what is not "
			"refused is carried out by `weir-hub erase run`");
	enum err e = put_args(&body, number, reason);
	if (!e)
		e = office_open(&o, p);
	if (!e)
		e = office_signer(o, &by);
	const struct office_act act = {"erase-refuse", number, buf_view(&body)};
	if (!e)
		e = office_submit(o, by, &act, &answer);
	if (e)
		return e;
	if (program_json(p))
		printf("{\"refused\":true}\n");
	else
		printf("the erasure is refused, and the log says by whom and why; what the "
		       "person "
		       "ended stays ended\n");
	return OK;
}

static const struct program_option run_options[] = {
	{"by", "PERSON", "the officer who carries it out; the log says so of each person"},
	{NULL, NULL, NULL},
};

const struct program_command cmd_erase_run = {
	.name = "erase run",
	.run = run_run,
	.help = "delete what is stored of everybody who asked to be erased and was not refused",
	.options = run_options,
};

const struct program_command cmd_erase_list = {
	.name = "erase list",
	.run = run_list,
	.help = "who asked to be erased, what became of it, and who could still open a copy",
};

const struct program_command cmd_erase_receipt = {
	.name = "erase receipt",
	.run = run_receipt,
	.help = "the receipt of one erasure, with what the site signed in it: a line of JSON, "
		"a line of signature",
	.args = "NUMBER",
	.args_min = 1,
	.args_max = 1,
};

const struct program_command cmd_erase_keys = {
	.name = "erase keys",
	.run = run_keys,
	.help = "whose signatures receipts carry, for `weir-audit receipt --keys`",
};

static const struct program_option decide_options[] = {
	{"refuse", "TEXT", "the legal reason why it is not carried out"},
	{"by", "PERSON", "the officer who answers for it"},
	{NULL, NULL, NULL},
};

const struct program_command cmd_erase_decide = {
	.name = "erase decide",
	.run = run_decide,
	.help = "refuse to erase, with the legal reason; it stands in the log",
	.args = "NUMBER",
	.args_min = 1,
	.args_max = 1,
	.options = decide_options,
};
