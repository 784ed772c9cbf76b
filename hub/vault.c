#include "hub/vault.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"

#include "hub/vault_inside.h"
#include "hub/vault_move.h"
#include "hub/vault_scan.h"
#include "hub/vaultkeys.h"

struct vault_txn {
	struct vault *vault;
	void *txn;
	bool writes;
	bool touched[VAULT_TABLE_COUNT]; /* tables written in it */
	struct buf sealed;               /* kept between puts, so that each does not allocate */
};

/* ---- transactions ---- */

static enum err
begin(struct vault_txn **ret, struct vault *v, enum vault_begin_as as)
{
	*ret = NULL;
	void *txn = NULL;
	enum err e = v->ops->begin(&txn, v->db, as);
	if (e)
		return e;
	e = vault_key_follow(v, txn);
	if (e && e != E_NOTFOUND) {
		v->ops->abort(txn);
		return e;
	}
	struct vault_txn *t = xcalloc(1, sizeof(*t));
	t->vault = v;
	t->txn = txn;
	buf_init(&t->sealed, VAULT_VALUE_MAX_BYTES + AEAD_EXTRA_BYTES);
	t->writes = as != VAULT_READ;
	if (t->writes && v->key.row)
		rowkey_draw(v->key.row);
	*ret = t;
	return OK;
}

enum err
vault_begin(struct vault_txn **ret, struct vault *v)
{
	return begin(ret, v, VAULT_WRITE);
}

enum err
vault_begin_reserve(struct vault_txn **ret, struct vault *v)
{
	return begin(ret, v, VAULT_WRITE_RESERVE);
}

enum err
vault_snapshot(struct vault_txn **ret, struct vault *v)
{
	return begin(ret, v, VAULT_READ);
}

enum err
vault_renew(struct vault_txn *snapshot)
{
	struct vault *v = snapshot->vault;
	enum err e = v->ops->renew(snapshot->txn);
	return e ? e : vault_key_follow(v, snapshot->txn);
}

static void
note_change(struct vault_txn *t, enum vault_table table)
{
	t->touched[table] = true;
	t->vault->changed[table] = ++t->vault->changes;
}

/* What was given up changes the tables back. */
static void
note_back(struct vault_txn *t)
{
	for (size_t i = 0; i < VAULT_TABLE_COUNT; i++)
		if (t->touched[i])
			t->vault->changed[i] = ++t->vault->changes;
}

enum err
vault_commit(struct vault_txn *t)
{
	OWNED(vault_txn) struct vault_txn *mine = t;
	enum err e = mine->vault->ops->commit(take(mine->txn));
	if (e)
		note_back(mine);
	return e;
}

void
vault_txn_free(struct vault_txn *t)
{
	if (!t)
		return;
	if (t->txn) {
		t->vault->ops->abort(t->txn);
		note_back(t);
	}
	buf_done(&t->sealed);
	free(t);
}

/* ---- rows ---- */

static enum err
seal(struct vault_txn *t, enum vault_table table, struct view key, struct view value)
{
	buf_reset(&t->sealed);
	return vault_seal_value(&t->vault->key, table, key, value, &t->sealed);
}

enum err
vault_put(struct vault_txn *t, enum vault_table table, struct view key, struct view value)
{
	enum err e = seal(t, table, key, value);
	note_change(t, table);
	return e ? e : t->vault->ops->put(t->txn, table, key, buf_view(&t->sealed));
}

enum err
vault_put_new(struct vault_txn *t, enum vault_table table, struct view key, struct view value)
{
	enum err e = seal(t, table, key, value);
	note_change(t, table);
	return e ? e : t->vault->ops->put_new(t->txn, table, key, buf_view(&t->sealed));
}

enum err
vault_delete(struct vault_txn *t, enum vault_table table, struct view key)
{
	note_change(t, table);
	return t->vault->ops->remove(t->txn, table, key);
}

uint64_t
vault_version(const struct vault_txn *t, enum vault_table table)
{
	return t->writes ? t->vault->changed[table] : 0;
}

enum err
vault_get(struct vault_txn *t, enum vault_table table, struct view key, struct buf *out)
{
	struct view sealed;
	enum err e = t->vault->ops->get(t->txn, table, key, &sealed);
	return e ? e : vault_open_value(&t->vault->key, table, key, sealed, out);
}

enum err
vault_last(struct vault_txn *t, enum vault_table table, struct view prefix, struct buf *out_key,
	struct buf *out_value)
{
	struct view key, sealed;
	OWNED_BUF struct buf unasked;
	buf_init(&unasked, VAULT_VALUE_MAX_BYTES);
	enum err e = t->vault->ops->last(t->txn, table, prefix, &key, &sealed);
	if (!e)
		e = vault_open_value(
			&t->vault->key, table, key, sealed, out_value ? out_value : &unasked);
	if (e || !out_key)
		return e;
	buf_add_view(out_key, key);
	return buf_check(out_key, "a key");
}

enum err
vault_count(struct vault_txn *t, enum vault_table table, uint64_t *ret)
{
	return t->vault->ops->count(t->txn, table, ret);
}

struct walk {
	struct vault *vault;
	enum vault_table table;
	bool (*only)(struct view key);
	bool takes_damaged;
	vault_each_fn *each;
	void *arg;
	struct buf plain;
};

static enum err
open_row(void *arg, struct view key, struct view sealed, bool *ret_stop)
{
	struct walk *w = arg;
	if (w->only && !w->only(key))
		return OK;
	buf_reset(&w->plain);
	enum err e = vault_open_value(&w->vault->key, w->table, key, sealed, &w->plain);
	if (w->takes_damaged && (e == E_AUTH || e == E_FORMAT)) {
		buf_reset(&w->plain);
		e = OK;
	}
	return e ? e : w->each(w->arg, key, buf_view(&w->plain), ret_stop);
}

enum err
vault_each(struct vault_txn *t, const struct vault_range *range, vault_each_fn *each, void *arg)
{
	struct walk w = {.vault = t->vault,
		.table = range->table,
		.only = range->only,
		.takes_damaged = range->takes_damaged,
		.each = each,
		.arg = arg};
	buf_init(&w.plain, VAULT_VALUE_MAX_BYTES);
	enum err e = t->vault->ops->each(t->txn, range, open_row, &w);
	buf_done(&w.plain);
	return e;
}

struct scan {
	struct walk walk;
	vault_scan_fn *each;
	void *arg;
};

static enum err
scan_row(void *arg, struct view key, struct view sealed, bool *ret_stop)
{
	struct scan *s = arg;
	(void)ret_stop;
	buf_reset(&s->walk.plain);
	enum err e = vault_open_value(
		&s->walk.vault->key, s->walk.table, key, sealed, &s->walk.plain);
	if (e == E_IO)
		return e;
	return s->each(s->arg, key, e != OK, e ? view_of(NULL, 0) : buf_view(&s->walk.plain));
}

enum err
vault_scan(struct vault_txn *t, enum vault_table table, vault_scan_fn *each, void *arg)
{
	struct scan s = {.walk = {.vault = t->vault, .table = table}, .each = each, .arg = arg};
	const struct vault_range all = {.table = table};
	buf_init(&s.walk.plain, VAULT_VALUE_MAX_BYTES);
	enum err e = t->vault->ops->each(t->txn, &all, scan_row, &s);
	buf_done(&s.walk.plain);
	return e;
}

/* ---- the vault ---- */

enum err
vault_copy(struct vault *v, const char *dir)
{
	return v->ops->copy(v->db, dir);
}

/* The format row of a new vault. It is missing from an empty one only; it is let past the
 * limits, so that a full disk does not keep a vault from being opened. */
static enum err
write_format(struct vault *v)
{
	OWNED(vault_txn) struct vault_txn *t = NULL;
	enum err e = vault_key_begin(v);
	if (!e)
		e = vault_begin_reserve(&t, v);
	for (size_t i = 0; !e && i < VAULT_TABLE_COUNT; i++) {
		uint64_t rows = 0;
		e = v->ops->count(t->txn, i, &rows);
		if (!e && rows)
			e = fail(E_FORMAT,
				"vault: table %s has rows, but the format row is gone: "
				"it is damaged",
				vault_table_names[i]);
	}
	if (!e)
		e = vault_write_format(t);
	return e ? e : vault_commit(take(t));
}

enum err
vault_on(struct vault **ret, const struct vault_ops *ops, void *db,
	const struct vaultkeys *keys, bool read_only)
{
	*ret = NULL;
	OWNED(vault) struct vault *v = xcalloc(1, sizeof(*v));
	v->ops = ops;
	v->db = db;
	if (secret_len(keys->key) != AEAD_KEY_BYTES)
		return fail(E_FORMAT, "a vault key has %d bytes", AEAD_KEY_BYTES);
	v->keys_dir = xstrdup(keys->dir);
	v->keys_key = secret_copy(secret_bytes(keys->key), AEAD_KEY_BYTES);
	v->changes = 1;
	for (size_t i = 0; i < VAULT_TABLE_COUNT; i++)
		v->changed[i] = v->changes;
	enum err e = vault_key_refresh(v);
	if (e == E_NOTFOUND && !read_only)
		e = write_format(v);
	else if (e == E_NOTFOUND)
		e = fail(E_NOTFOUND, "the vault is not begun yet: start the ledger first");
	if (!e)
		*ret = take(v);
	return e;
}

enum err
vault_tick(struct vault *v, int64_t mono_ms)
{
	return v->ops->tick(v->db, mono_ms);
}

void
vault_free(struct vault *v)
{
	if (!v)
		return;
	vault_move_give_up(v);
	v->ops->close(v->db);
	vault_key_done(&v->key);
	secret_free(v->keys_key);
	free(v->keys_dir);
	free(v);
}
