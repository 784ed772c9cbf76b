#include "common/sync/lane_node_inside.h"

#include <string.h>

#define MS_PER_S 1000

void
node_ask_log(struct lane_node *n, int64_t mono_ms, struct lane_actions *out)
{
	struct lane_log *l = &n->log;
	if (!l->key.name[0] || l->alarmed || l->waits)
		return;
	struct sync_log_get *g = &lane_add_send(out, SYNC_LOG_GET)->msg.log_get;
	memcpy(g->session, n->session, sizeof(g->session));
	g->size = l->kept.seq;
	l->asked = true;
	l->asked_ms = mono_ms;
}

static void
send_witness(struct lane_node *n, int64_t wall_ms, struct lane_actions *out)
{
	struct lane_action *a = lane_add_send(out, SYNC_WITNESS);
	struct sync_witness *w = &a->msg.witness;
	a->sign = true;
	a->origin = n->log.key.name;
	memcpy(w->session, n->session, sizeof(w->session));
	w->checkpoint = n->log.pending;
	w->time_s = wall_ms > 0 ? (uint64_t)wall_ms / MS_PER_S : 0;
}

static void
alarm_of(struct lane_node *n, struct view note, struct lane_actions *out)
{
	struct lane_action *a = lane_add(out, LANE_ALARM);
	a->reason = "the hub's log does not continue what it showed this node before";
	a->bytes = note;
	n->log.alarmed = true;
}

static void
keep_checkpoint(struct lane_node *n, struct view note, struct lane_actions *out)
{
	if (LANE_MUTANT(MUTANT_LOG_EARLY))
		send_witness(n, 0, out);
	struct lane_action *a = lane_add(out, LANE_KEEP_CHECKPOINT);
	a->ticket = n->ticket;
	a->mark = n->log.pending;
	a->bytes = note;
	n->log.waits = true;
}

void
node_on_log(struct lane_node *n, const struct sync_log *m, struct lane_actions *out)
{
	struct lane_log *l = &n->log;
	struct sync_mark now = {0};
	if (!l->asked || m->size != l->kept.seq)
		return;
	l->asked = false;
	if (m->note.len == 0 && l->kept.seq == 0)
		return;
	if (!lane_log_read(&now, m->note, &l->key)) {
		node_report(out, "the hub showed a checkpoint that its log did not sign");
		return;
	}
	if (!lane_log_grew(&l->kept, &now, m->proof) && !LANE_MUTANT(MUTANT_LOG_PROOF)) {
		alarm_of(n, m->note, out);
	} else if (now.seq > l->kept.seq) {
		l->pending = now;
		keep_checkpoint(n, m->note, out);
	}
}

/* What is committed is kept, whatever became of the session meanwhile. */
void
node_on_checkpoint_kept(
	struct lane_node *n, const struct lane_event *ev, struct lane_actions *out)
{
	struct lane_log *l = &n->log;
	if (!l->waits)
		return;
	l->kept = l->pending;
	l->waits = false;
	if (n->state == LANE_UP && ev->ticket == n->ticket && !LANE_MUTANT(MUTANT_LOG_EARLY))
		send_witness(n, ev->wall_ms, out);
}
