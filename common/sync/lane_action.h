/* lane_action - what the sync core asks of a shell. lane_ask.h says what each one means. Data
 * only. */
#ifndef WEIR_LANE_ACTION_H
#define WEIR_LANE_ACTION_H

#include "common/sync/lane_ask.h"
#include "common/sync/lane_event.h"

#define LANE_ACTIONS_MAX_COUNT 16

struct lane_action {
	enum lane_action_kind kind;
	uint32_t ticket;
	uint8_t lane;
	enum lane_why why;
	bool ok, sign;
	enum sync_verdict verdict;
	const char *reason; /* one sentence for people; lasts */
	struct sync_mark mark;
	uint8_t wanted[WIRE_HASH_BYTES];
	uint8_t token[WIRE_ID_BYTES], pending[WIRE_ID_BYTES];
	uint8_t transcript[WIRE_HASH_BYTES];
	uint64_t first;
	uint32_t after_ms;
	size_t max_bytes, limit_bytes, max_count;
	struct sync_offer config;
	uint64_t offset_bytes;
	struct view bytes;
	const struct sync_batch *batch;
	uint32_t incarnation, base_incarnation, granted;
	struct sync_mark base[LANE_COUNT];
	struct lane_file file;
	const char *origin; /* of the log that a WITNESS is about; lasts */
	struct sync_msg msg;
};

/* The list a step fills. `scratch` holds packed bytes that a message of the list lends. */
struct lane_actions {
	struct lane_action at[LANE_ACTIONS_MAX_COUNT];
	size_t count;
	uint8_t scratch[SYNC_WELCOME_MAX_BYTES];
};

#endif
