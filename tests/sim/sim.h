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

#include "tests/sim/sim_post.h"
#include "tests/sim/sim_state.h"

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
	SIM_DAMAGE_FILE, /* which: copy */
	SIM_FORK_LOG,
	SIM_CARRY_WRITE, /* which: copy */
	SIM_CARRY_ANSWER,
	SIM_CARRY_READ, /* which: parcel, and lane or copy */
	SIM_LIE,        /* which: copy */
	SIM_ROLL_HUB,   /* which: backup; as RESTORE_HUB, and nothing tells the hub of it */
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
	struct sim_post post;
	struct sim_budget budget;
	int64_t mono_ms;
	uint64_t chance; /* state of the generator; 0 in the explorer */
	uint32_t ids;    /* given out; the explorer takes the least that is nowhere in use */
	uint64_t digest; /* over all that was sent; 0 in the explorer */
	uint16_t contents;
	bool is_bulky;            /* records are large, so that credit counts */
	bool plays_bundles;       /* some seeds only */
	bool plays_back;          /* some seeds: lies, and a hub that goes back unseen */
	bool plays_notices;       /* where a configuration of the explorer says so */
	bool explores, plays_log; /* with files and a log; not in the explorer */
	const char *breach;
};

void sim_begin(struct sim *s, struct sim_pool *pool, uint64_t seed);
/* Carry out one act on frame, copy or backup `which`; checks afterwards. */
void sim_act(struct sim *s, enum sim_act act, size_t which);
/* May it happen now, leaving the budget aside? */
bool sim_can(const struct sim *s, enum sim_act act, size_t which);

/* No more faults: everything runs until it rests, copy after copy, persons decide; then I5. */
void sim_settle(struct sim *s);
/* The same in steps, for who wants to look between; a step is false when the copy has ended. */
void sim_settle_begin(struct sim *s);
bool sim_settle_step(struct sim *s, size_t copy);
void sim_settle_end(struct sim *s);

const char *sim_act_name(enum sim_act act);

#endif
