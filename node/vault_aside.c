#include <string.h>

#include "node/vault_inside.h"
#include "node/vault_rebase.h"

#define END_ROW_BYTES 64

static enum err
drop_row(void *arg, struct view key, struct view row, bool *ret_stop)
{
	uint8_t copy[STORE_KEY_MAX_BYTES];
	(void)row;
	(void)ret_stop;
	memcpy(copy, key.at, key.len);
	return vault_row_drop(arg, TABLE_ASIDE, view_of(copy, key.len));
}

enum err
vault_aside_clear(struct vault *v)
{
	return vault_rows(v, TABLE_ASIDE, drop_row, v);
}

static enum err
put_entry(struct vault *v, enum table entries, enum table parts, const struct vault_at *at,
	const struct sync_entry *entry)
{
	uint8_t key[PLACE_PART_BYTES];
	vault_place(key, at);
	enum err e = vault_row_put(v, entries, view_of(key, PLACE_BYTES), entry->header);
	for (size_t i = 0; !e && i < entry->part_count; i++) {
		key[PLACE_BYTES] = entry->parts[i].kind;
		e = vault_row_put(v, parts, view_of(key, sizeof(key)), entry->parts[i].bytes);
	}
	return e;
}

enum err
vault_aside_put(struct vault *v, uint32_t incarnation, const struct sync_batch *batch)
{
	struct vault_at at = {incarnation, (enum lane)batch->lane, batch->first};
	enum err e = OK;
	for (size_t i = 0; !e && i < batch->count; i++, at.seq++)
		e = put_entry(v, TABLE_ASIDE, TABLE_ASIDE, &at, &batch->entries[i]);
	return e;
}

enum err
vault_aside_end(
	struct vault *v, uint32_t incarnation, enum lane lane, const struct sync_mark *end)
{
	const struct vault_at at = {incarnation, lane, 0};
	uint8_t place[PLACE_BYTES];
	OWNED_BUF struct buf b;
	buf_init(&b, END_ROW_BYTES);
	vault_place(place, &at);
	buf_u64(&b, end->seq);
	buf_add(&b, end->head, sizeof(end->head));
	return vault_row_put(v, TABLE_ASIDE, view_of(place, PLACE_LANE_BYTES), buf_view(&b));
}

/* mending */

enum err
vault_hash_named(struct vault *v, const struct vault_at *at, uint8_t ret[static HASH_BYTES])
{
	const struct lane_chain *c = vault_find_chain(&v->now, at->incarnation);
	const struct vault_at next = {at->incarnation, at->lane, at->seq + 1};
	struct wire_header header;
	struct view row;
	if (!c || at->seq > c->last[at->lane - 1].seq)
		return fail(E_CONFLICT, "entries came that are not of this node's chain");
	if (at->seq == c->last[at->lane - 1].seq) {
		memcpy(ret, c->last[at->lane - 1].head, HASH_BYTES);
		return OK;
	}
	enum err e = vault_header_row(v, &next, &row);
	if (!e)
		e = wire_header_unpack(&header, row);
	if (!e)
		memcpy(ret, header.prev, HASH_BYTES);
	return e == E_FORMAT || e == E_NOTFOUND
		       ? fail(E_CONFLICT, "the entry behind a damaged one is damaged, too")
		       : e;
}

static enum err
mend_entry(struct vault *v, const struct vault_at *at, const struct sync_entry *entry)
{
	bool bare = false;
	enum err e = put_entry(v, TABLE_ENTRIES, TABLE_PARTS, at, entry);
	return e || entry->part_count ? e : vault_mark_bare(v, TABLE_ASIDE, at, &bare);
}

enum err
vault_mend(struct vault *v, uint32_t incarnation, const struct sync_batch *batch)
{
	struct vault_at at = {
		incarnation, (enum lane)batch->lane, batch->first + batch->count - 1};
	uint8_t named[HASH_BYTES], hash[HASH_BYTES];
	enum err e = vault_hash_named(v, &at, named);
	if (e)
		return e;
	entry_hash(hash, batch->entries[batch->count - 1].header);
	if (memcmp(hash, named, sizeof(hash)) != 0)
		return fail(E_CONFLICT, "entries came that are not those of this node");
	at.seq = batch->first;
	for (size_t i = 0; !e && i < batch->count; i++, at.seq++)
		e = mend_entry(v, &at, &batch->entries[i]);
	return e;
}
