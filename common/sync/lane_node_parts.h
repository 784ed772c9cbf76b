/* lane_node_parts - what the node's machine is made of. lane_node.h says the rules. */
#ifndef WEIR_LANE_NODE_PARTS_H
#define WEIR_LANE_NODE_PARTS_H

#include "common/sync/lane.h"
#include "common/sync/lane_proof.h"
#include "common/sync/lane_window.h"

#define LANE_FLIGHTS_MAX_COUNT 64
#define LANE_CHUNKS            4 /* among the lanes of what is on its way: chunks of files */

enum lane_node_state {
	LANE_OFFLINE,
	LANE_HELLO_SENT,
	LANE_UP,
	LANE_REFILL, /* the survivor pulls what it lacks; nothing is sent */
	LANE_STOPPED,
	LANE_MUST_UPGRADE,
};

/* What the shell knows at start, from its store. */
struct lane_node_setup {
	const char *study; /* copied; at most LANE_STUDY_MAX_BYTES - 1; a refill needs it */
	uint8_t writer[SIGN_PUBLIC_BYTES];
	uint32_t incarnation;
	uint32_t base_incarnation; /* 0: this is the first */
	struct sync_mark base[LANE_COUNT];
	bool survivor; /* SURVIVE was committed and REBASE was not yet */
	uint8_t receipt_public[SIGN_PUBLIC_BYTES]; /* the hub's, from the manifest */
	uint8_t token[WIRE_ID_BYTES];
	struct sync_mark last[LANE_COUNT];
	uint64_t acked[LANE_COUNT];               /* as kept by KEEP_ACKED */
	uint64_t at_hub[LANE_COUNT];              /* as kept by KEEP_RECEIPT */
	struct sync_receipt receipts[LANE_COUNT]; /* the newest; incarnation 0: none */
	uint64_t config;                          /* manifest number in force */
	const struct note_key
		*log_key;            /* of the hub's log; copied; NULL: nothing is witnessed */
	struct sync_mark checkpoint; /* kept by KEEP_CHECKPOINT; zeros: none */
	bool alarmed;                /* ALARM was committed */
};

struct lane_flight {
	uint8_t lane;
	struct sync_mark last; /* of chunks: seq: chunks up to there */
	size_t bytes;
	int64_t sent_ms;
	uint64_t acked_before_bytes;
	uint32_t turns; /* as in the window's sample */
};

struct lane_out {
	struct sync_mark last;  /* own end */
	struct sync_mark acked; /* hub's durable mark in this session */
	uint64_t shown_acked;   /* outside a session: as kept */
	uint64_t sent;
	uint64_t at_hub;
	uint64_t hub_retained;
};

/* What a survivor pulls: incarnation by incarnation downwards from the hub's, lane by lane. */
struct lane_refill {
	uint32_t opens;    /* the incarnation that the rebase opens */
	uint32_t hub;      /* the hub's own */
	uint32_t at, base; /* at work, and the one before it as the hub says */
	struct sync_mark durable[LANE_COUNT]; /* where the hub's ends */
	bool own;                             /* `at` is of the own chain too */
	struct lane_chain chain;              /* if so: the own one */
	uint8_t lane;
	struct sync_mark end;  /* of the lane at the hub */
	struct sync_mark have; /* the last one that both have, or that was pulled */
	uint64_t low, high;    /* bisection: both have low; they differ from high + 1 on */
	bool asked;            /* the end is known */
};

/* The file that the hub asks for. */
struct lane_files {
	struct lane_file want;
	uint32_t sent; /* chunks below it are there or on their way */
	bool open;
};

/* Changes of participation, ahead of their chain. */
struct lane_notices {
	struct sync_mark on_way[LANE_NOTICES_MAX_COUNT];
	size_t count;
	uint64_t looked; /* changes up to this entry are on the way, or were */
	bool asked;      /* the shell, for the next one */
};

/* The hub's log, as far as this node saw it. */
struct lane_log {
	struct note_key key;
	struct sync_mark kept, pending;
	bool asked, waits; /* for an answer; for the commit of `pending` */
	bool alarmed;
	int64_t asked_ms;
};

struct lane_want {
	struct sync_offer offer;
	uint64_t offset_bytes;
	bool open;
};

#endif
