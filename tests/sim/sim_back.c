#include "tests/sim/sim_inside.h"

#include <string.h>

#define LIE_ENTRIES 3

void
sim_back_lie(struct sim *s, size_t copy)
{
	struct lane_node *n = &s->copies[copy].node;
	for (uint8_t i = 0; i < LANE_COUNT; i++) {
		struct sync_receipt *r = &n->receipts[i];
		uint64_t seq = n->lanes[i].last.seq + LIE_ENTRIES;
		n->lanes[i].shown_acked = seq;
		r->incarnation = n->incarnation;
		r->lane = (uint8_t)(i + 1);
		r->epoch = MAX(r->epoch, s->hub.epoch);
		r->mark.seq = seq;
		memcpy(r->writer, n->writer, sizeof(r->writer));
	}
}

void
sim_back_heard(struct sim *s, const struct sync_hello *h)
{
	struct cursor c = cursor_of(h->receipts);
	struct sync_receipt r;
	s->hub.greeted_falsely = false;
	while (s->plays_back && c.left && !s->hub.greeted_falsely)
		s->hub.greeted_falsely = sync_unpack_receipt(&r, cursor_blob(&c)) ||
					 !lane_receipt_check(&r, s->hub.lane.receipt_public);
}

void
sim_back_signed(struct sim *s, const struct sync_receipt *r)
{
	uint16_t *far = &s->ghost.receipted[r->incarnation][r->lane - 1];
	*far = MAX(*far, (uint16_t)r->mark.seq);
}

static uint64_t
stored(const struct sim *s, uint32_t incarnation, size_t lane)
{
	const struct sim_chain *c = sim_chain(&s->hub.disk.store, incarnation);
	return c ? c->lanes[lane].count : 0;
}

static bool
lacks(const struct sim *s)
{
	for (uint32_t n = 0; n < SIM_NUMBERS_COUNT; n++)
		for (size_t l = 0; l < LANE_COUNT; l++)
			if (s->ghost.receipted[n][l] > stored(s, n, l))
				return true;
	return false;
}

void
sim_back_told(struct sim *s, struct lane_event *ev)
{
	struct sim_hub *h = &s->hub;
	if (!lacks(s))
		sim_breach(
			s, "nobody's word begins a RECOVERY: a hub that lacks nothing goes on");
	if (h->mode == SYNC_RECOVERY)
		return;
	h->mode = SYNC_RECOVERY;
	h->epoch++;
	ev->kind = LANE_MODE;
	ev->mode = h->mode;
	ev->epoch = h->epoch;
}

void
sim_back_check_live(struct sim *s)
{
	const struct sim_hub *h = &s->hub;
	const struct sim_copy *c = &s->copies[h->routing];
	const struct sync_receipt *all = c->disk.receipts;
	/* Who lies shows its own instead, and a greeting on its way outlives who sent it. */
	if (h->greeted_falsely || memcmp(all, c->node.receipts, sizeof(c->node.receipts)) != 0)
		return;
	for (size_t i = 0; i < LANE_COUNT && h->mode == SYNC_NORMAL; i++)
		if (all[i].incarnation >= sim_top(&h->disk.store)->incarnation &&
			all[i].epoch >= h->epoch &&
			all[i].mark.seq > stored(s, all[i].incarnation, i))
			sim_breach(s, "a hub that went backwards learns it from whoever holds "
				      "its receipt");
}
