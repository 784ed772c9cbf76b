#include "node/sync_files.h"

#include <string.h>

#include "common/base/mem.h"
#include "common/codec/text.h"
#include "common/study/form.h"

#include "node/sync_chunks.h"

#define ROW_VERSION   2
#define ROW_MAX_BYTES 1024
#define KEY_MAX_BYTES SYNC_FILE_AT_BYTES

struct row {
	uint8_t goes;
	uint64_t plain_bytes;
	uint8_t digest[HASH_BYTES];
	uint8_t file[ID_BYTES];
	uint8_t instance[ID_BYTES];
	uint8_t key_ref[ID_BYTES];
	uint32_t chunk_count;
	uint8_t root[HASH_BYTES];
	int64_t arrived_s;
	bool borrowed; /* its chunks are those of the submission it was carried from */
	struct view box;
};

/* rows */

static void
row_key(struct buf *out, const uint8_t id[static ID_BYTES], struct view name)
{
	buf_init(out, KEY_MAX_BYTES);
	buf_add(out, id, ID_BYTES);
	buf_add_view(out, name);
}

static enum err
put_row(struct vault *v, struct view key, const struct row *r)
{
	OWNED_BUF struct buf b;
	buf_init(&b, ROW_MAX_BYTES);
	buf_u8(&b, ROW_VERSION);
	buf_u8(&b, r->goes);
	buf_u64(&b, r->plain_bytes);
	buf_add(&b, r->digest, HASH_BYTES);
	buf_add(&b, r->file, ID_BYTES);
	buf_add(&b, r->instance, ID_BYTES);
	buf_add(&b, r->key_ref, ID_BYTES);
	buf_u32(&b, r->chunk_count);
	buf_add(&b, r->root, HASH_BYTES);
	buf_u64(&b, (uint64_t)r->arrived_s);
	buf_u8(&b, r->borrowed);
	buf_blob(&b, r->box);
	enum err e = buf_check(&b, "file of a record");
	return e ? e : vault_put(v, VAULT_FILES, key, buf_view(&b));
}

static enum err
parse_row(struct row *r, struct view content)
{
	struct cursor c = cursor_of(content);
	uint8_t version = cursor_u8(&c);
	r->goes = cursor_u8(&c);
	r->plain_bytes = cursor_u64(&c);
	cursor_copy(&c, r->digest, HASH_BYTES);
	cursor_copy(&c, r->file, ID_BYTES);
	cursor_copy(&c, r->instance, ID_BYTES);
	cursor_copy(&c, r->key_ref, ID_BYTES);
	r->chunk_count = cursor_u32(&c);
	cursor_copy(&c, r->root, HASH_BYTES);
	r->arrived_s = (int64_t)cursor_u64(&c);
	r->borrowed = cursor_u8(&c) != 0;
	r->box = cursor_blob(&c);
	if (version != ROW_VERSION)
		c.broken = true;
	return cursor_end(&c, "file on file");
}

static enum err
get_row(struct vault *v, struct view key, struct row *ret, bool *ret_found)
{
	struct view content;
	*ret_found = false;
	enum err e = vault_get(v, VAULT_FILES, key, &content);
	if (e)
		return e == E_NOTFOUND ? OK : e;
	*ret_found = true;
	return parse_row(ret, content);
}

/* The name, if it is the row of a file that stands under it now; history has a zero behind. */
static bool
name_of(struct view key, struct view *ret)
{
	*ret = view_of(key.at + ID_BYTES, key.len - ID_BYTES);
	return ret->len && !memchr(ret->at, 0, ret->len);
}

enum err
sync_file_box(struct view row, struct view *ret)
{
	struct row r;
	*ret = view_of(NULL, 0);
	enum err e = parse_row(&r, row);
	if (!e)
		*ret = r.box;
	return e;
}

/* checking */

static struct view
chunks_of(const struct sync_file_in *f)
{
	size_t box = f->goes == FORM_SITE ? ATTACH_BOX_BYTES : 0;
	return f->sealed.len < box ? view_of(f->sealed.at, 0)
				   : view_of(f->sealed.at + box, f->sealed.len - box);
}

enum err
sync_file_check(const struct sync_file_in *f)
{
	uint8_t root[HASH_BYTES];
	if (f->name.len == 0 || f->name.len >= ATTACH_NAME_BYTES || !text_is_utf8(f->name) ||
		memchr(f->name.at, 0, f->name.len))
		return fail(E_FORMAT, "the name of a file is not of its form");
	if (f->goes != FORM_SITE && f->goes != FORM_HUB)
		return fail(E_FORMAT, "a file goes nowhere");
	return attach_root(root, chunks_of(f));
}

enum err
sync_file_known(struct vault *v, const uint8_t id[static ID_BYTES],
	const struct sync_file_in *f, bool *ret)
{
	OWNED_BUF struct buf key;
	struct row row;
	bool found;
	row_key(&key, id, f->name);
	enum err e = get_row(v, buf_view(&key), &row, &found);
	*ret = !e && found && memcmp(row.digest, f->digest, HASH_BYTES) == 0;
	return e;
}

/* putting */

/* What stands under the name goes into its history. */
static enum err
move_away(struct vault *v, const struct buf *key, const struct row *old)
{
	struct row there;
	bool found = true;
	enum err e = OK;
	for (uint32_t n = 1; !e && found && n < UINT16_MAX; n++) {
		OWNED_BUF struct buf past;
		buf_init(&past, KEY_MAX_BYTES);
		buf_add_view(&past, buf_view(key));
		buf_u8(&past, 0);
		buf_u32(&past, n);
		e = get_row(v, buf_view(&past), &there, &found);
		if (!e && !found)
			e = put_row(v, buf_view(&past), old);
	}
	return e;
}

enum err
sync_file_put(struct vault *v, const struct sync_file_of *of, const struct sync_file_in *f)
{
	OWNED_BUF struct buf key, box;
	struct row old,
		row = {.goes = f->goes, .plain_bytes = f->plain_bytes, .arrived_s = of->now_s};
	struct view chunks = chunks_of(f);
	bool found;
	row_key(&key, of->id, f->name);
	buf_init(&box, ROW_MAX_BYTES);
	enum err e = get_row(v, buf_view(&key), &old, &found);
	if (e || (found && memcmp(old.digest, f->digest, HASH_BYTES) == 0))
		return e;
	if (found) {
		buf_add_view(&box, old.box);
		old.box = buf_view(&box);
		e = move_away(v, &key, &old);
	}
	memcpy(row.digest, f->digest, HASH_BYTES);
	memcpy(row.instance, of->instance, ID_BYTES);
	if (f->goes == FORM_HUB)
		memcpy(row.key_ref, of->key_ref, ID_BYTES);
	crypto_random(row.file, ID_BYTES);
	row.chunk_count = attach_chunk_count(chunks.len);
	row.box = view_of(f->sealed.at, f->sealed.len - chunks.len);
	struct sync_chunks_file put = {.to_hub = f->goes == FORM_HUB, .sealed = chunks};
	memcpy(put.id, row.file, ID_BYTES);
	if (!e)
		e = sync_chunks_put(v, &put, row.root);
	return e ? e : put_row(v, buf_view(&key), &row);
}

/* what is there */

enum err
sync_file_missing(struct vault *v, const uint8_t id[static ID_BYTES],
	const struct sync_expected *list, size_t count, struct sync_missing *ret)
{
	enum err e = OK;
	*ret = (struct sync_missing){0};
	for (size_t i = 0; !e && i < count; i++) {
		OWNED_BUF struct buf key;
		struct row row;
		bool found;
		row_key(&key, id, list[i].name);
		e = get_row(v, buf_view(&key), &row, &found);
		if (e || found)
			continue;
		ret->all++;
		ret->hub += list[i].goes == FORM_HUB;
	}
	return e;
}

struct carry {
	struct vault *vault;
	const uint8_t *to;
	bool move;
};

static enum err
carry_one(void *arg, struct view key, struct view content)
{
	struct carry *c = arg;
	OWNED_BUF struct buf from, to, bytes;
	struct view name, there;
	struct row row;
	bool stands = name_of(key, &name);
	row_key(&from, key.at, name);
	row_key(&to, c->to, name);
	buf_init(&bytes, ROW_MAX_BYTES);
	if (!stands)
		return OK;
	buf_add_view(&bytes, content);
	enum err e = parse_row(&row, buf_view(&bytes));
	if (!e)
		e = vault_get(c->vault, VAULT_FILES, buf_view(&to), &there);
	if (e != E_NOTFOUND)
		return e;
	row.borrowed = row.borrowed || !c->move;
	e = put_row(c->vault, buf_view(&to), &row);
	if (!e && c->move)
		e = vault_delete(c->vault, VAULT_FILES, buf_view(&from));
	return e;
}

enum err
sync_file_carry(struct vault *v, const uint8_t from[static ID_BYTES],
	const uint8_t to[static ID_BYTES], bool move)
{
	struct carry c = {v, to, move};
	return vault_each(v, VAULT_FILES, view_of(from, ID_BYTES), carry_one, &c);
}

struct roots {
	struct roots_file list[ROOTS_MAX_COUNT];
	size_t count;
};

static enum err
add_root(void *arg, struct view key, struct view content)
{
	struct roots *r = arg;
	struct view name;
	struct row row;
	enum err e = parse_row(&row, content);
	if (e || row.goes != FORM_HUB || !name_of(key, &name))
		return e;
	if (r->count == ROOTS_MAX_COUNT)
		return fail(E_FULL, "a record has more than %d files", ROOTS_MAX_COUNT);
	struct roots_file *root = &r->list[r->count++];
	OWNED_MEM char *text = xmemdup(name.at, name.len);
	roots_file_id(root->id, row.instance, text);
	memcpy(root->key_ref, row.key_ref, ID_BYTES);
	root->plain_bytes = row.plain_bytes;
	root->chunk_count = row.chunk_count;
	memcpy(root->root, row.root, HASH_BYTES);
	return OK;
}

enum err
sync_file_roots(struct vault *v, const uint8_t id[static ID_BYTES], struct buf *out)
{
	OWNED_MEM struct roots *r = xcalloc(1, sizeof(*r));
	enum err e = vault_each(v, VAULT_FILES, view_of(id, ID_BYTES), add_root, r);
	if (e || r->count == 0)
		return e;
	return roots_pack(out, r->list, r->count);
}

/* in bundles */

struct search {
	struct vault *vault;
	struct buf *at;
	struct lane_file *found;
};

/* Its record is in the chain, and nobody else's row has the same chunks. */
static enum err
is_carried(struct vault *v, const uint8_t id[static ID_BYTES], const struct row *row, bool *ret)
{
	OWNED_SUBMISSION struct sync_submission s = {.state = 0};
	*ret = false;
	if (row->goes != FORM_HUB || row->borrowed)
		return OK;
	enum err e = sync_submission_get(v, id, &s);
	*ret = !e && s.state == SUBMISSION_KEPT;
	return e == E_NOTFOUND ? OK : e;
}

static enum err
look_at(void *arg, struct view key, struct view content, bool *ret_stop)
{
	struct search *s = arg;
	struct row row;
	bool goes = false;
	buf_reset(s->at);
	buf_add_view(s->at, key);
	enum err e = parse_row(&row, content);
	if (!e)
		e = is_carried(s->vault, s->at->at, &row, &goes);
	if (!e && goes)
		e = sync_chunks_lacking(s->vault, row.root, s->found);
	*ret_stop = s->found->count > 0;
	return e;
}

enum err
sync_file_next(struct vault *v, struct buf *at, struct lane_file *ret)
{
	OWNED_BUF struct buf after;
	struct search s = {v, at, ret};
	buf_init(&after, KEY_MAX_BYTES);
	buf_add_view(&after, buf_view(at));
	*ret = (struct lane_file){.count = 0};
	return vault_each_after(v, VAULT_FILES, buf_view(&after), look_at, &s);
}

/* dropping */

static enum err
drop_file(void *arg, struct view key, struct view content)
{
	struct vault *v = arg;
	OWNED_BUF struct buf copy;
	struct row row;
	enum err e = parse_row(&row, content);
	buf_init(&copy, KEY_MAX_BYTES);
	buf_add_view(&copy, key);
	if (!e && !row.borrowed)
		e = sync_chunks_drop(v, row.file, row.root);
	return e ? e : vault_delete(v, VAULT_FILES, buf_view(&copy));
}

enum err
sync_file_drop(struct vault *v, const uint8_t id[static ID_BYTES])
{
	return vault_each(v, VAULT_FILES, view_of(id, ID_BYTES), drop_file, v);
}
