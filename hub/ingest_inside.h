/* ingest_inside - what the files of ingest share; nobody else includes this.
 *
 * ingest_node: the machines, one per writer. ingest_look: what a machine reads and puts right.
 * ingest_do: what else it asks for. ingest: frames in, frames out, the turn.
 */
#ifndef WEIR_HUB_INGEST_INSIDE_H
#define WEIR_HUB_INGEST_INSIDE_H

#include "common/sync/lane_hub.h"
#include "common/trust/merkle.h"

#include "hub/ingest.h"
#include "hub/ipc.h"
#include "hub/standing.h"
#include "hub/writer.h"

#define INGEST_SEALED          1
#define INGEST_PLAIN           2
#define INGEST_FRAME_MAX_BYTES (1 + SYNC_FRAME_MAX_BYTES + BOX_EXTRA_BYTES)
#define INGEST_CREDIT_BYTES    ((uint32_t)1024 * 1024)
#define INGEST_MS_PER_S        1000
#define INGEST_FETCH_MAX_BYTES (2 * SYNC_FRAME_MAX_BYTES)
#define ROUTING_MAX_BYTES      255

/* One writer and its session. */
struct node {
	struct writer writer;
	struct standing standing; /* as kept, or about to be kept in this turn */
	struct lane_hub_writer lane;
	struct buf routing;        /* where its last frame came from */
	int64_t heard_s;           /* wall time of its last frame since the start; 0: none */
	const char *reason;        /* what is wrong, a sentence that lasts, or NULL */
	enum sync_verdict verdict; /* that goes with it */
	bool is_touched;           /* this turn holds something of it */
	bool is_heard;   /* all it had is stored; told to the recovery at the next tick */
	bool has_tokens; /* tokens wait for the commit */
	uint32_t token_ticket;
	bool is_stored[LANE_COUNT]; /* entries wait for the commit */
	struct sync_mark marks[LANE_COUNT];
	bool has_chunk; /* of a file waits for the commit */
	struct lane_file chunk;
};

/* A frame that leaves after the commit. */
struct outgoing {
	uint8_t *routing;
	size_t routing_len;
	uint8_t *frame;
	size_t frame_len;
};

struct ingest {
	struct hub *hub;
	ingest_send_fn *send;
	void *arg;
	struct node **nodes;
	size_t node_count;
	struct outgoing *queue;
	size_t queue_count;
	struct lane_actions actions;
	struct wire_arena arena;
	struct buf document; /* the one read last */
	uint8_t document_hash[HASH_BYTES];
	struct sync_offer offer;
	enum sync_mode mode; /* as the machines were told */
	uint32_t drain_ms;   /* 0: not draining */
	uint64_t backups_seen;
	struct sync_entry *fetched;
	struct sync_batch batch; /* over these */
	struct buf fetched_bytes;
	struct buf note; /* a checkpoint, and its proof */
	struct merkle_proof proof;
	uint64_t dropped_count;
};

/* nodes */

/* The standing goes into journal and vault. */
CHECKED enum err ingest_node_keep(struct ingest *g, struct node *n);
/* E_NOTFOUND if the key was never admitted or is revoked. */
CHECKED enum err ingest_node_of_key(struct ingest *g,
	const uint8_t key[static BOX_PUBLIC_BYTES], int64_t mono_ms, struct node **ret);
/* The machine as the vault has it, without a session. */
CHECKED enum err ingest_node_load(struct ingest *g, struct node *n);

/* Events still to be fed to one machine; a step adds at most a few. */
#define STEPS_MAX_COUNT 8
struct steps {
	struct lane_event at[STEPS_MAX_COUNT];
	size_t count;
};
void ingest_steps_add(struct steps *steps, const struct lane_event *ev);
struct lane_event ingest_answer_to(const struct lane_action *a, enum lane_event_kind kind);

/* look: each adds its answer to the steps. Rows that cannot be read count as not there. */
CHECKED enum err ingest_find_head(
	struct ingest *g, struct node *n, const struct lane_action *a, struct steps *steps);
CHECKED enum err ingest_look(
	struct ingest *g, struct node *n, const struct lane_action *a, struct steps *steps);
CHECKED enum err ingest_fetch(
	struct ingest *g, struct node *n, const struct lane_action *a, struct steps *steps);
/* Puts sound entries in the place of those that cannot be read. */
CHECKED enum err ingest_take(struct ingest *g, struct node *n, const struct lane_action *a);
/* The writer goes on in a later incarnation. */
CHECKED enum err ingest_rise(struct ingest *g, struct node *n, const struct lane_action *a);

/* attach: files and the log */
CHECKED enum err ingest_next_file(
	struct ingest *g, struct node *n, const struct lane_action *a, struct steps *steps);
CHECKED enum err ingest_keep_chunk(
	struct ingest *g, struct node *n, const struct lane_action *a, struct steps *steps);
/* After the commit: true if a chunk waited for it. */
bool ingest_chunk_stored(struct node *n, struct lane_event *ret);
CHECKED enum err ingest_prove(
	struct ingest *g, struct node *n, const struct lane_action *a, struct steps *steps);
CHECKED enum err ingest_cosign(struct ingest *g, struct node *n, const struct lane_action *a);

/* Feed an event to the node's machine and carry out all that follows. The turn's transaction
 * has to be open when the event is a message. */
CHECKED enum err ingest_drive(struct ingest *g, struct node *n, const struct lane_event *ev);

/* Carry out what a step left in g->actions, and all that follows; for bundle_in. */
CHECKED enum err ingest_follow(struct ingest *g, struct node *n, int64_t mono_ms);

/* The checkpoint published last, as the machines are told. */
struct lane_event ingest_checkpoint(const struct ingest *g);

/* Queue a message for the end of the turn, sealed to the node. */
void ingest_send(struct ingest *g, const struct node *n, const struct sync_msg *m);

#endif
