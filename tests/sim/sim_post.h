/* sim_post - bundles on their way. Data only. */
#ifndef WEIR_SIM_POST_H
#define WEIR_SIM_POST_H

#include "common/codec/wire_sync.h"
#include "tests/sim/sim_lineage.h"

#define SIM_PARCELS_COUNT 4
#define SIM_CARRY_WAYS    3 /* lanes of one for the hub, copies that may read an answer */

/* A bundle on its way; it is read as often, as late and in whatever order chance has it. */
struct sim_parcel {
	bool to_hub;
	struct sim_chain chain; /* of the node when it was written */
	uint64_t first[LANE_COUNT];
	struct sync_ack acks[LANE_COUNT]; /* of the hub */
	enum sync_verdict standing;
	uint32_t number; /* of the answer */
};
struct sim_post {
	struct sim_parcel at[SIM_PARCELS_COUNT];
	size_t count;
	uint32_t answered;
};

#endif
