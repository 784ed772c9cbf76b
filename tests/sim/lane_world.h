/* lane_world - one node, one hub and the line between them, all in memory and deterministic.
 *
 * The shells of both sides are played here: stores are arrays, commits happen when the world
 *                                           says so,
 * frames go through the real wire. Time is virtual; chance is a counter-based generator from a
 * seed.
 *
 * Always true (checked at every step, a breach ends the test by name): see the breach field.
 */
#ifndef WEIR_LANE_WORLD_H
#define WEIR_LANE_WORLD_H

#include "common/sync/lane_hub.h"
#include "common/sync/lane_node.h"

#define WORLD_ENTRIES_MAX_COUNT 2048
#define WORLD_FRAMES_MAX_COUNT  1024
#define WORLD_STUDY             "partnership"

struct world_entry {
	struct view header;
	struct view part;
	uint8_t hash[HASH_BYTES];
};

/* One side's store of a lane. `kept` of the `count` entries are committed. */
struct world_lane {
	struct world_entry entries[WORLD_ENTRIES_MAX_COUNT];
	size_t count, kept;
};

struct world_frame {
	bool to_hub;
	uint32_t line; /* number of the connection it was sent on */
	uint8_t *bytes;
	size_t len;
};

/* What goes wrong. Zeros: nothing. */
struct world_faults {
	size_t drop_at;       /* this frame is lost, counted from 1; the line stays up */
	size_t hub_crash_at;  /* the hub restarts before this frame is delivered */
	size_t node_crash_at; /* likewise the node */
	unsigned duplicate_percent, reorder_percent, lose_percent;
	unsigned delay_commit_percent; /* the hub delivers on before it commits */
	bool late; /* frames of a former connection are delivered nevertheless */
};

struct world {
	struct world_faults faults;
	struct lane_node node;
	struct lane_hub_writer hub;
	struct lane_node_setup node_setup;
	struct lane_hub_setup hub_setup;
	struct secret *writer_key, *receipt_key;
	struct world_lane *at_node, *at_hub; /* LANE_COUNT each */
	struct world_frame frames[WORLD_FRAMES_MAX_COUNT];
	size_t frame_first, frame_count;
	size_t delivered_count, sent_count[SYNC_NOTICED + 1];
	uint64_t chance;
	uint8_t node_token[WIRE_ID_BYTES], hub_token[WIRE_ID_BYTES], hub_pending[WIRE_ID_BYTES];
	uint64_t node_acked[LANE_COUNT], node_at_hub[LANE_COUNT];
	struct sync_receipt node_receipts[LANE_COUNT];
	enum sync_verdict hub_standing;
	int64_t mono_ms, connect_ms;
	uint32_t line;
	uint64_t ids;
	size_t evidence_count, report_count, stop_count, live_count, heard_count,
		most_flight_bytes;
	struct view config_at_hub;
	struct buf config_at_node;
	size_t config_done_count, config_acked_count;
	const char *breach; /* the first promise that was broken; NULL: none */
};

/* gives a world; the node's first connection is due at once. */
struct world *world_new(uint64_t seed);
void world_free(struct world *w);
OWNER(world)

/* Append `count` entries of part_bytes each to a lane of the node, committed, and tell the
 * machine. */
void world_write(struct world *w, uint8_t lane, size_t count, size_t part_bytes);

/* A second line of entries over the same numbers: entry `seq` of the node's lane, and all
 *                                                 behind it,
 * are made again with other content. The machine is not told. */
void world_rewrite(struct world *w, uint8_t lane, uint64_t seq);

/* Deliver, commit, tick, until nothing is left to do or `most_ms` of virtual time went by. */
void world_run(struct world *w, int64_t most_ms);

/* Everything of the node is committed at the hub, once, in the same order, and known to be
 * there. */
bool world_agrees(const struct world *w);

void world_crash_hub(struct world *w);
/* The hub comes back from a backup that holds `kept` entries of the lane and no token, and
 * knows it. */
void world_restore_hub(struct world *w, uint8_t lane, size_t kept);
void world_crash_node(struct world *w);

/* Put a frame on the line, as if the other side had sent it. Copies. */
void world_inject(struct world *w, bool to_hub, struct view frame);

/* One event straight into the hub or the node, its actions carried out. */
void world_tell_hub(struct world *w, const struct lane_event *ev);
void world_tell_node(struct world *w, const struct lane_event *ev);

/* Make a batch of the node's entries first..last, signed, in *ret; its entries are lent by
 * `entries`. */
void world_batch(struct world *w, uint8_t lane, uint64_t first, size_t count,
	struct sync_entry *entries, struct sync_batch *ret);

#endif
