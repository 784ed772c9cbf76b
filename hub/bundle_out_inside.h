/* bundle_out_inside - what the files of bundle_out share; nobody else includes this.
 *
 * bundle_out: the steps in order, what the hub thinks of the node, receipts, the log, files.
 * bundle_out_study: the terms of its site, the manifest and its documents.
 */
#ifndef WEIR_HUB_BUNDLE_OUT_INSIDE_H
#define WEIR_HUB_BUNDLE_OUT_INSIDE_H

#include "common/codec/wire_study.h"

#include "hub/bundle_out.h"

enum bundle_step {
	STEP_BEGIN,
	STEP_ACKS,
	STEP_TERMS,
	STEP_FILES,
	STEP_MANIFEST,
	STEP_DOCUMENTS,
	STEP_END
};

struct bundle_out {
	struct hub *hub;
	struct ingest *ingest;
	struct bundle_out_about about;
	enum bundle_step step;
	struct bundle_sum sum;
	uint64_t number;
	bool has_acks;
	struct sync_ack acks[LANE_COUNT];
	struct buf terms; /* signed, as they were when the first piece of them was written */
	uint64_t terms_number;
	size_t terms_said; /* pieces */
	struct buf whole;
	size_t whole_said;                /* bytes of it */
	uint64_t file_cursor, file_count; /* lacking ones that were said */
	struct sync_offer offer;
	struct wire_manifest *manifest; /* of the offer; NULL when none goes along */
	size_t document_count;          /* that went along */
	struct buf document;
	uint8_t document_hash[HASH_BYTES];
	size_t offset;
};

/* One message to the node, in a box for it. */
CHECKED enum err bundle_out_message(
	struct bundle_out *b, const struct sync_msg *m, struct buf *out);

/* What is offered, and the manifest in force where it is newer than the node's. */
CHECKED enum err bundle_out_load_manifest(struct bundle_out *b);
/* The next piece of the site's terms: a site that never connects has to hear what it may do,
 * too. With the last one the files are next. */
CHECKED enum err bundle_out_terms(struct bundle_out *b, struct buf *out);
/* The next piece of the manifest or of a document; the end is next behind the last. */
CHECKED enum err bundle_out_study(struct bundle_out *b, struct buf *out);

#endif
