#include "hub/cmd.h"

#include <stdio.h>
#include <string.h>

#include "common/codec/json.h"

#include "hub/office.h"

#define BODY_MAX_BYTES 4096

static enum err
run(struct program *p)
{
	OWNED(office) struct office *o = NULL;
	OWNED(signer) struct signer *by = NULL;
	OWNED(json) struct json *answer = NULL;
	OWNED_BUF struct buf body;
	struct json_out w;
	bool lifted = false;
	const char *node = program_arg(p, 0), *reason = program_value(p, "reason");
	buf_init(&body, BODY_MAX_BYTES);
	if (!reason)
		return program_usage(
			p, "--reason TEXT is needed: why nobody will hear from it");
	json_begin(&w, &body);
	json_put_object(&w, NULL);
	json_put_text(&w, "node", node);
	json_put_text(&w, "reason", reason);
	json_put_close(&w);
	enum err e = json_end(&w, "waiver");
	if (!e)
		e = office_open(&o, p);
	if (!e)
		e = office_signer(o, &by);
	const struct office_act act = {"recovery-waive", node, buf_view(&body)};
	if (!e)
		e = office_submit(o, by, &act, &answer);
	if (!e)
		e = json_get_bool(answer, "lifted", &lifted);
	if (e)
		return e;
	if (program_json(p))
		printf("{\"node\":\"%s\",\"lifted\":%s}\n", node, lifted ? "true" : "false");
	else
		printf("node %s is not waited for any more%s\n", node,
			lifted ? "; the recovery is over" : "");
	return OK;
}

static const struct program_option options[] = {
	{"reason", "TEXT", "why nobody will hear from this node again"},
	{"by", "PERSON", "the officer who answers for it"},
	{NULL, NULL, NULL},
};

const struct program_command cmd_recovery_waive = {
	.name = "recovery waive",
	.run = run,
	.help = "after a restore: do not wait for a node that is lost",
	.args = "NODE",
	.args_min = 1,
	.args_max = 1,
	.options = options,
};
