/* lane_hub_parts - what the hub's machine is made of. lane_hub.h says the rules. */
#ifndef WEIR_LANE_HUB_PARTS_H
#define WEIR_LANE_HUB_PARTS_H

#include "common/sync/lane.h"
#include "common/sync/lane_proof.h"

enum lane_hub_state { LANE_ABSENT, LANE_GREETED, LANE_ALIVE };

/* What the shell knows about the hub and the writer, at start. */
struct lane_hub_setup {
	const char *study; /* copied; at most LANE_STUDY_MAX_BYTES - 1 */
	uint8_t writer[SIGN_PUBLIC_BYTES];
	uint32_t incarnation;
	enum sync_verdict standing; /* SYNC_OK, FORK, CLONE, REVOKED */
	uint8_t token[WIRE_ID_BYTES], pending[WIRE_ID_BYTES]; /* zeros: none */
	struct sync_mark durable[LANE_COUNT];
	uint64_t retained[LANE_COUNT];
	uint32_t base_incarnation; /* 0: this is the first */
	struct sync_mark base[LANE_COUNT];
	uint32_t granted; /* the highest incarnation that was ever given out; of the journal */
	/* The furthest that was ever stored, of the journal, and of which incarnation (0: not
	 * known): a restored hub takes nothing else at these numbers. */
	uint32_t ever_incarnation;
	struct sync_mark ever[LANE_COUNT];
	uint64_t epoch;
	uint8_t receipt_public[SIGN_PUBLIC_BYTES]; /* of the own receipt key */
	/* In RECOVERY with token and pending zero the hub has lost them, and none is judged. */
	enum sync_mode mode;
	uint32_t retry_after_ms; /* told to nodes in DRAIN */
	struct sync_offer config;
	struct sync_mark checkpoint;
	const char *origin; /* of the log; copied; NULL: no cosignature is taken */
	uint8_t witness[SIGN_PUBLIC_BYTES]; /* the node's witness key */
	uint32_t credit_bytes; /* brought into SYNC_CREDIT_MIN_BYTES to _MAX_BYTES */
};

struct lane_in {
	struct sync_mark durable; /* committed */
	struct sync_mark tail;    /* with what is handed over and not yet committed */
	uint64_t retained, receipted;
	size_t held_bytes;        /* between the two */
	bool nacked;              /* one NACK per gap */
	uint8_t link[HASH_BYTES]; /* what its first entry stands on */
	struct sync_mark base, ever;
};

/* A HELLO that was answered, or waits for its token to be committed. */
struct lane_greeting {
	bool open, welcomed;
	uint32_t ticket;
	enum sync_verdict verdict;
	const char *reason;
	uint8_t session[WIRE_ID_BYTES];
	uint8_t hello_hash[HASH_BYTES], transcript[HASH_BYTES];
	uint8_t nonce[WIRE_ID_BYTES], token[WIRE_ID_BYTES];
	int64_t wall_ms;
	bool rises, more;
	uint64_t config;         /* number of the node's manifest */
	struct lane_chain chain; /* of the HELLO */
};

/* The file that is asked for. */
struct lane_wanted {
	struct lane_file file; /* next: committed */
	uint32_t tail;         /* with what is handed over and not yet committed */
	size_t held_bytes;
	bool open;
};

#endif
