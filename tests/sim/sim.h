/* sim - one writer with up to three copies of its node, and a hub, as one plain value.
 *
 * The machines are the real ones of common/sync and every message goes through the real wire.
 * Stores, commits, backups, the journal, lines and persons are played here. All that changes is
 * in struct sim, without pointers into itself: copying it is a snapshot, comparing it finds out
 * whether two ways led to the same place. Entries and frames are immutable and lie in a pool.
 *
 * Always true: after every act the invariants I1 to I11 hold as sim_check.c says, else `breach`
 *              names the first that does not. The same seed gives the same acts byte by byte.
 * Limits:      signatures are keyed hashes unless asked for otherwise (sim_sign.c): nobody
 *              forges here. I8 and I12 are not of the lanes and are tried elsewhere.
 */
#ifndef WEIR_SIM_H
#define WEIR_SIM_H

#include "common/sync/lane_hub.h"
#include "common/sync/lane_node.h"

#define SIM_COPIES_COUNT  3
#define SIM_CHAINS_COUNT  8
#define SIM_ENTRIES_COUNT 24 /* of a lane in one incarnation */
#define SIM_FRAMES_COUNT  32
#define SIM_NUMBERS_COUNT 16 /* incarnations that may be given out */
#define SIM_SUBJECTS      8
#define SIM_STUDY         "simulated"

struct sim_pool;

/* Pool numbers of the entries of a lane, in order. */
struct sim_lane {
	uint16_t count, at[SIM_ENTRIES_COUNT];
};

struct sim_chain {
	uint32_t incarnation;
	struct sim_lane lanes[LANE_COUNT];
};

/* A lineage: each chain follows where the one before it ends. */
struct sim_store {
	size_t count;
	struct sim_chain chains[SIM_CHAINS_COUNT];
};

/* What survives a crash of a node. */
struct sim_disk {
	struct sim_store store;
	uint8_t token[WIRE_ID_BYTES];
	uint64_t acked[LANE_COUNT], at_hub[LANE_COUNT], pruned[LANE_COUNT], config;
	struct sync_receipt receipt;
	bool survivor;
	uint32_t live_number; /* for the check of I9: its newest session that began */
};

/* What a survivor pulled. */
struct sim_taken {
	uint32_t incarnation;
	struct sim_lane lanes[LANE_COUNT];
	uint64_t first[LANE_COUNT], end[LANE_COUNT];
};

struct sim_copy {
	bool there;
	struct lane_node node;
	struct sim_disk disk, backup;
	bool has_backup;
	size_t taken_count;
	struct sim_taken taken[SIM_CHAINS_COUNT];
	bool token_waits;
	uint8_t token[WIRE_ID_BYTES];
	uint32_t token_ticket;
	int64_t connect_ms;
};

struct sim_vault {
	struct sim_store store;
	uint8_t token[WIRE_ID_BYTES], pending[WIRE_ID_BYTES];
	uint32_t granted;
	enum sync_verdict standing;
};

/* Forward only: no restore takes it back. */
struct sim_journal {
	uint8_t token[WIRE_ID_BYTES], pending[WIRE_ID_BYTES];
	uint32_t granted;
	enum sync_verdict standing;
	uint32_t withdrawn; /* subjects, one bit each */
};

struct sim_hub {
	struct lane_hub_writer lane;
	struct sim_vault live, disk, backups[2];
	size_t backup_count;
	struct sim_journal journal;
	enum sync_mode mode;
	uint64_t epoch, offered;
	size_t routing; /* the copy that was heard last */
	bool tokens_wait, is_dirty;
	uint32_t tokens_ticket, live_number; /* of the session whose token is to be committed */
};

struct sim_frame {
	bool to_hub, is_old; /* of a line that is gone */
	uint8_t copy;
	uint32_t at; /* number in the pool */
};

/* What is known from outside, to hold the machines to. */
struct sim_ghost {
	uint16_t ever[SIM_NUMBERS_COUNT][LANE_COUNT][SIM_ENTRIES_COUNT];
	uint32_t acked_withdrawn; /* subjects whose withdrawal an ACK covered */
	uint32_t live_number, live_most;
	uint32_t lost; /* contents that went away with a copy or a backup; may be at the hub */
};

enum sim_act {
	SIM_DELIVER, /* which: frame */
	SIM_DROP,
	SIM_DOUBLE,
	SIM_COMMIT_HUB,
	SIM_COMMIT_NODE, /* which: copy; so for those below */
	SIM_CONNECT,
	SIM_LOSE_LINE,
	SIM_WRITE_RECORD,
	SIM_WRITE_CONSENT,
	SIM_WRITE_WITHDRAWAL,
	SIM_WRITE_ACT,
	SIM_CRASH_NODE,
	SIM_BACKUP_NODE,
	SIM_RESTORE_NODE,
	SIM_CLONE,
	SIM_SURVIVE,
	SIM_PRUNE,
	SIM_CRASH_HUB,
	SIM_CRASH_HUB_JOURNALED, /* in a commit: the journal is written, the vault is not */
	SIM_FAIL_COMMIT,
	SIM_BACKUP_HUB,
	SIM_RESTORE_HUB, /* which: backup */
	SIM_TICK,
	SIM_CHECKPOINT,
	SIM_OFFER,
	SIM_DRAIN,
	SIM_CREDIT,
	SIM_PROBE,
	SIM_ACTS_COUNT
};

/* How often each act may still happen; deliveries, commits and connections are free. */
struct sim_budget {
	uint16_t left[SIM_ACTS_COUNT];
};

struct sim {
	struct sim_pool *pool;
	struct sim_copy copies[SIM_COPIES_COUNT];
	struct sim_hub hub;
	struct sim_frame frames[SIM_FRAMES_COUNT];
	size_t frame_count;
	struct sim_ghost ghost;
	struct sim_budget budget;
	int64_t mono_ms;
	uint64_t chance; /* state of the generator; 0 in the explorer */
	uint32_t ids;    /* given out; the explorer takes the least that is nowhere in use */
	uint16_t contents;
	bool explores;
	const char *breach;
};

void sim_begin(struct sim *s, struct sim_pool *pool, uint64_t seed);
/* Carry out one act on frame, copy or backup `which`; checks afterwards. */
void sim_act(struct sim *s, enum sim_act act, size_t which);
/* May it happen now, leaving the budget aside? */
bool sim_can(const struct sim *s, enum sim_act act, size_t which);

/* No more faults: everything runs until it rests, copy after copy, persons decide; then I5. */
void sim_settle(struct sim *s);

const char *sim_act_name(enum sim_act act);

#endif
