#include "common/store/store.h"
#include "common/store/storemove.h"
#include "hub/vault_ops.h"

#define MAP_USUAL_BYTES ((size_t)256 << 30)

static enum err
tick(void *db, int64_t mono_ms)
{
	return store_tick(db, mono_ms);
}

static void
shut(void *db)
{
	store_free(db);
}

static enum err
copy(void *db, const char *dir)
{
	return store_copy(db, dir);
}

static enum err
move_begin(void *db, vault_value_fn *value, void *arg)
{
	return storemove_begin(db, value, arg);
}

static enum err
move_step(void *db, size_t bytes, bool *ret_done)
{
	return storemove_step(db, bytes, ret_done);
}

static void
move_give_up(void *db)
{
	storemove_give_up(db);
}

static enum err
begin(void **ret_txn, void *db, enum vault_begin_as as)
{
	*ret_txn = NULL;
	struct store_txn *t = NULL;
	enum err e = OK;
	switch (as) {
	case VAULT_WRITE:
		e = store_write(&t, db);
		break;
	case VAULT_WRITE_RESERVE:
		e = store_write_reserve(&t, db);
		break;
	case VAULT_READ:
		e = store_read(&t, db);
		break;
	}
	*ret_txn = t;
	return e;
}

static enum err
renew(void *snapshot)
{
	return store_renew(snapshot);
}

static enum err
commit(void *txn)
{
	return store_commit(txn);
}

static void
drop(void *txn)
{
	store_txn_free(txn);
}

static enum err
put(void *txn, size_t table, struct view key, struct view sealed)
{
	return store_put(txn, table, key, sealed);
}

static enum err
put_new(void *txn, size_t table, struct view key, struct view sealed)
{
	return store_put_new(txn, table, key, sealed);
}

static enum err
delete_row(void *txn, size_t table, struct view key)
{
	return store_delete(txn, table, key);
}

static enum err
get(void *txn, size_t table, struct view key, struct view *ret_sealed)
{
	return store_get(txn, table, key, ret_sealed);
}

static enum err
last(void *txn, size_t table, struct view prefix, struct view *ret_key, struct view *ret_sealed)
{
	return store_last(txn, table, prefix, ret_key, ret_sealed);
}

static enum err
count(void *txn, size_t table, uint64_t *ret)
{
	return store_count(txn, table, ret);
}

static enum err
walk(void *txn, const struct vault_range *range, vault_each_fn *each, void *arg)
{
	struct store_range r = {
		.table = range->table, .prefix = range->prefix, .from = range->from};
	return store_each(txn, &r, each, arg);
}

static const struct vault_ops lmdb_ops = {
	.tick = tick,
	.close = shut,
	.copy = copy,
	.move_begin = move_begin,
	.move_step = move_step,
	.move_give_up = move_give_up,
	.begin = begin,
	.renew = renew,
	.commit = commit,
	.abort = drop,
	.put = put,
	.put_new = put_new,
	.remove = delete_row,
	.get = get,
	.last = last,
	.count = count,
	.each = walk,
};

enum err
vault_open_lmdb(struct vault **ret, const char *dir, const struct vaultkeys *keys,
	const struct vault_limits *limits, bool read_only)
{
	*ret = NULL;
	struct store_config c = {.dir = dir,
		.map_bytes = limits->map_bytes ? limits->map_bytes : MAP_USUAL_BYTES,
		.limit_bytes = limits->limit_bytes,
		.floor_bytes = limits->floor_bytes,
		.tables = vault_table_names,
		.table_count = VAULT_TABLE_COUNT,
		.read_only = read_only};
	OWNED(store) struct store *s = NULL;
	enum err e = store_open(&s, &c);
	if (e)
		return e;
	e = vault_on(ret, &lmdb_ops, take(s), keys, read_only);
	return e ? fail_in(e, "%s", dir) : OK;
}
