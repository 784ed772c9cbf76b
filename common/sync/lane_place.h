/* lane_place - places and things that events and actions of the sync core name. Data only. */
#ifndef WEIR_LANE_PLACE_H
#define WEIR_LANE_PLACE_H

#include "common/codec/wire_sync.h"

/* Changes of participation of one writer that may wait for their NOTICED. */
#define LANE_NOTICES_MAX_COUNT 8

/* Why a head was asked for; repeated in the answer. */
enum lane_why {
	LANE_WHY_NONE,
	LANE_WHY_GREETING,
	LANE_WHY_ACK,
	LANE_WHY_NACK,
	LANE_WHY_BATCH,
	LANE_WHY_REFILL,
	LANE_WHY_PULL,
	LANE_WHY_NOTICE,
};

/* One incarnation: where its lanes end, and the ends of the one that it follows. */
struct lane_chain {
	uint32_t incarnation, base_incarnation; /* base 0: it is the first */
	struct sync_mark last[LANE_COUNT], base[LANE_COUNT];
	bool more; /* a later one follows it */
};

/* A file that a record names by the root over its sealed chunks. `cursor` numbers the files
 * that a writer's records name at the hub, rising in the order they came. */
struct lane_file {
	uint64_t cursor;
	uint8_t root[WIRE_HASH_BYTES];
	uint32_t next, count; /* chunks below `next` are there; of so many */
};

#endif
