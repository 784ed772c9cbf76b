#include "hub/attachments_inside.h"

#include "hub/row.h"

void
attachments_key(struct buf *key, char kind, const uint8_t *id)
{
	buf_init(key, ATTACHMENTS_KEY_MAX_BYTES);
	buf_u8(key, (uint8_t)kind);
	buf_add(key, id, HASH_BYTES);
}

void
attachments_place_key(struct buf *key, char kind, const uint8_t *root, const struct place *p)
{
	uint8_t place[PLACE_KEY_BYTES];
	place_key(place, p);
	buf_init(key, ATTACHMENTS_KEY_MAX_BYTES);
	buf_u8(key, (uint8_t)kind);
	if (root)
		buf_add(key, root, HASH_BYTES);
	buf_add(key, place, sizeof(place));
}

enum err
attachments_get(
	struct vault_txn *t, const uint8_t root[static HASH_BYTES], struct attachment *ret)
{
	OWNED_BUF struct buf key, row;
	buf_init(&row, ROW_MAX_BYTES);
	attachments_key(&key, 'r', root);
	enum err e = vault_get(t, VAULT_FILES, buf_view(&key), &row);
	if (e)
		return e;
	struct cursor c = row_begin(buf_view(&row));
	ret->count = cursor_u32(&c);
	ret->have = cursor_u32(&c);
	ret->bytes = cursor_u64(&c);
	return row_end(&c, "file of a record");
}

enum err
attachments_put(
	struct vault_txn *t, const uint8_t root[static HASH_BYTES], const struct attachment *f)
{
	OWNED_BUF struct buf key, row;
	buf_init(&row, ROW_MAX_BYTES);
	attachments_key(&key, 'r', root);
	buf_u8(&row, ROW_VERSION);
	buf_u32(&row, f->count);
	buf_u32(&row, f->have);
	buf_u64(&row, f->bytes);
	return vault_put(t, VAULT_FILES, buf_view(&key), buf_view(&row));
}
