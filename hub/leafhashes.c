#include "hub/leafhashes.h"

#include <string.h>

#define INDEX_BYTES 8
#define ROW_BYTES   ((size_t)LEAFHASHES_EACH * HASH_BYTES)

struct row_key {
	uint8_t at[INDEX_BYTES];
};

static struct row_key
row_key(uint64_t first)
{
	struct row_key k;
	bytes_put_u64(k.at, first);
	return k;
}

static enum err
damaged(void)
{
	return fail(E_FORMAT, "a row of the hub is damaged: leaf hashes");
}

/* Up to LEAFHASHES_EACH hashes of the row that leaf `index` is in. */
static enum err
read_row(struct vault_txn *t, uint64_t index, struct buf *ret)
{
	const struct row_key k = row_key(index - index % LEAFHASHES_EACH);
	enum err e = vault_get(t, VAULT_LEAFHASHES, view_of(k.at, sizeof(k.at)), ret);
	if (e)
		return e == E_FULL ? damaged() : e;
	return ret->len && ret->len % HASH_BYTES == 0 ? OK : damaged();
}

/* adding */

void
leafhashes_set(struct leafhashes *l, uint64_t size)
{
	*l = (struct leafhashes){.size = size};
}

/* The row that the next leaf goes to. */
static enum err
need_room(struct leafhashes *l, struct vault_txn *t)
{
	const size_t count = l->size % LEAFHASHES_EACH;
	OWNED_BUF struct buf row;
	buf_init(&row, ROW_BYTES);
	if (count == 0 || l->in_room == l->size)
		return OK;
	enum err e = read_row(t, l->size - 1, &row);
	if (!e && row.len != count * HASH_BYTES)
		e = damaged();
	if (!e)
		memcpy(l->room, row.at, row.len);
	return e;
}

enum err
leafhashes_keep(struct leafhashes *l, struct vault_txn *t)
{
	if (!l->is_unkept)
		return OK;
	const size_t count = (l->size - 1) % LEAFHASHES_EACH + 1;
	const struct row_key k = row_key(l->size - count);
	enum err e = vault_put(t, VAULT_LEAFHASHES, view_of(k.at, sizeof(k.at)),
		view_of(l->room[0], count * HASH_BYTES));
	l->is_unkept = e != OK;
	return e;
}

enum err
leafhashes_add(struct leafhashes *l, struct vault_txn *t, const uint8_t hash[static HASH_BYTES])
{
	enum err e = need_room(l, t);
	if (e)
		return e;
	memcpy(l->room[l->size % LEAFHASHES_EACH], hash, HASH_BYTES);
	l->in_room = ++l->size;
	l->is_unkept = true;
	return l->size % LEAFHASHES_EACH ? OK : leafhashes_keep(l, t);
}

/* reading */

enum err
leafhashes_get(struct vault_txn *t, uint64_t index, uint8_t ret[static HASH_BYTES])
{
	const size_t at = index % LEAFHASHES_EACH * HASH_BYTES;
	OWNED_BUF struct buf row;
	buf_init(&row, ROW_BYTES);
	enum err e = read_row(t, index, &row);
	if (!e && at >= row.len)
		e = fail(E_NOTFOUND, "the log has no such leaf");
	if (!e)
		memcpy(ret, row.at + at, HASH_BYTES);
	return e;
}

size_t
leafhashes_in(struct view key, struct view row, uint64_t first)
{
	const struct row_key k = row_key(first);
	if (first % LEAFHASHES_EACH || !view_same(key, view_of(k.at, sizeof(k.at))) ||
		row.len > ROW_BYTES || row.len % HASH_BYTES)
		return 0;
	return row.len / HASH_BYTES;
}

struct walk {
	leafhashes_fn *each;
	void *arg;
	uint64_t size;
};

static enum err
visit(void *arg, struct view key, struct view value, bool *ret_stop)
{
	struct walk *w = arg;
	const size_t count = leafhashes_in(key, value, w->size);
	enum err e = count ? OK : fail(E_FORMAT, "the vault lacks a leaf of the log");
	(void)ret_stop;
	for (size_t i = 0; !e && i < count; i++)
		e = w->each(w->arg, value.at + i * HASH_BYTES);
	w->size += count;
	return e;
}

enum err
leafhashes_each(struct vault_txn *t, leafhashes_fn *each, void *arg)
{
	struct walk w = {.each = each, .arg = arg};
	const struct vault_range all = {.table = VAULT_LEAFHASHES};
	return vault_each(t, &all, visit, &w);
}
