#include "node/sync_collectors.h"

#include <stdio.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/codec/text.h"

#define ROW_VERSION    1
#define ROW_MAX_BYTES  1024
#define ID_MAX_BYTES   63
#define NAME_MAX_BYTES 200
#define USED_EVERY_S   3600
#define PAGE_COUNT     1000
#define LIST_MAX_BYTES ((size_t)4 << 20)

struct row {
	struct view name;
	uint8_t token[HASH_BYTES];
	int64_t made_s, revoked_s, used_s;
	uint32_t per_minute, per_day_mib;
};

static enum err
parse(struct row *r, struct view content)
{
	struct cursor c = cursor_of(content);
	uint8_t version = cursor_u8(&c);
	r->name = cursor_blob(&c);
	cursor_copy(&c, r->token, HASH_BYTES);
	r->made_s = (int64_t)cursor_u64(&c);
	r->revoked_s = (int64_t)cursor_u64(&c);
	r->used_s = (int64_t)cursor_u64(&c);
	r->per_minute = cursor_u32(&c);
	r->per_day_mib = cursor_u32(&c);
	if (version != ROW_VERSION)
		c.broken = true;
	return cursor_end(&c, "collector on file");
}

static enum err
put(struct vault *v, struct view id, const struct row *r)
{
	OWNED_BUF struct buf b;
	buf_init(&b, ROW_MAX_BYTES);
	buf_u8(&b, ROW_VERSION);
	buf_blob(&b, r->name);
	buf_add(&b, r->token, HASH_BYTES);
	buf_u64(&b, (uint64_t)r->made_s);
	buf_u64(&b, (uint64_t)r->revoked_s);
	buf_u64(&b, (uint64_t)r->used_s);
	buf_u32(&b, r->per_minute);
	buf_u32(&b, r->per_day_mib);
	enum err e = buf_check(&b, "collector");
	return e ? e : vault_put(v, VAULT_COLLECTORS, id, buf_view(&b));
}

static enum err
get(struct vault *v, struct view id, struct row *ret)
{
	struct view content;
	enum err e = vault_get(v, VAULT_COLLECTORS, id, &content);
	return e ? e : parse(ret, content);
}

/* lists */

struct list {
	uint32_t count;
	struct buf items;
	char last[ID_MAX_BYTES + 1];
	bool full;
};

static void
list_done(struct list *l)
{
	buf_done(&l->items);
}

static void
add_quota(struct list *l, const struct row *r)
{
	buf_u32(&l->items, r->per_minute);
	buf_u32(&l->items, r->per_day_mib);
	l->count++;
}

static enum err
list_one(void *arg, struct view key, struct view content, bool *ret_stop)
{
	struct list *l = arg;
	struct row r;
	enum err e = parse(&r, content);
	if (e)
		return e;
	buf_blob(&l->items, key);
	buf_blob(&l->items, r.name);
	buf_u64(&l->items, (uint64_t)r.made_s);
	buf_u64(&l->items, (uint64_t)r.revoked_s);
	buf_u64(&l->items, (uint64_t)r.used_s);
	add_quota(l, &r);
	(void)snprintf(l->last, sizeof(l->last), "%.*s", (int)key.len, (const char *)key.at);
	l->full = l->count == PAGE_COUNT;
	*ret_stop = l->full;
	return OK;
}

enum err
sync_collectors_list(struct vault *v, struct cursor *asks, struct buf *answer)
{
	OWNED_BY(list_done) struct list l = {.count = 0};
	struct view after = cursor_blob(asks);
	buf_init(&l.items, LIST_MAX_BYTES);
	enum err e = cursor_end(asks, "page of collectors");
	if (!e && after.len > ID_MAX_BYTES)
		e = fail(E_FORMAT, "a page of collectors begins behind an id");
	if (!e)
		e = vault_each_after(v, VAULT_COLLECTORS, after, list_one, &l);
	if (!e)
		e = buf_check(&l.items, "collectors");
	if (e)
		return e;
	buf_u32(answer, l.count);
	buf_add_view(answer, buf_view(&l.items));
	buf_blob_text(answer, l.full ? l.last : "");
	return OK;
}

static enum err
add_fact(void *arg, struct view key, struct view content)
{
	struct list *l = arg;
	struct row r;
	enum err e = parse(&r, content);
	if (e || r.revoked_s)
		return e;
	buf_add(&l->items, r.token, HASH_BYTES);
	buf_blob(&l->items, key);
	add_quota(l, &r);
	return OK;
}

enum err
sync_collectors_facts(struct vault *v, struct buf *answer)
{
	OWNED_BY(list_done) struct list l = {.count = 0};
	buf_init(&l.items, LIST_MAX_BYTES);
	enum err e = vault_each(v, VAULT_COLLECTORS, view_of(NULL, 0), add_fact, &l);
	if (!e)
		e = buf_check(&l.items, "collectors");
	if (e)
		return e;
	buf_u32(answer, l.count);
	buf_add_view(answer, buf_view(&l.items));
	return OK;
}

/* changes */

static bool
is_id(struct view id)
{
	if (id.len == 0 || id.len > ID_MAX_BYTES)
		return false;
	for (size_t i = 0; i < id.len; i++) {
		uint8_t c = id.at[i];
		bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
		if (!letter && !(c >= '0' && c <= '9') && c != '-' && c != '_' && c != '.')
			return false;
	}
	return true;
}

enum err
sync_collectors_add(struct vault *v, struct cursor *asks, int64_t now_s)
{
	struct row r = {.made_s = now_s}, there;
	struct view id = cursor_blob(asks);
	r.name = cursor_blob(asks);
	cursor_copy(asks, r.token, HASH_BYTES);
	r.per_minute = cursor_u32(asks);
	r.per_day_mib = cursor_u32(asks);
	enum err e = cursor_end(asks, "collector");
	if (!e && !is_id(id))
		e = fail(E_FORMAT,
			"the id of a collector is up to %d letters, digits and . _ -",
			ID_MAX_BYTES);
	if (!e && (r.name.len > NAME_MAX_BYTES || !text_is_utf8(r.name)))
		e = fail(E_FORMAT, "the name of a collector is too long, or no text");
	if (!e && (r.per_minute == 0 || r.per_day_mib == 0))
		e = fail(E_FORMAT, "a collector needs requests a minute and MiB a day");
	if (e)
		return e;
	e = get(v, id, &there);
	if (!e)
		return fail(E_CONFLICT, "a collector of this id is there already: revoked ones "
					"keep theirs");
	return e == E_NOTFOUND ? put(v, id, &r) : e;
}

enum err
sync_collectors_revoke(struct vault *v, struct cursor *asks, int64_t now_s)
{
	struct row r;
	OWNED_BUF struct buf name;
	struct view id = cursor_blob(asks);
	buf_init(&name, ROW_MAX_BYTES);
	enum err e = cursor_end(asks, "collector");
	if (!e && !is_id(id))
		return fail(E_NOTFOUND, "there is no collector of this id");
	if (!e)
		e = get(v, id, &r);
	if (e == E_NOTFOUND)
		return fail(e, "there is no collector of this id");
	if (e || r.revoked_s)
		return e;
	buf_add_view(&name, r.name);
	r.name = buf_view(&name);
	r.revoked_s = now_s;
	return put(v, id, &r);
}

enum err
sync_collectors_revoked(struct vault *v, struct view id, bool *ret)
{
	struct row r;
	*ret = false;
	enum err e = is_id(id) ? get(v, id, &r) : E_NOTFOUND;
	if (e)
		return e == E_NOTFOUND ? OK : e;
	*ret = r.revoked_s != 0;
	return OK;
}

enum err
sync_collectors_used(struct vault *v, struct view id, int64_t now_s)
{
	struct row r;
	OWNED_BUF struct buf name;
	buf_init(&name, ROW_MAX_BYTES);
	enum err e = is_id(id) ? get(v, id, &r) : E_NOTFOUND;
	if (e)
		return e == E_NOTFOUND ? OK : e;
	if (now_s - r.used_s < USED_EVERY_S)
		return OK;
	buf_add_view(&name, r.name);
	r.name = buf_view(&name);
	r.used_s = now_s;
	return put(v, id, &r);
}
