/* hub - what the rooms of the ledger share while one loop turn lasts.
 *
 * Always true: one vault transaction a loop turn. hub_txn() gives it, begun at the first need;
 *              the ledger commits it in before_sleep, then sends what waits in its queues. A
 *              room first checks everything, then puts: a refusal never leaves half an act in
 *              the transaction. audit leaves are added in the same transaction as their effect
 *              (audit.h).
 * It can hurt: after a failed commit the process exits and verifies at its next start; nobody
 *              may keep facts in memory that were not read back from a committed transaction,
 *              except where the room's header says how they are made again.
 */
#ifndef WEIR_HUB_HUB_H
#define WEIR_HUB_HUB_H

#include "common/trust/crypto.h"

struct audit;
struct erase;
struct numbered;
struct pack;
struct vault;
struct scrub;
struct vault_txn;
struct versions;

struct hub {
	const char *dir; /* data directory */
	struct vault *vault;
	struct vault_txn *txn;     /* this turn's, or NULL; use hub_txn() */
	bool on_reserve;           /* it was begun past the limit */
	struct audit *audit;       /* leaves and log */
	struct erase *erase;       /* of persons; NULL before the ledger serves */
	struct scrub *scrub;       /* looks for damage; NULL before the ledger serves */
	struct pack *pack;         /* study pack in force, or NULL before the first publish */
	struct versions *versions; /* packs of earlier manifests; NULL with no pack */
	uint64_t manifest_number;  /* 0 before the first */
	int64_t renew_days; /* numbered keys get a new number after so long; 0: when asked */
	const char *origin; /* of the log, set at init */
	char study[64];     /* study id, set at init */
	uint8_t root_public[SIGN_PUBLIC_BYTES]; /* study root */
	struct secret *receipt;                 /* Ed25519, signs receipts and WELCOME */
	struct secret *box;                     /* X25519: ledger key 1 */
	struct numbered *ledger_keys;           /* all that open batches; NULL: box alone */
	struct secret *vault_key;               /* lent; with ledger_keys */
	int64_t ledger_look_ms;                 /* mono: ledger keys are looked after then */
	uint8_t box_public[BOX_PUBLIC_BYTES];   /* of the newest ledger key */
	uint32_t ledger_number;                 /* its number; 0 says 1 */
	uint8_t transport_public[BOX_PUBLIC_BYTES]; /* CURVE key of the gate */
	bool is_journal_new; /* an officer waived the one before; the leaf is still to come */
	bool keys_changed;   /* GATE_KEYS has to be sent after this turn */
	uint64_t terms_changes;  /* what sites' terms stand on may have changed (siteterms.h) */
	int64_t leaving_next_ms; /* mono: sites that left are looked after (leaving_tick.h) */
	/* Called in the turn's transaction before its commit, and with what that answered:
	 * E_IO, nobody knows what the disk has; any other error, nothing of the turn is
	 * there. May be NULL. */
	enum err (*keep)(void *arg, struct vault_txn *t);
	void (*kept)(void *arg, enum err commit);
	void *keep_arg;
};

/* This turn's write transaction. E_FULL or E_IO as store says. lends until the turn ends. */
CHECKED enum err hub_txn(struct hub *h, struct vault_txn **ret);
/* The same past limit and floor: for withdrawals, and for questions that only read. While it
 * lasts hub_txn() says E_FULL. */
CHECKED enum err hub_txn_reserve(struct hub *h, struct vault_txn **ret);
/* Commit the turn, if there is one, and what the journal has to hold of it before: OK or an
 * error, there is none open any more. */
CHECKED enum err hub_commit(struct hub *h);
/* Forget the turn. */
void hub_abort(struct hub *h);

#endif
