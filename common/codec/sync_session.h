/* sync_session - the frames that open, keep and close a session, and enrolment. Data only.
 *
 * Field by field as in proto/sync.proto, where their meaning stands; wire_sync.h says how they
 * become bytes.
 */
#ifndef WEIR_SYNC_SESSION_H
#define WEIR_SYNC_SESSION_H

#include "common/codec/sync_chunk.h"
#include "common/codec/sync_look.h"

enum sync_mode { SYNC_NORMAL = 1, SYNC_RECOVERY, SYNC_DRAIN };
enum sync_verdict {
	SYNC_OK = 1,
	SYNC_BEHIND,
	SYNC_FORK,
	SYNC_CLONE,
	SYNC_REVOKED,
	SYNC_UPGRADE,
	SYNC_REFILL, /* a copy that a person named the surviving one: pull, then rebase */
	SYNC_OLDER   /* the hub knows only an earlier incarnation: greet it in that one */
};
enum sync_close_code {
	SYNC_CLOSE_SHUTDOWN = 1,
	SYNC_CLOSE_STALE, /* the session is not the current one: greet again */
	SYNC_CLOSE_FULL,
	SYNC_CLOSE_PROTOCOL,
	SYNC_CLOSE_REVOKED,
	SYNC_CLOSE_FORK,
	SYNC_CLOSE_CLONE,
};
enum sync_enrol_status { SYNC_ENROL_WAITING = 1, SYNC_ENROL_ADMITTED, SYNC_ENROL_REFUSED };

struct sync_hello {
	uint32_t proto_min, proto_max;
	uint64_t features;
	uint8_t writer[WIRE_KEY_BYTES];
	uint32_t incarnation;
	uint8_t nonce[WIRE_ID_BYTES], token[WIRE_ID_BYTES];
	struct sync_mark last[LANE_COUNT];
	uint64_t acked[LANE_COUNT];
	uint64_t config;
	struct view receipts;        /* one a lane at most: blobs of a packed receipt each */
	struct sync_mark checkpoint; /* seq: its size, head: its root */
	int64_t wall_ms;
	struct view build;
	bool survivor, more;
	uint32_t base_incarnation;
	struct sync_mark base_last[LANE_COUNT];
};

struct sync_welcome {
	uint32_t proto;
	uint64_t features;
	uint8_t nonce[WIRE_ID_BYTES], session[WIRE_ID_BYTES], next_token[WIRE_ID_BYTES];
	uint64_t epoch;
	enum sync_mode mode;
	enum sync_verdict verdict;
	struct sync_mark durable[LANE_COUNT];
	uint64_t retained[LANE_COUNT];
	struct sync_offer config;
	struct sync_mark checkpoint;
	uint32_t credit_bytes;
	int64_t wall_ms;
	uint32_t retry_after_ms;
	uint32_t incarnation, opens;
	struct view body; /* the fields above as the bytes that are signed and sent */
	uint8_t signature[WIRE_SIGNATURE_BYTES];
};

struct sync_ready {
	uint8_t session[WIRE_ID_BYTES];
	uint64_t control_last, config;
	uint8_t signature[WIRE_SIGNATURE_BYTES];
};

struct sync_ping {
	uint8_t session[WIRE_ID_BYTES];
	int64_t t1_ms;
	uint64_t marks
		[LANE_COUNT]; /* a node's: up to where it holds receipts; the hub's: durable */
};

struct sync_pong {
	uint8_t session[WIRE_ID_BYTES];
	int64_t t1_ms, t2_ms, t3_ms;
	uint64_t durable[LANE_COUNT];
};

struct sync_close {
	uint8_t session[WIRE_ID_BYTES];
	enum sync_close_code code;
	uint32_t retry_after_ms;
};

struct sync_enrol_req {
	uint8_t invite[WIRE_ID_BYTES], proof[WIRE_HASH_BYTES];
	uint8_t writer[WIRE_KEY_BYTES], transport[WIRE_KEY_BYTES], node[WIRE_KEY_BYTES];
	uint8_t review[WIRE_KEY_BYTES], witness[WIRE_KEY_BYTES];
	struct view name;
	uint8_t nonce[WIRE_ID_BYTES];
};

/* Waiting and refused carry zeros and empty views but for words and nonce. */
struct sync_enrol_ok {
	enum sync_enrol_status status;
	struct view site;
	uint8_t root[WIRE_KEY_BYTES], ledger[WIRE_KEY_BYTES], receipt[WIRE_KEY_BYTES];
	struct sync_offer manifest;
	struct view words;
	uint8_t nonce[WIRE_ID_BYTES];
};

#endif
