/* bundle_out - a bundle for the hub, written piece by piece: what it has given no receipt for.
 *
 * Holds:       entries, the pieces of their files that go to the hub, and the node's
 *              cosignature of the checkpoint that it keeps, if any.
 * Always true: only committed entries are in it, up to where each lane ended when it was begun;
 *              control entries stand before what builds on them. memory is one batch.
 *              it begins behind what the hub has given a receipt for, or has said in its newest
 *              bundle that it has, if that is less: it was restored. A bundle that is lost on
 *              its way is therefore contained in the next one.
 *              of a file it begins behind what the hub's newest bundle said that it has. It has
 *              no more bytes of files than it was asked for: the next one goes on when the
 *              hub's answer to this one was read. What waits at the site, without its record in
 *              a chain, is in none.
 * Row:         META "bundle-number" -> u64, of the bundle written last
 * Errors:      E_CONFLICT the node was restored or set up anew meanwhile; those of the vault.
 */
#ifndef WEIR_NODE_BUNDLE_OUT_H
#define WEIR_NODE_BUNDLE_OUT_H

#include "common/sync/bundle.h"

#include "node/sync_link.h"

struct json_out;
struct bundle_out;

struct bundle_out_ask {
	bool all;            /* from the first entry on */
	uint64_t file_bytes; /* of files, at most */
};
/* gives; both are lent. */
struct bundle_out *bundle_out_new(const struct sync_link_site *site,
	const struct lane_node *node, const struct bundle_out_ask *ask);
void bundle_out_free(struct bundle_out *b);
OWNER(bundle_out)

/* Adds the next piece of the file. */
CHECKED enum err bundle_out_piece(struct bundle_out *b, struct buf *out, bool *ret_more);
/* What is in it, as members of an open object. */
void bundle_out_say(const struct bundle_out *b, struct json_out *w);

#endif
