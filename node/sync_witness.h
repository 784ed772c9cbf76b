/* sync_witness - the hub's log as this node saw it last, and what to tell if it was edited.
 *
 * meta         "checkpoint" -> blob verifier key of the log | size u64 | root 32 | blob signed
 *              note | kept wall s u64
 *              "log-alarm"  -> the same, of the checkpoint kept before | blob the one shown |
 *              shown wall s u64
 *              "log-alarm-was" shown wall s u64 -> the same, after a person had it looked at
 *              again
 * Always true: both count for the log of the manifest in force only: a successor with another
 *              key begins anew. An alarm stays until a person has the log looked at again
 *              (sync_witness_again()): then it is held against the checkpoint that was kept
 *              before, as ever, so a log that is not mended alarms again.
 * Errors:      those of the vault.
 */
#ifndef WEIR_NODE_SYNC_WITNESS_H
#define WEIR_NODE_SYNC_WITNESS_H

#include "common/sync/lane_node.h"

#include "node/sync_config.h"

struct json_out;

/* Sets log_key (to *room), checkpoint and alarmed. */
CHECKED enum err sync_witness_setup(struct vault *v, const struct sync_config *config,
	struct note_key *room, struct lane_node_setup *ret);
/* Is this the key of the log in force? True too when there is none. */
bool sync_witness_is_key(const struct sync_config *config, const struct note_key *key);

/* A checkpoint that waits for the commit of this turn. */
struct sync_witness_wait {
	bool open;
	uint32_t ticket;
};
/* KEEP_CHECKPOINT, ALARM */
CHECKED enum err sync_witness_keep(struct vault *v, const struct sync_config *config,
	const struct lane_action *a, struct sync_witness_wait *wait);
/* After the commit: fills the event in if one waited. */
bool sync_witness_kept(struct sync_witness_wait *wait, struct lane_event *ret);
CHECKED enum err sync_witness_alarm(
	struct vault *v, const struct sync_config *config, const struct lane_action *a);

/* The alarm ends, both checkpoints of it stay on file; the session has to begin anew.
 * E_NOTFOUND when there is none. */
CHECKED enum err sync_witness_again(struct vault *v, const struct sync_config *config);

/* Whose status: the name of the site and the node's public keys. */
struct sync_witness_self {
	const char *site;
	const uint8_t *writer, *witness; /* SIGN_PUBLIC_BYTES */
};
/* Adds the member "log": size, root, kept (text of a time), alarm (a sentence or ""), witness
 * (this node's verifier key, as weir-audit takes it). */
CHECKED enum err sync_witness_write(struct vault *v, const struct sync_config *config,
	const struct sync_witness_self *self, struct json_out *w);

#endif
