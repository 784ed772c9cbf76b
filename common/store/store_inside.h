/* store_inside - what store.c, store_rows.c and store_copy.c share.
 *
 * store.c has the environment, its room and transactions; store_rows.c the rows and walks;
 * store_copy.c copies row by row; storemove.c the move to a new file. No other file includes
 * this one: it shows LMDB.
 */
#ifndef WEIR_STORE_INSIDE_H
#define WEIR_STORE_INSIDE_H

#include <lmdb.h>

#include "common/store/envdir.h"
#include "common/store/store.h"

/* LMDB's own two tables, free list and main, come first among the handles. */
#define FREE_HANDLE       0
#define MAIN_HANDLE       1
#define OWN_HANDLES_COUNT 2

struct storemove;

struct store {
	MDB_env *env;
	char *dir;
	char *tables[STORE_TABLES_MAX];
	MDB_dbi handles[OWN_HANDLES_COUNT + STORE_TABLES_MAX];
	size_t table_count;
	size_t page_bytes;
	size_t map_bytes;
	size_t limit_bytes;
	size_t floor_bytes;
	size_t used_bytes; /* of what was committed last; kept by the writer only */
	int64_t ticked_ms;
	struct storemove *move;    /* one that is under way, or NULL */
	struct envdir_files files; /* which ones are open */
	size_t open_count;         /* transactions */
	bool read_only;
	bool writing;
	bool broken;
};

struct store_txn {
	struct store *store;
	MDB_txn *txn;
	uint64_t changes;
	size_t unchecked_bytes;
	enum err failed; /* the first failed write; nothing is committed after it */
	bool writes;
	bool reserve;
	/* A put in the middle was seen in this transaction: see put_at_place(). */
	bool not_at_end[STORE_TABLES_MAX];
	/* Rows read one by one since the last write, and where each table was read last: see
	 * get_near(). */
	size_t reads;
	MDB_cursor *near[STORE_TABLES_MAX];
	bool has_near;
};

/* Copies rows to another environment, with room for the same tables. */
struct store_copying {
	const struct store *from;
	MDB_env *env; /* of the copy */
	MDB_txn *txn; /* that writes there */
	MDB_dbi handles[STORE_TABLES_MAX];
};
void store_copying_done(struct store_copying *c);
/* Into a file that is there and empty. */
int store_copying_begin(struct store_copying *c, const char *file, unsigned flags);
/* E_FORMAT when the store has a table that this version does not know: it would stay behind. */
int store_copying_check(const struct store *s, MDB_txn *rows);

/* A row was written or deleted: a move that is under way may have to know. */
void storemove_note(struct store *s, size_t table, struct view key);

/* Byte order with the shorter first, as LMDB sorts. */
int store_compare_keys(struct view a, struct view b);

/* Closes the environment, and opens what lies in its place now. */
CHECKED enum err store_reopen(struct store *s);
void store_close(struct store *s);

/* The sentence and the code for what LMDB answered while `doing` something. */
CHECKED enum err store_fail(const char *dir, int rc, const char *doing);

/* Forgets where tables were read: before a write, and before the transaction ends or moves. */
void store_drop_near(struct store_txn *t);

/* E_FULL when the transaction has grown the store past its limit. One that began below the
 * limit may always shrink it; above it the reserve makes room. */
CHECKED enum err store_check_limit(struct store_txn *t, size_t *ret_used_bytes);

#endif
