#include "hub/cmd.h"

#include <stdio.h>

#include "common/codec/json.h"
#include "common/codec/text.h"

#include "hub/office.h"

#define ARGS_MAX_BYTES 4096
#define RETRY_MAX_S    86400
#define RETRY_S        "600"

static enum err
do_it(struct program *p, const char *name, struct view args, const char *member, int64_t *ret)
{
	OWNED(office) struct office *o = NULL;
	OWNED(json) struct json *answer = NULL;
	enum err e = office_open(&o, p);
	if (!e)
		e = office_do(o, name, args, &answer);
	if (!e)
		e = json_get_int(answer, member, 0, INT64_MAX, ret);
	if (!e && program_json(p))
		printf("{\"%s\":%lld}\n", member, (long long)*ret);
	return e;
}

/* backups */

static enum err
run_forget(struct program *p)
{
	OWNED_BUF struct buf args;
	struct json_out w;
	int64_t left = 0;
	buf_init(&args, ARGS_MAX_BYTES);
	json_begin(&w, &args);
	json_put_object(&w, NULL);
	json_put_text(&w, "id", program_arg(p, 0));
	json_put_close(&w);
	enum err e = json_end(&w, "backup");
	if (!e)
		e = do_it(p, "backup-gone", buf_view(&args), "backups", &left);
	if (!e && !program_json(p))
		printf("the backup counts no more: never restore it; %lld are left\n",
			(long long)left);
	return e;
}

/* pause */

static enum err
run_drain(struct program *p)
{
	OWNED_BUF struct buf args;
	const char *given = program_value(p, "retry");
	int64_t retry_s = 0;
	buf_init(&args, ARGS_MAX_BYTES);
	if (!given)
		given = RETRY_S;
	if (!program_has(p, "off") &&
		(!text_int(view_text(given), &retry_s) || retry_s < 1 || retry_s > RETRY_MAX_S))
		return program_usage(p, "--retry takes seconds, from 1 to 86400");
	buf_format(&args, "{\"retry_s\":%lld}", (long long)retry_s);
	enum err e = do_it(p, "drain", buf_view(&args), "retry_s", &retry_s);
	if (!e && !program_json(p) && retry_s)
		printf("no node is served now; they come back after %lld s. `weir-hub drain "
		       "--off`, or a start of the hub, ends it\n",
			(long long)retry_s);
	else if (!e && !program_json(p))
		printf("nodes are served again\n");
	return e;
}

static const struct program_option drain_options[] = {
	{"retry", "SECONDS", "when nodes are to come back; 600 if not given"},
	{"off", NULL, "serve nodes again"},
	{NULL, NULL, NULL},
};

const struct program_command cmd_backup_forget = {
	.name = "backup forget",
	.run = run_forget,
	.help = "a backup can never be restored again: nodes may prune what all others hold",
	.args = "ID",
	.args_min = 1,
	.args_max = 1,
};

const struct program_command cmd_drain = {
	.name = "drain",
	.run = run_drain,
	.help = "serve no node for a while, before the machine is worked at",
	.options = drain_options,
};
