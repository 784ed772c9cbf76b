/* decisions - what a person has to decide at the hub now, in words, with the command that
 * decides it.
 *
 * JSON: member "decisions", an array of {"about": first 8 digits of a node, or "hub",
 *       "words", "command"}; "waits", the same without "command": what only takes its time.
 * What: recovery, per node not heard; nodes in quarantine or behind; a pause; a full disk; no
 *       backup; damage that no node can mend, and damaged keys that a renewal waits for; wishes
 *       to be erased, and what is to be done until an erasure is complete;
 *       withdrawals that a node gave notice of and lost; clocks that are off; waiting: damage
 *       that a node will mend, withdrawals known from the journal, a revoked node's leftovers;
 *       approvals that wait for a second person, are suspended, end or are due;
 *       sites that leave; sites whose terms are too long; nodes that were not heard for longer
 *       than a withdrawal may take (lease.h); those to which the study is not in force any
 *       more.
 */
#ifndef WEIR_HUB_DECISIONS_H
#define WEIR_HUB_DECISIONS_H

#include "hub/hub.h"

struct ingest;
struct json_out;

/* Adds both members to the open object. */
CHECKED enum err decisions_put(
	struct json_out *w, struct hub *h, const struct ingest *g, struct vault_txn *t);

#endif
