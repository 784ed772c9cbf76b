/* audit - the hub's log: leaves in the transaction of their effect, tiles and checkpoint after
 * it.
 *
 * Always true: a leaf and its hash (leafhashes.h) are in the vault in the same transaction as
 *              what it tells. order: vault commit; tiles and bundles as files; checkpoint
 *              signed and synced to the journal; checkpoint file replaced. What a checkpoint
 *              covers is never changed. A leaf names who acted, as what and for which
 *              organisation; one of an act on what people gave, the basis of confidence and
 *              the articles of the study in force.
 * Rows:        LEAVES index u64 -> leaf bytes (leaf.h)
 * Errors:      those of vault.h and tlog.h; E_FORMAT when vault, journal and log contradict
 *              each other.
 * It can hurt: after an aborted turn call audit_aborted(), or the count in memory is ahead of
 *              the vault.
 */
#ifndef WEIR_HUB_AUDIT_H
#define WEIR_HUB_AUDIT_H

#include "common/trust/leaf.h"
#include "common/trust/merkle.h"
#include "common/trust/note.h"

#include "hub/vault.h"

struct audit;
struct forward;
struct hub;

struct audit_config {
	struct vault *vault;
	const char *log_dir;     /* tiles, bundles, checkpoint */
	const char *journal_dir; /* may be another volume */
	const char *origin;
	struct secret *log_seed; /* Ed25519, 32 bytes */
	bool begins_journal;     /* a person has said that the one there was is lost */
	bool *ret_journal_lost;  /* may be NULL; set when audit_open() fails for that */
};

/* gives the log, brought up to date with the vault: missing tiles are written again. A
 * vault whose tree is behind the journal's last checkpoint is filled from the log
 * (audit_back.h); one beside it is refused. A vault that is behind the journal goes into
 * recovery (recovery_start.h). Refused too when the journal is damaged, or lacks what the vault
 * or the log knows of it. */
CHECKED enum err audit_open(struct audit **ret, const struct audit_config *c);
void audit_free(struct audit *a);
OWNER(audit)

/* What the journal says; lent. From now on every turn of the hub is kept there first. */
struct forward *audit_forward(const struct audit *a);
void audit_watch(struct audit *a, struct hub *h);

/* A random id for a leaf. */
void audit_new_id(struct audit *a, uint8_t ret[static ID_BYTES]);
/* Add one leaf in this transaction; *ret_index (may be NULL) is its place in the tree. One
 * without role is a service's; one without organisation is its site's, or the study owner's.
 * E_FORMAT for one without actor. */
CHECKED enum err audit_add(
	struct audit *a, struct vault_txn *t, const struct leaf *said, uint64_t *ret_index);
/* Adds the bytes of the leaf at this place; E_NOTFOUND the log is not so long. */
CHECKED enum err audit_leaf(struct vault_txn *t, uint64_t index, struct buf *out);
void audit_committed(struct audit *a);           /* the vault has it */
CHECKED enum err audit_aborted(struct audit *a); /* it has not: forget what was added */

/* Write tiles and a new checkpoint for everything committed; nothing when there is nothing
 * new. */
CHECKED enum err audit_publish(struct audit *a);
bool audit_is_behind(const struct audit *a); /* something committed is in no checkpoint yet */
uint64_t audit_published_size(const struct audit *a);
void audit_published_root(uint8_t ret[static HASH_BYTES], const struct audit *a);
uint64_t audit_size(const struct audit *a); /* leaves added, committed or not */

/* Adds the checkpoint note as published last; E_NOTFOUND before the first. */
CHECKED enum err audit_checkpoint(struct audit *a, struct buf *out);
/* Inclusion proof of a leaf in the tree of the checkpoint published last. */
CHECKED enum err audit_proof(struct audit *a, uint64_t index,
	uint8_t ret[MERKLE_PROOF_MOST_COUNT][HASH_BYTES], size_t *ret_count);

/* For witness.h: gives the tree of the checkpoint published last; its directory, lent; adds the
 * note of such a text, signed by the log. */
struct tile_tree *audit_tree(const struct audit *a);
const char *audit_dir(const struct audit *a);
CHECKED enum err audit_sign(const struct audit *a, struct view text, struct buf *out);

/* The public half as a verifier key; lent. */
const struct note_key *audit_key(const struct audit *a);

/* BLAKE2b-256 of a leaf id keyed with a participant's audit key: person_commit, as hex. */
void audit_person_commit(
	char ret[static 2 * HASH_BYTES + 1], const char *leaf_id, const uint8_t key[static 32]);
/* The same of leaf id and consent's instance, end to end: consent_ref. Two leaves of records
 * that stand on one consent do not look alike. */
void audit_consent_commit(char ret[static 2 * HASH_BYTES + 1], const char *leaf_id,
	const uint8_t consent[static ID_BYTES], const uint8_t key[static 32]);

#endif
