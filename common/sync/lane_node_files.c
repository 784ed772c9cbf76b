#include "common/sync/lane_node_inside.h"

#include <string.h>

/* What a chunk takes at most: a proof is as long as its file's tree is high. */
#define CHUNK_ROOM_BYTES                                                                       \
	(SYNC_CHUNK_MAX_BYTES + SYNC_BATCH_EXTRA_BYTES + (size_t)20 * WIRE_HASH_BYTES)

static bool
waits_for_acks(const struct lane_node *n)
{
	for (size_t i = 0; i < LANE_COUNT; i++)
		if (n->lanes[i].acked.seq < n->lanes[i].last.seq)
			return true;
	return false;
}

static size_t
chunks_on_their_way(const struct lane_node *n)
{
	size_t count = 0;
	for (size_t i = 0; i < n->flight_count; i++)
		count += n->flights[i].lane == LANE_CHUNKS;
	return count;
}

void
node_pump_chunk(struct lane_node *n, struct lane_actions *out)
{
	const struct lane_files *f = &n->files;
	bool may = node_all_sent(n) && (!waits_for_acks(n) || chunks_on_their_way(n) == 0);
	if (!f->open || f->sent >= f->want.count || !node_is_own(n) ||
		!(may || LANE_MUTANT(MUTANT_CHUNK_FIRST)) || node_room(n) < CHUNK_ROOM_BYTES)
		return;
	n->fetching = LANE_CHUNKS;
	struct lane_action *a = lane_add(out, LANE_FETCH_CHUNK);
	a->ticket = n->ticket;
	a->file = f->want;
	a->file.next = f->sent;
}

/* The hub has the chunks below w->next. Of the file it asked for already that is an ACK, or it
 * lost some, or it asks once more because nothing came. */
static void
go_on(struct lane_node *n, const struct sync_want *w, int64_t mono_ms)
{
	struct lane_files *f = &n->files;
	if (w->next > f->want.next) {
		node_ack_flights(n, LANE_CHUNKS, w->next, mono_ms);
		n->progress_ms = mono_ms;
	} else if (w->next < f->want.next) {
		node_drop_flights(n, LANE_CHUNKS, 0, UINT64_MAX);
	}
	f->want.next = w->next;
	if (f->sent < w->next || chunks_on_their_way(n) == 0)
		f->sent = w->next;
}

void
node_on_want(struct lane_node *n, const struct lane_event *ev, struct lane_actions *out)
{
	const struct sync_want *w = &ev->message->want;
	struct lane_files *f = &n->files;
	if (w->next > w->count)
		return;
	if (f->open && node_same_head(f->want.root, w->root) && f->want.count == w->count) {
		go_on(n, w, ev->mono_ms);
	} else {
		node_drop_flights(n, LANE_CHUNKS, 0, UINT64_MAX);
		*f = (struct lane_files){.open = true, .sent = w->next};
		f->want.next = w->next;
		f->want.count = w->count;
		memcpy(f->want.root, w->root, sizeof(f->want.root));
	}
	if (w->next == w->count) {
		lane_add(out, LANE_FILE_SENT)->file = f->want;
		f->open = false;
	}
	node_pump(n, out);
}

static void
send_chunk(struct lane_node *n, const struct lane_event *ev, struct lane_actions *out)
{
	struct lane_files *f = &n->files;
	struct sync_chunk *c = &lane_add_send(out, SYNC_CHUNK)->msg.chunk;
	memcpy(c->session, n->session, sizeof(c->session));
	memcpy(c->root, f->want.root, sizeof(c->root));
	c->index = f->sent;
	if (!ev->found) {
		f->open = false;
		return;
	}
	c->bytes = ev->bytes;
	c->proof = ev->proof;
	f->sent++;
	const struct sync_mark last = {.seq = f->sent};
	node_add_flight(n, LANE_CHUNKS, &last, sync_chunk_bytes(c), ev->mono_ms);
}

void
node_on_chunk_fetched(
	struct lane_node *n, const struct lane_event *ev, struct lane_actions *out)
{
	const struct lane_files *f = &n->files;
	if (n->state != LANE_UP || ev->ticket != n->ticket || n->fetching != LANE_CHUNKS)
		return;
	n->fetching = 0;
	bool asked = f->open && ev->file.next == f->sent &&
		     node_same_head(ev->file.root, f->want.root);
	/* An entry that was written meanwhile goes first. */
	if (asked && (node_all_sent(n) || LANE_MUTANT(MUTANT_CHUNK_FIRST)))
		send_chunk(n, ev, out);
	node_pump(n, out);
}
