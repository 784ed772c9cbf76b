#include "tests/sim/sim_inside.h"

#include <string.h>

/* The first withdrawal behind a place, alone in its batch. */
void
sim_notice_find(struct sim *s, const struct sim_copy *c, const struct lane_action *a,
	struct lane_event *ev)
{
	const struct sim_chain *chain = sim_chain(&c->disk.store, a->incarnation);
	const struct sim_lane *l = chain ? &chain->lanes[LANE_C - 1] : NULL;
	*ev = (struct lane_event){.kind = LANE_CHANGE_FOUND, .ticket = a->ticket};
	for (uint64_t seq = a->mark.seq + 1; l && s->plays_notices && seq <= l->count; seq++) {
		if (pool_entry(s->pool, l->at[seq - 1])->content.kind != POOL_WITHDRAWAL)
			continue;
		struct lane_action one = *a;
		one.mark.seq = seq;
		one.max_count = 1;
		one.max_bytes = one.limit_bytes = SYNC_FRAME_MAX_BYTES;
		ev->batch = sim_batch(s, l, &one, false);
		ev->found = true;
		return;
	}
}

void
sim_notice_keep(struct sim *s, const struct lane_action *a)
{
	struct sim_hub *h = &s->hub;
	const struct pool_entry *e =
		pool_entry(s->pool, pool_find(s->pool, a->batch->entries[0].header));
	if (a->mark.seq <= sim_top(&h->live.store)->lanes[LANE_C - 1].count)
		sim_breach(s, "a notice is of an entry that is still to come");
	if (e->content.kind != POOL_WITHDRAWAL || h->noted_count == LANE_NOTICES_MAX_COUNT)
		return;
	h->live.noticed |= 1u << e->content.subject;
	h->noted[h->noted_count++] = a->mark;
	h->is_dirty = true;
}

void
sim_notice_committed(struct sim *s)
{
	struct sim_hub *h = &s->hub;
	size_t count = h->noted_count;
	h->noted_count = 0;
	for (size_t i = 0; i < count; i++) {
		const struct lane_event ev = {.kind = LANE_CHANGE_NOTED, .mark = h->noted[i]};
		sim_hub_tell(s, &ev);
	}
	memset(h->noted, 0, sizeof(h->noted));
}

void
sim_notice_check(struct sim *s, const struct sync_noticed *m)
{
	uint32_t subjects = pool_subjects(s->pool, m->mark.head);
	if (subjects == 0)
		sim_breach(s, "NOTICED names an entry that somebody made");
	s->ghost.acked_withdrawn |= subjects;
}
