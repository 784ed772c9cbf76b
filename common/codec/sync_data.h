/* sync_data - what travels between a node and the hub: places, entries, receipts. Data only.
 *
 * Field by field as in proto/sync.proto, where their meaning stands; wire_sync.h says how they
 * become bytes. Arrays over lanes are indexed by lane - 1.
 */
#ifndef WEIR_SYNC_DATA_H
#define WEIR_SYNC_DATA_H

#include "common/codec/wire_entry.h"

#define SYNC_BATCH_MAX_COUNT 256

/* A place in a lane: seq and hash of its last entry; all zeros in an empty lane. */
struct sync_mark {
	uint64_t seq;
	uint8_t head[WIRE_HASH_BYTES];
};

/* A signed manifest on offer; number 0: none. */
struct sync_offer {
	uint64_t number;
	uint8_t hash[WIRE_HASH_BYTES];
	uint64_t length_bytes;
};

struct sync_part {
	uint8_t kind;
	struct view bytes;
};

struct sync_entry {
	struct view header;
	struct sync_part parts[WIRE_PARTS_MAX];
	size_t part_count;
};

struct sync_batch {
	uint8_t session[WIRE_ID_BYTES];
	uint8_t lane;
	uint64_t first, control_floor;
	const struct sync_entry *entries;
	size_t count;
	uint8_t head[WIRE_HASH_BYTES]; /* of the last entry, seq first + count - 1 */
	uint8_t signature[WIRE_SIGNATURE_BYTES];
	uint32_t incarnation; /* in answer to a PULL; else 0, the session's */
};

/* A change of participation that the hub holds in force ahead of its entry. */
struct sync_noticed {
	uint8_t session[WIRE_ID_BYTES];
	struct sync_mark mark;
};

struct sync_receipt {
	uint64_t epoch;
	uint8_t writer[WIRE_KEY_BYTES];
	uint32_t incarnation;
	uint8_t lane;
	struct sync_mark mark, checkpoint;
	int64_t wall_ms;
	uint8_t transcript[WIRE_HASH_BYTES];
	uint8_t signature[WIRE_SIGNATURE_BYTES];
};

struct sync_ack {
	uint8_t session[WIRE_ID_BYTES];
	struct sync_mark durable[LANE_COUNT];
	uint64_t retained[LANE_COUNT];
	uint32_t credit_bytes;
	struct sync_offer config;
	bool has_receipt;
	struct sync_receipt receipt;
};

enum sync_nack_code {
	SYNC_NACK_GAP = 1,   /* entries before it are missing */
	SYNC_NACK_CONTROL,   /* control entries that it builds on are missing */
	SYNC_NACK_DAMAGED,   /* chain, part hash or place does not fit */
	SYNC_NACK_SIGNATURE, /* the head is not signed by the writer */
	SYNC_NACK_FORK,      /* other content stands at these numbers */
};

struct sync_nack {
	uint8_t session[WIRE_ID_BYTES];
	uint8_t lane;
	enum sync_nack_code code;
	uint64_t expect_seq;
	uint8_t expect_head[WIRE_HASH_BYTES]; /* of the entry before expect_seq */
};

struct sync_cfg_get {
	uint8_t session[WIRE_ID_BYTES], hash[WIRE_HASH_BYTES];
	uint64_t offset_bytes;
	uint32_t length_bytes;
};

struct sync_cfg_part {
	uint8_t session[WIRE_ID_BYTES], hash[WIRE_HASH_BYTES];
	uint64_t offset_bytes, total_bytes; /* total 0: nothing of that hash at the hub */
	struct view bytes;
};

struct sync_cfg_ack {
	uint8_t session[WIRE_ID_BYTES];
	uint64_t number;
	bool applied;
};

#endif
