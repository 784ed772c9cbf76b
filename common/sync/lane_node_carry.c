#include <string.h>

#include "common/sync/lane_carry.h"
#include "common/sync/lane_node_inside.h"

static bool
is_stopped(const struct lane_node *n)
{
	return n->state == LANE_STOPPED || n->state == LANE_MUST_UPGRADE;
}

static enum lane_carried
behind(struct lane_node *n, struct lane_actions *out)
{
	if (!is_stopped(n))
		node_stop(n, SYNC_BEHIND,
			"the hub has given a receipt for entries of this node that are not "
			"here",
			out);
	return LANE_CARRIED_BEHIND;
}

/* Only forward: what a session has shown meanwhile stands. */
static enum lane_carried
taken(struct lane_node *n, const struct sync_ack *ack, struct lane_actions *out)
{
	const struct sync_receipt *r = &ack->receipt;
	struct lane_out *l = &n->lanes[r->lane - 1];
	if (r->mark.seq <= l->at_hub)
		return LANE_CARRIED_KNOWN;
	l->at_hub = r->mark.seq;
	n->receipts[r->lane - 1] = *r;
	struct lane_action *a = lane_add(out, LANE_KEEP_RECEIPT);
	a->lane = r->lane;
	a->msg.kind = SYNC_ACK;
	a->msg.ack.has_receipt = true;
	a->msg.ack.receipt = *r;
	if (r->mark.seq > l->shown_acked) {
		l->shown_acked = r->mark.seq;
		a = lane_add(out, LANE_KEEP_ACKED);
		a->lane = r->lane;
		a->mark = r->mark;
	}
	return LANE_CARRIED_TAKEN;
}

enum lane_carried
lane_node_carry(struct lane_node *n, const struct sync_ack *ack, const uint8_t *own,
	struct lane_actions *out)
{
	const struct sync_receipt *r = &ack->receipt;
	lane_begin(out);
	if (!ack->has_receipt)
		return LANE_CARRIED_KNOWN;
	if (r->lane < LANE_C || r->lane > LANE_A ||
		memcmp(r->writer, n->writer, sizeof(n->writer)) != 0 ||
		!lane_receipt_check(r, n->receipt_public))
		return LANE_CARRIED_DAMAGED;
	if (r->incarnation < n->own.incarnation)
		return LANE_CARRIED_EARLIER;
	bool is_own = own && node_same_head(own, r->mark.head);
	if (r->incarnation > n->own.incarnation || !(is_own || LANE_MUTANT(MUTANT_CARRY_OWN)))
		return behind(n, out);
	/* An earlier incarnation is at work: its marks are not those of the own one. */
	if (!node_is_own(n))
		return LANE_CARRIED_KNOWN;
	return taken(n, ack, out);
}

bool
lane_node_carry_verdict(
	struct lane_node *n, enum sync_verdict verdict, struct lane_actions *out)
{
	lane_begin(out);
	if (is_stopped(n))
		return false;
	if (verdict == SYNC_REVOKED)
		node_stop(n, verdict, "the hub has revoked this installation", out);
	else if (verdict == SYNC_FORK)
		node_stop(
			n, verdict, "the hub holds other entries under the same numbers", out);
	else if (verdict == SYNC_CLONE)
		node_stop(n, verdict, "a second copy of this installation is in use", out);
	return n->state == LANE_STOPPED;
}

/* A question of a session that is open stays open. */
void
lane_node_carry_log(struct lane_node *n, const struct sync_log *m, struct lane_actions *out)
{
	struct lane_log *l = &n->log;
	bool asked = l->asked;
	lane_begin(out);
	if (!l->key.name[0] || l->alarmed || l->waits)
		return;
	l->asked = true;
	node_on_log(n, m, out);
	l->asked = asked;
}
