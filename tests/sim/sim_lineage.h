/* sim_lineage - entries in their order, as nodes and hub store them, and the hub's log. Data
 * only. */
#ifndef WEIR_SIM_LINEAGE_H
#define WEIR_SIM_LINEAGE_H

#include "common/codec/wire_sync.h"

#define SIM_CHAINS_COUNT  8
#define SIM_ENTRIES_COUNT 24 /* of a lane in one incarnation */
#define SIM_NUMBERS_COUNT 48 /* incarnations that may be given out */
#define SIM_FILES_COUNT   128
#define SIM_LEAVES_COUNT  12
#define SIM_BOOKS_COUNT   4

/* The hub's log: of which telling each leaf is. */
struct sim_book {
	uint8_t size, telling[SIM_LEAVES_COUNT + 3];
};

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

#endif
