/* bundle_in - a bundle of the hub, taken in frame by frame: receipts, marks, the study.
 *
 * Always true: nothing of it is looked at before its claim is signed with the receipt key of
 *              this node's hub, for this study and this installation. a receipt and a manifest
 *              are checked as those of a session; neither ever goes back, so that an old
 *              bundle, or one that is read twice, changes nothing.
 *              what the hub says it has, and which files it lacks, counts only from the newest
 *              bundle that was read: it decides from where the next bundle is written.
 * Row:         META "bundle-reply" -> epoch u64 | number u64 | wall_ms u64 | 3 x durable u64
 * Errors:      of what is in the bundle: one sentence (E_FORMAT, E_AUTH, E_DENIED, E_CONFLICT);
 *              those of the vault.
 */
#ifndef WEIR_NODE_BUNDLE_IN_H
#define WEIR_NODE_BUNDLE_IN_H

#include "common/study/termspieces.h"
#include "common/sync/bundle.h"

#include "node/sync_link.h"

#define BUNDLE_REPLY_ROW "bundle-reply"

struct json_out;

/* What the hub said last in a bundle; epoch 0: nothing yet. */
struct bundle_reply {
	uint64_t epoch, number;
	int64_t wall_ms;
	uint64_t durable[LANE_COUNT];
};
CHECKED enum err bundle_reply_get(struct vault *v, struct bundle_reply *ret);

struct bundle_in {
	const struct sync_link_site *site; /* lent, and so is the session */
	struct sync_session *session;
	struct bundle_claim claim;
	struct bundle_sum sum; /* of what came so far */
	bool is_newest;
	struct bundle_reply reply;
	struct sync_offer offer;  /* of the manifest that comes along */
	struct sync_offer wanted; /* the document that the manifest needs next */
	bool wants, is_ready, is_skipped;
	uint64_t receipts; /* that were new */
	uint64_t pieces;   /* of files, that the hub was not known to have */
	uint64_t files;    /* that it has whole now */
	uint64_t at_hub[LANE_COUNT];
	struct termspieces terms;
};

/* The claim, as OPEN brings it. */
CHECKED enum err bundle_in_open(struct bundle_in *b, const struct sync_link_site *site,
	struct sync_session *session, struct view claim);
CHECKED enum err bundle_in_frame(struct bundle_in *b, uint8_t kind, struct view box);
/* All frames came: E_AUTH unless they were those of the claim. */
CHECKED enum err bundle_in_close(struct bundle_in *b);
/* It was given up. */
void bundle_in_drop(struct bundle_in *b);
/* What became of it, as members of an open object. */
void bundle_in_say(const struct bundle_in *b, struct json_out *w);

#endif
