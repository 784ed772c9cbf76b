#include "node/vault.h"

#include <stdio.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/run/datadir.h"

#include "node/vault_inside.h"

#define ROW_VERSION       1
#define ROW_PERSONAL      "weir-site-row-v1"
#define ROW_CHECK_BYTES   8
#define ROW_FRAME_BYTES   (1 + ROW_CHECK_BYTES)
#define META_WHO          "who" /* incarnation u32 | writer 32 | row key 32 | blob study */
#define META_MAX_BYTES    1024
#define FIRST_INCARNATION 1

const char *const vault_table_names[TABLE_COUNT] = {"entries", "parts", "heads", "marks",
	"people", "persons", "instances", "consents", "documents", "meta", "current",
	"submissions", "holds", "held_of", "keys", "files", "chunks", "locals", "strangers",
	"collectors", "counts", "aside", "wraps"};

enum err
vault_damaged(const char *what)
{
	return fail(E_FORMAT,
		"the vault is damaged: %s; stop the node and restore it from a backup", what);
}

/* turns */

static enum err
begin(struct vault *v)
{
	if (v->txn)
		return OK;
	return v->read_only ? store_read(&v->txn, v->store)
			    : store_write_reserve(&v->txn, v->store);
}

void
vault_abort(struct vault *v)
{
	store_txn_free(v->txn);
	v->txn = NULL;
	v->changed = false;
	vault_copy_chains(&v->now, &v->kept);
}

enum err
vault_commit(struct vault *v)
{
	if (!v->changed) {
		vault_abort(v);
		return OK;
	}
	enum err e = store_commit(take(v->txn));
	if (e) {
		vault_abort(v);
		return e;
	}
	v->changed = false;
	vault_copy_chains(&v->kept, &v->now);
	return OK;
}

bool
vault_is_changed(const struct vault *v)
{
	return v->changed;
}

enum err
vault_room(struct vault *v, size_t bytes)
{
	struct store_usage u;
	enum err e = store_usage(v->store, &u);
	if (!e && (u.used_bytes >= u.limit_bytes || bytes > u.limit_bytes - u.used_bytes))
		e = fail(
			E_FULL, "the vault of this node is full: make room or raise its limit");
	if (!e && (u.disk_free_bytes < v->floor_bytes ||
			  bytes > u.disk_free_bytes - v->floor_bytes))
		e = fail(E_FULL, "the disk of this node is full: what is left is kept for "
				 "withdrawals; make room");
	return e;
}

enum err
vault_usage(struct vault *v, struct vault_usage *ret)
{
	struct store_usage u;
	*ret = (struct vault_usage){0};
	enum err e = store_usage(v->store, &u);
	if (!e)
		*ret = (struct vault_usage){u.used_bytes, u.limit_bytes, u.disk_free_bytes};
	return e;
}

enum err
vault_tick(struct vault *v, int64_t mono_ms)
{
	return store_tick(v->store, mono_ms);
}

/* rows */

static void
make_check(uint8_t ret[static HASH_BYTES], enum table t, struct view key, struct view content)
{
	uint8_t head[5] = {(uint8_t)t, (uint8_t)(key.len >> 24), (uint8_t)(key.len >> 16),
		(uint8_t)(key.len >> 8), (uint8_t)key.len};
	const struct view parts[] = {view_of(head, sizeof(head)), key, content};
	crypto_hash_many(ret, ROW_PERSONAL, NULL, parts, ARRAY_LEN(parts));
}

enum err
vault_row_open(enum table t, struct view key, struct view row, struct view *ret)
{
	uint8_t check[HASH_BYTES];
	*ret = view_of(NULL, 0);
	if (row.len < ROW_FRAME_BYTES || row.at[0] != ROW_VERSION)
		return vault_damaged("a row is not of its form");
	struct view content = view_of(row.at + 1, row.len - ROW_FRAME_BYTES);
	make_check(check, t, key, content);
	if (memcmp(check, row.at + row.len - ROW_CHECK_BYTES, ROW_CHECK_BYTES) != 0)
		return vault_damaged("a row does not match its check");
	*ret = content;
	return OK;
}

enum err
vault_row_get(struct vault *v, enum table t, struct view key, struct view *ret)
{
	struct view row;
	enum err e = begin(v);
	if (!e)
		e = store_get(v->txn, t, key, &row);
	return e ? e : vault_row_open(t, key, row, ret);
}

enum err
vault_row_put(struct vault *v, enum table t, struct view key, struct view content)
{
	uint8_t check[HASH_BYTES];
	OWNED_BUF struct buf row;
	buf_init(&row, content.len + ROW_FRAME_BYTES);
	make_check(check, t, key, content);
	buf_u8(&row, ROW_VERSION);
	buf_add_view(&row, content);
	buf_add(&row, check, ROW_CHECK_BYTES);
	enum err e = begin(v);
	if (!e)
		e = store_put(v->txn, t, key, buf_view(&row));
	if (!e)
		v->changed = true;
	return e;
}

static enum table
table_of(enum vault_table t)
{
	switch (t) {
	case VAULT_PEOPLE:
		return TABLE_PEOPLE;
	case VAULT_PERSONS:
		return TABLE_PERSONS;
	case VAULT_INSTANCES:
		return TABLE_INSTANCES;
	case VAULT_CONSENTS:
		return TABLE_CONSENTS;
	case VAULT_DOCUMENTS:
		return TABLE_DOCUMENTS;
	case VAULT_META:
		return TABLE_META;
	case VAULT_CURRENT:
		return TABLE_CURRENT;
	case VAULT_SUBMISSIONS:
		return TABLE_SUBMISSIONS;
	case VAULT_HOLDS:
		return TABLE_HOLDS;
	case VAULT_HELD_OF:
		return TABLE_HELD_OF;
	case VAULT_KEYS:
		return TABLE_KEYS;
	case VAULT_FILES:
		return TABLE_FILES;
	case VAULT_CHUNKS:
		return TABLE_CHUNKS;
	case VAULT_LOCALS:
		return TABLE_LOCALS;
	case VAULT_STRANGERS:
		return TABLE_STRANGERS;
	case VAULT_COLLECTORS:
		return TABLE_COLLECTORS;
	case VAULT_COUNTS:
		return TABLE_COUNTS;
	case VAULT_WRAPS:
		return TABLE_WRAPS;
	}
	return TABLE_META;
}

enum err
vault_get(struct vault *v, enum vault_table t, struct view key, struct view *ret)
{
	return vault_row_get(v, table_of(t), key, ret);
}

enum err
vault_put(struct vault *v, enum vault_table t, struct view key, struct view content)
{
	return vault_row_put(v, table_of(t), key, content);
}

static enum err delete (struct vault *v, enum table t, struct view key) {
	enum err e = begin(v); if (!e) e = store_delete(v->txn, t, key);
	if (!e) v->changed = true;
	return e;
}

enum err
vault_row_drop(struct vault *v, enum table t, struct view key)
{
	enum err e = delete (v, t, key);
	return e == E_NOTFOUND ? OK : e;
}

enum err
vault_delete(struct vault *v, enum vault_table t, struct view key)
{
	return delete (v, table_of(t), key);
}

struct walk {
	enum table table;
	vault_each_fn *each;
	vault_page_fn *page; /* instead of each */
	void *arg;
};

static enum err
walk_row(void *arg, struct view key, struct view row, bool *ret_stop)
{
	struct walk *w = arg;
	struct view content;
	enum err e = vault_row_open(w->table, key, row, &content);
	if (e)
		return e;
	return w->page ? w->page(w->arg, key, content, ret_stop)
		       : w->each(w->arg, key, content);
}

enum err
vault_each(
	struct vault *v, enum vault_table t, struct view prefix, vault_each_fn *each, void *arg)
{
	struct walk w = {.table = table_of(t), .each = each, .arg = arg};
	struct store_range range = {.table = w.table, .prefix = prefix};
	enum err e = begin(v);
	return e ? e : store_each(v->txn, &range, walk_row, &w);
}

enum err
vault_each_after(
	struct vault *v, enum vault_table t, struct view after, vault_page_fn *each, void *arg)
{
	OWNED_BUF struct buf from;
	struct walk w = {.table = table_of(t), .page = each, .arg = arg};
	struct store_range range = {.table = w.table};
	buf_init(&from, after.len + 1);
	if (after.len) {
		/* No key lies between this one and the one behind it. */
		buf_add_view(&from, after);
		buf_u8(&from, 0);
		range.from = buf_view(&from);
	}
	enum err e = begin(v);
	return e ? e : store_each(v->txn, &range, walk_row, &w);
}

enum err
vault_rows(struct vault *v, enum table t, store_each_fn *each, void *arg)
{
	struct store_range range = {.table = t};
	enum err e = begin(v);
	return e ? e : store_each(v->txn, &range, each, arg);
}

enum err
vault_row_count(struct vault *v, enum table t, uint64_t *ret)
{
	enum err e = begin(v);
	return e ? e : store_count(v->txn, t, ret);
}

enum err
vault_copy(struct vault *v, const char *dir)
{
	return store_copy(v->store, dir);
}

/* opening */

enum err
vault_put_who(struct vault *v, uint32_t incarnation)
{
	OWNED_BUF struct buf b;
	buf_init(&b, META_MAX_BYTES);
	buf_u32(&b, incarnation);
	buf_add(&b, v->writer, sizeof(v->writer));
	buf_add(&b, v->row_key, sizeof(v->row_key));
	buf_blob_text(&b, v->study);
	enum err e = buf_check(&b, "vault");
	return e ? e : vault_row_put(v, TABLE_META, view_text(META_WHO), buf_view(&b));
}

static enum err
make_who(struct vault *v, uint32_t *ret_incarnation)
{
	*ret_incarnation = FIRST_INCARNATION;
	return vault_put_who(v, FIRST_INCARNATION);
}

static enum err
read_who(struct vault *v, struct view row, uint32_t *ret_incarnation)
{
	uint8_t writer[SIGN_PUBLIC_BYTES];
	struct cursor c = cursor_of(row);
	*ret_incarnation = cursor_u32(&c);
	cursor_copy(&c, writer, sizeof(writer));
	cursor_copy(&c, v->row_key, sizeof(v->row_key));
	struct view study = cursor_blob(&c);
	if (cursor_end(&c, "vault") || *ret_incarnation == 0)
		return vault_damaged("it does not say whose it is");
	if (memcmp(writer, v->writer, sizeof(writer)) != 0 ||
		!view_same(study, view_text(v->study)))
		return fail(E_CONFLICT,
			"the vault in this directory belongs to another installation or study");
	return OK;
}

static enum err
settle_who(struct vault *v, uint32_t *ret_incarnation)
{
	struct view row;
	uint64_t entries = 0;
	enum err e = vault_row_get(v, TABLE_META, view_text(META_WHO), &row);
	if (!e)
		return read_who(v, row, ret_incarnation);
	if (e != E_NOTFOUND)
		return e;
	e = store_count(v->txn, TABLE_ENTRIES, &entries);
	if (!e && (entries || v->read_only))
		e = vault_damaged("it does not say whose it is");
	return e ? e : make_who(v, ret_incarnation);
}

enum err
vault_open(struct vault **ret, const struct vault_config *c)
{
	char path[DATADIR_PATH_BYTES];
	uint32_t incarnation = 0;
	OWNED(vault) struct vault *v = xcalloc(1, sizeof(*v));
	*ret = NULL;
	(void)snprintf(v->study, sizeof(v->study), "%s", c->study);
	memcpy(v->writer, c->writer, sizeof(v->writer));
	if (c->row_key)
		memcpy(v->row_key, c->row_key, sizeof(v->row_key));
	else
		crypto_random(v->row_key, sizeof(v->row_key));
	v->floor_bytes = c->floor_bytes;
	v->read_only = c->read_only;
	enum err e = datadir_path(path, c->dir, "vault");
	struct store_config sc = {.dir = path,
		.map_bytes = c->map_bytes,
		.floor_bytes = c->floor_bytes,
		.tables = vault_table_names,
		.table_count = TABLE_COUNT,
		.read_only = c->read_only};
	if (!e)
		e = store_open(&v->store, &sc);
	if (!e)
		e = settle_who(v, &incarnation);
	if (!e)
		e = vault_chains_load(v, incarnation);
	if (!e)
		e = vault_commit(v);
	if (!e)
		*ret = take(v);
	return e;
}

void
vault_free(struct vault *v)
{
	if (!v)
		return;
	store_txn_free(v->txn);
	store_free(v->store);
	vault_drop_chains(&v->now);
	vault_drop_chains(&v->kept);
	crypto_wipe(v->row_key, sizeof(v->row_key));
	mem_drop(&v);
}

const uint8_t *
vault_row_key(const struct vault *v)
{
	return v->row_key;
}
