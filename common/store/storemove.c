#include "common/store/storemove.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/mem.h"
#include "common/store/envdir.h"
#include "common/store/store_inside.h"

#define NOTES_MAX_BYTES ((size_t)64 << 20)
/* Freeing the blocks of a large file at once takes longer than a piece should. */
#define FREE_BYTES ((off_t)16 << 20)

struct storemove {
	struct store_copying to;
	int fd;     /* of the new data file, to sync it; -1: it is in place */
	int old_fd; /* of the old one */
	/* Up to here rows were copied: all tables before it, and this one up to the key. */
	size_t table;
	size_t key_len;
	uint8_t key[STORE_KEY_MAX_BYTES];
	struct buf notes; /* u32 table, blob key: touched behind that place */
	storemove_value_fn *value;
	void *arg;
};

void
storemove_give_up(struct store *s)
{
	struct storemove *m = s->move;
	s->move = NULL;
	if (!m)
		return;
	store_copying_done(&m->to);
	if (m->fd >= 0)
		(void)close(m->fd);
	if (m->old_fd >= 0)
		(void)close(m->old_fd);
	buf_done(&m->notes);
	mem_drop(&m);
	/* A leftover that cannot be removed now is cleared by the next start. */
	if (envdir_settle_move(s->dir))
		(void)err_text();
}

/* Behind the move there is nothing to bring after. */
static bool
is_behind(const struct storemove *m, size_t table, struct view key)
{
	if (m->fd < 0)
		return false;
	if (table != m->table)
		return table < m->table;
	return m->key_len && store_compare_keys(key, view_of(m->key, m->key_len)) <= 0;
}

void
storemove_note(struct store *s, size_t table, struct view key)
{
	struct storemove *m = s->move;
	if (!m || !is_behind(m, table, key))
		return;
	buf_u32(&m->notes, (uint32_t)table);
	buf_blob(&m->notes, key);
}

static enum err
begin(struct store *s, struct storemove *m)
{
	OWNED_MEM char *path = xasprintf("%s/data.new", s->dir);
	enum err e = envdir_begin_move(&m->fd, s->dir);
	if (e)
		return e;
	/* Each piece is synced, so that the last step finds little that is not on the disk. */
	int rc = store_copying_begin(&m->to, path, 0);
	if (!rc)
		rc = mdb_txn_commit(take(m->to.txn));
	return rc ? store_fail(s->dir, rc, "move") : OK;
}

enum err
storemove_begin(struct store *s, storemove_value_fn *value, void *arg)
{
	if (s->read_only)
		return fail(E_DENIED, "%s is opened to read only", s->dir);
	if (s->broken)
		return fail(
			E_IO, "%s: an earlier commit failed: start the program again", s->dir);
	if (s->open_count)
		return fail(E_BUSY, "%s: a transaction is open", s->dir);
	storemove_give_up(s);
	s->move = xcalloc(1, sizeof(*s->move));
	s->move->to.from = s;
	s->move->value = value;
	s->move->arg = arg;
	s->move->fd = s->move->old_fd = -1;
	buf_init(&s->move->notes, NOTES_MAX_BYTES);
	enum err e = begin(s, s->move);
	if (e)
		storemove_give_up(s);
	return e;
}

/* ---- a piece ---- */

struct piece {
	struct storemove *move;
	MDB_txn *rows;
	size_t bytes, limit_bytes;
};

static void
piece_done(struct piece *p)
{
	if (p->rows)
		mdb_txn_abort(p->rows);
}

static MDB_dbi
handle_of(const struct piece *p, size_t table)
{
	return p->move->to.from->handles[OWN_HANDLES_COUNT + table];
}

static MDB_val
new_value(const struct storemove *m, size_t table, const MDB_val *key, const MDB_val *value)
{
	if (!m->value)
		return *value;
	const struct view now = m->value(m->arg, table, view_of(key->mv_data, key->mv_size),
		view_of(value->mv_data, value->mv_size));
	return (MDB_val){now.len, (void *)(uintptr_t)now.at};
}

/* The row as it is now: written, or not there any more. */
static int
bring_after(struct piece *p, size_t table, struct view key)
{
	struct storemove *m = p->move;
	MDB_val k = {key.len, (void *)(uintptr_t)key.at}, v;
	int rc = mdb_get(p->rows, handle_of(p, table), &k, &v);
	p->bytes += key.len + (rc ? 0 : v.mv_size);
	if (!rc) {
		v = new_value(m, table, &k, &v);
		return mdb_put(m->to.txn, m->to.handles[table], &k, &v, 0);
	}
	if (rc == MDB_NOTFOUND)
		rc = mdb_del(m->to.txn, m->to.handles[table], &k, NULL);
	return rc == MDB_NOTFOUND ? 0 : rc;
}

static int
bring_all_after(struct piece *p)
{
	struct storemove *m = p->move;
	struct cursor c = cursor_of(buf_view(&m->notes));
	int rc = buf_check(&m->notes, "rows changed beside a move") ? MDB_MAP_FULL : 0;
	while (!rc && c.left) {
		size_t table = cursor_u32(&c);
		rc = bring_after(p, table, cursor_blob(&c));
	}
	if (!rc)
		buf_reset(&m->notes);
	return rc;
}

/* To the first row behind the place that was reached. */
static int
seek(const struct storemove *m, MDB_cursor *at, MDB_val *key, MDB_val *value)
{
	if (!m->key_len)
		return mdb_cursor_get(at, key, value, MDB_FIRST);
	*key = (MDB_val){m->key_len, (void *)(uintptr_t)m->key};
	int rc = mdb_cursor_get(at, key, value, MDB_SET_RANGE);
	if (rc || store_compare_keys(
			  view_of(key->mv_data, key->mv_size), view_of(m->key, m->key_len)) > 0)
		return rc;
	return mdb_cursor_get(at, key, value, MDB_NEXT);
}

static int
copy_row(struct piece *p, MDB_val *key, MDB_val *value)
{
	struct storemove *m = p->move;
	MDB_val now = new_value(m, m->table, key, value);
	int rc = mdb_put(m->to.txn, m->to.handles[m->table], key, &now, MDB_APPEND);
	if (rc)
		return rc;
	memcpy(m->key, key->mv_data, key->mv_size);
	m->key_len = key->mv_size;
	p->bytes += key->mv_size + value->mv_size;
	return 0;
}

/* MDB_NOTFOUND: the table is through. */
static int
copy_some(struct piece *p)
{
	MDB_cursor *at = NULL;
	MDB_val key, value;
	int rc = mdb_cursor_open(p->rows, handle_of(p, p->move->table), &at);
	if (!rc)
		rc = seek(p->move, at, &key, &value);
	while (!rc && p->bytes < p->limit_bytes) {
		rc = copy_row(p, &key, &value);
		if (!rc)
			rc = mdb_cursor_get(at, &key, &value, MDB_NEXT);
	}
	if (at)
		mdb_cursor_close(at);
	return rc;
}

static int
copy_piece(struct piece *p)
{
	struct storemove *m = p->move;
	const struct store *s = m->to.from;
	int rc = mdb_txn_begin(s->env, NULL, MDB_RDONLY, &p->rows);
	if (!rc)
		rc = store_copying_check(s, p->rows);
	if (!rc)
		rc = mdb_txn_begin(m->to.env, NULL, 0, &m->to.txn);
	if (!rc)
		rc = bring_all_after(p);
	/* However much was written behind the copy since: it gets on. */
	p->bytes = 0;
	while (!rc && m->table < s->table_count && p->bytes < p->limit_bytes) {
		rc = copy_some(p);
		if (rc == MDB_NOTFOUND) {
			m->table++;
			m->key_len = 0;
			rc = 0;
		}
	}
	return rc ? rc : mdb_txn_commit(take(m->to.txn));
}

/* ---- the last steps ---- */

/* Whoever still has the old file open reads it: then the last of them frees it. It has no name
 * any more, so that nobody opens it anew. */
static bool
is_ours_alone(int fd)
{
	bool alone = fcntl(fd, F_SETLEASE, F_WRLCK) == 0;
	if (alone)
		(void)fcntl(fd, F_SETLEASE, F_UNLCK);
	return alone;
}

/* *ret_done: nothing is left to free. */
static void
free_some(struct storemove *m, bool *ret_done)
{
	struct stat st;
	*ret_done = m->old_fd < 0 || fstat(m->old_fd, &st) || st.st_size <= FREE_BYTES ||
		    !is_ours_alone(m->old_fd) || ftruncate(m->old_fd, st.st_size - FREE_BYTES);
}

/* A move that stopped half way leaves files that do not belong together open here: it is opened
 * anew whatever came out. */
static enum err
move(struct store *s)
{
	struct storemove *m = s->move;
	OWNED_MEM char *path = xasprintf("%s/data.mdb", s->dir);
	store_copying_done(&m->to);
	m->old_fd = open(path, O_RDWR | O_CLOEXEC);
	enum err e = envdir_move(m->fd, s->dir);
	enum err opened = store_reopen(s);
	(void)close(m->fd);
	m->fd = -1;
	return opened ? E_IO : e;
}

/* Rows up to about so many bytes, or the move itself. */
static enum err
go_on(struct store *s, size_t bytes)
{
	OWNED_BY(piece_done) struct piece p = {.move = s->move, .limit_bytes = bytes};
	bool was_through = s->move->table == s->table_count;
	int rc = copy_piece(&p);
	if (rc)
		return store_fail(s->dir, rc, "move");
	/* The step that copies the last rows leaves moving to the next one. */
	if (!was_through && p.bytes)
		return OK;
	piece_done(&p);
	p.rows = NULL;
	return move(s);
}

enum err
storemove_step(struct store *s, size_t bytes, bool *ret_done)
{
	enum err e = OK;
	*ret_done = false;
	if (!s->move)
		return fail(E_NOTFOUND, "%s: no move is under way", s->dir);
	if (s->open_count)
		return fail(E_BUSY, "%s: a transaction is open", s->dir);
	if (s->move->fd >= 0)
		e = go_on(s, bytes);
	else
		free_some(s->move, ret_done);
	if (e || *ret_done)
		storemove_give_up(s);
	return e;
}

enum err
store_compact(struct store *s)
{
	bool done = false;
	enum err e = storemove_begin(s, NULL, NULL);
	while (!e && !done)
		e = storemove_step(s, SIZE_MAX, &done);
	return e;
}
