/* lane_carry - batches, pieces of files and receipts that came in a bundle (bundle.h), held
 * against the machines.
 *
 * The session's machines judge them, without a session: what is carried may be old, may come
 * twice, in any order, and beside a session that is up.
 * Always true: an entry is taken only behind the (seq, hash) it names, under a head that the
 *              writer signed, with parts that match; control entries that a batch builds on are
 *              durable before it. what is there already is said to be there; another entry
 *              under a number that is taken sets the writer apart (QUARANTINE, with the batch).
 *              no token is confirmed, spent or looked at; nothing counts as heard (RECOVERY).
 *              at a node a receipt moves only what it moves in a session: "at the hub", up to a
 *              mark that is on the own chain, and never backwards.
 * Shells:      the writer is admitted and not revoked; the bundle's signature held. Actions are
 *              carried out as those of a step; what they bring (STORED, STORE_FAILED) is fed to
 *              the machine as always.
 * It can hurt: a writer that has gone on in a later incarnation has to connect once. A rise
 *              ends the chain before it for good, at the hub, too: that is agreed over the
 *              entries that the hub lacks, by the one copy that holds the token, and a bundle
 *              carries neither. The number of an incarnation is given out in a session, so this
 *              is a link that broke between that session and the next greeting. A site without
 *              a link finds one for that greeting (a telephone is enough), or its installation
 *              is revoked and another one joins.
 *              a hub that was restored knows where its lane ended before, and takes batches
 *              below that only if they reach that place, with the entry that was there: a copy
 *              could fill the gap with entries of its own. The shell keeps what lies below in
 *              memory until then; where that is too much the node has to connect once.
 *              a copy of an installation is not told by its token here: see bundle.h for what
 *              still finds it.
 */
#ifndef WEIR_LANE_CARRY_H
#define WEIR_LANE_CARRY_H

#include "common/sync/lane_hub.h"
#include "common/sync/lane_node.h"

enum lane_carried {
	LANE_CARRIED_TAKEN = 1, /* some of it or all is new: APPEND */
	LANE_CARRIED_KNOWN,     /* all of it is there */
	LANE_CARRIED_GAP,       /* entries before it are missing */
	LANE_CARRIED_CONTROL,   /* control entries that it builds on are missing */
	LANE_CARRIED_DAMAGED,   /* it does not match its headers or its signature */
	LANE_CARRIED_FORKED,    /* it contradicts what is there */
	LANE_CARRIED_APART,     /* the writer is revoked, or set apart already */
	LANE_CARRIED_EARLIER,   /* of an incarnation that is over */
	LANE_CARRIED_LATER,     /* of an incarnation that is not known here */
	LANE_CARRIED_LOST,      /* the hub was restored, and nothing shows what it follows */
	LANE_CARRIED_BEHIND,    /* node: the hub has entries of this writer that are not here */
	LANE_CARRIED_LOOK, /* say it again with the hash of the stored entry of this number:
				   FIND_HEAD is the one action */
};

/* A batch at the hub; its incarnation is set. found: NULL, or what stands where LOOK asked; its
 * seq is 0 if nothing does. */
enum lane_carried lane_hub_carry(struct lane_hub_writer *w, const struct sync_batch *b,
	const struct sync_mark *found, struct lane_actions *out);

/* What became LOST, looked at ahead, batch after batch: do they reach the place that this hub
 * had? end: zeros at first, then where those before ended. LOST: not yet; TAKEN: they do, and
 * the same bytes may go to lane_hub_carry_reached(), from the first on; else as above. */
enum lane_carried lane_hub_carry_reach(struct lane_hub_writer *w, const struct sync_batch *b,
	struct sync_mark *end, struct lane_actions *out);
enum lane_carried lane_hub_carry_reached(struct lane_hub_writer *w, const struct sync_batch *b,
	const struct sync_mark *found, struct lane_actions *out);

/* A piece of a file at the hub: `here` is what it has of that file. TAKEN: the shell keeps it;
 * GAP, KNOWN, DAMAGED, APART. A session that is at the same file goes on undisturbed: what it
 * brings once more is there already. */
enum lane_carried lane_hub_carry_chunk(
	struct lane_hub_writer *w, const struct lane_file *here, const struct sync_chunk *c);

/* An ACK for a node, with a receipt for this lane where something of it is durable: a SEND that
 * lane_sign() signs. checkpoint: covers all that is durable. answers: sum of the bundle that it
 * answers, or zeros. */
void lane_hub_carry_ack(const struct lane_hub_writer *w, uint8_t lane,
	const struct lane_event *checkpoint, const uint8_t answers[static HASH_BYTES],
	struct lane_action *ret);

/* Such an ACK at a node. own: the hash of the own entry at the receipt's place, or NULL when
 * there is none in the incarnation of the receipt. TAKEN: KEEP_RECEIPT. */
enum lane_carried lane_node_carry(struct lane_node *n, const struct sync_ack *ack,
	const uint8_t *own, struct lane_actions *out);

/* What the hub's log is now, held against what it was: KEEP_CHECKPOINT or ALARM. One that was
 * made for another state of this node says nothing. */
void lane_node_carry_log(
	struct lane_node *n, const struct sync_log *m, struct lane_actions *out);
/* At the hub: a node's cosignature of the checkpoint that it keeps. */
void lane_hub_carry_witness(
	struct lane_hub_writer *w, const struct sync_witness *m, struct lane_actions *out);

/* What the hub thinks of this installation: a verdict against it stops the node. True if it
 * does. */
bool lane_node_carry_verdict(
	struct lane_node *n, enum sync_verdict verdict, struct lane_actions *out);

#endif
