/* bundle - what a node and the hub say to each other, as one file that anything may carry.
 *
 * Format:      "weir-bundle-v1\n" | u32 length, head | frames | end; numbers big-endian
 *              head    way u8 | blob study | from 32 | to 32 | number u64 | epoch u64 |
 *                      written wall_ms u64
 *                      1 to the hub: from is the writer's key, to the ledger's box key
 *                      2 to a node: from is the hub's receipt key, to the writer's key
 *              frame   kind u8 | u32 length, sealed box (to the ledger, or to the node)
 *                      1 state: the first frame and no other one; 2 a SyncMessage as a session
 *                      carries it (BATCH, WITNESS to the hub; ACK, LOG, CFG_PART to a node),
 *                      its session all zeros; to the hub: 3 a CHUNK, behind the records that
 *                      name its file; to a node: 4 a WANT, how much of a file the hub has; 5
 *                      the signed terms of its site (common/study/terms.h)
 *              end     255 u8 | u32 count of frames | signature 64; nothing stands behind it
 *              state to the hub: incarnation u32 | study version in force u64 | size of the
 *                      log that the node saw last u64 | 3 x (first seq in here u64, last seq of
 *                      the lane u64, its head 32) for C, R, A
 *              state to a node:  sum of the bundle that this answers 32, or zeros | verdict u8
 *                      (sync_verdict) | study version in force u64
 * Sum:         sum_0 is over "weir-bundle-v1\n", length and head; sum_n over sum_n-1, kind,
 *              length and box: BLAKE2b-256, personal weir-bundle-v1.
 * Signed:      Ed25519 by `from` over blobs "weir-bundle-v1", last sum, u32 count.
 * Always true: memory is one frame, whatever the size. A reader gives no frame over a cap, and
 *              says "end" only when count and sum are those that were signed for.
 * Errors:      E_FORMAT cut short, longer, or not of its form; E_AUTH changed; E_FULL.
 * It can hurt: the head is plain: who finds a stick learns the study's id and two public keys.
 *              a signature says who wrote a bundle, not whether that is the only copy of it:
 *              no token is in it, because a token that was copied to a stick proves nothing. A
 *              copied installation's bundle is found by its content (other entries under
 *              numbers that are taken, or a place that the hub does not know), by the receipt
 *              for entries that the other copy has not, and at the next session of either.
 */
#ifndef WEIR_BUNDLE_H
#define WEIR_BUNDLE_H

#include "common/sync/lane.h"

#define BUNDLE_HEAD_MAX_BYTES   1024
#define BUNDLE_BOX_MAX_BYTES    (SYNC_FRAME_MAX_BYTES + BOX_EXTRA_BYTES)
#define BUNDLE_STATE_MAX_BYTES  1024
#define BUNDLE_FRAMES_MAX_COUNT ((uint32_t)1 << 24)
#define BUNDLE_FILES_MAX_COUNT  16384 /* of which a bundle has chunks, or an answer says */
#define BUNDLE_PIECE_MAX_BYTES  (BUNDLE_BOX_MAX_BYTES + BUNDLE_HEAD_MAX_BYTES)

enum bundle_way { BUNDLE_TO_HUB = 1, BUNDLE_TO_NODE = 2 };
enum bundle_kind {
	BUNDLE_STATE = 1,
	BUNDLE_MESSAGE,
	BUNDLE_CHUNK,
	BUNDLE_WANT,
	BUNDLE_TERMS,
	BUNDLE_END = 255
};

struct bundle_head {
	enum bundle_way way;
	char study[LANE_STUDY_MAX_BYTES];
	uint8_t from[SIGN_PUBLIC_BYTES], to[WIRE_KEY_BYTES];
	uint64_t number; /* of the writer's bundles, from 1; to a node: of the hub's to it */
	uint64_t epoch;  /* of the hub; 0 to the hub */
	int64_t wall_ms;
};
struct bundle_sum {
	uint8_t hash[HASH_BYTES];
	uint32_t count;
};
struct bundle_claim {
	struct bundle_head head;
	struct bundle_sum sum;
	uint8_t signature[SIGNATURE_BYTES];
};

struct bundle_node_state {
	uint32_t incarnation;
	uint64_t config, log_size;
	uint64_t first[LANE_COUNT];
	struct sync_mark last[LANE_COUNT];
};
struct bundle_hub_state {
	uint8_t answers[HASH_BYTES];
	enum sync_verdict verdict;
	uint64_t config;
};

/* Each adds its bytes of the file to out and goes on with the sum. */
void bundle_begin(struct buf *out, struct bundle_sum *sum, const struct bundle_head *head);
void bundle_frame(struct buf *out, struct bundle_sum *sum, enum bundle_kind k, struct view box);
void bundle_end(struct buf *out, const struct bundle_sum *sum, struct secret *key);
void bundle_node_state_write(struct buf *out, const struct bundle_node_state *s);
CHECKED enum err bundle_node_state_read(struct bundle_node_state *ret, struct view v);
void bundle_hub_state_write(struct buf *out, const struct bundle_hub_state *s);
CHECKED enum err bundle_hub_state_read(struct bundle_hub_state *ret, struct view v);
/* The sum alone, for who gets the frames one by one. */
void bundle_sum_begin(struct bundle_sum *sum, const struct bundle_head *head);
void bundle_sum_add(struct bundle_sum *sum, enum bundle_kind kind, struct view box);
bool bundle_sum_same(const struct bundle_sum *a, const struct bundle_sum *b);

/* As one blob of a request between processes: head, sum, count, signature. */
void bundle_claim_write(struct buf *out, const struct bundle_claim *c);
CHECKED enum err bundle_claim_read(struct bundle_claim *ret, struct view v);
/* E_AUTH unless `from` of its head signed it. Whether that key is anybody, the caller asks. */
CHECKED enum err bundle_claim_check(const struct bundle_claim *c);
/* Up to len bytes; fewer only at the end. */
typedef enum err bundle_read_fn(void *arg, uint8_t *to, size_t len, size_t *ret_len);
/* Reads frame by frame. `claim` is whole once BUNDLE_END was given. */
struct bundle_reader {
	bundle_read_fn *read;
	void *arg;
	struct bundle_claim claim;
	struct bundle_sum sum;
	struct buf box;
	bool ended;
};
CHECKED enum err bundle_open(struct bundle_reader *r, bundle_read_fn *read, void *arg);
void bundle_done(struct bundle_reader *r);
#define OWNED_BUNDLE OWNED_BY(bundle_done)
/* The next frame, lent until the one after it; BUNDLE_END once everything held. */
CHECKED enum err bundle_next(struct bundle_reader *r, enum bundle_kind *ret, struct view *box);

#endif
