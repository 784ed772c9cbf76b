#include "hub/cmd.h"

#include <stdio.h>

#include "common/codec/json.h"

#include "hub/office.h"
#include "hub/renewal.h"

#define ARGS_MAX_BYTES 4096

static enum err
run_renew(struct program *p)
{
	OWNED(office) struct office *o = NULL;
	OWNED(signer) struct signer *by = NULL;
	OWNED(json) struct json *answer = NULL;
	OWNED_BUF struct buf body;
	struct json_out w;
	const char *reason = program_value(p, "reason");
	buf_init(&body, ARGS_MAX_BYTES);
	if (!reason)
		return program_usage(p, "--reason TEXT is needed");
	json_begin(&w, &body);
	json_put_object(&w, NULL);
	json_put_text(&w, "reason", reason);
	json_put_bool(&w, "leave_damaged", program_has(p, "leave-damaged"));
	json_put_close(&w);
	enum err e = json_end(&w, "renewal");
	if (!e)
		e = office_open(&o, p);
	if (!e)
		e = office_signer(o, &by);
	const struct office_act act = {RENEWAL_KIND, "keys", buf_view(&body)};
	if (!e)
		e = office_submit(o, by, &act, &answer);
	if (e)
		return e;
	if (program_json(p))
		printf("{\"asked\":true}\n");
	else
		printf("new numbers are made as soon as the keeper is open. Then: weir-hub "
		       "study "
		       "publish and study verify,\nso that nodes seal with them, and a backup. "
		       "`weir-hub status` says how far it is\n");
	return OK;
}

static const struct program_option renew_options[] = {
	{"reason", "TEXT", "why; it stands in the log"},
	{"leave-damaged", NULL,
		"give up the keys in damaged entries that a renewal waits for, when no node "
		"and no backup has them: their records open no more"},
	{"by", "PERSON", "the officer who asks for it"},
	{NULL, NULL, NULL},
};

const struct program_command cmd_keys_renew = {
	.name = "keys renew",
	.run = run_renew,
	.help = "make new intake and ledger keys now; they are renewed monthly by themselves",
	.options = renew_options,
};
