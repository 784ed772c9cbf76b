#include "hub/attachments_inside.h"

#include <string.h>

#include "common/base/mem.h"
#include "common/codec/sync_chunk.h"
#include "common/trust/roots.h"

#include "hub/row.h"

/* naming */

static void
wanted_key(struct buf *key, const uint8_t *writer, uint64_t cursor)
{
	attachments_key(key, 'w', writer);
	buf_u64(key, cursor);
}

static enum err
next_cursor(struct vault_txn *t, const uint8_t *writer, uint64_t *ret)
{
	OWNED_BUF struct buf key, row;
	buf_init(&row, ROW_MAX_BYTES);
	attachments_key(&key, 'c', writer);
	*ret = 0;
	enum err e = vault_get(t, VAULT_FILES, buf_view(&key), &row);
	struct cursor c = row_begin(buf_view(&row));
	if (!e) {
		*ret = cursor_u64(&c);
		e = row_end(&c, "count of files");
	} else if (e == E_NOTFOUND) {
		e = OK;
	}
	if (e)
		return e;
	(*ret)++;
	buf_reset(&row);
	buf_u8(&row, ROW_VERSION);
	buf_u64(&row, *ret);
	return vault_put(t, VAULT_FILES, buf_view(&key), buf_view(&row));
}

/* Another size under the same root cannot be: what was named first stands, and the record
 * waits. */
static enum err
want(struct vault_txn *t, const struct place *p, const struct roots_file *r, bool *ret_whole)
{
	OWNED_BUF struct buf key, named;
	struct attachment f;
	uint64_t cursor;
	buf_init(&key, 0);
	buf_init(&named, 0);
	enum err e = attachments_get(t, r->root, &f);
	if (e == E_NOTFOUND) {
		f = (struct attachment){.count = r->chunk_count};
		e = attachments_put(t, r->root, &f);
	}
	*ret_whole = !e && f.count == r->chunk_count && f.have == f.count;
	if (e || *ret_whole)
		return e;
	e = next_cursor(t, p->writer, &cursor);
	wanted_key(&key, p->writer, cursor);
	attachments_place_key(&named, 'n', r->root, p);
	if (!e)
		e = vault_put(t, VAULT_FILES, buf_view(&key), view_of(r->root, HASH_BYTES));
	return e ? e : vault_put(t, VAULT_FILES, buf_view(&named), view_of(r->root, 1));
}

enum err
attachments_named(struct vault_txn *t, const struct place *p, struct view roots_part)
{
	OWNED_MEM struct roots_file *list = xcalloc(ROOTS_MAX_COUNT, sizeof(*list));
	OWNED_BUF struct buf key;
	size_t count = 0;
	bool lacks = roots_unpack(list, &count, roots_part) != OK;
	enum err e = OK;
	for (size_t i = 0; !e && i < count; i++) {
		bool is_whole = false;
		e = want(t, p, &list[i], &is_whole);
		lacks = lacks || !is_whole;
	}
	attachments_place_key(&key, 'i', NULL, p);
	if (e || !lacks)
		return e;
	return vault_put(t, VAULT_FILES, buf_view(&key), view_text("i"));
}

/* asking */

struct next {
	struct vault_txn *txn;
	struct lane_file *file;
};

static enum err
see_wanted(void *arg, struct view key, struct view value, bool *ret_stop)
{
	struct next *n = arg;
	struct cursor c = cursor_of(view_of(key.at + 1 + HASH_BYTES, key.len - 1 - HASH_BYTES));
	struct attachment f;
	uint64_t cursor = cursor_u64(&c);
	if (c.broken || value.len != HASH_BYTES)
		return fail(E_FORMAT, "a row of the hub is damaged: file that is asked for");
	uint8_t root[HASH_BYTES];
	memcpy(root, value.at, sizeof(root));
	enum err e = attachments_get(n->txn, root, &f);
	if (e || f.have >= f.count)
		return e;
	*n->file = (struct lane_file){.cursor = cursor, .next = f.have, .count = f.count};
	memcpy(n->file->root, root, sizeof(root));
	*ret_stop = true;
	return OK;
}

enum err
attachments_next(struct vault_txn *t, const uint8_t writer[static SIGN_PUBLIC_BYTES],
	uint64_t cursor, struct lane_file *ret)
{
	OWNED_BUF struct buf prefix, from;
	struct next n = {t, ret};
	*ret = (struct lane_file){0};
	attachments_key(&prefix, 'w', writer);
	wanted_key(&from, writer, cursor + 1);
	const struct vault_range range = {
		.table = VAULT_FILES, .prefix = buf_view(&prefix), .from = buf_view(&from)};
	return vault_each(t, &range, see_wanted, &n);
}

/* keeping */

/* The file is whole: nobody asks for it, and records that lacked nothing else are complete. */
static enum err
finish(struct vault_txn *t, const uint8_t *writer, const struct lane_file *file)
{
	OWNED_BUF struct buf wanted;
	wanted_key(&wanted, writer, file->cursor);
	enum err e = attachments_finish(t, file->root);
	if (!e)
		e = vault_delete(t, VAULT_FILES, buf_view(&wanted));
	return e == E_NOTFOUND ? OK : e;
}

enum err
attachments_keep(struct vault_txn *t, const uint8_t writer[static SIGN_PUBLIC_BYTES],
	const struct lane_file *file, struct view chunk)
{
	OWNED_BUF struct buf key;
	struct attachment f;
	buf_init(&key, HASH_BYTES + 4);
	buf_add(&key, file->root, HASH_BYTES);
	buf_u32(&key, file->next);
	enum err e = attachments_get(t, file->root, &f);
	if (!e && file->next < f.have)
		return OK;
	if (!e && (file->next > f.have || f.have >= f.count))
		e = fail(E_CONFLICT, "a piece of a file is not the next one");
	if (!e)
		e = vault_put(t, VAULT_CHUNKS, buf_view(&key), chunk);
	if (e)
		return e;
	f.have++;
	f.bytes += chunk.len;
	e = attachments_put(t, file->root, &f);
	return e || f.have < f.count ? e : finish(t, writer, file);
}

/* by another way than a session */

enum err
attachments_of(
	struct vault_txn *t, const uint8_t root[static HASH_BYTES], struct lane_file *ret)
{
	struct attachment f = {0};
	enum err e = attachments_get(t, root, &f);
	*ret = (struct lane_file){.next = f.have, .count = f.count};
	memcpy(ret->root, root, HASH_BYTES);
	return e;
}

static enum err
sweep_one(void *arg, struct view key, struct view value, bool *ret_stop)
{
	struct vault_txn *t = arg;
	OWNED_BUF struct buf wanted;
	struct attachment f = {0};
	uint8_t root[HASH_BYTES];
	(void)ret_stop;
	if (value.len != sizeof(root))
		return fail(E_FORMAT, "a row of the hub is damaged: file that is asked for");
	memcpy(root, value.at, sizeof(root));
	buf_init(&wanted, ATTACHMENTS_KEY_MAX_BYTES);
	buf_add_view(&wanted, key);
	enum err e = attachments_get(t, root, &f);
	if (e ? e != E_NOTFOUND : f.have < f.count)
		return e;
	return vault_delete(t, VAULT_FILES, buf_view(&wanted));
}

enum err
attachments_sweep(struct vault_txn *t, const uint8_t writer[static SIGN_PUBLIC_BYTES])
{
	OWNED_BUF struct buf prefix;
	attachments_key(&prefix, 'w', writer);
	const struct vault_range range = {.table = VAULT_FILES, .prefix = buf_view(&prefix)};
	return vault_each(t, &range, sweep_one, t);
}

/* counting */

enum err
attachments_lacks(struct vault_txn *t, const struct place *p, bool *ret)
{
	OWNED_BUF struct buf key, row;
	uint64_t rows = 0;
	buf_init(&row, ROW_MAX_BYTES);
	attachments_place_key(&key, 'i', NULL, p);
	*ret = false;
	enum err e = vault_count(t, VAULT_FILES, &rows);
	if (e || rows == 0) /* most studies have no files, and all records are asked about */
		return e;
	e = vault_get(t, VAULT_FILES, buf_view(&key), &row);
	*ret = !e;
	return e == E_NOTFOUND ? OK : e;
}

struct counting {
	struct vault_txn *txn;
	uint64_t files;
};

static enum err
count_row(void *arg, struct view key, struct view value, bool *ret_stop)
{
	(void)key;
	(void)value;
	(void)ret_stop;
	(*(uint64_t *)arg)++;
	return OK;
}

/* A file that another record brought too stays in the list, and is whole. */
static enum err
count_file(void *arg, struct view key, struct view value, bool *ret_stop)
{
	struct counting *n = arg;
	struct attachment f = {0};
	uint8_t root[HASH_BYTES];
	(void)key;
	(void)ret_stop;
	if (value.len != sizeof(root))
		return fail(E_FORMAT, "a row of the hub is damaged: file that is asked for");
	memcpy(root, value.at, sizeof(root));
	enum err e = attachments_get(n->txn, root, &f);
	n->files += !e && f.have < f.count;
	return e;
}

enum err
attachments_counts(struct vault_txn *t, const uint8_t writer[static SIGN_PUBLIC_BYTES],
	struct attachments_count *ret)
{
	OWNED_BUF struct buf wanted, lacking;
	*ret = (struct attachments_count){0};
	attachments_key(&wanted, 'w', writer);
	attachments_key(&lacking, 'i', writer);
	const struct vault_range files = {.table = VAULT_FILES, .prefix = buf_view(&wanted)},
				 records = {.table = VAULT_FILES, .prefix = buf_view(&lacking)};
	struct counting n = {.txn = t};
	enum err e = vault_each(t, &files, count_file, &n);
	ret->files = n.files;
	return e ? e : vault_each(t, &records, count_row, &ret->records);
}
