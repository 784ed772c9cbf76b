#include "common/store/store.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/fd.h"
#include "common/base/mem.h"
#include "common/store/datafile.h"
#include "common/store/envdir.h"
#include "common/store/store_inside.h"
#include "common/store/storemove.h"

#define FILE_MODE        0600
#define META_PAGES_COUNT 2
#define TICK_MS          60000
#define MAP_UNIT_BYTES   65536
#define LIMIT_PART_COUNT 16
#define MIB_BYTES        ((size_t)1 << 20)

static bool
is_full(int rc)
{
	return rc == MDB_MAP_FULL || rc == MDB_TXN_FULL || rc == ENOSPC || rc == EDQUOT;
}

static bool
is_damage(int rc)
{
	return rc == MDB_CORRUPTED || rc == MDB_PAGE_NOTFOUND || rc == MDB_INVALID ||
	       rc == MDB_VERSION_MISMATCH || rc == MDB_CURSOR_FULL;
}

enum err
store_fail(const char *dir, int rc, const char *doing)
{
	if (is_full(rc))
		return fail(
			E_FULL, "%s: no room left in the store or on its disk: make room", dir);
	if (is_damage(rc))
		return fail(E_FORMAT, "%s is damaged: %s: %s; restore it from a backup", dir,
			doing, mdb_strerror(rc));
	if (rc == MDB_READERS_FULL)
		return fail(E_BUSY, "%s: too many readers at once", dir);
	return fail(E_IO, "%s: %s: %s", dir, doing, mdb_strerror(rc));
}

static enum err
check_usable(const struct store *s)
{
	if (s->broken)
		return fail(
			E_IO, "%s: an earlier commit failed: start the program again", s->dir);
	return OK;
}

/* ---- room ---- */

/* Pages in use as the transaction sees them: the trees of every table and the meta pages.
 * Pages on the free list are room, and so are those that only an old snapshot still needs. */
static enum err
count_used(const struct store *s, MDB_txn *txn, size_t *ret_bytes)
{
	*ret_bytes = 0;
	size_t pages = META_PAGES_COUNT;
	for (size_t i = 0; i < OWN_HANDLES_COUNT + s->table_count; i++) {
		MDB_stat st;
		int rc = mdb_stat(txn, s->handles[i], &st);
		if (rc)
			return store_fail(s->dir, rc, "count pages");
		pages += st.ms_branch_pages + st.ms_leaf_pages + st.ms_overflow_pages;
	}
	*ret_bytes = pages * s->page_bytes;
	return OK;
}

static enum err
limit_fail(const struct store *s, size_t used_bytes)
{
	return fail(E_FULL,
		"%s: the store is full, %zu of %zu MiB used: make room or raise its limit",
		s->dir, used_bytes / MIB_BYTES, s->limit_bytes / MIB_BYTES);
}

static enum err
check_floor(const struct store *s)
{
	size_t left = 0;
	enum err e = s->floor_bytes ? envdir_free_bytes(s->dir, &left) : OK;
	if (!e && left < s->floor_bytes)
		e = fail(E_FULL,
			"%s: the disk is nearly full, %zu MiB left of %zu kept for "
			"withdrawals: make room",
			s->dir, left / MIB_BYTES, s->floor_bytes / MIB_BYTES);
	return e;
}

enum err
store_check_limit(struct store_txn *t, size_t *ret_used_bytes)
{
	const struct store *s = t->store;
	t->unchecked_bytes = 0;
	enum err e = count_used(s, t->txn, ret_used_bytes);
	if (!e && !t->reserve && *ret_used_bytes > s->limit_bytes)
		e = limit_fail(s, *ret_used_bytes);
	return e;
}

/* Keeps the file ahead of its last page, so that commits do not pay for growing it and its end
 * is always behind what the meta pages count. */
static void
extend_file(const struct store *s)
{
	MDB_envinfo info;
	mdb_filehandle_t fd;
	if (mdb_env_info(s->env, &info) || mdb_env_get_fd(s->env, &fd))
		return;
	(void)datafile_extend(fd, (info.me_last_pgno + 1) * s->page_bytes, s->map_bytes);
}

/* ---- open ---- */

static void
txn_drop(MDB_txn **txn)
{
	if (*txn)
		mdb_txn_abort(*txn);
}
#define OWNED_TXN OWNED_BY(txn_drop)

/* Every table is opened once, before there are other transactions, as LMDB asks. */
static enum err
open_tables(struct store *s)
{
	OWNED_TXN MDB_txn *txn = NULL;
	int rc = mdb_txn_begin(s->env, NULL, s->read_only ? MDB_RDONLY : 0, &txn);
	if (rc)
		return store_fail(s->dir, rc, "begin");
	s->handles[FREE_HANDLE] = FREE_HANDLE;
	rc = mdb_dbi_open(txn, NULL, 0, &s->handles[MAIN_HANDLE]);
	for (size_t i = 0; !rc && i < s->table_count; i++) {
		rc = mdb_dbi_open(txn, s->tables[i], s->read_only ? 0 : MDB_CREATE,
			&s->handles[OWN_HANDLES_COUNT + i]);
		if (rc == MDB_NOTFOUND)
			return fail(E_NOTFOUND,
				"%s has no table %s: start its writer of this version first",
				s->dir, s->tables[i]);
	}
	if (rc)
		return store_fail(s->dir, rc, "open tables");
	enum err e = count_used(s, txn, &s->used_bytes);
	if (e)
		return e;
	rc = mdb_txn_commit(take(txn));
	return rc ? store_fail(s->dir, rc, "open tables") : OK;
}

static enum err
open_env(struct store *s, const char *dir)
{
	int rc = mdb_env_create(&s->env);
	if (!rc)
		rc = mdb_env_set_mapsize(s->env, s->map_bytes);
	if (!rc)
		rc = mdb_env_set_maxdbs(s->env, (MDB_dbi)MAX(s->table_count, (size_t)1));
	if (!rc)
		rc = mdb_env_set_maxreaders(s->env, ENVDIR_READERS_COUNT);
	/* A transaction belongs to its handle and not to the thread, so that one process can
	 * hold several snapshots. */
	if (!rc)
		rc = mdb_env_open(
			s->env, dir, MDB_NOTLS | (s->read_only ? MDB_RDONLY : 0u), FILE_MODE);
	MDB_stat st;
	if (!rc)
		rc = mdb_env_stat(s->env, &st);
	if (rc)
		return store_fail(dir, rc, "open");
	s->page_bytes = st.ms_psize;
	int dead = 0;
	rc = mdb_reader_check(s->env, &dead);
	return rc ? store_fail(dir, rc, "check readers") : OK;
}

void
store_close(struct store *s)
{
	if (s->env)
		mdb_env_close(s->env);
	s->env = NULL;
}

/* A new environment with its tables, made aside and renamed into place. */
static enum err
make_new(struct store *s)
{
	OWNED_MEM char *aside = NULL;
	enum err e = envdir_begin(&aside, s->dir);
	if (!e)
		e = open_env(s, aside);
	if (!e)
		e = open_tables(s);
	if (!e)
		extend_file(s);
	store_close(s);
	return e ? e : envdir_publish(aside, s->dir);
}

static enum err
open_existing(struct store *s)
{
	OWNED_FD int held = -1;
	enum err e = envdir_hold(&held, s->dir, !s->read_only);
	if (!e && !s->read_only)
		e = envdir_settle_move(s->dir);
	if (!e)
		e = envdir_reserve_lock(s->dir);
	if (!e)
		e = envdir_files(&s->files, s->dir);
	if (!e)
		e = open_env(s, s->dir);
	if (!e)
		e = open_tables(s);
	if (!e && !s->read_only)
		extend_file(s);
	return e;
}

enum err
store_reopen(struct store *s)
{
	store_close(s);
	enum err e = open_existing(s);
	s->broken = e != OK;
	return e ? fail_in(e, "%s", s->dir) : OK;
}

/* A reader goes where the writer went. Only while nothing is open: what a transaction lends
 * would be gone. */
static enum err
follow(struct store *s)
{
	struct envdir_files now;
	if (!s->read_only || s->open_count)
		return OK;
	enum err e = envdir_files(&now, s->dir);
	if (e || (now.data == s->files.data && now.lock == s->files.lock))
		return e == E_NOTFOUND ? OK : e;
	return store_reopen(s);
}

static struct store *
store_new(const struct store_config *c)
{
	struct store *s = xcalloc(1, sizeof(*s));
	s->dir = xstrdup(c->dir);
	for (size_t n = strlen(s->dir); n > 1 && s->dir[n - 1] == '/'; n--)
		s->dir[n - 1] = '\0';
	s->map_bytes = (c->map_bytes / MAP_UNIT_BYTES + 1) * MAP_UNIT_BYTES;
	s->limit_bytes = c->limit_bytes ? c->limit_bytes
					: s->map_bytes - s->map_bytes / LIMIT_PART_COUNT;
	s->floor_bytes = c->floor_bytes;
	s->read_only = c->read_only;
	s->table_count = c->table_count;
	for (size_t i = 0; i < c->table_count; i++)
		s->tables[i] = xstrdup(c->tables[i]);
	return s;
}

enum err
store_open(struct store **ret, const struct store_config *c)
{
	*ret = NULL;
	assert(c->table_count <= STORE_TABLES_MAX);
	if (c->dir[0] == '\0')
		return fail(E_FORMAT, "a store needs a directory");
	OWNED(store) struct store *s = store_new(c);
	enum err e = envdir_check(s->dir);
	if (e == E_NOTFOUND && !s->read_only)
		e = make_new(s);
	if (!e)
		e = open_existing(s);
	if (!e)
		*ret = take(s);
	return e;
}

enum err
store_tick(struct store *s, int64_t mono_ms)
{
	if (s->ticked_ms && mono_ms - s->ticked_ms < TICK_MS)
		return OK;
	s->ticked_ms = mono_ms;
	int dead = 0;
	int rc = mdb_reader_check(s->env, &dead);
	return rc ? store_fail(s->dir, rc, "check readers") : OK;
}

void
store_free(struct store *s)
{
	if (!s)
		return;
	storemove_give_up(s);
	store_close(s);
	for (size_t i = 0; i < s->table_count; i++)
		free(s->tables[i]);
	free(s->dir);
	free(s);
}

enum err
store_usage(struct store *s, struct store_usage *ret)
{
	*ret = (struct store_usage){.limit_bytes = s->limit_bytes};
	OWNED(store_txn) struct store_txn *t = NULL;
	enum err e = store_read(&t, s);
	if (e || !t)
		return e;
	e = count_used(s, t->txn, &ret->used_bytes);
	if (!e)
		e = envdir_free_bytes(s->dir, &ret->disk_free_bytes);
	return e;
}

/* ---- transactions ---- */

static enum err
begin(struct store_txn **ret, struct store *s, bool writes, bool reserve)
{
	enum err e = check_usable(s);
	if (e)
		return e;
	MDB_txn *txn = NULL;
	int rc = mdb_txn_begin(s->env, NULL, writes ? 0 : MDB_RDONLY, &txn);
	if (rc)
		return store_fail(s->dir, rc, "begin");
	*ret = xcalloc(1, sizeof(**ret));
	**ret = (struct store_txn){
		.store = s, .txn = txn, .writes = writes, .reserve = reserve};
	if (writes)
		s->writing = true;
	s->open_count++;
	return OK;
}

static enum err
check_may_write(const struct store *s)
{
	if (s->read_only)
		return fail(E_DENIED, "%s is opened to read only", s->dir);
	if (s->writing)
		return fail(E_BUSY, "%s: a write transaction is open already", s->dir);
	return OK;
}

enum err
store_write(struct store_txn **ret, struct store *s)
{
	*ret = NULL;
	enum err e = check_may_write(s);
	if (!e && s->used_bytes >= s->limit_bytes)
		e = limit_fail(s, s->used_bytes);
	if (!e)
		e = check_floor(s);
	return e ? e : begin(ret, s, true, false);
}

enum err
store_write_reserve(struct store_txn **ret, struct store *s)
{
	*ret = NULL;
	enum err e = check_may_write(s);
	return e ? e : begin(ret, s, true, true);
}

enum err
store_read(struct store_txn **ret, struct store *s)
{
	*ret = NULL;
	enum err e = follow(s);
	return e ? e : begin(ret, s, false, false);
}

/* The only transaction there is: it may move to another file. */
static enum err
renew_alone(struct store_txn *snapshot)
{
	struct store *s = snapshot->store;
	txn_drop(&snapshot->txn);
	snapshot->txn = NULL;
	s->open_count = 0;
	enum err e = follow(s);
	s->open_count = 1;
	if (e)
		return e;
	int rc = mdb_txn_begin(s->env, NULL, MDB_RDONLY, &snapshot->txn);
	return rc ? store_fail(s->dir, rc, "renew") : OK;
}

enum err
store_renew(struct store_txn *snapshot)
{
	struct store *s = snapshot->store;
	assert(!snapshot->writes);
	store_drop_near(snapshot);
	if (s->read_only && s->open_count == 1)
		return renew_alone(snapshot);
	mdb_txn_reset(snapshot->txn);
	int rc = mdb_txn_renew(snapshot->txn);
	return rc ? store_fail(s->dir, rc, "renew") : OK;
}

enum err
store_commit(struct store_txn *t)
{
	OWNED(store_txn) struct store_txn *mine = t;
	struct store *s = mine->store;
	store_drop_near(mine);
	if (!mine->writes)
		return OK;
	if (mine->failed)
		return fail(mine->failed,
			"%s: a write of this transaction failed: nothing was kept", s->dir);
	size_t used_bytes = 0;
	enum err e = store_check_limit(mine, &used_bytes);
	if (e)
		return e;
	int rc = mdb_txn_commit(take(mine->txn));
	if (rc) {
		s->broken = !is_full(rc);
		return is_full(rc) ? store_fail(s->dir, rc, "commit")
				   : fail(E_IO, "%s: commit: %s", s->dir, mdb_strerror(rc));
	}
	s->used_bytes = used_bytes;
	extend_file(s);
	return OK;
}

void
store_txn_free(struct store_txn *t)
{
	if (!t)
		return;
	store_drop_near(t);
	txn_drop(&t->txn);
	t->store->open_count--;
	if (t->writes)
		t->store->writing = false;
	free(t);
}
