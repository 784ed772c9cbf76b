/* ingest - what nodes send: sessions by common/sync/lane_hub, entries into this turn's
 * transaction.
 *
 * Frames:      kind u8 | bytes. 1: sealed box of SyncMessage bytes, to the ledger's key on the
 *              way in, to the node's key on the way out. 2: plain SyncMessage; only EnrolReq
 *              and EnrolOk, only on an invitation's key.
 * Always true: an entry is taken under a verified head, with parts that match their hashes,
 *              once; its header, parts, rows and leaf are in one transaction. Nothing is
 *              acknowledged and no receipt signed before that transaction is committed; what
 *              waits for it is dropped when it fails. what does not open, unpack or fit is
 *              dropped and counted; a node cannot make the ledger stop.
 * Order:       ingest_frame() in the turn; vault commit; ingest_committed() or ingest_failed();
 *              audit_publish(); ingest_published().
 *              A node whose frame cannot be kept is not heard for a minute, so that it spoils
 *              the turn of all others once and not always.
 * Errors:      E_FULL, E_IO of the vault; any other one of what a node sent or of a damaged row
 *              that it touches.
 */
#ifndef WEIR_HUB_INGEST_H
#define WEIR_HUB_INGEST_H

#include "hub/hub.h"
#include "hub/place.h"

struct json_out;
struct sync_mark;
struct ingest;

/* Carry one frame to a node; the frame is lent for the call. E_BUSY drops it: the node asks
 * again. */
typedef enum err ingest_send_fn(void *arg, struct view routing, struct view frame);

/* gives; h is lent. */
struct ingest *ingest_new(struct hub *h, ingest_send_fn *send, void *arg);
void ingest_free(struct ingest *g);
OWNER(ingest)

/* A frame that came through the gate on this CURVE key. */
struct ingest_frame {
	struct view routing;
	uint8_t key[BOX_PUBLIC_BYTES];
	struct view bytes;
};
CHECKED enum err ingest_frame(struct ingest *g, const struct ingest_frame *f, int64_t mono_ms);

/* The turn is in the vault, or is not: let the sessions know, send what waited. */
CHECKED enum err ingest_committed(struct ingest *g, int64_t mono_ms);
CHECKED enum err ingest_failed(struct ingest *g, int64_t mono_ms);

/* A new checkpoint stands: receipts may be signed. */
CHECKED enum err ingest_published(struct ingest *g, int64_t mono_ms);
/* The keys that are let in have changed: who was revoked and is connected is told why, with the
 * next turn, before the gate cuts it off. It writes nothing. */
CHECKED enum err ingest_tell_revoked(struct ingest *g, int64_t mono_ms);
/* At least each second: timeouts, a new manifest on offer. */
CHECKED enum err ingest_tick(struct ingest *g, int64_t mono_ms);

/* Sessions end and none begins for so long; 0: nodes are welcome again. Until the start of the
 * next ledger at most. */
CHECKED enum err ingest_drain(struct ingest *g, uint32_t retry_ms, int64_t mono_ms);
uint32_t ingest_drain_ms(const struct ingest *g); /* 0: not draining */

/* For scrub.h: does a session of this writer live; has it send this entry again (what comes is
 * put in its place); compares this entry of the incarnation in use, whose hash is mark's, with
 * the writer's. The last two without a session: nothing. */
bool ingest_is_alive(const struct ingest *g, const uint8_t writer[static SIGN_PUBLIC_BYTES]);
CHECKED enum err ingest_repair(struct ingest *g, const struct place *p, int64_t mono_ms);
CHECKED enum err ingest_probe(
	struct ingest *g, const struct place *p, const struct sync_mark *mark, int64_t mono_ms);

uint64_t ingest_dropped_count(const struct ingest *g);
/* What a writer had when it greeted last, since the start, and the hub lacks, by lane. */
/* The sites whose terms are too long to be handed out whole (siteterms.h); NULL: no more. */
const char *ingest_terms_cut(const struct ingest *g, size_t index);

struct ingest_waits {
	uint64_t entries[LANE_COUNT];
	bool is_behind;   /* the writer lacks what the hub has of it */
	int64_t ahead_ms; /* its clock, of the hub's, when it greeted last */
};
void ingest_waits(const struct ingest *g, const uint8_t writer[static SIGN_PUBLIC_BYTES],
	struct ingest_waits *ret);
/* Adds the members "connected" (bool), "heard_s" (wall time of the last frame since the start,
 * 0 if none), "ahead_s" (of the hub's clock when it greeted last) and "trouble" (a sentence or
 * "") of a writer to an open object. */
void ingest_status(const struct ingest *g, const uint8_t writer[static SIGN_PUBLIC_BYTES],
	struct json_out *w);

#endif
