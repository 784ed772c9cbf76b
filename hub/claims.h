/* claims - which entries stand for ids in INSTANCES, read ahead in one walk for who asks about
 * most records of a vault; one look-up each would jump through the whole table.
 *
 * Always true: says yes only when that very row was seen and the table was not written since. A
 *              no says nothing at all: who gets it asks the vault. Damaged rows are never seen.
 * Room:        32 bytes a record, CLAIMS_MAX_COUNT records at most; of a record that more than
 *              two ids lead to, two are remembered.
 * Errors:      those of vault.h but E_AUTH.
 */
#ifndef WEIR_HUB_CLAIMS_H
#define WEIR_HUB_CLAIMS_H

#include "hub/place.h"

#define CLAIMS_MAX_COUNT ((size_t)4 << 20)

struct claims;
/* gives an empty one, that says no. */
struct claims *claims_new(void);
void claims_free(struct claims *c);
OWNER(claims)

/* Reads all rows that lead to records. In a snapshot nothing is read: whether it was renewed
 * meanwhile could not be told. */
CHECKED enum err claims_read(struct claims *c, struct vault_txn *t);

/* Does INSTANCES have the row id -> place, as record.h writes it? */
bool claims_has(const struct claims *c, const struct vault_txn *t,
	const uint8_t id[static ID_BYTES], const struct place *p);

#endif
