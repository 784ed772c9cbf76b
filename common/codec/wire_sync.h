/* wire_sync - the frames between a node and the hub, as plain structs (proto/sync.proto).
 *
 * Always true: a message that comes out of sync_unpack() keeps every cap below; every id, hash
 *              and signature has its full length (zeros where none was sent and none is
 *              needed).
 * Growth:      fields that this version does not know are passed over, so that HELLO and
 *              WELCOME can settle on a version; a receipt is kept, and therefore strict.
 * Memory:      views and entries of an unpacked message lie in the caller's arena. Fixed fields
 *              are copied. To pack, views are lent by the caller.
 * Errors:      E_FORMAT with one sentence: drop the frame, count it; nothing else happened.
 */
#ifndef WEIR_WIRE_SYNC_H
#define WEIR_WIRE_SYNC_H

#include "common/codec/sync_session.h"

#define SYNC_FRAME_MAX_BYTES    ((size_t)256 * 1024) /* plain; sealed it is 48 longer */
#define SYNC_BATCH_FILL_BYTES   ((size_t)64 * 1024)  /* what lies ahead of a control entry */
#define SYNC_WELCOME_MAX_BYTES  1024
#define SYNC_RECEIPT_MAX_BYTES  512
#define SYNC_RECEIPTS_MAX_BYTES SYNC_WELCOME_MAX_BYTES /* of a HELLO, one a lane */
#define SYNC_CFG_PART_BYTES     ((size_t)64 * 1024)
#define SYNC_NAME_MAX_BYTES     64
#define SYNC_WORDS_MAX_BYTES    256
#define SYNC_CREDIT_MIN_BYTES   ((uint32_t)SYNC_FRAME_MAX_BYTES) /* one frame always fits */
#define SYNC_CREDIT_MAX_BYTES   ((uint32_t)4 * 1024 * 1024)

/* Same numbers as the fields of SyncMessage. */
enum sync_kind {
	SYNC_HELLO = 1,
	SYNC_WELCOME,
	SYNC_READY,
	SYNC_BATCH,
	SYNC_ACK,
	SYNC_NACK,
	SYNC_CFG_GET,
	SYNC_CFG_PART,
	SYNC_CFG_ACK,
	SYNC_PING,
	SYNC_PONG,
	SYNC_CLOSE,
	SYNC_ENROL_REQ,
	SYNC_ENROL_OK,
	SYNC_PROBE,
	SYNC_PROBED,
	SYNC_PULL,
	SYNC_CHUNK,
	SYNC_WANT,
	SYNC_WITNESS,
	SYNC_LOG_GET,
	SYNC_LOG,
	SYNC_NOTICE, /* a batch of one entry, ahead of its chain */
	SYNC_NOTICED,
};

struct sync_msg {
	enum sync_kind kind;
	union {
		struct sync_hello hello;
		struct sync_welcome welcome;
		struct sync_ready ready;
		struct sync_batch batch; /* and of SYNC_NOTICE */
		struct sync_ack ack;
		struct sync_nack nack;
		struct sync_cfg_get cfg_get;
		struct sync_cfg_part cfg_part;
		struct sync_cfg_ack cfg_ack;
		struct sync_ping ping;
		struct sync_pong pong;
		struct sync_close close;
		struct sync_enrol_req enrol_req;
		struct sync_enrol_ok enrol_ok;
		struct sync_probe probe;
		struct sync_probed probed;
		struct sync_pull pull;
		struct sync_chunk chunk;
		struct sync_want want;
		struct sync_witness witness;
		struct sync_log_get log_get;
		struct sync_log log;
		struct sync_noticed noticed;
	};
};

/* Room that one frame of this length takes in an arena; a caller may put many frames into
 * one. */
size_t sync_arena_bytes(size_t frame_len);

/* One plain frame -> one message. lends from `arena` as long as that is not used anew; sets
 * *ret on success only. */
CHECKED enum err sync_unpack(struct sync_msg *ret, struct wire_arena *arena, struct view frame);

/* Adds one plain frame to `out`; the same message gives the same bytes. E_FORMAT if it is over
 * a cap: then the caller has made a mistake, and out is as it was. */
CHECKED enum err sync_pack(struct buf *out, const struct sync_msg *m);

/* The bytes of a WELCOME that are signed; the caller puts them into w->body before
 * sync_pack(). */
CHECKED enum err sync_pack_welcome_body(struct buf *out, const struct sync_welcome *w);

/* A receipt alone, as a node keeps it and shows it in its HELLO. */
CHECKED enum err sync_pack_receipt(struct buf *out, const struct sync_receipt *r);
CHECKED enum err sync_unpack_receipt(struct sync_receipt *ret, struct view packed);

/* What an entry, a batch and a chunk count against credit and frame cap: never less than they
 * take in the frame, and the same on both sides. SYNC_BATCH_EXTRA_BYTES is what a batch takes
 * without entries. */
#define SYNC_BATCH_EXTRA_BYTES 256
size_t sync_entry_bytes(const struct sync_entry *e);
size_t sync_batch_bytes(const struct sync_batch *b);
size_t sync_chunk_bytes(const struct sync_chunk *c);

#endif
