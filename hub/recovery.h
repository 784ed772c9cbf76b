/* recovery - a hub whose vault went backwards releases nothing until it has heard all its
 * nodes.
 *
 * Row:         META "recovery" -> version u8 | since u64 s | leaves that the vault had u64 |
 *              leaves read back u64 | acts of persons among them u64 | u32 count, count x
 *              (writer:32, heard u8, 3 x (incarnation u32, seq u64, head:32, back u8) for lanes
 *              C, R, A: what log and journal say that the hub had)
 * Begun:       when the ledger starts (recovery_start.h), and in the transaction that puts back
 *              the leaves that the vault lacks and the log's bundles have (audit_back.h); while
 *              it runs, when a node saw acknowledged what the hub lacks.
 * Said again:  where the node was put back as well, what the hub had does not come back under
 *              its numbers. A copy that has it says it again in a later incarnation, whole
 *              lanes up to their ends: when the entry that the hub had last is among that, the
 *              lane is back.
 * Lifted:      when every node that is admitted and not revoked has greeted since, all it had
 *              is stored, and that is at least what the log says; by an officer's statement for
 *              a node that is lost (kind recovery-waive).
 * Always true: while the row is there, nothing is proposed, approved or published.
 * It can hurt: a node that joined after the backup is not known any more: it has to join again.
 *              What persons decided after it (approvals, manifests, releases) has to be done
 *              again: the log tells what it was. What became of sites is in the journal and
 *              stands.
 */
#ifndef WEIR_HUB_RECOVERY_H
#define WEIR_HUB_RECOVERY_H

#include "common/codec/wire.h"

#include "hub/place.h"
#include "hub/row.h"
#include "hub/vault.h"

struct sync_mark;

#define RECOVERY_NODES_MAX_COUNT 4096
#define RECOVERY_MAX_BYTES       ((size_t)1 << 20)

struct recovery_node {
	uint8_t writer[SIGN_PUBLIC_BYTES];
	bool is_heard;
	struct {
		uint32_t incarnation;
		uint64_t seq;
		uint8_t head[HASH_BYTES]; /* of that entry; zeros: not known */
		bool is_back;             /* it was said again, in a later incarnation */
	} had[LANE_COUNT];
};

struct recovery {
	int64_t since_s;
	uint64_t leaves_vault, leaves_back, acts;
	struct recovery_node *nodes;
	size_t count;
};

void recovery_done(struct recovery *r);
#define OWNED_RECOVERY OWNED_BY(recovery_done)

/* A recovery that lists every node in force, nothing of them heard; one that is under way
 * already goes on with what it wants. */
CHECKED enum err recovery_begin(struct recovery *ret, struct vault_txn *t);
/* A node that the journal knows: waited for also when the vault is older than its admission;
 * one that was revoked is waited for no more. */
void recovery_knows(
	struct recovery *r, const uint8_t writer[static SIGN_PUBLIC_BYTES], bool is_revoked);
/* One leaf was read back. */
CHECKED enum err recovery_leaf(struct recovery *r, struct vault_txn *t, struct view leaf);
/* The hub had this lane up to there. */
void recovery_had(struct recovery *r, const uint8_t writer[static SIGN_PUBLIC_BYTES],
	uint32_t incarnation, uint8_t lane, uint64_t seq);
/* The same, and which entry it was. */
void recovery_had_mark(struct recovery *r, const uint8_t writer[static SIGN_PUBLIC_BYTES],
	uint32_t incarnation, uint8_t lane, const struct sync_mark *mark);
/* The writer has said this entry again (its hash, or what it repeated itself). */
CHECKED enum err recovery_repeated(struct vault_txn *t,
	const uint8_t writer[static SIGN_PUBLIC_BYTES], const uint8_t root[static HASH_BYTES]);
/* Keeps it, unless there is nobody to wait for. */
CHECKED enum err recovery_keep(const struct recovery *r, struct vault_txn *t);

/* The node that is waited for whose key begins with these digits, known to the vault or not. */
CHECKED enum err recovery_find(
	struct vault_txn *t, const char *digits, uint8_t ret[static SIGN_PUBLIC_BYTES]);
/* E_NOTFOUND when the hub is not in recovery; ret begins as zeros. */
CHECKED enum err recovery_get(struct recovery *ret, struct vault_txn *t);
bool recovery_is_on(struct vault_txn *t); /* also when the row cannot be read */
/* E_DENIED with the reason while it is on. */
CHECKED enum err recovery_refuse(struct vault_txn *t);

/* All that this node had when it greeted is stored. Lifts the recovery when it was the last;
 * *ret_lifted says so. */
CHECKED enum err recovery_heard(
	struct vault_txn *t, const uint8_t writer[static SIGN_PUBLIC_BYTES], bool *ret_lifted);
/* The same without asking what is stored: an officer has said that the node is lost. E_NOTFOUND
 * when nothing waits for it. */
CHECKED enum err recovery_waive(
	struct vault_txn *t, const uint8_t writer[static SIGN_PUBLIC_BYTES], bool *ret_lifted);

#endif
