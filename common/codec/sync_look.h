/* sync_look - the frames by which one side looks into the chain of the other. Data only.
 *
 * Field by field as in proto/sync.proto, where their meaning stands; wire_sync.h says how they
 * become bytes.
 */
#ifndef WEIR_SYNC_LOOK_H
#define WEIR_SYNC_LOOK_H

#include "common/codec/sync_data.h"

/* A place in the chain of one incarnation; seq 0: only its end is asked for. */
struct sync_probe {
	uint8_t session[WIRE_ID_BYTES];
	uint32_t incarnation;
	uint8_t lane;
	uint64_t seq;
};

struct sync_probed {
	uint8_t session[WIRE_ID_BYTES];
	uint32_t incarnation;
	uint8_t lane;
	struct sync_mark mark, end; /* zeros in mark.head: no such entry */
	uint32_t base_incarnation;
};

struct sync_pull {
	uint8_t session[WIRE_ID_BYTES];
	uint32_t incarnation;
	uint8_t lane;
	uint64_t first, last;
};

#endif
