#include "node/sync_session_inside.h"

#include <string.h>

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/mem.h"

#include "node/sync_batch.h"
#include "node/sync_change.h"
#include "node/sync_chunks.h"

#define FOLLOW_FIRST_COUNT 16

/* events that wait */

static uint64_t
random_u64(void)
{
	uint64_t n;
	crypto_random(&n, sizeof(n));
	return n;
}

struct lane_event
sync_session_event_of(enum lane_event_kind kind)
{
	return (struct lane_event){
		.kind = kind, .mono_ms = clock_mono_ms(), .random = random_u64()};
}

static void
enqueue(struct sync_session *s, const struct follow *f)
{
	if (s->follow_count - s->follow_at == SESSION_FOLLOW_MAX_COUNT) {
		s->is_flooded = true;
		return;
	}
	if (s->follow_at == s->follow_count)
		s->follow_at = s->follow_count = 0;
	if (s->follow_count == s->follow_room) {
		s->follow_room = s->follow_room ? 2 * s->follow_room : FOLLOW_FIRST_COUNT;
		s->follow = xrealloc(s->follow, s->follow_room, sizeof(*s->follow));
	}
	s->follow[s->follow_count++] = *f;
}

void
sync_session_enqueue(struct sync_session *s, const struct lane_event *event)
{
	enqueue(s, &(const struct follow){.event = *event});
}

void
sync_session_ask_fetch(struct sync_session *s, const struct lane_action *a)
{
	s->is_held = s->is_held && (a->why == LANE_WHY_PULL || a->kind == LANE_FIND_CHANGE);
	enqueue(s, &(const struct follow){.fetch = true, .asked = *a});
}

/* one after the other */

enum err
sync_session_step(struct sync_session *s, const struct lane_event *event)
{
	enum err e = OK;
	lane_node_step(&s->node, event, &s->actions);
	for (size_t i = 0; !e && i < s->actions.count; i++)
		e = sync_session_carry_out(s, &s->actions.at[i]);
	return e;
}

static enum err
step_chunk(struct sync_session *s, const struct lane_action *a)
{
	struct merkle_proof proof;
	struct lane_event fetched = sync_session_event_of(LANE_CHUNK_FETCHED);
	enum err e = sync_chunks_read(s->site.vault, a, &proof, &fetched);
	return e ? e : sync_session_step(s, &fetched);
}

/* An entry that is damaged here ends no process: its lane stops, and all else goes on. */
static enum err
read_batch(struct sync_session *s, const struct sync_reader_ask *ask,
	const struct sync_batch **ret)
{
	enum err e = sync_reader_read(s->reader, s->site.vault, ask, ret);
	if (e != E_FORMAT && e != E_NOTFOUND)
		return e;
	*ret = NULL;
	log_error("sync", "an entry that is to be sent is damaged here: %s", err_text());
	return OK;
}

/* A change is small and has no more than its rules part. One that is damaged is passed over;
 * one that is not committed yet is looked for again when it is. */
static enum err
step_change(struct sync_session *s, const struct lane_action *a)
{
	const struct sync_batch *batch = NULL;
	struct lane_event found = sync_session_event_of(LANE_CHANGE_FOUND);
	struct sync_reader_ask ask = {.incarnation = a->incarnation,
		.lane = LANE_C,
		.max_bytes = SYNC_FRAME_MAX_BYTES,
		.limit_bytes = SYNC_FRAME_MAX_BYTES,
		.max_count = 1,
		.study = s->site.card->study,
		.writer = s->site.keys->writer_public,
		.key = s->site.keys->writer};
	enum err e = sync_change_after(s->site.vault, a->incarnation, a->mark.seq, &ask.first);
	if (!e && ask.first)
		e = read_batch(s, &ask, &batch);
	found.ticket = a->ticket;
	found.found = batch && batch->count == 1;
	found.batch = batch;
	found.mark.seq = MIN(ask.first, s->node.lanes[LANE_C - 1].last.seq);
	return e ? e : sync_session_step(s, &found);
}

static enum err
step_fetched(struct sync_session *s, const struct lane_action *a)
{
	if (a->kind == LANE_FETCH_CHUNK)
		return step_chunk(s, a);
	if (a->kind == LANE_FIND_CHANGE)
		return step_change(s, a);
	const struct sync_batch *batch = NULL;
	struct sync_reader_ask ask = {.incarnation = a->incarnation,
		.lane = (enum lane)a->lane,
		.first = a->mark.seq,
		.max_bytes = a->max_bytes,
		.limit_bytes = a->limit_bytes,
		.max_count = a->max_count,
		.study = s->site.card->study,
		.writer = s->site.keys->writer_public,
		.key = s->site.keys->writer};
	enum err e = read_batch(s, &ask, &batch);
	if (e)
		return e;
	struct lane_event fetched = sync_session_event_of(LANE_FETCHED);
	fetched.ticket = a->ticket;
	fetched.lane = a->lane;
	fetched.why = a->why;
	fetched.chain.incarnation = a->incarnation;
	fetched.batch = batch;
	return sync_session_step(s, &fetched);
}

/* One that has to wait is asked about again with the next event. */
static enum err
fetch_or_hold(struct sync_session *s, struct lane_action *asked)
{
	if (!s->site.pace || asked->kind == LANE_FIND_CHANGE ||
		sync_pace_may(s->site.pace, &s->node, asked))
		return step_fetched(s, asked);
	s->is_held = true;
	s->held = *asked;
	return OK;
}

/* What an event leads to is bounded; if it is not after all, nothing of it may be left out. */
static enum err
start_over(struct sync_session *s)
{
	log_error("sync", "too much follows from one message: the session begins anew");
	s->site.reconnect(s->site.arg, SESSION_AFTER_FAILURE_MS);
	return sync_session_begin(s);
}

/* Everything that follows, in order. What a step lends ends with the next one, and each step's
 * actions are carried out before that. */
enum err
sync_session_run(struct sync_session *s)
{
	enum err e = OK;
	if (s->is_held) {
		const struct lane_action held = s->held;
		sync_session_ask_fetch(s, &held);
	}
	while (!e && !s->is_flooded && s->follow_at < s->follow_count) {
		struct follow next = s->follow[s->follow_at++];
		e = next.fetch ? fetch_or_hold(s, &next.asked)
			       : sync_session_step(s, &next.event);
	}
	s->follow_at = s->follow_count = 0;
	return e || !s->is_flooded ? e : start_over(s);
}
