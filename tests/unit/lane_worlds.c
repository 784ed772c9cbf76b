#include "tests/unit/suite.h"

#include "tests/unit/lane_worlds.h"

#include "common/base/mem.h"

#define LONG_MS 3600000

void
worlds_agree(const struct world *w)
{
	if (w->breach)
		fail_msg("broken: %s", w->breach);
	if (!world_agrees(w))
		fail_msg("node and hub differ: C %zu/%zu R %zu/%zu A %zu/%zu",
			w->at_node[0].kept, w->at_hub[0].kept, w->at_node[1].kept,
			w->at_hub[1].kept, w->at_node[2].kept, w->at_hub[2].kept);
	assert_int_equal(w->stop_count, 0);
}

struct world *
worlds_settled(size_t records)
{
	struct world *w = world_new(7);
	world_write(w, LANE_C, 2, 100);
	world_write(w, LANE_R, records, 100);
	world_run(w, LONG_MS);
	worlds_agree(w);
	return w;
}

struct sync_msg
worlds_batch(
	struct world *w, uint8_t lane, uint64_t first, size_t count, struct sync_entry *entries)
{
	struct sync_msg m = {.kind = SYNC_BATCH};
	world_batch(w, lane, first, count, entries, &m.batch);
	memcpy(m.batch.session, w->hub.session, sizeof(m.batch.session));
	return m;
}

struct sync_msg
worlds_hello(struct world *w, struct buf *frame)
{
	OWNED_MEM struct lane_actions *out = xcalloc(1, sizeof(*out));
	struct lane_node copy = w->node;
	copy.state = LANE_OFFLINE;
	struct lane_event ev = {.kind = LANE_CONNECTED, .id = {9}};
	lane_node_step(&copy, &ev, out);
	struct sync_msg m = out->at[0].msg;
	m.hello.receipts = view_of(NULL, 0);
	assert_ok(sync_pack(frame, &m));
	return m;
}
