/* bundles - bundles at the ledger's sockets: taken in, and written, for commands and for web.
 *
 * Verbs:       LEDGER_BUNDLE_* of ipc.h: the fields of common/run/bundlecall.h. Behind the
 *              first u8 of a TAKE that begins: u8 1: an answer to the bundle that this peer
 *              closed last; u8 2, text NAME: for the node of this name, site or digits of
 *              status.
 * Always true: an answer leaves after the commit of what it speaks of; a turn that is given up
 *              takes its answers back.
 * Limits:      PEERS_MAX_COUNT peers at a time; one that stands still for a minute is
 *              forgotten, and so is what it had begun; one that has begun nothing makes room.
 *              What was taken stays: it is complete in itself.
 * Errors:      those of bundle_in.h and bundle_out.h; E_BUSY too many at once.
 */
#ifndef WEIR_HUB_BUNDLES_H
#define WEIR_HUB_BUNDLES_H

#include "hub/bundle_in.h"
#include "hub/bundle_out.h"

struct bundles;
struct bundles *bundles_new(struct hub *h, struct ingest *g); /* gives; both are lent */
void bundles_free(struct bundles *b);
OWNER(bundles)

bool bundles_knows(uint16_t verb);

/* One request; adds the fields of the answer. by: who asks, on which socket. *ret_spoils: the
 * turn has to be given up. */
struct bundles_ask {
	uint16_t verb;
	bool by_web;
	struct view peer;
	struct cursor *fields;
};
CHECKED enum err bundles_serve(
	struct bundles *b, const struct bundles_ask *ask, struct buf *out, bool *ret_spoils);

/* At least once a minute: refused bundles get their leaves (turned_away.h). */
CHECKED enum err bundles_tick(struct bundles *b, int64_t mono_ms);
/* A checkpoint covers all that is committed. */
void bundles_published(struct bundles *b);

#endif
