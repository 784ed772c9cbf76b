#include "common/sync/lane_hub_inside.h"

#include <string.h>

/* ---- chunks of files ---- */

static void
ask_next(struct lane_hub_writer *w, struct lane_actions *out)
{
	struct lane_action *a = lane_add(out, LANE_NEXT_FILE);
	a->ticket = w->ticket;
	a->file.cursor = w->wanted.file.cursor;
}

void
hub_next_file(struct lane_hub_writer *w, struct lane_actions *out)
{
	if (w->state == LANE_ALIVE && !w->refills && !w->wanted.open)
		ask_next(w, out);
}

static void
send_want(const struct lane_hub_writer *w, uint32_t next, struct lane_actions *out)
{
	struct sync_want *m = &lane_add_send(out, SYNC_WANT)->msg.want;
	memcpy(m->session, w->session, sizeof(m->session));
	memcpy(m->root, w->wanted.file.root, sizeof(m->root));
	m->next = next;
	m->count = w->wanted.file.count;
}

/* A WANT was lost on the way if nothing came; the node goes by the one that came last. */
void
hub_repeat_want(struct lane_hub_writer *w, struct lane_actions *out)
{
	if (w->wanted.open && w->wanted.tail == w->wanted.file.next)
		send_want(w, w->wanted.file.next, out);
}

/* This file has to wait for another session. */
static void
leave_file(struct lane_hub_writer *w, const char *reason, struct lane_actions *out)
{
	hub_report(out, SYNC_OK, reason);
	w->refused_count++;
	w->wanted.open = false;
	ask_next(w, out);
}

static void
keep_chunk(struct lane_hub_writer *w, const struct sync_chunk *c, struct lane_actions *out)
{
	struct lane_wanted *f = &w->wanted;
	struct lane_action *a = lane_add(out, LANE_KEEP_CHUNK);
	a->ticket = w->ticket;
	a->file = f->file;
	a->file.next = c->index;
	a->bytes = c->bytes;
	f->tail = c->index + 1;
	f->held_bytes += sync_chunk_bytes(c);
	if (LANE_MUTANT(MUTANT_CHUNK_EARLY))
		send_want(w, f->tail, out);
}

void
hub_on_chunk(struct lane_hub_writer *w, const struct sync_chunk *c, struct lane_actions *out)
{
	struct lane_wanted *f = &w->wanted;
	bool asked = f->open && hub_same_head(c->root, f->file.root);
	bool placed = c->index == f->tail || LANE_MUTANT(MUTANT_CHUNK_PLACE);
	if (asked && c->index == f->tail && c->bytes.len == 0) {
		leave_file(w, "a node lacks a file that a record of it names", out);
	} else if (hub_held_bytes(w) + sync_chunk_bytes(c) > w->granted_bytes) {
		w->refused_count++;
		hub_send_close(out, w->session, SYNC_CLOSE_PROTOCOL, LANE_FULL_RETRY_MS);
		hub_end_session(w);
	} else if (asked && c->index > f->tail && !placed) {
		/* One before it was lost; the next session begins behind what is stored. */
		hub_refuse_stale(w, w->session, out);
		hub_end_session(w);
	} else if (!asked || !placed) {
		w->refused_count++;
	} else if (!lane_chunk_fits(&f->file, c) && !LANE_MUTANT(MUTANT_CHUNK_PROOF)) {
		leave_file(w, "a node sent a piece that is not of the file it names", out);
	} else {
		keep_chunk(w, c, out);
	}
}

/* ---- what the shell answers ---- */

static void
on_lacks(struct lane_hub_writer *w, const struct lane_event *ev, struct lane_actions *out)
{
	if (w->state != LANE_ALIVE || ev->ticket != w->ticket || w->wanted.open ||
		ev->file.count == 0)
		return;
	w->wanted = (struct lane_wanted){.file = ev->file, .tail = ev->file.next, .open = true};
	send_want(w, ev->file.next, out);
}

static void
on_chunk_stored(
	struct lane_hub_writer *w, const struct lane_event *ev, struct lane_actions *out)
{
	struct lane_wanted *f = &w->wanted;
	if (w->state != LANE_ALIVE || !f->open || !hub_same_head(ev->file.root, f->file.root) ||
		ev->file.next <= f->file.next)
		return;
	f->file.next = ev->file.next;
	if (f->tail <= f->file.next)
		f->held_bytes = 0;
	send_want(w, f->file.next, out);
	if (f->file.next < f->file.count)
		return;
	f->open = false;
	ask_next(w, out);
}

static void
on_proved(
	const struct lane_hub_writer *w, const struct lane_event *ev, struct lane_actions *out)
{
	if (w->state != LANE_ALIVE || ev->ticket != w->ticket)
		return;
	struct sync_log *m = &lane_add_send(out, SYNC_LOG)->msg.log;
	memcpy(m->session, w->session, sizeof(m->session));
	m->size = ev->mark.seq;
	m->note = ev->bytes;
	m->proof = ev->proof;
}

void
hub_on_file_answer(
	struct lane_hub_writer *w, const struct lane_event *ev, struct lane_actions *out)
{
	if (ev->kind == LANE_LACKS)
		on_lacks(w, ev, out);
	else if (ev->kind == LANE_CHUNK_STORED)
		on_chunk_stored(w, ev, out);
	else if (ev->kind == LANE_PROVED)
		on_proved(w, ev, out);
}

/* ---- the log, witnessed ---- */

void
hub_on_log_get(
	struct lane_hub_writer *w, const struct sync_log_get *m, struct lane_actions *out)
{
	struct lane_action *a = lane_add(out, LANE_PROVE);
	a->ticket = w->ticket;
	a->mark.seq = m->size;
}

void
hub_on_witness(
	struct lane_hub_writer *w, const struct sync_witness *m, struct lane_actions *out)
{
	if (!w->origin[0] || wire_is_zero(w->witness, sizeof(w->witness)) ||
		!lane_witness_check(m, w->origin, w->witness)) {
		w->refused_count++;
		hub_report(out, SYNC_OK, "a node's cosignature does not fit its checkpoint");
		return;
	}
	struct lane_action *a = lane_add(out, LANE_KEEP_COSIGNATURE);
	a->msg.kind = SYNC_WITNESS;
	a->msg.witness = *m;
}
