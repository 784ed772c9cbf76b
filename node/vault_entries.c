#include <stdio.h>
#include <string.h>

#include "common/codec/text.h"
#include "common/codec/wire_sync.h"

#include "node/vault_inside.h"

#define MARK_MAX_BYTES 1024

/* places */

void
vault_place(uint8_t ret[static PLACE_BYTES], const struct vault_at *at)
{
	bytes_put_u32(ret, at->incarnation);
	ret[4] = (uint8_t)at->lane;
	bytes_put_u64(ret + PLACE_LANE_BYTES, at->seq);
}

struct vault_at
vault_here(const struct vault *v, enum lane lane, uint64_t seq)
{
	return (struct vault_at){vault_incarnation(v), lane, seq};
}

void
vault_at_write(struct buf *out, const struct vault_at *at)
{
	buf_u8(out, (uint8_t)at->lane);
	buf_u64(out, at->seq);
	buf_u32(out, at->incarnation);
}

struct vault_at
vault_at_read(struct cursor *c)
{
	struct vault_at at = {.lane = (enum lane)cursor_u8(c)};
	at.seq = cursor_u64(c);
	at.incarnation = cursor_u32(c);
	return at;
}

void
vault_name(const struct vault *v, const struct vault_at *at, char ret[static VAULT_NAME_BYTES])
{
	static const char letters[] = {[LANE_C] = 'C', [LANE_R] = 'R', [LANE_A] = 'A'};
	char writer[9];
	text_hex(writer, v->writer, 4);
	(void)snprintf(ret, VAULT_NAME_BYTES, "%s.%u.%c.%llu", writer, at->incarnation,
		letters[at->lane], (unsigned long long)at->seq);
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
	struct lane_chain *top = vault_top(&v->now);
	struct sync_mark *head = &top->last[lane - 1];
	struct sync_mark next = {.seq = head->seq + 1};
	struct entry_place at = {.study = v->study,
		.incarnation = top->incarnation,
		.lane = lane,
		.seq = next.seq};
	const struct vault_at where = {top->incarnation, lane, next.seq};
	uint8_t place[PLACE_BYTES];
	buf_init(&header, WIRE_HEADER_MAX_BYTES);
	memcpy(at.writer, v->writer, sizeof(at.writer));
	if (head->seq)
		memcpy(at.prev, head->head, sizeof(at.prev));
	else
		vault_first_prev(at.prev, top, lane);
	vault_place(place, &where);
	enum err e = entry_make(&header, next.head, &at, parts, count);
	if (!e)
		e = vault_row_put(
			v, TABLE_ENTRIES, view_of(place, sizeof(place)), buf_view(&header));
	if (!e)
		e = put_parts(v, place, parts, count);
	if (!e)
		e = vault_put_head(v, top->incarnation, lane, &next);
	if (e)
		return e;
	*head = next;
	*ret = next;
	return OK;
}

/* reading */

enum err
vault_header_row(struct vault *v, const struct vault_at *at, struct view *ret)
{
	uint8_t place[PLACE_BYTES];
	vault_place(place, at);
	return vault_row_get(v, TABLE_ENTRIES, view_of(place, sizeof(place)), ret);
}

enum err
vault_header(struct vault *v, const struct vault_at *at, struct buf *out)
{
	struct view row;
	enum err e = vault_header_row(v, at, &row);
	if (e)
		return e;
	buf_add_view(out, row);
	return buf_check(out, "entry");
}

enum err
vault_hash(struct vault *v, const struct vault_at *at, uint8_t ret[static HASH_BYTES])
{
	struct view row;
	enum err e = vault_header_row(v, at, &row);
	if (!e)
		entry_hash(ret, row);
	return e;
}

enum err
vault_part(struct vault *v, const struct vault_at *at, enum part_kind kind, struct buf *out)
{
	uint8_t key[PLACE_PART_BYTES];
	struct wire_header header;
	struct view row;
	enum err e = vault_header_row(v, at, &row);
	if (!e && wire_header_unpack(&header, row))
		e = vault_damaged("a header is not of its form");
	if (e)
		return e;
	vault_place(key, at);
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
	m.retained = cursor_u64(&c);
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
	buf_u64(&b, m->retained);
	buf_blob(&b, buf_view(&receipt));
	e = buf_check(&b, "mark");
	return e ? e : vault_row_put(v, TABLE_MARKS, view_of(&key, 1), buf_view(&b));
}
