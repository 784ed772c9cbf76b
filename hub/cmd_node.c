#include "hub/cmd.h"

#include <stdio.h>

#include "common/codec/json.h"

#include "hub/office.h"

#define BODY_MAX_BYTES 4096

static enum err
make_body(struct buf *out, const char *node, const char *reason)
{
	struct json_out w;
	json_begin(&w, out);
	json_put_object(&w, NULL);
	json_put_text(&w, "node", node);
	json_put_text(&w, "reason", reason);
	json_put_close(&w);
	return json_end(&w, "revocation");
}

static void
print_people(const char *node, const char *site, bool lifted)
{
	printf("node %s of %s is revoked: its next message is refused, it is let in no more\n",
		node, site);
	printf("what it sent before stays; what still waits in it stays there: if withdrawals "
	       "are among it, enter them at another node of %s\n",
		site);
	if (lifted)
		printf("the recovery waited for no other node: it is over\n");
}

static enum err
run_revoke(struct program *p)
{
	OWNED(office) struct office *o = NULL;
	OWNED(signer) struct signer *by = NULL;
	OWNED(json) struct json *answer = NULL;
	OWNED_BUF struct buf body;
	bool lifted = false;
	const char *node = program_arg(p, 0), *reason = program_value(p, "reason"), *site = "";
	buf_init(&body, BODY_MAX_BYTES);
	if (!reason)
		return program_usage(p, "--reason TEXT is needed: why nothing of it is taken");
	enum err e = make_body(&body, node, reason);
	if (!e)
		e = office_open(&o, p);
	if (!e)
		e = office_signer(o, &by);
	const struct office_act act = {"node-revoke", node, buf_view(&body)};
	if (!e)
		e = office_submit(o, by, &act, &answer);
	if (!e)
		e = json_get_text(answer, "site", BODY_MAX_BYTES, &site);
	if (!e)
		e = json_get_bool(answer, "lifted", &lifted);
	if (e)
		return e;
	if (program_json(p))
		printf("{\"node\":\"%s\",\"site\":\"%s\",\"lifted\":%s}\n", node, site,
			lifted ? "true" : "false");
	else
		print_people(node, site, lifted);
	return OK;
}

static const struct program_option options[] = {
	{"reason", "TEXT", "why: lost, stolen, replaced, ..."},
	{"by", "PERSON", "the officer who answers for it"},
	{NULL, NULL, NULL},
};

const struct program_command cmd_node_revoke = {
	.name = "node revoke",
	.run = run_revoke,
	.help = "take nothing more from a node; NODE is its number in `weir-hub status`",
	.args = "NODE",
	.args_min = 1,
	.args_max = 1,
	.options = options,
};
