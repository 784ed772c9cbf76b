#include "hub/erased.h"

#include <string.h>

#include "common/codec/wire_entry.h"

#include "hub/row.h"

#define PREFIX       "gone-"
#define PREFIX_BYTES (sizeof(PREFIX) - 1)
#define KEY_BYTES    (PREFIX_BYTES + PLACE_KEY_BYTES)

static void
key_of(uint8_t ret[static KEY_BYTES], const struct place *p)
{
	memcpy(ret, PREFIX, PREFIX_BYTES);
	place_key(ret + PREFIX_BYTES, p);
}

enum err
erased_put(struct vault_txn *t, const struct place *p)
{
	static const uint8_t version = ROW_VERSION;
	uint8_t key[KEY_BYTES];
	key_of(key, p);
	return vault_put(t, VAULT_META, view_of(key, sizeof(key)), view_of(&version, 1));
}

enum err
erased_has(struct vault_txn *t, const struct place *p, bool *ret)
{
	OWNED_BUF struct buf row;
	uint8_t key[KEY_BYTES];
	buf_init(&row, 64);
	key_of(key, p);
	enum err e = vault_get(t, VAULT_META, view_of(key, sizeof(key)), &row);
	*ret = e == OK;
	return e == E_NOTFOUND ? OK : e;
}

static enum err
read_header(struct vault_txn *t, const struct place *p, struct wire_header *ret)
{
	OWNED_BUF struct buf row;
	uint8_t key[PLACE_KEY_BYTES];
	buf_init(&row, WIRE_HEADER_MAX_BYTES);
	place_key(key, p);
	enum err e = vault_get(t, VAULT_ENTRIES, view_of(key, sizeof(key)), &row);
	return e ? e : wire_header_unpack(ret, buf_view(&row));
}

enum err
erased_make(struct vault_txn *t, const struct place *p, uint64_t *ret_count)
{
	uint8_t key[PLACE_PART_KEY_BYTES];
	uint64_t count = 0;
	enum err e = OK;
	*ret_count = 0;
	/* The header is not asked: a damaged one keeps no part. */
	for (uint8_t kind = PART_RULES; !e && kind <= PART_ACT; kind++) {
		place_part_key(key, p, kind);
		e = vault_delete(t, VAULT_PARTS, view_of(key, sizeof(key)));
		count += e == OK;
		e = e == E_NOTFOUND ? OK : e;
	}
	if (!e)
		e = erased_put(t, p);
	if (!e)
		*ret_count = count;
	return e;
}

struct counting {
	struct vault_txn *txn;
	uint64_t count;
};

static enum err
count_one(void *arg, struct view key, struct view value, bool *ret_stop)
{
	struct counting *n = arg;
	struct wire_header h;
	struct place p;
	(void)value;
	(void)ret_stop;
	enum err e = place_from_key(&p, view_of(key.at + PREFIX_BYTES, key.len - PREFIX_BYTES));
	if (!e)
		e = read_header(n->txn, &p, &h);
	/* What is wrong with a header is found where headers are looked at. */
	if (e)
		return e == E_IO ? e : OK;
	n->count += h.part_count;
	return OK;
}

enum err
erased_parts(struct vault_txn *t, uint64_t *ret)
{
	struct counting n = {.txn = t};
	const struct vault_range all = {.table = VAULT_META, .prefix = view_text(PREFIX)};
	enum err e = vault_each(t, &all, count_one, &n);
	*ret = n.count;
	return e;
}
