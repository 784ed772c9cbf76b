/* lane_hub - the hub's side of a session, one machine per writer.
 *
 * ABSENT -> GREETED (token pending) -> LIVE -> ABSENT. The standing is OK, or FORK or CLONE
 * (quarantined) or REVOKED; it is kept by the shell and ends sessions.
 *
 * Always true (order rules of reference 6.3):
 *   the pending token is committed before WELCOME; before a READY with the writer's signature
 *   nothing else changes; a frame of another session is dropped and answered CLOSE stale; an
 *   entry is appended only behind the (seq, hash) it names, under a verified head, with parts
 *   that match its header; what is there already is acknowledged again; the same seq with other
 *   content under a verified head is a fork; entries of A and R wait (NACK control) while their
 *   control floor is above the durable mark of C; an ACK says only what the shell has said is
 *   STORED.
 * The shell has checked that the transport key of the connection belongs to the writer of the
 * HELLO.
 * It can hurt: token, pending, granted, standing and ever belong into a journal that no restore
 *              takes back; without it a restore of both sides breaks I1, I6 and I9. STORED has
 *              to be said before the next message is fed, once per commit and lane.
 */
#ifndef WEIR_LANE_HUB_H
#define WEIR_LANE_HUB_H

#include "common/sync/lane.h"

enum lane_hub_state { LANE_ABSENT, LANE_GREETED, LANE_ALIVE };

/* What the shell knows about the hub and the writer, at start. */
struct lane_hub_setup {
	const char *study; /* copied; at most LANE_STUDY_MAX_BYTES - 1 */
	uint8_t writer[SIGN_PUBLIC_BYTES];
	uint32_t incarnation;
	enum sync_verdict standing; /* SYNC_OK, FORK, CLONE, REVOKED */
	uint8_t token[WIRE_ID_BYTES], pending[WIRE_ID_BYTES]; /* zeros: none */
	struct sync_mark durable[LANE_COUNT];
	uint64_t retained[LANE_COUNT];
	uint32_t base_incarnation; /* 0: this is the first */
	struct sync_mark base[LANE_COUNT];
	uint32_t granted; /* the highest incarnation that was ever given out; of the journal */
	/* The furthest that was ever stored, of the journal, and of which incarnation (0: not
	 * known): a restored hub takes nothing else at these numbers. */
	uint32_t ever_incarnation;
	struct sync_mark ever[LANE_COUNT];
	uint64_t epoch;
	/* In RECOVERY with token and pending zero the hub has lost them, and none is judged. */
	enum sync_mode mode;
	uint32_t retry_after_ms; /* told to nodes in DRAIN */
	struct sync_offer config;
	struct sync_mark checkpoint;
	uint32_t credit_bytes; /* brought into SYNC_CREDIT_MIN_BYTES to _MAX_BYTES */
};

struct lane_in {
	struct sync_mark durable; /* committed */
	struct sync_mark tail;    /* with what is handed over and not yet committed */
	uint64_t retained, receipted;
	size_t held_bytes;        /* between the two */
	bool nacked;              /* one NACK per gap */
	uint8_t link[HASH_BYTES]; /* what its first entry stands on */
	struct sync_mark base, ever;
};

/* A HELLO that was answered, or waits for its token to be committed. */
struct lane_greeting {
	bool open, welcomed;
	uint32_t ticket;
	enum sync_verdict verdict;
	const char *reason;
	uint8_t session[WIRE_ID_BYTES];
	uint8_t hello_hash[HASH_BYTES], transcript[HASH_BYTES];
	uint8_t nonce[WIRE_ID_BYTES], token[WIRE_ID_BYTES];
	int64_t wall_ms;
	bool rises, more;
	struct lane_chain chain; /* of the HELLO */
};

/* Read freely; changed by lane_hub_step() only. */
struct lane_hub_writer {
	enum lane_hub_state state;
	enum sync_verdict standing;
	char study[LANE_STUDY_MAX_BYTES];
	uint8_t writer[SIGN_PUBLIC_BYTES];
	uint32_t incarnation, base_incarnation, granted, ticket;
	uint32_t ever_incarnation;
	uint32_t offered; /* the number of the greeting that is open; 0: none */
	uint8_t token[WIRE_ID_BYTES], pending[WIRE_ID_BYTES];
	struct lane_in lanes[LANE_COUNT];
	struct lane_greeting greeting;
	uint8_t session[WIRE_ID_BYTES], transcript[HASH_BYTES]; /* of the live session */
	uint64_t epoch;
	enum sync_mode mode;
	struct sync_offer config;
	struct sync_mark checkpoint;
	uint32_t credit_bytes;
	size_t granted_bytes; /* the most credit of this session */
	int64_t heard_ms;
	bool refills; /* the live session is a survivor's: it pulls and sends nothing */
	bool heard;   /* LANE_HEARD was said in this session, or will not be */
	uint64_t expected[LANE_COUNT]; /* what the node had when it greeted */
	uint32_t retry_after_ms;
	struct sync_mark probe; /* head zeros: none is under way */
	uint8_t probe_lane, repair_lane;
	uint64_t repair_first, repair_last; /* repair_lane 0: none */
	uint64_t refused_count;             /* frames that were dropped or refused */
};

/* Copies the setup. */
void lane_hub_init(struct lane_hub_writer *w, const struct lane_hub_setup *setup);

/* One event. Fills *out anew. */
void lane_hub_step(
	struct lane_hub_writer *w, const struct lane_event *event, struct lane_actions *out);

#endif
