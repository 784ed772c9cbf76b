/* bundle_in - a bundle of a node, taken in frame by frame.
 *
 * Always true: nothing of it is looked at before its claim is signed by a node installation
 *              that was admitted here and is not revoked, for this study and this hub's ledger
 *              key. each batch stands on its own: it is taken as a session takes it
 *              (common/sync/lane_carry.h), in the turn's transaction; once imported, importing
 *              it again changes nothing. a piece of a file is kept where the pieces before it
 *              are, and it belongs under the root that a record names (attachments.h); one that
 *              cannot be kept now is left, and the answer asks for it. no token is touched, and
 *              nobody counts as heard; the last contact is when the bundle was written, by the
 *              node's clock.
 * Errors:      of what is in the bundle: one sentence for whoever carries it (E_FORMAT, E_AUTH,
 *              E_DENIED, E_CONFLICT, E_NOTFOUND). *ret_spoils: the vault failed, the turn has
 *              to be given up.
 */
#ifndef WEIR_HUB_BUNDLE_IN_H
#define WEIR_HUB_BUNDLE_IN_H

#include "common/sync/bundle.h"

#include "hub/hub.h"
#include "hub/ingest.h"
#include "hub/writer.h"

struct json_out;

#define BUNDLE_HELD_MAX_BYTES ((size_t)16 * 1024 * 1024)

struct bundle_in {
	struct hub *hub;       /* lent */
	struct ingest *ingest; /* lent */
	struct bundle_claim claim;
	struct bundle_sum sum; /* of what came so far */
	struct writer writer;
	uint64_t config; /* the study's version in force at the node */
	uint32_t incarnation;
	uint64_t last[LANE_COUNT]; /* what the node had when it wrote */
	uint64_t log_size;         /* of the log that the node saw last */
	uint64_t taken[LANE_COUNT], known[LANE_COUNT];
	struct bundle_in_pieces {
		uint64_t taken, known;
		uint64_t left; /* no room, pieces before them are missing, or of no record */
	} pieces;
	/* Batches of a hub that was restored, until they reach the place that it had: blobs of
	 * plain messages, and where they end. Lane 0: none wait. */
	struct bundle_in_held {
		struct buf batches;
		struct sync_mark end;
		uint8_t lane;
	} held;
	struct buf whole; /* roots of the files whose last piece is here now, end to end */
};
void bundle_in_done(struct bundle_in *b);

/* The claim, as OPEN brings it. */
CHECKED enum err bundle_in_open(
	struct bundle_in *b, struct hub *h, struct ingest *g, struct view claim);
CHECKED enum err bundle_in_frame(
	struct bundle_in *b, uint8_t kind, struct view box, bool *ret_spoils);
/* All frames came: E_AUTH unless they were those of the claim. */
CHECKED enum err bundle_in_close(struct bundle_in *b, bool *ret_spoils);
/* What became of it, as members of an open object. */
void bundle_in_say(const struct bundle_in *b, struct json_out *w);

#endif
