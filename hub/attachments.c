#include "hub/attachments.h"

#include <string.h>

#include "common/base/log.h"
#include "common/base/mem.h"
#include "common/codec/sync_chunk.h"
#include "common/trust/roots.h"

#include "hub/row.h"

#define KEY_MAX_BYTES (1 + HASH_BYTES + PLACE_KEY_BYTES)

/* keys and rows */

static void
key_of(struct buf *key, char kind, const uint8_t *id)
{
	buf_init(key, KEY_MAX_BYTES);
	buf_u8(key, (uint8_t)kind);
	buf_add(key, id, HASH_BYTES);
}

static void
place_row_key(struct buf *key, char kind, const uint8_t *root, const struct place *p)
{
	uint8_t place[PLACE_KEY_BYTES];
	place_key(place, p);
	buf_init(key, KEY_MAX_BYTES);
	buf_u8(key, (uint8_t)kind);
	if (root)
		buf_add(key, root, HASH_BYTES);
	buf_add(key, place, sizeof(place));
}

static void
wanted_key(struct buf *key, const uint8_t *writer, uint64_t cursor)
{
	key_of(key, 'w', writer);
	buf_u64(key, cursor);
}

struct file {
	uint32_t count, have;
	uint64_t bytes;
};

static enum err
get_file(struct vault_txn *t, const uint8_t root[static HASH_BYTES], struct file *ret)
{
	OWNED_BUF struct buf key, row;
	buf_init(&row, ROW_MAX_BYTES);
	key_of(&key, 'r', root);
	enum err e = vault_get(t, VAULT_FILES, buf_view(&key), &row);
	if (e)
		return e;
	struct cursor c = row_begin(buf_view(&row));
	ret->count = cursor_u32(&c);
	ret->have = cursor_u32(&c);
	ret->bytes = cursor_u64(&c);
	return row_end(&c, "file of a record");
}

static enum err
put_file(struct vault_txn *t, const uint8_t root[static HASH_BYTES], const struct file *f)
{
	OWNED_BUF struct buf key, row;
	buf_init(&row, ROW_MAX_BYTES);
	key_of(&key, 'r', root);
	buf_u8(&row, ROW_VERSION);
	buf_u32(&row, f->count);
	buf_u32(&row, f->have);
	buf_u64(&row, f->bytes);
	return vault_put(t, VAULT_FILES, buf_view(&key), buf_view(&row));
}

/* naming */

static enum err
next_cursor(struct vault_txn *t, const uint8_t *writer, uint64_t *ret)
{
	OWNED_BUF struct buf key, row;
	buf_init(&row, ROW_MAX_BYTES);
	key_of(&key, 'c', writer);
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
	struct file f;
	uint64_t cursor;
	buf_init(&key, 0);
	buf_init(&named, 0);
	enum err e = get_file(t, r->root, &f);
	if (e == E_NOTFOUND) {
		f = (struct file){.count = r->chunk_count};
		e = put_file(t, r->root, &f);
	}
	*ret_whole = !e && f.count == r->chunk_count && f.have == f.count;
	if (e || *ret_whole)
		return e;
	e = next_cursor(t, p->writer, &cursor);
	wanted_key(&key, p->writer, cursor);
	place_row_key(&named, 'n', r->root, p);
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
	place_row_key(&key, 'i', NULL, p);
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
	struct file f;
	uint64_t cursor = cursor_u64(&c);
	if (c.broken || value.len != HASH_BYTES)
		return fail(E_FORMAT, "a row of the hub is damaged: file that is asked for");
	uint8_t root[HASH_BYTES];
	memcpy(root, value.at, sizeof(root));
	enum err e = get_file(n->txn, root, &f);
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
	key_of(&prefix, 'w', writer);
	wanted_key(&from, writer, cursor + 1);
	const struct vault_range range = {
		.table = VAULT_FILES, .prefix = buf_view(&prefix), .from = buf_view(&from)};
	return vault_each(t, &range, see_wanted, &n);
}

/* keeping */

/* Are all files whole that the record at this place names? */
static enum err
is_complete(struct vault_txn *t, const struct place *p, bool *ret)
{
	OWNED_BUF struct buf part;
	OWNED_MEM struct roots_file *list = xcalloc(ROOTS_MAX_COUNT, sizeof(*list));
	uint8_t key[PLACE_PART_KEY_BYTES];
	size_t count = 0;
	buf_init(&part, ROOTS_PART_MAX_BYTES);
	place_part_key(key, p, PART_ROOTS);
	*ret = true;
	enum err e = vault_get(t, VAULT_PARTS, view_of(key, sizeof(key)), &part);
	if (!e)
		e = roots_unpack(list, &count, buf_view(&part));
	for (size_t i = 0; !e && i < count; i++) {
		struct file f;
		e = get_file(t, list[i].root, &f);
		*ret = *ret && !e && f.have == f.count && f.count == list[i].chunk_count;
	}
	/* Its part was erased meanwhile: nothing is waited for. */
	return e == E_NOTFOUND ? OK : e;
}

static enum err
is_now_complete(struct vault_txn *t, const struct place *p, bool *ret)
{
	enum err e = is_complete(t, p, ret);
	if (e != E_AUTH && e != E_FORMAT)
		return e;
	log_error("ledger", "a record that waits for its files is damaged: %s", err_text());
	*ret = false;
	return OK;
}

static enum err
drop_lack(struct vault_txn *t, const struct place *p)
{
	OWNED_BUF struct buf lacks;
	place_row_key(&lacks, 'i', NULL, p);
	enum err e = vault_delete(t, VAULT_FILES, buf_view(&lacks));
	return e == E_NOTFOUND ? OK : e;
}

struct naming {
	struct vault_txn *txn;
	size_t left; /* records that may still be looked at in this turn */
};

static enum err
see_named(void *arg, struct view key, struct view value, bool *ret_stop)
{
	struct naming *n = arg;
	struct vault_txn *t = n->txn;
	OWNED_BUF struct buf named;
	struct place p;
	bool complete = false;
	(void)value;
	buf_init(&named, KEY_MAX_BYTES);
	*ret_stop = n->left == 0;
	if (n->left == 0)
		return OK;
	n->left--;
	buf_add_view(&named, key);
	enum err e = place_from_key(
		&p, view_of(named.at + 1 + HASH_BYTES, named.len - 1 - HASH_BYTES));
	if (!e)
		e = is_now_complete(t, &p, &complete);
	if (!e)
		e = vault_delete(t, VAULT_FILES, buf_view(&named));
	return e || !complete ? e : drop_lack(t, &p);
}

/* Some of the records that wait for this whole file; it is in the list as long as there are
 * more. */
static enum err
settle(struct vault_txn *t, const uint8_t *root)
{
	OWNED_BUF struct buf prefix, due;
	struct naming n = {.txn = t, .left = ATTACHMENTS_TURN_COUNT};
	key_of(&prefix, 'n', root);
	key_of(&due, 'd', root);
	const struct vault_range range = {.table = VAULT_FILES, .prefix = buf_view(&prefix)};
	enum err e = vault_each(t, &range, see_named, &n);
	if (!e && n.left == 0)
		return vault_put(t, VAULT_FILES, buf_view(&due), view_text("d"));
	if (!e)
		e = vault_delete(t, VAULT_FILES, buf_view(&due));
	return e == E_NOTFOUND ? OK : e;
}

/* The file is whole: nobody asks for it, and records that lacked nothing else are complete. */
static enum err
finish(struct vault_txn *t, const uint8_t *writer, const struct lane_file *file)
{
	OWNED_BUF struct buf wanted;
	wanted_key(&wanted, writer, file->cursor);
	enum err e = settle(t, file->root);
	if (!e)
		e = vault_delete(t, VAULT_FILES, buf_view(&wanted));
	return e == E_NOTFOUND ? OK : e;
}

static enum err
first_due(void *arg, struct view key, struct view value, bool *ret_stop)
{
	struct buf *root = arg;
	(void)value;
	buf_add(root, key.at + 1, key.len - 1);
	*ret_stop = true;
	return OK;
}

enum err
attachments_settle(struct vault_txn *t)
{
	OWNED_BUF struct buf root;
	const struct vault_range due = {.table = VAULT_FILES, .prefix = view_text("d")};
	buf_init(&root, HASH_BYTES);
	enum err e = vault_each(t, &due, first_due, &root);
	if (e || root.len == 0)
		return e;
	return root.len == HASH_BYTES
		       ? settle(t, root.at)
		       : fail(E_FORMAT, "a row of the hub is damaged: whole file");
}

enum err
attachments_mended(struct vault_txn *t, const struct place *p)
{
	OWNED_BUF struct buf part;
	uint8_t key[PLACE_PART_KEY_BYTES];
	bool lacks = false, complete = false;
	buf_init(&part, ROOTS_PART_MAX_BYTES);
	place_part_key(key, p, PART_ROOTS);
	enum err e = attachments_lacks(t, p, &lacks);
	if (!e && lacks)
		e = vault_get(t, VAULT_PARTS, view_of(key, sizeof(key)), &part);
	/* A node that pruned it sends it without its parts: nobody knows its files any more. */
	if (e || !lacks)
		return e == E_NOTFOUND || e == E_AUTH ? OK : e;
	e = is_now_complete(t, p, &complete);
	return e || !complete ? e : drop_lack(t, p);
}

enum err
attachments_keep(struct vault_txn *t, const uint8_t writer[static SIGN_PUBLIC_BYTES],
	const struct lane_file *file, struct view chunk)
{
	OWNED_BUF struct buf key;
	struct file f;
	buf_init(&key, HASH_BYTES + 4);
	buf_add(&key, file->root, HASH_BYTES);
	buf_u32(&key, file->next);
	enum err e = get_file(t, file->root, &f);
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
	e = put_file(t, file->root, &f);
	return e || f.have < f.count ? e : finish(t, writer, file);
}

/* by another way than a session */

enum err
attachments_of(
	struct vault_txn *t, const uint8_t root[static HASH_BYTES], struct lane_file *ret)
{
	struct file f = {0};
	enum err e = get_file(t, root, &f);
	*ret = (struct lane_file){.next = f.have, .count = f.count};
	memcpy(ret->root, root, HASH_BYTES);
	return e;
}

static enum err
sweep_one(void *arg, struct view key, struct view value, bool *ret_stop)
{
	struct vault_txn *t = arg;
	OWNED_BUF struct buf wanted;
	struct file f = {0};
	uint8_t root[HASH_BYTES];
	(void)ret_stop;
	if (value.len != sizeof(root))
		return fail(E_FORMAT, "a row of the hub is damaged: file that is asked for");
	memcpy(root, value.at, sizeof(root));
	buf_init(&wanted, KEY_MAX_BYTES);
	buf_add_view(&wanted, key);
	enum err e = get_file(t, root, &f);
	if (e ? e != E_NOTFOUND : f.have < f.count)
		return e;
	return vault_delete(t, VAULT_FILES, buf_view(&wanted));
}

enum err
attachments_sweep(struct vault_txn *t, const uint8_t writer[static SIGN_PUBLIC_BYTES])
{
	OWNED_BUF struct buf prefix;
	key_of(&prefix, 'w', writer);
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
	place_row_key(&key, 'i', NULL, p);
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
	struct file f = {0};
	uint8_t root[HASH_BYTES];
	(void)key;
	(void)ret_stop;
	if (value.len != sizeof(root))
		return fail(E_FORMAT, "a row of the hub is damaged: file that is asked for");
	memcpy(root, value.at, sizeof(root));
	enum err e = get_file(n->txn, root, &f);
	n->files += !e && f.have < f.count;
	return e;
}

enum err
attachments_counts(struct vault_txn *t, const uint8_t writer[static SIGN_PUBLIC_BYTES],
	struct attachments_count *ret)
{
	OWNED_BUF struct buf wanted, lacking;
	*ret = (struct attachments_count){0};
	key_of(&wanted, 'w', writer);
	key_of(&lacking, 'i', writer);
	const struct vault_range files = {.table = VAULT_FILES, .prefix = buf_view(&wanted)},
				 records = {.table = VAULT_FILES, .prefix = buf_view(&lacking)};
	struct counting n = {.txn = t};
	enum err e = vault_each(t, &files, count_file, &n);
	ret->files = n.files;
	return e ? e : vault_each(t, &records, count_row, &ret->records);
}
