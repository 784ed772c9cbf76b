/* forward_change - the journal's list of changes of sites and of partner organisations: what
 * merged, was split, renamed or struck is no restore's to take back.
 *
 * Note 10:     number u32 | blob row, as lineage_row.h packs it; the last of a number counts
 */
#ifndef WEIR_HUB_FORWARD_CHANGE_H
#define WEIR_HUB_FORWARD_CHANGE_H

#include "hub/forward.h"

struct forward_change {
	uint32_t number;
	uint8_t *row;
	size_t len;
};

/* As committed; lent until the next forward_kept(). */
const struct forward_change *forward_changes(const struct forward *f, size_t *ret_count);
/* NULL: the journal does not know it. */
const struct forward_change *forward_change_of(const struct forward *f, uint32_t number);
void forward_note_change(struct forward *f, uint32_t number, struct view row);

#endif
