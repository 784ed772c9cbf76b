#include "node/namebook_inside.h"

#include "common/base/mem.h"

/* A key may be damaged, too, and be of any length. */
#define IDS_MAX_BYTES ((size_t)NAMEBOOK_MAX_COUNT * 4 * ID_BYTES)

static enum err
note_id(void *arg, struct view key, struct view value, bool *ret_stop)
{
	(void)value;
	(void)ret_stop;
	buf_blob(arg, key);
	return OK;
}

/* All keys of a table, blob behind blob: what is walked is not changed meanwhile. */
static enum err
list_ids(struct store_txn *t, enum namebook_table table, struct buf *out)
{
	const struct store_range all = {.table = table};
	buf_init(out, IDS_MAX_BYTES);
	enum err e = store_each(t, &all, note_id, out);
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
put_anew(const struct anew *a, const struct name *p)
{
	uint8_t id[ID_BYTES];
	OWNED_BUF struct buf sealed;
	buf_init(&sealed, NAMEBOOK_VALUE_MAX_BYTES);
	namebook_id(id, a->rows, p->code);
	enum err e = namebook_seal(&sealed, id, p, a->rows);
	return e ? e
		 : store_put(
			   a->txn, NAMEBOOK_PEOPLE, view_of(id, sizeof(id)), buf_view(&sealed));
}

/* What does not open would open with no key from now on: it goes, whoever's it was. */
static enum err
seal_anew(const struct anew *a, struct view id)
{
	struct view value;
	struct name p;
	enum err e = store_get(a->txn, NAMEBOOK_PEOPLE, id, &value);
	if (e)
		return e;
	const bool opens = !namebook_open_row(a->names, id, value, &p);
	if (!opens)
		namebook_note_damage(a->names, id);
	e = store_delete(a->txn, NAMEBOOK_PEOPLE, id);
	if (e || !opens || (a->leave && a->leave(a->arg, p.code)))
		return e;
	return put_anew(a, &p);
}

static enum err
seal_all_anew(const struct anew *a)
{
	OWNED_BUF struct buf ids = {.at = NULL};
	namebook_begin_walk(a->names);
	enum err e = list_ids(a->txn, NAMEBOOK_PEOPLE, &ids);
	struct cursor c = cursor_of(buf_view(&ids));
	while (!e && c.left)
		e = seal_anew(a, cursor_blob(&c));
	return e;
}

static enum err
drop_locks(struct store_txn *t)
{
	OWNED_BUF struct buf ids;
	enum err e = list_ids(t, NAMEBOOK_LOCKS, &ids);
	struct cursor c = cursor_of(buf_view(&ids));
	while (!e && c.left)
		e = store_delete(t, NAMEBOOK_LOCKS, cursor_blob(&c));
	return e;
}

enum err
namebook_renew(
	struct namebook *n, struct secret *next, namebook_leave_fn *leave, const void *arg)
{
	OWNED(store_txn) struct store_txn *t = NULL;
	OWNED_SECRET struct secret *rows = secret_new(AEAD_KEY_BYTES);
	if (secret_len(next) != AEAD_KEY_BYTES)
		return fail(E_FORMAT, "the names key is not of its form");
	crypto_random(secret_bytes(rows), AEAD_KEY_BYTES);
	enum err e = store_write_reserve(&t, n->store);
	const struct anew a = {n, t, rows, leave, arg};
	if (!e)
		e = seal_all_anew(&a);
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

struct removal {
	struct namebook *names;
	struct store_txn *txn;
	namebook_goes_fn *goes;
	const void *arg;
	uint32_t count;
};

/* The walk goes on behind the row that was handed out, whatever became of it. */
static enum err
remove_if_it_goes(void *arg, struct view id, struct view value, bool *ret_stop)
{
	struct removal *r = arg;
	struct name p;
	(void)ret_stop;
	if (namebook_open_row(r->names, id, value, &p)) {
		namebook_note_damage(r->names, id);
		return OK;
	}
	if (!r->goes(r->arg, &p))
		return OK;
	r->count++;
	return store_delete(r->txn, NAMEBOOK_PEOPLE, id);
}

enum err
namebook_remove_those(
	struct namebook *n, namebook_goes_fn *goes, const void *arg, uint32_t *ret_count)
{
	OWNED(store_txn) struct store_txn *t = NULL;
	const struct store_range all = {.table = NAMEBOOK_PEOPLE};
	*ret_count = 0;
	namebook_begin_walk(n);
	enum err e = store_write_reserve(&t, n->store);
	struct removal r = {n, t, goes, arg, 0};
	if (!e)
		e = store_each(t, &all, remove_if_it_goes, &r);
	if (!e && r.count)
		e = namebook_mark_compact(t);
	if (!e)
		e = store_commit(take(t));
	if (!e)
		*ret_count = r.count;
	return e || !r.count ? e : namebook_compact(n);
}
