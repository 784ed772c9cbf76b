#include <unistd.h>

#include "common/base/mem.h"
#include "common/store/envdir.h"
#include "common/store/store.h"
#include "common/store/store_inside.h"

#define FILE_MODE  0600
#define TURN_BYTES ((size_t)8 << 20)

static void
close_drop(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
}

static void
env_drop(MDB_env **env)
{
	if (*env)
		mdb_env_close(*env);
}

static void
txn_drop(MDB_txn **txn)
{
	if (*txn)
		mdb_txn_abort(*txn);
}

/* A copy of this store row by row, under way. LMDB's own copy takes pages as they are: what was
 * deleted stands on in the unused part of pages and in the keys of the pages above. */
struct copying {
	const struct store *from;
	MDB_txn *rows; /* of one moment */
	MDB_env *env;  /* of the copy */
	MDB_txn *txn;
	MDB_dbi handles[STORE_TABLES_MAX];
	size_t turn_bytes; /* put since the last commit */
};

static void
copying_done(struct copying *c)
{
	txn_drop(&c->rows);
	txn_drop(&c->txn);
	env_drop(&c->env);
}

static int
open_tables(struct copying *c)
{
	MDB_stat all;
	int rc = mdb_txn_begin(c->env, NULL, 0, &c->txn);
	for (size_t i = 0; !rc && i < c->from->table_count; i++)
		rc = mdb_dbi_open(c->txn, c->from->tables[i], MDB_CREATE, &c->handles[i]);
	if (!rc)
		rc = mdb_stat(c->rows, c->from->handles[MAIN_HANDLE], &all);
	/* One that this version does not know would be left behind. */
	return !rc && all.ms_entries != c->from->table_count ? MDB_INCOMPATIBLE : rc;
}

static int
begin(struct copying *c, const char *file)
{
	const unsigned how = MDB_NOTLS | MDB_NOSUBDIR | MDB_NOLOCK | MDB_NOSYNC;
	int rc = mdb_txn_begin(c->from->env, NULL, MDB_RDONLY, &c->rows);
	if (!rc)
		rc = mdb_env_create(&c->env);
	if (!rc)
		rc = mdb_env_set_mapsize(c->env, c->from->map_bytes);
	if (!rc)
		rc = mdb_env_set_maxdbs(c->env, (MDB_dbi)MAX(c->from->table_count, (size_t)1));
	if (!rc)
		rc = mdb_env_open(c->env, file, how, FILE_MODE);
	return rc ? rc : open_tables(c);
}

static int
put_row(struct copying *c, MDB_dbi to, MDB_val *key, MDB_val *value)
{
	int rc = mdb_put(c->txn, to, key, value, MDB_APPEND);
	c->turn_bytes += key->mv_size + value->mv_size;
	if (rc || c->turn_bytes < TURN_BYTES)
		return rc;
	c->turn_bytes = 0;
	rc = mdb_txn_commit(take(c->txn));
	return rc ? rc : mdb_txn_begin(c->env, NULL, 0, &c->txn);
}

static int
copy_table(struct copying *c, size_t table)
{
	MDB_cursor *at = NULL;
	MDB_val key, value;
	int rc = mdb_cursor_open(c->rows, c->from->handles[OWN_HANDLES_COUNT + table], &at);
	if (rc)
		return rc;
	while (!rc && !(rc = mdb_cursor_get(at, &key, &value, MDB_NEXT)))
		rc = put_row(c, c->handles[table], &key, &value);
	mdb_cursor_close(at);
	return rc == MDB_NOTFOUND ? 0 : rc;
}

/* Into a file that is there and empty; it is not synced. */
static int
copy_rows(const struct store *s, const char *file)
{
	OWNED_BY(copying_done) struct copying c = {.from = s};
	int rc = begin(&c, file);
	for (size_t i = 0; !rc && i < s->table_count; i++)
		rc = copy_table(&c, i);
	return rc ? rc : mdb_txn_commit(take(c.txn));
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

static enum err
copy_and_move(struct store *s)
{
	OWNED_BY(close_drop) int fd = -1;
	OWNED_MEM char *path = xasprintf("%s/data.new", s->dir);
	enum err e = envdir_begin_move(&fd, s->dir);
	if (e)
		return e;
	int rc = copy_rows(s, path);
	return rc ? store_fail(s->dir, rc, "compact") : envdir_move(fd, s->dir);
}

enum err
store_compact(struct store *s)
{
	if (s->read_only)
		return fail(E_DENIED, "%s is opened to read only", s->dir);
	if (s->broken)
		return fail(
			E_IO, "%s: an earlier commit failed: start the program again", s->dir);
	if (s->open_count)
		return fail(E_BUSY, "%s: a transaction is open", s->dir);
	/* A move that stopped half way leaves files that do not belong together open here: it
	 * is
	 * opened anew whatever came out. */
	enum err e = copy_and_move(s);
	enum err opened = store_reopen(s);
	return opened ? E_IO : e;
}
