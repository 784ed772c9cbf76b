#include "node/vault_inside.h"

#include <string.h>

#define ROW_VERSION     1
#define ROW_PERSONAL    "weir-site-row-v1"
#define ROW_CHECK_BYTES 8
#define ROW_FRAME_BYTES (1 + ROW_CHECK_BYTES)

const char *const vault_table_names[TABLE_COUNT] = {"entries", "parts", "heads", "marks",
	"people", "persons", "instances", "consents", "documents", "meta", "current",
	"submissions", "holds", "held_of", "keys", "files", "chunks", "locals", "strangers",
	"collectors", "counts", "aside", "wraps"};

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
	enum err e = vault_begin(v);
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
	enum err e = vault_begin(v);
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

static enum err
remove_row(struct vault *v, enum table t, struct view key)
{
	enum err e = vault_begin(v);
	if (!e)
		e = store_delete(v->txn, t, key);
	if (!e)
		v->changed = true;
	return e;
}

enum err
vault_row_drop(struct vault *v, enum table t, struct view key)
{
	enum err e = remove_row(v, t, key);
	return e == E_NOTFOUND ? OK : e;
}

enum err
vault_delete(struct vault *v, enum vault_table t, struct view key)
{
	return remove_row(v, table_of(t), key);
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
	enum err e = vault_begin(v);
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
	enum err e = vault_begin(v);
	return e ? e : store_each(v->txn, &range, walk_row, &w);
}

enum err
vault_rows(struct vault *v, enum table t, store_each_fn *each, void *arg)
{
	struct store_range range = {.table = t};
	enum err e = vault_begin(v);
	return e ? e : store_each(v->txn, &range, each, arg);
}

enum err
vault_row_count(struct vault *v, enum table t, uint64_t *ret)
{
	enum err e = vault_begin(v);
	return e ? e : store_count(v->txn, t, ret);
}
