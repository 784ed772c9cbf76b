#include "hub/writer.h"

#include <string.h>

void
writer_write(struct buf *b, const struct writer *w)
{
	buf_add(b, w->public, sizeof(w->public));
	buf_add(b, w->transport, sizeof(w->transport));
	buf_add(b, w->box, sizeof(w->box));
	buf_add(b, w->review, sizeof(w->review));
	buf_add(b, w->witness, sizeof(w->witness));
	buf_blob_text(b, w->site);
	buf_blob_text(b, w->name);
	buf_u64(b, (uint64_t)w->admitted_s);
	buf_u64(b, (uint64_t)w->revoked_s);
}

void
writer_read(struct cursor *c, struct writer *ret)
{
	*ret = (struct writer){0};
	cursor_copy(c, ret->public, sizeof(ret->public));
	cursor_copy(c, ret->transport, sizeof(ret->transport));
	cursor_copy(c, ret->box, sizeof(ret->box));
	cursor_copy(c, ret->review, sizeof(ret->review));
	cursor_copy(c, ret->witness, sizeof(ret->witness));
	row_text(c, ret->site, sizeof(ret->site));
	row_text(c, ret->name, sizeof(ret->name));
	ret->admitted_s = (int64_t)cursor_u64(c);
	ret->revoked_s = (int64_t)cursor_u64(c);
}

/* 'w' public or 't' transport. */
struct writer_key {
	uint8_t bytes[1 + SIGN_PUBLIC_BYTES];
};

static struct writer_key
writer_key(char table, const uint8_t key[static SIGN_PUBLIC_BYTES])
{
	struct writer_key k;
	k.bytes[0] = (uint8_t)table;
	memcpy(k.bytes + 1, key, SIGN_PUBLIC_BYTES);
	return k;
}

enum err
writer_put(struct vault_txn *t, const struct writer *w)
{
	OWNED_BUF struct buf row;
	buf_init(&row, ROW_MAX_BYTES);
	buf_u8(&row, ROW_VERSION);
	writer_write(&row, w);
	struct writer_key by_public = writer_key('w', w->public);
	struct writer_key by_transport = writer_key('t', w->transport);
	enum err e = buf_check(&row, "writer");
	if (!e)
		e = vault_put(t, VAULT_WRITERS,
			view_of(by_public.bytes, sizeof(by_public.bytes)), buf_view(&row));
	if (!e)
		e = vault_put(t, VAULT_WRITERS,
			view_of(by_transport.bytes, sizeof(by_transport.bytes)),
			view_of(w->public, sizeof(w->public)));
	return e;
}

static enum err
writer_unpack(struct writer *ret, struct view row)
{
	struct cursor c = row_begin(row);
	writer_read(&c, ret);
	return row_end(&c, "writer");
}

enum err
writer_get(
	struct vault_txn *t, const uint8_t public[static SIGN_PUBLIC_BYTES], struct writer *ret)
{
	OWNED_BUF struct buf row;
	buf_init(&row, ROW_MAX_BYTES);
	*ret = (struct writer){0};
	struct writer_key k = writer_key('w', public);
	enum err e = vault_get(t, VAULT_WRITERS, view_of(k.bytes, sizeof(k.bytes)), &row);
	if (e == E_NOTFOUND)
		return fail(e, "no node with this writer key was admitted");
	return e ? e : writer_unpack(ret, buf_view(&row));
}

enum err
writer_by_transport(struct vault_txn *t, const uint8_t transport[static BOX_PUBLIC_BYTES],
	struct writer *ret)
{
	OWNED_BUF struct buf public;
	buf_init(&public, ROW_MAX_BYTES);
	*ret = (struct writer){0};
	struct writer_key k = writer_key('t', transport);
	enum err e = vault_get(t, VAULT_WRITERS, view_of(k.bytes, sizeof(k.bytes)), &public);
	if (e == E_NOTFOUND)
		return fail(e, "no node with this transport key was admitted");
	if (!e && public.len != SIGN_PUBLIC_BYTES)
		return fail(E_FORMAT, "a row of the hub is damaged: writer");
	return e ? e : writer_get(t, public.at, ret);
}

struct writer_walk {
	writer_fn *each;
	void *arg;
};

static enum err
writer_visit(void *arg, struct view key, struct view value, bool *ret_stop)
{
	struct writer_walk *walk = arg;
	struct writer w;
	(void)key;
	(void)ret_stop;
	enum err e = writer_unpack(&w, value);
	return e ? e : walk->each(walk->arg, &w);
}

enum err
writer_each(struct vault_txn *t, writer_fn *each, void *arg)
{
	struct writer_walk w = {each, arg};
	struct vault_range range = {.table = VAULT_WRITERS, .prefix = view_text("w")};
	return vault_each(t, &range, writer_visit, &w);
}
