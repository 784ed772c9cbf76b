#include "common/sync/lane_node_inside.h"

#include <string.h>

#define BACKOFF_DOUBLINGS_MOST 10

bool
node_same_head(const uint8_t a[static HASH_BYTES], const uint8_t b[static HASH_BYTES])
{
	return memcmp(a, b, HASH_BYTES) == 0;
}

void
node_drop_session(struct lane_node *n)
{
	n->ticket++;
	n->welcomed = false;
	n->confirmed = false;
	n->holds = false;
	n->unfound = 0;
	n->flight_count = 0;
	n->flight_bytes = 0;
	n->credit_bytes = 0;
	n->fetching = 0;
	n->blocked = false;
	n->stuck = 0;
	n->probe_lane = 0;
	n->repair_lane = 0;
	n->files = (struct lane_files){0};
	n->notices = (struct lane_notices){0};
	n->window = (struct lane_window){0};
	n->log.asked = false;
	memset(n->session, 0, sizeof(n->session));
}

/* Half of the wait is certain and half is chance, so that nodes that lost one hub together do
 * not come back together. */
static uint32_t
backoff_ms(const struct lane_node *n, uint64_t random)
{
	uint32_t doublings = MIN(n->failures, (uint32_t)BACKOFF_DOUBLINGS_MOST);
	uint32_t whole_ms = MIN(
		(uint32_t)LANE_BACKOFF_FIRST_MS << doublings, (uint32_t)LANE_BACKOFF_MOST_MS);
	uint32_t half_ms = whole_ms / 2;
	return half_ms + (uint32_t)(random % (half_ms + 1));
}

bool
node_is_own(const struct lane_node *n)
{
	return n->at.incarnation == n->own.incarnation;
}

/* What the hub is known to have of it comes with the next WELCOME. */
void
node_work_on(struct lane_node *n, const struct lane_chain *chain)
{
	n->at = *chain;
	n->incarnation = chain->incarnation;
	for (size_t i = 0; i < LANE_COUNT; i++)
		n->lanes[i] = (struct lane_out){.last = chain->last[i]};
}

void
node_greet_again(struct lane_node *n, struct lane_actions *out)
{
	lane_add(out, LANE_RECONNECT)->after_ms = 0;
	node_drop_session(n);
	n->state = LANE_OFFLINE;
}

void
node_reconnect(
	struct lane_node *n, uint64_t random, uint32_t least_ms, struct lane_actions *out)
{
	struct lane_action *a = lane_add(out, LANE_RECONNECT);
	a->after_ms = MAX(backoff_ms(n, random), least_ms);
	if (n->failures < UINT32_MAX)
		n->failures++;
	node_drop_session(n);
	n->state = LANE_OFFLINE;
	if (!node_is_own(n)) {
		const struct lane_chain own = n->own;
		node_work_on(n, &own);
	}
}

void
node_stop(struct lane_node *n, enum sync_verdict verdict, const char *reason,
	struct lane_actions *out)
{
	n->state = verdict == SYNC_UPGRADE ? LANE_MUST_UPGRADE : LANE_STOPPED;
	n->verdict = verdict;
	n->reason = reason;
	struct lane_action *a = lane_add(out, LANE_STOP);
	a->verdict = verdict;
	a->reason = reason;
	node_drop_session(n);
}

void
node_diverged(struct lane_node *n, struct lane_actions *out)
{
	struct sync_close *c = &lane_add_send(out, SYNC_CLOSE)->msg.close;
	memcpy(c->session, n->session, sizeof(c->session));
	c->code = SYNC_CLOSE_FORK;
	node_stop(n, SYNC_FORK, "the hub holds entries of this node that are not its own", out);
}

void
node_report(struct lane_actions *out, const char *reason)
{
	struct lane_action *a = lane_add(out, LANE_REPORT);
	a->verdict = SYNC_OK;
	a->reason = reason;
}

void
node_send_ready(struct lane_node *n, struct lane_actions *out)
{
	struct lane_action *a = lane_add_send(out, SYNC_READY);
	struct sync_ready *r = &a->msg.ready;
	a->sign = true;
	memcpy(a->transcript, n->transcript, sizeof(a->transcript));
	memcpy(r->session, n->session, sizeof(r->session));
	r->control_last = n->lanes[LANE_C - 1].last.seq;
	r->config = n->config;
}

void
node_find_head(struct lane_node *n, uint8_t lane, enum lane_why why,
	const struct sync_mark *theirs, struct lane_actions *out)
{
	struct lane_action *a = lane_add(out, LANE_FIND_HEAD);
	a->ticket = n->ticket;
	a->incarnation = n->incarnation;
	a->lane = lane;
	a->why = why;
	a->mark.seq = theirs->seq;
	memcpy(a->wanted, theirs->head, sizeof(a->wanted));
}
