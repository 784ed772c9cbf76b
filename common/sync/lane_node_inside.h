/* lane_node_inside - what the files of lane_node share; nobody else includes this.
 *
 * lane_node_say: sending, stopping, starting again. lane_node_flow: entries on their way and
 * what comes back. lane_node_config: manifests and documents. lane_node_greet: HELLO to READY.
 */
#ifndef WEIR_LANE_NODE_INSIDE_H
#define WEIR_LANE_NODE_INSIDE_H

#include "common/sync/lane_node.h"

/* say */
bool node_same_head(const uint8_t a[static HASH_BYTES], const uint8_t b[static HASH_BYTES]);
/* Forget the session; entries on their way count as not sent. */
void node_drop_session(struct lane_node *n);
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
void node_on_fetched(
	struct lane_node *n, const struct lane_event *ev, struct lane_actions *out);
void node_on_ack(struct lane_node *n, const struct lane_event *ev, struct lane_actions *out);
void node_on_nack(struct lane_node *n, const struct lane_event *ev, struct lane_actions *out);
void node_on_head_found(
	struct lane_node *n, const struct lane_event *ev, struct lane_actions *out);

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
