#include "node/sync_codes.h"

#include <string.h>

#include "node/code.h"
#include "node/mark.h"
#include "node/pseudonym.h"
#include "node/sync_item.h"

#define CODES_MAX_COUNT  1000
#define CODE_TRIES_COUNT 100

/* Whom the code stands for, or what would stand for its holder. */
static enum err
find(struct vault *v, struct view code, bool *ret_known, uint8_t ret[static ID_BYTES])
{
	struct view row;
	*ret_known = false;
	crypto_random(ret, ID_BYTES);
	if (!sync_item_is_code(code))
		return OK;
	enum err e = pseudonym_find(v, code, ret);
	*ret_known = e == OK;
	if (e != E_NOTFOUND)
		return e;
	pseudonym_make(ret, v, code);
	e = vault_get(v, VAULT_STRANGERS, code, &row);
	if (!e && row.len == ID_BYTES)
		memcpy(ret, row.at, ID_BYTES);
	return e == E_NOTFOUND ? OK : e;
}

enum err
sync_codes_look(struct vault *v, struct cursor *asks, struct buf *answer)
{
	uint32_t count = cursor_u32(asks);
	enum err e = OK;
	if (asks->broken || count > CODES_MAX_COUNT)
		return fail(E_FORMAT, "too many study codes at once");
	buf_u32(answer, count);
	for (uint32_t i = 0; !e && i < count; i++) {
		uint8_t id[ID_BYTES];
		bool known;
		e = find(v, cursor_blob(asks), &known, id);
		buf_u8(answer, known);
		buf_add(answer, id, sizeof(id));
	}
	if (!e)
		e = cursor_end(asks, "study codes");
	return e ? e : buf_check(answer, "pseudonyms");
}

static enum err
make_code(struct vault *v, struct buf *answer)
{
	char code[CODE_BYTES];
	uint8_t random[8], id[ID_BYTES];
	struct view row;
	bool marked = false;
	enum err e = OK;
	for (int i = 0; !e && i < CODE_TRIES_COUNT; i++) {
		crypto_random(random, sizeof(random));
		code_make(code, random);
		e = mark_has(v, view_text(code), &marked);
		if (!e && !marked)
			e = vault_get(v, VAULT_PEOPLE, view_text(code), &row);
		if (e != E_NOTFOUND)
			continue;
		pseudonym_make(id, v, view_text(code));
		buf_blob_text(answer, code);
		return vault_put(v, VAULT_PEOPLE, view_text(code), view_of(id, sizeof(id)));
	}
	return e ? e : fail(E_FULL, "no study code is free");
}

enum err
sync_codes_make(struct vault *v, struct cursor *asks, struct buf *answer)
{
	uint32_t count = cursor_u32(asks);
	enum err e = cursor_end(asks, "number of codes");
	if (!e && (count == 0 || count > CODES_MAX_COUNT))
		e = fail(E_FORMAT, "codes are made 1 to %d at a time", CODES_MAX_COUNT);
	if (!e)
		e = vault_room(v, (size_t)count * 256);
	buf_u32(answer, count);
	for (uint32_t i = 0; !e && i < count; i++)
		e = make_code(v, answer);
	return e;
}
