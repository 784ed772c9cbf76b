#include "node/vault_erase.h"

#include <string.h>

#include "node/vault_inside.h"

#define PREFIX       "gone-"
#define PREFIX_BYTES (sizeof(PREFIX) - 1)
#define KEY_BYTES    (PREFIX_BYTES + PLACE_BYTES)
#define META_COMPACT "compact"

static void
key_of(uint8_t ret[static KEY_BYTES], const struct vault_at *at)
{
	memcpy(ret, PREFIX, PREFIX_BYTES);
	vault_place(ret + PREFIX_BYTES, at);
}

enum err
vault_owe_compact(struct vault *v)
{
	static const uint8_t yes = 1;
	return vault_row_put(v, TABLE_META, view_text(META_COMPACT), view_of(&yes, 1));
}

enum err
vault_erase(struct vault *v, const struct vault_at *at)
{
	static const uint8_t yes = 1;
	uint8_t part[PLACE_PART_BYTES], key[KEY_BYTES];
	enum err e = OK;
	vault_place(part, at);
	key_of(key, at);
	/* A header that is damaged names none; it keeps nothing here. */
	for (int kind = PART_RULES; !e && kind <= PART_ACT; kind++) {
		part[PLACE_BYTES] = (uint8_t)kind;
		e = vault_row_drop(v, TABLE_PARTS, view_of(part, sizeof(part)));
	}
	if (!e)
		e = vault_row_put(v, TABLE_META, view_of(key, sizeof(key)), view_of(&yes, 1));
	return e ? e : vault_owe_compact(v);
}

enum err
vault_unerase(struct vault *v, const struct vault_at *at)
{
	uint8_t key[KEY_BYTES];
	key_of(key, at);
	return vault_row_drop(v, TABLE_META, view_of(key, sizeof(key)));
}

enum err
vault_is_erased(struct vault *v, const struct vault_at *at, bool *ret)
{
	uint8_t key[KEY_BYTES];
	struct view row;
	key_of(key, at);
	enum err e = vault_row_get(v, TABLE_META, view_of(key, sizeof(key)), &row);
	*ret = e == OK;
	return e == E_NOTFOUND ? OK : e;
}

static enum err
came_bare(struct vault *v, enum table from, const struct vault_at *at, bool *ret)
{
	uint8_t key[PLACE_PART_BYTES];
	struct wire_header h;
	struct view row;
	*ret = false;
	vault_place(key, at);
	enum err e = vault_header_row(v, at, &row);
	if (!e && wire_header_unpack(&h, row))
		e = vault_damaged("a header is not of its form");
	for (size_t i = 0; !e && i < h.part_count; i++) {
		key[PLACE_BYTES] = (uint8_t)h.parts[i].kind;
		e = vault_row_get(v, from, view_of(key, sizeof(key)), &row);
		if (e != E_NOTFOUND)
			return e;
		e = OK;
	}
	*ret = !e && h.part_count > 0;
	return e;
}

enum err
vault_mark_bare(struct vault *v, enum table from, const struct vault_at *at, bool *ret)
{
	enum err e = came_bare(v, from, at, ret);
	return e || !*ret ? e : vault_erase(v, at);
}

enum err
vault_compact(struct vault *v)
{
	if (v->changed)
		return fail(E_BUSY, "the vault is being written");
	vault_abort(v);
	enum err e = store_compact(v->store);
	if (!e)
		e = vault_row_drop(v, TABLE_META, view_text(META_COMPACT));
	return e ? e : vault_commit(v);
}

enum err
vault_settle_compact(struct vault *v)
{
	struct view row;
	enum err e = vault_row_get(v, TABLE_META, view_text(META_COMPACT), &row);
	return e == E_NOTFOUND ? OK : e ? e : vault_compact(v);
}
