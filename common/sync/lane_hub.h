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
 *   a chunk of a file is kept if it is the next one and its proof fits the root.
 * Notices:     an entry of lane C ahead of its chain, under the writer's head signature, goes
 *              to the shell as it is; NOTICED comes behind its commit, or at once if the entry
 *              is there. One that contradicts an entry, or what this hub ever stored there, is
 *              a fork; one that does not fit is dropped.
 * Manifest:    CONFIG_ACKED with the number that the node says it has, in a CFG_ACK and at each
 *              READY; only the shell knows whether that is news.
 * Files:       one at a time, in the order in which records named them; one that the node does
 *              not have, or sends wrong, is left until the next session. PING repeats the WANT.
 * Backwards:   a node that shows a receipt of this hub for entries that the hub lacks, of the
 *              epoch at work or a later one, tells that an older vault was put in place: REPORT
 *              with ok. What it only says (acked) is written down and not believed: else any
 *              node could stop all releases.
 * The shell has checked that the transport key of the connection belongs to the writer of the
 * HELLO.
 * It can hurt: token, pending, granted, standing and ever belong into a journal that no restore
 *              takes back; without it a restore of both sides breaks I1, I6 and I9. STORED has
 *              to be said before the next message is fed, once per commit and lane.
 */
#ifndef WEIR_LANE_HUB_H
#define WEIR_LANE_HUB_H

#include "common/sync/lane_hub_parts.h"

/* Read freely; changed by lane_hub_step() only. */
struct lane_hub_writer {
	enum lane_hub_state state;
	enum sync_verdict standing;
	char study[LANE_STUDY_MAX_BYTES];
	uint8_t writer[SIGN_PUBLIC_BYTES];
	uint32_t incarnation, base_incarnation, granted, ticket;
	uint32_t ever_incarnation, repair_incarnation;
	uint32_t credit_bytes, retry_after_ms;
	uint32_t offered; /* the number of the greeting that is open; 0: none */
	uint8_t token[WIRE_ID_BYTES], pending[WIRE_ID_BYTES];
	struct lane_in lanes[LANE_COUNT];
	struct lane_greeting greeting;
	uint8_t session[WIRE_ID_BYTES], transcript[HASH_BYTES]; /* of the live session */
	uint64_t epoch;
	uint8_t receipt_public[SIGN_PUBLIC_BYTES];
	enum sync_mode mode;
	struct sync_offer config;
	struct sync_mark checkpoint;
	size_t granted_bytes; /* the most credit of this session */
	int64_t heard_ms;
	uint64_t expected[LANE_COUNT]; /* what the node had when it greeted */
	struct sync_mark probe;        /* head zeros: none is under way */
	uint8_t probe_lane, repair_lane;
	bool refills; /* the live session is a survivor's: it pulls and sends nothing */
	bool heard;   /* LANE_HEARD was said in this session, or will not be */
	uint64_t repair_first, repair_last; /* repair_lane 0: none */
	struct lane_wanted wanted;
	char origin[NOTE_NAME_MOST_BYTES + 1];
	uint8_t witness[SIGN_PUBLIC_BYTES];
	uint64_t refused_count; /* frames that were dropped or refused */
};

/* Copies the setup. */
void lane_hub_init(struct lane_hub_writer *w, const struct lane_hub_setup *setup);

/* One event. Fills *out anew. */
void lane_hub_step(
	struct lane_hub_writer *w, const struct lane_event *event, struct lane_actions *out);

#endif
