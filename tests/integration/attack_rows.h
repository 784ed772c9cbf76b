/* attack_rows - the rows of a copy of a hub's vault, each tried with every secret of a pool:
 * the vault's own room and its files of keys are not asked.
 *
 * Prints:      for parts, verdicts, people (where the key of a person's leaves is) and all
 *              tables but META a line of rows, and one of how many opened.
 */
#ifndef WEIR_ATTACK_ROWS_H
#define WEIR_ATTACK_ROWS_H

#include "hub/vault_ops.h"

#include "tests/integration/attack_try.h"

struct attack_rows;
/* gives the rows below the hub's directory `dir`; the pool's secrets are lent. */
CHECKED enum err attack_rows_open(
	struct attack_rows **ret, const char *dir, const struct attack *pool);
void attack_rows_free(struct attack_rows *r);
OWNER(attack_rows)

/* Adds what one of the secrets opens; E_NOTFOUND, E_AUTH. */
CHECKED enum err attack_rows_get(
	struct attack_rows *r, enum vault_table table, struct view key, struct buf *out);
/* Each row that opens; *ret_rows: of all. */
CHECKED enum err attack_rows_each(struct attack_rows *r, enum vault_table table,
	vault_each_fn *each, void *arg, uint64_t *ret_rows);
CHECKED enum err attack_rows_print(struct attack_rows *r);

#endif
