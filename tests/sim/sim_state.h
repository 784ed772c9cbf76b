/* sim_state - the parts of a simulation's value. Data only; sim.h says the rules. */
#ifndef WEIR_SIM_STATE_H
#define WEIR_SIM_STATE_H

#include "common/sync/lane_hub.h"
#include "common/sync/lane_node.h"
#include "tests/sim/sim_lineage.h"

#define SIM_COPIES_COUNT 3
#define SIM_FRAMES_COUNT 64
#define SIM_SUBJECTS     8
#define SIM_STUDY        "simulated"
#define SIM_ORIGIN       "simulated.example/log"

struct sim_pool;

/* What survives a crash of a node. */
struct sim_disk {
	struct sim_store store;
	uint8_t token[WIRE_ID_BYTES];
	uint64_t acked[LANE_COUNT], at_hub[LANE_COUNT], pruned[LANE_COUNT], config;
	struct sync_receipt receipts[LANE_COUNT];
	bool survivor, alarmed;
	uint8_t files[SIM_FILES_COUNT]; /* 0: not there */
	struct sync_mark checkpoint;
	struct sim_book book; /* for the check of I8: what it cosigned */
	uint32_t welcome;     /* for the check of I9: the WELCOME that its token came with */
	uint32_t answer;      /* the newest bundle of the hub that it read */
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
	uint32_t token_ticket, welcome;
	int64_t connect_ms;
};

struct sim_vault {
	struct sim_store store;
	uint8_t files[SIM_FILES_COUNT]; /* chunks of it */
	uint8_t token[WIRE_ID_BYTES], pending[WIRE_ID_BYTES];
	uint32_t granted;
	enum sync_verdict standing;
	uint32_t noticed; /* subjects whose withdrawal came as a notice, one bit each */
};

/* Forward only: no restore takes it back. */
struct sim_journal {
	uint8_t token[WIRE_ID_BYTES], pending[WIRE_ID_BYTES];
	uint32_t granted;
	enum sync_verdict standing;
	uint32_t withdrawn; /* subjects, one bit each */
	uint32_t ever_incarnation;
	struct sync_mark ever[LANE_COUNT];
};

struct sim_hub {
	struct lane_hub_writer lane;
	struct sim_vault live, disk, backups[2];
	size_t backup_count;
	struct sim_journal journal;
	enum sync_mode mode;
	uint64_t epoch, offered;
	size_t routing;       /* the copy that was heard last */
	bool greeted_falsely; /* the last greeting showed receipts a node made */
	struct sim_book book;
	bool tokens_wait, is_dirty;
	/* With other writers: this one was heard since a restore, or will not be waited for. */
	bool is_shared, heard, waived;
	struct sync_mark noted[LANE_NOTICES_MAX_COUNT]; /* that wait for their commit */
	size_t noted_count;
	uint16_t chunk_number; /* of the file that waits for its commit; 0: none */
	uint32_t tokens_ticket;
	uint32_t heard_welcome, live_welcome,
		live_upto; /* of the frame; of a session not committed yet */
};

struct sim_frame {
	bool to_hub, is_old; /* of a line that is gone */
	bool is_again;       /* came twice */
	uint8_t copy, lane;  /* of a batch; and its last entry */
	uint64_t last;
	uint32_t at;      /* number in the pool */
	uint32_t welcome; /* its number; in a READY the one that it answers */
};

/* What is known from outside, to hold the machines to. */
struct sim_ghost {
	uint16_t ever[SIM_NUMBERS_COUNT][LANE_COUNT][SIM_ENTRIES_COUNT];
	uint32_t acked_withdrawn; /* subjects whose withdrawal an ACK covered */
	/* The WELCOME that the newest session came from, the last one when it began, and the
	 * last. */
	uint32_t live, live_upto, welcomes;
	uint16_t receipted[SIM_NUMBERS_COUNT][LANE_COUNT]; /* how far receipts were signed */
	struct sim_book books[SIM_BOOKS_COUNT];            /* that were told before */
	size_t book_count;
};

#endif
