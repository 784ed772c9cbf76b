/* sync_hold_ids - ids of what is held, of one person or of all, gathered page by page: what is
 * walked is not changed meanwhile, and each page may be dropped or let go before the next.
 *
 * Errors:      those of the vault.
 */
#ifndef WEIR_NODE_SYNC_HOLD_IDS_H
#define WEIR_NODE_SYNC_HOLD_IDS_H

#include "node/vault.h"

#define SYNC_HOLD_PAGE_COUNT 1000

struct sync_hold_ids {
	uint8_t (*list)[ID_BYTES]; /* owned, of SYNC_HOLD_PAGE_COUNT */
	size_t count;
	struct view person;          /* of VAULT_HELD_OF; empty: of VAULT_HOLDS */
	uint8_t after[2 * ID_BYTES]; /* the key behind which the next page begins */
	size_t after_len;            /* 0: from the first */
};

/* person: its id, lent until the end; empty: whatever is held. */
void sync_hold_ids_init(struct sync_hold_ids *l, struct view person);
void sync_hold_ids_done(struct sync_hold_ids *l);
#define OWNED_HOLD_IDS OWNED_BY(sync_hold_ids_done)

/* The next page; count is less than SYNC_HOLD_PAGE_COUNT when it is the last. */
CHECKED enum err sync_hold_ids_page(struct vault *v, struct sync_hold_ids *l);

#endif
