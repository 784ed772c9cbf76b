/* vault_inside - what the files of the vault share: vault.c (opening, turns), vault_rows.c,
 * vault_chains.c (incarnations), vault_entries.c, vault_rebase.c and vault_check.c. No other
 * file includes this one.
 */
#ifndef WEIR_NODE_VAULT_INSIDE_H
#define WEIR_NODE_VAULT_INSIDE_H

#include "common/store/store.h"

#include "node/vault.h"

/* On disk, so the order stays. */
enum table {
	TABLE_ENTRIES,
	TABLE_PARTS,
	TABLE_HEADS,
	TABLE_MARKS,
	TABLE_PEOPLE,
	TABLE_PERSONS,
	TABLE_INSTANCES,
	TABLE_CONSENTS,
	TABLE_DOCUMENTS,
	TABLE_META,
	TABLE_CURRENT,
	TABLE_SUBMISSIONS,
	TABLE_HOLDS,
	TABLE_HELD_OF,
	TABLE_KEYS,
	TABLE_FILES,
	TABLE_CHUNKS,
	TABLE_LOCALS,
	TABLE_STRANGERS,
	TABLE_COLLECTORS,
	TABLE_COUNTS,
	TABLE_ASIDE,
	TABLE_WRAPS,
	TABLE_COUNT,
};

#define PLACE_LANE_BYTES 5  /* incarnation, lane */
#define PLACE_BYTES      13 /* and seq */
#define PLACE_PART_BYTES 14 /* and kind */

/* Incarnations, rising; the last one is in use. Each follows where the one before it ends. */
struct vault_chains {
	struct lane_chain *list; /* owned */
	size_t count;
};

struct vault {
	struct store *store;
	struct store_txn *txn; /* of this turn, or NULL */
	bool changed;
	bool read_only;
	char study[WIRE_NAME_BYTES];
	uint8_t writer[SIGN_PUBLIC_BYTES];
	size_t floor_bytes;
	uint8_t row_key[HASH_BYTES];
	struct vault_chains now;  /* with what this turn did */
	struct vault_chains kept; /* as committed */
};

/* The turn's transaction is open behind this. */
CHECKED enum err vault_begin(struct vault *v);
/* Rows with their version and check. What is got is lent until the next write. */
CHECKED enum err vault_row_get(
	struct vault *v, enum table t, struct view key, struct view *ret);
CHECKED enum err vault_row_put(
	struct vault *v, enum table t, struct view key, struct view content);
/* lends the content of a row; E_FORMAT when its check does not fit. */
CHECKED enum err vault_row_open(
	enum table t, struct view key, struct view row, struct view *ret);
/* Rows as they are stored, in the order of their keys. */
CHECKED enum err vault_rows(struct vault *v, enum table t, store_each_fn *each, void *arg);
CHECKED enum err vault_row_count(struct vault *v, enum table t, uint64_t *ret);
extern const char *const vault_table_names[TABLE_COUNT];
/* E_FORMAT with the words for a vault that does not agree with itself. */
CHECKED enum err vault_damaged(const char *what);

/* The row that says whose the vault is, with this incarnation. */
CHECKED enum err vault_put_who(struct vault *v, uint32_t incarnation);
/* Deletes a row if it is there. */
CHECKED enum err vault_row_drop(struct vault *v, enum table t, struct view key);

void vault_place(uint8_t ret[static PLACE_BYTES], const struct vault_at *at);
/* lends a header as it is stored. */
CHECKED enum err vault_header_row(struct vault *v, const struct vault_at *at, struct view *ret);

/* The entry here came from the hub, its parts are in table `from`: if it has none of those that
 * its header names, it is marked as erased (vault_erase.c). */
CHECKED enum err vault_mark_bare(
	struct vault *v, enum table from, const struct vault_at *at, bool *ret);

/* chains (vault_chains.c) */
struct lane_chain *vault_top(const struct vault_chains *c); /* lent */
/* lends; NULL if there is none. */
struct lane_chain *vault_find_chain(const struct vault_chains *c, uint32_t incarnation);
/* Adds an incarnation that follows the last one, with empty lanes; lends it. */
struct lane_chain *vault_add_chain(struct vault_chains *c, uint32_t incarnation);
void vault_copy_chains(struct vault_chains *to, const struct vault_chains *from);
void vault_drop_chains(struct vault_chains *c);
/* What the first entry of a lane stands on. */
void vault_first_prev(
	uint8_t ret[static HASH_BYTES], const struct lane_chain *c, enum lane lane);
CHECKED enum err vault_put_head(
	struct vault *v, uint32_t incarnation, enum lane lane, const struct sync_mark *m);
/* Reads all heads; E_FORMAT unless heads, last entries, links and counts agree. `top`: the
 * incarnation in use. */
CHECKED enum err vault_chains_load(struct vault *v, uint32_t top);

#endif
