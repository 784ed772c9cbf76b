#include <unistd.h>

#include "common/base/mem.h"
#include "common/store/envdir.h"
#include "common/store/store.h"
#include "common/store/store_inside.h"

#define FILE_MODE  0600
#define TURN_BYTES ((size_t)8 << 20)

static void
txn_drop(MDB_txn **txn)
{
	if (*txn)
		mdb_txn_abort(*txn);
}

/* ---- the copy's own environment ---- */

void
store_copying_done(struct store_copying *c)
{
	if (c->txn)
		mdb_txn_abort(take(c->txn));
	if (c->env)
		mdb_env_close(take(c->env));
}

static int
open_tables(struct store_copying *c)
{
	int rc = mdb_txn_begin(c->env, NULL, 0, &c->txn);
	for (size_t i = 0; !rc && i < c->from->table_count; i++)
		rc = mdb_dbi_open(c->txn, c->from->tables[i], MDB_CREATE, &c->handles[i]);
	return rc;
}

int
store_copying_begin(struct store_copying *c, const char *file, unsigned flags)
{
	const size_t tables = MAX(c->from->table_count, (size_t)1);
	int rc = mdb_env_create(&c->env);
	if (!rc)
		rc = mdb_env_set_mapsize(c->env, c->from->map_bytes);
	if (!rc)
		rc = mdb_env_set_maxdbs(c->env, (MDB_dbi)tables);
	if (!rc)
		rc = mdb_env_open(
			c->env, file, flags | MDB_NOTLS | MDB_NOSUBDIR | MDB_NOLOCK, FILE_MODE);
	return rc ? rc : open_tables(c);
}

int
store_copying_check(const struct store *s, MDB_txn *rows)
{
	MDB_stat all;
	int rc = mdb_stat(rows, s->handles[MAIN_HANDLE], &all);
	return !rc && all.ms_entries != s->table_count ? MDB_INCOMPATIBLE : rc;
}

/* ---- a copy of one moment ---- */

/* LMDB's own copy takes pages as they are: what was deleted stands on in the unused part of
 * pages and in the keys of the pages above. */
struct copy {
	struct store_copying to;
	MDB_txn *rows;
	size_t turn_bytes; /* put since the last commit */
};

static void
copy_done(struct copy *c)
{
	txn_drop(&c->rows);
	store_copying_done(&c->to);
}

static int
put_row(struct copy *c, MDB_dbi table, MDB_val *key, MDB_val *value)
{
	int rc = mdb_put(c->to.txn, table, key, value, MDB_APPEND);
	c->turn_bytes += key->mv_size + value->mv_size;
	if (rc || c->turn_bytes < TURN_BYTES)
		return rc;
	c->turn_bytes = 0;
	rc = mdb_txn_commit(take(c->to.txn));
	return rc ? rc : mdb_txn_begin(c->to.env, NULL, 0, &c->to.txn);
}

static int
copy_table(struct copy *c, size_t table)
{
	MDB_cursor *at = NULL;
	MDB_val key, value;
	int rc = mdb_cursor_open(c->rows, c->to.from->handles[OWN_HANDLES_COUNT + table], &at);
	if (rc)
		return rc;
	while (!rc && !(rc = mdb_cursor_get(at, &key, &value, MDB_NEXT)))
		rc = put_row(c, c->to.handles[table], &key, &value);
	mdb_cursor_close(at);
	return rc == MDB_NOTFOUND ? 0 : rc;
}

/* Into a file that is there and empty; it is not synced. */
static int
copy_rows(const struct store *s, const char *file)
{
	OWNED_BY(copy_done) struct copy c = {.to = {.from = s}};
	int rc = mdb_txn_begin(s->env, NULL, MDB_RDONLY, &c.rows);
	if (!rc)
		rc = store_copying_check(s, c.rows);
	if (!rc)
		rc = store_copying_begin(&c.to, file, MDB_NOSYNC);
	for (size_t i = 0; !rc && i < s->table_count; i++)
		rc = copy_table(&c, i);
	return rc ? rc : mdb_txn_commit(take(c.to.txn));
}

static enum err
copy_into(const struct store *s, const char *dir)
{
	OWNED_MEM char *path = xasprintf("%s/data.mdb", dir);
	int rc = copy_rows(s, path);
	return rc ? store_fail(s->dir, rc, "copy") : OK;
}

enum err
store_copy(struct store *s, const char *dir)
{
	if (access(dir, F_OK) == 0)
		return fail(E_CONFLICT, "%s is there already", dir);
	OWNED_MEM char *aside = NULL;
	enum err e = envdir_begin(&aside, dir);
	if (!e)
		e = copy_into(s, aside);
	return e ? e : envdir_publish(aside, dir);
}
