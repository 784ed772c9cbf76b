/* sync_tally - numbers by name, and what the vault says of people added up into them; for
 * sync_counts.
 *
 * Keys:        "WAVE/NAME/FORM/GROUP[/DETAIL]", in byte order.
 * Errors:      E_FULL more than SYNC_TALLY_MAX_COUNT keys; those of the vault.
 */
#ifndef WEIR_NODE_SYNC_TALLY_H
#define WEIR_NODE_SYNC_TALLY_H

#include "node/sync_judge.h"

#define SYNC_TALLY_MAX_COUNT 20000
#define SYNC_TALLY_KEY_BYTES 300

struct sync_tally_row {
	char key[SYNC_TALLY_KEY_BYTES];
	uint64_t number;
};

struct sync_tally {
	struct sync_tally_row *rows; /* owned, sorted after sync_tally_people() */
	size_t count;
	size_t room;
};

void sync_tally_done(struct sync_tally *t);
#define OWNED_TALLY OWNED_BY(sync_tally_done)

CHECKED enum err sync_tally_add(struct sync_tally *t, const char *key, uint64_t number);
/* Adds what the node counts itself. */
CHECKED enum err sync_tally_people(struct sync_tally *t, const struct sync_judge *j);
/* Sorts, and adds rows of one key up. */
void sync_tally_sort(struct sync_tally *t);

#endif
