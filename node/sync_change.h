/* sync_change - where changes of participation stand in lane C, so that the hub hears of them
 * ahead of their chain, and which of them it knows.
 *
 * Row:         META "change-" incarnation u32 | seq u64 -> u8: 1 when the hub has said that it
 *              holds the change in force, ahead of its entry
 * Always true: a change has its row in the transaction that appends it.
 * Errors:      those of vault.h.
 */
#ifndef WEIR_NODE_SYNC_CHANGE_H
#define WEIR_NODE_SYNC_CHANGE_H

#include "node/vault.h"

CHECKED enum err sync_change_put(struct vault *v, const struct vault_at *at);
/* The places are about to change: every row goes. */
CHECKED enum err sync_change_forget(struct vault *v);
/* The first one behind this place in its incarnation; 0: there is none. */
CHECKED enum err sync_change_after(
	struct vault *v, uint32_t incarnation, uint64_t seq, uint64_t *ret);
/* The hub knows it. One that is not on file is passed over. */
CHECKED enum err sync_change_known(struct vault *v, uint32_t incarnation, uint64_t seq);

struct sync_change_counts {
	uint64_t waiting; /* the hub does not know of it, as far as it has said */
	uint64_t known;   /* in force there; its entry is still on its way */
};
/* Of those behind `at_hub` in the incarnation in use. */
CHECKED enum err sync_change_counts(
	struct vault *v, uint64_t at_hub, struct sync_change_counts *ret);

#endif
