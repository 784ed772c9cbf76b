#include "node/cmd.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "common/base/mem.h"

#include "node/client.h"
#include "node/code.h"
#include "node/ipc_submit.h"

#define CODES_PER_CALL 1000
#define CODES_MOST     100000
#define CODE_TEXT_MOST 64

static enum err
make_some(struct client *sync, uint32_t count, struct buf *out)
{
	OWNED_BUF struct buf fields, answer;
	buf_init(&fields, 16);
	buf_init(&answer, CLIENT_REPLY_BYTES);
	buf_u32(&fields, count);
	enum err e = client_call(sync, SYNC_MAKE_CODES, buf_view(&fields), &answer);
	if (e)
		return e;
	struct cursor c = cursor_of(buf_view(&answer));
	uint32_t made = cursor_u32(&c);
	for (uint32_t i = 0; !c.broken && i < made; i++) {
		OWNED_MEM char *code = cursor_text(&c, CODE_TEXT_MOST);
		char shown[CODE_SHOWN_BYTES], normal[CODE_BYTES];
		if (!code_normal(normal, code))
			return fail(E_FORMAT, "answer of sync: this is no study code");
		code_show(shown, normal);
		buf_format(out, "%s\n", shown);
	}
	return cursor_end(&c, "study codes");
}

/* A card a line: the code alone, so that any program can lay them out. */
static enum err
write_cards(const char *path, const struct buf *cards)
{
	FILE *f = path ? fopen(path, "wx") : stdout;
	if (!f)
		return fail(E_IO, "%s cannot be made, or is there already", path);
	bool ok = fwrite(cards->at, 1, cards->len, f) == cards->len && fflush(f) == 0;
	if (path)
		ok = fsync(fileno(f)) == 0 && ok;
	if (path)
		ok = fclose(f) == 0 && ok;
	if (ok && path)
		printf("the study codes are in %s, one a line\n", path);
	return ok ? OK : fail(E_IO, "the cards could not be written");
}

static enum err
run_make(struct program *p)
{
	OWNED(client) struct client *sync = NULL;
	OWNED_BUF struct buf cards;
	int64_t count = 0;
	buf_init(&cards, (size_t)CODES_MOST * CODE_TEXT_MOST);
	enum err e = program_number(p, "count", 1, CODES_MOST, &count);
	if (!e && count == 0)
		return program_usage(p, "--count is needed");
	if (!e)
		e = client_open(&sync, program_dir(p), "sync.sock");
	for (int64_t done = 0; !e && done < count; done += CODES_PER_CALL)
		e = make_some(sync, (uint32_t)MIN(count - done, CODES_PER_CALL), &cards);
	if (!e)
		e = buf_check(&cards, "cards");
	return e ? e : write_cards(program_value(p, "out"), &cards);
}

static const struct program_option make_options[] = {
	{"count", "N", "how many"},
	{"out", "FILE", "write them here (default: standard output)"},
	{NULL, NULL, NULL},
};

const struct program_command cmd_code_make = {
	.name = "code make",
	.run = run_make,
	.help = "make study codes for cards, one a line",
	.options = make_options,
};
