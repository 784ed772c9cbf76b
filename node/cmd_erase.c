#include "node/cmd.h"

#include <stdio.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/codec/text.h"
#include "common/study/receipt.h"

#include "node/client.h"
#include "node/hubcard.h"
#include "node/ipc_review.h"

#define PAPER_MAX_BYTES 16384

static void
print_one(const char *paper, const uint8_t signature[static SIGNATURE_BYTES])
{
	char hex[2 * SIGNATURE_BYTES + 1];
	text_hex(hex, signature, SIGNATURE_BYTES);
	printf("%s\n%s\n", paper, hex);
}

static enum err
print_papers(struct cursor *c, uint32_t count)
{
	uint8_t signature[SIGNATURE_BYTES];
	for (uint32_t i = 0; i < count && !c->broken; i++) {
		OWNED_MEM char *paper = cursor_text(c, PAPER_MAX_BYTES);
		cursor_copy(c, signature, sizeof(signature));
		if (!c->broken)
			print_one(paper, signature);
	}
	return cursor_end(c, "receipts of erasures");
}

/* Two lines as `weir-hub erase receipt` prints them. */
static enum err
read_paper(struct program *p, struct buf *fields)
{
	OWNED_MEM uint8_t *bytes = NULL;
	size_t len = 0;
	uint8_t signature[SIGNATURE_BYTES];
	const char *path = program_value(p, "paper");
	const char *paper, *end, *hex;
	char text[2 * SIGNATURE_BYTES + 1] = "";
	if (!path) {
		buf_u32(fields, 0);
		buf_u32(fields, 0);
		return OK;
	}
	enum err e = text_read_file(&bytes, &len, path, PAPER_MAX_BYTES);
	if (e)
		return e;
	paper = (const char *)bytes;
	end = memchr(paper, '\n', len);
	hex = end ? end + 1 : NULL;
	if (!hex || (size_t)(paper + len - hex) < 2 * SIGNATURE_BYTES)
		return fail(E_FORMAT, "%s is no receipt of the hub", path);
	memcpy(text, hex, 2 * SIGNATURE_BYTES);
	if (!text_unhex(signature, sizeof(signature), text))
		return fail(E_FORMAT, "%s is no receipt of the hub", path);
	buf_blob(fields, view_of(bytes, (size_t)(end - paper)));
	buf_blob(fields, view_of(signature, sizeof(signature)));
	return buf_check(fields, "receipt of the hub");
}

static enum err
run(struct program *p)
{
	OWNED_BUF struct buf answer, fields;
	buf_init(&answer, CLIENT_REPLY_BYTES);
	buf_init(&fields, 2 * PAPER_MAX_BYTES);
	enum err e = read_paper(p, &fields);
	if (!e)
		e = client_ask(
			program_dir(p), "sync.sock", SYNC_ERASE, buf_view(&fields), &answer);
	if (e)
		return e;
	struct cursor c = cursor_of(buf_view(&answer));
	uint32_t count = cursor_u32(&c);
	if (!count)
		program_none(p, "nobody was erased at this site");
	return print_papers(&c, count);
}

/* one receipt */

static enum err
run_receipt(struct program *p)
{
	OWNED_BUF struct buf answer;
	uint8_t start[RECEIPT_START_BYTES], signature[SIGNATURE_BYTES];
	buf_init(&answer, CLIENT_REPLY_BYTES);
	if (!receipt_read(start, program_arg(p, 0)))
		return fail(E_FORMAT,
			"this is no number of a receipt: one of its characters is wrong or "
			"missing");
	enum err e = client_ask(program_dir(p), "sync.sock", SYNC_ERASED,
		view_of(start, sizeof(start)), &answer);
	if (e)
		return e;
	struct cursor c = cursor_of(buf_view(&answer));
	OWNED_MEM char *paper = cursor_text(&c, PAPER_MAX_BYTES);
	cursor_copy(&c, signature, sizeof(signature));
	bool is_of_both = cursor_u8(&c);
	e = cursor_end(&c, "receipt of an erasure");
	if (e)
		return e;
	print_one(paper, signature);
	if (!is_of_both)
		fprintf(stderr,
			"weir-node: signed by this site alone: the receipt of both comes from "
			"`weir-hub erase receipt`; give it here with `erase --paper`\n");
	return OK;
}

static const struct program_option options[] = {
	{"paper", "FILE", "what `weir-hub erase receipt` printed, once it says gone or erased"},
	{NULL, NULL, NULL},
};

const struct program_command cmd_erase = {
	.name = "erase",
	.run = run,
	.help = "list who was erased at this site: its receipts, each with its signature; with "
		"--paper delete whom the hub's receipt is about, where no link brings it",
	.options = options,
};

const struct program_command cmd_erase_receipt = {
	.name = "erase receipt",
	.run = run_receipt,
	.help = "the receipt of one erasure, of hub and site once the hub's was given here: a "
		"line "
		"of JSON, a line of signature",
	.args = "NUMBER",
	.args_min = 1,
	.args_max = 1,
};

/* Of what joining fixed: no process has to run. */
static enum err
run_keys(struct program *p)
{
	struct hubcard card;
	char hub[2 * SIGN_PUBLIC_BYTES + 1], writer[2 * SIGN_PUBLIC_BYTES + 1];
	enum err e = hubcard_load(&card, program_dir(p));
	if (e)
		return e;
	text_hex(hub, card.receipt_public, SIGN_PUBLIC_BYTES);
	text_hex(writer, card.writer, SIGN_PUBLIC_BYTES);
	printf("hub %s\nnode %s %s\n", hub, card.site, writer);
	return OK;
}

const struct program_command cmd_erase_keys = {
	.name = "erase keys",
	.run = run_keys,
	.help = "whose signatures receipts carry, for `weir-audit receipt --keys`",
};
