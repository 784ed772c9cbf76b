#include <stdio.h>
#include <string.h>

#include "common/codec/text.h"
#include "common/codec/wire_sync.h"

#include "node/vault_inside.h"

#define MARK_MAX_BYTES 1024

/* places */

static void
put_u32(uint8_t *at, uint32_t n)
{
	for (int i = 0; i < 4; i++)
		at[i] = (uint8_t)(n >> (24 - 8 * i));
}

static void
put_u64(uint8_t *at, uint64_t n)
{
	put_u32(at, (uint32_t)(n >> 32));
	put_u32(at + 4, (uint32_t)n);
}

void
vault_place(
	uint8_t ret[static PLACE_BYTES], const struct vault *v, enum lane lane, uint64_t seq)
{
	put_u32(ret, v->incarnation);
	ret[4] = (uint8_t)lane;
	put_u64(ret + PLACE_LANE_BYTES, seq);
}

void
vault_name(
	const struct vault *v, enum lane lane, uint64_t seq, char ret[static VAULT_NAME_BYTES])
{
	static const char letters[] = {[LANE_C] = 'C', [LANE_R] = 'R', [LANE_A] = 'A'};
	char writer[9];
	text_hex(writer, v->writer, 4);
	(void)snprintf(ret, VAULT_NAME_BYTES, "%s.%u.%c.%llu", writer, v->incarnation,
		letters[lane], (unsigned long long)seq);
}

struct sync_mark
vault_head(const struct vault *v, enum lane lane)
{
	return v->heads[lane - 1];
}

struct sync_mark
vault_committed(const struct vault *v, enum lane lane)
{
	return v->committed[lane - 1];
}

/* heads */

static enum err
read_head(struct vault *v, enum lane lane, struct sync_mark *ret)
{
	uint8_t place[PLACE_BYTES];
	struct view row;
	*ret = (struct sync_mark){0};
	vault_place(place, v, lane, 0);
	enum err e = vault_row_get(v, TABLE_HEADS, view_of(place, PLACE_LANE_BYTES), &row);
	if (e)
		return e == E_NOTFOUND ? OK : e;
	struct cursor c = cursor_of(row);
	ret->seq = cursor_u64(&c);
	cursor_copy(&c, ret->head, sizeof(ret->head));
	return cursor_end(&c, "head of a lane") ? vault_damaged("a head is not of its form")
						: OK;
}

static enum err
put_head(struct vault *v, enum lane lane, const struct sync_mark *m)
{
	uint8_t place[PLACE_BYTES];
	OWNED_BUF struct buf b;
	buf_init(&b, MARK_MAX_BYTES);
	vault_place(place, v, lane, 0);
	buf_u64(&b, m->seq);
	buf_add(&b, m->head, sizeof(m->head));
	return vault_row_put(v, TABLE_HEADS, view_of(place, PLACE_LANE_BYTES), buf_view(&b));
}

/* The last entry that is stored has to be the head. */
static enum err
check_last(struct vault *v, enum lane lane, const struct sync_mark *head)
{
	uint8_t place[PLACE_BYTES], hash[HASH_BYTES];
	struct view key, row;
	vault_place(place, v, lane, head->seq);
	enum err e =
		store_last(v->txn, TABLE_ENTRIES, view_of(place, PLACE_LANE_BYTES), &key, &row);
	if (e == E_NOTFOUND)
		return head->seq == 0 ? OK : vault_damaged("the last entries are missing");
	if (e)
		return e;
	if (key.len != PLACE_BYTES || memcmp(key.at, place, PLACE_BYTES) != 0)
		return vault_damaged("a head is not the last entry");
	e = vault_hash(v, lane, head->seq, hash);
	if (!e && memcmp(hash, head->head, HASH_BYTES) != 0)
		e = vault_damaged("the last entry is not the one that its head names");
	return e;
}

enum err
vault_heads_check(struct vault *v)
{
	uint64_t stored = 0, counted = 0;
	enum err e = OK;
	for (enum lane lane = LANE_C; !e && lane <= LANE_A; lane++) {
		struct sync_mark *head = &v->heads[lane - 1];
		e = read_head(v, lane, head);
		if (!e)
			e = check_last(v, lane, head);
		counted += head->seq;
	}
	if (!e)
		e = store_count(v->txn, TABLE_ENTRIES, &stored);
	if (!e && stored != counted)
		e = vault_damaged("entries are missing or too many");
	if (!e)
		memcpy(v->committed, v->heads, sizeof(v->committed));
	return e;
}

/* appending */

static enum err
put_parts(struct vault *v, const uint8_t place[static PLACE_BYTES],
	const struct entry_part *parts, size_t count)
{
	uint8_t key[PLACE_PART_BYTES];
	enum err e = OK;
	memcpy(key, place, PLACE_BYTES);
	for (size_t i = 0; !e && i < count; i++) {
		key[PLACE_BYTES] = (uint8_t)parts[i].kind;
		e = vault_row_put(v, TABLE_PARTS, view_of(key, sizeof(key)), parts[i].bytes);
	}
	return e;
}

enum err
vault_append(struct vault *v, enum lane lane, const struct entry_part *parts, size_t count,
	struct sync_mark *ret)
{
	OWNED_BUF struct buf header;
	struct sync_mark next = {.seq = v->heads[lane - 1].seq + 1};
	struct entry_place at = {.study = v->study,
		.incarnation = v->incarnation,
		.lane = lane,
		.seq = next.seq};
	uint8_t place[PLACE_BYTES];
	buf_init(&header, WIRE_HEADER_MAX_BYTES);
	memcpy(at.writer, v->writer, sizeof(at.writer));
	memcpy(at.prev, v->heads[lane - 1].head, sizeof(at.prev));
	vault_place(place, v, lane, next.seq);
	enum err e = entry_make(&header, next.head, &at, parts, count);
	if (!e)
		e = vault_row_put(
			v, TABLE_ENTRIES, view_of(place, sizeof(place)), buf_view(&header));
	if (!e)
		e = put_parts(v, place, parts, count);
	if (!e)
		e = put_head(v, lane, &next);
	if (e)
		return e;
	v->heads[lane - 1] = next;
	*ret = next;
	return OK;
}

/* reading */

static enum err
header_of(struct vault *v, enum lane lane, uint64_t seq, struct view *ret)
{
	uint8_t place[PLACE_BYTES];
	vault_place(place, v, lane, seq);
	return vault_row_get(v, TABLE_ENTRIES, view_of(place, sizeof(place)), ret);
}

enum err
vault_header(struct vault *v, enum lane lane, uint64_t seq, struct buf *out)
{
	struct view row;
	enum err e = header_of(v, lane, seq, &row);
	if (e)
		return e;
	buf_add_view(out, row);
	return buf_check(out, "entry");
}

enum err
vault_hash(struct vault *v, enum lane lane, uint64_t seq, uint8_t ret[static HASH_BYTES])
{
	struct view row;
	enum err e = header_of(v, lane, seq, &row);
	if (!e)
		entry_hash(ret, row);
	return e;
}

enum err
vault_part(struct vault *v, enum lane lane, uint64_t seq, enum part_kind kind, struct buf *out)
{
	uint8_t key[PLACE_PART_BYTES];
	struct wire_header header;
	struct view row;
	enum err e = header_of(v, lane, seq, &row);
	if (!e && wire_header_unpack(&header, row))
		e = vault_damaged("a header is not of its form");
	if (e)
		return e;
	vault_place(key, v, lane, seq);
	key[PLACE_BYTES] = (uint8_t)kind;
	e = vault_row_get(v, TABLE_PARTS, view_of(key, sizeof(key)), &row);
	if (!e && entry_part_check(&header, kind, row))
		e = vault_damaged("a part does not match its header");
	if (e)
		return e;
	buf_add_view(out, row);
	return buf_check(out, "part of an entry");
}

/* marks */

enum err
vault_mark_get(struct vault *v, enum lane lane, struct vault_mark *ret)
{
	uint8_t key = (uint8_t)lane;
	struct view row;
	*ret = (struct vault_mark){0};
	enum err e = vault_row_get(v, TABLE_MARKS, view_of(&key, 1), &row);
	if (e)
		return e == E_NOTFOUND ? OK : e;
	struct cursor c = cursor_of(row);
	struct vault_mark m = {0};
	m.durable = cursor_u64(&c);
	m.at_hub = cursor_u64(&c);
	struct view receipt = cursor_blob(&c);
	e = cursor_end(&c, "mark");
	if (!e && receipt.len)
		e = sync_unpack_receipt(&m.receipt, receipt);
	if (e)
		return vault_damaged("a mark is not of its form");
	*ret = m;
	return OK;
}

enum err
vault_mark_put(struct vault *v, enum lane lane, const struct vault_mark *m)
{
	uint8_t key = (uint8_t)lane;
	OWNED_BUF struct buf b, receipt;
	buf_init(&b, MARK_MAX_BYTES);
	buf_init(&receipt, SYNC_RECEIPT_MAX_BYTES);
	enum err e = m->receipt.incarnation ? sync_pack_receipt(&receipt, &m->receipt) : OK;
	if (e)
		return e;
	buf_u64(&b, m->durable);
	buf_u64(&b, m->at_hub);
	buf_blob(&b, buf_view(&receipt));
	e = buf_check(&b, "mark");
	return e ? e : vault_row_put(v, TABLE_MARKS, view_of(&key, 1), buf_view(&b));
}
