/* erase_rows - everything the vault holds of some persons: found, then deleted, in pieces.
 *
 * Deleted:     all parts of all their entries, whatever the entry (records, consents, keys,
 *              changes, what was said again); files that only they named, with their chunks;
 *              their rows in PEOPLE (with the key of their leaves), CONSENTS and INSTANCES;
 *              what stands in META under their pseudonym (withheld, hold).
 * Stays:       headers, stored verdicts (which name no person), leaves, places of records in
 *              the order they came: cohorts are bitmaps over them. See erased.h.
 * Always true: it finds entries by reading each rules part of the vault, so that no index can
 *              miss one; the time is that of one reading, however many persons.
 *              what is held for a form that nobody published names its person like all
 *              others; a part that cannot be taken apart is theirs whose pseudonym stands in
 *              it.
 *              a piece is ERASE_PIECE_ROWS rows read, or ERASE_PIECE_ENTRIES entries or one
 *              file deleted; other turns may go on in between, as long as they keep nothing
 *              of these persons. An entry's parts go behind what points to it, and the person's
 *              row goes last: a search that was cut off and begins anew finds what is left.
 * Errors:      those of vault.h; then the turn has to be given up.
 */
#ifndef WEIR_HUB_ERASE_ROWS_H
#define WEIR_HUB_ERASE_ROWS_H

#include "common/trust/crypto.h"

#include "hub/place.h"
#include "hub/vault.h"

#define ERASE_PIECE_ROWS    4096
#define ERASE_PIECE_ENTRIES 256

struct erase_people {
	const uint8_t (*ids)[ID_BYTES]; /* lent */
	size_t count;
};

struct erase_done {
	uint64_t entries;
	uint64_t parts;
	uint64_t files;
};

struct erase_search;
struct erase_search *erase_search_new(const struct erase_people *people); /* gives, copies */
void erase_search_free(struct erase_search *s);
OWNER(erase_search)
/* The next piece. *ret_finished: nothing of them is left; ret tells of all pieces. */
CHECKED enum err erase_search_step(struct erase_search *s, struct vault_txn *t,
	bool *ret_finished, struct erase_done *ret);

/* All pieces in this transaction. */
CHECKED enum err erase_rows(
	struct vault_txn *t, const struct erase_people *people, struct erase_done *ret);

/* The entries at these places, which are about nobody: parts, files that only they named, what
 * stands for them in INSTANCES. */
CHECKED enum err erase_places(
	struct vault_txn *t, const struct place *places, size_t count, struct erase_done *ret);

#endif
