/* erase_rows_inside - what the files of erase_rows share; nobody else includes this.
 *
 * erase_rows: the search as a whole, and deleting. erase_find: what has to go.
 */
#ifndef WEIR_HUB_ERASE_ROWS_INSIDE_H
#define WEIR_HUB_ERASE_ROWS_INSIDE_H

#include "hub/erase_rows.h"

#define ERASE_KEY_MAX_BYTES 511

/* What was said of the persons, in the order of places. */
struct erase_found {
	struct place place;
	uint8_t instance[ID_BYTES];
};

enum erase_stage { FIND_ENTRIES, FIND_INSTANCES, FIND_FILES, FIND_SHARED, DROP };

struct erase_search {
	uint8_t (*ids)[ID_BYTES]; /* sorted */
	size_t id_count;
	enum erase_stage stage;
	struct buf from; /* the key that was looked at last, in the table of the stage */
	struct erase_found *found;
	size_t count;
	struct buf instances;   /* blobs: keys of INSTANCES that point to what was found */
	struct cursor pointing; /* those that still stand */
	uint8_t (*roots)[HASH_BYTES]; /* of files they named */
	size_t root_count;
	uint32_t records;     /* that there were when sharing was looked at first */
	size_t entry, person; /* the next that goes */
	struct erase_done done;
};

/* One piece of a stage. */
struct erase_piece {
	struct erase_search *search;
	struct vault_txn *txn;
	size_t rows;
};

/* A piece of a stage before DROP; goes over to the next one when there is nothing more. */
CHECKED enum err erase_find(struct erase_piece *p);
/* The records that came while sharing was looked at: what they name stays. */
CHECKED enum err erase_find_newest(struct erase_search *s, struct vault_txn *t);
void erase_found_add(struct erase_search *s, const struct place *p, const uint8_t *instance);
/* memcmp() of pseudonyms, for qsort and bsearch. */
int erase_compare_ids(const void *a, const void *b);

#endif
