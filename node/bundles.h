/* bundles - bundles at the socket of sync: written for the hub, and taken in from it.
 *
 * Verbs:       SYNC_BUNDLE_* of ipc.h: the fields of common/run/bundlecall.h. Behind the first
 *              u8 of a TAKE that begins: u8 1 all entries, u8 0 those without a receipt; u64
 *              bytes of files, at most.
 * Limits:      one bundle each way at a time; who stands still for a minute loses the place.
 *              What was taken stays: it is complete in itself.
 * Errors:      those of bundle_in.h and bundle_out.h; E_BUSY somebody else is at it.
 */
#ifndef WEIR_NODE_BUNDLES_H
#define WEIR_NODE_BUNDLES_H

#include "node/bundle_in.h"
#include "node/bundle_out.h"

struct bundles;
struct bundles *bundles_new(const struct sync_link_site *site, struct sync_link *link);
void bundles_free(struct bundles *b);
OWNER(bundles)

bool bundles_knows(uint16_t verb);
/* One request of a peer; adds the fields of the answer. */
CHECKED enum err bundles_serve(struct bundles *b, uint16_t verb, struct view peer,
	struct cursor *fields, struct buf *out);

#endif
