#include "node/sync_chunks.h"

#include <string.h>

#include "common/base/log.h"

#define CHUNK_KEY_BYTES  (ID_BYTES + 4)
#define BLOCK_COUNT      64
#define BLOCK_LEVEL      6
#define BLOCKS_MOST      1024 /* files of 4 GiB; a submission is far smaller */
#define FIRST_BLOCK      ((uint32_t)1 << 31)
#define SEALED_BYTES     (ATTACH_CHUNK_BYTES + AEAD_EXTRA_BYTES)
#define ROOT_ROW_BYTES   (ID_BYTES + 9)
#define META_FILES       "files"
#define META_FILES_BYTES 16

static void
chunk_key(uint8_t ret[static CHUNK_KEY_BYTES], const uint8_t file[static ID_BYTES], uint32_t n)
{
	memcpy(ret, file, ID_BYTES);
	for (size_t i = 0; i < 4; i++)
		ret[ID_BYTES + i] = (uint8_t)(n >> (24 - 8 * i));
}

/* counting */

enum err
sync_chunks_counts(struct vault *v, struct sync_chunks_count *ret)
{
	struct view row;
	*ret = (struct sync_chunks_count){0};
	enum err e = vault_get(v, VAULT_META, view_text(META_FILES), &row);
	if (e)
		return e == E_NOTFOUND ? OK : e;
	struct cursor c = cursor_of(row);
	ret->all = cursor_u64(&c);
	ret->sent = cursor_u64(&c);
	return cursor_end(&c, "count of files");
}

static enum err
put_counts(struct vault *v, const struct sync_chunks_count *n)
{
	OWNED_BUF struct buf row;
	buf_init(&row, META_FILES_BYTES);
	buf_u64(&row, n->all);
	buf_u64(&row, n->sent);
	return vault_put(v, VAULT_META, view_text(META_FILES), buf_view(&row));
}

static enum err
count_by(struct vault *v, int all, int sent)
{
	struct sync_chunks_count n;
	enum err e = sync_chunks_counts(v, &n);
	n.all += (uint64_t)(int64_t)all;
	n.sent += (uint64_t)(int64_t)sent;
	return e ? e : put_counts(v, &n);
}

/* the row of a root */

/* As the row has it. */
enum at_hub { AT_HUB_NOT, AT_HUB_WHOLE, AT_HUB_AGAIN };

struct root_row {
	uint8_t file[ID_BYTES];
	uint32_t count;
	uint8_t at_hub;
	uint32_t next; /* the hub has those below, as its last bundle says */
};

static enum err
get_root(struct vault *v, const uint8_t root[static HASH_BYTES], struct root_row *ret)
{
	struct view row;
	*ret = (struct root_row){0};
	enum err e = vault_get(v, VAULT_CHUNKS, view_of(root, HASH_BYTES), &row);
	if (e)
		return e;
	struct cursor c = cursor_of(row);
	cursor_copy(&c, ret->file, ID_BYTES);
	ret->count = cursor_u32(&c);
	ret->at_hub = cursor_u8(&c);
	ret->next = c.left ? cursor_u32(&c) : 0;
	return cursor_end(&c, "chunks of a file");
}

static enum err
put_root(struct vault *v, const uint8_t root[static HASH_BYTES], const struct root_row *r)
{
	OWNED_BUF struct buf row;
	buf_init(&row, ROOT_ROW_BYTES);
	buf_add(&row, r->file, ID_BYTES);
	buf_u32(&row, r->count);
	buf_u8(&row, r->at_hub);
	buf_u32(&row, r->next);
	return vault_put(v, VAULT_CHUNKS, view_of(root, HASH_BYTES), buf_view(&row));
}

/* putting */

static enum err
put_block(struct vault *v, const uint8_t file[static ID_BYTES], uint32_t block, struct buf *b)
{
	uint8_t key[CHUNK_KEY_BYTES];
	chunk_key(key, file, FIRST_BLOCK + block);
	enum err e = b->len ? vault_put(v, VAULT_CHUNKS, view_of(key, sizeof(key)), buf_view(b))
			    : OK;
	buf_reset(b);
	return e;
}

enum err
sync_chunks_put(
	struct vault *v, const struct sync_chunks_file *f, uint8_t ret_root[static HASH_BYTES])
{
	OWNED_BUF struct buf block;
	struct merkle tree = {0};
	struct root_row row = {.count = attach_chunk_count(f->sealed.len)};
	uint8_t key[CHUNK_KEY_BYTES], leaf[HASH_BYTES];
	enum err e = OK;
	buf_init(&block, (size_t)BLOCK_COUNT * HASH_BYTES);
	for (uint32_t i = 0; !e && i < row.count; i++) {
		size_t at = (size_t)i * SEALED_BYTES;
		struct view chunk =
			view_of(f->sealed.at + at, MIN(f->sealed.len - at, SEALED_BYTES));
		merkle_leaf(leaf, chunk);
		merkle_append(&tree, leaf);
		buf_add(&block, leaf, sizeof(leaf));
		chunk_key(key, f->id, i);
		e = vault_put(v, VAULT_CHUNKS, view_of(key, sizeof(key)), chunk);
		if (!e && (i + 1) % BLOCK_COUNT == 0)
			e = put_block(v, f->id, i / BLOCK_COUNT, &block);
	}
	if (!e)
		e = put_block(v, f->id, row.count / BLOCK_COUNT, &block);
	merkle_root(ret_root, &tree);
	memcpy(row.file, f->id, ID_BYTES);
	if (e || !f->to_hub)
		return e;
	e = put_root(v, ret_root, &row);
	return e ? e : count_by(v, 1, 0);
}

/* dropping */

static enum err
drop_row(void *arg, struct view key, struct view content)
{
	uint8_t copy[CHUNK_KEY_BYTES];
	(void)content;
	if (key.len != sizeof(copy))
		return fail(E_FORMAT, "the vault is damaged: a chunk of a file");
	memcpy(copy, key.at, sizeof(copy));
	return vault_delete(arg, VAULT_CHUNKS, view_of(copy, sizeof(copy)));
}

enum err
sync_chunks_drop(struct vault *v, const uint8_t file[static ID_BYTES],
	const uint8_t root[static HASH_BYTES])
{
	struct root_row row;
	enum err e = vault_each(v, VAULT_CHUNKS, view_of(file, ID_BYTES), drop_row, v);
	if (!e)
		e = get_root(v, root, &row);
	if (e)
		return e == E_NOTFOUND ? OK : e;
	e = vault_delete(v, VAULT_CHUNKS, view_of(root, HASH_BYTES));
	return e ? e : count_by(v, -1, row.at_hub ? -1 : 0);
}

/* reading */

struct leaves {
	struct vault *vault;
	const struct root_row *row;
};

/* The hashes of a block, as they lie in the vault. */
static enum err
block_of(const struct leaves *l, uint32_t block, struct view *ret)
{
	uint8_t key[CHUNK_KEY_BYTES];
	uint32_t first = block * BLOCK_COUNT;
	chunk_key(key, l->row->file, FIRST_BLOCK + block);
	enum err e = vault_get(l->vault, VAULT_CHUNKS, view_of(key, sizeof(key)), ret);
	if (!e && (first >= l->row->count || ret->len != (size_t)MIN(l->row->count - first,
								 (uint32_t)BLOCK_COUNT) *
								 HASH_BYTES))
		e = fail(E_FORMAT, "the vault is damaged: hashes of a file");
	return e;
}

static enum err
inside_block(
	const struct leaves *l, unsigned level, uint64_t index, uint8_t ret[static HASH_BYTES])
{
	struct view block;
	uint8_t hashes[BLOCK_COUNT][HASH_BYTES];
	uint64_t first = index << level;
	size_t at = (size_t)(first % BLOCK_COUNT) * HASH_BYTES, count = (size_t)1 << level;
	enum err e = block_of(l, (uint32_t)(first / BLOCK_COUNT), &block);
	if (!e && at + count * HASH_BYTES > block.len)
		e = fail(E_FORMAT, "the vault is damaged: hashes of a file");
	if (e)
		return e;
	memcpy(hashes, block.at + at, count * HASH_BYTES);
	merkle_join(ret, (const uint8_t(*)[HASH_BYTES])hashes, count);
	return OK;
}

/* A complete subtree: of leaves in one block, or of whole blocks. */
static enum err
subtree(void *arg, unsigned level, uint64_t index, uint8_t ret[static HASH_BYTES])
{
	const struct leaves *l = arg;
	uint8_t tops[BLOCKS_MOST][HASH_BYTES];
	if (level <= BLOCK_LEVEL)
		return inside_block(l, level, index, ret);
	size_t count = (size_t)1 << (level - BLOCK_LEVEL);
	enum err e = count > BLOCKS_MOST ? fail(E_FORMAT, "a file has too many chunks") : OK;
	for (size_t i = 0; !e && i < count; i++)
		e = inside_block(l, BLOCK_LEVEL, index * count + i, tops[i]);
	if (!e)
		merkle_join(ret, (const uint8_t(*)[HASH_BYTES])tops, count);
	return e;
}

static enum err
read_chunk(struct vault *v, const struct lane_action *a, struct merkle_proof *room,
	struct lane_event *ret)
{
	struct root_row row;
	uint8_t key[CHUNK_KEY_BYTES];
	enum err e = get_root(v, a->file.root, &row);
	if (!e && (row.count != a->file.count || a->file.next >= row.count))
		return OK;
	struct leaves leaves = {v, &row};
	const struct merkle_source from = {subtree, &leaves};
	if (!e)
		e = merkle_prove_inclusion(room, &from, a->file.next, row.count);
	chunk_key(key, row.file, a->file.next);
	if (!e)
		e = vault_get(v, VAULT_CHUNKS, view_of(key, sizeof(key)), &ret->bytes);
	if (e)
		return e;
	ret->found = true;
	ret->proof = view_of(room->hash, room->count * HASH_BYTES);
	return OK;
}

/* The hub asks for what it lacks in each session: a damaged piece must not end each. */
enum err
sync_chunks_read(struct vault *v, const struct lane_action *a, struct merkle_proof *room,
	struct lane_event *ret)
{
	ret->ticket = a->ticket;
	ret->file = a->file;
	ret->found = false;
	enum err e = read_chunk(v, a, room, ret);
	if (e == E_FORMAT)
		log_error("sync", "a piece of a file is damaged here: %s", err_text());
	return e == E_FORMAT || e == E_NOTFOUND ? OK : e;
}

/* what the hub has */

enum err
sync_chunks_sent(struct vault *v, const uint8_t root[static HASH_BYTES])
{
	struct root_row row;
	enum err e = get_root(v, root, &row);
	if (e || row.at_hub == AT_HUB_WHOLE)
		return e == E_NOTFOUND ? OK : e;
	bool is_first = row.at_hub == AT_HUB_NOT;
	row.at_hub = AT_HUB_WHOLE;
	e = put_root(v, root, &row);
	return e || !is_first ? e : count_by(v, 0, 1);
}

enum err
sync_chunks_wanted(struct vault *v, const struct sync_want *w)
{
	struct root_row row;
	enum err e = get_root(v, w->root, &row);
	if (e || row.count != w->count)
		return e == E_NOTFOUND ? OK : e;
	if (w->next >= w->count)
		return sync_chunks_sent(v, w->root);
	if (row.at_hub == AT_HUB_WHOLE)
		row.at_hub = AT_HUB_AGAIN;
	row.next = w->next;
	return put_root(v, w->root, &row);
}

enum err
sync_chunks_lacking(
	struct vault *v, const uint8_t root[static HASH_BYTES], struct lane_file *ret)
{
	struct root_row row;
	*ret = (struct lane_file){.count = 0};
	memcpy(ret->root, root, HASH_BYTES);
	enum err e = get_root(v, root, &row);
	if (e || row.at_hub == AT_HUB_WHOLE)
		return e == E_NOTFOUND ? OK : e;
	ret->next = MIN(row.next, row.count);
	ret->count = row.count;
	return OK;
}
