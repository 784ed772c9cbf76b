#include "common/net/call.h"

#define CALL_VERSION     1
#define CALL_ANSWER      0xffff
#define CALL_WORDS_BYTES 1024

void
call_begin(struct buf *out, uint16_t verb)
{
	buf_u8(out, CALL_VERSION);
	buf_u16(out, verb);
}

void
call_answer(struct buf *out, enum err code)
{
	call_begin(out, CALL_ANSWER);
	buf_u8(out, (uint8_t)code);
	buf_blob_text(out, code ? err_text() : "");
}

enum err
call_read(struct view frame, uint16_t *ret_verb, struct cursor *ret_fields)
{
	struct cursor c = cursor_of(frame);
	uint8_t version = cursor_u8(&c);
	uint16_t verb = cursor_u16(&c);
	*ret_verb = 0;
	*ret_fields = (struct cursor){.broken = true};
	if (c.broken)
		return fail(E_FORMAT, "ipc frame: cut short");
	if (version != CALL_VERSION)
		return fail(
			E_FORMAT, "ipc frame: version %u, expected %u", version, CALL_VERSION);
	*ret_verb = verb;
	*ret_fields = c;
	return OK;
}

enum err
call_read_answer(struct view frame, struct cursor *ret_fields)
{
	uint16_t verb;
	struct cursor c;
	enum err e = call_read(frame, &verb, &c);
	*ret_fields = (struct cursor){.broken = true};
	if (e)
		return e;
	uint8_t code = cursor_u8(&c);
	struct view words = cursor_blob(&c);
	if (verb != CALL_ANSWER || c.broken || code > E_ABSENT || words.len > CALL_WORDS_BYTES)
		return fail(E_FORMAT, "ipc frame: not an answer");
	if (code)
		return fail((enum err)code, "%.*s", (int)words.len, (const char *)words.at);
	*ret_fields = c;
	return OK;
}
