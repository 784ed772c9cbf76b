/* vault_rebase - what a copy that goes on takes from the hub, and the step in which its own
 * chain becomes the hub's.
 *
 * Aside:       what was taken waits in a table of its own, in no chain:
 *                incarnation | lane        -> seq u64 | hash 32: where the lane ends at the hub
 *                place                     -> header
 *                place | kind u8           -> part
 * Always true: vault_rebase() puts nothing unless what was taken and what is here below it make
 *              the hub's lanes whole, by number and by hash. After it every entry that was here
 *              is still here: at its place, or at the place that the hub has it at, or said
 *              again in the new incarnation with `repeats`; its parts are the same bytes.
 *              What was known of the hub's marks is forgotten: it was of another incarnation.
 * Damage:      an entry that stays and is damaged is known by the one behind it, and is mended
 *              later (vault_mend). One that only this copy had, and of which header or parts
 *              cannot be read, cannot be said again: it is named in the log, counted, and gone.
 * Errors:      E_CONFLICT what was taken does not fit together, nothing was put; E_FORMAT the
 *              vault is damaged; E_FULL; E_IO.
 * It can hurt: rows of other tables name places (vault_tables.h): sync_refill makes them anew
 *              in the same turn.
 */
#ifndef WEIR_NODE_VAULT_REBASE_H
#define WEIR_NODE_VAULT_REBASE_H

#include "node/vault.h"

/* Forget what was taken before. */
CHECKED enum err vault_aside_clear(struct vault *v);
CHECKED enum err vault_aside_put(
	struct vault *v, uint32_t incarnation, const struct sync_batch *batch);
CHECKED enum err vault_aside_end(
	struct vault *v, uint32_t incarnation, enum lane lane, const struct sync_mark *end);

struct vault_rebase {
	uint32_t incarnation;      /* that is opened */
	uint32_t base_incarnation; /* the hub's */
	struct sync_mark base[LANE_COUNT];
};
struct vault_rebased {
	uint64_t taken;    /* entries that came from the hub */
	uint64_t repeated; /* entries that were said again */
	uint64_t erased;   /* of those taken: of persons who were erased, the header alone */
	uint64_t lost;     /* entries that only this copy had, and that are damaged here */
};
CHECKED enum err vault_rebase(
	struct vault *v, const struct vault_rebase *r, struct vault_rebased *ret);

/* The hash that the entry at this place has to have, as the one behind it or the head of its
 * lane says; E_CONFLICT when neither can be read. */
CHECKED enum err vault_hash_named(
	struct vault *v, const struct vault_at *at, uint8_t ret[static HASH_BYTES]);
/* Puts checked entries in the place of damaged ones; E_CONFLICT, and nothing is put, unless
 * what stands around them names their last hash. */
CHECKED enum err vault_mend(
	struct vault *v, uint32_t incarnation, const struct sync_batch *batch);

#endif
