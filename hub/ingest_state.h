/* ingest_state - what ingest keeps in memory: a machine for each writer, frames that wait for
 * the commit. Data only; ingest_inside.h says who changes it. */
#ifndef WEIR_HUB_INGEST_STATE_H
#define WEIR_HUB_INGEST_STATE_H

#include "common/sync/lane_hub.h"
#include "common/trust/merkle.h"

#include "hub/ingest.h"
#include "hub/ipc.h"
#include "hub/papers.h"
#include "hub/siteterms.h"
#include "hub/standing.h"
#include "hub/writer.h"

#define INGEST_SEALED          1
#define INGEST_PLAIN           2
#define INGEST_LEDGER_KEY      4 /* to a node: sealed note of the newest ledger key */
#define INGEST_TERMS           3 /* to a node: sealed piece of terms (termspieces.h) */
#define INGEST_FRAME_MAX_BYTES (1 + SYNC_FRAME_MAX_BYTES + BOX_EXTRA_BYTES)
#define INGEST_CREDIT_BYTES    ((uint32_t)1024 * 1024)
#define INGEST_MS_PER_S        1000
#define INGEST_FETCH_MAX_BYTES (2 * SYNC_FRAME_MAX_BYTES)
#define ROUTING_MAX_BYTES      255
#define QUESTION_MAX_BYTES     1024

/* One writer and its session. */
struct node {
	struct writer writer;
	struct standing standing; /* as kept, or about to be kept in this turn */
	struct lane_hub_writer lane;
	struct buf routing;    /* where its last frame came from */
	int64_t greeted_ms;    /* mono: rises by GREET_EVERY_MS (ingest_rate.h) with each one */
	int64_t asked_ms;      /* likewise, by ASK_EVERY_MS with each question */
	struct buf question;   /* plain; waits for its time; empty: none */
	int64_t deaf_until_ms; /* mono: what it sends is not looked at until then */
	int64_t ahead_ms;      /* its clock, of ours, at its last HELLO */
	uint64_t manifest;     /* in force there, by its last HELLO */
	int64_t heard_s;       /* wall time of its last frame since the start; 0: none */
	const char *reason;    /* what is wrong, a sentence that lasts, or NULL */
	enum sync_verdict verdict; /* that goes with it */
	bool is_touched;           /* this turn holds something of it */
	bool is_heard;   /* all it had is stored; told to the recovery at the next tick */
	bool has_tokens; /* tokens wait for the commit */
	uint32_t token_ticket;
	bool is_stored[LANE_COUNT]; /* entries wait for the commit */
	struct sync_mark marks[LANE_COUNT];
	/* changes that wait for the commit */
	struct sync_mark noted[LANE_NOTICES_MAX_COUNT];
	size_t noted_count;
	bool has_chunk;      /* of a file waits for the commit */
	uint64_t terms_seen; /* generation of the terms that were looked at; 0: say them */
	uint64_t terms_said; /* their number, and in which session */
	uint8_t terms_session[WIRE_ID_BYTES];
	int64_t terms_said_ms;
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
	struct siteterms *terms;
	struct papers *papers; /* approvals, as the judge of each batch reads them */
	uint64_t dropped_count;
	int64_t damage_said_ms; /* mono: when damaged rows of a node were said last; 0: never */
};

#endif
