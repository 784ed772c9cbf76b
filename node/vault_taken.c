#include "node/vault_rebase_inside.h"

#include <string.h>

#include "common/base/mem.h"

static enum err
does_not_fit(void)
{
	return fail(E_CONFLICT, "what came back from the hub does not fit together");
}

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
uint64_t
rebase_stays(struct rebase *r, const struct lane_chain *own, enum lane lane)
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

bool
rebase_is_damage(enum err e)
{
	return e == E_FORMAT || e == E_NOTFOUND;
}

enum err
rebase_hash_of(struct rebase *r, const struct vault_at *at, uint8_t ret[static HASH_BYTES])
{
	enum err e = vault_hash(r->vault, at, ret);
	return rebase_is_damage(e) ? vault_hash_named(r->vault, at, ret) : e;
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
		enum err e = rebase_hash_of(r, &at, hash);
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

enum err
rebase_read_taken(struct rebase *r)
{
	enum err e = vault_rows(r->vault, TABLE_ASIDE, read_aside, r);
	return e ? e : make_chains(r);
}

/* ---- own entries ---- */

enum err
rebase_each(struct rebase *r, bool that_stay, rebase_entry_fn *each)
{
	const struct vault_chains *own = &r->vault->now;
	enum err e = OK;
	for (size_t i = 0; !e && i < own->count; i++)
		for (enum lane lane = LANE_C; !e && lane <= LANE_A; lane++) {
			const struct lane_chain *c = &own->list[i];
			uint64_t low = rebase_stays(r, c, lane);
			uint64_t last = that_stay ? low : c->last[lane - 1].seq;
			uint64_t seq = that_stay ? 1 : low + 1;
			for (; !e && seq <= last; seq++) {
				const struct vault_at at = {c->incarnation, lane, seq};
				e = each(r, &at);
			}
		}
	return e;
}
