#include "hub/standing.h"

#include <string.h>

#include "common/base/mem.h"

#include "hub/row.h"

#define SESSION_PREFIX  "session-"
#define BASE_PREFIX     "base-"
#define EVIDENCE_PREFIX "evidence-"
#define TOLD_PREFIX     "told-"

/* Adds PREFIX and the writer's key. */
static void
begin_key(struct buf *key, const char *prefix, const uint8_t *writer)
{
	buf_init(key, 128);
	buf_add_view(key, view_text(prefix));
	buf_add(key, writer, SIGN_PUBLIC_BYTES);
}

enum err
standing_get(struct vault_txn *t, const uint8_t writer[static SIGN_PUBLIC_BYTES],
	struct standing *ret)
{
	OWNED_BUF struct buf key, row;
	struct standing s = {.incarnation = 1, .standing = SYNC_OK};
	*ret = s;
	buf_init(&row, ROW_MAX_BYTES);
	begin_key(&key, SESSION_PREFIX, writer);
	enum err e = vault_get(t, VAULT_META, buf_view(&key), &row);
	if (e)
		return e == E_NOTFOUND ? OK : e;
	struct cursor c = row_begin(buf_view(&row));
	s.incarnation = cursor_u32(&c);
	uint8_t standing = cursor_u8(&c);
	if (standing < SYNC_OK || standing > SYNC_UPGRADE)
		c.broken = true;
	s.standing = (enum sync_verdict)standing;
	cursor_copy(&c, s.token, sizeof(s.token));
	cursor_copy(&c, s.pending, sizeof(s.pending));
	s.granted = cursor_u32(&c);
	s.manifest = cursor_u64(&c);
	s.contact_s = (int64_t)cursor_u64(&c);
	s.consent_s = (int64_t)cursor_u64(&c);
	e = row_end(&c, "session");
	if (!e)
		*ret = s;
	return e;
}

enum err
standing_put(struct vault_txn *t, const uint8_t writer[static SIGN_PUBLIC_BYTES],
	const struct standing *s)
{
	OWNED_BUF struct buf key, row;
	begin_key(&key, SESSION_PREFIX, writer);
	buf_init(&row, ROW_MAX_BYTES);
	buf_u8(&row, ROW_VERSION);
	buf_u32(&row, s->incarnation);
	buf_u8(&row, (uint8_t)s->standing);
	buf_add(&row, s->token, sizeof(s->token));
	buf_add(&row, s->pending, sizeof(s->pending));
	buf_u32(&row, s->granted);
	buf_u64(&row, s->manifest);
	buf_u64(&row, (uint64_t)s->contact_s);
	buf_u64(&row, (uint64_t)s->consent_s);
	enum err e = buf_check(&row, "session");
	return e ? e : vault_put(t, VAULT_META, buf_view(&key), buf_view(&row));
}

static void
write_mark(struct buf *row, const struct sync_mark *m)
{
	buf_u64(row, m->seq);
	buf_add(row, m->head, sizeof(m->head));
}

static void
read_mark(struct cursor *c, struct sync_mark *ret)
{
	ret->seq = cursor_u64(c);
	cursor_copy(c, ret->head, sizeof(ret->head));
}

enum err
standing_base_get(struct vault_txn *t, const uint8_t writer[static SIGN_PUBLIC_BYTES],
	uint32_t incarnation, struct standing_base *ret)
{
	OWNED_BUF struct buf key, row;
	struct standing_base b = {.incarnation = 0};
	*ret = b;
	buf_init(&row, ROW_MAX_BYTES);
	begin_key(&key, BASE_PREFIX, writer);
	buf_u32(&key, incarnation);
	enum err e = vault_get(t, VAULT_META, buf_view(&key), &row);
	if (e)
		return e == E_NOTFOUND ? OK : e;
	struct cursor c = row_begin(buf_view(&row));
	b.incarnation = cursor_u32(&c);
	for (size_t i = 0; i < LANE_COUNT; i++)
		read_mark(&c, &b.at[i]);
	e = row_end(&c, "base of an incarnation");
	if (!e)
		*ret = b;
	return e;
}

enum err
standing_base_put(struct vault_txn *t, const uint8_t writer[static SIGN_PUBLIC_BYTES],
	uint32_t incarnation, const struct standing_base *b)
{
	OWNED_BUF struct buf key, row;
	buf_init(&row, ROW_MAX_BYTES);
	begin_key(&key, BASE_PREFIX, writer);
	buf_u32(&key, incarnation);
	buf_u8(&row, ROW_VERSION);
	buf_u32(&row, b->incarnation);
	for (size_t i = 0; i < LANE_COUNT; i++)
		write_mark(&row, &b->at[i]);
	enum err e = buf_check(&row, "base of an incarnation");
	return e ? e : vault_put(t, VAULT_META, buf_view(&key), buf_view(&row));
}

enum err
standing_told_get(struct vault_txn *t, const uint8_t writer[static SIGN_PUBLIC_BYTES],
	struct standing_told *ret)
{
	OWNED_BUF struct buf key, row;
	*ret = (struct standing_told){0};
	buf_init(&row, ROW_MAX_BYTES);
	begin_key(&key, TOLD_PREFIX, writer);
	enum err e = vault_get(t, VAULT_META, buf_view(&key), &row);
	if (e)
		return e == E_NOTFOUND ? OK : e;
	struct cursor c = row_begin(buf_view(&row));
	const struct standing_told told = {
		.manifest = cursor_u64(&c), .until_s = (int64_t)cursor_u64(&c)};
	e = row_end(&c, "what a node was told");
	if (!e)
		*ret = told;
	return e;
}

enum err
standing_told_put(struct vault_txn *t, const uint8_t writer[static SIGN_PUBLIC_BYTES],
	const struct standing_told *told)
{
	OWNED_BUF struct buf key, row;
	struct standing_told before;
	begin_key(&key, TOLD_PREFIX, writer);
	buf_init(&row, ROW_MAX_BYTES);
	enum err e = standing_told_get(t, writer, &before);
	if (e || (before.manifest == told->manifest && before.until_s == told->until_s))
		return e;
	buf_u8(&row, ROW_VERSION);
	buf_u64(&row, told->manifest);
	buf_u64(&row, (uint64_t)told->until_s);
	return vault_put(t, VAULT_META, buf_view(&key), buf_view(&row));
}

enum err
standing_head_get(struct vault_txn *t, const struct place *p, struct sync_mark *ret)
{
	uint8_t signature[SIGNATURE_BYTES];
	return standing_signed_get(t, p, ret, signature);
}

enum err
standing_signed_get(struct vault_txn *t, const struct place *p, struct sync_mark *ret,
	uint8_t ret_signature[static SIGNATURE_BYTES])
{
	OWNED_BUF struct buf row;
	uint8_t key[PLACE_KEY_BYTES];
	struct sync_mark mark = {0};
	*ret = mark;
	memset(ret_signature, 0, SIGNATURE_BYTES);
	buf_init(&row, ROW_MAX_BYTES);
	place_key(key, p);
	enum err e = vault_get(t, VAULT_HEADS, view_of(key, PLACE_LANE_BYTES), &row);
	if (e)
		return e == E_NOTFOUND ? OK : e;
	struct cursor c = row_begin(buf_view(&row));
	read_mark(&c, &mark);
	cursor_copy(&c, ret_signature, SIGNATURE_BYTES);
	e = row_end(&c, "head");
	if (!e)
		*ret = mark;
	return e;
}

enum err
standing_head_put(struct vault_txn *t, const struct place *p, const struct sync_mark *mark,
	const uint8_t signature[static SIGNATURE_BYTES])
{
	OWNED_BUF struct buf row;
	uint8_t key[PLACE_KEY_BYTES];
	buf_init(&row, ROW_MAX_BYTES);
	place_key(key, p);
	buf_u8(&row, ROW_VERSION);
	write_mark(&row, mark);
	buf_add(&row, signature, SIGNATURE_BYTES);
	enum err e = buf_check(&row, "head");
	return e ? e
		 : vault_put(t, VAULT_HEADS, view_of(key, PLACE_LANE_BYTES), buf_view(&row));
}

enum err
standing_evidence(struct vault_txn *t, const uint8_t writer[static SIGN_PUBLIC_BYTES],
	const struct sync_batch *b, int64_t now_s)
{
	OWNED_BUF struct buf key, frame;
	OWNED_MEM struct sync_entry *headers =
		xcalloc(MAX(b->count, (size_t)1), sizeof(*headers));
	struct sync_msg m = {.kind = SYNC_BATCH, .batch = *b};
	for (size_t i = 0; i < b->count; i++)
		headers[i].header = b->entries[i].header;
	m.batch.entries = headers;
	begin_key(&key, EVIDENCE_PREFIX, writer);
	buf_u64(&key, (uint64_t)now_s);
	buf_init(&frame, SYNC_FRAME_MAX_BYTES);
	enum err e = sync_pack(&frame, &m);
	return e ? e : vault_put(t, VAULT_META, buf_view(&key), buf_view(&frame));
}
