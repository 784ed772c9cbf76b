#include "node/cmd.h"

#include <stdio.h>

#include "node/client.h"
#include "node/staff.h"

static enum err
run(struct program *p)
{
	OWNED(client) struct client *sync = NULL;
	OWNED_BUF struct buf fields, answer;
	struct staff by = {.role = ""};
	const char *reason = program_value(p, "reason");
	buf_init(&fields, CLIENT_REPLY_BYTES);
	buf_init(&answer, CLIENT_REPLY_BYTES);
	enum err e = client_open(&sync, program_dir(p), "sync.sock");
	if (!e)
		e = staff_of(&by, p, sync);
	buf_blob_text(&fields, reason ? reason : "");
	buf_blob_text(&fields, by.id);
	buf_blob_text(&fields, by.role);
	if (!e)
		e = client_call(sync, SYNC_LOG_AGAIN, buf_view(&fields), &answer);
	if (!e && program_json(p))
		printf("{\"looks_again\":true}\n");
	else if (!e)
		printf("the hub's log is held once more against what it showed here before; "
		       "`weir-node status` says what was found\n");
	return e;
}

static const struct program_option options[] = {
	{"reason", "TEXT", "why, for the log: no name of anybody"},
	{"by", "CODE",
		"who does it: a coordinator or a staff code (default: the only coordinator)"},
	{NULL, NULL, NULL},
};

const struct program_command cmd_log_again = {
	.name = "log-again",
	.run = run,
	.help = "after an alarm about the hub's log: look at it again",
	.options = options,
};
