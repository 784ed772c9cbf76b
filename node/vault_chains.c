#include <inttypes.h>
#include <string.h>

#include "common/base/log.h"
#include "common/base/mem.h"
#include "common/sync/lane.h"

#include "node/vault_inside.h"

#define HEAD_MAX_BYTES 64

struct lane_chain *
vault_top(const struct vault_chains *c)
{
	return &c->list[c->count - 1];
}

struct lane_chain *
vault_find_chain(const struct vault_chains *c, uint32_t incarnation)
{
	for (size_t i = 0; i < c->count; i++)
		if (c->list[i].incarnation == incarnation)
			return &c->list[i];
	return NULL;
}

struct lane_chain *
vault_add_chain(struct vault_chains *c, uint32_t incarnation)
{
	c->list = xrealloc(c->list, c->count + 1, sizeof(*c->list));
	struct lane_chain *to = &c->list[c->count++];
	*to = (struct lane_chain){.incarnation = incarnation};
	if (c->count == 1)
		return to;
	to[-1].more = true;
	to->base_incarnation = to[-1].incarnation;
	memcpy(to->base, to[-1].last, sizeof(to->base));
	return to;
}

void
vault_copy_chains(struct vault_chains *to, const struct vault_chains *from)
{
	to->list = xrealloc(to->list, from->count + 1, sizeof(*to->list));
	to->count = from->count;
	if (from->count)
		memcpy(to->list, from->list, from->count * sizeof(*to->list));
}

void
vault_drop_chains(struct vault_chains *c)
{
	mem_drop(&c->list);
	c->count = 0;
}

/* facts */

uint32_t
vault_incarnation(const struct vault *v)
{
	return vault_top(&v->now)->incarnation;
}

struct sync_mark
vault_head(const struct vault *v, enum lane lane)
{
	return vault_top(&v->now)->last[lane - 1];
}

struct sync_mark
vault_committed(const struct vault *v, enum lane lane)
{
	return vault_top(&v->kept)->last[lane - 1];
}

bool
vault_chain(const struct vault *v, uint32_t incarnation, struct lane_chain *ret)
{
	const struct lane_chain *c = vault_find_chain(&v->kept, incarnation);
	*ret = c ? *c : (struct lane_chain){.incarnation = incarnation};
	return c != NULL;
}

static bool
find_above(const struct vault_chains *c, uint32_t incarnation, struct lane_chain *ret)
{
	*ret = (struct lane_chain){.incarnation = 0};
	for (size_t i = 0; i < c->count; i++)
		if (c->list[i].incarnation > incarnation) {
			*ret = c->list[i];
			return true;
		}
	return false;
}

bool
vault_chain_above(const struct vault *v, uint32_t incarnation, struct lane_chain *ret)
{
	return find_above(&v->kept, incarnation, ret);
}

bool
vault_chain_now_above(const struct vault *v, uint32_t incarnation, struct lane_chain *ret)
{
	return find_above(&v->now, incarnation, ret);
}

void
vault_first_prev(uint8_t ret[static HASH_BYTES], const struct lane_chain *c, enum lane lane)
{
	lane_link(ret, c->base_incarnation, (uint8_t)lane, &c->base[lane - 1]);
}

enum err
vault_put_head(struct vault *v, uint32_t incarnation, enum lane lane, const struct sync_mark *m)
{
	const struct vault_at at = {incarnation, lane, 0};
	uint8_t place[PLACE_BYTES];
	OWNED_BUF struct buf b;
	buf_init(&b, HEAD_MAX_BYTES);
	vault_place(place, &at);
	buf_u64(&b, m->seq);
	buf_add(&b, m->head, sizeof(m->head));
	return vault_row_put(v, TABLE_HEADS, view_of(place, PLACE_LANE_BYTES), buf_view(&b));
}

/* loading */

static enum err
read_head(void *arg, struct view key, struct view row, bool *ret_stop)
{
	struct vault_chains *list = arg;
	struct cursor k = cursor_of(key);
	struct view content;
	(void)ret_stop;
	uint32_t incarnation = cursor_u32(&k);
	uint8_t lane = cursor_u8(&k);
	enum err e = vault_row_open(TABLE_HEADS, key, row, &content);
	if (e)
		return e;
	if (key.len != PLACE_LANE_BYTES || lane < LANE_C || lane > LANE_A || incarnation == 0)
		return vault_damaged("a head is not of its form");
	struct lane_chain *to = vault_find_chain(list, incarnation);
	if (!to)
		to = vault_add_chain(list, incarnation);
	struct cursor c = cursor_of(content);
	struct sync_mark *mark = &to->last[lane - 1];
	mark->seq = cursor_u64(&c);
	cursor_copy(&c, mark->head, sizeof(mark->head));
	return cursor_end(&c, "head of a lane") ? vault_damaged("a head is not of its form")
						: OK;
}

/* Heads came lane by lane, so what each incarnation follows is known only now. */
static void
link_chains(struct vault_chains *c)
{
	for (size_t i = 1; i < c->count; i++)
		memcpy(c->list[i].base, c->list[i - 1].last, sizeof(c->list[i].base));
}

/* One row that is damaged keeps nobody from collecting: the head says what stood there, and the
 * scrub gets it back from the hub. */
static enum err
say_damaged(const struct vault_at *at)
{
	log_error("vault",
		"entry %u/%d/%" PRIu64 " is damaged here: it is asked for at the hub",
		at->incarnation, at->lane, at->seq);
	return OK;
}

/* The last entry that is stored has to be the head. */
static enum err
check_last(struct vault *v, const struct vault_at *at, const struct sync_mark *head)
{
	uint8_t place[PLACE_BYTES], hash[HASH_BYTES];
	struct view key, row;
	vault_place(place, at);
	enum err e =
		store_last(v->txn, TABLE_ENTRIES, view_of(place, PLACE_LANE_BYTES), &key, &row);
	if (e == E_NOTFOUND)
		return head->seq == 0 ? OK : vault_damaged("the last entries are missing");
	if (e)
		return e;
	if (key.len != PLACE_BYTES || memcmp(key.at, place, PLACE_BYTES) != 0)
		return vault_damaged("a head is not the last entry");
	e = vault_hash(v, at, hash);
	if (e == E_FORMAT)
		return say_damaged(at);
	if (!e && memcmp(hash, head->head, HASH_BYTES) != 0)
		e = vault_damaged("the last entry is not the one that its head names");
	return e;
}

/* The first entry of an incarnation stands on the end of the one before. */
static enum err
check_first(struct vault *v, const struct lane_chain *c, enum lane lane)
{
	const struct vault_at at = {c->incarnation, lane, 1};
	struct wire_header header;
	struct view row;
	uint8_t prev[HASH_BYTES];
	if (!c->base_incarnation || c->last[lane - 1].seq == 0)
		return OK;
	vault_first_prev(prev, c, lane);
	enum err e = vault_header_row(v, &at, &row);
	if (e == E_FORMAT)
		return say_damaged(&at);
	if (e == E_NOTFOUND || (!e && wire_header_unpack(&header, row)) ||
		(!e && memcmp(header.prev, prev, sizeof(prev)) != 0))
		e = vault_damaged("its parts do not follow each other");
	return e;
}

static enum err
check_chain(struct vault *v, const struct lane_chain *c, uint64_t *counted)
{
	enum err e = OK;
	for (enum lane lane = LANE_C; !e && lane <= LANE_A; lane++) {
		const struct sync_mark *head = &c->last[lane - 1];
		const struct vault_at at = {c->incarnation, lane, head->seq};
		e = check_last(v, &at, head);
		if (!e)
			e = check_first(v, c, lane);
		*counted += head->seq;
	}
	return e;
}

enum err
vault_chains_load(struct vault *v, uint32_t top)
{
	uint64_t stored = 0, counted = 0;
	vault_drop_chains(&v->now);
	enum err e = vault_rows(v, TABLE_HEADS, read_head, &v->now);
	link_chains(&v->now);
	if (!e && (v->now.count == 0 || vault_top(&v->now)->incarnation < top))
		(void)vault_add_chain(&v->now, top);
	if (!e && vault_top(&v->now)->incarnation != top)
		e = vault_damaged("there is more of it than it says");
	for (size_t i = 0; !e && i < v->now.count; i++)
		e = check_chain(v, &v->now.list[i], &counted);
	if (!e)
		e = store_count(v->txn, TABLE_ENTRIES, &stored);
	if (!e && stored != counted)
		e = vault_damaged("entries are missing or too many");
	if (!e)
		vault_copy_chains(&v->kept, &v->now);
	return e;
}
