/* lane_event - what a shell tells the sync core. lane.h says the rules. Data only. */
#ifndef WEIR_LANE_EVENT_H
#define WEIR_LANE_EVENT_H

#include "common/sync/lane_place.h"

enum lane_event_kind {
	/* -- both sides -- */
	/* at least each second; random */
	LANE_TICK = 1,
	/* the connection that carried the session or the greeting is gone (a hub may not know);
	 * random */
	LANE_LOST,
	/* message; frame: the exact plain bytes it was unpacked from; random */
	LANE_MESSAGE,
	/* answers FIND_HEAD: found, mark; lane, why, wanted, batch as in the action */
	LANE_HEAD_FOUND,
	/* answers LOOK: found, mark (the entry), end, chain.base_incarnation */
	LANE_LOOKED,
	/* compare this own place with the other side: lane, mark; it may find more trouble */
	LANE_PROBE,
	/* own entries first..last of lane are damaged: get them from the other side; TAKE.
	 * chain.incarnation: an earlier one than that at work, or 0 */
	LANE_REPAIR,

	/* -- node -- */
	/* id: a fresh nonce; wall_ms */
	LANE_CONNECTED,
	/* lane, mark: the new end of the lane, committed */
	LANE_APPENDED,
	/* answers FETCH: batch; count 0: its first entry is over limit_bytes; NULL: it cannot
	 * be read, and of lane nothing more is sent in this session. chain.incarnation as
	 * asked */
	LANE_FETCHED, /* hub: answers its FETCH too */
	/* answers KEEP_TOKEN */
	LANE_TOKEN_KEPT,
	/* config: hash, length of bytes to get from the hub, number (0: a document) */
	LANE_WANT,
	/* config.number is in force (ok), or was refused (not ok) */
	LANE_CONFIG_APPLIED,
	/* a person has said that this copy is the one that survives; committed */
	LANE_SURVIVE,
	/* answers OPEN: found, chain */
	LANE_OPENED,
	/* answers REBASE: committed; chain: the new incarnation */
	LANE_REBASED,
	/* answers FETCH_CHUNK: file.root, file.next; found: bytes and proof */
	LANE_CHUNK_FETCHED,
	/* answers KEEP_CHECKPOINT; wall_ms */
	LANE_CHECKPOINT_KEPT,
	/* answers FIND_CHANGE: found: batch of that one entry, signed; not found: there is none
	 * from there up to mark.seq */
	LANE_CHANGE_FOUND,

	/* -- hub; with MESSAGE come also id: a fresh session id, token: a fresh token, wall_ms
	 * -- */
	/* answers KEEP_TOKENS */
	LANE_TOKENS_KEPT,
	/* lane, mark: committed up to there, and that is the end of the stored lane */
	LANE_STORED,
	/* nothing that was asked for since the last commit is kept */
	LANE_STORE_FAILED,
	/* answers READ_CONFIG: config (length_bytes: total), offset_bytes, bytes */
	LANE_CONFIG_READ,
	/* config: the manifest now on offer */
	LANE_OFFER,
	/* credit_bytes from now on; 0 pauses */
	LANE_CREDIT,
	/* mark: size and root of a signed checkpoint over all that is STORED; wall_ms */
	LANE_CHECKPOINT,
	/* the writer is revoked; the shell has committed it */
	LANE_REVOKE,
	/* mode from now on; retry_after_ms with DRAIN; epoch, if it rose */
	LANE_MODE,
	/* lane, mark.seq: every backup that may still be restored holds the lane up to it */
	LANE_RETAINED,
	/* answers NEXT_FILE: file; file.count 0: no other one lacks anything */
	LANE_LACKS,
	/* file.root: committed up to file.next */
	LANE_CHUNK_STORED,
	/* answers PROVE: mark.seq as asked, bytes: the newest signed checkpoint or empty, proof
	 */
	LANE_PROVED,
	/* mark: a change that NOTE_CHANGE brought is committed, in the journal first */
	LANE_CHANGE_NOTED,
};

/* Everything is lent for the step. */
struct lane_event {
	enum lane_event_kind kind;
	int64_t mono_ms; /* always given */
	uint64_t random; /* node: jitter of the back-off */
	uint32_t ticket; /* in answers: the action's */
	uint8_t lane;
	enum lane_why why;
	bool found, ok;
	struct sync_mark mark;
	uint8_t wanted[WIRE_HASH_BYTES];
	uint8_t id[WIRE_ID_BYTES];
	uint8_t token[WIRE_ID_BYTES];
	int64_t wall_ms;
	uint32_t credit_bytes;
	struct sync_offer config;
	uint64_t offset_bytes;
	struct view bytes, proof;
	const struct sync_msg *message;
	struct view frame;
	const struct sync_batch *batch;
	struct sync_mark end;
	struct lane_chain chain;
	uint64_t first, last;
	enum sync_mode mode;
	uint64_t epoch;
	uint32_t retry_after_ms;
	struct lane_file file;
};

#endif
