#include "hub/attachments_inside.h"

#include <string.h>

static enum err
drop(struct vault_txn *t, enum vault_table table, struct view key)
{
	enum err e = vault_delete(t, table, key);
	return e == E_NOTFOUND ? OK : e;
}

enum err
attachments_unnamed(struct vault_txn *t, const struct place *p)
{
	OWNED_BUF struct buf key;
	attachments_place_key(&key, 'i', NULL, p);
	return drop(t, VAULT_FILES, buf_view(&key));
}

struct walk {
	struct vault_txn *txn;
	enum vault_table table;
	const uint8_t *root; /* NULL: every row */
};

static enum err
drop_row(void *arg, struct view key, struct view value, bool *ret_stop)
{
	const struct walk *w = arg;
	OWNED_BUF struct buf copy;
	(void)ret_stop;
	if (w->root && (value.len != HASH_BYTES || memcmp(value.at, w->root, HASH_BYTES) != 0))
		return OK;
	buf_init(&copy, ATTACHMENTS_KEY_MAX_BYTES);
	buf_add_view(&copy, key);
	return vault_delete(w->txn, w->table, buf_view(&copy));
}

static enum err
drop_all(struct vault_txn *t, enum vault_table table, char kind, const uint8_t *id)
{
	OWNED_BUF struct buf prefix;
	struct walk w = {.txn = t, .table = table};
	buf_init(&prefix, ATTACHMENTS_KEY_MAX_BYTES);
	if (kind)
		buf_u8(&prefix, (uint8_t)kind);
	buf_add(&prefix, id, HASH_BYTES);
	const struct vault_range range = {
		.table = table, .prefix = buf_view(&prefix), .takes_damaged = true};
	return vault_each(t, &range, drop_row, &w);
}

enum err
attachments_drop(struct vault_txn *t, const uint8_t root[static HASH_BYTES])
{
	struct walk wanted = {.txn = t, .table = VAULT_FILES, .root = root};
	const struct vault_range all = {
		.table = VAULT_FILES, .prefix = view_text("w"), .takes_damaged = true};
	enum err e = drop_all(t, VAULT_CHUNKS, 0, root);
	if (!e)
		e = drop_all(t, VAULT_FILES, 'n', root);
	if (!e)
		e = drop_all(t, VAULT_FILES, 'd', root);
	if (!e)
		e = drop_all(t, VAULT_FILES, 'r', root);
	return e ? e : vault_each(t, &all, drop_row, &wanted);
}
