/* lane_ask - what the sync core can ask a shell for. lane.h says the rules.
 *
 * "then X" names the event that answers; it repeats the action's ticket.
 * The simulator carries out all of them.
 * After STORE_FAILED a hub's shell makes the machine anew from its vault.
 */
#ifndef WEIR_LANE_ASK_H
#define WEIR_LANE_ASK_H

enum lane_action_kind {
	/* -- both sides -- */
	/* msg; if `sign`, lane_sign() it first */
	LANE_SEND = 1,
	/* the hash of the stored entry mark.seq of lane (hub: with what this turn appended),
	 * found false if there is none; then HEAD_FOUND at once */
	LANE_FIND_HEAD,
	/* verdict, reason: write it down for a person. Hub, ok: it lacks what it gave a receipt
	 * for: RECOVERY */
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
	/* file.root, file.next: that sealed chunk and its proof; then CHUNK_FETCHED */
	LANE_FETCH_CHUNK,
	/* file.root: the hub says that it has the whole file; for people, not for pruning */
	LANE_FILE_SENT,
	/* mark, bytes: a checkpoint that continues the one kept before, as its log signed it;
	 * commit both; then CHECKPOINT_KEPT */
	LANE_KEEP_CHECKPOINT,
	/* reason, bytes: a checkpoint that the log signed and that does not continue the one
	 * kept; commit it beside that one, for good. Nothing is witnessed any more */
	LANE_ALARM,
	/* incarnation, mark.seq: the first change of participation in lane C behind that entry;
	 * then CHANGE_FOUND before any FETCH is answered */
	LANE_FIND_CHANGE,
	/* mark: the hub holds this change in force ahead of its entry; for people, not for
	 * pruning */
	LANE_KEEP_NOTICED,

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
	/* file.cursor: the writer's first file behind it that lacks chunks; then LACKS at once
	 */
	LANE_NEXT_FILE,
	/* file.root, file.next, bytes: a chunk that belongs there, the next one that lacks;
	 * when the turn is committed CHUNK_STORED */
	LANE_KEEP_CHUNK,
	/* mark.seq: the newest checkpoint, and the proof that it continues that size; then
	 * PROVED at once */
	LANE_PROVE,
	/* msg.witness, its signature checked: if the root is the log's own at that size, keep
	 * it beside the log; if not, write that down for a person */
	LANE_KEEP_COSIGNATURE,
	/* mark, batch: an entry ahead of its chain, checked; if its rules part is a change of
	 * participation of a person at home with the writer: journal first, in force from this
	 * turn on until the entry itself comes; when the turn is committed CHANGE_NOTED */
	LANE_NOTE_CHANGE,
};

#endif
