/* vault - what the hub keeps, every value sealed; one interface in front of any database.
 *
 * Always true: nothing above this room knows which database stands below it.
 *              a value at rest is XChaCha20-Poly1305 under the vault key with the table's name,
 *              a zero byte and the row's key as associated data: a stolen disk shows ids and
 *              sizes only; a value changed or moved to another row is found when it is read.
 *              all rows of a file are under one vault key (vaultkeys.h), which the file names;
 *              opened with another it is refused at once. A move changes it (vault_move.h).
 * On disk:     keys are clear; value = nonce 24, ciphertext, tag 16 (rowkey.h), a series for
 *              each transaction: those of a machine and of its clone do not meet.
 *              META keys "vault-..." belong to this room: "vault-format" holds "weir-vault-v3",
 *              before its nonce the number of the file's key, u32, in clear.
 * Errors:      those of store.h; E_AUTH "... is damaged" names the table; a key wrong or gone.
 *              E_IO of vault_commit(): the process exits, opens anew and verifies.
 * It can hurt: what a tag cannot show is a row deleted, or put back as it once was; heads,
 *              counts and the log are held against each other for that.
 *              keep values under 4,040 bytes where many: LMDB gives longer ones two pages.
 *              a machine cloned in memory, or a fork, while a transaction writes uses its
 *              nonces twice: who reads both disks learns how values differ, and can forge.
 */
#ifndef WEIR_VAULT_H
#define WEIR_VAULT_H

#include "common/trust/crypto.h"

#define VAULT_VALUE_MAX_BYTES ((size_t)32 << 20)

/* X(constant, name on disk). Keys: fields end to end, big-endian; :16 and :32 say bytes. */
/* clang-format off */
#define VAULT_TABLES(X)                                                                        \
	X(ENTRIES,    "entries")    /* writer:32 inc:u32 lane:u8 seq:u64 -> header bytes */    \
	X(PARTS,      "parts")      /* key of the entry, kind:u8 -> part bytes */              \
	X(HEADS,      "heads")      /* writer:32 inc:u32 lane:u8 -> seq, hash, signature */    \
	X(WRITERS,    "writers")    /* writer:32 -> site, state */                             \
	X(VERDICTS,   "verdicts")   /* key of the entry -> stored verdict */                   \
	X(PEOPLE,     "people")     /* participant:16 -> home writer, levels, audit key */     \
	X(CONSENTS,   "consents")   /* participant:16 index:u32 -> consent version */          \
	X(INSTANCES,  "instances")  /* instance:16 -> key of the entry that counts */          \
	X(DOCUMENTS,  "documents")  /* hash:32 -> bytes of a study pack's document */          \
	X(MANIFESTS,  "manifests")  /* number:u64 -> signed manifest */                        \
	X(PERSONS,    "persons")    /* person's name -> signed card */                         \
	X(STATEMENTS, "statements") /* nonce:16 -> signed statement */                         \
	X(APPROVALS,  "approvals")  /* approval's id -> approval with its statements */        \
	X(INVITES,    "invites")    /* invitation's id:16 -> pending join */                   \
	X(RELEASES,   "releases")   /* release's id -> state, digest, statements */            \
	X(COHORTS,    "cohorts")    /* release's id -> frozen members */                       \
	X(STAGED,     "staged")     /* release's id -> table handed back by the keeper */      \
	X(LEAVES,     "leaves")     /* index:u64 -> leaf bytes */                              \
	X(LEAFHASHES, "leafhashes") /* leafhashes.h */                                         \
	X(RECORDS,    "records")    /* ordinal:u32 -> key of the record's entry */             \
	X(FILES,      "files")      /* attachments.h */                                        \
	X(CHUNKS,     "chunks")     /* root:32 index:u32 -> sealed chunk of a file */          \
	X(COSIGNATURES, "cosignatures") /* witness:32 -> what it cosigned last */              \
	X(META,       "meta")       /* name -> single values */
/* clang-format on */

#define VAULT_TABLE_ENUM(constant, name) VAULT_##constant,
enum vault_table { VAULT_TABLES(VAULT_TABLE_ENUM) VAULT_TABLE_COUNT };

struct vault;
struct vaultkeys;
struct vault_txn;

struct vault_limits {
	size_t map_bytes;   /* the same in every process; 0: 256 GiB (sparse) */
	size_t limit_bytes; /* 0: fifteen sixteenths of the map */
	size_t floor_bytes; /* free disk kept for vault_begin_reserve() */
};

/* gives the vault in `dir`; copies `keys`. A writer makes it; a reader finds E_NOTFOUND. */
CHECKED enum err vault_open_lmdb(struct vault **ret, const char *dir,
	const struct vaultkeys *keys, const struct vault_limits *limits, bool read_only);
/* Housekeeping; call it about once a second. */
CHECKED enum err vault_tick(struct vault *v, int64_t mono_ms);
void vault_free(struct vault *v);
OWNER(vault)

/* gives the one write transaction; E_FULL when limit or floor is reached. */
CHECKED enum err vault_begin(struct vault_txn **ret, struct vault *v);
/* The same past limit and floor: for withdrawals and for what makes room. */
CHECKED enum err vault_begin_reserve(struct vault_txn **ret, struct vault *v);
/* gives a view of what was committed last; renew it each second. */
CHECKED enum err vault_snapshot(struct vault_txn **ret, struct vault *v);
CHECKED enum err vault_renew(struct vault_txn *snapshot);
/* takes t. Durable when OK, without effect otherwise. */
CHECKED enum err vault_commit(struct vault_txn *t);
void vault_txn_free(struct vault_txn *t); /* without effect; NULL is fine */
OWNER(vault_txn)
CHECKED enum err vault_put(
	struct vault_txn *t, enum vault_table table, struct view key, struct view value);
/* E_CONFLICT when the key exists. */
CHECKED enum err vault_put_new(
	struct vault_txn *t, enum vault_table table, struct view key, struct view value);
CHECKED enum err vault_delete(struct vault_txn *t, enum vault_table table, struct view key);

/* Adds the plain value to `out`; E_NOTFOUND, E_AUTH. */
CHECKED enum err vault_get(
	struct vault_txn *t, enum vault_table table, struct view key, struct buf *out);
/* Adds key and value (NULL: not) of the row with the largest key beginning with `prefix`. */
CHECKED enum err vault_last(struct vault_txn *t, enum vault_table table, struct view prefix,
	struct buf *out_key, struct buf *out_value);
/* Changes with each write to the table, also one given up. 0 in a snapshot: not known. */
uint64_t vault_version(const struct vault_txn *t, enum vault_table table);
/* Rows of the table; not a check that none is missing. */
CHECKED enum err vault_count(struct vault_txn *t, enum vault_table table, uint64_t *ret);
/* Rows whose key begins with `prefix` (empty: all), from `from` on (empty: the first). */
struct vault_range {
	enum vault_table table;
	struct view prefix;
	struct view from;
	bool (*only)(struct view key); /* others are passed over unopened; NULL: all */
	bool takes_damaged; /* what does not open is handed out empty; else it ends the walk */
};
/* One row: key lent until the first write, value for the call. An error ends the walk and comes
 * out of it; *ret_stop = true ends it with OK. It may write, also to the table walked. */
typedef enum err vault_each_fn(void *arg, struct view key, struct view value, bool *ret_stop);
CHECKED enum err vault_each(
	struct vault_txn *t, const struct vault_range *range, vault_each_fn *each, void *arg);

#endif
