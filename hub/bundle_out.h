/* bundle_out - a bundle for a node, written piece by piece: receipts, marks, the study.
 *
 * Holds:       what the hub thinks of the node; for each lane an ACK with the durable marks and
 *              a signed receipt; which files it has whole by that bundle, and which ones it
 *              lacks, with how much of each is there; the log's checkpoint with the proof that
 *              it continues what the node saw last; the terms of its site; the manifest in
 *              force with all its documents when it is newer than the node's.
 * Always true: a receipt is signed only over what is committed and covered by the checkpoint
 *              that it names. memory is one document. its number rises with every bundle of the
 *              hub to this node.
 * Errors:      those of the vault; E_BUSY the checkpoint is not there yet: ask again; E_DENIED
 *              the node was revoked.
 */
#ifndef WEIR_HUB_BUNDLE_OUT_H
#define WEIR_HUB_BUNDLE_OUT_H

#include "common/sync/bundle.h"

#include "hub/hub.h"
#include "hub/ingest.h"
#include "hub/writer.h"

struct json_out;
struct wire_manifest;

/* What it says and to whom. */
struct bundle_out_about {
	struct writer writer;
	uint8_t answers[HASH_BYTES]; /* sum of the bundle that it answers, or zeros */
	uint64_t config;             /* in force at the node */
	uint64_t log_size;           /* of the log that the node saw last */
	struct view whole;           /* roots of files that came whole, end to end; copied */
};

struct bundle_out;

/* gives; both rooms are lent. */
struct bundle_out *bundle_out_new(
	struct hub *h, struct ingest *g, const struct bundle_out_about *about);
void bundle_out_free(struct bundle_out *b);
OWNER(bundle_out)

/* A checkpoint over everything committed was published: receipts that wait are made. */
CHECKED enum err bundle_out_published(struct bundle_out *b);
/* Adds the next piece of the file. *ret_spoils as in bundle_in.h. */
CHECKED enum err bundle_out_piece(
	struct bundle_out *b, struct buf *out, bool *ret_more, bool *ret_spoils);
/* What is in it, as members of an open object. */
void bundle_out_say(const struct bundle_out *b, struct json_out *w);

#endif
