#include "node/cmd.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/codec/json.h"

#include "node/client.h"

#define TEXT_MAX_BYTES 512

static const char words[] =
	"This copy of the installation goes on:\n"
	"  - it fetches from the hub what it lacks of what any copy has sent;\n"
	"  - what it has and the hub has not is sent again, once;\n"
	"  - what was withdrawn stays withdrawn.\n"
	"What any other copy has and the hub has not stays on that machine, and is not sent "
	"any\n"
	"more. Switch every other copy off for good, and keep its disk until you know that\n"
	"nothing on it is missed.\n";

static enum err
read_reason(struct client *sync)
{
	OWNED(json) struct json *status = NULL;
	const char *reason = "";
	enum err e = client_status(sync, &status);
	if (!e)
		e = json_get_text(status, "reason", TEXT_MAX_BYTES, &reason);
	if (!e && reason[0])
		fprintf(stderr, "Sending has stopped: %s.\n", reason);
	return e;
}

/* The word itself: a key hit by chance is no decision. */
static enum err
ask(void)
{
	char line[PROGRAM_LINE_BYTES_MAX];
	bool asks = isatty(STDIN_FILENO);
	if (asks)
		fprintf(stderr, "Is this the copy that goes on? Type yes: ");
	if (!asks || !fgets(line, sizeof(line), stdin) || strcmp(line, "yes\n") != 0)
		return fail(E_DENIED, "nothing was changed: it takes a typed yes, or --yes");
	return OK;
}

static enum err
run(struct program *p)
{
	OWNED(client) struct client *sync = NULL;
	OWNED_BUF struct buf answer;
	buf_init(&answer, CLIENT_REPLY_BYTES);
	enum err e = client_open(&sync, program_dir(p), "sync.sock");
	if (!e)
		e = read_reason(sync);
	if (e)
		return e;
	fputs(words, stderr);
	if (!program_has(p, "yes"))
		e = ask();
	if (!e)
		e = client_call(sync, SYNC_SURVIVE, view_of(NULL, 0), &answer);
	if (!e && program_json(p))
		printf("{\"survives\":true}\n");
	else if (!e)
		printf("this copy goes on; `weir-node status` says how far it is\n");
	return e;
}

static const struct program_option options[] = {
	{"yes", NULL, "do not ask: this is the copy that goes on"},
	{NULL, NULL, NULL},
};

const struct program_command cmd_survive = {
	.name = "survive",
	.run = run,
	.help = "of several copies of this installation, or after a restore: let this one go "
		"on",
	.options = options,
};
