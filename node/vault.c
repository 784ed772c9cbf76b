#include "node/vault.h"

#include <stdio.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/run/datadir.h"

#include "node/vault_inside.h"

#define META_WHO          "who" /* incarnation u32 | writer 32 | row key 32 | blob study */
#define META_MAX_BYTES    1024
#define FIRST_INCARNATION 1

enum err
vault_damaged(const char *what)
{
	return fail(E_FORMAT,
		"the vault is damaged: %s; stop the node and restore it from a backup", what);
}

/* turns */

enum err
vault_begin(struct vault *v)
{
	if (v->txn)
		return OK;
	return v->read_only ? store_read(&v->txn, v->store)
			    : store_write_reserve(&v->txn, v->store);
}

void
vault_abort(struct vault *v)
{
	store_txn_free(v->txn);
	v->txn = NULL;
	v->changed = false;
	vault_copy_chains(&v->now, &v->kept);
}

enum err
vault_commit(struct vault *v)
{
	if (!v->changed) {
		vault_abort(v);
		return OK;
	}
	enum err e = store_commit(take(v->txn));
	if (e) {
		vault_abort(v);
		return e;
	}
	v->changed = false;
	vault_copy_chains(&v->kept, &v->now);
	return OK;
}

bool
vault_is_changed(const struct vault *v)
{
	return v->changed;
}

enum err
vault_room(struct vault *v, size_t bytes)
{
	struct store_usage u;
	enum err e = store_usage(v->store, &u);
	if (!e && (u.used_bytes >= u.limit_bytes || bytes > u.limit_bytes - u.used_bytes))
		e = fail(
			E_FULL, "the vault of this node is full: make room or raise its limit");
	if (!e && (u.disk_free_bytes < v->floor_bytes ||
			  bytes > u.disk_free_bytes - v->floor_bytes))
		e = fail(E_FULL, "the disk of this node is full: what is left is kept for "
				 "withdrawals; make room");
	return e;
}

enum err
vault_usage(struct vault *v, struct vault_usage *ret)
{
	struct store_usage u;
	*ret = (struct vault_usage){0};
	enum err e = store_usage(v->store, &u);
	if (!e)
		*ret = (struct vault_usage){u.used_bytes, u.limit_bytes, u.disk_free_bytes};
	return e;
}

enum err
vault_tick(struct vault *v, int64_t mono_ms)
{
	return store_tick(v->store, mono_ms);
}

enum err
vault_copy(struct vault *v, const char *dir)
{
	return store_copy(v->store, dir);
}

/* opening */

enum err
vault_put_who(struct vault *v, uint32_t incarnation)
{
	OWNED_BUF struct buf b;
	buf_init(&b, META_MAX_BYTES);
	buf_u32(&b, incarnation);
	buf_add(&b, v->writer, sizeof(v->writer));
	buf_add(&b, v->row_key, sizeof(v->row_key));
	buf_blob_text(&b, v->study);
	enum err e = buf_check(&b, "vault");
	return e ? e : vault_row_put(v, TABLE_META, view_text(META_WHO), buf_view(&b));
}

static enum err
make_who(struct vault *v, uint32_t *ret_incarnation)
{
	*ret_incarnation = FIRST_INCARNATION;
	return vault_put_who(v, FIRST_INCARNATION);
}

static enum err
read_who(struct vault *v, struct view row, uint32_t *ret_incarnation)
{
	uint8_t writer[SIGN_PUBLIC_BYTES];
	struct cursor c = cursor_of(row);
	*ret_incarnation = cursor_u32(&c);
	cursor_copy(&c, writer, sizeof(writer));
	cursor_copy(&c, v->row_key, sizeof(v->row_key));
	struct view study = cursor_blob(&c);
	if (cursor_end(&c, "vault") || *ret_incarnation == 0)
		return vault_damaged("it does not say whose it is");
	if (memcmp(writer, v->writer, sizeof(writer)) != 0 ||
		!view_same(study, view_text(v->study)))
		return fail(E_CONFLICT,
			"the vault in this directory belongs to another installation or study");
	return OK;
}

static enum err
settle_who(struct vault *v, uint32_t *ret_incarnation)
{
	struct view row;
	uint64_t entries = 0;
	enum err e = vault_row_get(v, TABLE_META, view_text(META_WHO), &row);
	if (!e)
		return read_who(v, row, ret_incarnation);
	if (e != E_NOTFOUND)
		return e;
	e = store_count(v->txn, TABLE_ENTRIES, &entries);
	if (!e && (entries || v->read_only))
		e = vault_damaged("it does not say whose it is");
	return e ? e : make_who(v, ret_incarnation);
}

enum err
vault_open(struct vault **ret, const struct vault_config *c)
{
	char path[DATADIR_PATH_BYTES];
	uint32_t incarnation = 0;
	OWNED(vault) struct vault *v = xcalloc(1, sizeof(*v));
	*ret = NULL;
	(void)snprintf(v->study, sizeof(v->study), "%s", c->study);
	memcpy(v->writer, c->writer, sizeof(v->writer));
	if (c->row_key)
		memcpy(v->row_key, c->row_key, sizeof(v->row_key));
	else
		crypto_random(v->row_key, sizeof(v->row_key));
	v->floor_bytes = c->floor_bytes;
	v->read_only = c->read_only;
	enum err e = datadir_path(path, c->dir, "vault");
	struct store_config sc = {.dir = path,
		.map_bytes = c->map_bytes,
		.floor_bytes = c->floor_bytes,
		.tables = vault_table_names,
		.table_count = TABLE_COUNT,
		.read_only = c->read_only};
	if (!e)
		e = store_open(&v->store, &sc);
	if (!e)
		e = settle_who(v, &incarnation);
	if (!e)
		e = vault_chains_load(v, incarnation);
	if (!e)
		e = vault_commit(v);
	if (!e)
		*ret = take(v);
	return e;
}

void
vault_free(struct vault *v)
{
	if (!v)
		return;
	store_txn_free(v->txn);
	store_free(v->store);
	vault_drop_chains(&v->now);
	vault_drop_chains(&v->kept);
	crypto_wipe(v->row_key, sizeof(v->row_key));
	mem_drop(&v);
}

const uint8_t *
vault_row_key(const struct vault *v)
{
	return v->row_key;
}
