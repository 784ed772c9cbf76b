/* vault_inside - what the files of the vault share; nobody else includes this.
 *
 * vault: transactions, rows, walks. vault_seal: the key in force, values sealed and opened.
 * vault_move: the vault moved to a new file under a new key.
 */
#ifndef WEIR_VAULT_INSIDE_H
#define WEIR_VAULT_INSIDE_H

#include "common/trust/rowkey.h"

#include "hub/vault_ops.h"

struct vault_key {
	uint32_t number;    /* 0: there is none */
	struct rowkey *row; /* owned */
};

struct vault_move;

struct vault {
	const struct vault_ops *ops;
	void *db;
	char *keys_dir;                      /* vaultkeys.h */
	struct secret *keys_key;             /* of the same */
	struct vault_key key;                /* of all rows of the file that is open */
	struct vault_move *move;             /* one that is under way, or NULL */
	uint32_t unused;                     /* key of a move that did not end; 0: none */
	uint64_t changes;                    /* writes so far, and those given up */
	uint64_t changed[VAULT_TABLE_COUNT]; /* the last of them in each table */
};

struct vaultkeys vault_keys(const struct vault *v); /* lends */
void vault_key_done(struct vault_key *k);

/* Makes the key of the file that the transaction sees that of the vault; looks at one row, and
 * at the file of keys when it is another one. E_NOTFOUND: no format row, the vault is new. */
CHECKED enum err vault_key_follow(struct vault *v, void *txn);
/* The same with a transaction of its own. */
CHECKED enum err vault_key_refresh(struct vault *v);
/* For a new vault: the newest key of the file of keys. */
CHECKED enum err vault_key_begin(struct vault *v);
/* Writes the format row; E_CONFLICT. */
CHECKED enum err vault_write_format(struct vault_txn *t);

/* Adds the plain value; E_AUTH names the table. */
CHECKED enum err vault_open_value(struct vault_key *k, enum vault_table table, struct view key,
	struct view sealed, struct buf *out);
/* Adds the sealed value; a key or value out of bounds is E_FORMAT. */
CHECKED enum err vault_seal_value(struct vault_key *k, enum vault_table table, struct view key,
	struct view value, struct buf *out);

#endif
