#include "tests/sim/sim_inside.h"

#include <string.h>

#define SETTLE_MOST_COUNT 6000

static bool
is_quiet(const struct sim *s, size_t copy)
{
	return s->frame_count == 0 && !s->hub.is_dirty && !s->copies[copy].token_waits;
}

static bool
is_done(const struct sim *s, size_t copy)
{
	const struct lane_node *n = &s->copies[copy].node;
	if (n->state != LANE_UP || n->incarnation != n->own.incarnation || !n->confirmed ||
		!is_quiet(s, copy) || s->hub.lane.wanted.open)
		return false;
	for (size_t i = 0; i < LANE_COUNT; i++)
		if (n->lanes[i].acked.seq < n->lanes[i].last.seq)
			return false;
	return true;
}

/* The next thing that happens by itself. */
static void
go_on(struct sim *s, size_t copy)
{
	const struct sim_copy *c = &s->copies[copy];
	if (s->frame_count)
		sim_act(s, SIM_DELIVER, 0);
	else if (s->hub.is_dirty)
		sim_act(s, SIM_COMMIT_HUB, 0);
	else if (c->token_waits)
		sim_act(s, SIM_COMMIT_NODE, copy);
	else if (c->node.state == LANE_STOPPED)
		sim_act(s, SIM_SURVIVE, copy);
	else if (c->node.state == LANE_OFFLINE)
		s->mono_ms = MAX(s->mono_ms, c->connect_ms), sim_act(s, SIM_CONNECT, copy);
	else if (!sim_waits_in_vain(s, copy))
		sim_breach(s, "I5: a node rests while the hub lacks entries of it");
	else
		sim_act(s, s->explores ? SIM_LOSE_LINE : SIM_TICK, s->explores ? copy : 0);
}

void
sim_settle_begin(struct sim *s)
{
	for (size_t i = 0; i < SIM_COPIES_COUNT; i++)
		if (s->copies[i].there && s->copies[i].node.state != LANE_OFFLINE)
			sim_lose_line(s, i);
	memset(s->frames, 0, sizeof(s->frames));
	s->frame_count = 0;
	if (s->hub.mode == SYNC_DRAIN)
		sim_act(s, SIM_DRAIN, 0);
	struct lane_event credit = {.kind = LANE_CREDIT, .credit_bytes = SYNC_CREDIT_MIN_BYTES};
	sim_hub_tell(s, &credit);
}

bool
sim_settle_step(struct sim *s, size_t copy)
{
	if (!s->copies[copy].there)
		return false;
	if (!is_done(s, copy)) {
		go_on(s, copy);
		return !s->breach;
	}
	sim_lose_line(s, copy);
	memset(s->frames, 0, sizeof(s->frames));
	s->frame_count = 0;
	return false;
}

void
sim_settle_end(struct sim *s)
{
	if (!s->breach)
		sim_check_settled(s);
	if (!s->breach && s->hub.mode != SYNC_NORMAL)
		sim_breach(s, "a hub that heard every writer is in order again");
}

void
sim_settle(struct sim *s)
{
	sim_settle_begin(s);
	for (size_t i = 0; i < SIM_COPIES_COUNT && !s->breach; i++)
		for (size_t steps = 0; sim_settle_step(s, i); steps++)
			if (steps == SETTLE_MOST_COUNT)
				sim_breach(s, "I5: what a node holds comes to the hub when "
					      "nothing disturbs it");
	sim_settle_end(s);
}
