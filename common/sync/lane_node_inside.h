/* lane_node_inside - what the files of lane_node share; nobody else includes this.
 *
 * lane_node_say: sending, stopping, starting again. lane_node_flow: entries on their way and
 * what comes back. lane_node_notice: changes of participation ahead of their chain.
 * lane_node_files: chunks of files. lane_node_log: the hub's log, witnessed.
 * lane_node_refill: the survivor's way to a new incarnation; probes.
 * lane_node_config: manifests and documents. lane_node_greet: HELLO to READY.
 */
#ifndef WEIR_LANE_NODE_INSIDE_H
#define WEIR_LANE_NODE_INSIDE_H

#include "common/sync/lane_node.h"

/* say */
bool node_same_head(const uint8_t a[static HASH_BYTES], const uint8_t b[static HASH_BYTES]);
/* Forget the session; entries on their way count as not sent. */
void node_drop_session(struct lane_node *n);
/* Work on this chain from now on. */
void node_work_on(struct lane_node *n, const struct lane_chain *chain);
/* Drop the session and greet at once. */
void node_greet_again(struct lane_node *n, struct lane_actions *out);
bool node_is_own(const struct lane_node *n); /* the newest incarnation is at work */
/* Drop the session and connect anew after the back-off, and not before least_ms. */
void node_reconnect(
	struct lane_node *n, uint64_t random, uint32_t least_ms, struct lane_actions *out);
void node_stop(struct lane_node *n, enum sync_verdict verdict, const char *reason,
	struct lane_actions *out);
/* The hub's entries are not on the own chain: tell it, and stop. */
void node_diverged(struct lane_node *n, struct lane_actions *out);
void node_report(struct lane_actions *out, const char *reason);
void node_send_ready(struct lane_node *n, struct lane_actions *out);
void node_find_head(struct lane_node *n, uint8_t lane, enum lane_why why,
	const struct sync_mark *theirs, struct lane_actions *out);

/* flow */
/* Ask for the next run of entries if one may go. */
void node_pump(struct lane_node *n, struct lane_actions *out);
/* Bytes that may still go: within the credit and the window of the line. */
size_t node_room(const struct lane_node *n);
bool node_all_sent(const struct lane_node *n); /* and control entries are acked */
/* Something of this lane left that ends at this mark. */
void node_add_flight(struct lane_node *n, uint8_t lane, const struct sync_mark *last,
	size_t bytes, int64_t mono_ms);
/* What ends at `upto` or before is there. */
void node_ack_flights(struct lane_node *n, uint8_t lane, uint64_t upto, int64_t mono_ms);
/* What ends between the two is not on its way any more. */
void node_drop_flights(struct lane_node *n, uint8_t lane, uint64_t from, uint64_t to);
void node_on_fetched(
	struct lane_node *n, const struct lane_event *ev, struct lane_actions *out);
void node_on_ack(struct lane_node *n, const struct lane_event *ev, struct lane_actions *out);
void node_on_nack(struct lane_node *n, const struct lane_event *ev, struct lane_actions *out);
void node_on_head_found(
	struct lane_node *n, const struct lane_event *ev, struct lane_actions *out);

/* notice */
/* Ask for the next change of participation that the hub has to know. */
void node_pump_notices(struct lane_node *n, struct lane_actions *out);
/* What the hub has needs no notice. */
void node_notices_acked(struct lane_node *n, uint64_t upto);
void node_on_change_found(
	struct lane_node *n, const struct lane_event *ev, struct lane_actions *out);
void node_on_noticed(
	struct lane_node *n, const struct sync_noticed *m, struct lane_actions *out);

/* files */
/* Ask for the next chunk if one may go; nothing else is to be sent. */
void node_pump_chunk(struct lane_node *n, struct lane_actions *out);
void node_on_want(struct lane_node *n, const struct lane_event *ev, struct lane_actions *out);
void node_on_chunk_fetched(
	struct lane_node *n, const struct lane_event *ev, struct lane_actions *out);

/* log */
void node_ask_log(struct lane_node *n, int64_t mono_ms, struct lane_actions *out);
void node_on_log(struct lane_node *n, const struct sync_log *m, struct lane_actions *out);
void node_on_checkpoint_kept(
	struct lane_node *n, const struct lane_event *ev, struct lane_actions *out);

/* refill */
/* READY is sent: pull. */
void node_refill_begin(struct lane_node *n, struct lane_actions *out);
void node_on_probed(struct lane_node *n, const struct lane_event *ev, struct lane_actions *out);
void node_on_refill_found(
	struct lane_node *n, const struct lane_event *ev, struct lane_actions *out);
/* A BATCH of the hub: in REFILL, or one that was asked for to repair. */
void node_on_batch(struct lane_node *n, const struct lane_event *ev, struct lane_actions *out);
void node_on_opened(struct lane_node *n, const struct lane_event *ev, struct lane_actions *out);
void node_on_rebased(
	struct lane_node *n, const struct lane_event *ev, struct lane_actions *out);
/* Ask the shell for a chain: that incarnation, or the one that follows it. */
void node_open(struct lane_node *n, uint32_t incarnation, bool next, struct lane_actions *out);
/* An earlier incarnation is whole at the hub: go on to the next one. */
void node_climb(struct lane_node *n, struct lane_actions *out);
void node_on_probe(struct lane_node *n, const struct sync_probe *p, struct lane_actions *out);
void node_on_looked(struct lane_node *n, const struct lane_event *ev, struct lane_actions *out);
void node_on_pull(struct lane_node *n, const struct sync_pull *p, struct lane_actions *out);
void node_probe(struct lane_node *n, const struct lane_event *ev, struct lane_actions *out);
void node_repair(struct lane_node *n, const struct lane_event *ev, struct lane_actions *out);

/* config */
void node_on_offer(
	struct lane_node *n, const struct sync_offer *offer, struct lane_actions *out);
void node_want(struct lane_node *n, const struct sync_offer *what, struct lane_actions *out);
/* Go on with what was wanted before the session began. */
void node_want_again(struct lane_node *n, struct lane_actions *out);
void node_on_cfg_part(
	struct lane_node *n, const struct sync_cfg_part *p, struct lane_actions *out);
void node_on_applied(
	struct lane_node *n, const struct lane_event *ev, struct lane_actions *out);

/* greet */
void node_on_connected(
	struct lane_node *n, const struct lane_event *ev, struct lane_actions *out);
void node_on_welcome(
	struct lane_node *n, const struct lane_event *ev, struct lane_actions *out);
/* One lane's head was found, or none was asked for: go on to the token when all are. */
void node_heads_fit(struct lane_node *n, struct lane_actions *out);
void node_on_token_kept(
	struct lane_node *n, const struct lane_event *ev, struct lane_actions *out);

#endif
