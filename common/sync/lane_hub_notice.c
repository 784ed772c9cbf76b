#include "common/sync/lane_hub_inside.h"

#include <string.h>

#include "common/sync/lane_batch.h"

void
hub_send_noticed(
	struct lane_hub_writer *w, const struct sync_mark *mark, struct lane_actions *out)
{
	if (w->state != LANE_ALIVE)
		return;
	struct sync_noticed *m = &lane_add_send(out, SYNC_NOTICED)->msg.noticed;
	memcpy(m->session, w->session, sizeof(m->session));
	m->mark = *mark;
}

/* One entry of lane C of the live incarnation, nothing of it but what rules see. */
static bool
is_of_its_form(const struct lane_hub_writer *w, const struct sync_batch *b)
{
	const struct sync_entry *one = &b->entries[0];
	return !w->refills && b->lane == LANE_C && b->count == 1 && b->incarnation == 0 &&
	       one->part_count == 1 && one->parts[0].kind == PART_RULES;
}

static struct sync_mark
mark_of(const struct sync_batch *b)
{
	struct sync_mark m = {.seq = b->first};
	memcpy(m.head, b->head, sizeof(m.head));
	return m;
}

/* Where the hub has an entry of that number already; one of this turn is told by its ACK. */
static void
compare(struct lane_hub_writer *w, const struct sync_mark *theirs, const struct sync_mark *ours,
	const struct sync_batch *b, struct lane_actions *out)
{
	if (!hub_same_head(theirs->head, ours->head))
		hub_found_fork(w, b, out);
	else if (theirs->seq <= w->lanes[LANE_C - 1].durable.seq)
		hub_send_noticed(w, theirs, out);
}

/* The next entry stands on the last one that is here. */
static bool
follows(const struct lane_in *l, const struct sync_batch *b,
	const uint8_t prev[static HASH_BYTES])
{
	return b->first != l->tail.seq + 1 || LANE_MUTANT(MUTANT_HUB_CHAIN) ||
	       hub_same_head(prev, l->tail.seq ? l->tail.head : l->link);
}

static void
place(struct lane_hub_writer *w, const struct sync_batch *b,
	const uint8_t prev[static HASH_BYTES], struct lane_actions *out)
{
	const struct lane_in *l = &w->lanes[LANE_C - 1];
	const struct sync_mark mark = mark_of(b);
	if (hub_contradicts_ever(w, b) || !follows(l, b, prev)) {
		hub_found_fork(w, b, out);
	} else if (mark.seq == l->tail.seq) {
		compare(w, &mark, &l->tail, b, out);
	} else {
		struct lane_action *a = lane_add(
			out, mark.seq > l->tail.seq ? LANE_NOTE_CHANGE : LANE_FIND_HEAD);
		a->ticket = w->ticket;
		a->lane = LANE_C;
		a->why = LANE_WHY_NOTICE;
		a->mark = mark;
		memcpy(a->wanted, b->head, sizeof(a->wanted));
		a->batch = b;
	}
}

void
hub_on_notice(struct lane_hub_writer *w, const struct sync_batch *b, struct lane_actions *out)
{
	const struct lane_origin origin = {w->study, w->writer, w->incarnation};
	uint8_t prev[HASH_BYTES], hash[HASH_BYTES];
	if (!is_of_its_form(w, b) || !lane_batch_signed(&origin, b) ||
		lane_batch_check(&origin, b, b->first, prev, hash))
		w->refused_count++;
	else
		place(w, b, prev, out);
}

void
hub_on_notice_head(
	struct lane_hub_writer *w, const struct lane_event *ev, struct lane_actions *out)
{
	if (ev->ticket != w->ticket || !ev->batch || !ev->found)
		return;
	const struct sync_mark mark = mark_of(ev->batch);
	compare(w, &mark, &ev->mark, ev->batch, out);
}
