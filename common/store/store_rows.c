#include "common/store/store.h"

#include <assert.h>
#include <string.h>

#include "common/store/store_inside.h"

/* From so many reads without a write between them on, where they were is remembered. */
#define NEAR_READS_COUNT 16
/* Between two entries of a lane lie the other parts of the first. */
#define NEAR_STEPS_COUNT 2

/* A long transaction is held against the limit each time it has put this much. */
#define RECHECK_BYTES ((size_t)1 << 20)

/* LMDB takes pointers without const for what it only reads. */
static MDB_val
val_of(struct view v)
{
	return (MDB_val){.mv_size = v.len,
		.mv_data = (void *)(uintptr_t)(v.at ? v.at : (const uint8_t *)"")};
}

static struct view
view_of_val(const MDB_val *v)
{
	return view_of(v->mv_data, v->mv_size);
}

static MDB_dbi
handle_of(const struct store_txn *t, size_t table)
{
	assert(table < t->store->table_count);
	return t->store->handles[OWN_HANDLES_COUNT + table];
}

/* ---- near reads ---- */

int
store_compare_keys(struct view a, struct view b)
{
	size_t n = MIN(a.len, b.len);
	int order = n ? memcmp(a.at, b.at, n) : 0;
	return order ? order : (a.len > b.len) - (a.len < b.len);
}

void
store_drop_near(struct store_txn *t)
{
	t->reads = 0;
	for (size_t i = 0; t->has_near && i < STORE_TABLES_MAX; i++)
		if (t->near[i])
			mdb_cursor_close(take(t->near[i]));
	t->has_near = false;
}

/* The row may be the next one, or the one behind it. */
static bool
step_to(MDB_cursor *c, const MDB_val *wanted, MDB_val *ret)
{
	const struct view key = view_of_val(wanted);
	int order = -1;
	for (int i = 0; order < 0 && i < NEAR_STEPS_COUNT; i++) {
		MDB_val k;
		if (mdb_cursor_get(c, &k, ret, MDB_NEXT))
			return false;
		order = store_compare_keys(view_of_val(&k), key);
	}
	return order == 0;
}

/* Rows are mostly read in the order of their keys: a cursor that stands at the row before finds
 * the next one on the same page without coming down the whole tree. No cursor lives through a
 * write, so that none has to follow one. */
static int
get_near(struct store_txn *t, size_t table, MDB_val *k, MDB_val *v)
{
	int rc = OK;
	t->reads++;
	if (t->reads < NEAR_READS_COUNT)
		return mdb_get(t->txn, handle_of(t, table), k, v);
	if (t->near[table] && step_to(t->near[table], k, v))
		return OK;
	if (!t->near[table])
		rc = mdb_cursor_open(t->txn, handle_of(t, table), &t->near[table]);
	t->has_near = t->has_near || !rc;
	return rc ? rc : mdb_cursor_get(t->near[table], k, v, MDB_SET);
}

/* ---- rows ---- */

static enum err
check_row(const struct store_txn *t, size_t table, struct view key, size_t value_len)
{
	const struct store *s = t->store;
	if (!t->writes)
		return fail(E_DENIED, "%s: a snapshot cannot be written", s->dir);
	if (t->failed)
		return fail(
			t->failed, "%s: an earlier write of this transaction failed", s->dir);
	if (key.len == 0 || key.len > STORE_KEY_MAX_BYTES)
		return fail(E_FORMAT, "table %s: a key of %zu bytes; it has 1 to %d",
			s->tables[table], key.len, STORE_KEY_MAX_BYTES);
	if (value_len > STORE_VALUE_MAX_BYTES)
		return fail(E_FORMAT, "table %s: a value of %zu bytes is over the limit",
			s->tables[table], value_len);
	return OK;
}

/* Rows that come in the order of their keys fill their pages when LMDB is told that they go to
 * the end; without, it splits each full page and a third of the file stays empty with values
 * of 1 KiB. A key that does not go to the end is put again in the usual way, and the hint is
 * not tried again for that table in this transaction. */
static int
put_at_place(struct store_txn *t, size_t table, MDB_val *k, MDB_val *v, unsigned flags)
{
	MDB_dbi handle = handle_of(t, table);
	if (!t->not_at_end[table]) {
		int rc = mdb_put(t->txn, handle, k, v, flags | MDB_APPEND);
		if (rc != MDB_KEYEXIST)
			return rc;
		t->not_at_end[table] = true;
	}
	return mdb_put(t->txn, handle, k, v, flags);
}

static enum err
put(struct store_txn *t, size_t table, struct view key, struct view value, unsigned flags)
{
	enum err e = check_row(t, table, key, value.len);
	if (e)
		return e;
	MDB_val k = val_of(key), v = val_of(value);
	store_drop_near(t);
	int rc = put_at_place(t, table, &k, &v, flags);
	if (rc == MDB_KEYEXIST)
		return fail(
			E_CONFLICT, "table %s has that row already", t->store->tables[table]);
	t->changes++;
	storemove_note(t->store, table, key);
	t->unchecked_bytes += key.len + value.len;
	size_t used_bytes = 0;
	if (rc)
		e = store_fail(t->store->dir, rc, "put");
	else if (t->unchecked_bytes >= RECHECK_BYTES)
		e = store_check_limit(t, &used_bytes);
	t->failed = e;
	return e;
}

enum err
store_put(struct store_txn *t, size_t table, struct view key, struct view value)
{
	return put(t, table, key, value, 0);
}

enum err
store_put_new(struct store_txn *t, size_t table, struct view key, struct view value)
{
	return put(t, table, key, value, MDB_NOOVERWRITE);
}

static enum err
no_row(const struct store_txn *t, size_t table)
{
	return fail(E_NOTFOUND, "table %s has no such row", t->store->tables[table]);
}

enum err
store_delete(struct store_txn *t, size_t table, struct view key)
{
	MDB_dbi handle = handle_of(t, table);
	enum err e = check_row(t, table, key, 0);
	if (e)
		return e;
	MDB_val k = val_of(key);
	store_drop_near(t);
	int rc = mdb_del(t->txn, handle, &k, NULL);
	if (rc == MDB_NOTFOUND)
		return no_row(t, table);
	t->changes++;
	storemove_note(t->store, table, key);
	if (rc)
		t->failed = store_fail(t->store->dir, rc, "delete");
	return t->failed;
}

enum err
store_get(struct store_txn *t, size_t table, struct view key, struct view *ret_value)
{
	*ret_value = view_of(NULL, 0);
	MDB_val k = val_of(key), v;
	int rc = key.len == 0 || key.len > STORE_KEY_MAX_BYTES ? MDB_NOTFOUND
							       : get_near(t, table, &k, &v);
	if (rc == MDB_NOTFOUND)
		return no_row(t, table);
	if (rc)
		return store_fail(t->store->dir, rc, "get");
	*ret_value = view_of_val(&v);
	return OK;
}

enum err
store_count(struct store_txn *t, size_t table, uint64_t *ret)
{
	*ret = 0;
	MDB_stat st;
	int rc = mdb_stat(t->txn, handle_of(t, table), &st);
	if (rc)
		return store_fail(t->store->dir, rc, "count");
	*ret = st.ms_entries;
	return OK;
}

/* ---- walks ---- */

static void
cursor_drop(MDB_cursor **c)
{
	if (*c)
		mdb_cursor_close(*c);
}
#define OWNED_CURSOR OWNED_BY(cursor_drop)

static bool
has_prefix(struct view key, struct view prefix)
{
	return key.len >= prefix.len &&
	       (prefix.len == 0 || memcmp(key.at, prefix.at, prefix.len) == 0);
}

/* The shortest key above every key with this prefix; length 0 if there is none. */
static size_t
key_behind(uint8_t ret[static STORE_KEY_MAX_BYTES], struct view prefix)
{
	size_t n = prefix.len;
	while (n && prefix.at[n - 1] == 0xff)
		n--;
	if (n) {
		memcpy(ret, prefix.at, n);
		ret[n - 1]++;
	}
	return n;
}

static enum err
open_cursor(MDB_cursor **ret, struct store_txn *t, size_t table)
{
	int rc = mdb_cursor_open(t->txn, handle_of(t, table), ret);
	return rc ? store_fail(t->store->dir, rc, "walk") : OK;
}

enum err
store_last(struct store_txn *t, size_t table, struct view prefix, struct view *ret_key,
	struct view *ret_value)
{
	*ret_key = *ret_value = view_of(NULL, 0);
	if (prefix.len > STORE_KEY_MAX_BYTES)
		return no_row(t, table);
	OWNED_CURSOR MDB_cursor *c = NULL;
	enum err e = open_cursor(&c, t, table);
	if (e)
		return e;
	uint8_t behind[STORE_KEY_MAX_BYTES];
	size_t n = key_behind(behind, prefix);
	MDB_val k = {.mv_size = n, .mv_data = behind}, v;
	int rc = n ? mdb_cursor_get(c, &k, &v, MDB_SET_RANGE) : MDB_NOTFOUND;
	if (rc == OK || rc == MDB_NOTFOUND)
		rc = mdb_cursor_get(c, &k, &v, rc == OK ? MDB_PREV : MDB_LAST);
	if (rc && rc != MDB_NOTFOUND)
		return store_fail(t->store->dir, rc, "walk");
	if (rc || !has_prefix(view_of_val(&k), prefix))
		return no_row(t, table);
	*ret_key = view_of_val(&k);
	*ret_value = view_of_val(&v);
	return OK;
}

/* Where a walk stands: its cursor and a copy of the key handed out last. */
struct walk {
	MDB_cursor *cursor;
	MDB_val key;
	MDB_val value;
	uint64_t changes;
	size_t last_len;
	uint8_t last[STORE_KEY_MAX_BYTES];
};

static int
walk_seek(struct walk *w, struct view start)
{
	w->key = val_of(start);
	return mdb_cursor_get(
		w->cursor, &w->key, &w->value, start.len ? MDB_SET_RANGE : MDB_FIRST);
}

/* After a write the cursor is set anew behind the last key instead of trusted to have
 * followed. */
static int
walk_next(struct walk *w, uint64_t changes)
{
	struct view last = view_of(w->last, w->last_len);
	if (w->changes != changes) {
		int rc = walk_seek(w, last);
		if (rc || store_compare_keys(view_of_val(&w->key), last) > 0)
			return rc;
	}
	return mdb_cursor_get(w->cursor, &w->key, &w->value, MDB_NEXT);
}

static enum err
walk_rows(struct store_txn *t, struct walk *w, const struct store_range *range,
	store_each_fn *each, void *arg)
{
	struct view start = store_compare_keys(range->from, range->prefix) > 0 ? range->from
									       : range->prefix;
	bool stop = false;
	int rc = walk_seek(w, start);
	while (!rc && !stop && has_prefix(view_of_val(&w->key), range->prefix)) {
		struct view key = view_of_val(&w->key), last = view_of(w->last, w->last_len);
		if (key.len > STORE_KEY_MAX_BYTES || store_compare_keys(key, last) <= 0)
			return fail(E_FORMAT, "%s is damaged: table %s is out of order",
				t->store->dir, t->store->tables[range->table]);
		memcpy(w->last, key.at, key.len);
		w->last_len = key.len;
		w->changes = t->changes;
		enum err e = each(arg, key, view_of_val(&w->value), &stop);
		if (e)
			return e;
		if (!stop)
			rc = walk_next(w, t->changes);
	}
	return rc && rc != MDB_NOTFOUND ? store_fail(t->store->dir, rc, "walk") : OK;
}

enum err
store_each(struct store_txn *t, const struct store_range *range, store_each_fn *each, void *arg)
{
	if (range->prefix.len > STORE_KEY_MAX_BYTES || range->from.len > STORE_KEY_MAX_BYTES)
		return OK;
	OWNED_CURSOR MDB_cursor *c = NULL;
	enum err e = open_cursor(&c, t, range->table);
	struct walk w = {.cursor = c};
	return e ? e : walk_rows(t, &w, range, each, arg);
}
