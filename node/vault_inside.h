/* vault_inside - what vault.c (opening, turns, rows), vault_entries.c (chains) and
 * vault_check.c share; no other file includes this one.
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
	TABLE_COUNT,
};

#define PLACE_LANE_BYTES 5  /* incarnation, lane */
#define PLACE_BYTES      13 /* and seq */
#define PLACE_PART_BYTES 14 /* and kind */

struct vault {
	struct store *store;
	struct store_txn *txn; /* of this turn, or NULL */
	bool changed;
	bool read_only;
	char study[WIRE_NAME_BYTES];
	uint8_t writer[SIGN_PUBLIC_BYTES];
	uint32_t incarnation;
	size_t floor_bytes;
	uint8_t row_key[HASH_BYTES];
	struct sync_mark heads[LANE_COUNT];
	struct sync_mark committed[LANE_COUNT];
};

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

void vault_place(
	uint8_t ret[static PLACE_BYTES], const struct vault *v, enum lane lane, uint64_t seq);
/* E_FORMAT unless head, last entry and count of each lane agree; sets the heads. */
CHECKED enum err vault_heads_check(struct vault *v);

#endif
