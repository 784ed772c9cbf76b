/* ledger_inside - what the files of ledger share; nobody else includes this.
 *
 * ledger_turn: the end of a turn and what leaves with it. ledger_request: what commands and web
 * ask for. ledger: the other sockets, the timers, the start.
 */
#ifndef WEIR_HUB_LEDGER_INSIDE_H
#define WEIR_HUB_LEDGER_INSIDE_H

#include "common/net/link.h"

#include "hub/hub.h"

#define LEDGER_PEER_BYTES      255
#define LEDGER_REPLY_MAX_BYTES ((size_t)16 * 1024 * 1024)
#define LEDGER_FRAME_MAX_BYTES (LEDGER_REPLY_MAX_BYTES + 65536)
#define LEDGER_WORDS_BYTES     256

/* Who is at the other end of a socket that has one user. */
struct peer {
	uint8_t at[LEDGER_PEER_BYTES];
	size_t len;
};

/* An answer that leaves after the commit. */
struct reply {
	struct link *over; /* lent */
	struct peer to;
	struct buf frame;
};

struct ledger {
	struct hub hub;
	struct servicekey *keys;
	struct link_context *context;
	struct reactor *reactor;
	struct link *commands, *gate, *keeper, *web;
	struct ingest *ingest;
	struct bundles *bundles;
	struct release_desk *desk;
	struct peer gate_peer, keeper_peer;
	struct reply *replies;
	size_t reply_count;
	size_t kept_reply_count; /* the first ones stand on what is committed */
	uint64_t kept_manifest;  /* number of the study in force at the last commit */
	bool is_spoiled;         /* the turn met a full disk: nothing of it counts */
	enum err spoiled_by;
	char spoiled_words[LEDGER_WORDS_BYTES];
	bool is_desk_due; /* a checkpoint was published */
	bool erases;      /* the next piece of an erasure has its timer */
	bool is_log_full; /* said once */
	enum err fatal;   /* ends the process at the end of this turn */
	int64_t published_ms;
	int64_t started_s;
	int64_t scrub_every_s; /* 0: never by itself */
};

/* Carry frames; arg is the ledger. */
enum err ledger_to_gate(void *arg, struct view routing, struct view frame);
enum err ledger_to_keeper(void *arg, struct view frame);

void ledger_set_peer(struct peer *p, struct view v);
/* lends the frame of a new answer on this link; it leaves at the end of the turn. */
struct buf *ledger_add_reply(struct ledger *l, struct link *over, struct view peer);
void ledger_drop_replies(struct ledger *l);

/* What a handler met: a system error ends the process, anything else spoils the turn. */
void ledger_note(struct ledger *l, enum err e, const char *what);

/* One request of a command, and one of web; the reactor's. */
void ledger_on_command(struct reactor *r, void *arg);
void ledger_on_web(struct reactor *r, void *arg);

/* Nothing of the turn stands, neither in the vault nor in memory. */
CHECKED enum err ledger_forget_turn(struct ledger *l);
/* Commit what the turn holds, or give it up if it is spoiled, and let the sessions know. */
CHECKED enum err ledger_keep_turn(struct ledger *l);
/* The reactor's ledger_before_sleep: keep, answer, publish. */
CHECKED enum err ledger_before_sleep(struct reactor *r, void *arg);

#endif
