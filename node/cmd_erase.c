#include "node/cmd.h"

#include <stdio.h>

#include "common/base/mem.h"
#include "common/codec/text.h"

#include "node/client.h"
#include "node/ipc.h"

#define PAPER_MAX_BYTES 4096

static enum err
print_papers(struct cursor *c, uint32_t count)
{
	char hex[2 * SIGNATURE_BYTES + 1];
	uint8_t signature[SIGNATURE_BYTES];
	for (uint32_t i = 0; i < count && !c->broken; i++) {
		OWNED_MEM char *paper = cursor_text(c, PAPER_MAX_BYTES);
		cursor_copy(c, signature, sizeof(signature));
		text_hex(hex, signature, sizeof(signature));
		if (!c->broken)
			printf("%s\n%s\n", paper, hex);
	}
	return cursor_end(c, "receipts of erasures");
}

static enum err
run(struct program *p)
{
	OWNED(client) struct client *sync = NULL;
	OWNED_BUF struct buf answer;
	buf_init(&answer, CLIENT_REPLY_BYTES);
	enum err e = client_open(&sync, program_dir(p), "sync.sock");
	if (!e)
		e = client_call(sync, SYNC_ERASE, view_of(NULL, 0), &answer);
	if (e)
		return e;
	struct cursor c = cursor_of(buf_view(&answer));
	uint32_t done = cursor_u32(&c), waits = cursor_u32(&c), count = cursor_u32(&c);
	fprintf(stderr,
		"%u persons were erased here; %u wait until the hub has signed for all "
		"that is about them\n",
		done, waits);
	return print_papers(&c, count);
}

const struct program_command cmd_erase = {
	.name = "erase",
	.run = run,
	.help = "delete what is stored here of everybody who asked for it, and print the "
		"receipts, each with its signature",
};
