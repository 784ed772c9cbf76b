/* sync_closed - since when forms take no new records at this site, as the study says.
 *
 * On disk:     meta, "closed:" and the form's id -> u64 wall s: when the manifest was put in
 *              force with which the node first had a form closed, or left out, that had been
 *              open in the manifest before. Taken away when it is open again.
 * Always true: a form that was never open here has no row. A node that missed a manifest may
 *              have a later second than the hub, whose verdict binds (hub/versions.h).
 * Errors:      those of the vault.
 */
#ifndef WEIR_NODE_SYNC_CLOSED_H
#define WEIR_NODE_SYNC_CLOSED_H

#include "common/study/pack.h"

#include "node/vault.h"

/* In the transaction that puts `next` in force, at in_force_s. before: NULL for the first. */
CHECKED enum err sync_closed_note(struct vault *v, const struct pack *before,
	const struct pack *next, int64_t in_force_s);
/* Wall seconds; 0: it is open, or never was. */
CHECKED enum err sync_closed_s(struct vault *v, const char *form, int64_t *ret);

#endif
