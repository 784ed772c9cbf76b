#include "node/vault_prune.h"

#include "common/codec/wire_rules.h"

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

/* Where the key stands that an answer is sealed for; E_NOTFOUND. */
static enum err
find_key(struct vault *v, const uint8_t id[static ID_BYTES], struct vault_at *ret)
{
	struct view row;
	enum err e = vault_get(v, VAULT_INSTANCES, view_of(id, ID_BYTES), &row);
	if (e)
		return e;
	struct cursor c = cursor_of(row);
	(void)cursor_bytes(&c, HASH_BYTES);
	*ret = vault_at_read(&c);
	return cursor_end(&c, "instance on file");
}

/* Has the key a wrap for the review key of the site? */
static enum err
is_for_site(struct vault *v, const uint8_t key[static ID_BYTES], bool *ret)
{
	struct vault_at at;
	struct wire_header h;
	struct view row;
	enum err e = find_key(v, key, &at);
	if (!e)
		e = vault_header_row(v, &at, &row);
	if (!e && wire_header_unpack(&h, row))
		e = vault_damaged("a header is not of its form");
	if (!e)
		*ret = wire_header_part(&h, PART_WRAP_SITE) != NULL;
	return e == E_NOTFOUND ? OK : e;
}

/* Can the site read the answers? */
static enum err
site_reads(struct vault *v, const struct vault_at *at, bool *ret)
{
	OWNED(wire_rules) struct wire_rules *r = NULL;
	OWNED_BUF struct buf part;
	buf_init(&part, WIRE_RULES_MAX_BYTES);
	*ret = false;
	enum err e = vault_part(v, at, PART_RULES, &part);
	if (e)
		return e == E_NOTFOUND ? OK : e;
	return wire_rules_unpack(&r, buf_view(&part)) ? OK : is_for_site(v, r->key_ref, ret);
}

static enum err
drop_parts(struct vault *v, const struct vault_at *at)
{
	uint8_t key[PLACE_PART_BYTES];
	struct wire_header h;
	struct view row;
	bool stays = false;
	vault_place(key, at);
	enum err e = site_reads(v, at, &stays);
	if (!e)
		e = vault_header_row(v, at, &row);
	if (!e && wire_header_unpack(&h, row))
		e = vault_damaged("a header is not of its form");
	for (size_t i = 0; !e && !stays && i < h.part_count; i++) {
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
