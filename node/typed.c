#include "node/typed.h"

#include <string.h>

#include "common/base/mem.h"
#include "common/study/receipt.h"

#include "node/code.h"

#define ASKS_MAX_BYTES 64
#define CODE_MOST      255

/* The study code that a receipt number stands for. */
static enum err
code_of_receipt(
	struct client *sync, const uint8_t start[static RECEIPT_START_BYTES], char **ret_code)
{
	OWNED_BUF struct buf fields, answer;
	buf_init(&fields, ASKS_MAX_BYTES);
	buf_init(&answer, CLIENT_REPLY_BYTES);
	buf_add(&fields, start, RECEIPT_START_BYTES);
	enum err e = client_call(sync, SYNC_RECEIPT, buf_view(&fields), &answer);
	if (e)
		return e;
	struct cursor at = cursor_of(buf_view(&answer));
	*ret_code = cursor_text(&at, CODE_MOST);
	buf_wipe(&answer);
	return cursor_end(&at, "study code of a receipt");
}

/* A code that came with the data, one of ours, or the number of a receipt. */
enum err
typed_code(struct program *p, struct client *sync, const struct pack *pack, char **ret_code)
{
	OWNED_SECRET struct secret *typed = NULL;
	char normal[CODE_BYTES];
	uint8_t start[RECEIPT_START_BYTES];
	*ret_code = NULL;
	enum err e = program_secret_text(p, "study code or receipt number", &typed);
	if (e)
		return e;
	OWNED_MEM char *text = xmemdup(secret_bytes(typed), secret_len(typed));
	if (pack_is_code(pack, text))
		*ret_code = xstrdup(text);
	else if (code_normal(normal, text))
		*ret_code = xstrdup(normal);
	else if (receipt_read(start, text))
		e = code_of_receipt(sync, start, ret_code);
	else
		e = fail(E_FORMAT, "this is neither a study code nor a receipt number");
	crypto_wipe(text, strlen(text));
	return e;
}
