#include "tests/sim/sim_inside.h"

#include <string.h>

#include "common/trust/entry.h"
#include "tests/sim/sim_ids.h"

#define ID_FILL 0xa5

uint64_t
sim_chance(struct sim *s)
{
	if (s->explores)
		return 0;
	/* splitmix64 (Steele, Lea, Flood 2014): a counter, well stirred. */
	uint64_t z = (s->chance += 0x9e3779b97f4a7c15u);
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

void
sim_breach(struct sim *s, const char *promise)
{
	if (!s->breach)
		s->breach = promise;
}

void
sim_fresh_id(struct sim *s, uint8_t ret[static WIRE_ID_BYTES])
{
	if (s->explores) {
		sim_ids_least(s, SIM_ID, ret);
		return;
	}
	memset(ret, ID_FILL, WIRE_ID_BYTES);
	uint32_t number = ++s->ids;
	memcpy(ret, &number, sizeof(number));
}

/* ---- stores ---- */

static struct sim_chain *
unconst(const struct sim_chain *c)
{
	struct sim_chain *ret;
	memcpy(&ret, &c, sizeof(c));
	return ret;
}

struct sim_chain *
sim_chain(const struct sim_store *st, uint32_t incarnation)
{
	for (size_t i = 0; i < st->count; i++)
		if (st->chains[i].incarnation == incarnation)
			return unconst(&st->chains[i]);
	return NULL;
}

struct sim_chain *
sim_top(const struct sim_store *st)
{
	return unconst(&st->chains[st->count - 1]);
}

struct sync_mark
sim_mark(const struct sim *s, const struct sim_lane *l, uint64_t seq)
{
	struct sync_mark m = {.seq = seq};
	if (seq)
		memcpy(m.head, pool_entry(s->pool, l->at[seq - 1])->hash, sizeof(m.head));
	return m;
}

struct sync_mark
sim_end(const struct sim *s, const struct sim_lane *l)
{
	return sim_mark(s, l, l->count);
}

bool
sim_describe(const struct sim *s, const struct sim_store *st, uint32_t incarnation,
	struct lane_chain *ret)
{
	const struct sim_chain *c = sim_chain(st, incarnation);
	*ret = (struct lane_chain){.incarnation = incarnation};
	if (!c)
		return false;
	ret->more = c != sim_top(st);
	for (size_t i = 0; i < LANE_COUNT; i++)
		ret->last[i] = sim_end(s, &c->lanes[i]);
	if (c == st->chains)
		return true;
	ret->base_incarnation = c[-1].incarnation;
	for (size_t i = 0; i < LANE_COUNT; i++)
		ret->base[i] = sim_end(s, &c[-1].lanes[i]);
	return true;
}

void
sim_add(struct sim *s, struct sim_lane *l, uint16_t entry)
{
	if (l->count == SIM_ENTRIES_COUNT)
		sim_breach(s, "simulator: a lane has room for all its entries");
	else
		l->at[l->count++] = entry;
}

bool
sim_holds(const struct sim *s, const struct sim_store *st, uint16_t root)
{
	for (size_t c = 0; c < st->count; c++)
		for (size_t l = 0; l < LANE_COUNT; l++)
			for (size_t i = 0; i < st->chains[c].lanes[l].count; i++)
				if (pool_entry(s->pool, st->chains[c].lanes[l].at[i])->root ==
					root)
					return true;
	return false;
}

bool
sim_holds_number(const struct sim *s, const struct sim_store *st, uint16_t number)
{
	for (size_t c = 0; c < st->count; c++) {
		const struct sim_lane *r = &st->chains[c].lanes[LANE_R - 1];
		for (size_t i = 0; i < r->count; i++)
			if (pool_entry(s->pool, r->at[i])->content.number == number)
				return true;
	}
	return false;
}

/* ---- lines ---- */

/* Who signs this message. */
static struct secret *
key_of(const struct sim *s, bool to_hub, const struct sync_msg *m)
{
	if (m->kind == SYNC_WITNESS)
		return pool_witness_key(s->pool);
	return to_hub ? pool_writer_key(s->pool) : pool_receipt_key(s->pool);
}

/* WELCOMEs are numbered to tell copies apart; a READY answers the one before it. */
static uint32_t
number_of(struct sim *s, size_t copy, const struct sync_msg *m)
{
	if (m->kind == SYNC_WELCOME)
		return ++s->ghost.welcomes;
	bool shows = m->kind == SYNC_READY || m->kind == SYNC_HELLO;
	return shows ? s->copies[copy].disk.welcome : 0;
}

void
sim_send(struct sim *s, bool to_hub, size_t copy, struct lane_action *a)
{
	if (a->sign)
		lane_sign(a, key_of(s, to_hub, &a->msg));
	OWNED_BUF struct buf frame;
	buf_init(&frame, SYNC_FRAME_MAX_BYTES);
	if (sync_pack(&frame, &a->msg)) {
		sim_breach(s, "what a machine sends can be packed");
		return;
	}
	if (s->frame_count == SIM_FRAMES_COUNT) {
		sim_breach(s, "the lines hold a bounded number of frames");
		return;
	}
	struct sim_frame *f = &s->frames[s->frame_count++];
	*f = (struct sim_frame){.to_hub = to_hub,
		.copy = (uint8_t)copy,
		.at = pool_frame(s->pool, buf_view(&frame)),
		.welcome = number_of(s, copy, &a->msg)};
	if (a->msg.kind == SYNC_BATCH) {
		f->lane = a->msg.batch.lane;
		f->last = a->msg.batch.first + a->msg.batch.count - 1;
	}
	if (!s->explores)
		s->digest = (s->digest ^ pool_digest(s->pool, f->at)) * 0x100000001b3u + copy;
}

void
sim_take_frame(struct sim *s, size_t frame)
{
	s->frame_count--;
	memmove(s->frames + frame, s->frames + frame + 1,
		(s->frame_count - frame) * sizeof(s->frames[0]));
	s->frames[s->frame_count] = (struct sim_frame){0};
}

void
sim_cut_line(struct sim *s, size_t copy)
{
	for (size_t i = s->frame_count; i-- > 0;) {
		struct sim_frame *f = &s->frames[i];
		if (f->copy != copy)
			continue;
		if (f->to_hub)
			f->is_old = true;
		else
			sim_take_frame(s, i);
	}
}

const struct sync_batch *
sim_batch(struct sim *s, const struct sim_lane *l, const struct lane_action *a,
	bool sign_end_only)
{
	struct pool_room *room = pool_room(s->pool);
	struct sync_batch *b = &room->batch;
	*b = (struct sync_batch){
		.lane = a->lane, .first = a->mark.seq, .entries = room->entries};
	size_t bytes = SYNC_BATCH_EXTRA_BYTES;
	for (uint64_t seq = a->mark.seq; seq <= l->count && b->count < a->max_count; seq++) {
		struct sync_entry *one = &room->entries[b->count];
		pool_sync_entry(s->pool, l->at[seq - 1], one);
		bytes += sync_entry_bytes(one);
		if (bytes > (b->count ? a->max_bytes : a->limit_bytes))
			break;
		b->count++;
	}
	if (b->count == 0)
		return b;
	struct entry_head head = {.study = SIM_STUDY,
		.incarnation = a->incarnation,
		.lane = (enum lane)a->lane,
		.seq = b->first + b->count - 1};
	struct sync_mark end = sim_mark(s, l, head.seq);
	memcpy(head.writer, pool_writer(s->pool), sizeof(head.writer));
	memcpy(head.hash, end.head, sizeof(head.hash));
	memcpy(b->head, end.head, sizeof(b->head));
	if (sign_end_only)
		b->incarnation = a->incarnation;
	if (!sign_end_only || head.seq == l->count)
		entry_head_sign(b->signature, &head, pool_writer_key(s->pool));
	return b;
}
