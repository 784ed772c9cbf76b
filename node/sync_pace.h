/* sync_pace - the node's hold on its own bulk: common/sync/pace with clocks and a memory.
 *
 * Row:         META "pace" -> day i64 (local days since 1970), bytes u64 of bulk sent on it;
 *              kept in the turn of each batch, and only where there is a daily quota.
 * Always true: what the hub pulled passes at once; fetches of lane C when the line allows it;
 *              others when the rules of node.ini and the line allow it. One that waits is let
 *              go as soon as a control entry waits: the machine then drops it and sends the
 *              control entry.
 * Clock:       quiet hours and days are the machine's local time as its time zone was at the
 *              start.
 * Errors:      those of the vault.
 */
#ifndef WEIR_NODE_SYNC_PACE_H
#define WEIR_NODE_SYNC_PACE_H

#include "common/sync/lane_node.h"
#include "common/sync/pace.h"

#include "node/vault.h"

struct sync_pace;

/* gives; the vault is lent, the rules are copied. */
CHECKED enum err sync_pace_open(
	struct sync_pace **ret, struct vault *v, const struct pace_rules *rules);
void sync_pace_free(struct sync_pace *p);
OWNER(sync_pace)

/* A connection came up and the greeting went out; a word of the hub came in. */
void sync_pace_connected(struct sync_pace *p);
void sync_pace_heard(struct sync_pace *p);

/* May this FETCH (FETCH_CHUNK) be carried out now? Then its max_bytes is what the line takes
 * well; else ask again after each event, a tick at the latest. */
bool sync_pace_may(struct sync_pace *p, const struct lane_node *n, struct lane_action *fetch);
/* A batch or a chunk leaves in this turn; bytes as they count in the machine's flight_bytes. */
CHECKED enum err sync_pace_sent(struct sync_pace *p, size_t bytes, bool is_bulk);

/* Why bulk waits, a sentence for people; "" if nothing that people set is the reason. */
const char *sync_pace_reason(const struct sync_pace *p);

#endif
