/* lineage_row - changes of sites, and of the partner organisations of a site, as the vault
 * keeps them.
 *
 * Row:         META "lineage-" number:u32 -> version u8 | kind u8 | blob scope | blob day |
 *              u32 n, n x blob | u32 n, n x blob | blob was | blob becomes | blob reason |
 *              blob by | u64 at s | leaf u64 | blob struck by | struck leaf u64 (0: it holds)
 * Scope:       "" for sites; the site whose partner organisations changed.
 * Journal:     each row is noted there, too (lineage_note.h).
 * Always true: numbers are dense from 1 and never given twice; a row is struck, never deleted.
 * Errors:      E_NOTFOUND; E_FULL more than LINEAGE_MAX_COUNT; E_FORMAT; those of vault.h.
 */
#ifndef WEIR_HUB_LINEAGE_ROW_H
#define WEIR_HUB_LINEAGE_ROW_H

#include "common/study/lineage.h"

#include "hub/row.h"
#include "hub/vault.h"

struct lineage_row {
	uint32_t number;
	char scope[ROW_ID_BYTES];
	struct lineage_change change;
	char reason[ROW_TEXT_BYTES + 1];
	char by[ROW_ID_BYTES];
	int64_t at_s;
	uint64_t leaf;
	char struck_by[ROW_ID_BYTES];
	uint64_t struck_leaf;
};

/* Gives it the next number. */
CHECKED enum err lineage_row_add(struct vault_txn *t, struct lineage_row *r);
CHECKED enum err lineage_row_pack(struct buf *out, const struct lineage_row *r);
CHECKED enum err lineage_row_unpack(
	struct lineage_row *ret, uint32_t number, struct view packed);
CHECKED enum err lineage_row_put(struct vault_txn *t, const struct lineage_row *r);
CHECKED enum err lineage_row_get(struct vault_txn *t, uint32_t number, struct lineage_row *ret);
typedef enum err lineage_row_fn(void *arg, const struct lineage_row *r);
CHECKED enum err lineage_row_each(struct vault_txn *t, lineage_row_fn *each, void *arg);

/* The changes of a scope that hold. Fills an empty struct; release it with lineage_rows_done()
 * whatever the result. */
struct lineage_rows {
	struct lineage_change *at;
	struct lineage lineage; /* lends from `at` */
};
CHECKED enum err lineage_rows_read(
	struct lineage_rows *ret, struct vault_txn *t, const char *scope);
void lineage_rows_done(struct lineage_rows *r);
#define OWNED_LINEAGE OWNED_BY(lineage_rows_done)

#endif
