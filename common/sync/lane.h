/* lane - the sync core, as its two machines share it: rules, transcripts, signatures.
 *
 * lane_node and lane_hub are pure: (state, event) -> (state, actions). No clock, socket, disk
 * or randomness; node, hub, simulator and tests run the same code. The shell (node/sync.c,
 * hub/ledger.c) carries out the actions in their order and feeds the answers back as events.
 *
 * Always true: a step does bounded work and fills at most LANE_ACTIONS_MAX_COUNT actions.
 *              Nothing that arrives in a message can end the process; at worst it is dropped or
 *              the session closed.
 * Memory:      what an action lends lives until the next step of that machine, or as long as
 *              what the event lent if that ends sooner. Carry out first, step again afterwards.
 * Tickets:     an answering event repeats ticket, lane, why, wanted and batch of its action; an
 *              answer that comes too late is known by its ticket and ignored.
 * Handshake:   transcript = BLAKE2b-256, personal "weir-session-v1", over two blobs (u32
 *              length, bytes): BLAKE2b-256, personal "weir-hello-v1", of the HELLO frame as
 *              sent, and the WELCOME body as sent.
 * Signed:      blobs in a row. WELCOME (receipt key): "weir-welcome-v1", transcript. READY
 *              (writer key): "weir-ready-v1", transcript. Receipt (receipt key):
 *              "weir-receipt-v1", epoch u64, writer, incarnation u32, lane u8, seq u64, head,
 *              checkpoint size u64, checkpoint root, wall_ms u64, transcript (numbers
 *              big-endian, each a blob too).
 * Heads:       a HELLO names where the lanes end and no places before. The node finds the hub's
 *              ends on its own chain; only a refill has to find where two chains part, and
 *              PROBE bisects for that in as many trips as the lane's length has bits.
 * Tokens:      what is kept as pending is a seed. The token that a WELCOME gives is the first 4
 *              bytes of the HELLO's nonce and 12 of BLAKE2b-128, personal "weir-token-v1", over
 *              seed and those 4 bytes. The hub takes the confirmed token
 *              or any one of the seed, so that a HELLO that comes twice or late makes no clone
 *              of an honest node, and two copies that greet are given different tokens. READY
 *              confirms the token of its greeting; the seed and all others of it are spent.
 * Incarnations: a copy that is behind, forked or cloned stops; what is written meanwhile stays
 *              in its chain, unsent. A person names the copy that survives (SURVIVE). It greets
 *              as survivor, is given a number that nobody was given before, and refills: it
 *              pulls what it lacks of the hub's chain, checked by its own signature at each end
 *              of a lane and by the hub's at the last. Then it rebases: opens that incarnation
 *              and says again in it what the hub lacks. The hub rises to it if it follows
 *              exactly where the hub's chain ends. A hub that was restored to an earlier
 *              incarnation says OLDER and is filled one incarnation after the other.
 *              link = BLAKE2b-256, personal "weir-link-v1", over blobs: incarnation u32, lane
 *              u8, seq u64, head of where the one before ends; it is `prev` of the first entry
 *              of a lane in an incarnation that follows another.
 * Greetings:   a greeting lives beside the session of before and replaces it at READY, so a
 *              HELLO that is not followed by the writer's signature changes nothing but the
 *              pending token. A verdict against a node stands once that node has signed its
 *              READY; then it is evidence.
 */
#ifndef WEIR_LANE_H
#define WEIR_LANE_H

#include "common/sync/lane_action.h"
#include "common/sync/lane_mutant.h"
#include "common/trust/crypto.h"

#define LANE_PROTO           1
#define LANE_STUDY_MAX_BYTES 64

void lane_token_make(uint8_t ret[static WIRE_ID_BYTES],
	const uint8_t seed[static WIRE_ID_BYTES], const uint8_t nonce[static WIRE_ID_BYTES]);
/* The token was made of this seed; never of zeros. */
CHECKED bool lane_token_is(
	const uint8_t token[static WIRE_ID_BYTES], const uint8_t seed[static WIRE_ID_BYTES]);

/* What the first entry of a lane stands on: zeros if incarnation is 0. */
void lane_link(uint8_t ret[static HASH_BYTES], uint32_t incarnation, uint8_t lane,
	const struct sync_mark *end);

void lane_hello_hash(uint8_t ret[static HASH_BYTES], struct view hello_frame);
void lane_transcript(uint8_t ret[static HASH_BYTES],
	const uint8_t hello_hash[static HASH_BYTES], struct view welcome_body);

/* Signs what a SEND with `sign` set carries: WELCOME and READY over the action's transcript,
 * the receipt of an ACK over its fields, WITNESS as lane_proof.h says. `key` is the writer key
 * at a node, and its witness key for a WITNESS; the receipt key at the hub. */
void lane_sign(struct lane_action *action, struct secret *key);

CHECKED bool lane_welcome_check(const struct sync_welcome *w,
	const uint8_t transcript[static HASH_BYTES],
	const uint8_t receipt_public[static SIGN_PUBLIC_BYTES]);
CHECKED bool lane_ready_check(const struct sync_ready *r,
	const uint8_t transcript[static HASH_BYTES],
	const uint8_t writer[static SIGN_PUBLIC_BYTES]);
CHECKED bool lane_receipt_check(
	const struct sync_receipt *r, const uint8_t receipt_public[static SIGN_PUBLIC_BYTES]);

/* For the machines: the next free action, of this kind, else zeros. The bound is held by the
 *                   machines; an
 * action past it would be dropped into the last place, and a test would find it. */
struct lane_action *lane_add(struct lane_actions *out, enum lane_action_kind kind);

/* For the machines: a SEND of this kind of message, all zeros. */
struct lane_action *lane_add_send(struct lane_actions *out, enum sync_kind kind);

/* For the machines: forgets the actions of the step before. */
void lane_begin(struct lane_actions *out);

#endif
