/* lane_node - the node's side of a session.
 *
 * OFFLINE -> HELLO_SENT -> UP or REFILL; back to OFFLINE on loss, silence, CLOSE. MUST_UPGRADE
 * ends sending until the shell makes the machine anew, STOPPED until that or SURVIVE; APPENDED
 * goes on being counted.
 *
 * Always true (order rules of reference 6.3):
 *   the token is committed before READY; the hub's head is found on the own chain before
 *   anything is sent; the position is the hub's durable mark, never the own acked mark; no
 *   entry of lanes A and R is sent until every entry of C is acked in this session; at most
 *   `credit` bytes, as sync_batch_bytes() counts, are on the way unacknowledged, in any number
 *   of batches up to LANE_FLIGHTS_MAX_COUNT; the "at the hub" mark moves only on a receipt that
 *   the hub signed for the acknowledged mark; a manifest older than the one in force is never
 *   asked for.
 * Lanes go in the order C, A, R: acts are few and small, records are the bulk. Chunks of files
 * go when no entry waits to be sent, and one at a time while any waits for its ACK.
 * Notices:     a change of participation goes to the hub at once, ahead of its chain and
 *              outside credit and window, LANE_NOTICES_MAX_COUNT on the way at a time; at the
 *              start of a session all that the hub does not have yet. NOTICED says that the hub
 *              holds it in force. Of the incarnation at work only.
 * Log:         asked for at the start of a session and every LANE_WITNESS_EVERY_MS; a
 *              checkpoint is cosigned when it continues the one kept before and is committed
 *              itself. The first one is taken as it comes. One that does not continue is an
 *              alarm for good: nothing is witnessed any more, entries go on being sent.
 */
#ifndef WEIR_LANE_NODE_H
#define WEIR_LANE_NODE_H

#include "common/sync/lane_node_parts.h"

#define LANE_HELLO_TIMEOUT_MS 15000
#define LANE_PING_IDLE_MS     30000
#define LANE_SILENCE_MS       120000 /* no answer, or no progress */
#define LANE_BACKOFF_FIRST_MS 1000
#define LANE_WITNESS_EVERY_MS 120000
#define LANE_BACKOFF_MOST_MS  300000
#define LANE_FETCH_LEAST_BYTES                                                                 \
	((size_t)32 * 1024) /* below it wait for credit, unless all is acked */

/* Read freely; changed by lane_node_step() only. */
struct lane_node {
	enum lane_node_state state;
	enum sync_verdict verdict; /* when STOPPED or MUST_UPGRADE */
	const char *reason;        /* likewise; a sentence */
	uint8_t writer[SIGN_PUBLIC_BYTES], receipt_public[SIGN_PUBLIC_BYTES];
	uint32_t incarnation, ticket; /* incarnation: the one at work */
	char study[LANE_STUDY_MAX_BYTES];
	struct lane_chain own; /* the newest */
	struct lane_chain at;  /* at work: own, or an earlier one that the hub lacks */
	bool survivor;
	struct lane_refill refill;
	struct sync_mark probe;
	uint8_t probe_lane, repair_lane;
	uint64_t repair_first, repair_last;
	uint32_t repair_incarnation;
	uint8_t token[WIRE_ID_BYTES], next_token[WIRE_ID_BYTES];
	uint8_t nonce[WIRE_ID_BYTES], session[WIRE_ID_BYTES];
	uint8_t hello_hash[HASH_BYTES], transcript[HASH_BYTES];
	struct lane_out lanes[LANE_COUNT];
	unsigned unfound; /* lanes, one bit each, whose head is being looked up */
	unsigned stuck;   /* likewise, whose next entry cannot be read */
	bool welcomed, confirmed;
	enum sync_mode hub_mode;
	struct lane_flight flights[LANE_FLIGHTS_MAX_COUNT];
	size_t flight_count, flight_bytes, credit_bytes;
	uint8_t fetching; /* lane, or 0 */
	bool blocked;     /* the next entry does not fit what is left of the credit */
	struct lane_window window;
	struct lane_files files;
	struct lane_notices notices;
	struct lane_log log;
	struct lane_want want;
	struct sync_offer offered; /* in WELCOME */
	uint64_t config, config_refused;
	uint64_t config_arrived;                  /* handed to the shell, not applied yet */
	struct sync_receipt receipts[LANE_COUNT]; /* the newest of each lane that was kept */
	struct sync_receipt held; /* waits until its mark is found on the own chain */
	bool holds;
	uint32_t failures;
	int64_t hello_ms, heard_ms, progress_ms, pinged_ms;
	int64_t skew_ms; /* hub's wall time less ours, at WELCOME */
	int64_t wall_ms;
};

/* Copies the setup. */
void lane_node_init(struct lane_node *n, const struct lane_node_setup *setup);

/* One event. Fills *out anew. */
void lane_node_step(
	struct lane_node *n, const struct lane_event *event, struct lane_actions *out);

#endif
