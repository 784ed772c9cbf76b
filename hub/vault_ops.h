/* vault_ops - what a database has to do to stand below the vault; it sees sealed values only.
 *
 * Always true:  keys are 1..511 bytes, sorted as bytes; the tables are those of VAULT_TABLES,
 *               called by their index. Promises and errors are those of store.h, with "store"
 *               read as "database".
 * It can hurt:  only vault.c calls these verbs; a database that wrote plain values would be
 *               readable by whoever carries its disk away.
 */
#ifndef WEIR_VAULT_OPS_H
#define WEIR_VAULT_OPS_H

#include "hub/vault.h"

/* The sealed value of a row in the new file; lent until the next call. */
typedef struct view vault_value_fn(
	void *arg, size_t table, struct view key, struct view sealed);

enum vault_begin_as { VAULT_WRITE, VAULT_WRITE_RESERVE, VAULT_READ };

struct vault_ops {
	/* The database as a whole. close takes it. */
	enum err (*tick)(void *db, int64_t mono_ms);
	void (*close)(void *db);
	enum err (*copy)(void *db, const char *dir); /* of what was committed last */
	/* As storemove.h; value gives what a row is to be in the new file. */
	enum err (*move_begin)(void *db, vault_value_fn *value, void *arg);
	enum err (*move_step)(void *db, size_t bytes, bool *ret_done);
	void (*move_give_up)(void *db);

	/* gives a transaction; commit and abort take it. */
	enum err (*begin)(void **ret_txn, void *db, enum vault_begin_as as);
	enum err (*renew)(void *snapshot);
	enum err (*commit)(void *txn);
	void (*abort)(void *txn);

	enum err (*put)(void *txn, size_t table, struct view key, struct view sealed);
	enum err (*put_new)(void *txn, size_t table, struct view key, struct view sealed);
	enum err (*remove)(void *txn, size_t table, struct view key);

	/* Views are lent until the next write in the transaction, or its end. */
	enum err (*get)(void *txn, size_t table, struct view key, struct view *ret_sealed);
	enum err (*last)(void *txn, size_t table, struct view prefix, struct view *ret_key,
		struct view *ret_sealed);
	enum err (*count)(void *txn, size_t table, uint64_t *ret);
	enum err (*each)(
		void *txn, const struct vault_range *range, vault_each_fn *each, void *arg);
};

/* gives a vault on the database; takes db, also when it fails; copies keys. Writes or checks
 * the format row: E_AUTH for another key, E_NOTFOUND for a reader of a database not yet
 * begun. */
CHECKED enum err vault_on(struct vault **ret, const struct vault_ops *ops, void *db,
	const struct vaultkeys *keys, bool read_only);

/* The names on disk, in the order of enum vault_table. */
extern const char *const vault_table_names[VAULT_TABLE_COUNT];

#endif
