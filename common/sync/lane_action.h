/* lane_action - what the sync core asks of a shell. lane.h says the rules. Data only.
 *
 * "then X" names the event that answers; it repeats the action's ticket.
 * The simulator carries out all of them. The programs do not carry out LOOK, TAKE, OPEN,
 * REBASE, RISE, HEARD and the hub's FETCH, and never say SURVIVE, PROBE, REPAIR, MODE and
 * RETAINED: a node of theirs that is behind or a copy stays stopped.
 * After STORE_FAILED a hub's shell makes the machine anew from its vault.
 */
#ifndef WEIR_LANE_ACTION_H
#define WEIR_LANE_ACTION_H

#include "common/sync/lane_event.h"

#define LANE_ACTIONS_MAX_COUNT 16

enum lane_action_kind {
	/* -- both sides -- */
	/* msg; if `sign`, lane_sign() it first */
	LANE_SEND = 1,
	/* the hash of the stored entry mark.seq of lane (hub: with what this turn appended),
	 * found false if there is none; then HEAD_FOUND at once */
	LANE_FIND_HEAD,
	/* verdict, reason: write it down for a person; nothing else */
	LANE_REPORT,
	/* incarnation, lane, mark.seq: that entry's hash, the end of the lane, the incarnation
	 * before; then LOOKED at once */
	LANE_LOOK,
	/* incarnation, lane, batch: checked entries of the other side, to be put in the place
	 * of damaged ones. Node in REFILL: to be kept aside until REBASE; incarnation 0: forget
	 * what was taken before; batch NULL: at the hub the lane ends with mark, in an
	 * incarnation that follows base_incarnation */
	LANE_TAKE,

	/* -- node -- */
	/* close the connection; after_ms from now open one and say CONNECTED */
	LANE_RECONNECT,
	/* verdict, reason: nothing is sent until a person has resolved it */
	LANE_STOP,
	/* lane, mark.seq: a dense run from there of at most max_count entries, filled up to
	 * max_bytes as sync_batch_bytes() counts; an entry larger than that comes alone if it
	 * fits limit_bytes; then FETCHED with lane, first, entries, count, head and signature
	 * set. Both sides: incarnation says of which; hub: signature zeros where the run does
	 * not end with the lane */
	LANE_FETCH,
	/* commit token; then TOKEN_KEPT */
	LANE_KEEP_TOKEN,
	/* lane, mark: in the hub's store; for HELLO, not for pruning. A mark below the one of
	 * before says that the hub was restored: above it nothing is "at the hub", whatever was
	 * receipted */
	LANE_KEEP_ACKED,
	/* msg.ack.receipt, checked: "at the hub" is shown up to its mark */
	LANE_KEEP_RECEIPT,
	/* config, offset_bytes, bytes: keep aside */
	LANE_CONFIG_PART,
	/* config; ok: all bytes came, check hash and signatures, say WANT for further documents
	 * and at last CONFIG_APPLIED; not ok: the hub does not have them */
	LANE_CONFIG_DONE,
	/* the chain of incarnation, if `ok` of the one behind it here; then OPENED at once */
	LANE_OPEN,
	/* incarnation, base_incarnation, base: in one commit: the own chain becomes the hub's,
	 * of what was taken and of own entries below; the incarnation is opened; every entry
	 * that was in the own chain and is not in this one (by its hash, or as what an entry of
	 * it repeats) is said again in it, lane by lane, with `repeats`; survivor is forgotten.
	 * Then REBASED */
	LANE_REBASE,

	/* -- hub -- */
	/* commit token (confirmed), pending and granted, in the journal first; then
	 * TOKENS_KEPT */
	LANE_KEEP_TOKENS,
	/* batch, checked; its entries from `first` on are new. Compare-and-set on mark; when
	 * the turn is committed STORED, else STORE_FAILED */
	LANE_APPEND,
	/* config.hash, offset_bytes, max_bytes; then CONFIG_READ */
	LANE_READ_CONFIG,
	/* a session began: say OFFER, CREDIT, CHECKPOINT as they stand */
	LANE_LIVE,
	/* verdict, reason: commit the standing; keep batch, if any, apart as evidence */
	LANE_QUARANTINE,
	/* config.number, ok: what the node says is in force */
	LANE_CONFIG_ACKED,
	/* incarnation, base_incarnation, base: commit: the writer goes on in this incarnation,
	 * its lanes empty; the standing is OK again */
	LANE_RISE,
	/* all that the writer had when it greeted is STORED: RECOVERY may count it as heard */
	LANE_HEARD,
};

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
	struct sync_msg msg;
};

/* The list a step fills. `scratch` holds packed bytes that a message of the list lends. */
struct lane_actions {
	struct lane_action at[LANE_ACTIONS_MAX_COUNT];
	size_t count;
	uint8_t scratch[SYNC_WELCOME_MAX_BYTES];
};

#endif
