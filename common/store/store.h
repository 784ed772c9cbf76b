/* store - durable tables of bytes in one directory; the only room that knows LMDB.
 *
 * Always true: what store_commit() answered OK to is on the disk, whole; what it did not is not
 *              there at all, whatever was killed in between.
 *              one process writes; any number of processes read what was committed last.
 *              an environment appears in its place complete: it is made in DIR.new beside it,
 *              synced and renamed.
 *              a data file that is missing, foreign or shorter than its content is refused
 *              before it is mapped, because a mapped short file kills the process (SIGBUS).
 *              store_each() hands out rows in strictly rising key order or fails.
 * On disk:     DIR/data.mdb and DIR/lock.mdb of LMDB 0.9, default sync mode, no duplicate keys.
 *              Keys are 1..511 bytes and sorted as bytes, so numbers go big-endian.
 * Errors:      E_NOTFOUND no store, table or row; E_CONFLICT the row exists; E_FULL limit, disk
 *              floor or map: make room; E_FORMAT damaged files or a key out of bounds; E_DENIED
 *              a write to a store opened to read; E_BUSY a write transaction is open already;
 *              E_IO of store_commit(): the process has to exit, open anew and verify; every
 *              later call on the store answers E_IO.
 * It can hurt: open a directory once per process, never across fork (LMDB's locks are per
 *              process). An open read transaction pins the pages of its moment: renew it each
 *              second. LMDB has no checksums: values need their own tag when damage has to be
 *              found. A file shortened while it is open still ends the process.
 */
#ifndef WEIR_STORE_H
#define WEIR_STORE_H

#include "common/codec/bytes.h"

#define STORE_KEY_MAX_BYTES   511
#define STORE_VALUE_MAX_BYTES ((size_t)64 << 20)
#define STORE_TABLES_MAX      64
#define STORE_FLOOR_BYTES     ((size_t)16 << 20) /* usual floor_bytes */

struct store;
struct store_txn;

struct store_config {
	const char *dir;    /* made with mode 0700 by a writer; its parent has to exist */
	size_t map_bytes;   /* the same in every process of one store */
	size_t limit_bytes; /* used pages allowed; 0: fifteen sixteenths of the map */
	size_t floor_bytes; /* free disk kept for store_write_reserve(); 0: none */
	const char *const *tables; /* names; later calls say the index. New names are added. */
	size_t table_count;
	bool read_only; /* the store and its tables have to exist: E_NOTFOUND */
};

/* gives an open store; the configuration is copied. */
CHECKED enum err store_open(struct store **ret, const struct store_config *c);
/* Frees the reader slots of dead processes; does so once a minute however often it is called.
 */
CHECKED enum err store_tick(struct store *s, int64_t mono_ms);
/* Every transaction has to be over. */
void store_free(struct store *s);
OWNER(store)

/* Bytes in used pages, the limit they are held against and the free bytes of the disk. */
struct store_usage {
	size_t used_bytes;
	size_t limit_bytes;
	size_t disk_free_bytes;
};
CHECKED enum err store_usage(struct store *s, struct store_usage *ret);

/* Makes a store at `dir`, which must not be there, of what was committed last: synced, copied
 * row by row, so that no byte of an earlier row or key is in it, complete or not at all. The
 * writer goes on beside it. */
CHECKED enum err store_copy(struct store *s, const char *dir);
/* storemove.h in one go: what was deleted is in no file any more. Nothing else may be open. */
CHECKED enum err store_compact(struct store *s);

/* gives the one write transaction; E_FULL when limit or floor is reached. */
CHECKED enum err store_write(struct store_txn **ret, struct store *s);
/* The same past limit and floor, up to the map: for withdrawals and for what makes room. */
CHECKED enum err store_write_reserve(struct store_txn **ret, struct store *s);
/* gives a snapshot of what was committed last. */
CHECKED enum err store_read(struct store_txn **ret, struct store *s);
/* Moves a snapshot to what is committed now; its lent views end. After an error only free it.
 */
CHECKED enum err store_renew(struct store_txn *snapshot);
/* takes t. Durable when OK, without effect otherwise. Of a snapshot: ends it. */
CHECKED enum err store_commit(struct store_txn *t);
/* Ends a transaction without effect; NULL is fine. */
void store_txn_free(struct store_txn *t);
OWNER(store_txn)

/* Writes in a snapshot are E_DENIED. After E_FULL or E_IO of a write only freeing is left. */
CHECKED enum err store_put(
	struct store_txn *t, size_t table, struct view key, struct view value);
/* E_CONFLICT when the key exists; the row stays as it was. */
CHECKED enum err store_put_new(
	struct store_txn *t, size_t table, struct view key, struct view value);
CHECKED enum err store_delete(struct store_txn *t, size_t table, struct view key);

/* lends the value until the next write in the transaction, or its end. */
CHECKED enum err store_get(
	struct store_txn *t, size_t table, struct view key, struct view *ret_value);
/* lends the row with the largest key that begins with `prefix`, as store_get does. */
CHECKED enum err store_last(struct store_txn *t, size_t table, struct view prefix,
	struct view *ret_key, struct view *ret_value);
CHECKED enum err store_count(struct store_txn *t, size_t table, uint64_t *ret);

/* Rows whose key begins with `prefix` (empty: all) and is not below `from` (empty: the first).
 */
struct store_range {
	size_t table;
	struct view prefix;
	struct view from;
};
/* One row, lent for the call until its first write. An error ends the walk and comes out of it;
 * *ret_stop = true ends it with OK. */
typedef enum err store_each_fn(void *arg, struct view key, struct view value, bool *ret_stop);
/* `each` may write, also to the table walked: the walk goes on behind the key handed out last.
 */
CHECKED enum err store_each(
	struct store_txn *t, const struct store_range *range, store_each_fn *each, void *arg);

#endif
