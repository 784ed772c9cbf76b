/* erase_rows - everything the vault holds of some persons, deleted in one transaction.
 *
 * Deleted:     all parts of all their entries, whatever the entry (records, consents, keys,
 *              changes, what was said again); files that only they named, with their chunks;
 *              their rows in PEOPLE (with the key of their leaves), CONSENTS and INSTANCES;
 *              what
 *              stands in META under their pseudonym (withheld, hold).
 * Stays:       headers, stored verdicts (which name no person), leaves, places of records in
 *              the
 *              order they came: cohorts are bitmaps over them. See erased.h.
 * Always true: it finds entries by reading each rules part of the vault, so that no index can
 *              miss one; the time is that of one reading, however many persons.
 * Errors:      those of vault.h; then the turn has to be given up.
 */
#ifndef WEIR_HUB_ERASE_ROWS_H
#define WEIR_HUB_ERASE_ROWS_H

#include "common/trust/crypto.h"

#include "hub/place.h"
#include "hub/vault.h"

struct erase_people {
	const uint8_t (*ids)[ID_BYTES]; /* lent */
	size_t count;
};

struct erase_done {
	uint64_t entries;
	uint64_t parts;
	uint64_t files;
};

CHECKED enum err erase_rows(
	struct vault_txn *t, const struct erase_people *people, struct erase_done *ret);

/* The entries at these places, which are about nobody: parts, files that only they named, what
 * stands for them in INSTANCES. */
CHECKED enum err erase_places(
	struct vault_txn *t, const struct place *places, size_t count, struct erase_done *ret);

#endif
