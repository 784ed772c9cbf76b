#include "common/sync/lane_node_inside.h"

#include <string.h>

void
node_pump_notices(struct lane_node *n, struct lane_actions *out)
{
	struct lane_notices *x = &n->notices;
	const struct lane_out *c = &n->lanes[LANE_C - 1];
	uint64_t from = MAX(x->looked, c->acked.seq);
	if (n->state != LANE_UP || x->asked || x->count == LANE_NOTICES_MAX_COUNT ||
		from >= c->last.seq)
		return;
	x->asked = true;
	struct lane_action *a = lane_add(out, LANE_FIND_CHANGE);
	a->ticket = n->ticket;
	a->incarnation = n->incarnation;
	a->lane = LANE_C;
	a->mark.seq = from;
}

static void
keep_only(struct lane_notices *x, uint64_t above, uint64_t but)
{
	size_t kept = 0;
	for (size_t i = 0; i < x->count; i++)
		if (x->on_way[i].seq > above && x->on_way[i].seq != but)
			x->on_way[kept++] = x->on_way[i];
	memset(x->on_way + kept, 0, (x->count - kept) * sizeof(x->on_way[0]));
	x->count = kept;
}

void
node_notices_acked(struct lane_node *n, uint64_t upto)
{
	keep_only(&n->notices, upto, 0);
}

/* It is neither in a flight nor counted against the credit: it is small, and there are few. */
static void
send_notice(struct lane_node *n, const struct sync_batch *b, struct lane_actions *out)
{
	struct lane_notices *x = &n->notices;
	struct sync_mark *mark = &x->on_way[x->count++];
	struct sync_batch *m = &lane_add_send(out, SYNC_NOTICE)->msg.batch;
	*m = *b;
	memcpy(m->session, n->session, sizeof(m->session));
	m->control_floor = 0;
	m->incarnation = 0;
	mark->seq = b->first;
	memcpy(mark->head, b->head, sizeof(mark->head));
	x->looked = b->first;
}

void
node_on_change_found(struct lane_node *n, const struct lane_event *ev, struct lane_actions *out)
{
	struct lane_notices *x = &n->notices;
	const struct lane_out *c = &n->lanes[LANE_C - 1];
	const struct sync_batch *b = ev->batch;
	if (n->state != LANE_UP || ev->ticket != n->ticket || !x->asked)
		return;
	x->asked = false;
	uint64_t from = MAX(x->looked, c->acked.seq);
	/* A shell that does not get further is not asked again before something is appended. */
	if (!ev->found || !b)
		x->looked = ev->mark.seq > from ? ev->mark.seq : c->last.seq;
	else if (b->count == 1 && b->lane == LANE_C && b->first > from)
		send_notice(n, b, out);
	node_pump_notices(n, out);
}

void
node_on_noticed(struct lane_node *n, const struct sync_noticed *m, struct lane_actions *out)
{
	struct lane_notices *x = &n->notices;
	for (size_t i = 0; i < x->count; i++) {
		if (x->on_way[i].seq != m->mark.seq ||
			!node_same_head(x->on_way[i].head, m->mark.head))
			continue;
		keep_only(x, 0, m->mark.seq);
		struct lane_action *a = lane_add(out, LANE_KEEP_NOTICED);
		a->incarnation = n->incarnation;
		a->lane = LANE_C;
		a->mark = m->mark;
		node_pump_notices(n, out);
		return;
	}
}
