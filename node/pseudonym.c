#include "node/pseudonym.h"

#include <string.h>

#define PERSONAL "weir-person-v1"

void
pseudonym_make(uint8_t ret[static ID_BYTES], const struct vault *v, struct view code)
{
	crypto_hash_id(ret, PERSONAL, vault_row_key(v), &code, 1);
}

static enum err
note(void *arg, struct view key, struct view content)
{
	(void)key;
	(void)content;
	*(bool *)arg = true;
	return OK;
}

/* A code that no list has any more: do entries speak of its person? */
static enum err
find_in_entries(struct vault *v, struct view code, uint8_t ret[static ID_BYTES])
{
	uint8_t made[ID_BYTES];
	bool found = false;
	pseudonym_make(made, v, code);
	enum err e = vault_each(v, VAULT_PERSONS, view_of(made, sizeof(made)), note, &found);
	if (e || !found)
		return e ? e : fail(E_NOTFOUND, "nobody is known under this study code");
	memcpy(ret, made, ID_BYTES);
	return OK;
}

enum err
pseudonym_find(struct vault *v, struct view code, uint8_t ret[static ID_BYTES])
{
	struct view row;
	enum err e = vault_get(v, VAULT_PEOPLE, code, &row);
	if (e == E_NOTFOUND)
		return find_in_entries(v, code, ret);
	if (!e && row.len != ID_BYTES)
		e = fail(E_FORMAT, "the vault is damaged: a person on file is not of its form");
	if (!e)
		memcpy(ret, row.at, ID_BYTES);
	return e;
}
