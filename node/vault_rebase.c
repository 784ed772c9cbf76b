#include "node/vault_rebase.h"

#include <string.h>

#include "common/base/mem.h"

#include "node/vault_erase.h"
#include "node/vault_rebase_inside.h"

static void
rebase_done(struct rebase *r)
{
	mem_drop(&r->taken);
	mem_drop(&r->again);
	mem_drop(&r->by_root);
	vault_drop_chains(&r->made);
}

static enum err
copy_parts(struct rebase *r, const struct wire_header *h, const struct vault_at *from,
	const struct vault_at *to)
{
	uint8_t old_key[PLACE_PART_BYTES], key[PLACE_PART_BYTES];
	struct view bytes;
	enum err e = OK;
	vault_place(old_key, from);
	vault_place(key, to);
	for (size_t i = 0; !e && i < h->part_count; i++) {
		old_key[PLACE_BYTES] = key[PLACE_BYTES] = (uint8_t)h->parts[i].kind;
		e = vault_row_get(
			r->vault, TABLE_PARTS, view_of(old_key, sizeof(old_key)), &bytes);
		if (!e)
			e = vault_row_put(
				r->vault, TABLE_PARTS, view_of(key, sizeof(key)), bytes);
		if (e == E_NOTFOUND) /* erased, or pruned */
			e = OK;
	}
	return e;
}

/* What was erased stays so where it is said again. */
static enum err
copy_erased(struct rebase *r, const struct vault_at *from, const struct vault_at *to)
{
	bool erased = false;
	enum err e = vault_is_erased(r->vault, from, &erased);
	return e || !erased ? e : vault_erase(r->vault, to);
}

/* The same parts under a header of the new incarnation. */
static enum err
say_again(struct rebase *r, const struct again *a)
{
	struct lane_chain *top = vault_top(&r->made);
	struct sync_mark *head = &top->last[a->at.lane - 1];
	const struct vault_at to = {top->incarnation, a->at.lane, head->seq + 1};
	uint8_t place[PLACE_BYTES];
	struct wire_header h;
	struct view row;
	OWNED_BUF struct buf header;
	buf_init(&header, WIRE_HEADER_MAX_BYTES);
	enum err e = vault_header_row(r->vault, &a->at, &row);
	if (!e)
		e = wire_header_unpack(&h, row);
	if (e)
		return e;
	h.incarnation = to.incarnation;
	h.seq = to.seq;
	if (head->seq)
		memcpy(h.prev, head->head, sizeof(h.prev));
	else
		vault_first_prev(h.prev, top, to.lane);
	memcpy(h.repeats, a->root, sizeof(h.repeats));
	vault_place(place, &to);
	e = wire_header_pack(&header, &h);
	if (!e)
		e = vault_row_put(r->vault, TABLE_ENTRIES, view_of(place, sizeof(place)),
			buf_view(&header));
	if (!e)
		e = copy_parts(r, &h, &a->at, &to);
	if (!e)
		e = copy_erased(r, &a->at, &to);
	if (e)
		return e;
	head->seq = to.seq;
	entry_hash(head->head, buf_view(&header));
	r->done.repeated++;
	return OK;
}

static enum err
drop_entry(struct rebase *r, const struct vault_at *at)
{
	uint8_t key[PLACE_PART_BYTES];
	enum err e = vault_unerase(r->vault, at);
	vault_place(key, at);
	for (uint8_t kind = PART_RULES; !e && kind <= PART_ACT; kind++) {
		key[PLACE_BYTES] = kind;
		e = vault_row_drop(r->vault, TABLE_PARTS, view_of(key, sizeof(key)));
	}
	return e ? e : vault_row_drop(r->vault, TABLE_ENTRIES, view_of(key, PLACE_BYTES));
}

/* The parts that came with it are still aside. */
static enum err
look_if_bare(struct rebase *r, struct view place)
{
	struct cursor c = cursor_of(place);
	struct vault_at at = {.incarnation = cursor_u32(&c)};
	bool bare = false;
	at.lane = (enum lane)cursor_u8(&c);
	at.seq = cursor_u64(&c);
	enum err e = vault_mark_bare(r->vault, TABLE_ASIDE, &at, &bare);
	r->done.erased += bare;
	return e;
}

static enum err
move_in(void *arg, struct view key, struct view row, bool *ret_stop)
{
	struct rebase *r = arg;
	uint8_t copy[PLACE_PART_BYTES];
	struct view content;
	(void)ret_stop;
	if (key.len > sizeof(copy))
		return vault_damaged("what was taken is not of its form");
	enum err e = vault_row_open(TABLE_ASIDE, key, row, &content);
	if (e)
		return e;
	memcpy(copy, key.at, key.len);
	struct view at = view_of(copy, key.len);
	if (key.len != PLACE_LANE_BYTES)
		e = vault_row_put(r->vault, at.len == PLACE_BYTES ? TABLE_ENTRIES : TABLE_PARTS,
			at, content);
	if (!e && at.len == PLACE_BYTES)
		e = look_if_bare(r, at);
	return e ? e : vault_row_drop(r->vault, TABLE_ASIDE, at);
}

static enum err
drop_heads(struct rebase *r)
{
	const struct vault_chains *own = &r->vault->now;
	enum err e = OK;
	for (size_t i = 0; !e && i < own->count; i++)
		for (enum lane lane = LANE_C; !e && lane <= LANE_A; lane++) {
			const struct vault_at at = {own->list[i].incarnation, lane, 0};
			uint8_t place[PLACE_BYTES];
			vault_place(place, &at);
			e = vault_row_drop(
				r->vault, TABLE_HEADS, view_of(place, PLACE_LANE_BYTES));
		}
	return e;
}

static enum err
put_heads(struct rebase *r)
{
	enum err e = drop_heads(r);
	for (size_t i = 0; !e && i < r->made.count; i++)
		for (enum lane lane = LANE_C; !e && lane <= LANE_A; lane++)
			e = vault_put_head(r->vault, r->made.list[i].incarnation, lane,
				&r->made.list[i].last[lane - 1]);
	for (enum lane lane = LANE_C; !e && lane <= LANE_A; lane++) {
		uint8_t key = (uint8_t)lane;
		e = vault_row_drop(r->vault, TABLE_MARKS, view_of(&key, 1));
	}
	return e ? e : vault_put_who(r->vault, r->asked->incarnation);
}

static enum err
put_all(struct rebase *r)
{
	enum err e = OK;
	for (size_t i = 0; !e && i < r->again_count; i++)
		if (!r->again[i].there)
			e = say_again(r, &r->again[i]);
	if (!e)
		e = rebase_each(r, false, drop_entry);
	if (!e)
		e = vault_rows(r->vault, TABLE_ASIDE, move_in, r);
	if (!e)
		e = put_heads(r);
	if (!e)
		vault_copy_chains(&r->vault->now, &r->made);
	return e;
}

enum err
vault_rebase(struct vault *v, const struct vault_rebase *asked, struct vault_rebased *ret)
{
	OWNED_BY(rebase_done) struct rebase r = {.vault = v, .asked = asked};
	*ret = (struct vault_rebased){0};
	enum err e = rebase_read_taken(&r);
	if (!e)
		e = rebase_find_again(&r);
	if (!e)
		e = put_all(&r);
	if (!e)
		*ret = r.done;
	return e;
}
