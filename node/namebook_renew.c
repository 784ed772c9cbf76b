#include "node/namebook_inside.h"

#include "common/base/mem.h"

static enum err
note_id(void *arg, struct view key, struct view value, bool *ret_stop)
{
	(void)value;
	(void)ret_stop;
	buf_add_view(arg, key);
	return OK;
}

/* All keys of a table, one behind the other: what is walked is not changed meanwhile. */
static enum err
list_ids(struct store_txn *t, enum namebook_table table, struct buf *out)
{
	const struct store_range all = {.table = table};
	buf_init(out, (size_t)NAMEBOOK_MAX_COUNT * ID_BYTES);
	enum err e = store_each(t, &all, note_id, out);
	if (!e && out->len % ID_BYTES)
		e = fail(E_FORMAT, "the names store is damaged: a key is not of its form");
	return e ? e : buf_check(out, "names store");
}

struct anew {
	struct namebook *names;
	struct store_txn *txn;
	struct secret *rows; /* the fresh K */
	namebook_leave_fn *leave;
	const void *arg;
};

static enum err
seal_anew(const struct anew *a, struct view id)
{
	uint8_t next[ID_BYTES];
	struct view value;
	struct name p;
	OWNED_BUF struct buf sealed;
	buf_init(&sealed, NAMEBOOK_VALUE_MAX_BYTES);
	enum err e = store_get(a->txn, NAMEBOOK_PEOPLE, id, &value);
	if (!e)
		e = namebook_open_row(a->names, id, value, &p);
	if (e)
		return e;
	if (a->leave && a->leave(a->arg, p.code))
		return store_delete(a->txn, NAMEBOOK_PEOPLE, id);
	namebook_id(next, a->rows, p.code);
	e = namebook_seal(&sealed, next, &p, a->rows);
	if (!e)
		e = store_delete(a->txn, NAMEBOOK_PEOPLE, id);
	return e ? e
		 : store_put(a->txn, NAMEBOOK_PEOPLE, view_of(next, sizeof(next)),
			   buf_view(&sealed));
}

static enum err
drop_locks(struct store_txn *t)
{
	OWNED_BUF struct buf ids;
	enum err e = list_ids(t, NAMEBOOK_LOCKS, &ids);
	for (size_t i = 0; !e && i < ids.len; i += ID_BYTES)
		e = store_delete(t, NAMEBOOK_LOCKS, view_of(ids.at + i, ID_BYTES));
	return e;
}

enum err
namebook_renew(
	struct namebook *n, struct secret *next, namebook_leave_fn *leave, const void *arg)
{
	OWNED(store_txn) struct store_txn *t = NULL;
	OWNED_SECRET struct secret *rows = secret_new(AEAD_KEY_BYTES);
	OWNED_BUF struct buf ids = {.at = NULL};
	if (secret_len(next) != AEAD_KEY_BYTES)
		return fail(E_FORMAT, "the names key is not of its form");
	crypto_random(secret_bytes(rows), AEAD_KEY_BYTES);
	enum err e = store_write_reserve(&t, n->store);
	if (!e)
		e = list_ids(t, NAMEBOOK_PEOPLE, &ids);
	const struct anew a = {n, t, rows, leave, arg};
	for (size_t i = 0; !e && i < ids.len; i += ID_BYTES)
		e = seal_anew(&a, view_of(ids.at + i, ID_BYTES));
	if (!e)
		e = drop_locks(t);
	if (!e)
		e = namebook_lock(t, n->key, rows);
	if (!e)
		e = namebook_lock(t, next, rows);
	if (!e)
		e = namebook_mark_compact(t);
	if (!e)
		e = store_commit(take(t));
	if (e)
		return e;
	secret_free(n->rows);
	n->rows = take(rows);
	return namebook_compact(n);
}

enum err
namebook_settle(struct namebook *n, struct secret *key)
{
	uint8_t id[ID_BYTES];
	struct view lock;
	uint64_t locks = 0;
	OWNED(store_txn) struct store_txn *t = NULL;
	namebook_key_id(id, key);
	enum err e = store_write_reserve(&t, n->store);
	if (!e)
		e = store_get(t, NAMEBOOK_LOCKS, view_of(id, sizeof(id)), &lock);
	if (!e)
		e = store_count(t, NAMEBOOK_LOCKS, &locks);
	if (e)
		return e == E_NOTFOUND
			       ? fail(E_AUTH,
					 "the names store is under another key than the desk's")
			       : e;
	if (locks > 1) {
		e = drop_locks(t);
		if (!e)
			e = namebook_lock(t, key, n->rows);
		if (!e)
			e = namebook_mark_compact(t);
		if (!e)
			e = store_commit(take(t));
	}
	if (e)
		return e;
	store_txn_free(take(t));
	struct secret *kept = secret_copy(secret_bytes(key), AEAD_KEY_BYTES);
	secret_free(n->key);
	n->key = kept;
	return locks > 1 ? namebook_compact(n) : OK;
}

enum err
namebook_remove_those(
	struct namebook *n, namebook_goes_fn *goes, const void *arg, uint32_t *ret_count)
{
	OWNED(store_txn) struct store_txn *t = NULL;
	OWNED_BUF struct buf ids = {.at = NULL};
	uint32_t count = 0;
	*ret_count = 0;
	enum err e = store_write_reserve(&t, n->store);
	if (!e)
		e = list_ids(t, NAMEBOOK_PEOPLE, &ids);
	for (size_t i = 0; !e && i < ids.len; i += ID_BYTES) {
		const struct view id = view_of(ids.at + i, ID_BYTES);
		struct view value;
		struct name p;
		e = store_get(t, NAMEBOOK_PEOPLE, id, &value);
		if (!e)
			e = namebook_open_row(n, id, value, &p);
		if (e || !goes(arg, &p))
			continue;
		e = store_delete(t, NAMEBOOK_PEOPLE, id);
		count++;
	}
	if (!e && count)
		e = namebook_mark_compact(t);
	if (!e)
		e = store_commit(take(t));
	if (!e)
		*ret_count = count;
	return e || !count ? e : namebook_compact(n);
}
