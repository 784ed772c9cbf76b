#include "node/vault_rebase.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/log.h"
#include "common/base/mem.h"

#include "node/vault_erase.h"
#include "node/vault_inside.h"

/* A lane of an incarnation as it was taken. */
struct taken_lane {
	bool ended;
	struct sync_mark end;
	uint64_t first; /* 0: the whole lane is here already */
	uint8_t first_prev[HASH_BYTES];
	struct sync_mark last; /* taken so far */
};

struct taken {
	uint32_t incarnation;
	struct taken_lane lanes[LANE_COUNT];
};

/* An own entry that is in no chain of the hub. */
struct again {
	uint8_t root[HASH_BYTES];
	struct vault_at at;
	bool there; /* the hub has it under another place, or it is said again already */
};

struct rebase {
	struct vault *vault;
	const struct vault_rebase *asked;
	struct taken *taken; /* owned, rising */
	size_t taken_count;
	struct vault_chains made;
	struct again *again; /* owned */
	struct again **by_root;
	size_t again_count, again_room;
	struct vault_rebased done;
};

static void
rebase_done(struct rebase *r)
{
	mem_drop(&r->taken);
	mem_drop(&r->again);
	mem_drop(&r->by_root);
	vault_drop_chains(&r->made);
}

static enum err
does_not_fit(void)
{
	return fail(E_CONFLICT, "what came back from the hub does not fit together");
}

/* ---- what was taken ---- */

static struct taken *
taken_of(struct rebase *r, uint32_t incarnation)
{
	for (size_t i = 0; i < r->taken_count; i++)
		if (r->taken[i].incarnation == incarnation)
			return &r->taken[i];
	return NULL;
}

static struct taken *
add_taken(struct rebase *r, uint32_t incarnation)
{
	struct taken *t = taken_of(r, incarnation);
	if (t)
		return t;
	r->taken = xrealloc(r->taken, r->taken_count + 1, sizeof(*r->taken));
	r->taken[r->taken_count] = (struct taken){.incarnation = incarnation};
	return &r->taken[r->taken_count++];
}

static enum err
take_header(struct taken_lane *l, uint64_t seq, struct view content)
{
	struct wire_header header;
	if (wire_header_unpack(&header, content))
		return does_not_fit();
	if (l->first == 0) {
		l->first = seq;
		memcpy(l->first_prev, header.prev, HASH_BYTES);
	} else if (entry_chain_check(l->last.seq, l->last.head, &header)) {
		return does_not_fit();
	}
	l->last.seq = seq;
	entry_hash(l->last.head, content);
	return OK;
}

/* Rows come lane by lane: first where it ends, then its headers, each before its parts. */
static enum err
read_aside(void *arg, struct view key, struct view row, bool *ret_stop)
{
	struct rebase *r = arg;
	struct cursor k = cursor_of(key), c;
	struct view content;
	(void)ret_stop;
	uint32_t incarnation = cursor_u32(&k);
	uint8_t lane = cursor_u8(&k);
	enum err e = vault_row_open(TABLE_ASIDE, key, row, &content);
	if (e || key.len == PLACE_PART_BYTES)
		return e;
	if (lane < LANE_C || lane > LANE_A)
		return does_not_fit();
	struct taken_lane *l = &add_taken(r, incarnation)->lanes[lane - 1];
	if (key.len != PLACE_LANE_BYTES) {
		r->done.taken++;
		return take_header(l, cursor_u64(&k), content);
	}
	c = cursor_of(content);
	l->ended = true;
	l->end.seq = cursor_u64(&c);
	cursor_copy(&c, l->end.head, sizeof(l->end.head));
	return cursor_end(&c, "end of a lane");
}

/* Own entries of a lane that stay where they are. */
static uint64_t
stays(struct rebase *r, const struct lane_chain *own, enum lane lane)
{
	const struct taken *t = taken_of(r, own->incarnation);
	uint32_t common = r->taken[0].incarnation;
	if (t)
		return t->lanes[lane - 1].first ? t->lanes[lane - 1].first - 1
						: t->lanes[lane - 1].end.seq;
	return own->incarnation < common && vault_find_chain(&r->vault->now, common)
		       ? own->last[lane - 1].seq
		       : 0;
}

static bool
is_damage(enum err e)
{
	return e == E_FORMAT || e == E_NOTFOUND;
}

static enum err
hash_of(struct rebase *r, const struct vault_at *at, uint8_t ret[static HASH_BYTES])
{
	enum err e = vault_hash(r->vault, at, ret);
	return is_damage(e) ? vault_hash_named(r->vault, at, ret) : e;
}

/* Own entries below what was taken, and that, make the hub's lane. */
static enum err
check_lane(struct rebase *r, const struct taken *t, enum lane lane)
{
	const struct taken_lane *l = &t->lanes[lane - 1];
	const struct lane_chain *own = vault_find_chain(&r->vault->now, t->incarnation);
	const uint8_t *named = l->first ? l->first_prev : l->end.head;
	uint64_t low = l->first ? l->first - 1 : l->end.seq;
	const struct vault_at at = {t->incarnation, lane, low};
	uint8_t hash[HASH_BYTES];
	bool ends = !l->first || memcmp(&l->last, &l->end, sizeof(l->end)) == 0;
	if (!l->ended || !ends || (low && (!own || own->last[lane - 1].seq < low)))
		return does_not_fit();
	if (low == 0 && !l->first)
		return OK;
	if (low == 0) {
		vault_first_prev(hash, vault_top(&r->made), lane);
	} else {
		enum err e = hash_of(r, &at, hash);
		if (e)
			return e;
	}
	return memcmp(hash, named, HASH_BYTES) == 0 ? OK : does_not_fit();
}

static enum err
make_chain(struct rebase *r, const struct taken *t)
{
	struct lane_chain *to = vault_add_chain(&r->made, t->incarnation);
	enum err e = OK;
	for (enum lane lane = LANE_C; !e && lane <= LANE_A; lane++) {
		e = check_lane(r, t, lane);
		to->last[lane - 1] = t->lanes[lane - 1].end;
	}
	return e;
}

/* The chains as they will be, the opened one last. */
static enum err
make_chains(struct rebase *r)
{
	const struct vault_chains *own = &r->vault->now;
	enum err e = r->taken_count ? OK : does_not_fit();
	for (size_t i = 0; !e && i < own->count; i++) {
		if (own->list[i].incarnation >= r->taken[0].incarnation ||
			!vault_find_chain(own, r->taken[0].incarnation))
			continue;
		struct lane_chain *to = vault_add_chain(&r->made, own->list[i].incarnation);
		memcpy(to->last, own->list[i].last, sizeof(to->last));
	}
	for (size_t i = 0; !e && i < r->taken_count; i++)
		e = make_chain(r, &r->taken[i]);
	if (e)
		return e;
	const struct lane_chain *base = vault_top(&r->made);
	if (base->incarnation != r->asked->base_incarnation ||
		r->asked->incarnation <= base->incarnation ||
		memcmp(base->last, r->asked->base, sizeof(base->last)) != 0)
		return does_not_fit();
	(void)vault_add_chain(&r->made, r->asked->incarnation);
	return OK;
}

/* ---- what has to be said again ---- */

static enum err
root_of(struct view header, uint8_t ret[static HASH_BYTES])
{
	struct wire_header h;
	if (wire_header_unpack(&h, header))
		return vault_damaged("a header is not of its form");
	if (wire_is_zero(h.repeats, sizeof(h.repeats)))
		entry_hash(ret, header);
	else
		memcpy(ret, h.repeats, HASH_BYTES);
	return OK;
}

/* E_FORMAT, E_NOTFOUND if header or parts cannot be read. Parts that are not there were erased
 * or pruned. */
static enum err
root_of_whole(struct rebase *r, const struct vault_at *at, uint8_t ret[static HASH_BYTES])
{
	uint8_t key[PLACE_PART_BYTES];
	struct wire_header h;
	struct view row;
	enum err e = vault_header_row(r->vault, at, &row);
	if (!e)
		e = root_of(row, ret);
	if (!e)
		e = wire_header_unpack(&h, row);
	vault_place(key, at);
	for (size_t i = 0; !e && i < h.part_count; i++) {
		key[PLACE_BYTES] = (uint8_t)h.parts[i].kind;
		e = vault_row_get(r->vault, TABLE_PARTS, view_of(key, sizeof(key)), &row);
		e = e == E_NOTFOUND ? OK : e;
	}
	return e;
}

static enum err
add_again(struct rebase *r, const struct vault_at *at)
{
	if (r->again_count == r->again_room) {
		r->again_room = r->again_room ? 2 * r->again_room : 64;
		r->again = xrealloc(r->again, r->again_room, sizeof(*r->again));
	}
	struct again *a = &r->again[r->again_count];
	*a = (struct again){.at = *at};
	enum err e = root_of_whole(r, at, a->root);
	if (!e)
		r->again_count++;
	if (!is_damage(e))
		return e;
	log_error("sync",
		"entry %u/%d/%" PRIu64 " is damaged, and no other copy of it is known: %s",
		at->incarnation, at->lane, at->seq, err_text());
	r->done.lost++;
	return OK;
}

/* Own entries of a lane from one number on, each handed to `each`. */
typedef enum err entry_fn(struct rebase *r, const struct vault_at *at);

static enum err
each_entry(struct rebase *r, bool that_stay, entry_fn *each)
{
	const struct vault_chains *own = &r->vault->now;
	enum err e = OK;
	for (size_t i = 0; !e && i < own->count; i++)
		for (enum lane lane = LANE_C; !e && lane <= LANE_A; lane++) {
			const struct lane_chain *c = &own->list[i];
			uint64_t low = stays(r, c, lane);
			uint64_t last = that_stay ? low : c->last[lane - 1].seq;
			uint64_t seq = that_stay ? 1 : low + 1;
			for (; !e && seq <= last; seq++) {
				const struct vault_at at = {c->incarnation, lane, seq};
				e = each(r, &at);
			}
		}
	return e;
}

static int
by_root(const void *a, const void *b)
{
	const struct again *const *x = a, *const *y = b;
	int order = memcmp((*x)->root, (*y)->root, HASH_BYTES);
	return order ? order : (*x > *y) - (*x < *y);
}

/* Of several that say the same the first one counts. */
static void
sort_again(struct rebase *r)
{
	r->by_root = xcalloc(r->again_count + 1, sizeof(struct again *));
	for (size_t i = 0; i < r->again_count; i++)
		r->by_root[i] = &r->again[i];
	qsort(r->by_root, r->again_count, sizeof(struct again *), by_root);
	for (size_t i = 1; i < r->again_count; i++)
		if (memcmp(r->by_root[i - 1]->root, r->by_root[i]->root, HASH_BYTES) == 0)
			r->by_root[i]->there = true;
}

static void
strike_out(struct rebase *r, const uint8_t root[static HASH_BYTES])
{
	size_t low = 0, high = r->again_count;
	while (low < high) {
		size_t at = low + (high - low) / 2;
		if (memcmp(r->by_root[at]->root, root, HASH_BYTES) < 0)
			low = at + 1;
		else
			high = at;
	}
	if (low < r->again_count && memcmp(r->by_root[low]->root, root, HASH_BYTES) == 0)
		r->by_root[low]->there = true;
}

static enum err
strike_out_own(struct rebase *r, const struct vault_at *at)
{
	struct view header;
	uint8_t root[HASH_BYTES];
	enum err e = vault_header_row(r->vault, at, &header);
	if (!e)
		e = root_of(header, root);
	if (is_damage(e))
		e = hash_of(r, at, root);
	if (e)
		return e == E_CONFLICT ? OK : e;
	strike_out(r, root);
	return OK;
}

static enum err
strike_out_taken(void *arg, struct view key, struct view row, bool *ret_stop)
{
	struct view header;
	uint8_t root[HASH_BYTES];
	(void)ret_stop;
	if (key.len != PLACE_BYTES)
		return OK;
	enum err e = vault_row_open(TABLE_ASIDE, key, row, &header);
	if (!e)
		e = root_of(header, root);
	if (!e)
		strike_out(arg, root);
	return e;
}

static enum err
find_again(struct rebase *r)
{
	enum err e = each_entry(r, false, add_again);
	if (e || r->again_count == 0)
		return e;
	sort_again(r);
	e = each_entry(r, true, strike_out_own);
	return e ? e : vault_rows(r->vault, TABLE_ASIDE, strike_out_taken, r);
}

/* ---- putting ---- */

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
		e = each_entry(r, false, drop_entry);
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
	enum err e = vault_rows(v, TABLE_ASIDE, read_aside, &r);
	if (!e)
		e = make_chains(&r);
	if (!e)
		e = find_again(&r);
	if (!e)
		e = put_all(&r);
	if (!e)
		*ret = r.done;
	return e;
}
