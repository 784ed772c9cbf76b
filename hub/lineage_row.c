#include "hub/lineage_row.h"

#include <string.h>

#include "common/base/mem.h"

#define PREFIX       "lineage-"
#define PREFIX_BYTES (sizeof(PREFIX) - 1)
#define KEY_BYTES    (PREFIX_BYTES + 4)

static void
make_key(uint8_t ret[static KEY_BYTES], uint32_t number)
{
	memcpy(ret, PREFIX, PREFIX_BYTES);
	for (size_t i = 0; i < 4; i++)
		ret[PREFIX_BYTES + i] = (uint8_t)(number >> (24 - 8 * i));
}

static uint32_t
number_of(struct view key)
{
	struct cursor c = cursor_of(key);
	(void)cursor_bytes(&c, PREFIX_BYTES);
	return cursor_u32(&c);
}

/* one row */

static void
write_side(struct buf *row, const char (*side)[LINEAGE_ID_BYTES], size_t count)
{
	buf_u32(row, (uint32_t)count);
	for (size_t i = 0; i < count; i++)
		buf_blob_text(row, side[i]);
}

enum err
lineage_row_pack(struct buf *out, const struct lineage_row *r)
{
	const struct lineage_change *c = &r->change;
	buf_u8(out, ROW_VERSION);
	buf_u8(out, (uint8_t)c->kind);
	buf_blob_text(out, r->scope);
	buf_blob_text(out, c->day);
	write_side(out, c->from, c->from_count);
	write_side(out, c->into, c->into_count);
	buf_blob_text(out, c->was);
	buf_blob_text(out, c->becomes);
	buf_blob_text(out, r->reason);
	buf_blob_text(out, r->by);
	buf_u64(out, (uint64_t)r->at_s);
	buf_u64(out, r->leaf);
	buf_blob_text(out, r->struck_by);
	buf_u64(out, r->struck_leaf);
	return buf_check(out, "change of a site");
}

enum err
lineage_row_put(struct vault_txn *t, const struct lineage_row *r)
{
	OWNED_BUF struct buf row;
	uint8_t key[KEY_BYTES];
	buf_init(&row, ROW_MAX_BYTES);
	make_key(key, r->number);
	enum err e = lineage_row_pack(&row, r);
	return e ? e : vault_put(t, VAULT_META, view_of(key, sizeof(key)), buf_view(&row));
}

static size_t
read_side(struct cursor *c, char (*ret)[LINEAGE_ID_BYTES])
{
	const uint32_t count = cursor_u32(c);
	if (count > LINEAGE_SIDE_MAX)
		c->broken = true;
	for (size_t i = 0; i < count && !c->broken; i++)
		row_text(c, ret[i], LINEAGE_ID_BYTES);
	return c->broken ? 0 : count;
}

enum err
lineage_row_unpack(struct lineage_row *ret, uint32_t number, struct view packed)
{
	struct cursor c = row_begin(packed);
	*ret = (struct lineage_row){.number = number};
	const uint8_t kind = cursor_u8(&c);
	if (kind < LINEAGE_MERGE || kind > LINEAGE_NAME)
		c.broken = true;
	else
		ret->change.kind = (enum lineage_kind)kind;
	row_text(&c, ret->scope, sizeof(ret->scope));
	row_text(&c, ret->change.day, sizeof(ret->change.day));
	ret->change.from_count = read_side(&c, ret->change.from);
	ret->change.into_count = read_side(&c, ret->change.into);
	row_text(&c, ret->change.was, sizeof(ret->change.was));
	row_text(&c, ret->change.becomes, sizeof(ret->change.becomes));
	row_text(&c, ret->reason, sizeof(ret->reason));
	row_text(&c, ret->by, sizeof(ret->by));
	ret->at_s = (int64_t)cursor_u64(&c);
	ret->leaf = cursor_u64(&c);
	row_text(&c, ret->struck_by, sizeof(ret->struck_by));
	ret->struck_leaf = cursor_u64(&c);
	return row_end(&c, "change of a site");
}

enum err
lineage_row_get(struct vault_txn *t, uint32_t number, struct lineage_row *ret)
{
	OWNED_BUF struct buf row;
	uint8_t key[KEY_BYTES];
	buf_init(&row, ROW_MAX_BYTES);
	*ret = (struct lineage_row){.number = number};
	make_key(key, number);
	enum err e = vault_get(t, VAULT_META, view_of(key, sizeof(key)), &row);
	if (e == E_NOTFOUND)
		return fail(e, "there is no change of number %u", number);
	return e ? e : lineage_row_unpack(ret, number, buf_view(&row));
}

enum err
lineage_row_add(struct vault_txn *t, struct lineage_row *r)
{
	OWNED_BUF struct buf key;
	buf_init(&key, 64);
	enum err e = vault_last(t, VAULT_META, view_text(PREFIX), &key, NULL);
	if (e && e != E_NOTFOUND)
		return e;
	r->number = e ? 1 : number_of(buf_view(&key)) + 1;
	if (r->number > LINEAGE_MAX_COUNT)
		return fail(E_FULL, "there are %d changes of sites already", LINEAGE_MAX_COUNT);
	return lineage_row_put(t, r);
}

/* all */

struct walk {
	lineage_row_fn *each;
	void *arg;
};

static enum err
visit(void *arg, struct view key, struct view value, bool *ret_stop)
{
	struct walk *walk = arg;
	struct lineage_row r;
	(void)ret_stop;
	enum err e = lineage_row_unpack(&r, number_of(key), value);
	return e ? e : walk->each(walk->arg, &r);
}

enum err
lineage_row_each(struct vault_txn *t, lineage_row_fn *each, void *arg)
{
	struct walk walk = {each, arg};
	const struct vault_range all = {.table = VAULT_META, .prefix = view_text(PREFIX)};
	return vault_each(t, &all, visit, &walk);
}

struct reading {
	struct lineage_rows *into;
	const char *scope;
};

static enum err
add_change(void *arg, const struct lineage_row *r)
{
	struct reading *reading = arg;
	struct lineage_rows *into = reading->into;
	if (r->struck_by[0] || strcmp(r->scope, reading->scope) != 0)
		return OK;
	into->at = xrealloc(into->at, into->lineage.count + 1, sizeof(*into->at));
	into->at[into->lineage.count++] = r->change;
	into->lineage.at = into->at;
	return OK;
}

enum err
lineage_rows_read(struct lineage_rows *ret, struct vault_txn *t, const char *scope)
{
	struct reading reading = {ret, scope};
	*ret = (struct lineage_rows){.at = NULL};
	return lineage_row_each(t, add_change, &reading);
}

void
lineage_rows_done(struct lineage_rows *r)
{
	mem_drop(&r->at);
}
