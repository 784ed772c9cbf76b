#include "node/namebook_inside.h"

#include <string.h>

#include "common/base/mem.h"

#define FORMAT_NAME  "weir-names-v1"
#define ROW_VERSION  1
#define MARK_COMPACT "compact"

/* sealing */

static void
id_of(uint8_t ret[static ID_BYTES], const char *personal, struct secret *key, struct view about)
{
	crypto_hash_id(ret, personal, secret_bytes(key), &about, about.len ? 1 : 0);
}

void
namebook_key_id(uint8_t ret[static ID_BYTES], struct secret *key)
{
	id_of(ret, "weir-names-key", key, view_of(NULL, 0));
}

void
namebook_id(uint8_t ret[static ID_BYTES], struct secret *rows, struct view code)
{
	id_of(ret, "weir-names-id", rows, code);
}

static void
aad_of(struct buf *out, const uint8_t *id)
{
	buf_blob_text(out, FORMAT_NAME);
	if (id)
		buf_blob(out, view_of(id, ID_BYTES));
}

enum err
namebook_seal(struct buf *out, const uint8_t id[static ID_BYTES], const struct name *p,
	struct secret *rows)
{
	static const uint8_t zeros[NAMEBOOK_PAD_BYTES];
	OWNED_WIPED struct buf plain;
	OWNED_BUF struct buf aad;
	buf_init(&plain, NAMEBOOK_PLAIN_MAX_BYTES);
	buf_reserve(&plain, NAMEBOOK_PLAIN_MAX_BYTES);
	buf_init(&aad, 64);
	buf_blob(&plain, p->code);
	buf_blob(&plain, p->name);
	buf_blob(&plain, p->contact);
	buf_blob(&plain, p->way);
	buf_u64(&plain, (uint64_t)p->changed_s);
	buf_u64(&plain, (uint64_t)p->contacted_s);
	if (plain.len > NAMEBOOK_PAD_BYTES)
		return fail(E_FORMAT, "name and contact are too long");
	buf_add(&plain, zeros, NAMEBOOK_PAD_BYTES - plain.len);
	aad_of(&aad, id);
	enum err e = buf_check(&plain, "name");
	if (e)
		return e;
	buf_u8(out, ROW_VERSION);
	aead_seal(out, buf_view(&plain), buf_view(&aad), secret_bytes(rows));
	return buf_check(out, "name");
}

static enum err
read_person(struct name *ret, struct view plain)
{
	struct cursor c = cursor_of(plain);
	ret->code = cursor_blob(&c);
	ret->name = cursor_blob(&c);
	ret->contact = cursor_blob(&c);
	ret->way = cursor_blob(&c);
	ret->changed_s = (int64_t)cursor_u64(&c);
	ret->contacted_s = (int64_t)cursor_u64(&c);
	return c.broken ? fail(E_FORMAT, "the names store is damaged: a row is cut short") : OK;
}

/* Opens a row into the room for what is lent. */
enum err
namebook_open_row(struct namebook *n, struct view id, struct view value, struct name *ret)
{
	OWNED_BUF struct buf aad;
	buf_init(&aad, 64);
	crypto_wipe(n->plain.at, n->plain.len);
	buf_reset(&n->plain);
	if (id.len != ID_BYTES || value.len < 1 || value.at[0] != ROW_VERSION)
		return fail(E_FORMAT, "the names store is damaged: a row is not of its form");
	aad_of(&aad, id.at);
	if (aead_open(&n->plain, view_of(value.at + 1, value.len - 1), buf_view(&aad),
		    secret_bytes(n->rows)))
		return fail(E_FORMAT, "the names store is damaged: a row does not open");
	return read_person(ret, buf_view(&n->plain));
}

/* locks */

enum err
namebook_lock(struct store_txn *t, struct secret *key, struct secret *rows)
{
	uint8_t id[ID_BYTES];
	OWNED_BUF struct buf aad, sealed;
	buf_init(&aad, 64);
	buf_init(&sealed, AEAD_KEY_BYTES + AEAD_EXTRA_BYTES);
	namebook_key_id(id, key);
	aad_of(&aad, NULL);
	aead_seal(&sealed, secret_view(rows), buf_view(&aad), secret_bytes(key));
	return store_put(t, NAMEBOOK_LOCKS, view_of(id, sizeof(id)), buf_view(&sealed));
}

enum err
namebook_unlock(struct namebook *n, struct store_txn *t)
{
	uint8_t id[ID_BYTES];
	struct view sealed;
	OWNED_BUF struct buf aad;
	buf_init(&aad, 64);
	namebook_key_id(id, n->key);
	aad_of(&aad, NULL);
	enum err e = store_get(t, NAMEBOOK_LOCKS, view_of(id, sizeof(id)), &sealed);
	if (e)
		return e;
	e = aead_open_secret(&n->rows, sealed, buf_view(&aad), secret_bytes(n->key));
	if (!e && secret_len(n->rows) != AEAD_KEY_BYTES)
		e = fail(E_FORMAT, "the names store is damaged: a lock is not of its form");
	return e;
}

/* writing */

enum err
namebook_mark_compact(struct store_txn *t)
{
	static const uint8_t yes = 1;
	return store_put(t, NAMEBOOK_MARKS, view_text(MARK_COMPACT), view_of(&yes, 1));
}

/* What was deleted leaves the file, too; a crash in between is made good when it is opened. */
enum err
namebook_compact(struct namebook *n)
{
	OWNED(store_txn) struct store_txn *t = NULL;
	enum err e = store_compact(n->store);
	if (!e)
		e = store_write_reserve(&t, n->store);
	if (!e)
		e = store_delete(t, NAMEBOOK_MARKS, view_text(MARK_COMPACT));
	return e ? e : store_commit(take(t));
}

enum err
namebook_finish_compact(struct namebook *n)
{
	OWNED(store_txn) struct store_txn *t = NULL;
	struct view row;
	enum err e = store_read(&t, n->store);
	if (!e)
		e = store_get(t, NAMEBOOK_MARKS, view_text(MARK_COMPACT), &row);
	store_txn_free(take(t));
	return e == E_NOTFOUND ? OK : e ? e : namebook_compact(n);
}
