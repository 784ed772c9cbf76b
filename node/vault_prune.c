#include "node/vault_prune.h"

#include "node/vault_inside.h"

#define ROW_BYTES 8

enum err
vault_pruned(struct vault *v, uint32_t incarnation, uint64_t *ret_seq)
{
	const struct vault_at at = {incarnation, LANE_R, 0};
	uint8_t place[PLACE_BYTES];
	struct view row;
	*ret_seq = 0;
	vault_place(place, &at);
	enum err e = vault_row_get(v, TABLE_MARKS, view_of(place, PLACE_LANE_BYTES), &row);
	if (e)
		return e == E_NOTFOUND ? OK : e;
	struct cursor c = cursor_of(row);
	uint64_t seq = cursor_u64(&c);
	if (cursor_end(&c, "mark"))
		return vault_damaged("a mark is not of its form");
	*ret_seq = seq;
	return OK;
}

static enum err
put_pruned(struct vault *v, uint64_t seq)
{
	const struct vault_at at = vault_here(v, LANE_R, 0);
	uint8_t place[PLACE_BYTES];
	OWNED_BUF struct buf row;
	buf_init(&row, ROW_BYTES);
	vault_place(place, &at);
	buf_u64(&row, seq);
	return vault_row_put(v, TABLE_MARKS, view_of(place, PLACE_LANE_BYTES), buf_view(&row));
}

static enum err
drop_parts(struct vault *v, const struct vault_at *at)
{
	uint8_t key[PLACE_PART_BYTES];
	struct wire_header h;
	struct view row;
	vault_place(key, at);
	enum err e = vault_header_row(v, at, &row);
	if (!e && wire_header_unpack(&h, row))
		e = vault_damaged("a header is not of its form");
	for (size_t i = 0; !e && i < h.part_count; i++) {
		key[PLACE_BYTES] = (uint8_t)h.parts[i].kind;
		if (h.parts[i].kind != PART_RULES)
			e = vault_row_drop(v, TABLE_PARTS, view_of(key, sizeof(key)));
	}
	return e;
}

enum err
vault_prune(struct vault *v, uint64_t upto, uint64_t max_count, uint64_t *ret_count)
{
	struct vault_at at = vault_here(v, LANE_R, 0);
	uint64_t done = 0;
	*ret_count = 0;
	enum err e = vault_pruned(v, at.incarnation, &at.seq);
	upto = MIN(upto, vault_committed(v, LANE_R).seq);
	while (!e && at.seq < upto && done < max_count) {
		at.seq++;
		done++;
		e = drop_parts(v, &at);
	}
	if (!e && done)
		e = put_pruned(v, at.seq);
	if (!e)
		*ret_count = done;
	return e;
}
