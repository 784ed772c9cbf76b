#include "tests/sim/lane_world.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "tests/sim/lane_world_inside.h"

#define TICK_MS      1000
#define PENDING_MOST 96
#define FETCH_MOST   SYNC_BATCH_MAX_COUNT
#define CONFIG_BYTES 150000

void
world_inject(struct world *w, bool to_hub, struct view frame)
{
	if (w->frame_first + w->frame_count >= WORLD_FRAMES_MAX_COUNT) {
		memmove(w->frames, w->frames + w->frame_first,
			w->frame_count * sizeof(w->frames[0]));
		w->frame_first = 0;
	}
	if (w->frame_count == WORLD_FRAMES_MAX_COUNT) {
		world_breach(w, "the line holds a bounded number of frames");
		return;
	}
	w->frames[w->frame_first + w->frame_count++] =
		(struct world_frame){to_hub, w->line, xmemdup(frame.at, frame.len), frame.len};
}

void
world_tell_node(struct world *w, const struct lane_event *ev)
{
	struct lane_event queue[PENDING_MOST] = {*ev};
	size_t count = 1;
	OWNED_MEM struct lane_actions *out = xcalloc(1, sizeof(*out));
	OWNED_MEM struct sync_entry *entries = xcalloc(FETCH_MOST, sizeof(*entries));
	struct sync_batch batch;
	for (size_t i = 0; i < count; i++) {
		queue[i].mono_ms = w->mono_ms;
		queue[i].random = world_chance(w);
		/* The commit comes after the actions of the step, as in a turn of the real
		 * shell. */
		if (queue[i].kind == LANE_TOKEN_KEPT)
			memcpy(w->node_token, queue[i].token, sizeof(w->node_token));
		lane_node_step(&w->node, &queue[i], out);
		if (out->count == LANE_ACTIONS_MAX_COUNT)
			world_breach(w, "a step asks for fewer actions than there is room for");
		for (size_t k = 0; k < out->count; k++) {
			struct lane_event answer;
			world_node_carry_out(w, &out->at[k], entries, &batch, &answer);
			if (answer.kind && count < PENDING_MOST)
				queue[count++] = answer;
			else if (answer.kind)
				world_breach(
					w, "one event leads to a bounded number of answers");
		}
	}
}

void
world_tell_hub(struct world *w, const struct lane_event *ev)
{
	struct lane_event queue[PENDING_MOST] = {*ev};
	size_t count = 1;
	OWNED_MEM struct lane_actions *out = xcalloc(1, sizeof(*out));
	for (size_t i = 0; i < count; i++) {
		queue[i].mono_ms = w->mono_ms;
		queue[i].wall_ms = w->mono_ms;
		world_fresh_id(w, queue[i].id);
		world_fresh_id(w, queue[i].token);
		lane_hub_step(&w->hub, &queue[i], out);
		for (size_t k = 0; k < out->count; k++) {
			struct lane_event answer;
			world_hub_carry_out(w, &out->at[k], &answer);
			if (answer.kind && count < PENDING_MOST)
				queue[count++] = answer;
		}
	}
}

/* The turn of the hub ends: everything appended is committed at once, then acknowledged. */
static void
commit(struct world *w)
{
	bool news = false;
	for (uint8_t lane = LANE_C; lane <= LANE_A; lane++) {
		struct world_lane *l = &w->at_hub[lane - 1];
		if (l->kept == l->count)
			continue;
		news = true;
		l->kept = l->count;
		struct lane_event ev = {
			.kind = LANE_STORED, .lane = lane, .mark = world_mark_at(l, l->kept)};
		world_tell_hub(w, &ev);
	}
	if (!news && w->hub.state != LANE_ALIVE)
		return;
	struct lane_event ev = {.kind = LANE_CHECKPOINT, .mark = {.seq = w->ids + 1}};
	memset(ev.mark.head, 0x33, sizeof(ev.mark.head));
	world_tell_hub(w, &ev);
}

void
world_crash_hub(struct world *w)
{
	for (size_t i = 0; i < LANE_COUNT; i++) {
		world_drop_entries(&w->at_hub[i], w->at_hub[i].kept);
		w->hub_setup.durable[i] = world_mark_at(&w->at_hub[i], w->at_hub[i].kept);
	}
	memcpy(w->hub_setup.token, w->hub_token, sizeof(w->hub_token));
	memcpy(w->hub_setup.pending, w->hub_pending, sizeof(w->hub_pending));
	w->hub_setup.standing = w->hub_standing;
	lane_hub_init(&w->hub, &w->hub_setup);
}

void
world_restore_hub(struct world *w, uint8_t lane, size_t kept)
{
	world_drop_entries(&w->at_hub[lane - 1], kept);
	memset(w->hub_token, 0, sizeof(w->hub_token));
	memset(w->hub_pending, 0, sizeof(w->hub_pending));
	w->hub_setup.epoch++;
	w->hub_setup.mode = SYNC_RECOVERY;
	world_crash_hub(w);
}

void
world_crash_node(struct world *w)
{
	struct lane_node_setup *s = &w->node_setup;
	memcpy(s->token, w->node_token, sizeof(s->token));
	for (size_t i = 0; i < LANE_COUNT; i++) {
		s->last[i] = world_mark_at(&w->at_node[i], w->at_node[i].kept);
		s->acked[i] = w->node_acked[i];
		s->at_hub[i] = w->node_at_hub[i];
	}
	memcpy(s->receipts, w->node_receipts, sizeof(s->receipts));
	s->config = w->node.config;
	lane_node_init(&w->node, s);
	w->line++;
	w->connect_ms = w->mono_ms + TICK_MS;
}

/* Takes the next frame off the line; now and then one from further back. */
static struct world_frame
next_frame(struct world *w)
{
	size_t at = w->frame_first;
	if (w->frame_count > 1 && world_percent(w, w->faults.reorder_percent))
		at += 1 + world_chance(w) % MIN(w->frame_count - 1, 4);
	struct world_frame f = w->frames[at];
	memmove(w->frames + w->frame_first + 1, w->frames + w->frame_first,
		(at - w->frame_first) * sizeof(f));
	w->frame_first++;
	w->frame_count--;
	return f;
}

static void
receive(struct world *w, const struct world_frame *f)
{
	size_t room = sync_arena_bytes(f->len);
	OWNED_MEM uint8_t *piece = xrealloc(NULL, room, 1);
	struct wire_arena arena = {piece, room, 0};
	struct sync_msg m;
	if (sync_unpack(&m, &arena, view_of(f->bytes, f->len))) {
		world_breach(w, "what was packed can be unpacked");
		return;
	}
	struct lane_event ev = {
		.kind = LANE_MESSAGE, .message = &m, .frame = view_of(f->bytes, f->len)};
	if (f->to_hub)
		world_tell_hub(w, &ev);
	else
		world_tell_node(w, &ev);
}

static void
deliver(struct world *w)
{
	struct world_frame f = next_frame(w);
	size_t number = ++w->delivered_count;
	if (number == w->faults.hub_crash_at)
		world_crash_hub(w);
	if (number == w->faults.node_crash_at)
		world_crash_node(w);
	bool lost = number == w->faults.drop_at || world_percent(w, w->faults.lose_percent) ||
		    (f.line != w->line && !w->faults.late);
	if (!lost && world_percent(w, w->faults.duplicate_percent))
		world_inject(w, f.to_hub, view_of(f.bytes, f.len));
	if (!lost)
		receive(w, &f);
	free(f.bytes);
	if (!world_percent(w, w->faults.delay_commit_percent))
		commit(w);
}

static void
tick(struct world *w)
{
	w->mono_ms += TICK_MS;
	struct lane_event ev = {.kind = LANE_TICK};
	world_tell_hub(w, &ev);
	world_tell_node(w, &ev);
	if (w->node.state != LANE_OFFLINE || w->mono_ms < w->connect_ms)
		return;
	struct lane_event connected = {.kind = LANE_CONNECTED, .wall_ms = w->mono_ms};
	world_fresh_id(w, connected.id);
	world_tell_node(w, &connected);
}

void
world_run(struct world *w, int64_t most_ms)
{
	int64_t end_ms = w->mono_ms + most_ms;
	while (w->mono_ms < end_ms && !w->breach) {
		if (w->frame_count)
			deliver(w);
		else if (world_agrees(w) && w->node.state == LANE_UP)
			return;
		else
			tick(w);
		if (w->frame_count == 0)
			commit(w);
	}
}

bool
world_agrees(const struct world *w)
{
	for (size_t i = 0; i < LANE_COUNT; i++) {
		const struct world_lane *n = &w->at_node[i], *h = &w->at_hub[i];
		if (n->kept != h->kept || w->node_at_hub[i] != n->kept ||
			w->node_acked[i] != n->kept)
			return false;
		for (size_t k = 0; k < n->kept; k++)
			if (memcmp(n->entries[k].hash, h->entries[k].hash, HASH_BYTES) != 0)
				return false;
	}
	return true;
}

void
world_write(struct world *w, uint8_t lane, size_t count, size_t part_bytes)
{
	struct world_lane *l = &w->at_node[lane - 1];
	for (size_t i = 0; i < count && l->count < WORLD_ENTRIES_MAX_COUNT; i++)
		world_make_entry(w, lane, part_bytes);
	struct lane_event ev = {
		.kind = LANE_APPENDED, .lane = lane, .mark = world_mark_at(l, l->kept)};
	world_tell_node(w, &ev);
}

void
world_rewrite(struct world *w, uint8_t lane, uint64_t seq)
{
	struct world_lane *l = &w->at_node[lane - 1];
	size_t count = l->count;
	world_drop_entries(l, seq - 1);
	while (l->count < count)
		world_make_entry(w, lane, 100);
}

struct world *
world_new(uint64_t seed)
{
	static uint8_t config[CONFIG_BYTES];
	static const uint8_t writer_seed[SIGN_SEED_BYTES] = {1},
			     hub_seed[SIGN_SEED_BYTES] = {2};
	struct world *w = xcalloc(1, sizeof(*w));
	w->chance = seed;
	w->at_node = xcalloc(LANE_COUNT, sizeof(*w->at_node));
	w->at_hub = xcalloc(LANE_COUNT, sizeof(*w->at_hub));
	buf_init(&w->config_at_node, CONFIG_BYTES);
	sign_from_seed(w->node_setup.writer, &w->writer_key, writer_seed);
	sign_from_seed(w->node_setup.receipt_public, &w->receipt_key, hub_seed);
	w->node_setup.study = WORLD_STUDY;
	w->node_setup.incarnation = 1;
	w->hub_standing = SYNC_OK;
	w->hub_setup = (struct lane_hub_setup){.study = WORLD_STUDY,
		.incarnation = 1,
		.standing = SYNC_OK,
		.epoch = 1,
		.mode = SYNC_NORMAL,
		.credit_bytes = SYNC_CREDIT_MIN_BYTES * 2};
	memcpy(w->hub_setup.writer, w->node_setup.writer, sizeof(w->hub_setup.writer));
	memcpy(w->hub_setup.receipt_public, w->node_setup.receipt_public,
		sizeof(w->hub_setup.receipt_public));
	memset(config, 0x5a, sizeof(config));
	w->config_at_hub = view_of(config, sizeof(config));
	lane_hub_init(&w->hub, &w->hub_setup);
	lane_node_init(&w->node, &w->node_setup);
	return w;
}

void
world_free(struct world *w)
{
	if (!w)
		return;
	for (size_t i = 0; i < LANE_COUNT; i++) {
		world_drop_entries(&w->at_node[i], 0);
		world_drop_entries(&w->at_hub[i], 0);
	}
	for (size_t i = 0; i < w->frame_count; i++)
		free(w->frames[w->frame_first + i].bytes);
	buf_done(&w->config_at_node);
	secret_free(w->writer_key);
	secret_free(w->receipt_key);
	free(w->at_node);
	free(w->at_hub);
	free(w);
}
